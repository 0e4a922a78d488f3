import Glibc
package import MillRuntime

/// Reads frames of columns from a pipe, and refuses a stream that is damaged or has no end.
///
/// A stream is data frames, then an end frame with the sums of both, then nothing. Every column of a data frame is a NumPy
/// array with its header, filled up to 64 bytes. Memory grows with the bytes that really come, not with what a head
/// announces. For one thread.
@safe package final class ColumnFrameReader {
  /// The rows of the present frame.
  package private(set) var rows = 0
  /// The forms of the columns; before the first frame, what was expected.
  package private(set) var forms: [ColumnForm]?
  /// Rows of all frames so far.
  package private(set) var totalRows: UInt64 = 0

  private let descriptor: Int32
  private let name: String
  /// The numbers of each column, at the beginning of a buffer that only grows.
  private var columns: [FlatBuffer<UInt8>] = []
  private var frames: UInt64 = 0
  private var offset = 0

  /// - Parameters:
  ///   - descriptor: Where the bytes come from; it stays open.
  ///   - name: What errors call it.
  ///   - forms: The columns that every frame must have; nil for those of the first frame.
  package init(_ descriptor: Int32, name: String, forms: [ColumnForm]? = nil) {
    self.descriptor = descriptor
    self.name = name
    self.forms = forms
  }

  /// Reads the next data frame; false when the stream has come to its right end.
  ///
  /// - Throws: `MillError`: `malformed`, `truncated`, `trailing-garbage`, `over-budget`, `input-output`.
  package func next() throws(MillError) -> Bool {
    let begin = offset
    guard let head = FrameHead(try bytes(FrameHead.size)) else {
      throw refusal("not the head of a frame of columns", begin)
    }
    switch head.kind {
    case .data:
      guard head.number == frames else { throw refusal("frame \(head.number) where \(frames) must come", begin) }
      try readColumns(head, begin)
      frames += 1
      totalRows += head.rows
      return true
    case .end:
      guard head == FrameHead(.end, rows: totalRows, number: frames) else {
        throw refusal(
          "the end tells of \(head.rows) rows in \(head.number) frames, there were \(totalRows) in \(frames)", begin)
      }
      rows = 0
      var extra: UInt8 = 0
      guard try unsafe read(&extra, 1) == 0 else {
        throw MillError(.trailingGarbage, "the stream goes on behind its end", file: name, byte: offset)
      }
      return false
    }
  }

  /// The numbers of a column of the present frame, all rows one after the other. Valid until the next frame is read.
  package func values<Element: ColumnElement>(_ column: Int, as type: Element.Type) -> UnsafeBufferPointer<Element> {
    guard let form = forms?[column], form.type == Element.columnType else {
      preconditionFailure("column \(column) is not one of \(type)")
    }
    return unsafe rawValues(column).bindMemory(to: Element.self)
  }

  /// The bytes of a column of the present frame.
  func rawValues(_ column: Int) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: columns[column].base, count: rows * (forms?[column].rowBytes ?? 0))
  }

  private func readColumns(_ head: FrameHead, _ begin: Int) throws(MillError) {
    guard (1...FrameHead.largestColumns).contains(head.columns), head.columns == forms?.count ?? head.columns,
      head.rows <= UInt64(FrameHead.largestRows), head.body <= UInt64(FrameHead.largestBody)
    else {
      throw refusal("no frame has \(head.columns) columns, \(head.rows) rows and \(head.body) bytes", begin)
    }
    while columns.count < head.columns { columns.append(try FlatBuffer(count: 0)) }
    rows = Int(head.rows)
    var left = Int(head.body)
    var found: [ColumnForm] = []
    for column in 0..<head.columns {
      let place = offset
      guard let form = ColumnHeader.form(of: try bytes(ColumnHeader.size), rows: rows) else {
        throw refusal("not the header of a column of \(rows) rows", place)
      }
      if let forms, forms[column] != form {
        throw refusal("column \(column) is one of \(form.type.rawValue), not of \(forms[column].type.rawValue)", place)
      }
      let count = rows * form.rowBytes
      let padding = FrameHead.padded(count) - count
      left -= ColumnHeader.size + count + padding
      guard left >= 0 else { throw refusal("column \(column) is longer than its frame", place) }
      try fill(column, count)
      guard try bytes(padding).allSatisfy({ $0 == 0 }) else {
        throw refusal("column \(column) is not followed by zeros", offset - padding)
      }
      found.append(form)
    }
    guard left == 0 else { throw refusal("the frame is \(left) bytes longer than its columns", begin) }
    forms = forms ?? found
  }

  /// Reads the numbers of a column into its buffer, which doubles while bytes come.
  private func fill(_ column: Int, _ count: Int) throws(MillError) {
    var done = 0
    while done < count {
      let room = columns[column].count
      if done == room {
        let larger = try FlatBuffer<UInt8>(uninitializedCount: min(FrameHead.largestBody, max(1 << 16, 2 * room)))
        unsafe larger.base.update(from: columns[column].base, count: done)
        columns[column] = larger
      }
      let buffer = columns[column]
      let part = min(count, buffer.count) - done
      let got = try unsafe read(buffer.base + done, part)
      guard got > 0 else { throw truncated() }
      done += got
    }
  }

  private func bytes(_ count: Int) throws(MillError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      var failure: MillError?
      let got = unsafe bytes.withUnsafeMutableBytes { bytes -> Int in
        do throws(MillError) {
          return try unsafe read(bytes.baseAddress! + done, count - done)
        } catch {
          failure = error
          return 0
        }
      }
      if let failure { throw failure }
      guard got > 0 else { throw truncated() }
      done += got
    }
    return bytes
  }

  private func read(_ target: UnsafeMutableRawPointer, _ count: Int) throws(MillError) -> Int {
    let got = retrying { unsafe Glibc.read(descriptor, target, min(count, 1 << 30)) }
    guard got >= 0 else { throw .inputOutput("cannot read", name) }
    offset += got
    return got
  }

  private func truncated() -> MillError {
    MillError(.truncated, "the stream ends before its end frame", file: name, byte: offset)
  }

  private func refusal(_ message: String, _ place: Int) -> MillError {
    MillError(.malformed, message, file: name, byte: place)
  }
}
