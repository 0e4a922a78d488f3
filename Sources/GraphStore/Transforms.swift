import MillRuntime

/// Graph arrays that a transform has built, ready to become a ``CSRGraph``.
struct BuiltRows<ID: TargetIndex> {
  let offsets: FlatBuffer<UInt64>
  let targets: FlatBuffer<ID>
  let weights: FlatBuffer<Double>?
  /// Arcs that are loops.
  let loops: Int
  /// Arcs that repeat the target before them.
  let repeats: Int

  /// The graph of these rows, with the smallest flags and its own names.
  func graph(isDirected: Bool, names: OwnedNames) -> CSRGraph {
    var flags: GraphFlags = []
    if isDirected { flags.insert(.directed) }
    if loops > 0 { flags.insert(.loops) }
    if repeats > 0 { flags.insert(.multigraph) }
    var owners: [AnyObject] = names.owners + [offsets, targets]
    if let weights { owners.append(weights) }
    let arcs = targets.count
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: offsets.count - 1, edgeCount: isDirected ? arcs : (arcs - loops) / 2 + loops, flags: flags,
        offsets: offsets.elements, targets: ID.targets(targets.elements), weights: weights?.elements,
        names: names.names, owners: owners))
  }
}

/// Names with what keeps them alive.
struct OwnedNames {
  let names: NodeNames
  let owners: [AnyObject]
  static var dense: OwnedNames { OwnedNames(names: .dense, owners: []) }

  /// The names of some nodes of a graph, in their order, in memory of their own: a transformed graph does not hold the
  /// arcs of the graph that it came from. Dense names become ids.
  ///
  /// - Parameter node: The node of `graph` for each of `0..<count`.
  init(of graph: CSRGraph, count: Int, node: (Int) -> Int) throws(MillError) {
    switch graph.names {
    case .dense:
      let buffer = try FlatBuffer<UInt64>(count: count)
      for i in 0..<count { buffer.base[i] = UInt64(node(i)) }
      self.init(names: .ids(buffer.elements), owners: [buffer])
    case .ids(let ids):
      let buffer = try FlatBuffer<UInt64>(count: count)
      for i in 0..<count { buffer.base[i] = ids[node(i)] }
      self.init(names: .ids(buffer.elements), owners: [buffer])
    case .labels(let table):
      let offsets = try FlatBuffer<UInt64>(count: count + 1)
      for i in 0..<count { offsets.base[i + 1] = offsets.base[i] + UInt64(table[node(i)].count) }
      let bytes = try FlatBuffer<UInt8>(count: Int(offsets.base[count]))
      for i in 0..<count {
        let label = table[node(i)]
        if let base = label.baseAddress { (bytes.base + Int(offsets.base[i])).update(from: base, count: label.count) }
      }
      let copy = NodeNames.LabelTable(offsets: offsets.elements, bytes: bytes.elements)
      self.init(names: .labels(copy), owners: [offsets, bytes])
    }
  }

  /// All names of a graph, in memory of their own.
  init(of graph: CSRGraph) throws(MillError) {
    if case .dense = graph.names { self = .dense } else { try self.init(of: graph, count: graph.nodeCount) { $0 } }
  }

  private init(names: NodeNames, owners: [AnyObject]) {
    self.names = names
    self.owners = owners
  }
}

/// A node index that ``CSRGraph/Targets`` has a case for.
protocol TargetIndex: NodeIndex {
  static func targets(_ buffer: UnsafeBufferPointer<Self>) -> CSRGraph.Targets
  /// The array, where it has this width.
  static func buffer(_ targets: CSRGraph.Targets) -> UnsafeBufferPointer<Self>?
}

extension UInt32: TargetIndex {
  static func targets(_ buffer: UnsafeBufferPointer<UInt32>) -> CSRGraph.Targets { .narrow(buffer) }
  static func buffer(_ targets: CSRGraph.Targets) -> UnsafeBufferPointer<UInt32>? {
    if case .narrow(let buffer) = targets { buffer } else { nil }
  }
}

extension UInt64: TargetIndex {
  static func targets(_ buffer: UnsafeBufferPointer<UInt64>) -> CSRGraph.Targets { .wide(buffer) }
  static func buffer(_ targets: CSRGraph.Targets) -> UnsafeBufferPointer<UInt64>? {
    if case .wide(let buffer) = targets { buffer } else { nil }
  }
}

extension MillError.Kind {
  /// An edge occurs more than once where that was refused.
  static let repeatedEdge = Self("duplicate-edge", .badData)
}

/// Neighbour lists with their weights, over memory that the caller keeps.
struct ArcRows<ID: NodeIndex> {
  let offsets: UnsafePointer<UInt64>
  let targets: UnsafePointer<ID>
  let weights: UnsafePointer<Double>?

  @inline(__always) func arcs(_ node: Int) -> Range<Int> { Int(offsets[node])..<Int(offsets[node &+ 1]) }
}

/// Merges two ascending lists per node into one, dropping or combining what repeats.
struct RowMerger<ID: TargetIndex> {
  /// The first list of each node.
  let rows: ArcRows<ID>
  /// The second list of each node, the arcs that enter it; its loops are those of `rows` and are left out.
  let reversed: ArcRows<ID>?
  let policy: DuplicatePolicy
  let keepsLoops: Bool

