import MillRuntime

/// Splits groups in two until there are as many as wanted: always the one whose halves shorten the description of its own
/// edges most, or lengthen it least. So a number of groups that no description pays for costs nothing above them.
struct GroupHalving {
  private struct Entry: Comparable {
    let change: Double
    let group: Int

    static func < (x: Entry, y: Entry) -> Bool { (x.change, x.group) < (y.change, y.group) }
  }

  private let graph: DescribedGraph
  private let seed: UInt64
  /// Without progress.
  private let context: RunContext
  private let labels: FlatBuffer<UInt32>
  private let places: FlatBuffer<UInt32>
  private var groups: [[UInt32]] = []
  /// The nodes of the second half of each group.
  private var halves: [[UInt32]] = []
  private var heap: [Entry] = []

  /// - Parameters:
  ///   - start: Labels 0, 1, …, each of which occurs.
  ///   - context: Threads, a way to stop.
  init(_ graph: DescribedGraph, start: [Int32], seed: UInt64, context: RunContext) throws(MillError) {
    self.graph = graph
    self.seed = seed
    self.context = context
    labels = try FlatBuffer(uninitializedCount: start.count)
    places = try FlatBuffer(uninitializedCount: start.count)
    groups = [[UInt32]](repeating: [], count: Int(start.max() ?? -1) + 1)
    for (node, label) in start.enumerated() {
      unsafe labels.base[node] = UInt32(bitPattern: label)
      groups[Int(label)].append(UInt32(truncatingIfNeeded: node))
    }
    halves = groups.map { _ in [] }
  }

  /// - Parameter wanted: Groups in the end; no more than nodes.
  /// - Returns: The group of each node.
  /// - Complexity: That of two descriptions and a bisection for every group, and for every half of one that is split.
  mutating func run(into wanted: Int) throws(MillError) -> [Int32] {
    for group in groups.indices { try halve(group) }
    while groups.count < wanted, let next = heap.popHeap() {
      try context.checkCancelled()
      let second = halves[next.group]
      for node in second { unsafe labels.base[Int(node)] = UInt32(groups.count) }
      groups[next.group] = groups[next.group].filter { unsafe labels.base[Int($0)] == UInt32(next.group) }
      groups.append(second)
      halves.append([])
      if groups.count < wanted {
        try halve(next.group)
        try halve(groups.count - 1)
      }
    }
    return unsafe labels.elements.map { Int32(bitPattern: $0) }
  }

  /// Finds the halves of a group, from its two leading eigenvectors and from Leiden's groups.
  private mutating func halve(_ group: Int) throws(MillError) {
    let nodes = groups[group]
    guard nodes.count > 1 else { return }
    let inner = try graph.induced(nodes, labels: labels, places: places)
    var starts = [try Leiden<Double>.labels(of: inner.ranked ?? inner.level, resolution: 1, seed: seed, context)]
    if inner.edgeCount > nodes.count {
      let sides = try SpectralBisection(seed: seed, threads: context.threads).sides(of: inner.level)
      starts.append(sides.map { $0 ? 0 : 1 })
    }
    var best: DescribedPartition?
    for start in starts {
      // One group has no halves: its nodes are then joined one by one.
      let isWhole = !start.contains { $0 != start[0] }
      let found = try PartitionPolish.run(
        inner, start: isWhole ? nodes.indices.map { Int32($0) } : start, minimum: 2, isExact: true, context: context)
      if found.tree < best?.tree ?? .infinity { best = found }
    }
    guard let best else { return }
    let second = best.numbered
    halves[group] = nodes.indices.filter { second[$0] == 1 }.map { nodes[$0] }
    heap.pushHeap(Entry(change: try best.tree - DescribedPartition.one(inner).tree, group: group))
  }
}
