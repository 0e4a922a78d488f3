import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct SpanningForestTests {
  @Test func byHand() throws {
    let edges = [(0, 1, 2.0), (0, 2, 1), (1, 2, 2), (2, 3, -4), (4, 4, -9), (3, 1, 7)]
    let graph = try CSRGraph(nodeCount: 6, weightedEdges: edges)
    let least = try spanningForest(of: graph)
    #expect(Array(least.edges) == [NodePair(0, 1), NodePair(0, 2), NodePair(2, 3)])
    #expect(Array(least.weights) == [2, 1, -4] && least.totalWeight == -1 && least.treeCount == 3)
    let most = try spanningForest(of: graph, options: .init(isMaximum: true))
    #expect(Array(most.edges) == [NodePair(0, 1), NodePair(1, 2), NodePair(1, 3)] && most.totalWeight == 11)
    let none = try spanningForest(of: TestGraph.empty.frozen())
    #expect(none.edges.isEmpty && none.treeCount == 0 && none.totalWeight == 0)
  }

  /// Takes edges by weight, the first of equal ones, unless they close a cycle.
  private func reference(_ graph: CSRGraph, isMaximum: Bool) -> [NodePair] {
    let edges = Array(graph.weightedEdges)
    let order = edges.indices.sorted { one, other in
      let (a, b) = (edges[one].weight, edges[other].weight)
      return a != b ? (isMaximum ? a > b : a < b) : one < other
    }
    var tree = Array(graph.nodes)
    var taken: [Int] = []
    for i in order where tree[edges[i].source] != tree[edges[i].target] {
      let (old, new) = (tree[edges[i].source], tree[edges[i].target])
      tree = tree.map { $0 == old ? new : $0 }
      taken.append(i)
    }
    return taken.sorted().map { NodePair(edges[$0].source, edges[$0].target) }
  }

  private func check(_ graph: CSRGraph) throws {
    for isMaximum in [false, true] {
      let options = SpanningForestOptions(isMaximum: isMaximum)
      let result = try spanningForest(of: graph, options: options)
      #expect(result.edges.array == reference(graph, isMaximum: isMaximum))
      #expect(result.totalWeight == result.weights.reduce(0, +))
      #expect(try result.treeCount == connectedComponents(of: graph).count)
      #expect(try spanningForest(of: graph.widened(), options: options) == result)
      for threads in [2, 4] {
        #expect(try spanningForest(of: graph, options: options, context: RunContext(threads: threads)) == result)
      }
    }
  }

  @Test("The forest is that of taking edges by weight", arguments: TestGraph.small)
  func againstSorting(input: TestGraph) throws {
    for (isDirected, isWeighted) in [(false, false), (true, false), (false, true), (true, true)] {
      try check(input.frozen(isDirected: isDirected, isWeighted: isWeighted))
    }
  }

  @Test("Few different weights, parallel edges", arguments: 0..<20 as Range<UInt64>)
  func ties(seed: UInt64) throws {
    let edges = TestGraph.random(30, edges: 80, seed: seed).edges.map {
      TestGraph.Edge($0.source, $0.target, ($0.weight / 4).rounded())
    }
    try check(TestGraph("ties", nodeCount: 30, edges: edges).frozen(isWeighted: true, duplicates: .keep))
  }

  @Test func refusesWhatIsNoNumber() throws {
    let graph = try TestGraph("nan", nodeCount: 3, edges: [.init(0, 1), .init(1, 2, .nan)]).frozen(
      isWeighted: true, duplicates: .keep)
    let error = #expect(throws: MillError.self) { try spanningForest(of: graph) }
    #expect(error?.kind == .badWeight && error?.message.contains("1 - 2") == true)
  }
}
