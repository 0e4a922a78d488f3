import Glibc
import MillRuntime

extension GroupLinks {
  /// How often each group of a tree comes out again when the edges are resampled.
  ///
  /// Groups stay; the number of edges between two of them is drawn from a Poisson law around what was found, and the
  /// groups are linked again.
  ///
  /// - Parameters:
  ///   - tree: A linkage of these counts.
  ///   - rule: The linkage.
  ///   - replicates: Resampled trees, at least 1.
  ///   - seed: Of the resampling.
  /// - Returns: The share of replicates that have each tree node as a group, 1 for leaves and root.
  /// - Complexity: O(replicates · K²) for most inputs.
  public func mergeConfidence(
    of tree: CommunityTree, rule: LinkageRule = .average, replicates: Int, seed: UInt64
  ) -> [Double] {
    let k = count
    let stream = RandomStream(seed: seed, stage: "merge-confidence")
    let wanted = tree.leafSets
    var hits = [Int](repeating: 0, count: tree.nodeCount)
    for replicate in 0..<replicates {
      var random = stream.item(UInt64(replicate))
      var resampled = self
      for a in 0..<k {
        for b in a..<k {
          let drawn = Self.poisson(Double(links[a * k + b]) * unit, &random)
          let value = UInt64((drawn / unit).rounded())
          resampled.links[a * k + b] = value
          resampled.links[b * k + a] = value
        }
      }
      let sets = Set(resampled.linkageTree(rule).leafSets)
      for node in 0..<tree.nodeCount where sets.contains(wanted[node]) { hits[node] += 1 }
    }
    return hits.map { Double($0) / Double(max(1, replicates)) }
  }

  /// A Poisson variate: by exponential gaps up to a mean of 60, beyond by a rounded normal one.
  static func poisson(_ mean: Double, _ random: inout CounterRandom) -> Double {
    guard mean > 0 else { return 0 }
    if mean <= 60 {
      var sum = 0.0
      var count = -1.0
      while sum < mean {
        sum -= Logarithm.natural(1 - random.unit())
        count += 1
      }
      return count
    }
    // Marsaglia's polar method.
    while true {
      let (u, v) = (2 * random.unit() - 1, 2 * random.unit() - 1)
      let s = u * u + v * v
      if s > 0, s < 1 {
        let normal = u * (-2 * Logarithm.natural(s) / s).squareRoot()
        return max(0, (mean + mean.squareRoot() * normal).rounded())
      }
    }
  }
}

extension CommunityTree {
  /// The leaves below each node as a bit set.
  var leafSets: [[UInt64]] {
    let words = (leafCount + 63) / 64
    var sets = [[UInt64]](repeating: [UInt64](repeating: 0, count: words), count: nodeCount)
    for node in 0..<nodeCount {
      if node < leafCount { sets[node][node / 64] |= 1 << UInt64(node % 64) }
      let parent = Int(parents[node])
      if parent >= 0 {
        for word in 0..<words { sets[parent][word] |= sets[node][word] }
      }
    }
    return sets
  }

  /// The tree without the inner nodes below a confidence: their children become those of the next node above that stays.
  ///
  /// - Parameter confidence: Nodes below it are dissolved; 0.95 finds trees of more than two branches.
  public func collapsed(below confidence: Double) -> CommunityTree {
    guard let confidences, let root else { return self }
    var stays = [Bool](repeating: true, count: nodeCount)
    for node in innerNodes where node != root && confidences[node] < confidence { stays[node] = false }
    return keeping(stays)
  }

  /// The tree of the nodes that stay; leaves and root always do.
  func keeping(_ stays: [Bool]) -> CommunityTree {
    guard let root else { return self }
    var numbers = [Int32](repeating: -1, count: nodeCount)
    var kept: [Int] = []
    for node in 0..<nodeCount where stays[node] || node < leafCount || node == root {
      numbers[node] = Int32(kept.count)
      kept.append(node)
    }
    let newParents = kept.map { node -> Int32 in
      var parent = Int(parents[node])
      while parent >= 0, numbers[parent] < 0 { parent = Int(parents[parent]) }
      return parent < 0 ? -1 : numbers[parent]
    }
    var tree = CommunityTree(
      uncheckedLeaves: leafCount, parents: newParents, leafSizes: Array(sizes.prefix(leafCount)),
      similarities: kept.map { similarities[$0] })
    tree.confidences = confidences.map { old in kept.map { old[$0] } }
    return tree
  }
}
