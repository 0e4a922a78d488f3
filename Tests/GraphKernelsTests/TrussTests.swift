import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct TrussTests {
  /// A clique of four, a triangle on one of its edges, a tail, a node alone.
  @Test func byHand() throws {
    let edges = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4), (4, 5)]
    let result = try trussNumbers(of: CSRGraph(nodeCount: 7, edges: edges))
    #expect(result.graph.edges.map { [$0.source, $0.target] } == edges.map { [$0.0, $0.1] })
    #expect(Array(result.numbers) == [4, 4, 4, 4, 4, 4, 3, 3, 2])
    #expect(Array(result.nodeNumbers) == [4, 4, 4, 4, 3, 2, 0])
    #expect(result.largest == 4)
    let none = try trussNumbers(of: TestGraph.isolated.frozen())
    #expect(none.numbers.isEmpty && none.nodeNumbers.array == [0, 0, 0, 0, 0] && none.largest == 0)
  }

  private func check(_ input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let result = try trussNumbers(of: graph)
      let edges = result.graph.edges.map { NodePair($0.source, $0.target) }
      var neighbors = neighborSets(of: graph)
      #expect(
        edges == neighbors.indices.flatMap { u in neighbors[u].filter { $0 > u }.sorted().map { NodePair(u, $0) } })
      // Peels k by k.
      var expected: [NodePair: UInt32] = [:]
      var left = Set(edges)
      var k = 2
      while !left.isEmpty {
        while let edge = left.first(where: {
          neighbors[$0.source].intersection(neighbors[$0.target]).count <= k - 2
        }) {
          expected[edge] = UInt32(k)
          left.remove(edge)
          neighbors[edge.source].remove(edge.target)
          neighbors[edge.target].remove(edge.source)
        }
        k += 1
      }
      #expect(result.numbers.array == edges.map { expected[$0] })
      #expect(result.largest == Int(expected.values.max() ?? 0))
      for node in graph.nodes {
        let own = expected.filter { $0.key.source == node || $0.key.target == node }.values
        #expect(result.nodeNumbers[node] == own.max() ?? 0)
      }
      #expect(try trussNumbers(of: graph.widened()).numbers == result.numbers)
      for threads in [2, 4] {
        #expect(try trussNumbers(of: graph, context: RunContext(threads: threads)).numbers == result.numbers)
      }
    }
  }

  @Test("Truss numbers are those of peeling k by k", arguments: TestGraph.small)
  func small(input: TestGraph) throws { try check(input) }

  @Test("Dense random graphs with a hub", arguments: 0..<12 as Range<UInt64>)
  func random(seed: UInt64) throws {
    let hub = (1..<120).map { TestGraph.Edge(0, $0) }
    try check(
      TestGraph("hub", nodeCount: 120, edges: hub + TestGraph.random(24, edges: 60 + 10 * Int(seed), seed: seed).edges))
  }
}
