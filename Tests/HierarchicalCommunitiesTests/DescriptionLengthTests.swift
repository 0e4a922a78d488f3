import Foundation
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct DescriptionLengthTests {
  @Test("Logarithms of factorials and counts")
  func factorials() {
    for x in [0, 1, 2, 5, 12, 20, 21, 22, 40, 1000, 123_456] {
      #expect(abs(LogFactorial.of(x) - lf(x)) <= 1e-11 * max(1, lf(x)))
    }
    #expect(abs(LogFactorial.choose(7, 3) - log(35)) < 1e-12)
    #expect(abs(LogFactorial.multisets(bins: 3, items: 4) - log(15)) < 1e-12)
    #expect(LogFactorial.binaryTrees(leaves: 1) == 0)
    for (leaves, trees) in [(2, 1.0), (3, 3), (4, 15), (5, 105)] {
      #expect(abs(LogFactorial.binaryTrees(leaves: leaves) - log(trees)) < 1e-12)
    }
  }

  /// A random graph without lone nodes, two halves of which have more edges inside.
  private func graph(_ n: Int, edges: Int, seed: UInt64) throws -> CommunityGraph {
    var random = CounterRandom(seed: seed, stage: "test-description")
    var pairs: [(Int, Int)] = (1..<n).map { ($0 - 1, $0) }
    for _ in 0..<edges {
      let u = Int(random.below(UInt64(n)))
      let half = random.unit() < 0.8 ? u / (n / 2) : Int(random.below(2))
      let v = half * (n / 2) + Int(random.below(UInt64(n / 2)))
      if v < n, u != v { pairs.append((u, v)) }
    }
    return try CommunityGraph(CSRGraph(nodeCount: n, edges: pairs), context: RunContext(threads: 1))
  }

  private func buffer(_ labels: [Int32]) throws -> FlatBuffer<UInt32> {
    let buffer = try FlatBuffer<UInt32>(uninitializedCount: labels.count)
    for (i, label) in labels.enumerated() { buffer.base[i] = UInt32(label) }
    return buffer
  }

  /// ln x!, factor by factor.
  private func lf(_ x: Int) -> Double { x < 2 ? 0 : (2...x).reduce(0.0) { $0 + log(Double($1)) } }

  /// The length by a star, written down once more from the edges.
  private func star(_ graph: CSRGraph, _ labels: [Int32]) -> Double {
    let groups = Set(labels)
    let (n, e) = (graph.nodeCount, graph.edgeCount)
    var (length, outside, products) = (0.0, e, 0.0)
    var volumes: [Int32: Double] = [:]
    for group in groups {
      let nodes = labels.indices.filter { labels[$0] == group }
      let inside = nodes.reduce(0) { $0 + graph.neighbors(of: $1).count { labels[Int($0)] == group } } / 2
      let volume = Double(nodes.reduce(0) { $0 + graph.degree(of: $1) })
      volumes[group] = volume
      outside -= inside
      if inside > 0 { length += Double(inside) * log(volume * volume / 2) - lf(inside) }
      length -= lf(nodes.count)
    }
    for (a, x) in volumes { for (b, y) in volumes where a < b { products += x * y } }
    if outside > 0 { length += Double(outside) * log(products) - lf(outside) }
    let bins = groups.count > 1 ? groups.count + 1 : 1
    length += lf(bins + e - 1) - lf(e) - lf(bins - 1)
    length += lf(n - 1) - lf(groups.count - 1) - lf(n - groups.count) + lf(n) + log(Double(n)) - lf(groups.count)
    return length
  }

  @Test("The length by a star is what the edges say; the tree's is the same from either side", arguments: 0..<6)
  func recount(seed: Int) throws {
    let work = try graph(24, edges: 50 + 10 * seed, seed: UInt64(seed))
    let described = try DescribedGraph(work)
    for groups in [1, 2, 3, 6] {
      let labels = LabelNumbering.byFirstNode((0..<24).map { Int32(($0 * groups / 24 + seed * $0 % 2) % groups) })
      let count = Int(labels.max()!) + 1
      let summary = try PartitionSummary(described, labels: buffer(labels), count: count)
      #expect(abs(summary.star - star(work.graph, labels)) < 1e-8)
      let links = try GroupLinks(work, labels: labels, count: count, threads: 1)
      let lengths = DescriptionLengths(links, ranked: nil, tree: links.linkageTree(.volume), bestFlat: nil)
      #expect(abs(lengths.tree - summary.tree) < 1e-8)
      #expect(lengths.levels.count == links.linkageTree(.volume).height + 1)
      #expect(abs(lengths.oneGroup - star(work.graph, [Int32](repeating: 0, count: 24))) < 1e-8)
      #expect(abs(lengths.levels.last! - summary.star) < 1e-8)
      if count == 1 { #expect(abs(lengths.tree - lengths.oneGroup) < 1e-8) }
    }
  }

  @Test("Merging tells by how much the description is shorter, and reaches any number of groups", arguments: 0..<6)
  func merging(seed: Int) throws {
    let work = try graph(30, edges: 70, seed: UInt64(seed))
    let described = try DescribedGraph(work)
    let start = (0..<30).map { Int32($0 / 2) }
    let before = try PartitionSummary(described, labels: buffer(start), count: 15)
    for (minimum, isExact) in [(1, false), (2, false), (4, true), (1, true), (15, true)] {
      var merging = GroupMerging(before)
      let merged = merging.run(minimum: minimum, isExact: isExact)
      let labels = start.map { merged.groupOf[Int($0)] }
      #expect(Set(labels).count == merged.count && merged.count >= minimum)
      if isExact { #expect(merged.count == minimum) } else { #expect(merged.change <= 0) }
      #expect(abs(star(work.graph, labels) - before.star - merged.change) < 1e-7)
    }
  }

  @Test("After polishing no single node and no pair of linked groups shortens the description", arguments: 0..<6)
  func polish(seed: Int) throws {
    let work = try graph(26, edges: 60 + 8 * seed, seed: UInt64(seed))
    let described = try DescribedGraph(work)
    for start in [(0..<26).map { Int32($0) }, (0..<26).map { Int32($0 % 4) }] {
      let known = star(work.graph, start)
      let found = try PartitionPolish.run(described, start: start, minimum: 1, context: RunContext(threads: 1))
      let labels = found.numbered
      #expect(found.star <= known + 1e-9 && abs(found.star - star(work.graph, labels)) < 1e-8)
      for node in labels.indices {
        for group in Set(work.graph.neighbors(of: node).map { labels[Int($0)] }).union([labels.max()! + 1]) {
          var moved = labels
          moved[node] = group
          #expect(star(work.graph, moved) > found.star - 1e-6)
        }
      }
      for a in 0..<(labels.max() ?? 0) {
        #expect(star(work.graph, labels.map { $0 == a + 1 ? a : $0 }) > found.star - 1e-6)
      }
      let kept = try PartitionPolish.run(described, start: start, minimum: 3, context: RunContext(threads: 1))
      #expect(kept.count >= 3)
      let exact = try PartitionPolish.run(
        described, start: start, minimum: 4, isExact: true, context: RunContext(threads: 1))
      #expect(exact.count == 4)
    }
  }

  @Test(
    "Known lengths of real graphs by their true groups", .needsSharedData("communities/highschool-2013/labels.tsv"),
    arguments: [("dolphins", 1050.0, 1.0), ("polblogs", 185_326, 1), ("highschool-2013", 55_692.3, 0.1)])
  func golden(name: String, length: Double, error: Double) throws {
    let whole = try SharedData.graph("communities/\(name)/edges.tsv").frozen()
    let truth = try SharedData.labels("communities/\(name)/labels.tsv", nodeCount: whole.nodeCount)
    let part = try whole.largestComponent()
    let work = try CommunityGraph(part.graph, usesWeights: false, context: RunContext(threads: 1))
    let labels = LabelNumbering.byFirstNode((0..<part.graph.nodeCount).map { truth[Int(part.graph.name(of: $0))!] })
    let count = Int(labels.max()!) + 1
    let summary = try PartitionSummary(DescribedGraph(work), labels: buffer(labels), count: count)
    #expect(abs(summary.star - length) <= error)
  }
}
