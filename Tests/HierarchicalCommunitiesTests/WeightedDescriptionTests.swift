import Foundation
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

/// Weights in descriptions.
@Suite struct WeightedDescriptionTests {
  /// A random graph whose edges have weights that `weight` draws by whether they are inside one of the groups.
  private func drawn(
    groups: Int, size: Int, inside: Int, between: Int, seed: UInt64,
    weight: (_ isInside: Bool, inout CounterRandom) -> Double
  ) throws -> (graph: CSRGraph, truth: [Int32]) {
    var random = CounterRandom(seed: seed, stage: "test-weights")
    let n = groups * size
    // A cycle through all nodes, so that none is alone.
    var pairs = Set((0..<n).map { [min($0, ($0 + 1) % n), max($0, ($0 + 1) % n)] })
    func draw(_ count: Int, _ isInside: Bool) {
      var left = count
      while left > 0 {
        let u = Int(random.below(UInt64(n)))
        let v = isInside ? u / size * size + Int(random.below(UInt64(size))) : Int(random.below(UInt64(n)))
        if u != v, (u / size == v / size) == isInside, pairs.insert([min(u, v), max(u, v)]).inserted { left -= 1 }
      }
    }
    draw(inside, true)
    draw(between, false)
    let sorted = pairs.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    let edges = sorted.map { ($0[0], $0[1], weight($0[0] / size == $0[1] / size, &random)) }
    return (try CSRGraph(nodeCount: n, weightedEdges: edges), (0..<n).map { Int32($0 / size) })
  }

  private func exponential(_ random: inout CounterRandom) -> Double { -log(1 - random.unit()) }

  private func buffer(_ labels: [Int32]) throws -> FlatBuffer<UInt32> {
    let buffer = try FlatBuffer<UInt32>(uninitializedCount: labels.count)
    for (i, label) in labels.enumerated() { buffer.base[i] = UInt32(label) }
    return buffer
  }

  private func lf(_ x: Int) -> Double { x < 2 ? 0 : (2...x).reduce(0.0) { $0 + log(Double($1)) } }

  /// What weights add to a star: for the edges inside each group, and those between groups, an exponential model whose
  /// mean is drawn around that of all.
  private func weightsOfStar(_ graph: CommunityGraph, _ ranked: CommunityGraph, _ labels: [Int32]) -> Double {
    var (edges, sums) = ([Int32: Int](), [Int32: Double]())
    var (all, count) = (0.0, 0)
    for u in 0..<graph.nodeCount {
      for e in Int(graph.offsets[u])..<Int(graph.offsets[u + 1]) where Int(graph.targets[e]) > u {
        let key = labels[u] == labels[Int(graph.targets[e])] ? labels[u] : -1
        edges[key, default: 0] += 1
        sums[key, default: 0] += Double(ranked.weights!.base[e])
        all += Double(ranked.weights!.base[e])
        count += 1
      }
    }
    let mean = all / Double(count)
    return edges.reduce(0.0) { $0 + Double($1.value + 1) * log(1 + sums[$1.key]! / mean) - lf($1.value) }
  }

  @Test("Ranks: of equal weights half count, the unit and the distribution do not matter, equal weights are none")
  func ranks() throws {
    func ranked(_ weights: [Double]) throws -> [UInt64]? {
      let edges = weights.enumerated().map { ($0, $0 + 1, $1) }
      let work = try CommunityGraph(CSRGraph(weightedEdges: edges), context: RunContext(threads: 1))
      return try work.rankedByWeight().map { graph in (0..<graph.arcCount).map { graph.weights!.base[$0] } }
    }
    let four = try #require(try ranked([1, 2, 2, 3]))
    // Of four edges 3.5, 2 and 0.5 weigh more.
    let expected = [3.5 / 4, 2.0 / 4, 0.5 / 4].map { UInt64((-65_536 * log($0)).rounded()) }
    #expect(Set(four) == Set(expected) && four.count { $0 == expected[1] } == 4)
    #expect(try ranked([0.001, 0.002, 0.002, 1e9]) == four)
    #expect(try ranked([5, 5, 5]) == nil)
    #expect(try ranked([1, 2]) != nil)
  }

