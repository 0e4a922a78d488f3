import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct ClusteringCoefficientsTests {
  /// A triangle with a tail, and a node alone: 3 pairs at the corner with the tail, of which one is joined.
  @Test func byHand() throws {
    let result = try clusteringCoefficients(of: CSRGraph(nodeCount: 5, edges: [(0, 1), (1, 2), (2, 0), (2, 3)]))
    #expect(Array(result.triangles) == [1, 1, 1, 0, 0])
    #expect(Array(result.coefficients) == [1, 1, 1.0 / 3, 0, 0])
    #expect(abs(result.meanCoefficient - 7.0 / 15) < 1e-15)
    #expect(result.transitivity == 0.6 && result.triangleCount == 1)
    let none = try clusteringCoefficients(of: TestGraph.empty.frozen())
    #expect(none.meanCoefficient == 0 && none.transitivity == 0 && none.triangles.isEmpty)
  }

  @Test("Counts are those of all pairs of neighbors, the same bits for 1, 2, 4 threads", arguments: TestGraph.small)
  func againstPairs(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let neighbors = neighborSets(of: graph)
      var (triangles, coefficients, joined, wedges) = ([UInt64](), [Double](), 0, 0)
      for own in neighbors {
        let found = own.reduce(0) { $0 + neighbors[$1].intersection(own).count } / 2
        let pairs = own.count * (own.count - 1) / 2
        triangles.append(UInt64(found))
        coefficients.append(pairs > 0 ? Double(found) / Double(pairs) : 0)
        joined += found
        wedges += pairs
      }
      let found = try [1, 2, 4].map { try clusteringCoefficients(of: graph, context: RunContext(threads: $0)) }
      #expect(found[0] == found[1] && found[1] == found[2])
      #expect(found[0].triangles.array == triangles && found[0].coefficients.array == coefficients)
      #expect(found[0].transitivity == (wedges > 0 ? Double(joined) / Double(wedges) : 0))
      let mean = coefficients.reduce(0, +) / Double(max(1, coefficients.count))
      #expect(abs(found[0].meanCoefficient - mean) < 1e-12)
      #expect(try found[0].triangleCount == triangleCount(of: graph))
      #expect(try clusteringCoefficients(of: graph.widened()) == found[0])
    }
  }
}
