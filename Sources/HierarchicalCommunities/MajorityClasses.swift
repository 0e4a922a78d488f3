extension CommunityHierarchy {
  /// The most frequent class of each leaf, shape `[leafCount]`; -1 where no node has one.
  ///
  /// - Parameter classes: The class of each node, shape `[n]`; negative ones are none.
  /// - Complexity: O(n + leaves · classes) time and memory.
  public func majorityClasses(of classes: [Int32]) -> [Int] {
    let width = Int(classes.max() ?? -1) + 1
    var counts = [Int](repeating: 0, count: tree.leafCount * max(1, width))
    for (leaf, label) in zip(leaves, classes) where leaf >= 0 && label >= 0 {
      counts[Int(leaf) * width + Int(label)] += 1
    }
    return (0..<tree.leafCount).map { leaf in
      let best = (0..<width).max { counts[leaf * width + $0] < counts[leaf * width + $1] }
      guard let best, counts[leaf * width + best] > 0 else { return -1 }
      return best
    }
  }
}
