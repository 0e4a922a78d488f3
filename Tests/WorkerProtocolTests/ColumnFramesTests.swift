import Glibc
import MillRuntime
import TestSupport
import Testing

@testable import WorkerProtocol

@Suite struct ColumnFramesTests {
  /// Three frames of all sorts of columns, as bytes.
  private static let forms = [
    ColumnForm(.int64), ColumnForm(.float64), ColumnForm(.float32), ColumnForm(.int32), ColumnForm(.uint64),
  ]

  /// The bytes of a stream with `rows` rows.
  private func stream(rows: Int, _ forms: [ColumnForm] = forms) throws -> [UInt8] {
    let folder = TemporaryFolder()
    let file = try OutputFile(folder.file("frames"))
    let writer = try ColumnFrameWriter(file, forms: forms)
    for row in 0..<rows {
      writer.set(0, Int64(row) - 7)
      writer.set(1, Double(row) / 3)
      writer.set(2, Float(row) / 7)
      writer.set(3, Int32(-row))
      writer.set(4, UInt64.max - UInt64(row))
      try writer.endRow()
    }
    try writer.finish()
    try file.commit()
    return try #require(folder.bytes(of: "frames"))
  }

  /// Small frames, one a row count, put together by hand.
  private func smallFrames(_ rows: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (number, count) in rows.enumerated() { bytes += frame(number, rows: count) }
    return bytes + FrameHead(.end, rows: UInt64(rows.reduce(0, +)), number: UInt64(rows.count)).bytes
  }

