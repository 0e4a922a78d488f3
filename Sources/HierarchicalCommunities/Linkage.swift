import GraphStore
import MillRuntime

/// How the similarity of two merged groups to a third follows from theirs.
public enum LinkageRule: String, Sendable, CaseIterable, Codable {
  /// Edges between them over pairs of nodes.
  case average
  /// Edges between them over the product of their volumes, the sums of degrees: average linkage that a few nodes of many
  /// edges do not draw together.
  case volume
  /// The larger density of the two.
  case single
  /// The smaller density of the two.
  case complete
}

extension GroupLinks {
  /// The tree that merges groups by density, the densest pair first.
  ///
  /// All comparisons are exact (integers), so densities never rise from one merge to the next and there are no
  /// inversions. Ties go to the pair with the smallest lowest leaf, then the smallest other one. Groups without any edge
  /// between them merge last, at density 0.
  ///
  /// - Parameter rule: How densities to a merged group follow.
  /// - Complexity: With L groups that have edges to others, O(K + L²) time for most inputs, O(L³) at worst, 16 L² bytes;
  ///   average linkage of more than 1,024 such groups needs memory for the linked pairs only.
  /// - Source: Dreveton, Kuroda, Grossglauser, Thiran, "When does bottom-up beat top-down in hierarchical community
  ///   detection?", Journal of the American Statistical Association, 2026 (arXiv 2306.00833), section 2.2.
  public func linkageTree(_ rule: LinkageRule = .average) -> CommunityTree {
    guard rule == .volume else {
      return CommunityTree.fromMerges(merges(rule), sizes: sizes, inside: ownSimilarities(nil), unit: unit)
    }
    // Average linkage with volumes in the place of sizes. Similarities are densities between nodes of the mean degree.
    let volumes = linkedVolumes
    let mean = meanVolume(volumes)
    return CommunityTree.fromMerges(
      resized(volumes).merges(.average), sizes: sizes, inside: ownSimilarities(volumes), unit: unit * mean * mean)
  }

  /// The similarity of each group with itself, where there are volumes by them.
  func ownSimilarities(_ volumes: [Int]?) -> [Double] {
    guard let volumes else { return (0..<count).map { density($0, $0) } }
    let mean = meanVolume(volumes)
    let scale = unit * mean * mean
    return (0..<count).map { a -> Double in
      let volume = Double(volumes[a])
      return 2 * Double(inside[a]) / (volume * volume) * scale
    }
  }

  /// The volume of a node on the mean.
  func meanVolume(_ volumes: [Int]) -> Double { Double(volumes.reduce(0, +)) / Double(max(1, sizes.reduce(0, +))) }

  /// The volume of each group, at least 1, in a unit so coarse that all together stay below 2^32 and products of two are
  /// exact.
  var linkedVolumes: [Int] {
    let exact = (0..<count).map { a in row(a).reduce(2 * inside[a]) { $0 + weights[$1] } }
    let total = exact.reduce(0, +)
    let shift = max(0, 32 - total.leadingZeroBitCount)
    return exact.map { max(1, Int($0 >> UInt64(shift))) }
  }

  private func merges(_ rule: LinkageRule) -> [Merge] {
    let linked = (0..<count).count { !row($0).isEmpty }
    if rule == .average, linked > Self.largestGreedy {
      var chain = ChainLinkage(self)
      return chain.merges()
    }
    var linkage = GreedyLinkage(self, rule)
    return linkage.merges()
  }

  /// Groups with edges to others above which average linkage follows chains on sparse rows.
  static let largestGreedy = 1024
}

/// Merges the best pair until one cluster is left, with the best partner of every cluster at hand.
struct GreedyLinkage {
  /// Groups that have edges to others, ascending; what follows counts them 0, 1, ….
  private let groups: [Int]
  private let loners: [Int]
  private let k: Int
  private let rule: LinkageRule
  private var sizes: [UInt64]
  private var table: [ExactDensity]
  private var active: [Int]
  private var partner: [Int]

  init(_ links: GroupLinks, _ rule: LinkageRule) {
    groups = (0..<links.count).filter { !links.row($0).isEmpty }
    loners = (0..<links.count).filter { links.row($0).isEmpty }
    k = groups.count
    self.rule = rule
    sizes = groups.map { UInt64(max(1, links.sizes[$0])) }
    table = []
    table.reserveCapacity(k * k)
    for a in 0..<k {
      for b in 0..<k { table.append(ExactDensity(edges: 0, pairs: sizes[a] * sizes[b])) }
    }
    var numbers = [Int](repeating: -1, count: links.count)
    for (number, group) in groups.enumerated() { numbers[group] = number }
    for (a, group) in groups.enumerated() {
      for place in links.row(group) { table[a * k + numbers[Int(links.others[place])]].edges = links.weights[place] }
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
      // Once the best density is 0, all are, for good.
      if table[a * k + b].edges == 0 { break }
      merges.append(Merge(a: groups[a], b: groups[b], density: table[a * k + b]))
      merge(b, into: a)
    }
    let rest = (active.map { groups[$0] } + loners).sorted()
    return merges + Merge.withoutEdges(rest)
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
        case .average, .volume: ExactDensity(edges: x.edges + y.edges, pairs: size * sizes[c])
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

extension Merge {
  /// Merges of clusters without edges between them: the others join the first, in order.
  static func withoutEdges(_ clusters: [Int]) -> [Merge] {
    guard let first = clusters.first else { return [] }
    return clusters.dropFirst().map { Merge(a: first, b: $0, density: ExactDensity(edges: 0, pairs: 1)) }
  }
}
