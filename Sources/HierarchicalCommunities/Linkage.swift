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
    var linkage = GreedyLinkage(self, rule)
    return CommunityTree.fromMerges(
      linkage.merges(), sizes: sizes, inside: (0..<count).map { density($0, $0) }, unit: unit)
  }
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

/// The nearest-neighbour chain on sparse rows: for many groups with few links each.
///
/// - Source: Murtagh, "A survey of recent advances in hierarchical clustering algorithms", The Computer Journal 26, 1983.
struct ChainLinkage {
  private var rows: [[Int: ExactDensity]]
  private var sizes: [UInt64]
  /// The smallest leaf of each cluster, for ties.
  private var names: [Int]
  private var isActive: [Bool]
  private let rule: LinkageRule

  init(_ links: GroupLinks, _ rule: LinkageRule) {
    let k = links.count
    var rows = [[Int: ExactDensity]](repeating: [:], count: k)
    let sizes = links.sizes.map { UInt64(max(1, $0)) }
    for a in 0..<k {
      for b in 0..<k where b != a && links.links[a * k + b] > 0 {
        rows[a][b] = ExactDensity(edges: links.links[a * k + b], pairs: sizes[a] * sizes[b])
      }
    }
    self.init(rows: rows, sizes: sizes, rule)
  }

  init(rows: [[Int: ExactDensity]], sizes: [UInt64], _ rule: LinkageRule) {
    self.rows = rows
    self.sizes = sizes
    self.rule = rule
    names = Array(rows.indices)
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
          finished.append(names[top])
          isActive[top] = false
          chain.removeLast()
          continue
        }
        if next == previous {
          chain.removeLast(2)
          merges.append(Merge(a: names[top], b: names[next], density: rows[top][next]!))
          merge(top, next)
        } else {
          chain.append(next)
        }
        // The cluster that a merge made goes on as a start of its own.
        if chain.isEmpty, isActive[next] || isActive[top] { chain.append(isActive[next] ? next : top) }
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

  private func nearest(of a: Int, preferring previous: Int) -> Int? {
    var best = -1
    var density = ExactDensity(edges: 0, pairs: 1)
    for (b, value) in rows[a] {
      let isBetter =
        best < 0 || density < value
        || (density == value && best != previous && (b == previous || names[b] < names[best]))
      if isBetter { (best, density) = (b, value) }
    }
    return best < 0 ? nil : best
  }

  private mutating func merge(_ x: Int, _ y: Int) {
    let (a, b) = rows[x].count >= rows[y].count ? (x, y) : (y, x)
    let old = (sizes[a], sizes[b])
    let size = old.0 + old.1
    let (rowA, rowB) = (rows[a], rows[b])
    rows[b] = [:]
    isActive[b] = false
    var joined: [Int: ExactDensity] = [:]
    for c in Set(rowA.keys).union(rowB.keys) where c != a && c != b {
      let (p, q) = (rowA[c], rowB[c])
      rows[c][b] = nil
      rows[c][a] = nil
      let density: ExactDensity? =
        switch rule {
        case .average: ExactDensity(edges: (p?.edges ?? 0) + (q?.edges ?? 0), pairs: size * sizes[c])
        case .single: if let p, let q { p < q ? q : p } else { p ?? q }
        case .complete: if let p, let q { q < p ? q : p } else { nil }
        }
      if let density {
        joined[c] = density
        rows[c][a] = density
      }
    }
    rows[a] = joined
    sizes[a] = size
    names[a] = min(names[a], names[b])
  }
}
