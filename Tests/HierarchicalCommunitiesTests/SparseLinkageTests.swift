import Foundation
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

/// What must hold where there are many groups, deep trees, or nodes of very many neighbors.
@Suite struct SparseLinkageTests {
  /// The chain as it was before heaps: every search looks at the whole row.
  private struct SlowChain {
    var rows: [[Int32: UInt64]]
    var sizes: [UInt64]
    var names: [Int32]
    var isActive: [Bool]

    mutating func merges() -> [Merge] {
      var (merges, finished, chain): ([Merge], [Int], [Int]) = ([], [], [])
      for start in rows.indices where isActive[start] {
        chain.append(start)
        while let top = chain.last {
          let previous = chain.count > 1 ? chain[chain.count - 2] : -1
          guard let next = nearest(top, previous) else {
            finished.append(Int(names[top]))
            isActive[top] = false
            chain.removeLast()
            continue
          }
          guard next == previous else {
            chain.append(next)
            continue
          }
          chain.removeLast(2)
          let density = ExactDensity(edges: rows[top][Int32(next)]!, pairs: sizes[top] * sizes[next])
          merges.append(Merge(a: Int(names[top]), b: Int(names[next]), density: density))
          merge(top, next)
          if chain.isEmpty { chain.append(isActive[next] ? next : top) }
        }
      }
      let order = merges.indices.sorted { x, y in
        if merges[y].density < merges[x].density { return true }
        return merges[x].density < merges[y].density ? false : x < y
      }
      return order.map { merges[$0] } + Merge.withoutEdges(finished.sorted())
    }

    private func nearest(_ a: Int, _ previous: Int) -> Int? {
      rows[a].min { x, y in
        let (p, q) = (
          ExactDensity(edges: x.value, pairs: sizes[Int(x.key)]), ExactDensity(edges: y.value, pairs: sizes[Int(y.key)])
        )
        if q < p { return true }
        if p < q { return false }
        if Int(x.key) == previous || Int(y.key) == previous { return Int(x.key) == previous }
        return names[Int(x.key)] < names[Int(y.key)]
      }.map { Int($0.key) }
    }

    private mutating func merge(_ x: Int, _ y: Int) {
      let (a, b) = rows[x].count >= rows[y].count ? (x, y) : (y, x)
      let moved = rows[b]
      rows[b] = [:]
      isActive[b] = false
      rows[a][Int32(b)] = nil
      for (c, edges) in moved where Int(c) != a {
        rows[Int(c)][Int32(b)] = nil
        rows[Int(c)][Int32(a), default: 0] += edges
        rows[a][c, default: 0] += edges
      }
      sizes[a] += sizes[b]
      names[a] = min(names[a], names[b])
    }
  }

  /// Random sparse counts; small numbers, so that there are many ties.
  private func rows(_ seed: UInt64) -> (rows: [[Int32: UInt64]], sizes: [UInt64]) {
    var random = CounterRandom(seed: seed, stage: "test-sparse-rows")
    let n = 2 + Int(random.below(60))
    var rows = [[Int32: UInt64]](repeating: [:], count: n)
    let hub = Int(random.below(UInt64(n)))
    for u in 0..<n {
      for v in 0..<u where random.unit() < (u == hub || v == hub ? 0.9 : 0.06) {
        let weight = 1 + random.below(seed % 3 == 0 ? 1 : 4)
        rows[u][Int32(v)] = weight
        rows[v][Int32(u)] = weight
      }
    }
    let sizes = rows.map { row in seed % 2 == 0 ? max(1, row.values.reduce(0, +)) : 1 + random.below(3) }
    return (rows, sizes)
  }

