import MillRuntime

extension PartitionSearch {
  private static let innerResolutions = [1.0, 2, 4]
  /// What a split inside a group must gain, in nats a node: on the mean the links of a node must be e times as likely.
  private static let splitGain = 1.0
  /// Nodes of a group that may be split.
  private static let smallestSplit = 10

  /// Splits groups again and again, each by its own edges alone: a partition of the whole graph pays for a small group by
  /// the size of the whole, and so stops at a middle level of a strong hierarchy.
  func splitting(_ partition: DescribedPartition) throws(MillError) -> DescribedPartition {
    let n = graph.nodeCount
    let labels = try FlatBuffer<UInt32>(uninitializedCount: n)
    unsafe labels.base.update(from: partition.labels.base, count: n)
    let members = try GroupMembers(labels, count: partition.count)
    var open = (0..<partition.count).map { group in members.range(group).map { UInt32(members[$0]) } }
    var next = partition.count
    let places = try FlatBuffer<UInt32>(uninitializedCount: n)
    while !open.isEmpty {
      let generation = open
      let found = try each(generation.count) { (index) throws(MillError) -> DescribedPartition? in
        try context.checkCancelled()
        let nodes = generation[index]
        guard nodes.count >= Self.smallestSplit else { return nil }
        return try parts(of: graph.induced(nodes, labels: labels, places: places))
      }
      open = []
      for (nodes, parts) in zip(generation, found) {
        guard let parts else { continue }
        var groups = [[UInt32]](repeating: [], count: parts.count)
        for (place, node) in nodes.enumerated() { groups[unsafe Int(parts.labels.base[place])].append(node) }
        for group in groups.dropFirst() {
          for node in group { unsafe labels.base[Int(node)] = UInt32(next) }
          next += 1
        }
        open += groups
      }
    }
    return next == partition.count ? partition : try DescribedPartition(graph, labels: labels, count: next)
  }

  /// The best parts of a group as a graph of its own; nil where it is better whole.
  private func parts(of inner: DescribedGraph) throws(MillError) -> DescribedPartition? {
    guard inner.edgeCount > inner.nodeCount else { return nil }
    var best: DescribedPartition?
    for resolution in Self.innerResolutions {
      let start = try Leiden<Double>.labels(of: inner.ranked ?? inner.level, resolution: resolution, seed: seed, quiet)
      let found = try PartitionPolish.run(inner, start: start, minimum: 1, context: quiet)
      if found.star < best?.star ?? .infinity { best = found }
    }
    guard let best, best.count > 1 else { return nil }
    let whole = try DescribedPartition.one(inner)
    return best.tree < whole.tree - Self.splitGain * Double(inner.nodeCount) ? best : nil
  }
}
