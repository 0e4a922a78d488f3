import GraphGenerators
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct StronglyConnectedComponentsTests {
  /// Two cycles, an arc from one to the other, a node behind them and one alone.
  @Test func byHand() throws {
    let arcs = [(3, 1), (1, 3), (0, 2), (2, 4), (4, 0), (3, 0), (4, 5)]
    let result = try stronglyConnectedComponents(of: CSRGraph(nodeCount: 7, edges: arcs, isDirected: true))
    #expect(Array(result.labels) == [0, 1, 0, 1, 0, 2, 3])
    #expect(Array(result.sizes) == [3, 2, 1, 1])
    #expect(result.count == 4 && result.largest == 0)
    let none = try stronglyConnectedComponents(of: TestGraph.empty.frozen())
    #expect(none.count == 0 && none.largest == nil && none.labels.isEmpty)
  }

  /// Two nodes share a component when each reaches the other.
  private func reference(_ graph: CSRGraph) throws -> [Int] {
    let reached = try graph.nodes.map { try breadthFirstSearch(of: graph, from: $0).distances.array }
    var labels = [Int](repeating: -1, count: graph.nodeCount)
    var count = 0
    for u in graph.nodes where labels[u] < 0 {
      for v in u..<graph.nodeCount where reached[u][v] >= 0 && reached[v][u] >= 0 { labels[v] = count }
      count += 1
    }
    return labels
  }

  @Test("Components are those of mutual reachability", arguments: TestGraph.small)
  func againstReachability(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let expected = try reference(graph)
      let result = try stronglyConnectedComponents(of: graph)
      #expect(result.labels.array.map(Int.init) == expected)
      #expect(Array(result.sizes) == (0..<result.count).map { label in expected.count { $0 == label } })
      #expect(result.largest == result.sizes.max().map { result.sizes.firstIndex(of: $0)! })
      #expect(try stronglyConnectedComponents(of: graph.widened()) == result)
      for threads in [2, 4] {
        #expect(try stronglyConnectedComponents(of: graph, context: RunContext(threads: threads)) == result)
      }
    }
  }

  @Test("Sparse random graphs of many components", arguments: 0..<40 as Range<UInt64>)
  func random(seed: UInt64) throws {
    let graph = try TestGraph.random(30, edges: 20 + Int(seed), seed: seed).frozen(isDirected: true)
    #expect(try stronglyConnectedComponents(of: graph).labels.array.map(Int.init) == reference(graph))
  }

  @Test("A cycle of many nodes in any order is one component, a path as many as nodes")
  func deep() throws {
    let path = TestGraph.shuffledPath(200_000, seed: 3)
    let open = try path.frozen(isDirected: true)
    #expect(try stronglyConnectedComponents(of: open).count == 200_000)
    let arcs = path.pairs + [(path.pairs[path.pairs.count - 1].1, path.pairs[0].0)]
    let closed = try CSRGraph(nodeCount: 200_000, edges: arcs, isDirected: true)
    #expect(try stronglyConnectedComponents(of: closed).sizes.array == [200_000])
  }
}
