import Foundation
import GraphGenerators
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

/// The starts of the bottom-up method, and how one is chosen.
@Suite struct CommunityStartTests {
  private func drawn(
    branching: Int = 2, depth: Int = 3, leafSize: Int = 60, degree: Double = 16, ratio: Double = 0.2, seed: UInt64 = 1
  ) throws -> BlockModelSample {
    var options = BlockModelOptions()
    options.seed = seed
    return try generateBlockModel(
      HierarchicalBlockModel(
        branching: branching, depth: depth, leafSize: leafSize, meanDegree: degree, ratio: ratio), options: options)
  }

  /// Groups of equal size whose nodes have very unequal degrees: each end of an edge is drawn by a weight.
  private func uneven(groups: Int, size: Int, edges: Int, seed: UInt64) throws -> (graph: CSRGraph, truth: [Int32]) {
    var random = CounterRandom(seed: seed, stage: "test-uneven")
    let n = groups * size
    var pairs: Set<[Int]> = []
    func node(_ group: Int, _ random: inout CounterRandom) -> Int {
      // A weight of 1 / rank: the first nodes are hubs.
      group * size + Int(pow(Double(size), random.unit())) - 1
    }
    while pairs.count < edges {
      let group = Int(random.below(UInt64(groups)))
      let other = random.unit() < 0.85 ? group : Int(random.below(UInt64(groups)))
      let (u, v) = (node(group, &random), node(other, &random))
      if u != v { pairs.insert([min(u, v), max(u, v)]) }
    }
    let sorted = pairs.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    return (
      try CSRGraph(nodeCount: n, edges: sorted.map { ($0[0], $0[1]) }), (0..<n).map { Int32($0 / size) }
    )
  }

  @Test("More groups than the spectrum can count are found")
  func manyGroups() throws {
    let graph = try TestGraph.ringOfCliques(150, 6).frozen()
    let truth = (0..<900).map { Int32($0 / 6) }
    for start in [CommunityStart.automatic, .leiden] {
      let found = try bottomUpCommunities(of: graph, options: BottomUpOptions(start: start))
      #expect(found.labels == truth && found.hierarchy.tree.leafCount == 150)
      #expect(inversions(of: found.hierarchy.tree).isEmpty)
      #expect((found.spectrum?.isCapped == true) == (start == .automatic))
    }
    let capped = try bottomUpCommunities(of: graph, options: BottomUpOptions(start: .spectral))
    #expect(capped.hierarchy.tree.leafCount <= 120)
  }

  @Test("A strong hierarchy is split down to its leaves, which no flat description of the whole pays for")
  func hierarchy() throws {
    let sample = try drawn(branching: 5, depth: 3, leafSize: 14, degree: 18, ratio: 0.1)
    let found = try bottomUpCommunities(of: sample.graph)
    #expect(found.hierarchy.tree.leafCount == 125)
    #expect(try partitionScores(found.labels, sample.leaves).ami ?? -1 > 0.98)
    let lengths = found.lengths
    #expect(lengths.tree < lengths.oneGroup && lengths.tree < lengths.levels.min()!)
    #expect(lengths.levels.count == found.hierarchy.tree.height + 1 && lengths.levels[0] == lengths.oneGroup)
  }

  @Test("Where degrees are even, what the spectrum sees near the limit of detection stays")
  func nearDetection() throws {
    for (degree, ratio) in [(16.0, 0.5), (10, 0.3)] {
      let sample = try drawn(leafSize: 200, degree: degree, ratio: ratio, seed: 3)
      let found = try bottomUpCommunities(of: sample.graph)
      let spectral = try bottomUpCommunities(of: sample.graph, options: BottomUpOptions(start: .spectral))
      let truth = sample.leaves.map { $0 >> 2 }
      let (ours, theirs) = (
        try found.hierarchy.scores(against: [truth])[0].ami ?? -1,
        try spectral.hierarchy.scores(against: [truth])[0].ami ?? -1
      )
      #expect(found.hierarchy.tree.leafCount >= spectral.hierarchy.tree.leafCount)
      #expect(ours > theirs - 0.02)
    }
  }

  @Test("No communities are found where there are none, and it is said", arguments: [3.0, 6, 10])
  func nothing(degree: Double) throws {
    for seed in 0..<UInt64(4) {
      var options = ErdosRenyiOptions()
      (options.nodeCount, options.seed, options.edges) = (600, seed, .count(Int(degree * 300)))
      let graph = try generateErdosRenyiGraph(options).largestComponent().graph
      for start in [CommunityStart.automatic, .leiden] {
        let found = try bottomUpCommunities(of: graph, options: BottomUpOptions(start: start, seed: seed))
        #expect(found.hierarchy.tree.leafCount == 1)
        #expect(found.notes.contains { $0.contains("no communities") })
        #expect(found.lengths.tree == found.lengths.oneGroup)
      }
    }
    // One group of very unequal degrees.
    let heavy = try uneven(groups: 1, size: 500, edges: 3000, seed: UInt64(degree)).graph.largestComponent().graph
    #expect(try bottomUpCommunities(of: heavy).hierarchy.tree.leafCount == 1)
  }

