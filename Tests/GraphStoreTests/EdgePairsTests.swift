import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct EdgePairsTests {
  private struct Pairs: RowsVisitor {
    let threads: Int
    let arcCount: Int

    /// The arc the other way of each arc, -1 for loops.
    func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> [Int] {
      let found = try FlatBuffer<Int>(count: arcCount)
      for arc in 0..<arcCount { found.base[arc] = -1 }
      try rows.forEachEdgePair(threads: threads) { node, target, arc, reverse in
        precondition(node < target && rows.target(arc) == target && rows.target(reverse) == node)
        precondition(rows.arcs(node).contains(arc) && rows.arcs(target).contains(reverse))
        precondition(found.base[arc] < 0 && found.base[reverse] < 0)
        found.base[arc] = reverse
        found.base[reverse] = arc
      }
      return found.array
    }
  }

  @Test("Every edge comes once, with both arcs, in every width and for 1, 2, 3, 8 threads", arguments: TestGraph.small)
  func pairs(input: TestGraph) throws {
    for duplicates in [DuplicatePolicy.sum, .keep] {
      let graph = try input.frozen(duplicates: duplicates)
      var first: [Int]?
      for form in [graph, try graph.widened()] {
        for threads in [1, 2, 3, 8] {
          let found = try form.withRows(chunkWork: 16, Pairs(threads: threads, arcCount: graph.arcCount))
          #expect(try found.count { $0 < 0 } == graph.loopCount())
          #expect(found == first ?? found)
          first = found
        }
      }
    }
  }
}
