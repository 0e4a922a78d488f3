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

  // MARK: - Paths

  @Test("Weighted distances are igraph's", arguments: inputs)
  func weightedDistances(input: TestGraph) throws {
    let edges = input.edges.map { TestGraph.Edge($0.source, $0.target, abs($0.weight) + 0.25) }
    let positive = TestGraph(input.name, nodeCount: input.nodeCount, edges: edges)
    for isDirected in [false, true] {
      let graph = try positive.frozen(isDirected: isDirected, isWeighted: true)
      for source in Set([0, graph.nodeCount / 2]) where source < graph.nodeCount {
        let theirs = try Igraph.answer(.weightedDistances, about: graph, from: source, usesWeights: true)
        let ours = try shortestPaths(of: graph, from: source).distances
        #expect(zip(ours, theirs).allSatisfy { ($0 == .infinity) == ($1 == .infinity) })
        expectClose(ours.filter { $0 < .infinity }, theirs.filter { $0 < .infinity })
      }
    }
  }

  // MARK: - Triangles

  private func compareTriangles(_ graph: CSRGraph) throws {
    let simple = try graph.prepared(Preparation(weights: .ignored)).graph
    let found = try clusteringCoefficients(of: graph)
    expectClose(found.coefficients, try Igraph.answer(.localClustering, about: simple))
    #expect(try found.triangles.map { Double($0) } == Igraph.answer(.nodeTriangles, about: simple))
    expectClose([found.transitivity], try Igraph.answer(.transitivity, about: simple))
    #expect(try trussNumbers(of: graph).numbers.map { Double($0) } == Igraph.answer(.trussness, about: simple))
  }

  @Test("Triangles, clustering and truss numbers are igraph's", arguments: inputs)
  func triangles(input: TestGraph) throws {
    for graph in try directedAndNot(input) { try compareTriangles(graph) }
  }

  @Test("The same on real graphs", .needsSharedData(graphs: shared), arguments: shared)
  func trianglesOfRealGraphs(name: String) throws { try compareTriangles(real(name)[0]) }

  // MARK: - Centrality

  private func compareCentrality(_ graph: CSRGraph) throws {
    let simple = try graph.simplified()
    expectClose(try betweenness(of: graph).scores, try Igraph.answer(.betweenness, about: simple))
    let near = try closeness(of: graph)
    expectClose(near.closeness, try Igraph.answer(.closeness, about: simple).map { $0.isNaN ? 0 : $0 })
    expectClose(near.harmonic, try Igraph.answer(.harmonic, about: simple).map { $0.isNaN ? 0 : $0 })
  }

  @Test("Betweenness, closeness and harmonic centrality are igraph's", arguments: inputs)
  func centrality(input: TestGraph) throws {
    for graph in try directedAndNot(input) { try compareCentrality(graph) }
  }

  @Test("The same on a real graph", .needsSharedData(graphs: ["email-eu-core"]))
  func centralityOfARealGraph() throws { for graph in try real("email-eu-core") { try compareCentrality(graph) } }

  // MARK: - Forests and mixing

  @Test("The weight of a spanning forest is igraph's", arguments: inputs)
  func spanningForests(input: TestGraph) throws {
    let graph = try input.frozen(isWeighted: true)
    let chosen = try Igraph.answer(.spanningForest, about: graph, usesWeights: true)
    let theirs = zip(graph.weightedEdges, chosen).filter { $0.1 == 1 }.map(\.0)
    let ours = try spanningForest(of: graph)
    #expect(ours.edges.count == theirs.count)
    expectClose([ours.totalWeight], [theirs.reduce(0) { $0 + $1.weight }])
  }

  private func compareMixing(_ graph: CSRGraph) throws {
    let simple = try graph.simplified()
    guard simple.edgeCount > 0 else {
      return #expect(try degreeAssortativity(of: graph) == nil && reciprocity(of: graph) == nil)
    }
    if let ours = try degreeAssortativity(of: graph) {
      expectClose([ours], try Igraph.answer(.degreeAssortativity, about: simple), within: 1e-7)
    }
    expectClose([try #require(try reciprocity(of: graph))], try Igraph.answer(.reciprocity, about: simple))
  }

  @Test("Assortativity and reciprocity are igraph's", arguments: inputs)
  func mixing(input: TestGraph) throws { for graph in try directedAndNot(input) { try compareMixing(graph) } }

  @Test("The same on real graphs", .needsSharedData(graphs: shared), arguments: shared)
  func mixingOfRealGraphs(name: String) throws { for graph in try real(name) { try compareMixing(graph) } }

  // MARK: - Hubs, diameters

  @Test("Hubs and authorities of graphs with one limit are igraph's", arguments: [UInt64(1), 2, 3])
  func hubs(seed: UInt64) throws {
    for isDirected in [false, true] {
      let graph = try TestGraph.random(200, edges: 3000, seed: seed).frozen(isDirected: isDirected).simplified()
      let found = try hubsAndAuthorities(of: graph, options: .init(tolerance: 1e-13))
      for (ours, question) in [(found.hubs, Igraph.Question.hubs), (found.authorities, .authorities)] {
        let largest = try #require(ours.max())
        expectClose(ours.map { $0 / largest }, try Igraph.answer(question, about: graph), within: 1e-7)
      }
    }
  }

  @Test("Diameters are igraph's", arguments: inputs)
  func diameters(input: TestGraph) throws {
    let graph = try input.frozen()
    let theirs = try Igraph.answer(.diameter, about: graph)[0]
    #expect(try diameter(of: graph).diameter == (graph.nodeCount == 0 ? 0 : Int(theirs)))
  }

  @Test("Diameters of real graphs are igraph's", .needsSharedData(graphs: shared), arguments: ["power", "as20000102"])
  func diametersOfRealGraphs(name: String) throws {
    let graph = try real(name)[0]
    #expect(try [Double(diameter(of: graph).diameter)] == Igraph.answer(.diameter, about: graph))
  }
}
