import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct TransformsRelabelTests {
  @Test("Every order keeps the graph", arguments: TestGraph.small, NodeOrder.allCases)
  func sameGraph(input: TestGraph, order: NodeOrder) throws {
    for (isDirected, isWeighted) in [(false, false), (true, false), (false, true)] {
      let graph = try input.frozen(isDirected: isDirected, isWeighted: isWeighted)
      let relabeled = try graph.relabeled(by: order, context: RunContext(threads: 1))
      #expect(try differences(between: graph, and: relabeled).isEmpty)
      try checkDeep(relabeled)
      for threads in [2, 4] {
        let again = try graph.relabeled(by: order, context: RunContext(threads: threads))
        #expect(again.fingerprint() == relabeled.fingerprint())
      }
      if order == .degree {
        let degrees = (0..<relabeled.nodeCount).map { relabeled.degree(of: $0) }
        #expect(degrees == degrees.sorted(by: >))
        let ties = (0..<relabeled.nodeCount).map { (-degrees[$0], Int(relabeled.name(of: $0))!) }
        #expect(zip(ties, ties.dropFirst()).allSatisfy { $0 < $1 })
      }
    }
  }

  @Test func byHand() throws {
    // A path 0-1-2-3 with a leaf 4 at node 1: degrees 1 3 2 1 1.
    let graph = try CSRGraph(nodeCount: 5, edges: [(0, 1), (1, 2), (2, 3), (1, 4)])
    func names(_ order: NodeOrder) throws -> [String] {
      let relabeled = try graph.relabeled(by: order)
      return (0..<5).map { relabeled.name(of: $0) }
    }
    #expect(try names(.degree) == ["1", "2", "0", "3", "4"])
    #expect(try names(.bfs) == ["1", "0", "2", "4", "3"])
    // Cuthill–McKee visits 0, 1, then 4 (degree 1) before 2 (degree 2), then 3.
    #expect(try names(.rcm) == ["3", "2", "4", "1", "0"])
  }

  @Test func cuthillMcKeeNarrowsAShuffledPath() throws {
    let graph = try TestGraph.shuffledPath(500, seed: 3).frozen()
    let relabeled = try graph.relabeled(by: .rcm)
    for u in 0..<relabeled.nodeCount {
      for v in relabeled.neighbors(of: u) { #expect(abs(u - v) == 1) }
    }
  }

  @Test("Rabbit order puts cliques side by side that were numbered in turn, and nodes without edges last")
  func rabbitOrder() throws {
    // Clique c has the nodes c, c + 20, c + 40, …; cliques are joined in a ring. Nodes 200 to 209 are alone.
    var edges: [(Int, Int)] = []
    for clique in 0..<20 {
      for i in 0..<10 { for j in 0..<i { edges.append((clique + 20 * i, clique + 20 * j)) } }
      edges.append((clique, (clique + 1) % 20 + 20))
    }
    let graph = try CSRGraph(nodeCount: 210, edges: edges)
    let cliques = try graph.relabeled(by: .rabbit).nodes.map { node in
      let old = try Int(graph.relabeled(by: .rabbit).name(of: node)) ?? -1
      return old < 200 ? old % 20 : 20
    }
    let runs = zip(cliques, cliques.dropFirst()).count { $0 != $1 } + 1
    #expect(runs == 21 && cliques.suffix(10).allSatisfy { $0 == 20 })
  }

  @Test("Arcs that wait for their node's turn are kept through many moves") func rabbitOrderOfALargerGraph() throws {
    let graph = try TestGraph.skewed(4000, edges: 30_000, seed: 5).frozen(isDirected: true)
    let relabeled = try graph.relabeled(by: .rabbit)
    #expect(try differences(between: graph, and: relabeled).isEmpty)
    try checkDeep(relabeled)
    #expect(try graph.widened().relabeled(by: .rabbit).fingerprint() == relabeled.fingerprint())
  }
}
