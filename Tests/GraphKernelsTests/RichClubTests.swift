import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct RichClubTests {
  /// A clique of four with a tail: of more than two neighbors are the four, of more than three the one with the tail.
  @Test func byHand() throws {
    let edges = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 4), (4, 5)]
    let result = try richClub(of: CSRGraph(nodeCount: 7, edges: edges))
    #expect(Array(result.nodeCounts) == [6, 5, 4, 1] && Array(result.edgeCounts) == [8, 7, 6, 0])
    #expect(Array(result.coefficients) == [8.0 / 15, 0.7, 1, 0])
    #expect(try richClub(of: TestGraph.isolated.frozen()).coefficients.isEmpty)
  }

  @Test("Rich clubs are those of counting", arguments: TestGraph.small)
  func againstCounting(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let simple = try graph.prepared(Preparation(weights: .ignored)).graph
      let result = try richClub(of: graph)
      #expect(result.coefficients.count == simple.nodes.map { simple.degree(of: $0) }.max() ?? 0)
      for k in result.coefficients.indices {
        let members = simple.nodes.filter { simple.degree(of: $0) > k }
        let joined = simple.edges.filter { simple.degree(of: $0.source) > k && simple.degree(of: $0.target) > k }.count
        let pairs = members.count * (members.count - 1) / 2
        #expect(result.nodeCounts[k] == members.count && result.edgeCounts[k] == joined)
        #expect(result.coefficients[k] == (pairs > 0 ? Double(joined) / Double(pairs) : 0))
      }
      #expect(try richClub(of: graph.widened()) == result)
      for threads in [2, 4] { #expect(try richClub(of: graph, context: RunContext(threads: threads)) == result) }
    }
  }
}
