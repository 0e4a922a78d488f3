import MillRuntime
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct NSWIndexTests {
  @Test("The first f + 1 nodes are complete; links are mutual") func structure() throws {
    let table = try Samples.uniform(9, 3)
    var options = NSWOptions()
    options.links = 8
    options.buildRestarts = 20
    let index = try NSWIndex(building: PointSet(table, metric: .l2), options: options)
    #expect(index.degrees == [Int](repeating: 8, count: 9))
  }

  @Test("Recall rises with the restarts; the stop rule looks at each restart's own results") func restarts() throws {
    let table = try Samples.uniform(2500, 8)
    let queries = try Samples.uniform(60, 8, seed: 2)
    let exact = try exactNearest(in: table, queries: queries, metric: .l2, k: 1)
    let index = try NSWIndex(building: PointSet(table, metric: .l2))
    #expect(index.degrees.allSatisfy { $0 >= 1 })
    #expect(index.degrees.reduce(0, +) <= 2 * 16 * 2500)
    var last = 0.0
    var distances: UInt64 = 0
    for restarts in [1, 4, 16] {
      let found = try NSWIndex.search(index, queries: queries, k: 1, restarts: restarts)
      let recall = Samples.recall(found.rows, exact, k: 1)
      #expect(recall >= last)
      #expect(found.counters.distances > distances)
      (last, distances) = (recall, found.counters.distances)
    }
    #expect(last >= 0.99)
  }

  @Test func emptyAndTiny() throws {
    let empty = try NSWIndex(building: PointSet(VectorTable(dimension: 2), metric: .l2))
    #expect(empty.degrees.isEmpty)
    let one = try NSWIndex(building: PointSet(VectorTable(rows: [[1, 2]]), metric: .l2))
    #expect(try NSWIndex.search(one, queries: VectorTable(rows: [[0, 0]]), k: 3).rows[0].map(\.id) == [0])
    var options = NSWOptions()
    options.links = 0
    #expect(throws: ProximityError.self) {
      try NSWIndex(building: PointSet(VectorTable(rows: [[1, 2]]), metric: .l2), options: options)
    }
  }
}
