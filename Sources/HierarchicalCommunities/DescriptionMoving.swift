import MillRuntime

/// Moves single nodes to the group of a neighbor, or into a group of their own, where that shortens the description by a
/// star; each move is weighed exactly.
struct DescriptionMoving {
  private let graph: LevelGraph<Double>
  /// The weight of each arc; nil without weights.
  private let weights: FlatBuffer<Double>?
  private let length: DescriptionLength
  /// Fewer groups are never left.
  private let minimum: Int
  private let labels: FlatBuffer<UInt32>
  private let groups: FlatBuffer<DescriptionLength.Group>
  private let costs: FlatBuffer<Double>
  private let links: FlatBuffer<UInt32>
  /// The weight of those links; empty without weights.
  private let linkWeights: FlatBuffer<Double>
  private let touched: FlatBuffer<UInt32>
  private var empty: [UInt32]
  private var count: Int
  private var rest: DescriptionLength.Rest
  private var restCost: Double
  /// Moves made.
  private(set) var moves = 0

  /// - Parameter labels: Changed in place; below the number of nodes, afterwards with gaps.
  init(
    _ graph: DescribedGraph, _ summary: PartitionSummary, labels: FlatBuffer<UInt32>, minimum: Int
  ) throws(MillError) {
    let n = graph.nodeCount
    self.graph = graph.level
    weights = graph.ranked?.weights
    self.labels = labels
    self.minimum = minimum
    length = summary.length
    groups = try FlatBuffer(count: n)
    costs = try FlatBuffer(count: n)
    links = try FlatBuffer(count: n)
    linkWeights = try FlatBuffer(count: weights == nil ? 0 : n)
    touched = try FlatBuffer(uninitializedCount: n + 1)
    count = summary.groups.count
    for (group, known) in summary.groups.enumerated() {
      unsafe groups.base[group] = known
      unsafe costs.base[group] = length.group(known)
    }
    empty = (count..<max(count, n)).reversed().map { UInt32($0) }
    rest = summary.rest
    restCost = length.star(count: count, rest)
  }

  /// Moves until no move shortens the description, each node at most `visits` times on average.
  mutating func run(visits: Int = 20, context: RunContext) throws(MillError) {
    let n = graph.nodeCount
    let queued = try FlatBuffer<UInt8>(uninitializedCount: n)
    unsafe queued.base.update(repeating: 1, count: n)
    let ring = try FlatBuffer<UInt32>(uninitializedCount: n)
    for node in 0..<n { unsafe ring.base[node] = UInt32(truncatingIfNeeded: node) }
    var (head, tail, waiting, left) = (0, 0, n, visits * n)
    while waiting > 0, left > 0 {
      left -= 1
      if left & 0xffff == 0 { try context.checkCancelled() }
      let node = unsafe Int(ring.base[head])
      head = head &+ 1 == n ? 0 : head &+ 1
      waiting &-= 1
      unsafe queued.base[node] = 0
      guard visit(node) else { continue }
      moves += 1
      let label = unsafe labels.base[node]
      for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node &+ 1]) {
        let other = unsafe Int(graph.targets[e])
        guard unsafe labels.base[other] != label, unsafe queued.base[other] == 0 else { continue }
        unsafe queued.base[other] = 1
        unsafe ring.base[tail] = UInt32(truncatingIfNeeded: other)
        tail = tail &+ 1 == n ? 0 : tail &+ 1
        waiting &+= 1
      }
    }
  }

  /// Moves a node where that is best; returns whether it moved.
  private mutating func visit(_ node: Int) -> Bool {
    let own = unsafe Int(labels.base[node])
    let before = unsafe groups.base[own]
    if before.nodes == 1, count <= minimum { return false }
    let found = countLinks(of: node)
    defer { forgetLinks(found) }
    let degree = unsafe Int(graph.offsets[node &+ 1] - graph.offsets[node])
    let inOwn = linked(own)
    let left = DescriptionLength.Group(
      nodes: before.nodes - 1, inside: before.inside - inOwn.edges, volume: before.volume - degree,
      weight: before.weight - inOwn.weight)
    let leftCost = left.nodes == 0 ? 0 : length.group(left)
    let leftCount = left.nodes == 0 ? count - 1 : count
    let leftSquares = rest.squares - Self.square(before.volume) + Self.square(left.volume)
    let base = unsafe leftCost - costs.base[own] - restCost
    // A group of its own stands behind the neighbors' groups.
    var candidates = found
    if left.nodes > 0, let alone = empty.last {
      unsafe touched.base[found] = alone
      candidates += 1
    }
    var best: Move?
    for at in 0..<candidates {
      let group = unsafe Int(touched.base[at])
      if group == own { continue }
      let other = unsafe groups.base[group]
      let joined = at < found ? linked(group) : (edges: 0, weight: 0)
      let after = DescriptionLength.Group(
        nodes: other.nodes + 1, inside: other.inside + joined.edges, volume: other.volume + degree,
        weight: other.weight + joined.weight)
      let cost = length.group(after)
      let newRest = DescriptionLength.Rest(
        edges: rest.edges + inOwn.edges - joined.edges, weight: rest.weight + inOwn.weight - joined.weight,
        squares: leftSquares - Self.square(other.volume) + Self.square(after.volume))
      let newRestCost = length.star(count: other.nodes == 0 ? leftCount + 1 : leftCount, newRest)
      let change = unsafe base + cost - (other.nodes == 0 ? 0 : costs.base[group]) + newRestCost
      if change < best?.change ?? -1e-9 {
        best = Move(change: change, group: group, after: after, cost: cost, rest: newRest, restCost: newRestCost)
      }
    }
    guard let best else { return false }
    if left.nodes == 0 { empty.append(UInt32(own)) }
    if best.after.nodes == 1 { empty.removeLast() }
    unsafe groups.base[own] = left
    unsafe costs.base[own] = leftCost
    unsafe groups.base[best.group] = best.after
    unsafe costs.base[best.group] = best.cost
    unsafe labels.base[node] = UInt32(best.group)
    count = leftCount + (best.after.nodes == 1 ? 1 : 0)
    (rest, restCost) = (best.rest, best.restCost)
    return true
  }

  /// A move that was weighed, and what is so after it.
  private struct Move {
    let change: Double
    let group: Int
    let after: DescriptionLength.Group
    let cost: Double
    let rest: DescriptionLength.Rest
    let restCost: Double
  }

  private static func square(_ volume: Int) -> Double { Double(volume) * Double(volume) }

  /// Counts a node's links to each group; returns how many groups `touched` now lists.
  private func countLinks(of node: Int) -> Int {
    var found = 0
    for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node &+ 1]) {
      let group = unsafe labels.base[Int(graph.targets[e])]
      unsafe touched.base[found] = group
      found &+= unsafe links.base[Int(group)] == 0 ? 1 : 0
      unsafe links.base[Int(group)] &+= 1
      if let weights { unsafe linkWeights.base[Int(group)] += weights.base[e] }
    }
    return found
  }

  private func forgetLinks(_ found: Int) {
    for at in 0..<found {
      let group = unsafe Int(touched.base[at])
      unsafe links.base[group] = 0
      if weights != nil { unsafe linkWeights.base[group] = 0 }
    }
  }

  private func linked(_ group: Int) -> (edges: Int, weight: Double) {
    unsafe (Int(links.base[group]), weights == nil ? 0 : linkWeights.base[group])
  }
}
