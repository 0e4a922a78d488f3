import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct LinkageTests {
  /// Random counts of edges between up to 64 groups.
  private func links(_ seed: UInt64, density: Double) -> GroupLinks {
    var random = CounterRandom(seed: seed, stage: "test-links")
    let k = 2 + Int(random.below(63))
    let sizes = (0..<k).map { _ in 1 + Int(random.below(100_000)) }
    var table = [UInt64](repeating: 0, count: k * k)
    for a in 0..<k {
      for b in 0...a where random.unit() < density {
        table[a * k + b] = 1 + random.below(1_000_000_007)
        table[b * k + a] = table[a * k + b]
      }
    }
    return GroupLinks(sizes: sizes, links: table)
  }

  @Test("Greedy and chain linkage give the same tree")
  func greedyIsChain() {
    for seed in 0..<UInt64(1000) {
      let links = links(seed, density: seed % 3 == 0 ? 0.1 : 1)
      var greedy = GreedyLinkage(links, .average)
      var chain = ChainLinkage(links)
      let (a, b) = (tree(greedy.merges(), links), tree(chain.merges(), links))
      // With several components, ties at 0 may be broken differently; positive merges must agree.
      #expect(clades(a) == clades(b), "seed \(seed)")
    }
  }

  private func tree(_ merges: [Merge], _ links: GroupLinks) -> CommunityTree {
    .fromMerges(merges, sizes: links.sizes, inside: links.sizes.map { _ in .nan }, unit: 1)
  }

  private func clades(_ tree: CommunityTree) -> Set<[UInt64]> {
    let sets = tree.leafSets
    return Set(tree.innerNodes.filter { tree.similarities[$0] > 0 }.map { sets[$0] })
  }

  @Test("Every merge has the density that a recount gives, and densities never rise", arguments: LinkageRule.allCases)
  func heights(rule: LinkageRule) {
    for seed in 0..<UInt64(100) {
      let links = links(seed, density: 0.5)
      let tree = links.linkageTree(rule)
      #expect(tree.innerNodes.count == links.count - 1)
      #expect(inversions(of: tree).isEmpty)
      #expect(tree.sizes.last == links.sizes.reduce(0, +))
      let sets = tree.leafSets
      var previous = Double.infinity
      for node in tree.innerNodes {
        #expect(tree.similarities[node] <= previous)
        previous = tree.similarities[node]
        let sides = tree.children(of: node).map { child in
          (0..<links.count).filter { sets[Int(child)][$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
        }
        var densities: [Double] = []
        var edges: UInt64 = 0
        for a in sides[0] {
          for b in sides[1] {
            edges += links.edges(a, b)
            densities.append(links.density(a, b))
          }
        }
        let pairs =
          Double(tree.sizes[Int(tree.children(of: node).first!)])
          * Double(tree.sizes[Int(tree.children(of: node).last!)])
        switch rule {
        case .average: #expect(abs(tree.similarities[node] - Double(edges) / pairs) <= 1e-15 * Double(edges) / pairs)
        case .volume:
          // Volumes of such counts are rounded to 32 bits together.
          let volumes = (0..<links.count).map { a in
            Double((0..<links.count).reduce(links.edges(a, a)) { $0 + links.edges(a, $1) })
          }
          let mean = volumes.reduce(0, +) / Double(links.sizes.reduce(0, +))
          let product = sides.map { $0.reduce(0.0) { $0 + max(1, volumes[$1]) } }.reduce(1, *)
          let expected = Double(edges) / product * mean * mean
          #expect(abs(tree.similarities[node] - expected) <= 1e-4 * expected)
        case .single: #expect(tree.similarities[node] == densities.max())
        case .complete: #expect(tree.similarities[node] == densities.min())
        }
      }
    }
  }

  /// Ties go to the smallest leaves: all pairs are equal, so 0 takes in 1, 2, 3 in this order.
  @Test func ties() {
    let table = (0..<16).map { $0 % 5 == 0 ? UInt64(0) : 1 }
    let tree = GroupLinks(sizes: [1, 1, 1, 1], links: table).linkageTree()
    #expect(tree.parents == [4, 4, 5, 6, 5, 6, -1] || tree.parents == [4, 4, 5, 5, 6, 6, -1])
    #expect(tree.parents[0] == 4 && tree.parents[1] == 4)
    #expect(tree.similarities.suffix(3) == [1, 1, 1])
  }

  @Test func groupsWithoutEdgesJoinLastAtZero() {
    var table = [UInt64](repeating: 0, count: 16)
    (table[1], table[4], table[11], table[14]) = (3, 3, 5, 5)
    let tree = GroupLinks(sizes: [1, 1, 1, 1], links: table).linkageTree()
    #expect(tree.similarities.suffix(3) == [5, 3, 0])
    #expect(tree.commonAncestor(0, 1) == 5 && tree.commonAncestor(2, 3) == 4)
  }

  @Test("Enormous counts are compared without rounding")
  func exact() {
    // 2^52 + 1 over 2 beats 2^53 over 4; in doubles both are equal at worst.
    let a = ExactDensity(edges: (1 << 53) + 1, pairs: (1 << 40) + 1)
    let b = ExactDensity(edges: 1 << 53, pairs: 1 << 40)
    #expect(a < b)
    #expect(!(b < a))
    #expect(ExactDensity(edges: 6, pairs: 4) == ExactDensity(edges: 3, pairs: 2))
  }

  @Test("True labels of a separated model give back its tree", arguments: [10.0, 16, 30])
  func trueLabels(degree: Double) throws {
    let model = try HierarchicalBlockModel(branching: 2, depth: 3, leafSize: 60, meanDegree: degree, ratio: 0.5)
    for seed in 1...UInt64(4) {
      var options = BlockModelOptions()
      options.seed = seed
      let sample = try generateBlockModel(model, options: options)
      let work = try CommunityGraph(sample.graph, context: RunContext(threads: 1))
      let links = try GroupLinks(work, labels: work.restricted(sample.leaves), count: 8, threads: 1)
      let found = CommunityHierarchy(tree: links.linkageTree(), leaves: sample.leaves)
      let truth = CommunityHierarchy(tree: model.tree, leaves: sample.leaves)
      #expect(try treeCorrelation(found, truth) ?? 0 > 0.9999)
    }
  }

  @Test("Resampling keeps merges that are clear and doubts those that are not")
  func confidence() throws {
    // Two clear pairs; how the third pair of pairs joins is a coin toss.
    let k = 6
    var table = [UInt64](repeating: 100, count: k * k)
    for (a, b) in [(0, 1), (2, 3), (4, 5)] { (table[a * k + b], table[b * k + a]) = (1000, 1000) }
    let links = GroupLinks(sizes: [Int](repeating: 100, count: k), links: table)
    var tree = links.linkageTree()
    tree.confidences = try links.mergeConfidence(of: tree, replicates: 200, seed: 1)
    let confidence = tree.confidences!
    #expect(confidence.prefix(6).allSatisfy { $0 == 1 } && confidence.last == 1)
    #expect(tree.innerNodes.count { confidence[$0] > 0.99 } == 4)
    let collapsed = tree.collapsed(below: 0.95)
    #expect(collapsed.nodeCount == 10)
    #expect(collapsed.children(of: 9).count == 3)
  }

  @Test("Poisson draws have the mean and the variance of their law", arguments: [0.5, 5, 40, 100, 10_000])
  func poisson(mean: Double) {
    var random = CounterRandom(seed: 3, stage: "test-poisson")
    let draws = (0..<20_000).map { _ in GroupLinks.poisson(mean, &random) }
    let average = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - average) * ($1 - average) } / 20_000
    #expect(abs(average - mean) < 5 * (mean / 20_000).squareRoot())
    #expect(abs(variance / mean - 1) < 0.06)
  }
}
