import GraphStore
import MillRuntime

extension GroupLinks {
  /// The tree that merges groups by density, the densest pair first.
  ///
  /// All comparisons are exact (integers), so densities never rise from one merge to the next and there are no
  /// inversions. Ties go to the pair with the smallest lowest leaf, then the smallest other one. Groups without any edge
  /// between them merge last, at density 0.
  ///
  /// - Parameter rule: How densities to a merged group follow.
  /// - Complexity: O(K²) time for most inputs, O(K³) at worst; 16 K² bytes.
  /// - Source: Dreveton, Kuroda, Grossglauser, Thiran, "When does bottom-up beat top-down in hierarchical community
  ///   detection?", Journal of the American Statistical Association, 2026 (arXiv 2306.00833), section 2.2.
  public func linkageTree(_ rule: LinkageRule = .average) -> CommunityTree {
    let merges: [Merge]
    if rule == .average, count > Self.largestGreedy {
      var chain = ChainLinkage(self)
      merges = chain.merges()
    } else {
      var linkage = GreedyLinkage(self, rule)
      merges = linkage.merges()
    }
    return CommunityTree.fromMerges(
      merges, sizes: sizes, inside: (0..<count).map { density($0, $0) }, unit: unit)
  }
}

extension GroupLinks {
  /// Groups above which average linkage follows chains on sparse rows.
  static let largestGreedy = 1024
}

/// Merges the best pair until one cluster is left, with the best partner of every cluster at hand.
struct GreedyLinkage {
  private let k: Int
  private let rule: LinkageRule
  private var sizes: [UInt64]
  private var table: [ExactDensity]
  private var active: [Int]
  private var partner: [Int]

  init(_ links: GroupLinks, _ rule: LinkageRule) {
    k = links.count
    self.rule = rule
    sizes = links.sizes.map { UInt64(max(1, $0)) }
    table = []
    table.reserveCapacity(k * k)
    for a in 0..<k {
      for b in 0..<k { table.append(ExactDensity(edges: links.links[a * k + b], pairs: sizes[a] * sizes[b])) }
    }
    active = (0..<k).map { $0 }
    partner = [Int](repeating: -1, count: k)
  }

  /// Clusters are named by their smallest leaf, which is also their row.
  mutating func merges() -> [Merge] {
    var merges: [Merge] = []
    for a in active { partner[a] = bestPartner(of: a) }
    while active.count > 1 {
      var best = active[0]
      for a in active.dropFirst() where isBetter((a, partner[a]), than: (best, partner[best])) { best = a }
      let (a, b) = (min(best, partner[best]), max(best, partner[best]))
      merges.append(Merge(a: a, b: b, density: table[a * k + b]))
      merge(b, into: a)
    }
    return merges
  }

  private func isBetter(_ x: (Int, Int), than y: (Int, Int)) -> Bool {
    let (dx, dy) = (table[x.0 * k + x.1], table[y.0 * k + y.1])
    if dy < dx { return true }
    if dx < dy { return false }
    return (min(x.0, x.1), max(x.0, x.1)) < (min(y.0, y.1), max(y.0, y.1))
  }

  private func bestPartner(of a: Int) -> Int {
    var best = -1
    for b in active where b != a {
      if best < 0 || isBetter((a, b), than: (a, best)) { best = b }
    }
    return best
  }

  private mutating func merge(_ b: Int, into a: Int) {
    active.remove(at: active.firstIndex(of: b)!)
    let size = sizes[a] + sizes[b]
    for c in active where c != a {
      let (x, y) = (table[a * k + c], table[b * k + c])
      let joined: ExactDensity =
        switch rule {
        case .average: ExactDensity(edges: x.edges + y.edges, pairs: size * sizes[c])
        case .single: x < y ? y : x
        case .complete: y < x ? y : x
        }
      table[a * k + c] = joined
      table[c * k + a] = joined
    }
    sizes[a] = size
    guard active.count > 1 else { return }
    partner[a] = bestPartner(of: a)
    for c in active where c != a {
      // Reducible rules never make the joined cluster nearer than the nearer part was, but a tie may now go to it.
      if partner[c] == a || partner[c] == b {
        partner[c] = bestPartner(of: c)
      } else if isBetter((c, a), than: (c, partner[c])) {
        partner[c] = a
      }
    }
  }
}

