import GraphStore
public import MillRuntime

/// A matrix of numbers from a file, rows by columns: features of nodes, say.
public struct MatrixReading: Sendable {
  /// How the numbers are stored.
  public enum Content: Sendable {
    /// `columns[offsets[i]..<offsets[i + 1]]` ascend; without values all entries are 1.
    case sparse(offsets: SharedArray<UInt64>, columns: SharedArray<UInt32>, values: SharedArray<Float>?)
    /// All numbers, row by row.
    case dense(SharedArray<Float>)
  }

  /// Rows.
  public let rowCount: Int
  /// Columns.
  public let columnCount: Int
  /// The numbers.
  public let content: Content
}

/// Reads a matrix: a Matrix Market coordinate file, a sparse matrix of SciPy (`.npz`), an array of NumPy of two dimensions
/// (`.npy`), or a text with a row a line, numbers between commas, tabs, semicolons or blanks, without a header. The content
/// tells which; texts may be compressed.
///
/// - Throws: `MillError`: `unreadable`, `duplicate-edge` for an entry that comes twice, or what is wrong with the content;
///   with the file, of a text with the line.
/// - Complexity: O(bytes); memory of the file's numbers and of the matrix.
public func readMatrix(_ path: String, context: RunContext = .init()) throws(MillError) -> MatrixReading {
  do throws(MillError) {
    let stream = try ByteStream(path)
    let head = FormatHead(try stream.peek(FormatHead.length), path: path)
    if head.isZip { return try readSciPyFeatures(try stream.readToEnd()) }
    if head.starts(FileKind.array.magic) { return try readArray(try stream.readToEnd()) }
    if head.starts(Array("%%".utf8)) { return try readCoordinates(stream, path, context) }
    return try readRows(stream, context)
  } catch {
    throw error.inFile(path)
  }
}

/// A bipartite graph of rows and columns holds the entries; the header alone knows how many of its nodes are rows.
private func readCoordinates(
  _ stream: ByteStream, _ path: String, _ context: RunContext
) throws(MillError) -> MatrixReading {
  var options = GraphReadOptions(format: .mtx, ids: .dense, duplicates: .error)
  options.isBipartite = true
  let graph = try EdgeListReader(stream, name: path, options: options, context: context).readMatrixMarket().graph
  let again = EdgeListReader(try ByteStream(path), name: path, options: options, context: context)
  var lines = HeadLines { () throws(MillError) in try again.nextHeadChunk() }
  let header = try MatrixMarketHeader(&lines, options: options)
  let count = graph.arcCount / 2
  let offsets = try FlatBuffer<UInt64>(count: header.rows + 1)
  let columns = try FlatBuffer<UInt32>(uninitializedCount: count)
  let values = try FlatBuffer<Float>(uninitializedCount: graph.weights == nil ? 0 : count)
  var place = 0
  for row in 0..<header.rows {
    for arc in graph.arcs(of: row) {
      unsafe columns.base[place] = UInt32(graph.targets[arc] - header.rows)
      if let weights = graph.weights { unsafe values.base[place] = Float(weights[arc]) }
      place += 1
    }
    unsafe offsets.base[row + 1] = UInt64(place)
  }
  return MatrixReading(
    rowCount: header.rows, columnCount: header.columns,
    content: .sparse(
      offsets: SharedArray(offsets), columns: SharedArray(columns),
      values: graph.weights == nil ? nil : SharedArray(values)))
}

private func readSciPyFeatures(_ bytes: FlatBuffer<UInt8>) throws(MillError) -> MatrixReading {
  let matrix = try SciPyMatrix(bytes)
  guard matrix.rows < UInt64(UInt32.max), matrix.columns < UInt64(UInt32.max) else {
    throw MillError(.unsupportedContent, "a matrix of more than 2^32 - 2 rows or columns is not read")
  }
  var entries: [(row: UInt32, column: UInt32, value: Float)] = []
  var hasValues = false
  try matrix.forEachEntry { row, column, value, _ throws(MillError) in
    if value != nil { hasValues = true }
    entries.append((UInt32(row), UInt32(column), Float(value ?? 1)))
  }
  entries.sort { ($0.row, $0.column) < ($1.row, $1.column) }
  let rows = Int(matrix.rows)
  // An empty row costs its offset alone: more of them than the file could have numbered are no matrix.
  guard rows <= max(1 << 20, 64 * bytes.count) else {
    throw MillError(.malformed, "\(rows) rows in an archive of \(bytes.count) bytes")
  }
  let offsets = try FlatBuffer<UInt64>(count: rows + 1)
  for (place, entry) in entries.enumerated() {
    if place > 0, entries[place - 1].row == entry.row, entries[place - 1].column == entry.column {
      throw MillError(.duplicateEdge, "the entry comes twice", field: "\(entry.row), \(entry.column)")
    }
    unsafe offsets.base[Int(entry.row) + 1] += 1
  }
  for row in 0..<rows { unsafe offsets.base[row + 1] += offsets.base[row] }
  return MatrixReading(
    rowCount: rows, columnCount: Int(matrix.columns),
    content: .sparse(
      offsets: SharedArray(offsets), columns: try SharedArray(copying: entries.map(\.column)),
      values: hasValues ? try SharedArray(copying: entries.map(\.value)) : nil))
}

private func readArray(_ bytes: FlatBuffer<UInt8>) throws(MillError) -> MatrixReading {
  defer { withExtendedLifetime(bytes) {} }
  let array = try unsafe NumpyArray(UnsafeRawBufferPointer(bytes.elements))
  guard array.shape.count == 2, array.kind != UInt8(ascii: "S"), array.kind != UInt8(ascii: "U") else {
    throw MillError(.unsupportedContent, "an array of shape \(array.shape) is no matrix of numbers")
  }
  let (rows, columns) = (array.shape[0], array.shape[1])
  let numbers = try FlatBuffer<Float>(uninitializedCount: rows * columns)
  for row in 0..<rows {
    for column in 0..<columns {
      let place = array.isColumnMajor ? column * rows + row : row * columns + column
      unsafe numbers.base[row * columns + column] = Float(array.double(place))
    }
  }
  return MatrixReading(rowCount: rows, columnCount: columns, content: .dense(SharedArray(numbers)))
}

/// Reads rows of numbers, all of the length of the first.
private func readRows(_ stream: ByteStream, _ context: RunContext) throws(MillError) -> MatrixReading {
  var cursor = try TextCursor(stream, context)
  var numbers: [Float] = []
  var columns = 0
  var rows = 0
  while try cursor.peek() != nil {
    let line = cursor.line
    let text = try unsafe cursor.restOfLine()
    let before = numbers.count
    let fields = unsafe text.split { [0x2c, 0x3b, 0x09, 0x20].contains($0) }
    for index in unsafe fields.indices {
      let field = unsafe UnsafeBufferPointer(rebasing: fields[index])
      guard let value = unsafe FloatParser.finite(field) else {
        throw unsafe MillError(.malformed, "not a finite number", line: line, field: fieldExcerpt(field))
      }
      numbers.append(Float(value))
    }
    let found = numbers.count - before
    if found == 0 { continue }
    if columns == 0 { columns = found }
    guard found == columns else {
      throw MillError(.malformed, "\(found) numbers in a row, \(columns) in the first", line: line)
    }
    rows += 1
  }
  guard columns > 0 else { throw MillError(.malformed, "a text without numbers is no matrix") }
  return MatrixReading(rowCount: rows, columnCount: columns, content: .dense(try SharedArray(copying: numbers)))
}
