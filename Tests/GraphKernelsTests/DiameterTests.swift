import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct DiameterTests {
  @Test func byHand() throws {
    let path = try diameter(of: TestGraph.path(10).frozen())
    #expect(path.diameter == 9 && path.ends == NodePair(0, 9))
    #expect(try diameter(of: TestGraph.grid(9).frozen()).diameter == 16)
    #expect(try diameter(of: TestGraph.clique(5).frozen()).diameter == 1)
    let alone = try diameter(of: TestGraph.isolated.frozen())
    #expect(alone.diameter == 0 && alone.ends == NodePair(0, 0))
    let none = try diameter(of: TestGraph.empty.frozen())
    #expect(none.diameter == 0 && none.ends == nil && none.searches == 0)
    // The longer path is in the smaller component.
    let two = try diameter(of: CSRGraph(edges: [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (6, 7), (7, 8), (8, 9)]))
    #expect(two.diameter == 3 && two.ends == NodePair(6, 9))
  }

  private func check(_ input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let both = try graph.prepared(Preparation(weights: .ignored)).graph
      let expected = try graph.nodes.map { try breadthFirstSearch(of: both, from: $0).eccentricity }.max() ?? 0
      let result = try diameter(of: graph)
      #expect(result.diameter == expected)
      if let ends = result.ends {
        #expect(try breadthFirstSearch(of: both, from: ends.source).distances[ends.target] == Int32(expected))
      }
      #expect(try diameter(of: graph.widened()) == result)
      for threads in [2, 4] { #expect(try diameter(of: graph, context: RunContext(threads: threads)) == result) }
    }
  }

  @Test("The diameter is the largest distance of all pairs", arguments: TestGraph.small)
  func small(input: TestGraph) throws { try check(input) }

  @Test("Sparse random graphs of several components", arguments: 0..<30 as Range<UInt64>)
  func random(seed: UInt64) throws { try check(.random(40, edges: 25 + Int(seed), seed: seed)) }

  @Test("A cycle has no middle: every bound is tight", arguments: 3..<12)
  func cycles(n: Int) throws {
    #expect(try diameter(of: CSRGraph(edges: (0..<n).map { ($0, ($0 + 1) % n) })).diameter == n / 2)
  }

  @Test("A few searches settle a graph with a center") func savesWork() throws {
    let result = try diameter(of: TestGraph.shuffledPath(20_000, seed: 4).frozen())
    #expect(result.diameter == 19_999 && result.searches < 10)
  }
}
