extension GroupLinks {
  /// The tree of linkage of groups that are parts of wholes: the parts of a whole are joined before any two wholes are.
  ///
  /// Where there are more groups than the links show, halves of one whole may have fewer edges between them than two wholes
  /// have, since it is by their few edges that they were found. Their similarity is then raised to that of the densest two
  /// wholes, so that similarities never rise on the way up and a cut undoes the joins of wholes first.
  ///
  /// - Parameter wholes: The whole of each group, 0, 1, …; nil for the tree without wholes.
  func linkageTree(_ rule: LinkageRule, partsOf wholes: [Int32]?) -> CommunityTree {
    guard let wholes, let last = wholes.max(), Int(last) + 1 < count else { return linkageTree(rule) }
    let volumes = rule == .volume ? linkedVolumes : nil
    let sized = volumes.map { resized($0) } ?? self
    let inner = rule == .volume ? LinkageRule.average : rule
    let above = sized.merged(by: wholes, count: Int(last) + 1).linkageTree(inner)
    let least = above.innerNodes.map { above.similarities[$0] }.max() ?? 0
    var parents = [Int32](repeating: -1, count: count)
    var similarities = [Double](repeating: 0, count: count)
    var tops: [Int] = []
    for whole in 0...last {
      let members = wholes.indices.filter { wholes[$0] == whole }
      let below = sized.keeping(members).linkageTree(inner)
      let shift = parents.count - below.leafCount
      func number(_ node: Int) -> Int { node < below.leafCount ? members[node] : node + shift }
      for node in below.innerNodes {
        parents.append(-1)
        similarities.append(max(below.similarities[node], least))
        for child in below.children(of: node) { parents[number(Int(child))] = Int32(number(node)) }
      }
      tops.append(number(below.nodeCount - 1))
    }
    let shift = parents.count - above.leafCount
    for node in above.innerNodes {
      parents.append(-1)
      similarities.append(above.similarities[node])
      for child in above.children(of: node) {
        parents[Int(child) < above.leafCount ? tops[Int(child)] : Int(child) + shift] = Int32(node + shift)
      }
    }
    // Densities of volumes become those between nodes of the mean degree, as in the tree without wholes.
    let mean = volumes.map { meanVolume($0) } ?? 1
    return CommunityTree(
      uncheckedLeaves: count, parents: parents, leafSizes: sizes,
      similarities: ownSimilarities(volumes) + similarities.dropFirst(count).map { $0 * (mean * mean) })
  }
}
