package import MillRuntime

/// Writes frames of columns that ``ColumnFrameReader`` reads. For one thread.
@safe package final class ColumnFrameWriter {
  /// Rows of a frame that is made row by row.
  static let frameRows = 1 << 16

  private let file: OutputFile
  private let forms: [ColumnForm]
  private var columns: [FlatBuffer<UInt8>] = []
  private var rows = 0
  private var frames: UInt64 = 0
  private var totalRows: UInt64 = 0

  /// - Parameter forms: The columns of every frame.
  package init(_ file: OutputFile, forms: [ColumnForm]) throws(MillError) {
    precondition((1...FrameHead.largestColumns).contains(forms.count))
    self.file = file
    self.forms = forms
    for form in forms { columns.append(try FlatBuffer(count: form.rowBytes * Self.frameRows)) }
  }

  /// Sets a number of the present row.
  @inline(__always) package func set<Element: ColumnElement>(_ column: Int, _ value: Element) {
    assert(forms[column].type == Element.columnType && forms[column].components ?? 1 == 1)
    let place = unsafe UnsafeMutableRawPointer(columns[column].base)
    unsafe place.storeBytes(of: value, toByteOffset: rows &* MemoryLayout<Element>.size, as: Element.self)
  }

  /// Ends the present row, all columns of which were set.
  @inline(__always) package func endRow() throws(MillError) {
    rows += 1
    if rows == Self.frameRows { try flush() }
  }

  /// Writes the present frame of a reader as it is.
  package func copy(_ reader: ColumnFrameReader) throws(MillError) {
    precondition(reader.forms == forms && rows == 0)
    try writeHead(rows: reader.rows)
    for column in forms.indices { try unsafe write(reader.rawValues(column), forms[column], rows: reader.rows) }
  }

  /// Writes the rest of the rows and the end frame.
  package func finish() throws(MillError) {
    if rows > 0 { try flush() }
    try file.write(FrameHead(.end, rows: totalRows, number: frames).bytes)
  }

  private func flush() throws(MillError) {
    try writeHead(rows: rows)
    for (form, column) in zip(forms, columns) {
      let bytes = unsafe UnsafeRawBufferPointer(start: column.base, count: rows * form.rowBytes)
      try unsafe write(bytes, form, rows: rows)
    }
    rows = 0
  }

  private func writeHead(rows: Int) throws(MillError) {
    let body = forms.reduce(0) { $0 + ColumnHeader.size + FrameHead.padded(rows * $1.rowBytes) }
    try file.write(
      FrameHead(.data, columns: forms.count, rows: UInt64(rows), body: UInt64(body), number: frames).bytes)
    frames += 1
    totalRows += UInt64(rows)
  }

  private func write(_ bytes: UnsafeRawBufferPointer, _ form: ColumnForm, rows: Int) throws(MillError) {
    try file.write(ColumnHeader.bytes(form, rows: rows))
    try unsafe file.write(bytes)
    try file.writeZeros(FrameHead.padded(bytes.count) - bytes.count)
  }
}