  @Test("Hubs do not hide groups, and links are by volume")
  func unevenDegrees() throws {
    let (graph, truth) = try uneven(groups: 6, size: 120, edges: 5000, seed: 2)
    let found = try bottomUpCommunities(of: graph)
    #expect(try partitionScores(found.labels, truth).ami ?? -1 > 0.8)
    #expect(found.linkage == .volume && found.isDegreeCorrected)
    let tree = found.hierarchy.tree
    #expect(inversions(of: tree).isEmpty)
    // The first merge: edges over the product of volumes, for nodes of the mean degree.
    let links = found.links
    func volume(_ a: Int) -> Double {
      Double((0..<links.count).reduce(links.edges(a, a)) { $0 + links.edges(a, $1) })
    }
    let children = tree.children(of: tree.leafCount).map { Int($0) }
    let mean = (0..<links.count).reduce(0) { $0 + volume($1) } / Double(links.sizes.reduce(0, +))
    let expected =
      Double(links.edges(children[0], children[1])) / volume(children[0]) / volume(children[1]) * mean * mean
    #expect(abs(tree.similarities[tree.leafCount] - expected) < 1e-12 * expected)
    let plain = try bottomUpCommunities(of: graph, options: BottomUpOptions(linkage: .average))
    #expect(plain.labels == found.labels && plain.linkage == .average)
    let door = try communities(of: graph)
    #expect(door.mergeGaps()?.count == tree.nodeCount && door.lengths == found.lengths)
  }

  @Test("Every thread count gives the same result, whatever the start")
  func threads() throws {
    let even = try drawn(seed: 4)
    let heavy = try uneven(groups: 5, size: 100, edges: 2500, seed: 5)
    for (graph, truth) in [(even.graph, even.leaves), heavy] {
      for start in [CommunityStart.automatic, .leiden, .labels(truth.map { $0 / 2 })] {
        for k in [nil, 4] as [Int?] {
          let options = BottomUpOptions(communities: k, start: start, replicates: 5)
          let one = try bottomUpCommunities(of: graph, options: options, context: RunContext(threads: 1))
          for threads in [2, 4] {
            #expect(try bottomUpCommunities(of: graph, options: options, context: RunContext(threads: threads)) == one)
          }
          if let k { #expect(one.hierarchy.tree.leafCount == k) }
        }
      }
    }
  }

  @Test("An earlier result goes on where the graph has changed; nodes that it does not know find their place")
  func earlierResult() throws {
    let sample = try drawn(degree: 24, ratio: 0.1, seed: 6)
    var old = sample.leaves
    for node in stride(from: 0, to: old.count, by: 9) { old[node] = -1 }
    for node in stride(from: 4, to: old.count, by: 31) { old[node] = (old[node] + 1) % 8 }
    let found = try bottomUpCommunities(of: sample.graph, options: BottomUpOptions(start: .labels(old)))
    #expect(try partitionScores(found.labels, sample.leaves).ami ?? -1 > 0.95)
    #expect(found.spectrum == nil && found.lengths.bestFlat != nil)
    // A start that is right already stays.
    let again = try bottomUpCommunities(of: sample.graph, options: BottomUpOptions(start: .labels(found.labels)))
    #expect(try partitionScores(again.labels, found.labels).ami ?? -1 > 0.99)
    old[0] = .max
    for labels in [[0, 1], old] {
      let error = #expect(throws: MillError.self) {
        try bottomUpCommunities(of: sample.graph, options: BottomUpOptions(start: .labels(labels)))
      }
      #expect(error?.kind == .badOption)
    }
    let text = try JSONEncoder().encode(BottomUpOptions(start: .labels([0, 1, -1])))
    #expect(try JSONDecoder().decode(BottomUpOptions.self, from: text) == BottomUpOptions(start: .labels([0, 1, -1])))
  }

