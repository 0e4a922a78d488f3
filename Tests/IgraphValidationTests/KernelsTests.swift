import GraphFormats
import GraphKernels
import GraphStore
import IgraphValidation
import MillRuntime
import TestSupport
import Testing

/// The kernels of every week beside igraph's, on small graphs, random ones, and real ones where they are.
@Suite(.serialized, .enabled(if: Igraph.isAvailable, "igraph is not linked; run with --traits Validation"))
struct KernelsTests {
  private static let inputs =
    TestGraph.small + [
      .random(800, edges: 700, seed: 1), .random(800, edges: 2400, seed: 2), .skewed(1500, edges: 5000, seed: 3),
      .grid(25), .shuffledPath(600, seed: 4), .karate,
    ]
  private static let shared = ["power", "as20000102", "email-eu-core", "wiki-vote", "protein", "p2p-gnutella31"]

  private func directedAndNot(_ input: TestGraph) throws -> [CSRGraph] {
    [try input.frozen(), try input.frozen(isDirected: true)]
  }

  private func real(_ name: String) throws -> [CSRGraph] {
    try [false, true].map { isDirected in
      var options = GraphReadOptions()
      options.isDirected = isDirected
      return try readGraph(SharedData.path("graphs/\(name).txt.gz"), options: options).graph
    }
  }

  private func expectClose(
    _ ours: some Sequence<Double>, _ theirs: [Double], within tolerance: Double = 1e-9,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let ours = Array(ours)
    #expect(ours.count == theirs.count, sourceLocation: sourceLocation)
    let worst = zip(ours, theirs).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
    #expect(worst <= tolerance, sourceLocation: sourceLocation)
  }

  // MARK: - Connectivity

  private func compareConnectivity(_ graph: CSRGraph) throws {
    var numbers: [Int: Int] = [:]
    let labels = try Igraph.answer(.strongComponents, about: graph).map { label in
      let number = numbers[Int(label)] ?? numbers.count
      numbers[Int(label)] = number
      return number
    }
    #expect(try stronglyConnectedComponents(of: graph).labels.map(Int.init) == labels)
    #expect(try bipartition(of: graph).isBipartite == (Igraph.answer(.isBipartite, about: graph) == [1]))
    if graph.isDirected {
      let order = try? topologicalOrder(of: graph)
      #expect(try (order != nil) == (Igraph.answer(.isAcyclic, about: graph) == [1]))
    }
    let simple = try graph.prepared(Preparation(weights: .ignored)).graph
    let found = try biconnectivity(of: graph)
    let bridges = try zip(simple.edges, Igraph.answer(.bridges, about: simple)).filter { $0.1 == 1 }.map(\.0)
    #expect(found.bridges.array == bridges.map { NodePair($0.source, $0.target) })
    let points = try Igraph.answer(.articulationPoints, about: simple)
    #expect(found.articulationPoints.array == simple.nodes.filter { points[$0] == 1 })
    #expect(try [Double(found.blockCount)] == Igraph.answer(.blocks, about: simple))
  }

  @Test("Strong components, bipartition, cycles, bridges and articulation points are igraph's", arguments: inputs)
  func connectivity(input: TestGraph) throws {
    for graph in try directedAndNot(input) { try compareConnectivity(graph) }
  }

  @Test("The same on real graphs", .needsSharedData(graphs: shared), arguments: shared)
  func connectivityOfRealGraphs(name: String) throws {
    for graph in try real(name) { try compareConnectivity(graph) }
  }
}
