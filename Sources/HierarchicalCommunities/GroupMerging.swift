import MillRuntime

/// Merges linked groups, the pair that shortens the description by a star most (or lengthens it least) first, until one
/// group is left, and goes back to the shortest description on the way.
struct GroupMerging {
  /// A pair of groups, as it was when the entry was made.
  private struct Pair: Comparable {
    let change: Double
    let a: Int32
    let b: Int32

    static func < (x: Pair, y: Pair) -> Bool { (x.change, x.a, x.b) < (y.change, y.a, y.b) }
  }

  /// The edges between two groups.
  private struct Link {
    var edges = 0
    var weight = 0.0
  }

  private let length: DescriptionLength
  private var groups: [DescriptionLength.Group]
  private var costs: [Double]
  /// Edges to each linked group.
  private var rows: [[Int32: Link]]
  private var isAlive: [Bool]
  private var count: Int
  private var rest: DescriptionLength.Rest
  private var restCost: Double

  init(_ summary: PartitionSummary) {
    length = summary.length
    groups = summary.groups
    costs = groups.map { [length] in length.group($0) }
    var rows = [[Int32: Link]](repeating: [:], count: groups.count)
    for group in groups.indices {
      summary.links(of: group) { other, edges, weight in
        rows[group][Int32(other)] = Link(edges: edges, weight: weight)
      }
    }
    self.rows = rows
    isAlive = [Bool](repeating: true, count: groups.count)
    count = groups.count
    rest = summary.rest
    restCost = length.star(count: count, rest)
  }

  /// Merges groups.
  ///
  /// - Parameters:
  ///   - minimum: Groups that are left at least.
  ///   - isExact: Whether the result has as many groups as the minimum, whatever that costs.
  /// - Returns: The new group of each group, numbered by first ones, and how much shorter the description is.
  /// - Complexity: O(p log² p) for p linked pairs.
  mutating func run(minimum: Int, isExact: Bool = false) -> (groupOf: [Int32], count: Int, change: Double) {
    var heap: [Pair] = []
    for a in groups.indices {
      for (b, _) in rows[a] where Int(b) > a { heap.pushHeap(pair(a, Int(b))) }
    }
    var merges: [(kept: Int, gone: Int)] = []
    var (change, best, bestCount) = (0.0, 0.0, 0)
    while count > max(1, minimum), let (a, b) = next(&heap, joinsUnlinked: isExact) {
      let now = self.change(a, b)
      change += now
      merges.append(merge(a, b, &heap))
      if change < best - 1e-9 { (best, bestCount) = (change, merges.count) }
    }
    if isExact { (best, bestCount) = (change, merges.count) }
    var owner = groups.indices.map { Int32($0) }
    for merge in merges.prefix(bestCount) { owner[merge.gone] = Int32(merge.kept) }
    for group in owner.indices {
      while owner[Int(owner[group])] != owner[group] { owner[group] = owner[Int(owner[group])] }
    }
    let numbered = LabelNumbering.byFirstNode(owner)
    return (numbered, groups.count - bestCount, best)
  }

  private func pair(_ a: Int, _ b: Int) -> Pair {
    Pair(change: change(a, b), a: Int32(min(a, b)), b: Int32(max(a, b)))
  }

  private func joined(_ a: Int, _ b: Int) -> DescriptionLength.Group {
    let (x, y, link) = (groups[a], groups[b], rows[a][Int32(b)] ?? Link())
    return DescriptionLength.Group(
      nodes: x.nodes + y.nodes, inside: x.inside + y.inside + link.edges, volume: x.volume + y.volume,
      weight: x.weight + y.weight + link.weight)
  }

  private func restAfter(_ a: Int, _ b: Int) -> DescriptionLength.Rest {
    let link = rows[a][Int32(b)] ?? Link()
    return DescriptionLength.Rest(
      edges: rest.edges - link.edges, weight: rest.weight - link.weight,
      squares: rest.squares + 2 * Double(groups[a].volume) * Double(groups[b].volume))
  }

  /// How much longer the description is when two groups are one.
  private func change(_ a: Int, _ b: Int) -> Double {
    length.group(joined(a, b)) - costs[a] - costs[b] + length.star(count: count - 1, restAfter(a, b)) - restCost
  }

  /// The best pair. What an entry says may be out of date, since every merge changes what is common to all groups: the
  /// first one that still holds is taken.
  private func next(_ heap: inout [Pair], joinsUnlinked: Bool) -> (Int, Int)? {
    while let top = heap.popHeap() {
      let (a, b) = (Int(top.a), Int(top.b))
      guard isAlive[a], isAlive[b] else { continue }
      let now = pair(a, b)
      if let second = heap.first, second < now, now.change > top.change {
        heap.pushHeap(now)
        continue
      }
      return (a, b)
    }
    guard joinsUnlinked else { return nil }
    let smallest = groups.indices.filter { isAlive[$0] }.sorted { (groups[$0].volume, $0) < (groups[$1].volume, $1) }
    return smallest.count > 1 ? (smallest[0], smallest[1]) : nil
  }

  /// Moves the shorter row into the longer one.
  private mutating func merge(_ x: Int, _ y: Int, _ heap: inout [Pair]) -> (kept: Int, gone: Int) {
    let (a, b) = rows[x].count >= rows[y].count ? (x, y) : (y, x)
    rest = restAfter(a, b)
    groups[a] = joined(a, b)
    costs[a] = length.group(groups[a])
    count -= 1
    restCost = length.star(count: count, rest)
    isAlive[b] = false
    let moved = rows[b]
    rows[b] = [:]
    rows[a][Int32(b)] = nil
    for (key, link) in moved where Int(key) != a {
      var both = rows[a][key] ?? Link()
      both.edges += link.edges
      both.weight += link.weight
      rows[Int(key)][Int32(b)] = nil
      rows[Int(key)][Int32(a)] = both
      rows[a][key] = both
    }
    for (key, _) in moved where Int(key) != a { heap.pushHeap(pair(a, Int(key))) }
    return (a, b)
  }
}
