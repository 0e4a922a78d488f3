import MillRuntime

/// A partition of the nodes of a graph, with how long the graph is by it.
struct DescribedPartition {
  /// Labels below ``count``.
  let labels: FlatBuffer<UInt32>
  /// The number of groups.
  let count: Int
  /// Nats by a star.
  let star: Double
  /// Nats by the tree of linkage.
  let tree: Double
  let modularity: Double

  /// - Parameters:
  ///   - graph: The graph.
  ///   - labels: Labels below `count`, each of which occurs.
  init(_ graph: DescribedGraph, labels: FlatBuffer<UInt32>, count: Int) throws(MillError) {
    let summary = try PartitionSummary(graph, labels: labels, count: count)
    self.labels = labels
    self.count = count
    star = summary.star
    tree = summary.tree
    modularity = summary.modularity
  }

  /// All nodes in one group.
  static func one(_ graph: DescribedGraph) throws(MillError) -> DescribedPartition {
    try DescribedPartition(graph, labels: FlatBuffer(count: graph.nodeCount), count: min(1, graph.nodeCount))
  }

  /// The labels as the rest of the module has them, numbered by first nodes.
  var numbered: [Int32] { LabelNumbering.byFirstNode(labels) }
}

/// Shortens the description by a star: merges groups, then moves single nodes, in turn until neither changes anything.
enum PartitionPolish {
  private static let rounds = 10

  /// - Parameters:
  ///   - start: Any labels below the number of nodes.
  ///   - minimum: Groups that are left at least, as far as there are so many.
  ///   - isExact: Whether there are as many groups as `minimum` in the end, where `start` has no fewer.
  static func run(
    _ graph: DescribedGraph, start: [Int32], minimum: Int, isExact: Bool = false, context: RunContext
  ) throws(MillError) -> DescribedPartition {
    let labels = try FlatBuffer<UInt32>(uninitializedCount: graph.nodeCount)
    var count = write(LabelNumbering.byFirstNode(start), to: labels)
    for _ in 0..<rounds {
      try context.checkCancelled()
      let merged = try merge(graph, labels, count: count, minimum: minimum, isExact: isExact)
      let areMerged = merged < count
      count = merged
      var moving = try DescriptionMoving(
        graph, PartitionSummary(graph, labels: labels, count: count), labels: labels, minimum: minimum)
      try moving.run(context: context)
      if moving.moves > 0 {
        count = write(LabelNumbering.byFirstNode(labels), to: labels)
      }
      // The first round merges and moves; later ones end where nothing merges.
      if moving.moves == 0 || (!areMerged && count == merged) { break }
    }
    if isExact, count > minimum {
      count = try merge(graph, labels, count: count, minimum: minimum, isExact: true)
    }
    return try DescribedPartition(graph, labels: labels, count: count)
  }

  /// Merges groups; returns how many are left.
  private static func merge(
    _ graph: DescribedGraph, _ labels: FlatBuffer<UInt32>, count: Int, minimum: Int, isExact: Bool
  ) throws(MillError) -> Int {
    var merging = GroupMerging(try PartitionSummary(graph, labels: labels, count: count))
    let merged = merging.run(minimum: minimum, isExact: isExact)
    if merged.count < count {
      for node in 0..<graph.nodeCount {
        unsafe labels.base[node] = UInt32(bitPattern: merged.groupOf[Int(labels.base[node])])
      }
    }
    return merged.count
  }

  /// Takes numbered labels over; returns how many groups they have.
  private static func write(_ numbered: [Int32], to labels: FlatBuffer<UInt32>) -> Int {
    for (node, label) in numbered.enumerated() { unsafe labels.base[node] = UInt32(bitPattern: label) }
    return Int(numbered.max() ?? -1) + 1
  }
}
