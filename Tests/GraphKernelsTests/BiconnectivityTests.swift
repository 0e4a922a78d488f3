import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct BiconnectivityTests {
  /// Two triangles that share a node, a tail of two edges, a loop.
  @Test func byHand() throws {
    let edges = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2), (4, 6), (6, 5), (6, 6)]
    let result = try biconnectivity(of: CSRGraph(edges: edges))
    #expect(Array(result.bridges) == [NodePair(4, 6), NodePair(5, 6)])
    #expect(Array(result.articulationPoints) == [2, 4, 6])
    #expect(result.blockCount == 4)
    let none = try biconnectivity(of: TestGraph.empty.frozen())
    #expect(none.bridges.isEmpty && none.articulationPoints.isEmpty && none.blockCount == 0)
  }

  @Test("Parallel edges are no bridge; two arcs between two nodes are one edge") func parallels() throws {
    let input = TestGraph("double", nodeCount: 3, pairs: [(0, 1), (1, 0), (1, 2)])
    #expect(try biconnectivity(of: input.frozen(duplicates: .keep)).bridges.array == [NodePair(1, 2)])
    #expect(try biconnectivity(of: input.frozen(isDirected: true)).bridges.array == [NodePair(0, 1), NodePair(1, 2)])
  }

  /// Takes every edge and every node away in turn and counts components.
  private func check(_ input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let simple = try graph.prepared(Preparation(weights: .ignored)).graph
      let n = graph.nodeCount
      let edges = Array(simple.edges)
      func count(_ kept: [(source: Int, target: Int)]) throws -> Int {
        try connectedComponents(of: CSRGraph(nodeCount: n, edges: kept.map { ($0.source, $0.target) })).count
      }
      let all = try count(edges)
      let bridges = try edges.filter { edge in try count(edges.filter { $0 != edge }) > all }
      // A node without its edges is a component of its own: one more, and more still for an articulation point.
      let points = try graph.nodes.filter { node in
        let left = edges.filter { $0.source != node && $0.target != node }
        return try left.count < edges.count && count(left) > all + 1
      }
      let result = try biconnectivity(of: graph)
      #expect(result.bridges.array == bridges.map { NodePair($0.source, $0.target) })
      #expect(result.articulationPoints.array == points)
      #expect(try biconnectivity(of: graph.widened()) == result)
      for threads in [2, 4] { #expect(try biconnectivity(of: graph, context: RunContext(threads: threads)) == result) }
    }
  }

  @Test(
    "Bridges and articulation points are those of taking away",
    arguments: TestGraph.small.filter { $0.edges.count < 100 })
  func small(input: TestGraph) throws { try check(input) }

  @Test("Sparse random graphs", arguments: 0..<24 as Range<UInt64>)
  func random(seed: UInt64) throws { try check(.random(20, edges: 12 + Int(seed), seed: seed)) }

  @Test func longPath() throws {
    let result = try biconnectivity(of: TestGraph.path(100_000).frozen())
    #expect(result.bridges.count == 99_999 && result.articulationPoints.count == 99_998)
  }
}
