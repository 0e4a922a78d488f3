public import MillRuntime

/// A flat cut of a tree: every leaf is in one group.
public struct TreeCut: Sendable, Equatable {
  /// The tree nodes that are the groups, in ascending order.
  public let nodes: [Int]
  /// The group of each leaf, an index into ``nodes``.
  public let groupOfLeaf: [Int32]

  /// Groups among them that were not counted: small components beside the groups that were asked for.
  public let asideCount: Int

  /// The number of groups, all of them.
  public var count: Int { nodes.count }

  /// - Parameters:
  ///   - nodes: An antichain of tree nodes that covers all leaves.
  ///   - aside: Leaves that do not count as groups; empty for none.
  init(_ nodes: [Int], in tree: CommunityTree, aside: [Bool] = []) {
    self.nodes = nodes.sorted()
    let weights = tree.cutWeights(aside)
    asideCount = weights.isEmpty ? 0 : nodes.count { weights[$0] == 0 }
    var group = [Int32](repeating: -1, count: tree.nodeCount)
    for (index, node) in self.nodes.enumerated() { group[node] = Int32(index) }
    for node in stride(from: tree.nodeCount - 2, through: 0, by: -1) where group[node] < 0 {
      group[node] = group[Int(tree.parents[node])]
    }
    groupOfLeaf = Array(group.prefix(tree.leafCount))
  }
}

/// In which order a tree is opened from the root to make more groups.
public enum CutOrder: String, Sendable, CaseIterable, Codable {
  /// The loosest open group first: undoes the last merges of a linkage.
  case similarity
  /// The shallowest first, of equals the loosest: breadth first.
  case depth
}

extension CommunityTree {
  /// The groups at a depth; a shallower leaf stays a group of its own.
  public func cut(atDepth depth: Int) -> TreeCut {
    guard let root else { return TreeCut([], in: self) }
    let depths = self.depths
    let nodes = (0..<nodeCount).filter {
      depths[$0] == depth || (depths[$0] < depth && $0 < leafCount) || (depth <= 0 && $0 == root)
    }
    return TreeCut(depth <= 0 ? [root] : nodes, in: self)
  }

  /// Exactly `count` groups.
  ///
  /// - Parameters:
  ///   - count: The number of groups.
  ///   - order: In which order the tree is opened.
  ///   - aside: Leaves that are groups of their own and do not count, shape `[leafCount]`; empty for none.
  /// - Throws: `MillError` of kind `bad-option` when the tree has fewer leaves, or an inner node of many children jumps
  ///   over the count.
  public func cut(
    intoGroups count: Int, order: CutOrder = .similarity, aside: [Bool] = []
  ) throws(MillError) -> TreeCut {
    let most = leafCount - aside.count { $0 }
    guard count >= 1, count <= max(most, 1) else {
      throw MillError(
        .badOption, "the tree can be cut into 1 to \(most) groups, not into that many", field: "\(count)")
    }
    let cut = cutAtMost(count, order: order, aside: aside)
    guard cut.count - cut.asideCount == count || leafCount == 0 else {
      throw MillError(
        .badOption,
        "no cut of this tree has exactly that many groups; the nearest below has \(cut.count - cut.asideCount)",
        field: "\(count)")
    }
    return cut
  }

  /// As many groups as possible without going over `count`: what ``cut(intoGroups:order:aside:)`` gives where it can.
  ///
  /// - Complexity: O(tree nodes · log of the groups).
  public func cutAtMost(_ count: Int, order: CutOrder = .similarity, aside: [Bool] = []) -> TreeCut {
    guard let root else { return TreeCut([], in: self) }
    let depths = order == .depth ? self.depths : []
    let weights = cutWeights(aside)
    func weight(_ node: Int) -> Int { weights.isEmpty ? 1 : Int(weights[node]) }
    func place(_ node: Int) -> CutPlace {
      CutPlace(node: node, depth: order == .depth ? Int(depths[node]) : 0, similarity: similarities[node])
    }
    var heap: [CutPlace] = []
    var closed: [Int] = []
    var open = weight(root)
    if root < leafCount { closed.append(root) } else { heap.pushHeap(place(root)) }
    while let node = heap.first?.node {
      let more = children(of: node).reduce(-weight(node)) { $0 + weight(Int($1)) }
      guard more <= count - open else { break }
      _ = heap.popHeap()
      open += more
      for child in children(of: node).map(Int.init) {
        // Components that are aside are told apart from each other, and left whole.
        let isWhole = weight(child) == 0 && similarities[child] > 0
        if child < leafCount || isWhole { closed.append(child) } else { heap.pushHeap(place(child)) }
      }
    }
    return TreeCut(closed + heap.map(\.node), in: self, aside: aside)
  }

  /// 1 for each tree node with a leaf that counts, 0 for the others; empty where all count.
  fileprivate func cutWeights(_ aside: [Bool]) -> [UInt8] {
    guard aside.contains(true) else { return [] }
    var weights = [UInt8](repeating: 0, count: nodeCount)
    for node in 0..<nodeCount {
      if node < leafCount, !aside[node] { weights[node] = 1 }
      let parent = Int(parents[node])
      if parent >= 0 { weights[parent] |= weights[node] }
    }
    return weights
  }
}

extension CommunityHierarchy {
  /// What lies above a cut: its groups are the leaves, with the similarity at which their parts are joined.
  ///
  /// - Complexity: O(nodes + tree nodes).
  public func trimmed(to cut: TreeCut) -> CommunityHierarchy {
    var numbers = [Int32](repeating: -1, count: tree.nodeCount)
    var isBelow = [Bool](repeating: false, count: tree.nodeCount)
    for (group, node) in cut.nodes.enumerated() { numbers[node] = Int32(group) }
    for node in stride(from: tree.nodeCount - 1, through: 0, by: -1) where tree.parents[node] >= 0 {
      let parent = Int(tree.parents[node])
      isBelow[node] = isBelow[parent] || numbers[parent] >= 0
    }
    var similarities = cut.nodes.map { tree.similarities[$0] }
    for node in tree.innerNodes where !isBelow[node] && numbers[node] < 0 {
      numbers[node] = Int32(similarities.count)
      similarities.append(tree.similarities[node])
    }
    var parents = [Int32](repeating: -1, count: similarities.count)
    for node in 0..<tree.nodeCount where numbers[node] >= 0 && tree.parents[node] >= 0 {
      parents[Int(numbers[node])] = numbers[Int(tree.parents[node])]
    }
    let trimmed = CommunityTree(
      uncheckedLeaves: cut.count, parents: parents, leafSizes: cut.nodes.map { tree.sizes[$0] },
      similarities: similarities)
    return CommunityHierarchy(tree: trimmed, leaves: labels(cut))
  }
}

/// Where an open tree node stands in the order of cuts: shallow ones first, then loose ones, then late ones.
private struct CutPlace: Comparable {
  let node: Int
  let depth: Int
  let similarity: Double

  static func < (a: CutPlace, b: CutPlace) -> Bool {
    if a.depth != b.depth { return a.depth < b.depth }
    return a.similarity != b.similarity ? a.similarity < b.similarity : a.node > b.node
  }
}
