import Glibc
import MillRuntime
import TestSupport
import Testing

@testable import VectorStore

@Suite struct VectorFileTests {
  private let folder = TemporaryFolder()

  private let rows: [[Float]] = [[1, 2, 3], [0, 255, 7], [4, 5, 6]]

  @Test("Every format gives back what was written", arguments: ["fvecs", "bvecs", "npy", "txt"])
  func roundTrip(ending: String) throws {
    let path = folder.file("v.\(ending)")
    let table = try VectorTable(rows: rows)
    let written = ending == "bvecs" ? try table.converted(to: .uint8) : table
    try writeVectors(written, to: path)
    let read = try readVectors(path)
    #expect(read.elementType == written.elementType && read.dimension == 3)
    #expect((0..<read.count).map { read.floats($0) } == rows)
    #expect(read.isReadOnly == (ending != "txt"))
    // Mapped rows have another stride than stored ones; distances are the same.
    let exact = try exactNearest(in: read, queries: written, metric: .l2, k: 3)
    #expect(exact == (try exactNearest(in: written, queries: written, metric: .l2, k: 3)))
    #expect(throws: MillError.self) { try writeVectors(written, to: path) }
  }

  @Test func halvesAndRawRows() throws {
    let npy = folder.file("h.npy")
    let raw = folder.file("h.bin")
    let table = try VectorTable(rows: rows).converted(to: .float16)
    try writeVectors(table, to: npy)
    try writeVectors(table, to: raw, format: .raw(.float16, dimension: 3))
    #expect(try readVectors(npy).floats(1) == rows[1])
    let read = try readVectors(raw, format: .raw(.float16, dimension: 3))
    #expect(read.count == 3 && read.floats(2) == rows[2])
    #expect(throws: MillError.self) { try readVectors(raw, format: .raw(.float32, dimension: 3)) }
  }

  @Test func integerRows() throws {
    let path = folder.file("t.ivecs")
    let truth = IntegerRows(width: 2, values: [1, -1, 7, 2_000_000_000])
    try writeIntegerRows(truth, to: path)
    #expect(try readIntegerRows(path) == truth)
  }

  @Test("Damaged files are refused by kind") func damage() throws {
    let path = folder.file("bad.fvecs")
    func refusal(_ bytes: [UInt8], _ format: VectorFileFormat) throws -> MillError.Kind? {
      try WholeFile.write(bytes, to: path)
      do throws(MillError) {
        _ = try readVectors(path, format: format)
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(try refusal([], .fvecs) == .truncated)
    #expect(try refusal([1, 0, 0], .fvecs) == .truncated)
    #expect(try refusal([1, 0, 0, 0, 0, 0, 0], .fvecs) == .truncated)
    #expect(try refusal([0, 0, 0, 0], .fvecs) == .malformed)
    #expect(try refusal([255, 255, 255, 255], .bvecs) == .malformed)
    #expect(try refusal([1, 0, 0, 0, 9, 2, 0, 0, 0, 9], .bvecs) == .malformed)
    #expect(try refusal(Array("1 2\n3 x\n".utf8), .text) == .malformed)
    #expect(try refusal(Array("1 2\n3\n".utf8), .text) == .dimensionMismatch)
    #expect(try refusal(Array("1 nan\n".utf8), .text) == .notFinite)
    #expect(try refusal(Array("# nothing\n".utf8), .text) == .malformed)
    #expect(try refusal(Array("x".utf8), .npy) == .malformed)
    let table = try VectorTable(rows: rows)
    let npy = folder.file("good.npy")
    try writeVectors(table, to: npy)
    let file = try MappedFile(path: npy)
    let good = withExtendedLifetime(file) { Array(file.bytes) }
    #expect(try refusal(Array(good.dropLast()), .npy) == .truncated)
    #expect(try refusal(good + [0], .npy) == .trailingGarbage)
    for cut in 0..<good.count { #expect(try refusal(Array(good.prefix(cut)), .npy) != nil) }
    var random = CounterRandom(seed: 1, stage: "npy")
    for _ in 0..<200 {
      var changed = good
      changed[Int(random.below(UInt64(good.count)))] ^= UInt8(1 + random.below(255))
      _ = try refusal(changed, .npy)
    }
  }

  @Test func elementTypes() throws {
    let table = try VectorTable(rows: [[0, 1, 1], [0.5, 2, -1]])
    #expect(throws: MillError.notRepresentable(row: 1, column: 0, in: .uint8)) { try table.converted(to: .uint8) }
    #expect(throws: MillError.notRepresentable(row: 1, column: 0, in: .bit)) { try table.converted(to: .bit) }
    #expect(try table.converted(to: .bfloat16).floats(1) == [0.5, 2, -1])
    #expect(try VectorTable(rows: [[1, 0, 1]]).converted(to: .bit).floats(0) == [1, 0, 1])
    #expect(throws: MillError.notFinite(row: 0, column: 1)) { try VectorTable(rows: [[1, .infinity]]) }
    #expect(throws: MillError.dimensionMismatch(expected: 1, found: 2)) { try VectorTable(rows: [[1], [1, 2]]) }
    #expect(throws: MillError.impossibleDimension(0)) { try VectorTable(dimension: 0) }
    let octets = try VectorTable(.uint8, dimension: 2)
    try octets.append([5, 1])
    #expect(try octets.packedBits().floats(0) == [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    let unit = try VectorTable(rows: [[3, 4], [0, 0]]).normalized()
    #expect(unit.rows[0] == [0.6, 0.8] && unit.rows[1] == [0, 0])
    #expect(Array(unit.lengths) == [5, 0])
    #expect("\(unit.rows)" == "2 × 2 f32" && unit.rows[0, 1] == 0.8)
  }

  @Test("Exact search: order, ties by id, any thread count") func exact() throws {
    let table = try VectorTable(rows: [[2], [1], [3], [1], [2]])
    let query = try VectorTable(rows: [[2]])
    let found = try exactNearest(in: table, queries: query, metric: .l2, k: 9)
    #expect(found[0].map(\.id) == [0, 4, 1, 2, 3])
    #expect(found[0].map(\.distance) == [0, 0, 1, 1, 1])
    #expect(throws: MillError.dimensionMismatch(expected: 1, found: 2)) {
      try exactNearest(in: table, queries: VectorTable(rows: [[1, 2]]), metric: .l2, k: 1)
    }
  }
}
