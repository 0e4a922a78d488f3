import MillRuntime

/// Which labels are refined.
public enum RefinementScope: String, Sendable, CaseIterable, Codable {
  /// None.
  case none
  /// The leaves, before they are linked.
  case leaves
  /// The leaves, then depth by depth from the root down, nested.
  case levels
}

extension Refinement {
  /// Refines the leaves of a tree from the root down: at each depth a node may only move among the children of the group
  /// that it has at the depth above, so the levels stay nested.
  ///
  /// A node whose old leaf is not below its new parent takes the best child.
  static func nested(
    _ graph: CommunityGraph, tree: CommunityTree, leaves start: [Int32], isDegreeCorrected: Bool, threads: Int,
    context: RunContext
  ) throws(MillError) -> [Int32] {
    let height = tree.height
    guard height > 0, tree.leafCount <= Refinement.largestCount else { return start }
    let order = tree.leafOrder
    let depths = tree.depths
    var labels = [Int32](repeating: 0, count: graph.nodeCount)
    var ancestors = (0..<tree.leafCount).map { $0 }
    // From leaves at the full depth to their ancestors at each depth; computed from the leaf up once a depth.
    var previousGroups = [Int](repeating: 0, count: tree.leafCount)
    context.progress?.begin("refine levels", total: nil, unit: .items)
    defer { context.progress?.end() }
    for depth in 1...height {
      for leaf in 0..<tree.leafCount {
        var node = leaf
        while depths[node] > depth { node = Int(tree.parents[node]) }
        ancestors[leaf] = node
      }
      var groups = [Int](repeating: 0, count: tree.leafCount)
      var parents: [Int] = []
      for (place, leaf) in order.enumerated() {
        if place == 0 || ancestors[leaf] != ancestors[order[place - 1]] { parents.append(previousGroups[leaf]) }
        groups[leaf] = parents.count - 1
      }
      var ranges = [Range<Int>](repeating: 0..<0, count: (parents.last ?? 0) + 1)
      for (group, parent) in parents.enumerated() {
        ranges[parent] = (ranges[parent].isEmpty ? group : ranges[parent].lowerBound)..<group + 1
      }
      let above = labels
      for i in 0..<graph.nodeCount {
        let leaf = Int(start[i])
        labels[i] = Int32(previousGroups[leaf]) == above[i] ? Int32(groups[leaf]) : -1
      }
      var refinement = try Refinement(
        graph, labels: labels, groups: parents.count, candidates: parents.map { ranges[$0] },
        isDegreeCorrected: isDegreeCorrected, threads: threads)
      refinement.place { ranges[Int(above[$0])] }
      try refinement.run(context)
      labels = refinement.result
      previousGroups = groups
    }
    return labels.map { Int32(order[Int($0)]) }
  }
}