  private func frame(_ number: Int, rows: Int) -> [UInt8] {
    var body: [UInt8] = []
    for form in [ColumnForm(.int64), ColumnForm(.float32, components: 3), ColumnForm(.uint8)] {
      body += ColumnHeader.bytes(form, rows: rows)
      let count = rows * form.rowBytes
      body += (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ number) }
      body += [UInt8](repeating: 0, count: (64 - count % 64) % 64)
    }
    let head = FrameHead(
      .data, columns: 3, rows: UInt64(rows), body: UInt64(body.count), number: UInt64(number))
    return head.bytes + body
  }

  /// Reads a stream from a file; returns the rows of each frame.
  private func read(_ bytes: [UInt8], forms: [ColumnForm]? = nil) throws -> [Int] {
    let folder = TemporaryFolder()
    let descriptor = open(folder.file("stream", bytes), O_RDONLY)
    defer { close(descriptor) }
    let reader = ColumnFrameReader(descriptor, name: "stream", forms: forms)
    var rows: [Int] = []
    while try reader.next() { rows.append(reader.rows) }
    return rows
  }

  private func refusal(_ bytes: [UInt8], forms: [ColumnForm]? = nil) -> MillError? {
    do {
      _ = try read(bytes, forms: forms)
      return nil
    } catch {
      return error as? MillError
    }
  }

  @Test(arguments: [0, 1, 5, 65_535, 65_536, 65_537, 140_000])
  func whatIsWrittenIsRead(rows: Int) throws {
    let folder = TemporaryFolder()
    let descriptor = open(folder.file("stream", try stream(rows: rows)), O_RDONLY)
    defer { close(descriptor) }
    let reader = ColumnFrameReader(descriptor, name: "stream", forms: Self.forms)
    var row = 0
    while try reader.next() {
      let (a, b, c) = (
        reader.values(0, as: Int64.self), reader.values(1, as: Double.self), reader.values(2, as: Float.self)
      )
      let (d, e) = (reader.values(3, as: Int32.self), reader.values(4, as: UInt64.self))
      for i in 0..<reader.rows {
        guard a[i] == Int64(row) - 7, b[i] == Double(row) / 3, c[i] == Float(row) / 7, d[i] == Int32(-row),
          e[i] == UInt64.max - UInt64(row)
        else { throw MillError(.malformed, "row \(row) differs") }
        row += 1
      }
    }
    #expect(row == rows)
    #expect(reader.totalRows == UInt64(rows))
  }

  @Test("The bytes are those that NumPy writes")
  func headerOfNumPy() {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    let header = ColumnHeader.bytes(ColumnForm(.float32, components: 3), rows: 2)
    #expect(header.count == 128)
    #expect(Array(header.prefix(10)) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0])
    #expect(String(decoding: header[10...].prefix(text.utf8.count), as: UTF8.self) == text)
    #expect(header.last == 10)
    for type in ColumnType.allCases {
      for form in [ColumnForm(type), ColumnForm(type, components: 1), ColumnForm(type, components: 65_536)] {
        #expect(ColumnHeader.form(of: ColumnHeader.bytes(form, rows: 17), rows: 17) == form)
        #expect(ColumnHeader.form(of: ColumnHeader.bytes(form, rows: 17), rows: 18) == nil)
      }
    }
    #expect(ColumnHeader.form(of: ColumnHeader.bytes(ColumnForm(.int64, components: 65_537), rows: 1), rows: 1) == nil)
  }

  @Test func smallStreams() throws {
    #expect(try read(smallFrames([])) == [])
    #expect(try read(smallFrames([0])) == [0])
    #expect(try read(smallFrames([2, 0, 5])) == [2, 0, 5])
  }

  @Test("A stream that is cut anywhere is refused as such")
  func everyTruncation() {
    let whole = smallFrames([2, 1, 3])
    for count in whole.indices {
      let error = refusal(Array(whole.prefix(count)))
      #expect(error?.kind == .truncated, "\(count): \(String(describing: error))")
      #expect(error?.exitCode == 65)
    }
    #expect(refusal(whole + [0])?.kind == .trailingGarbage)
  }

  @Test("A changed byte of head or header is refused; one of the numbers changes them alone")
  func everyByteChanged() throws {
    let whole = smallFrames([2, 1])
    let frameBytes = frame(0, rows: 2).count
    var numbers = 0
    for place in 0..<whole.count {
      for change: UInt8 in [1, 0x80] {
        var bytes = whole
        bytes[place] ^= change
        guard let error = refusal(bytes) else {
          numbers += 1
          continue
        }
        #expect([65].contains(error.exitCode), "\(place): \(error)")
      }
    }
    // Two and one rows of 8, 12 and 1 bytes, with two changes each.
    #expect(numbers == 2 * 3 * (8 + 12 + 1))
    #expect(frameBytes == 32 + 3 * (128 + 64))
  }

  @Test(
    "What no stream can have is refused",
    arguments: [
      FrameHead(.data, columns: 0, rows: 1, body: 0, number: 0),
      FrameHead(.data, columns: 65, rows: 1, body: 1 << 14, number: 0),
      FrameHead(.data, columns: 1, rows: 1 << 31 + 1, body: 1 << 14, number: 0),
      FrameHead(.data, columns: 1, rows: 1, body: 1 << 30 + 1, number: 0),
      FrameHead(.data, columns: 1, rows: .max, body: .max, number: 0),
      FrameHead(.data, columns: 1, rows: 1, body: 192, number: 1),
      FrameHead(.end, rows: 1, number: 0), FrameHead(.end, rows: 0, number: 1),
      FrameHead(.end, columns: 1, rows: 0, number: 0),
    ])
  func impossibleHeads(head: FrameHead) {
    #expect(refusal(head.bytes + [UInt8](repeating: 0, count: 1 << 15))?.kind == .malformed)
  }

  @Test func columnsOfAnotherForm() throws {
    let bytes = smallFrames([2])
    let forms = [ColumnForm(.int64), ColumnForm(.float32, components: 3), ColumnForm(.uint8)]
    #expect(try read(bytes, forms: forms) == [2])
    #expect(refusal(bytes, forms: Array(forms.dropLast()))?.kind == .malformed)
    #expect(refusal(bytes, forms: [forms[0], ColumnForm(.float32), forms[2]])?.kind == .malformed)
    // The first frame decides on those behind it.
    var mixed = smallFrames([2])
    mixed.removeLast(32)
    var body = ColumnHeader.bytes(ColumnForm(.int64), rows: 0)
    body += ColumnHeader.bytes(ColumnForm(.float64), rows: 0) + ColumnHeader.bytes(ColumnForm(.uint8), rows: 0)
    mixed += FrameHead(.data, columns: 3, rows: 0, body: UInt64(body.count), number: 1).bytes + body
    #expect(refusal(mixed)?.kind == .malformed)
  }

  @Test("A head that announces a gigabyte takes no memory before the bytes come")
  func memoryGrowsWithTheBytes() {
    let rows = (1 << 30) / 8 - 16
    let header = ColumnHeader.bytes(ColumnForm(.int64), rows: rows)
    let head = FrameHead(.data, columns: 1, rows: UInt64(rows), body: UInt64(128 + 8 * rows), number: 0)
    let before = MemoryBudget.peak
    #expect(refusal(head.bytes + header + [UInt8](repeating: 7, count: 1000))?.kind == .truncated)
    // Other suites of this process hold nothing of that size.
    #expect(MemoryBudget.peak - before < 1 << 24)
  }

  @Test("Random bytes behind a right beginning never crash")
  func randomBytes() {
    var random = CounterRandom(seed: 5, stage: "frames")
    let whole = smallFrames([2, 1, 3])
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<1 + random.below(4) {
        bytes[Int(random.below(UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.below(2) == 0 { bytes.removeLast(Int(random.below(64))) }
      if let error = refusal(bytes) { #expect(error.exitCode == 65) }
    }
  }
}
