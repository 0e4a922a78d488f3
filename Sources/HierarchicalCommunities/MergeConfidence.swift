import Glibc
public import MillRuntime

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
  ///   - context: Progress (a step a tree) and a way to stop.
  /// - Returns: The share of replicates that have each tree node as a group, 1 for leaves and root.
  /// - Throws: `MillError`: `interrupted`.
  /// - Complexity: O(replicates · K²) for most inputs.
  public func mergeConfidence(
    of tree: CommunityTree, rule: LinkageRule = .average, replicates: Int, seed: UInt64, context: RunContext = .init()
  ) throws(MillError) -> [Double] {
    let stream = RandomStream(seed: seed, stage: "merge-confidence")
    let wanted = tree.leafSets
    var hits = [Int](repeating: 0, count: tree.nodeCount)
    for replicate in 0..<replicates {
      try context.checkCancelled()
      var random = stream.item(UInt64(replicate))
      let sets = Set(resampled(&random).linkageTree(rule).leafSets)
      for node in 0..<tree.nodeCount where sets.contains(wanted[node]) { hits[node] += 1 }
      context.progress?.advance(by: 1)
    }
    return hits.map { Double($0) / Double(max(1, replicates)) }
  }

  /// The same groups with edges drawn anew.
  private func resampled(_ random: inout CounterRandom) -> GroupLinks {
    func draw(_ value: UInt64) -> UInt64 {
      // Light edges can be drawn more often than integers of their unit can tell.
      UInt64(min((Self.poisson(Double(value) * unit, &random) / unit).rounded(), 0x1p52))
    }
    var inside: [UInt64] = []
    // Each pair is drawn in the row of its smaller group; the other row takes it over.
    var columns = [[(Int32, UInt64)]](repeating: [], count: count)
    var builder = GroupLinkRows(groups: count)
    for a in 0..<count {
      for (b, value) in columns[a] { builder.append(b, value) }
      columns[a] = []
      inside.append(draw(self.inside[a]))
      for place in row(a) where Int(others[place]) > a {
        let value = draw(weights[place])
        guard value > 0 else { continue }
        builder.append(others[place], value)
        columns[Int(others[place])].append((Int32(a), value))
      }
      builder.endRow()
    }
    return GroupLinks(sizes: sizes, inside: inside, rows: builder, unit: unit)
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
  /// The tree of some leaves, ascending and at least one: inner nodes with one child left are dissolved.
  func spanning(_ leaves: [Int]) -> CommunityTree {
    guard leaves.count < leafCount else { return self }
    var numbers = [Int32](repeating: -1, count: nodeCount)
    for (number, leaf) in leaves.enumerated() { numbers[leaf] = Int32(number) }
    // Each node is numbered as itself, or as its only child left.
    var next = Int32(leaves.count)
    var kept: [Int] = leaves
    var newParents = [Int32](repeating: -1, count: leaves.count)
    var waiting = [[Int32]](repeating: [], count: nodeCount)
    for node in 0..<nodeCount {
      if node >= leafCount {
        if waiting[node].count == 1 { numbers[node] = waiting[node][0] }
        if waiting[node].count > 1 {
          numbers[node] = next
          for child in waiting[node] { newParents[Int(child)] = next }
          newParents.append(-1)
          kept.append(node)
          next += 1
        }
      }
      if numbers[node] >= 0, parents[node] >= 0 { waiting[Int(parents[node])].append(numbers[node]) }
    }
    return CommunityTree(
      uncheckedLeaves: leaves.count, parents: newParents, leafSizes: leaves.map { sizes[$0] },
      similarities: kept.map { similarities[$0] })
  }
}
