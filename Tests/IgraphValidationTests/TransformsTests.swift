import GraphFormats
import GraphGenerators
import GraphKernels
import GraphStore
import IgraphValidation
import MillRuntime
import TestSupport
import Testing

/// Graphs made of graphs, and figures of whole graphs, beside igraph's.
@Suite(.serialized, .enabled(if: Igraph.isAvailable, "igraph is not linked; run with --traits Validation"))
struct TransformsTests {
  private func edges(_ graph: CSRGraph) -> Set<Igraph.FoundEdge> {
    Set(graph.weightedEdges.map { Igraph.FoundEdge($0.source, $0.target, count: Int($0.weight)) })
  }

  @Test("Union, difference and intersection are igraph's", arguments: 0..<8 as Range<UInt64>)
  func combinations(seed: UInt64) throws {
    for isDirected in [false, true] {
      let one = try TestGraph.random(60, edges: 150, seed: seed).frozen(isDirected: isDirected)
      let two = try TestGraph.random(60, edges: 200, seed: seed + 100).frozen(isDirected: isDirected)
      #expect(try edges(one.union(two)) == Igraph.combine(.union, one, two))
      #expect(try edges(one.subtracting(two)) == Igraph.combine(.difference, one, two))
      #expect(try edges(one.intersection(two)) == Igraph.combine(.intersection, one, two))
    }
  }

  @Test("Projections and their weights are igraph's", arguments: 0..<8 as Range<UInt64>)
  func projections(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-sides")
    let pairs = (0..<200).map { _ in (Int(random.below(50)), 50 + Int(random.below(40))) }
    let graph = try TestGraph("", nodeCount: 90, pairs: pairs).frozen()
    let sides = (0..<90).map { UInt8($0 < 50 ? 0 : 1) }
    let ours = try bipartiteProjection(of: graph, onto: .nodes(Array(0..<50)))
    #expect(try edges(ours) == Igraph.projection(of: graph, sides: sides))
  }

  private func compareDistances(_ graph: CSRGraph) throws {
    let balls = try hyperBall(of: graph, options: .init(registerBits: 9))
    let mean = try Igraph.answer(.averageDistance, about: graph)[0]
    #expect(abs(balls.averageDistance / mean - 1) < 3 * balls.relativeError)
  }

  private func compareEigenvalues(_ graph: CSRGraph) throws {
    let simple = try graph.prepared(Preparation(weights: .ignored)).graph
    let largest = try leadingEigenvalues(of: graph, options: .init(count: 1)).values[0]
    #expect(try abs(largest - Igraph.answer(.largestEigenvalue, about: simple)[0]) < 1e-6 * largest)
  }

  @Test("Average distances and the largest eigenvalue are igraph's", arguments: [false, true])
  func figures(isDirected: Bool) throws {
    for input in [TestGraph.random(800, edges: 2400, seed: 2), .skewed(1500, edges: 5000, seed: 3), .karate] {
      let graph = try input.frozen(isDirected: isDirected)
      try compareDistances(graph)
      try compareEigenvalues(graph)
    }
    try compareDistances(try TestGraph.grid(25).frozen(isDirected: isDirected))
  }

  private static let shared = ["email-eu-core", "protein", "as20000102"]

  @Test("The same on real graphs", .needsSharedData(graphs: shared), arguments: shared)
  func figuresOfRealGraphs(name: String) throws {
    let graph = try readGraph(SharedData.path("graphs/\(name).txt.gz")).graph
    try compareDistances(graph)
    try compareEigenvalues(graph)
  }

  @Test("Triangles of a graph with a dense middle are igraph's") func triangles() throws {
    let graph = try generateRMATGraph(RMATOptions(nodeCount: 3000, edgeCount: 60_000, seed: 3))
    let found = try clusteringCoefficients(of: graph)
    #expect(try found.triangles.map { Double($0) } == Igraph.answer(.nodeTriangles, about: graph))
    #expect(try triangleCount(of: graph) == found.triangleCount)
  }
}