  @Test(
    "The chain makes the merges of a chain that looks at whole rows, ties included, with heaps and without",
    arguments: [0, 3, 512])
  func chain(searchedLength: Int) {
    for seed in 0..<UInt64(2000) {
      let (rows, sizes) = rows(seed)
      var fast = ChainLinkage(rows: rows, sizes: sizes, searchedLength: searchedLength)
      var slow = SlowChain(
        rows: rows, sizes: sizes, names: rows.indices.map { Int32($0) },
        isActive: [Bool](repeating: true, count: rows.count))
      let (a, b) = (fast.merges(), slow.merges())
      #expect(
        a.map { [$0.a, $0.b, Int($0.density.edges), Int($0.density.pairs)] }
          == b.map { [$0.a, $0.b, Int($0.density.edges), Int($0.density.pairs)] }, "seed \(seed)")
    }
  }

  @Test("Paris takes a star in one leaf after the other, wherever its center is", arguments: [0, 500, 999])
  func star(center: Int) throws {
    let n = 1000
    let graph = try CSRGraph(nodeCount: n, edges: (0..<n).filter { $0 != center }.map { (center, $0) })
    let found = try parisHierarchy(of: graph)
    let tree = found.hierarchy.tree
    #expect(tree.height == n - 1 && inversions(of: tree).isEmpty)
    // A tree of a path of merges: every inner node has a single node among its children.
    for node in tree.innerNodes { #expect(tree.children(of: node).contains { $0 < n }) }
    #expect(try hierarchyFit(of: found.hierarchy, in: graph).dasguptaCost > 0)
  }

  @Test("Counts by sparse rows are those of the full table", arguments: 0..<8 as Range<UInt64>)
  func sparseCounts(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-group-links")
    let n = 3000
    var edges: [(Int, Int, Double)] = []
    for u in 1..<n { for _ in 0..<3 { edges.append((u, Int(random.below(UInt64(u))), Double(random.below(4)))) } }
    let work = try CommunityGraph(CSRGraph(nodeCount: n, weightedEdges: edges), context: RunContext(threads: 1))
    let k = 40
    let labels = (0..<work.nodeCount).map { _ in Int32(random.below(UInt64(k + 1))) - 1 }
    let full = try GroupLinks(work, labels: labels, count: k, threads: 2)
    var table = [UInt64](repeating: 0, count: k * k)
    for u in 0..<work.nodeCount {
      for e in Int(work.offsets[u])..<Int(work.offsets[u + 1]) {
        let (a, b) = (Int(labels[u]), Int(labels[Int(work.targets[e])]))
        if a >= 0, b >= 0, a != b || Int(work.targets[e]) > u { table[a * k + b] += work.weights?.base[e] ?? 1 }
      }
    }
    #expect(full.table == table)
    // The same labels among 5,000 groups: rows are counted one by one.
    let spread = labels.map { $0 < 0 ? -1 : $0 * 125 }
    let sparse = try GroupLinks(work, labels: spread, count: 5000, threads: 2)
    #expect(sparse.keeping((0..<k).map { 125 * $0 }) == full)
    #expect(sparse.sizes.reduce(0, +) == full.sizes.reduce(0, +))
    let merged = full.merged(by: (0..<Int32(k)).map { $0 / 8 }, count: 5)
    let direct = try GroupLinks(work, labels: labels.map { $0 < 0 ? -1 : $0 / 8 }, count: 5, threads: 1)
    #expect(merged == direct)
  }

  @Test("Common ancestors along heavy paths are those of climbing", arguments: 0..<30 as Range<UInt64>)
  func ancestors(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-ancestors")
    let leaves = seed < 3 ? 600 : 1 + Int(random.below(40))
    var parents = [Int32](repeating: -1, count: leaves)
    var open = (0..<leaves).map { $0 }
    while open.count > 1 {
      let children = min(open.count, 2 + Int(random.below(2)))
      for _ in 0..<children {
        // Often the newest node: deep trees.
        let place = random.unit() < 0.5 ? open.count - 1 : Int(random.below(UInt64(open.count)))
        parents[open.remove(at: place)] = Int32(parents.count)
      }
      open.append(parents.count)
      parents.append(-1)
    }
    let tree = try CommunityTree(
      leafCount: leaves, parents: parents, leafSizes: [Int](repeating: 1, count: leaves),
      similarities: [Double](repeating: 0, count: parents.count))
    let ancestors = CommonAncestors(tree)
    for a in stride(from: 0, to: leaves, by: 7) {
      for b in 0..<leaves { #expect(ancestors.deepest(a, b) == tree.commonAncestor(a, b)) }
    }
  }

  @Test("Divergences by bounds are the least over all pairs at every depth", arguments: 1...5 as ClosedRange<UInt64>)
  func divergences(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-divergences")
    let k = 9
    var table = [UInt64](repeating: 0, count: k * k)
    for a in 0..<k {
      for b in 0...a {
        table[a * k + b] = a == b ? 3000 + random.below(900) : random.below(800)
        table[b * k + a] = table[a * k + b]
      }
    }
    let links = GroupLinks(sizes: [Int](repeating: 100, count: k), links: table)
    let tree = links.linkageTree()
    let found = try #require(RecoveryThresholds(links, tree: tree)).divergences
    #expect(found.count == tree.height)
    for depth in 1...tree.height {
      // Two leaves alone, with their rates to all others: the least over pairs that are apart.
      let groups = tree.cut(atDepth: depth).groupOfLeaf
      var least = Double.infinity
      for a in 0..<k { for b in 0..<a where groups[a] != groups[b] { least = min(least, divergence(a, b, links)) } }
      #expect(abs(found[depth - 1] - least) < 1e-6 * least)
    }
  }

  /// By a fine grid.
  private func divergence(_ a: Int, _ b: Int, _ links: GroupLinks) -> Double {
    let n = Double(links.sizes.reduce(0, +))
    let scale = n / Logarithm.natural(n)
    return (0...4000).map { step in
      let t = Double(step) / 4000
      return (0..<links.count).reduce(0.0) { sum, c in
        let (p, q) = (min(1, links.density(a, c)) * scale, min(1, links.density(b, c)) * scale)
        let mixed = p > 0 && q > 0 ? Foundation.pow(p, t) * Foundation.pow(q, 1 - t) : 0
        return sum + Double(links.sizes[c]) / n * (t * p + (1 - t) * q - mixed)
      }
    }.max()!
  }
}
