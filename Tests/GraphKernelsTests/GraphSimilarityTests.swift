import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GraphSimilarityTests {
  @Test func byHand() throws {
    // A triangle with a tail, and the same without an edge of the triangle and with a node more.
    let whole = try CSRGraph(edges: [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])
    let part = try CSRGraph(edges: [("b", "c"), ("c", "a"), ("c", "d"), ("x", "y")])
    let found = try graphSimilarity(between: whole, and: part, options: .init(topCount: 1, eigenvalueCount: 2))
    #expect(found.first.componentCount == 1 && found.second.componentCount == 2 && found.commonNodeCount == 4)
    #expect(found.first.largestComponent == 4 && found.second.largestComponent == 4)
    #expect(found.first.transitivity == 0.6 && found.second.transitivity == 0 && found.second.meanClustering == 0)
    #expect(abs(found.first.meanClustering - (1 + 1 + 1.0 / 3) / 4) < 1e-15)
    // Degrees 1 2 2 3 of 4 nodes, and 1 1 1 3 1 1 of 6.
    #expect(abs(found.degreeDistance - (5.0 / 6 - 0.25)) < 1e-15)
    #expect(found.topOverlap == 1)
    // a and b are alike in the first graph, a, b and d in the second, c leads in both: places 1.5 1.5 3 0 and 1 1 3 1.
    let order = try #require(found.pageRankOrderCorrelation)
    #expect(abs(order - 3 / (4.5.squareRoot() * 3.0.squareRoot())) < 1e-9)
    #expect(abs(try #require(found.pageRankCorrelation) - 0.844905) < 1e-5)
    let (a, b) = (found.first.eigenvalues, found.second.eigenvalues)
    #expect(abs(a[0] - 2.1700864866) < 1e-8 && abs(b[0] - 3.0.squareRoot()) < 1e-8 && abs(b[1] - 1) < 1e-8)
    let difference = ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).squareRoot()
    let longer = max(a[0] * a[0] + a[1] * a[1], b[0] * b[0] + b[1] * b[1]).squareRoot()
    #expect(abs(found.spectralDistance - difference / longer) < 1e-12)
  }

  @Test("A graph is like itself in another order, for 1, 2, 4 threads", arguments: TestGraph.small)
  func itself(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let other = try graph.relabeled(by: .rcm)
      let found = try graphSimilarity(between: graph, and: other, context: RunContext(threads: 1))
      #expect(found.commonNodeCount == graph.nodeCount && found.degreeDistance == 0)
      #expect(found.spectralDistance < 1e-6 && found.first.componentCount == found.second.componentCount)
      #expect(abs(found.first.meanClustering - found.second.meanClustering) < 1e-12)
      // Scores in another order are added in another order: the last bits may differ.
      if let correlation = found.pageRankCorrelation, graph.nodeCount > 2, input.name != "clique 20" {
        #expect(correlation > 0.999 || graph.nodes.allSatisfy { graph.degree(of: $0) == graph.degree(of: 0) })
      }
      let same = try graphSimilarity(between: graph, and: graph)
      #expect(same.topOverlap == (graph.nodeCount == 0 ? nil : 1) && same.spectralDistance == 0)
      for threads in [2, 4] {
        #expect(try graphSimilarity(between: graph, and: other, context: RunContext(threads: threads)) == found)
      }
    }
  }

  @Test func withoutNodesInCommon() throws {
    let found = try graphSimilarity(
      between: CSRGraph(edges: [("a", "b")]), and: CSRGraph(edges: [("x", "y"), ("y", "z")]))
    #expect(found.commonNodeCount == 0 && found.pageRankCorrelation == nil && found.topOverlap == 0)
    let empty = try CSRGraph(nodeCount: 0, edges: [])
    let none = try graphSimilarity(between: empty, and: empty)
    #expect(none.topOverlap == nil && none.degreeDistance == 0 && none.spectralDistance == 0)
    #expect(none.pageRankOrderCorrelation == nil && none.first.componentCount == 0)
  }

  @Test func refusals() throws {
    let graph = try TestGraph.path(3).frozen()
    for bad in [
      GraphSimilarityOptions(topCount: 0), .init(eigenvalueCount: 0), .init(pageRank: .init(damping: 1)),
    ] {
      let error = #expect(throws: MillError.self) { try graphSimilarity(between: graph, and: graph, options: bad) }
      #expect(error?.kind == .badOption)
    }
  }
}
