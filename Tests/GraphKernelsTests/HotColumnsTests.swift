import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphKernels

/// Another order of what is read, and not of what is added up.
@Suite struct HotColumnsTests {
  private struct Look: RowsVisitor {
    func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> (hasColumns: Bool, faults: Int) {
      guard let hot = try HotColumns(rows) else { return (false, 0) }
      var faults = 0
      var node = [Int](repeating: -1, count: rows.nodeCount)
      for v in 0..<rows.nodeCount { node[Int(hot.places.base[v])] = v }
      for place in node.indices {
        if node[place] < 0 { faults += 1 }
        if place > 0, min(1024, rows.degree(node[place - 1])) < min(1024, rows.degree(node[place])) { faults += 1 }
      }
      for arc in 0..<rows.arcCount where node[hot.rows.target(arc)] != rows.target(arc) { faults += 1 }
      return (true, faults)
    }
  }

  @Test(arguments: [1, 2, 4])
  func placesAreByDegree(threads: Int) throws {
    let graph = try generateRMATGraph(RMATOptions(nodeCount: 1 << 16, edgeCount: 1 << 19))
    let seen = try graph.withRows(context: RunContext(threads: threads), Look())
    #expect(seen.hasColumns && seen.faults == 0)
  }

  @Test func smallAndDirectedGraphsHaveNone() throws {
    let small = try generateRMATGraph(RMATOptions(nodeCount: 1 << 10, edgeCount: 1 << 14))
    #expect(try !small.withRows(context: RunContext(), Look()).hasColumns)
    let directed = try generateRMATGraph(RMATOptions(nodeCount: 1 << 16, edgeCount: 1 << 19, isDirected: true))
    #expect(try !directed.withRows(context: RunContext(), Look()).hasColumns)
  }

  @Test("PageRank adds up every row in ascending order, whatever the order of the columns", arguments: [1, 2, 4])
  func sameBits(threads: Int) throws {
    let graph = try generateWattsStrogatzGraph(
      WattsStrogatzOptions(nodeCount: 1 << 16, neighborCount: 12, rewiring: 0.5))
    let rounds = 6
    let found = try pageRank(
      of: graph, options: PageRankOptions(tolerance: 0, maximumRounds: rounds), context: RunContext(threads: threads))
    #expect(found.danglingCount == 0)
    let n = Double(graph.nodeCount)
    var scores = [Double](repeating: 1 / n, count: graph.nodeCount)
    for _ in 0..<rounds {
      let sent = graph.nodes.map { scores[$0] * (1 / Double(graph.degree(of: $0))) }
      scores = graph.nodes.map { node in
        (1 - 0.85) / n + 0.85 * graph.neighbors(of: node).reduce(0) { $0 + sent[$1] }
      }
    }
    #expect(Array(found.scores) == scores)
  }
}
