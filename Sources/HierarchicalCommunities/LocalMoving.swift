import MillRuntime

/// Moves single nodes of a level to the group of a neighbor, or out into a group of their own, as long as the quality
/// grows: the sum over groups of the weight inside, less `scale` times half of what the null model expects there.
///
/// Nodes wait in a queue, which a node enters again when a neighbor has left for another group.
///
/// - Source: Traag, Waltman, van Eck, "From Louvain to Leiden: guaranteeing well-connected communities", Scientific Reports
///   9, 5233, 2019, algorithm A.2 (`MoveNodesFast`).
struct LocalMoving<Mass: NullMass> {
  /// What a group is made of, side by side in memory, since both are read together.
  private struct Group {
    var mass: Mass
    /// The weight between it and the node that is looked at.
    var links: Double
  }

  private let graph: LevelGraph<Mass>
  private let scale: Double
  /// The group of each node, below the number of nodes.
  let labels: FlatBuffer<UInt32>
  private let groups: FlatBuffer<Group>
  private let sizes: FlatBuffer<UInt32>
  /// Groups without nodes, a stack.
  private let empty: FlatBuffer<UInt32>
  private var emptyCount = 0
  /// The moves made.
  private(set) var moves = 0

  /// Share of the weight at a node by which a move must gain, so that rounding never makes one.
  private static var margin: Double { 1e-12 }

  /// - Parameter labels: The groups at the start, below the number of nodes; changed in place.
  init(_ graph: LevelGraph<Mass>, labels: FlatBuffer<UInt32>, scale: Double) throws(MillError) {
    let n = graph.nodeCount
    self.graph = graph
    self.scale = scale
    self.labels = labels
    groups = try FlatBuffer(count: n)
    sizes = try FlatBuffer(count: n)
    empty = try FlatBuffer(uninitializedCount: n)
    for node in 0..<n {
      let group = unsafe Int(labels.base[node])
      unsafe groups.base[group].mass += graph.masses.base[node]
      unsafe sizes.base[group] += 1
    }
    for group in stride(from: n - 1, through: 0, by: -1) where unsafe sizes.base[group] == 0 {
      unsafe empty.base[emptyCount] = UInt32(group)
      emptyCount += 1
    }
  }

  /// Moves until no move gains, or until a round through the queue gains less than `tolerance`, a part of the weight of all
  /// arcs.
  ///
  /// - Parameter order: All nodes, in the order in which they are looked at first.
  mutating func run(
    order: FlatBuffer<UInt32>, total: Double, tolerance: Double, context: RunContext
  ) throws(MillError) {
    let n = graph.nodeCount
    guard n > 1 else { return }
    let queued = try FlatBuffer<UInt8>(uninitializedCount: n)
    unsafe queued.base.update(repeating: 1, count: n)
    let touched = try FlatBuffer<UInt32>(uninitializedCount: n)
    // A ring: no node is in it twice.
    let ring = unsafe order.base
    var (head, tail, waiting) = (0, 0, n)
    while waiting > 0 {
      let round = waiting
      var gain = 0.0
      for step in 0..<round {
        if step & 0xffff == 0xffff { try context.checkCancelled() }
        let node = unsafe Int(ring[head])
        head = head &+ 1 == n ? 0 : head &+ 1
        waiting &-= 1
        unsafe queued.base[node] = 0
        let (won, isMoved) = unsafe visit(node, touched.base)
        guard isMoved else { continue }
        gain += won
        moves &+= 1
        let label = unsafe labels.base[node]
        for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node &+ 1]) {
          let other = unsafe Int(graph.targets[e])
          if unsafe labels.base[other] != label, unsafe queued.base[other] == 0 {
            unsafe queued.base[other] = 1
            unsafe ring[tail] = UInt32(truncatingIfNeeded: other)
            tail = tail &+ 1 == n ? 0 : tail &+ 1
            waiting &+= 1
          }
        }
      }
      try context.checkCancelled()
      context.progress?.advance(by: round)
      if 2 * gain <= tolerance * total { break }
    }
  }

  /// Moves a node to the best group; returns what it gained.
  @inline(__always)
  private mutating func visit(
    _ node: Int, _ touched: UnsafeMutablePointer<UInt32>
  ) -> (gain: Double, isMoved: Bool) {
    let (groups, labels) = unsafe (groups.base, labels.base)
    let own = unsafe Int(labels[node])
    var count = 0
    if let weights = graph.weights {
      for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node &+ 1]) {
        let group = unsafe labels[Int(graph.targets[e])]
        let links = unsafe groups[Int(group)].links
        unsafe touched[count] = group
        count &+= links == 0 ? 1 : 0
        unsafe groups[Int(group)].links = links + weights.base[e]
      }
    } else {
      for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node &+ 1]) {
        let group = unsafe labels[Int(graph.targets[e])]
        let links = unsafe groups[Int(group)].links
        unsafe touched[count] = group
        count &+= links == 0 ? 1 : 0
        unsafe groups[Int(group)].links = links + 1
      }
    }
    let mass = unsafe graph.masses.base[node]
    let cost = mass.scaled(by: scale)
    unsafe groups[own].mass -= mass
    let stay = unsafe groups[own].links - cost.expected(with: groups[own].mass)
    var (best, bestScore, linked) = (own, stay, 0.0)
    for at in 0..<count {
      let group = unsafe Int(touched[at])
      let links = unsafe groups[group].links
      unsafe groups[group].links = 0
      let score = unsafe links - cost.expected(with: groups[group].mass)
      linked += links
      if score > bestScore { (best, bestScore) = (group, score) }
    }
    let margin = Self.margin * linked
    if bestScore < -margin, unsafe sizes.base[own] > 1 {
      emptyCount &-= 1
      (best, bestScore) = unsafe (Int(empty.base[emptyCount]), 0)
    } else if bestScore <= stay + margin {
      best = own
    }
    unsafe groups[best].mass += mass
    guard best != own else { return (0, false) }
    unsafe labels[node] = UInt32(truncatingIfNeeded: best)
    unsafe sizes.base[best] &+= 1
    unsafe sizes.base[own] &-= 1
    if unsafe sizes.base[own] == 0 {
      unsafe empty.base[emptyCount] = UInt32(truncatingIfNeeded: own)
      emptyCount &+= 1
    }
    return (bestScore - stay, true)
  }
}
