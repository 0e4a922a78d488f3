import GraphStore

extension CommunityHierarchy {
  /// The density of edges between the children of each inner node, and inside each leaf.
  ///
  /// - Complexity: O(n + m log height).
  func densities(in work: CommunityGraph) -> [Double] {
    let ancestors = CommonAncestors(tree)
    var edges = [Double](repeating: 0, count: tree.nodeCount)
    for u in 0..<work.nodeCount where leaves[u] >= 0 {
      for e in unsafe Int(work.offsets[u])..<Int(work.offsets[u + 1]) where unsafe Int(work.targets[e]) > u {
        let v = unsafe Int(work.targets[e])
        if leaves[v] < 0 { continue }
        edges[ancestors.deepest(Int(leaves[u]), Int(leaves[v]))] += work.weights.map { unsafe Double($0.base[e]) } ?? 1
      }
    }
    return (0..<tree.nodeCount).map { node in
      let size = Double(tree.sizes[node])
      if node < tree.leafCount { return size > 1 ? 2 * edges[node] / (size * (size - 1)) * work.weightUnit : .nan }
      var pairs = size * size
      for child in tree.children(of: node) { pairs -= Double(tree.sizes[Int(child)]) * Double(tree.sizes[Int(child)]) }
      return pairs > 0 ? 2 * edges[node] / pairs * work.weightUnit : 0
    }
  }
}
