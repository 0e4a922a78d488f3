import Testing

@testable import MillRuntime

@Suite struct PartitionPointTests {
  @Test("The first index that belongs to the second part", arguments: 0..<40)
  func everyPoint(count: Int) {
    for low in [-7, 0, 3] {
      let range = low..<low + count
      for point in low...low + count { #expect(range.partitionPoint { $0 >= point } == point) }
    }
  }

  @Test func asksFewTimes() {
    var asked = 0
    let point = (0..<Int.max).partitionPoint { index in
      asked += 1
      return index >= 1_000_000
    }
    #expect(point == 1_000_000 && asked == 63)
  }

  @Test func throwsOn() {
    #expect(throws: MillError.self) {
      try (0..<9).partitionPoint { _ throws(MillError) in throw MillError(.malformed, "x") }
    }
  }
}