  @Test("The length is what the edges and ranks say, for stars, merges, moves and trees", arguments: 0..<5)
  func recount(seed: UInt64) throws {
    let (graph, _) = try drawn(groups: 3, size: 9, inside: 40, between: 20, seed: seed) { isInside, random in
      self.exponential(&random) * (isInside ? 3 : 1)
    }
    let work = try CommunityGraph(graph, context: RunContext(threads: 1))
    let ranked = try #require(try work.rankedByWeight())
    let described = try DescribedGraph(work)
    let plain = try DescribedGraph(work.withoutWeights())
    func star(_ labels: [Int32]) throws -> Double {
      let count = Int(labels.max()!) + 1
      let known = try PartitionSummary(plain, labels: buffer(labels), count: count).star
      return known + weightsOfStar(work, ranked, labels)
    }
    for groups in [1, 2, 3, 6] {
      let labels = LabelNumbering.byFirstNode((0..<27).map { Int32($0 * groups / 27) })
      let summary = try PartitionSummary(described, labels: buffer(labels), count: groups)
      #expect(abs(summary.star - (try star(labels))) < 1e-7)
      let counts = try GroupLinks(work.withoutWeights(), labels: labels, count: groups, threads: 1)
      let weights = try GroupLinks(ranked, labels: labels, count: groups, threads: 1)
      let lengths = DescriptionLengths(
        counts, ranked: weights, tree: counts.linkageTree(.volume), bestFlat: nil)
      #expect(abs(lengths.tree - summary.tree) < 1e-7 && abs(lengths.levels.last! - summary.star) < 1e-7)
      #expect(abs(lengths.oneGroup - (try star([Int32](repeating: 0, count: 27)))) < 1e-7)
    }
    let start = (0..<27).map { Int32($0 / 3) }
    var merging = GroupMerging(try PartitionSummary(described, labels: buffer(start), count: 9))
    let merged = merging.run(minimum: 2)
    let joined = start.map { merged.groupOf[Int($0)] }
    #expect(abs(try star(joined) - star(start) - merged.change) < 1e-7)
    let found = try PartitionPolish.run(described, start: start, minimum: 1, context: RunContext(threads: 1))
    #expect(abs(found.star - (try star(found.numbered))) < 1e-7)
    for node in 0..<27 {
      for group in 0...(found.numbered.max()! + 1) {
        var moved = found.numbered
        moved[node] = group
        let isLinked =
          group > found.numbered.max()!
          || graph.neighbors(of: node).contains { found.numbered[Int($0)] == group }
        if isLinked { #expect(try star(LabelNumbering.byFirstNode(moved)) > found.star - 1e-6) }
      }
    }
  }

  @Test("Groups that only weights show are found, and where weights say nothing there are none", arguments: 1..<4)
  func weightsAlone(seed: UInt64) throws {
    // As many edges between as inside, by pairs: a uniform graph.
    let (graph, truth) = try drawn(groups: 3, size: 80, inside: 600, between: 1220, seed: seed) { isInside, random in
      self.exponential(&random) * (isInside ? 12 : 1)
    }
    let found = try bottomUpCommunities(of: graph)
    #expect(try partitionScores(found.labels, truth).ami ?? -1 > 0.9)
    #expect(found.lengths.tree < found.lengths.oneGroup)
    for threads in [2, 4] {
      #expect(try bottomUpCommunities(of: graph, context: RunContext(threads: threads)) == found)
    }
    var options = BottomUpOptions()
    options.usesWeights = false
    #expect(try bottomUpCommunities(of: graph, options: options).hierarchy.tree.leafCount == 1)
    // Weights without regard to groups, some of them huge.
    let (noise, _) = try drawn(groups: 3, size: 80, inside: 600, between: 1220, seed: seed) { _, random in
      let weight = self.exponential(&random)
      return weight * weight * weight
    }
    #expect(try bottomUpCommunities(of: noise).hierarchy.tree.leafCount == 1)
  }

  @Test("Weights that say nothing leave groups of links as they are", arguments: 1..<4)
  func noisyWeights(seed: UInt64) throws {
    let (graph, truth) = try drawn(groups: 4, size: 50, inside: 1200, between: 300, seed: seed) { _, random in
      1 / (0.001 + random.unit())
    }
    let found = try bottomUpCommunities(of: graph)
    #expect(found.hierarchy.tree.leafCount == 4)
    #expect(try partitionScores(found.labels, truth).ami ?? -1 > 0.98)
  }
}
