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
    #expect(found.prefix(500).map(\.key) == Array(500..<1000))
    // One by one, the same.
    let growing = try HNSWIndex(dimension: 4, metric: .l2)
    for row in 0..<table.count { try growing.add(table.floats(row)) }
    #expect(growing.report.duplicates == 499)
    #expect(try growing.search([9, 9, 9, 9], k: 600, options: graphOptions(ef: 64)).neighbors == found)
  }

  @Test func badInput() throws {
    let index = try HNSWIndex(building: Samples.uniform(50, 3), metric: .l2)
    #expect(refusal { _ = try index.add([1, .nan, 0]) }?.exitCode == 65)
    #expect(refusal { _ = try index.add([1, 0, .infinity]) }?.exitCode == 65)
    #expect(refusal { _ = try index.add([1, 2]) }?.exitCode == 65)
    #expect(refusal { _ = try index.search([1, 2, 3, 4], k: 1) }?.exitCode == 65)
    #expect(refusal { _ = try index.add([1, 2, 3], key: 7) }?.kind == .duplicateKey)
    #expect(refusal { _ = try index.add([1, 2, 3], key: -1) }?.kind == .negativeKey)
    #expect(refusal { _ = try index.remove(key: 50) }?.kind == .unknownKey)
    #expect(index.count == 50)
    #expect(try index.search([0, 0, 0], k: 0).neighbors.isEmpty)
    #expect(try index.search([0, 0, 0], k: 99).neighbors.count == 50)
    let empty = try HNSWIndex(dimension: 3, metric: .l2)
    #expect(try empty.search([0, 0, 0], k: 5).neighbors.isEmpty)
    #expect(try empty.search([0, 0, 0], k: 5, options: graphOptions(ef: 10)).neighbors.isEmpty)
    let table = try Samples.uniform(3, 2)
    #expect(refusal { _ = try HNSWIndex(building: table, metric: .l2, keys: [1, 2]) }?.kind == .keyCount)
    #expect(refusal { _ = try HNSWIndex(building: table, metric: .l2, keys: [1, 2, 1]) }?.kind == .duplicateKey)
    #expect(refusal { _ = try HNSWIndex(building: table, metric: .hamming) }?.exitCode == 64)
    var options = HNSWOptions()
    options.m = 1
    #expect(throws: MillError.self) { try HNSWIndex(building: table, metric: .l2, options: options) }
  }

  @Test func zeroVectorUnderTheCosine() throws {
    let index = try HNSWIndex(building: VectorTable(rows: [[0, 0], [1, 0], [3, 4], [0, 0]]), metric: .cosine)
    let found = try index.search([0, 0], k: 4, options: graphOptions(ef: 4)).neighbors
    #expect(found.map(\.key) == [0, 1, 2, 3])
    #expect(found.allSatisfy { $0.distance == 1 })
    #expect(index.vector(forKey: 2) == [3, 4])
  }
}
