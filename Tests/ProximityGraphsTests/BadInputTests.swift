import MillRuntime
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct BadInputTests {
  @Test func duplicatesHangInChains() throws {
    let table = try Samples.uniform(500, 4)
    for _ in 0..<500 { try table.append([9, 9, 9, 9]) }
    let index = try HNSWIndex(building: table, metric: .l2)
    #expect(index.report.duplicates == 499)
    #expect(index.unreachableCount() == 0)
    let found = try index.search([9, 9, 9, 9], k: 600, options: graphOptions(ef: 64)).neighbors
    #expect(found.count == 600)
    #expect(found.prefix(500).map(\.id) == Array(500..<1000))
    // One by one, the same.
    let growing = try HNSWIndex(dimension: 4, metric: .l2)
    for row in 0..<table.count { try growing.add(table.floats(row)) }
    #expect(growing.report.duplicates == 499)
    #expect(try growing.search([9, 9, 9, 9], k: 600, options: graphOptions(ef: 64)).neighbors == found)
  }

  @Test func badInput() throws {
    let index = try HNSWIndex(building: Samples.uniform(50, 3), metric: .l2)
    #expect(throws: ProximityError.vectors(.notFinite(row: 0, column: 1))) { try index.add([1, .nan, 0]) }
    #expect(throws: ProximityError.vectors(.notFinite(row: 0, column: 2))) { try index.add([1, 0, .infinity]) }
    #expect(throws: ProximityError.vectors(.dimensionMismatch(expected: 3, found: 2))) { try index.add([1, 2]) }
    #expect(throws: ProximityError.vectors(.dimensionMismatch(expected: 3, found: 4))) {
      try index.search([1, 2, 3, 4], k: 1)
    }
    #expect(throws: ProximityError.duplicateKey(7)) { try index.add([1, 2, 3], key: 7) }
    #expect(throws: ProximityError.negativeKey(-1)) { try index.add([1, 2, 3], key: -1) }
    #expect(throws: ProximityError.unknownKey(50)) { try index.remove(key: 50) }
    #expect(index.count == 50)
    #expect(try index.search([0, 0, 0], k: 0).neighbors.isEmpty)
    #expect(try index.search([0, 0, 0], k: 99).neighbors.count == 50)
    let empty = try HNSWIndex(dimension: 3, metric: .l2)
    #expect(try empty.search([0, 0, 0], k: 5).neighbors.isEmpty)
    #expect(try empty.search([0, 0, 0], k: 5, options: graphOptions(ef: 10)).neighbors.isEmpty)
    let table = try Samples.uniform(3, 2)
    #expect(throws: ProximityError.keyCount(expected: 3, found: 2)) {
      try HNSWIndex(building: table, metric: .l2, keys: [1, 2])
    }
    #expect(throws: ProximityError.duplicateKey(1)) { try HNSWIndex(building: table, metric: .l2, keys: [1, 2, 1]) }
    #expect(throws: ProximityError.vectors(.metricMismatch(.hamming, .float32))) {
      try HNSWIndex(building: table, metric: .hamming)
    }
    var options = HNSWOptions()
    options.m = 1
    #expect(throws: ProximityError.self) { try HNSWIndex(building: table, metric: .l2, options: options) }
  }

  @Test func zeroVectorUnderTheCosine() throws {
    let index = try HNSWIndex(building: VectorTable(rows: [[0, 0], [1, 0], [3, 4], [0, 0]]), metric: .cosine)
    let found = try index.search([0, 0], k: 4, options: graphOptions(ef: 4)).neighbors
    #expect(found.map(\.id) == [0, 1, 2, 3])
    #expect(found.allSatisfy { $0.distance == 1 })
    #expect(index.vector(forKey: 2) == [3, 4])
  }
}
