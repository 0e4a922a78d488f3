import MillRuntime

/// Moves single nodes to the group of a neighbor, or into a group of their own, where that shortens the description by a
/// star; each move is weighed exactly.
struct DescriptionMoving {
  private let graph: LevelGraph
  private let length: DescriptionLength
  /// Fewer groups are never left.
  private let minimum: Int
  private let labels: FlatBuffer<UInt32>
  private let groups: FlatBuffer<DescriptionLength.Group>
  private let costs: FlatBuffer<Double>
  private let links: FlatBuffer<UInt32>
  private let touched: FlatBuffer<UInt32>
  private var empty: [UInt32]
  private var count: Int
  private var outside: Int
  private var squares: Double
  private var rest: Double
  /// Moves made.
  private(set) var moves = 0

  /// - Parameter labels: Changed in place; below the number of nodes, afterwards with gaps.
  init(
    _ graph: LevelGraph, _ summary: PartitionSummary, labels: FlatBuffer<UInt32>, minimum: Int
  ) throws(MillError) {
    let n = graph.nodeCount
    self.graph = graph
    self.labels = labels
    self.minimum = minimum
    length = summary.length
    groups = try FlatBuffer(count: n)
    costs = try FlatBuffer(count: n)
    links = try FlatBuffer(count: n)
    touched = try FlatBuffer(uninitializedCount: n + 1)
    count = summary.groups.count
    for (group, known) in summary.groups.enumerated() {
      unsafe groups.base[group] = known
      unsafe costs.base[group] = length.group(known)
    }
    empty = (count..<max(count, n)).reversed().map { UInt32($0) }
    (outside, squares) = (summary.outside, summary.squares)
    rest = length.star(count: count, outside: outside, squares: squares)
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
    let (begin, end) = unsafe (Int(graph.offsets[node]), Int(graph.offsets[node &+ 1]))
    var found = 0
    for e in begin..<end {
      let group = unsafe labels.base[Int(graph.targets[e])]
      unsafe touched.base[found] = group
      found &+= unsafe links.base[Int(group)] == 0 ? 1 : 0
      unsafe links.base[Int(group)] &+= 1
    }
    defer { for at in 0..<found { unsafe links.base[Int(touched.base[at])] = 0 } }
    let degree = end - begin
    let before = unsafe groups.base[own]
    if before.nodes == 1, count <= minimum { return false }
    let inOwn = unsafe Int(links.base[own])
    let left = DescriptionLength.Group(
      nodes: before.nodes - 1, inside: before.inside - inOwn, volume: before.volume - degree)
    let leftCost = left.nodes == 0 ? 0 : length.group(left)
    let leftCount = left.nodes == 0 ? count - 1 : count
    let leftSquares =
      squares - Double(before.volume) * Double(before.volume) + Double(left.volume) * Double(left.volume)
    let base = unsafe leftCost - costs.base[own] - rest
    // A group of its own stands behind the neighbors' groups.
    var candidates = found
    if left.nodes > 0, let alone = empty.last {
      unsafe touched.base[found] = alone
      candidates += 1
    }
    var best: (change: Double, group: Int, cost: Double, state: (Int, Double, Double), after: DescriptionLength.Group)?
    for at in 0..<candidates {
      let group = unsafe Int(touched.base[at])
      if group == own { continue }
      let other = unsafe groups.base[group]
      let linked = at < found ? unsafe Int(links.base[group]) : 0
      let after = DescriptionLength.Group(
        nodes: other.nodes + 1, inside: other.inside + linked, volume: other.volume + degree)
      let cost = length.group(after)
      let newOutside = outside + inOwn - linked
      let newSquares =
        leftSquares - Double(other.volume) * Double(other.volume) + Double(after.volume) * Double(after.volume)
      let newCount = other.nodes == 0 ? leftCount + 1 : leftCount
      let newRest = length.star(count: newCount, outside: newOutside, squares: newSquares)
      let change = unsafe base + cost - (other.nodes == 0 ? 0 : costs.base[group]) + newRest
      if change < best?.change ?? -1e-9 {
        best = (change, group, cost, (newOutside, newSquares, newRest), after)
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
    (outside, squares, rest) = best.state
    return true
  }
}
