import Glibc
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct WeightedBetheHessianTests {
  private typealias Edges = [(Int, Int, Double)]

  /// Edges of a drawn block model with a weight for each.
  private func edges(
    groups: Int, leafSize: Int, degree: Double, ratio: Double, seed: UInt64,
    _ weight: (_ isInside: Bool, _ random: inout CounterRandom) -> Double
  ) throws -> (nodes: Int, edges: Edges, leaves: [Int32]) {
    let model = try HierarchicalBlockModel(
      branching: max(2, groups), depth: groups > 1 ? 1 : 0, leafSize: leafSize, meanDegree: degree, ratio: ratio)
    var options = BlockModelOptions()
    options.seed = seed
    let drawn = try generateBlockModel(model, options: options)
    var random = CounterRandom(seed: seed, stage: "test-weights")
    var edges: Edges = []
    for u in 0..<drawn.graph.nodeCount {
      for v in drawn.graph.neighbors(of: u) where v > u {
        edges.append((u, v, weight(drawn.leaves[u] == drawn.leaves[v], &random)))
      }
    }
    return (drawn.graph.nodeCount, edges, drawn.leaves)
  }

  private func options(denseLimit: Int, _ weights: SpectralOptions.Weights = .weighted) -> SpectralOptions {
    var options = SpectralOptions()
    (options.weights, options.denseLimit, options.probeSteps) = (weights, denseLimit, 80)
    return options
  }

  private func summary(_ graph: CommunityGraph, _ options: SpectralOptions) throws -> SpectralSummary {
    try SpectralStage.run(graph, wanted: nil, options: options, seed: 1, context: RunContext(threads: 2)).summary
  }

  @Test(
    "Equal weights of any size give the count, the values and the communities of the 0/1 graph", arguments: [1.0, 3.7])
  func equalWeights(weight: Double) throws {
    let drawn = try edges(groups: 3, leafSize: 70, degree: 12, ratio: 0.2, seed: 2) { _, _ in weight }
    let graph = try CSRGraph(nodeCount: drawn.nodes, weightedEdges: drawn.edges)
    let work = try CommunityGraph(graph, context: RunContext(threads: 1))
    for denseLimit in [0, 300] {
      let plain = try summary(work, options(denseLimit: denseLimit, .none))
      let weighted = try summary(work, options(denseLimit: denseLimit))
      #expect(weighted.plainCount == plain.plainCount && weighted.count == 3 && !weighted.isRadiusRaised)
      #expect(abs(weighted.rho - plain.rho) < 1e-6 * plain.rho)
      for (a, b) in zip(weighted.values, plain.values) { #expect(abs(a - b) < 1e-4 * b) }
    }
    var settings = BottomUpOptions()
    let once = try bottomUpCommunities(of: graph, options: settings)
    settings.spectral.weights = .weighted
    #expect(try bottomUpCommunities(of: graph, options: settings).hierarchy.leaves == once.hierarchy.leaves)
  }

  /// H at r, straight from its definition, and how many of its eigenvalues are negative.
  private func negatives(_ nodes: Int, _ edges: Edges) -> Int {
    var (power2, power4) = ([Double](repeating: 0, count: nodes), 0.0)
    for (u, v, w) in edges {
      power2[u] += w * w
      power2[v] += w * w
      power4 += 2 * w * w * w * w
    }
    let square = (power2.reduce(0) { $0 + $1 * $1 } - power4) / power2.reduce(0, +)
    let r = max(square.squareRoot(), 1.01 * edges.map(\.2).max()!)
    var matrix = [Double](repeating: 0, count: nodes * nodes)
    for i in 0..<nodes { matrix[i * nodes + i] = 1 }
    for (u, v, w) in edges {
      let share = w * w / (r * r - w * w)
      matrix[u * nodes + u] += share
      matrix[v * nodes + v] += share
      matrix[u * nodes + v] = -r * w / (r * r - w * w)
      matrix[v * nodes + u] = matrix[u * nodes + v]
    }
    return SymmetricEigen.decompose(matrix, size: nodes).values.count { $0 < 0 }
  }

  @Test("The count is that of H's negative eigenvalues, found densely", arguments: 1...5 as ClosedRange<UInt64>)
  func denseCount(seed: UInt64) throws {
    let drawn = try edges(groups: 4, leafSize: 50, degree: 14, ratio: 0.15, seed: seed) { isInside, random in
      (0.2 + random.unit()) * (isInside ? 1.5 : 1)
    }
    let expected = negatives(drawn.nodes, drawn.edges)
    #expect(expected >= 3)
    let graph = try CommunityGraph(
      CSRGraph(nodeCount: drawn.nodes, weightedEdges: drawn.edges), context: RunContext(threads: 1))
    for denseLimit in [0, 300] {
      let found = try summary(graph, options(denseLimit: denseLimit))
      #expect(found.plainCount == expected && !found.isRadiusRaised)
    }
    let scaled = try CommunityGraph(
      CSRGraph(nodeCount: drawn.nodes, weightedEdges: drawn.edges.map { ($0.0, $0.1, 64 * $0.2) }),
      context: RunContext(threads: 1))
    #expect(try summary(scaled, options(denseLimit: 0)) == summary(graph, options(denseLimit: 0)))
  }

  @Test("Groups that only weights show are in the spectrum with them and not without")
  func weightsOnly() throws {
    let drawn = try edges(groups: 1, leafSize: 400, degree: 30, ratio: 1, seed: 4) { _, _ in 1 }
    let weighted = drawn.edges.map { ($0.0, $0.1, ($0.0 < 200) == ($0.1 < 200) ? 4.0 : 1) }
    let graph = try CSRGraph(nodeCount: 400, weightedEdges: weighted)
    var settings = BottomUpOptions()
    (settings.start, settings.refinement) = (.spectral, RefinementScope.none)
    #expect(try bottomUpCommunities(of: graph, options: settings).hierarchy.tree.leafCount == 1)
    settings.spectral.weights = .weighted
    let one = try bottomUpCommunities(of: graph, options: settings, context: RunContext(threads: 1))
    #expect(one.hierarchy.tree.leafCount == 2)
    let ami = try #require(partitionScores(one.hierarchy.leaves, (0..<400).map { $0 < 200 ? 0 : 1 }).ami)
    #expect(ami > 0.9, "AMI \(ami)")
    for threads in [2, 4] {
      #expect(try bottomUpCommunities(of: graph, options: settings, context: RunContext(threads: threads)) == one)
    }
  }

  @Test("An edge that outdoes all others raises r, which is told; the count is still H's")
  func heavyEdge() throws {
    var drawn = try edges(groups: 2, leafSize: 60, degree: 16, ratio: 0.1, seed: 5) { _, random in 0.5 + random.unit() }
    drawn.edges[7].2 = 6
    let expected = negatives(drawn.nodes, drawn.edges)
    var settings = BottomUpOptions()
    settings.spectral.weights = .weighted
    let found = try bottomUpCommunities(
      of: CSRGraph(nodeCount: drawn.nodes, weightedEdges: drawn.edges), options: settings)
    #expect(found.spectrum?.isRadiusRaised == true && found.spectrum?.plainCount == expected)
    #expect(found.notes.contains { $0.contains("heaviest edges") })
    drawn.edges[7].2 = 1e6
    let lost = try bottomUpCommunities(
      of: CSRGraph(nodeCount: drawn.nodes, weightedEdges: drawn.edges), options: settings)
    #expect(lost.spectrum?.isRadiusRaised == true && lost.spectrum?.count == 1)
  }

  @Test func refusals() throws {
    let graph = try TestGraph.clique(6).frozen()
    var options = BottomUpOptions()
    (options.spectral.weights, options.spectral.embedding) = (.weighted, .tuned)
    #expect(throws: MillError.self) { try bottomUpCommunities(of: graph, options: options) }
    (options.spectral.embedding, options.spectral.radius) = (.oneShot, .nonBacktracking)
    #expect(throws: MillError.self) { try bottomUpCommunities(of: graph, options: options) }
    // Without weights there is nothing to make of them.
    options.spectral.radius = .degrees
    let plain = try bottomUpCommunities(of: graph)
    #expect(try bottomUpCommunities(of: graph, options: options) == plain)
  }

  @Test(
    "Contacts at school, log(1 + w)", .needsSharedData("communities/highschool-2013/edges.tsv"))
  func highSchool() throws {
    let file = try MappedFile(path: SharedData.path("communities/highschool-2013/edges.tsv"))
    var edges: Edges = []
    for line in String(decoding: file.bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t").map { Int($0)! }
      edges.append((fields[0], fields[1], log(1 + Double(fields[2]))))
    }
    let graph = try CommunityGraph(CSRGraph(nodeCount: 327, weightedEdges: edges), context: RunContext(threads: 1))
    let found = try summary(graph, options(denseLimit: 0))
    // Two more than the nine classes that the 0/1 graph shows.
    #expect(found.plainCount == 11 && negatives(327, edges) == 11 && !found.isRadiusRaised)
  }
}
