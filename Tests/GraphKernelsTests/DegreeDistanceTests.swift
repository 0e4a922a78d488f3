import GraphKernels
import GraphStore
import Testing

@Suite struct DegreeDistanceTests {
  private func degrees(_ nodeCount: Int, _ edges: [(Int, Int)]) throws -> DegreeDistribution {
    try degreeStatistics(of: CSRGraph(nodeCount: nodeCount, edges: edges)).degrees
  }

  /// A path of 4 has half of its nodes up to degree 1, a star of 4 three quarters, a triangle none.
  @Test func byHand() throws {
    let path = try degrees(4, [(0, 1), (1, 2), (2, 3)])
    let star = try degrees(4, [(0, 1), (0, 2), (0, 3)])
    let triangle = try degrees(3, [(0, 1), (1, 2), (2, 0)])
    let empty = try degrees(0, [])
    #expect(path.kolmogorovSmirnovDistance(to: path) == 0)
    #expect(path.kolmogorovSmirnovDistance(to: star) == 0.25)
    #expect(star.kolmogorovSmirnovDistance(to: path) == 0.25)
    #expect(triangle.kolmogorovSmirnovDistance(to: star) == 0.75)
    #expect(try degrees(5, []).kolmogorovSmirnovDistance(to: triangle) == 1)
    #expect(empty.kolmogorovSmirnovDistance(to: empty) == 0)
    #expect(empty.kolmogorovSmirnovDistance(to: path) == 1)
  }

  @Test("Two copies of a graph have the distribution of one")
  func doubled() throws {
    let edges = [(0, 1), (1, 2), (1, 3), (3, 4)]
    let twice = try degrees(10, edges + edges.map { ($0.0 + 5, $0.1 + 5) })
    #expect(try degrees(5, edges).kolmogorovSmirnovDistance(to: twice) == 0)
  }
}