  struct Merged {
    var arcs = 0
    var loops = 0
    var repeats = 0
    var combined = 0
  }

  /// Builds the merged rows; `combined` is the number of arcs that went into an equal one.
  func build(_ nodeCount: Int, context: RunContext) throws(MillError) -> (rows: BuiltRows<ID>, combined: Int) {
    let size = 1 << 12
    let chunks = Parallel.chunkCount(nodeCount, size: size)
    let offsets = try FlatBuffer<UInt64>(count: nodeCount + 1)
    let sums = try FlatBuffer<Merged>(count: max(1, chunks))
    try Parallel.forEachThrowing(chunks, threads: context.threads) { (chunk, _) throws(MillError) in
      try context.checkCancelled()
      var sum = Merged()
      for v in Parallel.range(ofChunk: chunk, size: size, count: nodeCount) {
        let before = sum.arcs
        merge(v, &sum, targets: nil, weights: nil)
        offsets.base[v + 1] = UInt64(sum.arcs - before)
      }
      sums.base[chunk] = sum
    }
    var sum = Merged()
    for chunk in 0..<chunks {
      let part = sums.base[chunk]
      sum.arcs += part.arcs
      sum.loops += part.loops
      sum.repeats += part.repeats
      sum.combined += part.combined
    }
    if policy == .error, sum.combined > 0 {
      throw MillError(.repeatedEdge, "the graph repeats an edge", hint: "choose how duplicates are merged")
    }
    for v in 0..<nodeCount { offsets.base[v + 1] += offsets.base[v] }
    let targets = try FlatBuffer<ID>(count: sum.arcs)
    let weights = rows.weights == nil ? nil : try FlatBuffer<Double>(count: sum.arcs)
    try Parallel.forEachThrowing(chunks, threads: context.threads) { (chunk, _) throws(MillError) in
      try context.checkCancelled()
      for v in Parallel.range(ofChunk: chunk, size: size, count: nodeCount) {
        var row = Merged()
        let start = Int(offsets.base[v])
        merge(v, &row, targets: targets.base + start, weights: weights.map { $0.base + start })
      }
    }
    let built = BuiltRows(
      offsets: offsets, targets: targets, weights: weights, loops: sum.loops, repeats: sum.repeats)
    return (built, sum.combined)
  }

  /// Merges the lists of `v`; only counts without `targets`.
  @inline(__always) private func merge(
    _ v: Int, _ sum: inout Merged, targets: UnsafeMutablePointer<ID>?, weights: UnsafeMutablePointer<Double>?
  ) {
    var first = rows.arcs(v)
    var second = reversed?.arcs(v) ?? 0..<0
    let node = ID(truncatingIfNeeded: v)
    while true {
      let target: ID
      if first.isEmpty {
        guard !second.isEmpty, let reversed else { return }
        target = reversed.targets[second.lowerBound]
      } else if second.isEmpty {
        target = rows.targets[first.lowerBound]
      } else {
        target = min(rows.targets[first.lowerBound], reversed.unsafelyUnwrapped.targets[second.lowerBound])
      }
      let own = Self.takeGroup(rows.targets, &first, target)
      var other = reversed.map { Self.takeGroup($0.targets, &second, target) } ?? 0..<0
      if target == node {
        if !keepsLoops { continue }
        other = 0..<0
      }
      // Arcs from the smaller to the larger end come first, so that both ends see the same order.
      let ownFirst = target > node
      let size = own.count + other.count
      if policy == .keep {
        for i in 0..<size {
          targets?[sum.arcs + i] = target
          weights?[sum.arcs + i] = weight(i, own, other, ownFirst)
        }
        sum.arcs += size
        sum.repeats += size - 1
        if target == node { sum.loops += size }
      } else {
        targets?[sum.arcs] = target
        if let weights {
          var value = weight(0, own, other, ownFirst)
          for i in 1..<max(1, size) { value = combine(value, weight(i, own, other, ownFirst)) }
          weights[sum.arcs] = value
        }
        sum.arcs += 1
        sum.combined += size - 1
        if target == node { sum.loops += 1 }
      }
    }
  }

  /// Takes the arcs of one target off the front of a list.
  @inline(__always) private static func takeGroup(
    _ targets: UnsafePointer<ID>, _ list: inout Range<Int>, _ target: ID
  ) -> Range<Int> {
    var end = list.lowerBound
    while end < list.upperBound, targets[end] == target { end &+= 1 }
    let group = list.lowerBound..<end
    list = end..<list.upperBound
    return group
  }

  @inline(__always) private func weight(_ i: Int, _ own: Range<Int>, _ other: Range<Int>, _ ownFirst: Bool) -> Double {
    guard let a = rows.weights else { return 1 }
    if ownFirst {
      return i < own.count ? a[own.lowerBound + i] : reversed!.weights![other.lowerBound + i - own.count]
    }
    return i < other.count ? reversed!.weights![other.lowerBound + i] : a[own.lowerBound + i - other.count]
  }

  @inline(__always) private func combine(_ a: Double, _ b: Double) -> Double {
    switch policy {
    case .sum: a + b
    case .min: Swift.min(a, b)
    case .max: Swift.max(a, b)
    case .first, .keep, .error: a
    }
  }
}
