import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct BottomUpTests {
  @Test(
    "A ring of cliques has the communities that the Bethe-Hessian's negative eigenvalues count",
    arguments: [(8, 4, 3), (8, 5, 8), (8, 6, 8), (10, 10, 10), (2, 8, 2)])
  func ringOfCliques(cliques: Int, size: Int, expected: Int) throws {
    let result = try bottomUpCommunities(
      of: TestGraph.ringOfCliques(cliques, size).frozen(), options: BottomUpOptions(start: .spectral))
    #expect(result.spectrum?.count == expected)
    #expect(result.hierarchy.tree.leafCount == expected)
    #expect(inversions(of: result.hierarchy.tree).isEmpty)
    if expected == cliques {
      #expect(result.hierarchy.leaves == (0..<cliques * size).map { Int32($0 / size) })
    }
  }

  private func sample(_ degree: Double, _ ratio: Double, seed: UInt64, leafSize: Int = 200) throws -> BlockModelSample {
    var options = BlockModelOptions()
    options.seed = seed
    return try generateBlockModel(
      HierarchicalBlockModel(branching: 2, depth: 3, leafSize: leafSize, meanDegree: degree, ratio: ratio),
      options: options)
  }

  private func truth(_ sample: BlockModelSample) -> [[Int32]] {
    [2, 1, 0].map { shift in sample.leaves.map { $0 >> Int32(shift) } }
  }

  @Test("Separated levels are found, detectable ones partly, others not at all")
  func levels() throws {
    let clear = try sample(16, 0.1, seed: 1)
    let result = try bottomUpCommunities(of: clear.graph)
    #expect(result.spectrum?.count == 8)
    for score in try result.hierarchy.scores(against: truth(clear)) { #expect(score.ami ?? -1 > 0.98) }
    let middle = try sample(16, 0.5, seed: 2)
    let found = try bottomUpCommunities(of: middle.graph)
    #expect((2...4).contains(try #require(found.spectrum).count))
    #expect(try found.hierarchy.scores(against: truth(middle))[0].ami ?? -1 > 0.85)
    let hidden = try bottomUpCommunities(of: sample(6, 0.7, seed: 3).graph)
    #expect(hidden.spectrum?.count == 1 && hidden.hierarchy.tree.leafCount == 1)
  }

  @Test("Invariants of any result", arguments: [(16.0, 0.3), (10, 0.3), (24, 0.6), (6, 0.3)])
  func invariants(degree: Double, ratio: Double) throws {
    let graph = try sample(degree, ratio, seed: 5).graph
    for refinement in RefinementScope.allCases {
      for rule in LinkageRule.allCases {
        var options = BottomUpOptions(start: .spectral)
        options.minimumComponent = 1
        (options.refinement, options.linkage) = (refinement, rule)
        let result = try bottomUpCommunities(of: graph, options: options)
        let tree = result.hierarchy.tree
        #expect(inversions(of: tree).isEmpty)
        #expect(tree.innerNodes.count == tree.leafCount - 1)
        #expect(tree.leafCount == result.spectrum?.count)
        var sizes = [Int](repeating: 0, count: tree.leafCount)
        for leaf in result.hierarchy.leaves where leaf >= 0 { sizes[Int(leaf)] += 1 }
        #expect(sizes == result.links.sizes && sizes == Array(tree.sizes.prefix(tree.leafCount)))
        // All edges are within or between groups, each once.
        let k = tree.leafCount
        let total = (0..<k).reduce(UInt64(0)) { sum, a in
          (0...a).reduce(sum) { $0 + result.links.edges(a, $1) }
        }
        #expect(Int(total) == graph.edgeCount)
        for depth in 0..<tree.height {
          let (upper, lower) = (result.hierarchy.labels(atDepth: depth), result.hierarchy.labels(atDepth: depth + 1))
          #expect(isNested(lower, in: upper))
        }
      }
    }
  }

  /// Whether nodes of one group of `lower` are in one group of `upper`.
  private func isNested(_ lower: [Int32], in upper: [Int32]) -> Bool {
    var parent: [Int32: Int32] = [:]
    for (l, u) in zip(lower, upper) {
      if let known = parent[l], known != u { return false }
      parent[l] = u
    }
    return true
  }

  @Test(
    "The likelihood of the kept labels is the best of all rounds, and not below the start", arguments: [false, true])
  func objective(isDegreeCorrected: Bool) throws {
    let drawn = try sample(16, 0.5, seed: 4)
    let work = try CommunityGraph(drawn.graph, context: RunContext(threads: 1))
    var random = CounterRandom(seed: 1, stage: "test-refine")
    let start = work.restricted(drawn.leaves).map { random.unit() < 0.3 ? Int32(random.below(8)) : $0 }
    var refinement = try Refinement(
      work, labels: start, groups: 8, isDegreeCorrected: isDegreeCorrected, threads: 2)
    try refinement.run(RunContext(threads: 2))
    let objectives = refinement.objectives
    #expect(objectives.count > 1)
    #expect(objectives.max()! > objectives[0])
    // Started again, the kept labels have the objective that was the best.
    var again = try Refinement(
      work, labels: refinement.result, groups: 8, isDegreeCorrected: isDegreeCorrected, threads: 1)
    try again.run(RunContext(threads: 1))
    #expect(abs(again.objectives[0] - objectives.max()!) < 1e-9 * abs(objectives.max()!))
  }

  @Test("Every thread count gives the same result")
  func threads() throws {
    let graph = try sample(12, 0.3, seed: 7, leafSize: 900).graph
    var options = BottomUpOptions()
    options.replicates = 20
    let one = try bottomUpCommunities(of: graph, options: options, context: RunContext(threads: 1))
    for threads in [2, 4] {
      #expect(try bottomUpCommunities(of: graph, options: options, context: RunContext(threads: threads)) == one)
    }
    #expect(one.hierarchy.tree.confidences != nil)
  }

  @Test("Other numbers for the nodes give the same partition where levels are well separated")
  func permutation() throws {
    let drawn = try sample(16, 0.1, seed: 11)
    let n = drawn.graph.nodeCount
    let first = try bottomUpCommunities(of: drawn.graph).hierarchy
    var edges: [(Int, Int)] = []
    for u in 0..<n { for v in drawn.graph.neighbors(of: u) where v > u { edges.append((n - 1 - u, n - 1 - v)) } }
    let second = try bottomUpCommunities(of: CSRGraph(nodeCount: n, edges: edges)).hierarchy
    #expect(try partitionScores(first.leaves, second.leaves.reversed()).ami == 1)
  }

  @Test("Uniform graphs have one community", arguments: [3.0, 10, 30])
  func erdosRenyi(degree: Double) throws {
    var found: [Int] = []
    for seed in 0..<UInt64(8) {
      var options = ErdosRenyiOptions()
      (options.nodeCount, options.seed) = (1600, seed)
      options.edges = .count(Int(degree * 800))
      var settings = BottomUpOptions()
      settings.minimumComponent = 1
      let result = try bottomUpCommunities(of: generateErdosRenyiGraph(options), options: settings)
      let spectrum = try #require(result.spectrum)
      found.append(max(spectrum.count, result.hierarchy.tree.leafCount))
      #expect(spectrum.margin > 0)
    }
    #expect(found.allSatisfy { $0 == 1 })
  }

  @Test(
    "Graphs without evidence are one community",
    arguments: [
      TestGraph.empty, .single, .loop, .isolated, .path(2), .path(50), .cycle(100), .star(51), .ternaryTree(4),
    ])
  func trivial(input: TestGraph) throws {
    for isolated in BottomUpOptions.Isolated.allCases {
      var options = BottomUpOptions()
      options.isolated = isolated
      let result = try bottomUpCommunities(of: input.frozen(), options: options)
      #expect(result.hierarchy.tree.leafCount == 1)
      #expect(result.hierarchy.tree.innerNodes.isEmpty)
      #expect(result.hierarchy.leaves.count == input.nodeCount)
    }
    let empty = try bottomUpCommunities(of: TestGraph.isolated.frozen())
    #expect(empty.notes.contains { $0.contains("no edges") })
    #expect(empty.hierarchy.leaves.allSatisfy { $0 == -1 })
    var options = BottomUpOptions()
    options.isolated = .largest
    let whole = try bottomUpCommunities(of: TestGraph.isolated.frozen(), options: options)
    #expect(whole.hierarchy.leaves.allSatisfy { $0 == 0 } && whole.links.sizes == [TestGraph.isolated.nodeCount])
  }

  @Test("Isolated nodes are set aside or a leaf of their own; small components are leaves")
  func components() throws {
    let ring = TestGraph.ringOfCliques(8, 6)
    let extra = ring.nodeCount
    let input = TestGraph(
      "parts", nodeCount: extra + 7,
      pairs: ring.edges.map { ($0.source, $0.target) } + [
        (extra, extra + 1), (extra + 1, extra + 2), (extra, extra + 2),
      ])
    var options = BottomUpOptions()
    let result = try bottomUpCommunities(of: input.frozen(), options: options)
    #expect(result.hierarchy.tree.leafCount == 9)
    #expect(result.hierarchy.leaves.suffix(4) == [-1, -1, -1, -1])
    #expect(Set(result.hierarchy.leaves[extra..<extra + 3]).count == 1)
    #expect(result.hierarchy.tree.similarities.last == 0)
    options.isolated = .leaf
    let whole = try bottomUpCommunities(of: input.frozen(), options: options)
    #expect(whole.hierarchy.tree.leafCount == 10)
    #expect(Set(whole.hierarchy.leaves.suffix(4)).count == 1)
    #expect(whole.hierarchy.tree.sizes.last == input.nodeCount)
    options.replicates = 5
    #expect(try bottomUpCommunities(of: input.frozen(), options: options).hierarchy.tree.confidences != nil)
    options.isolated = .largest
    let joined = try bottomUpCommunities(of: input.frozen(), options: options)
    #expect(joined.hierarchy.tree.leafCount == 9)
    // All cliques have six nodes: the first is the largest.
    #expect(Array(joined.hierarchy.leaves.suffix(4)) == [Int32](repeating: joined.hierarchy.leaves[0], count: 4))
    #expect(joined.hierarchy.leaves.prefix(extra + 3) == result.hierarchy.leaves.prefix(extra + 3))
    #expect(joined.links.sizes.reduce(0, +) == input.nodeCount && joined.links.sizes[0] == 10)
    #expect(joined.hierarchy.tree.sizes.last == input.nodeCount)
    #expect(inversions(of: joined.hierarchy.tree).isEmpty)
    for node in joined.hierarchy.tree.innerNodes {
      let sides = joined.hierarchy.tree.children(of: node).map { Int($0) }
      guard sides.allSatisfy({ $0 < 9 }) else { continue }
      #expect(joined.hierarchy.tree.similarities[node] == joined.links.density(sides[0], sides[1]))
    }
  }

  @Test func badOptions() throws {
    let graph = try TestGraph.clique(6).frozen()
    for k in [0, -3, 7] {
      var options = BottomUpOptions()
      options.communities = k
      let error = #expect(throws: MillError.self) { try bottomUpCommunities(of: graph, options: options) }
      #expect(error?.exitCode == 64)
    }
    let weighted = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 1), (1, 2, -2)])
    let error = #expect(throws: MillError.self) { try bottomUpCommunities(of: weighted) }
    #expect(error?.exitCode == 65)
  }

  @Test("More communities than linked nodes become fewer, with a note")
  func clamped() throws {
    let input = TestGraph("pair", nodeCount: 5, pairs: [(0, 1), (1, 2), (0, 2)])
    var options = BottomUpOptions()
    options.communities = 5
    let result = try bottomUpCommunities(of: input.frozen(), options: options)
    #expect(result.hierarchy.tree.leafCount == 3)
    #expect(result.notes.contains { $0.contains("became 3") })
  }

  @Test("Weights decide how groups are linked: integers, and halves just the same")
  func weights() throws {
    // Four cliques in a ring; the edge between cliques 1 and 2 is the heaviest.
    let ring = TestGraph.ringOfCliques(4, 6)
    for scale in [1.0, 0.5] {
      let edges = ring.edges.map { edge in
        let isBridge = edge.source / 6 != edge.target / 6
        let isHeavy = isBridge && edge.source / 6 == 1
        return (edge.source, edge.target, (isHeavy ? 9.0 : isBridge ? 1 : 3) * scale)
      }
      let graph = try CSRGraph(nodeCount: 24, weightedEdges: edges)
      let result = try bottomUpCommunities(of: graph)
      let tree = result.hierarchy.tree
      #expect(tree.leafCount == 4)
      #expect(tree.children(of: 4).map { $0 } == [1, 2])
      #expect(abs(tree.similarities[4] - 9 * scale / 36) < 1e-15)
    }
  }

  @Test("Arcs become edges by the policy chosen")
  func directed() throws {
    let arcs = [(0, 1, 2.0), (1, 0, 5), (1, 2, 3)]
    let graph = try CSRGraph(nodeCount: 3, weightedEdges: arcs, isDirected: true)
    let expected: [(DirectionPolicy, Int, [Double])] = [(.union, 2, [5, 3]), (.sum, 2, [7, 3]), (.mutual, 1, [2])]
    for (policy, edges, weights) in expected {
      let work = try CommunityGraph(graph, direction: policy, context: RunContext(threads: 1))
      #expect(work.graph.edgeCount == edges)
      #expect(
        (0..<work.nodeCount).flatMap { u in
          work.graph.arcs(of: u).filter { work.graph.targets[$0] > u }.map { work.graph.weights![$0] }
        } == weights)
    }
  }

  @Test("Held-out edges: each is in one part, and the groups are still found")
  func heldOut() throws {
    let drawn = try sample(24, 0.2, seed: 8)
    let work = try CommunityGraph(drawn.graph, context: RunContext(threads: 1))
    let split = try EdgeSplit(work, share: 0.2, seed: 1, RunContext(threads: 1))
    #expect(split.first.graph.edgeCount + split.second.graph.edgeCount == drawn.graph.edgeCount)
    let share = Double(split.second.graph.edgeCount) / Double(drawn.graph.edgeCount)
    #expect(abs(share - 0.2) < 0.02)
    for linked in BottomUpOptions.LinkedEdges.allCases {
      var options = BottomUpOptions()
      (options.heldOutShare, options.linkedEdges) = (0.2, linked)
      let result = try bottomUpCommunities(of: drawn.graph, options: options)
      #expect(try result.hierarchy.scores(against: truth(drawn))[2].ami ?? -1 > 0.95)
      #expect(inversions(of: result.hierarchy.tree).isEmpty)
    }
  }

  @Test("The tuned embedding finds well separated groups too", arguments: [0, 128])
  func tuned(denseLimit: Int) throws {
    let drawn = try sample(16, 0.1, seed: 9, leafSize: denseLimit == 0 ? 60 : 30)
    var options = BottomUpOptions(start: .spectral)
    options.spectral.embedding = .tuned
    options.spectral.denseLimit = denseLimit == 0 ? 0 : 300
    options.refinement = RefinementScope.none
    let result = try bottomUpCommunities(of: drawn.graph, options: options)
    #expect(try #require(result.spectrum).count >= 7)
    #expect(try partitionScores(result.hierarchy.leaves, drawn.leaves).ami ?? -1 > 0.9)
  }

  @Test("Real graphs: counts, partitions, linkage", .needsSharedData("communities/highschool-2013/labels.tsv"))
  func real() throws {
    for (name, count, ami) in [("karate", 2, 1.0), ("dolphins", 2, 0.81), ("highschool-2013", 9, 1.0)] {
      let graph = try SharedData.graph("communities/\(name)/edges.tsv").frozen()
      var options = BottomUpOptions(start: .spectral)
      options.refinement = RefinementScope.none
      let result = try bottomUpCommunities(of: graph, options: options)
      let truth = try SharedData.labels("communities/\(name)/labels.tsv", nodeCount: graph.nodeCount)
      #expect(result.spectrum?.plainCount == count && result.spectrum?.count == count)
      #expect(try partitionScores(result.hierarchy.leaves, truth).ami ?? -1 > ami - 0.003)
    }
    let graph = try SharedData.graph("communities/highschool-2013/edges.tsv").frozen()
    let result = try bottomUpCommunities(of: graph, options: BottomUpOptions(linkage: .average))
    let tracks = try SharedData.labels(
      "communities/highschool-2013/labels.tsv", column: 2, nodeCount: graph.nodeCount)
    #expect(try partitionScores(result.hierarchy.labels(result.hierarchy.tree.cut(intoGroups: 4)), tracks).ami == 1)
    let heights = result.hierarchy.tree.innerNodes.map { result.hierarchy.tree.similarities[$0] }
    let golden = [0.124265, 0.117060, 0.099955, 0.097319, 0.096096, 0.043940, 0.025983, 0.017302]
    #expect(heights.count == golden.count)
    for (a, b) in zip(heights, golden) { #expect(abs(a - b) < 5e-7) }
    let karate = try SharedData.graph("communities/karate/edges.tsv").frozen()
    let work = try CommunityGraph(karate, context: RunContext(threads: 1))
    let two = try SharedData.labels("communities/karate/labels.tsv", nodeCount: 34)
    let links = try GroupLinks(work, labels: two, count: 2, threads: 1)
    #expect(abs(links.linkageTree().similarities[2] - 0.034722) < 5e-7)
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
