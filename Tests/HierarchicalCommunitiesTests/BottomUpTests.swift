import GraphStore
import HierarchicalCommunities
import MillRuntime
import TestSupport
import Testing

@Suite struct BottomUpTests {
  @Test("A ring of cliques has the communities that the Bethe-Hessian's negative eigenvalues count",
    arguments: [(8, 4, 3), (8, 5, 8), (8, 6, 8), (10, 10, 10), (2, 8, 2)])
  func ringOfCliques(cliques: Int, size: Int, expected: Int) throws {
    let result = try bottomUpCommunities(of: TestGraph.ringOfCliques(cliques, size).frozen())
    #expect(result.spectrum.count == expected)
    #expect(result.hierarchy.tree.leafCount == expected)
    #expect(inversions(of: result.hierarchy.tree).isEmpty)
  }
}

extension TestGraph {
  /// Cliques of `size` nodes, each joined to the next by one edge.
  static func ringOfCliques(_ cliques: Int, _ size: Int) -> TestGraph {
    var pairs: [(Int, Int)] = []
    for c in 0..<cliques {
      for u in 0..<size { for v in 0..<u { pairs.append((c * size + u, c * size + v)) } }
      pairs.append((c * size, (c + 1) % cliques * size + 1))
    }
    if cliques == 2 { pairs.removeLast() }
    return TestGraph("ring of \(cliques) cliques of \(size)", nodeCount: cliques * size, pairs: pairs)
  }
}
