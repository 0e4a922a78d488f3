extension GroupLinks {
  /// How clearly each merge of an average linkage was the right one: the gap between its density and the best density that
  /// either side had with a third cluster, in standard deviations of Poisson counts.
  ///
  /// - Parameter tree: The binary linkage of these counts.
  /// - Returns: One value a tree node: infinite where no third cluster was left or nothing was random, NaN for leaves and for
  ///   nodes above a node of more than two children.
  /// - Complexity: O(K + p log p) for most inputs, with p linked pairs of groups.
  public func mergeGaps(of tree: CommunityTree) -> [Double] {
    let k = count
    var gaps = [Double](repeating: .nan, count: tree.nodeCount)
    guard tree.leafCount == k else { return gaps }
    // The counts of each cluster by cluster, named by one of its leaves.
    var rows = (0..<k).map { a in
      [Int32: Double](uniqueKeysWithValues: row(a).map { (others[$0], Double(weights[$0])) })
    }
    var sizes = self.sizes.map(Double.init)
    // The name of each tree node's cluster; nil above a node that is not binary.
    var name: [Int?] = (0..<k).map { $0 } + [Int?](repeating: nil, count: tree.nodeCount - k)
    var clusters = k
    /// Density and its variance, both in units of a weight of 1.
    func density(_ edges: Double, _ x: Int, _ y: Int) -> (value: Double, variance: Double) {
      let pairs = max(1, sizes[x] * sizes[y])
      return (edges / pairs, edges / (pairs * pairs))
    }
    for node in tree.innerNodes {
      let children = tree.children(of: node).map(Int.init)
      guard children.count == 2, let a = name[children[0]], let b = name[children[1]] else { continue }
      let own = density(rows[a][Int32(b)] ?? 0, a, b)
      // Of equal rivals the first by leaf, then the one of the first side.
      var rival = (value: 0.0, variance: 0.0, cluster: Int32.max)
      for side in [a, b] {
        for (c, edges) in rows[side] where Int(c) != a && Int(c) != b {
          let found = density(edges, side, Int(c))
          if found.value > rival.value || (found.value == rival.value && c < rival.cluster) {
            rival = (found.value, found.variance, c)
          }
        }
      }
      if clusters > 2 {
        let variance = own.variance + rival.variance
        let gap = own.value - rival.value
        gaps[node] = variance > 0 ? gap / variance.squareRoot() : gap > 0 ? .infinity : 0
      } else {
        gaps[node] = .infinity
      }
      let (kept, gone) = rows[a].count >= rows[b].count ? (a, b) : (b, a)
      rows[kept][Int32(gone)] = nil
      for (c, edges) in rows[gone] where Int(c) != kept {
        rows[Int(c)][Int32(gone)] = nil
        rows[Int(c)][Int32(kept), default: 0] += edges
        rows[kept][c, default: 0] += edges
      }
      rows[gone] = [:]
      sizes[kept] += sizes[gone]
      clusters -= 1
      name[node] = kept
    }
    return gaps
  }
}