  @Test("A number that is given is kept, also where the spectrum has no room for it")
  func given() throws {
    let graph = try TestGraph.ringOfCliques(150, 6).frozen()
    for k in [1, 2, 75, 150, 200] {
      for start in [CommunityStart.automatic, .leiden, .labels((0..<900).map { Int32($0 % 450) })] {
        let found = try bottomUpCommunities(of: graph, options: BottomUpOptions(communities: k, start: start))
        #expect(found.hierarchy.tree.leafCount == k, "\(k) \(start == .automatic)")
      }
    }
    #expect(throws: MillError.self) {
      try bottomUpCommunities(of: graph, options: BottomUpOptions(communities: 150, start: .spectral))
    }
    // As many as are there: no worse than without the number.
    let sample = try drawn(leafSize: 100, degree: 14, ratio: 0.25, seed: 8)
    let free = try partitionScores(bottomUpCommunities(of: sample.graph).labels, sample.leaves).ami ?? -1
    let eight = try bottomUpCommunities(of: sample.graph, options: BottomUpOptions(communities: 8))
    #expect(try partitionScores(eight.labels, sample.leaves).ami ?? -1 > free - 0.02)
  }

  @Test("More groups than can be seen: those that are seen are split and stay together in the tree")
  func moreThanSeen() throws {
    let sample = try drawn(leafSize: 200, degree: 16, ratio: 0.5, seed: 3)
    for start in [CommunityStart.spectral, .automatic] {
      let seen = try bottomUpCommunities(of: sample.graph, options: BottomUpOptions(start: start))
      let count = seen.hierarchy.tree.leafCount
      #expect(count > 1 && count < 8)
      let split = try bottomUpCommunities(
        of: sample.graph, options: BottomUpOptions(communities: 8, start: start, replicates: 3))
      let tree = split.hierarchy.tree
      #expect(tree.leafCount == 8 && inversions(of: tree).isEmpty)
      #expect(split.notes.contains { $0.contains("split further") })
      let cut = try split.hierarchy.labels(tree.cut(intoGroups: count))
      #expect(try partitionScores(cut, seen.labels).ami ?? -1 > 0.9)
    }
  }

  @Test("Parts of wholes join first, by either rule")
  func partsOfWholes() throws {
    // Two wholes of two parts; the parts have fewer edges between them than the wholes.
    let links = GroupLinks(sizes: [10, 10, 10, 10], links: [40, 5, 9, 9, 5, 40, 9, 9, 9, 9, 40, 8, 9, 9, 8, 40])
    for rule in LinkageRule.allCases {
      let tree = links.linkageTree(rule, partsOf: [0, 0, 1, 1])
      #expect(tree.children(of: 4).elementsEqual([0, 1]) && tree.children(of: 5).elementsEqual([2, 3]))
      #expect(tree.children(of: 6).elementsEqual([4, 5]) && inversions(of: tree).isEmpty)
      let free = links.linkageTree(rule)
      #expect(!free.children(of: 4).elementsEqual([0, 1]))
      #expect(tree.similarities.prefix(4).elementsEqual(free.similarities.prefix(4)))
      #expect(links.linkageTree(rule, partsOf: nil) == free && links.linkageTree(rule, partsOf: [0, 1, 2, 3]) == free)
    }
  }

  @Test("Trees, rings and two cliques that share nothing: no pieces where there is no evidence")
  func sparse() throws {
    for input in [TestGraph.path(300), .cycle(200), .star(80), .ternaryTree(5)] {
      #expect(try bottomUpCommunities(of: input.frozen()).hierarchy.tree.leafCount == 1)
    }
    var pairs: [(Int, Int)] = []
    for u in 0..<30 { for v in 0..<u { pairs += [(u, v), (30 + u, 30 + v)] } }
    let two = try bottomUpCommunities(of: CSRGraph(nodeCount: 60, edges: pairs))
    #expect(two.labels == (0..<60).map { Int32($0 / 30) })
    #expect(two.hierarchy.tree.similarities[2] == 0)
  }

  @Test(
    "Real graphs with known groups", .needsSharedData("communities/highschool-2013/labels.tsv"),
    arguments: [("karate", 1.0, 2), ("highschool-2013", 1, 9), ("polblogs", 0.70, 2), ("email-eu-core", 0.66, nil)])
  func real(name: String, ami: Double, groups: Int?) throws {
    let whole = try SharedData.graph("communities/\(name)/edges.tsv").frozen()
    let truth = try SharedData.labels("communities/\(name)/labels.tsv", nodeCount: whole.nodeCount)
    let graph = try whole.largestComponent().graph
    var options = BottomUpOptions()
    options.usesWeights = false
    let found = try bottomUpCommunities(of: graph, options: options)
    let known = (0..<graph.nodeCount).map { truth[Int(graph.name(of: $0))!] }
    #expect(try partitionScores(found.labels, known).ami ?? -1 >= ami)
    if let groups { #expect(found.hierarchy.tree.leafCount == groups) }
    // The true number, where it is given, does no harm.
    options.communities = Set(known).count
    let given = try bottomUpCommunities(of: graph, options: options)
    #expect(try partitionScores(given.labels, known).ami ?? -1 >= ami - 0.005)
  }
}
