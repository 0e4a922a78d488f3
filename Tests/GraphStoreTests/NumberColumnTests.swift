import MillRuntime
import Testing

@testable import GraphStore

/// Columns of numbers become edges, whatever their type and stride.
@Suite struct NumberColumnTests {
  private static let ids: [Int] = [3, 0, 7, 100, 5, 3]

  /// Two columns of one type, beside each other in rows of three, as the edges of a block.
  private func block<Value: FixedWidthInteger>(
    _: Value.Type, _ element: NumberColumn.Element, backwards: Bool
  ) throws -> EdgeBlock {
    let sources = Self.ids
    let targets = Array(Self.ids.reversed())
    var cells: [Value] = []
    for row in 0..<sources.count { cells += [Value(sources[row]), 0, Value(targets[row])] }
    let width = MemoryLayout<Value>.stride
    return try cells.withUnsafeBytes { bytes in
      let base = bytes.baseAddress!
      let start = backwards ? base + 3 * width * (sources.count - 1) : base
      let stride = (backwards ? -3 : 3) * width
      return try EdgeBlock(
        copying: NumberColumn(base: start, stride: stride, element),
        NumberColumn(base: start + 2 * width, stride: stride, element), weight: nil, count: sources.count,
        context: RunContext(threads: 2))
    }
  }

  private func pairs(_ block: EdgeBlock) -> [UInt64] {
    switch block.ids {
    case .narrow(let ids): ids.elements.prefix(2 * block.count).map(UInt64.init)
    case .wide(let ids): Array(ids.elements.prefix(2 * block.count))
    }
  }

  @Test(arguments: [false, true]) func everyTypeOfInteger(backwards: Bool) throws {
    var expected = zip(Self.ids, Self.ids.reversed()).map { [UInt64($0), UInt64($1)] }
    if backwards { expected.reverse() }
    for block in [
      try block(Int8.self, .int8, backwards: backwards), try block(UInt8.self, .uint8, backwards: backwards),
      try block(Int16.self, .int16, backwards: backwards), try block(UInt16.self, .uint16, backwards: backwards),
      try block(Int32.self, .int32, backwards: backwards), try block(UInt32.self, .uint32, backwards: backwards),
      try block(Int64.self, .int64, backwards: backwards), try block(UInt64.self, .uint64, backwards: backwards),
    ] {
      #expect(pairs(block) == expected.flatMap { $0 })
      if case .wide = block.ids { Issue.record("small ids take 32 bits") }
    }
  }

  @Test func idsBeyond32BitsAreWide() throws {
    let cells: [UInt64] = [1 << 40, .max, 2, 1 << 33]
    let block = try cells.withUnsafeBytes { bytes in
      try EdgeBlock(
        copying: NumberColumn(base: bytes.baseAddress!, stride: 8, .uint64),
        NumberColumn(base: bytes.baseAddress! + 16, stride: 8, .uint64), weight: nil, count: 2,
        context: RunContext(threads: 1))
    }
    #expect(pairs(block) == [1 << 40, 2, .max, 1 << 33])
  }

  @Test(arguments: [1, 2, 4]) func theFirstBadRowIsTold(threads: Int) throws {
    var cells = [Int64](repeating: 4, count: 40_000)
    for row in [39_999, 20_011, 30_000] { cells[row] = -Int64(row) }
    let error = try #require(throws: MillError.self) {
      try cells.withUnsafeBytes { bytes in
        let column = NumberColumn(base: bytes.baseAddress!, stride: 8, .int64)
        _ = try EdgeBlock(
          copying: column, column, weight: nil, count: cells.count, firstRow: 5, context: RunContext(threads: threads))
      }
    }
    #expect(error.kind == .idOutOfRange && error.message.contains("row 20016") && error.field == "-20011")
  }

  @Test func weights() throws {
    let ids: [Int32] = [0, 1]
    func block(_ weights: [Float]) throws -> EdgeBlock {
      try ids.withUnsafeBytes { ids in
        try weights.withUnsafeBytes { weights in
          let column = NumberColumn(base: ids.baseAddress!, stride: 4, .int32)
          return try EdgeBlock(
            copying: column, column, weight: NumberColumn(base: weights.baseAddress!, stride: 4, .float32), count: 2,
            context: RunContext(threads: 1))
        }
      }
    }
    #expect(try block([0.5, -2]).weights.map { Array($0.elements) } == [0.5, -2])
    let error = #expect(throws: MillError.self) { try block([1, .infinity]) }
    #expect(error?.kind == .weightNotFinite && error?.message.contains("row 1") == true)
  }

  @Test func floatsAreNoIDs() throws {
    let cells = [1.0, 2.0]
    let error = #expect(throws: MillError.self) {
      try cells.withUnsafeBytes { bytes in
        let column = NumberColumn(base: bytes.baseAddress!, stride: 8, .float64)
        _ = try EdgeBlock(copying: column, column, weight: nil, count: 2, context: RunContext(threads: 1))
      }
    }
    #expect(error?.kind == .badOption)
  }
}
