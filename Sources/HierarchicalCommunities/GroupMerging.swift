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

  private let length: DescriptionLength
  private var groups: [DescriptionLength.Group]
  private var costs: [Double]
  /// Edges to each linked group.
  private var rows: [[Int32: Int]]
  private var isAlive: [Bool]
  private var count: Int
  private var outside: Int
  private var squares: Double
  private var rest: Double

  init(_ summary: PartitionSummary) {
    length = summary.length
    groups = summary.groups
    costs = groups.map { [length] in length.group($0) }
    rows = [[Int32: Int]](repeating: [:], count: groups.count)
    let level = summary.level
    for group in 0..<groups.count {
      for e in unsafe Int(level.offsets[group])..<Int(level.offsets[group + 1]) {
        unsafe rows[group][Int32(level.targets[e])] = Int(level.weights?.base[e] ?? 1)
      }
    }
    isAlive = [Bool](repeating: true, count: groups.count)
    count = groups.count
    (outside, squares) = (summary.outside, summary.squares)
    rest = length.star(count: count, outside: outside, squares: squares)
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
    let (x, y) = (groups[a], groups[b])
    return DescriptionLength.Group(
      nodes: x.nodes + y.nodes, inside: x.inside + y.inside + (rows[a][Int32(b)] ?? 0), volume: x.volume + y.volume)
  }

  private func restAfter(_ a: Int, _ b: Int) -> (outside: Int, squares: Double) {
    (outside - (rows[a][Int32(b)] ?? 0), squares + 2 * Double(groups[a].volume) * Double(groups[b].volume))
  }

  /// How much longer the description is when two groups are one.
  private func change(_ a: Int, _ b: Int) -> Double {
    let after = restAfter(a, b)
    return length.group(joined(a, b)) - costs[a] - costs[b]
      + length.star(count: count - 1, outside: after.outside, squares: after.squares) - rest
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
    (outside, squares) = restAfter(a, b)
    groups[a] = joined(a, b)
    costs[a] = length.group(groups[a])
    count -= 1
    rest = length.star(count: count, outside: outside, squares: squares)
    isAlive[b] = false
    let moved = rows[b]
    rows[b] = [:]
    rows[a][Int32(b)] = nil
    for (key, edges) in moved where Int(key) != a {
      rows[Int(key)][Int32(b)] = nil
      rows[Int(key)][Int32(a), default: 0] += edges
      rows[a][key, default: 0] += edges
    }
    for (key, _) in moved where Int(key) != a { heap.pushHeap(pair(a, Int(key))) }
    return (a, b)
  }
}