/// Average linkage by the nearest-neighbour chain on sparse rows: for many groups with few links each.
///
/// - Source: Murtagh, "A survey of recent advances in hierarchical clustering algorithms", The Computer Journal 26, 1983.
struct ChainLinkage {
  /// Weight to each linked cluster.
  private var rows: [[Int32: UInt64]]
  private var sizes: [UInt64]
  /// The smallest leaf of each cluster, for ties.
  private var names: [Int32]
  private var isActive: [Bool]

  init(_ links: GroupLinks) {
    let k = links.count
    var rows = [[Int32: UInt64]](repeating: [:], count: k)
    for a in 0..<k {
      for b in 0..<k where b != a && links.links[a * k + b] > 0 { rows[a][Int32(b)] = links.links[a * k + b] }
    }
    self.init(rows: rows, sizes: links.sizes.map { UInt64(max(1, $0)) })
  }

  /// - Parameters:
  ///   - rows: Symmetric, without entries of 0 and of a cluster to itself.
  ///   - sizes: What the weight between two clusters is divided by; products of two below 2^64.
  init(rows: [[Int32: UInt64]], sizes: [UInt64]) {
    self.rows = rows
    self.sizes = sizes
    names = (0..<Int32(rows.count)).map { $0 }
    isActive = [Bool](repeating: true, count: rows.count)
  }

  /// Merges in an order of falling density.
  mutating func merges() -> [Merge] {
    var merges: [Merge] = []
    var finished: [Int] = []
    var chain: [Int] = []
    for start in rows.indices {
      if !isActive[start] { continue }
      chain.append(start)
      while let top = chain.last {
        let previous = chain.count > 1 ? chain[chain.count - 2] : -1
        guard let next = nearest(of: top, preferring: previous) else {
          finished.append(Int(names[top]))
          isActive[top] = false
          chain.removeLast()
          continue
        }
        if next == previous {
          chain.removeLast(2)
          merges.append(Merge(a: Int(names[top]), b: Int(names[next]), density: density(top, next)))
          merge(top, next)
          // The cluster that a merge made goes on as a start of its own.
          if chain.isEmpty { chain.append(isActive[next] ? next : top) }
        } else {
          chain.append(next)
        }
      }
    }
    let order = merges.indices.sorted { x, y in
      if merges[y].density < merges[x].density { return true }
      if merges[x].density < merges[y].density { return false }
      return x < y
    }
    var result = order.map { merges[$0] }
    finished.sort()
    for other in finished.dropFirst() {
      result.append(Merge(a: finished[0], b: other, density: ExactDensity(edges: 0, pairs: 1)))
    }
    return result
  }

  private func density(_ a: Int, _ b: Int) -> ExactDensity {
    ExactDensity(edges: rows[a][Int32(b)] ?? 0, pairs: sizes[a] * sizes[b])
  }

  /// The densest partner; of equals the one before in the chain, then the one with the smallest leaf.
  private func nearest(of a: Int, preferring previous: Int) -> Int? {
    var best = -1
    // The size of `a` divides all of its densities, so it is left out of the comparison.
    var density = ExactDensity(edges: 0, pairs: 1)
    for (key, edges) in rows[a] {
      let b = Int(key)
      let value = ExactDensity(edges: edges, pairs: sizes[b])
      if best < 0 || density < value
        || (density == value && best != previous && (b == previous || names[b] < names[best]))
      {
        (best, density) = (b, value)
      }
    }
    return best < 0 ? nil : best
  }

  /// Moves the shorter row into the longer one.
  private mutating func merge(_ x: Int, _ y: Int) {
    let (a, b) = rows[x].count >= rows[y].count ? (x, y) : (y, x)
    let moved = rows[b]
    rows[b] = [:]
    isActive[b] = false
    rows[a][Int32(b)] = nil
    for (key, edges) in moved where Int(key) != a {
      let c = Int(key)
      rows[c][Int32(b)] = nil
      rows[c][Int32(a), default: 0] += edges
      rows[a][key, default: 0] += edges
    }
    sizes[a] += sizes[b]
    names[a] = min(names[a], names[b])
  }
}
