import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct BipartitionTests {
  @Test func byHand() throws {
    let square = try bipartition(of: CSRGraph(nodeCount: 6, edges: [(1, 2), (2, 3), (3, 4), (4, 1), (0, 5)]))
    #expect(square.sides?.array == [0, 0, 1, 0, 1, 1])
    #expect(square.secondSideCount == 3 && square.oddCycle.isEmpty)
    let triangle = try bipartition(of: TestGraph.twoTriangles.frozen())
    #expect(!triangle.isBipartite && Set(triangle.oddCycle) == [0, 2, 4])
    #expect(try bipartition(of: TestGraph.loop.frozen()).oddCycle.array == [0])
    #expect(try bipartition(of: TestGraph.loop.frozen(isDirected: true)).oddCycle.array == [0])
    #expect(try bipartition(of: TestGraph.empty.frozen()).isBipartite)
  }

  /// Whether no edge joins nodes of equal parity of distance from the smallest node of their component.
  private func isBipartite(_ graph: CSRGraph) throws -> Bool {
    let both = try graph.prepared(Preparation(keepsLoops: true, weights: .ignored)).graph
    var parity = [Int32](repeating: -1, count: graph.nodeCount)
    for root in graph.nodes where parity[root] < 0 {
      for (node, distance) in try breadthFirstSearch(of: both, from: root).distances.enumerated() where distance >= 0 {
        parity[node] = distance % 2
      }
    }
    return both.edges.allSatisfy { parity[$0.source] != parity[$0.target] }
  }

  private func check(_ input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let result = try bipartition(of: graph)
      #expect(try result.isBipartite == isBipartite(graph))
      if let sides = result.sides {
        #expect(graph.edges.allSatisfy { sides[$0.source] != sides[$0.target] })
        let labels = try connectedComponents(of: graph).labels
        for label in Set(labels) { #expect(sides[labels.firstIndex(of: label)!] == 0) }
      } else {
        let cycle = result.oddCycle.array
        #expect(cycle.count % 2 == 1 && Set(cycle).count == cycle.count)
        for (u, v) in zip(cycle, cycle.dropFirst() + [cycle[0]]) {
          #expect(graph.hasEdge(u, v) || graph.hasEdge(v, u))
        }
      }
      #expect(try bipartition(of: graph.widened()) == result)
      for threads in [2, 4] { #expect(try bipartition(of: graph, context: RunContext(threads: threads)) == result) }
    }
  }

  @Test("Sides and odd cycles are what they claim", arguments: TestGraph.small)
  func small(input: TestGraph) throws { try check(input) }

  @Test("Sparse random graphs, half of them without odd cycles", arguments: 0..<30 as Range<UInt64>)
  func random(seed: UInt64) throws {
    let input = TestGraph.random(24, edges: 20, seed: seed)
    try check(input)
    try check(TestGraph("even", nodeCount: 24, edges: input.edges.filter { ($0.source + $0.target) % 2 == 1 }))
  }
}
