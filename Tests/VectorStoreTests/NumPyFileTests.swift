import MillKernels
import MillRuntime
import Testing

@testable import VectorStore

@Suite struct NumPyFileTests {
  /// Rows 1 2 3 and 4 5 6 of every type that holds them, as NumPy writes them.
  static let samples: [(name: String, data: [UInt8], elements: String, stored: ElementType)] = [
    ("<f4", bytes([1, 2, 3, 4, 5, 6] as [Float]), "f32", .float32),
    (">f4", bytes(([1, 2, 3, 4, 5, 6] as [Float]).map { $0.bitPattern.bigEndian }), "f32", .float32),
    ("<f8", bytes([1, 2, 3, 4, 5, 6] as [Double]), "f64", .float32),
    (">f8", bytes(([1, 2, 3, 4, 5, 6] as [Double]).map { $0.bitPattern.bigEndian }), "f64", .float32),
    ("<f2", bytes(([1, 2, 3, 4, 5, 6] as [Float]).map { NarrowFloat.half($0) }), "f16", .float16),
    (">f2", bytes(([1, 2, 3, 4, 5, 6] as [Float]).map { NarrowFloat.half($0).bigEndian }), "f16", .float16),
    ("<V2", bytes(([1, 2, 3, 4, 5, 6] as [Float]).map { NarrowFloat.bfloat16($0) }), "bf16", .bfloat16),
    ("|i1", bytes([1, 2, 3, 4, 5, 6] as [Int8]), "i8", .float32),
    ("|u1", bytes([1, 2, 3, 4, 5, 6] as [UInt8]), "u8", .uint8),
    ("<i2", bytes([1, 2, 3, 4, 5, 6] as [Int16]), "i16", .float32),
    (">u2", bytes(([1, 2, 3, 4, 5, 6] as [UInt16]).map(\.bigEndian)), "u16", .float32),
    ("<i4", bytes([1, 2, 3, 4, 5, 6] as [Int32]), "i32", .float32),
    ("<i8", bytes([1, 2, 3, 4, 5, 6] as [Int64]), "i64", .float32),
    (">u8", bytes(([1, 2, 3, 4, 5, 6] as [UInt64]).map(\.bigEndian)), "u64", .float32),
  ]

  @Test("Every number type, in either order of rows", arguments: 0..<14)
  func numberTypes(index: Int) throws {
    let (name, data, elements, stored) = Self.samples[index]
    let rows = try reading(npy(name, shape: "2, 3", data), "a.npy")
    #expect(rows.rows == [[1, 2, 3], [4, 5, 6]])
    #expect(rows.report.elements == elements && rows.report.format == "npy" && rows.report.warnings.isEmpty)
    #expect(rows.vectors.elementType == stored)
    // The same numbers column by column: three rows of two, the columns 1 2 3 and 4 5 6.
    let columns = try reading(npy(name, fortran: true, shape: "3, 2", data), "a.npy")
    #expect(columns.rows == [[1, 4], [2, 5], [3, 6]])
    // Content counts more than the name.
    #expect(try reading(npy(name, shape: "2, 3", data), "a.fvecs").rows == rows.rows)
  }

  @Test func boolsAreBits() throws {
    let data = npy("|b1", shape: "2, 9", [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    let read = try reading(data, "a.npy")
    #expect(read.vectors.elementType == .bit)
    #expect(read.rows == [[1, 0, 0, 0, 0, 0, 0, 0, 1], [0, 1, 0, 0, 0, 0, 0, 0, 0]])
    let found = try exactNearest(in: read.vectors, queries: read.vectors, metric: .hamming, k: 2)
    #expect(found.distances == [0, 3, 0, 3])
  }

  @Test func signedBytes() throws {
    #expect(try reading(npy("|i1", shape: "1, 2", [0x80, 0x7f]), "a.npy").rows == [[-128, 127]])
  }

  @Test func oneDimensionIsOneVectorAndTold() throws {
    let read = try reading(npy("<f4", shape: "3,", bytes([7, 8, 9] as [Float])), "q.npy")
    #expect(read.rows == [[7, 8, 9]] && read.report.warnings.count == 1)
    #expect(throws: MillError.self) { try reading(npy("<f4", shape: "1, 1, 1", bytes([7 as Float])), "q.npy") }
    #expect(throws: MillError.self) { try reading(npy("<f4", shape: "", bytes([7 as Float])), "q.npy") }
  }

  @Test("Numbers that collapse in 32 bits are told with the share of the range that is lost")
  func loss() throws {
    let seconds = try reading(npy("<f8", shape: "3, 1", bytes([1.7e9, 1.7e9 + 1, 1.7e9 + 2] as [Double])), "t.npy")
    #expect(seconds.report.largestLoss == 1)
    let warning = try #require(seconds.report.warnings.first)
    #expect(warning.contains("100.0% of a column's range") && warning.contains("2 rows become equal"))
    // Integers and decimal texts are no better.
    let integers = try reading(npy("<i4", shape: "2, 1", bytes([1_700_000_000, 1_700_000_001] as [Int32])), "t.npy")
    #expect(integers.report.warnings.count == 1)
    #expect(try reading(text: "1700000000\n1700000001\n1700000002\n").report.warnings.count == 1)
    // An ordinary rounding does no harm; a lost digit far below the range does not either.
    #expect(try reading(npy("<f8", shape: "2, 1", bytes([0.1, 0.2] as [Double])), "t.npy").report.warnings.isEmpty)
    #expect(try reading(text: "0.1 1e5\n0.7 -3.3\n").report.warnings.isEmpty)
    #expect(throws: MillError.notRepresentable(row: 1, column: 0, in: .float32)) {
      try reading(npy("<f8", shape: "2, 1", bytes([1, 1e39] as [Double])), "t.npy")
    }
  }

  @Test("Structured, object and text arrays are refused", arguments: ["|O", "<U3", "<c8", "<M8[ns]", "|S4"])
  func unsupported(type: String) throws {
    #expect(throws: MillError.self) { try reading(npy(type, shape: "1, 1", [0, 0, 0, 0, 0, 0, 0, 0]), "a.npy") }
  }
}
