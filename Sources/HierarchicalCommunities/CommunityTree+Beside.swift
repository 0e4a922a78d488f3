extension CommunityTree {
  /// This tree of some groups, and all other groups joined to it one by one at similarity 0.
  ///
  /// - Parameters:
  ///   - links: Sizes and densities of all groups.
  ///   - numbers: The number of each leaf of this tree among all groups.
  func beside(_ links: GroupLinks, at numbers: [Int32]) -> CommunityTree {
    let count = links.count
    let others = count - leafCount
    guard others > 0, let root else { return self }
    var isOwn = [Bool](repeating: false, count: count)
    for number in numbers { isOwn[Int(number)] = true }
    /// The number of a node of this tree.
    func moved(_ node: Int) -> Int { node < leafCount ? Int(numbers[node]) : node + others }
    let inner = nodeCount - leafCount
    var parents = [Int32](repeating: -1, count: count + inner + others)
    var similarities = (0..<count).map { links.density($0, $0) }
    for node in 0..<nodeCount where self.parents[node] >= 0 {
      parents[moved(node)] = Int32(moved(Int(self.parents[node])))
    }
    for leaf in 0..<leafCount { similarities[Int(numbers[leaf])] = self.similarities[leaf] }
    for node in innerNodes { similarities.append(self.similarities[node]) }
    var top = moved(root)
    var next = count + inner
    for group in 0..<count where !isOwn[group] {
      parents[top] = Int32(next)
      parents[group] = Int32(next)
      similarities.append(0)
      top = next
      next += 1
    }
    var tree = CommunityTree(
      uncheckedLeaves: count, parents: parents, leafSizes: links.sizes, similarities: similarities)
    if let confidences {
      var all = [Double](repeating: 1, count: tree.nodeCount)
      for node in 0..<nodeCount { all[moved(node)] = confidences[node] }
      tree.confidences = all
    }
    return tree
  }
}
