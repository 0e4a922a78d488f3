public import MillRuntime

/// A flat cut of a tree: every leaf is in one group.
public struct TreeCut: Sendable, Equatable {
  /// The tree nodes that are the groups, in ascending order.
  public let nodes: [Int]
  /// The group of each leaf, an index into ``nodes``.
  public let groupOfLeaf: [Int32]

  /// The number of groups.
  public var count: Int { nodes.count }

  /// - Parameter nodes: An antichain of tree nodes that covers all leaves.
  init(_ nodes: [Int], in tree: CommunityTree) {
    self.nodes = nodes.sorted()
    var group = [Int32](repeating: -1, count: tree.nodeCount)
    for (index, node) in self.nodes.enumerated() { group[node] = Int32(index) }
    for node in stride(from: tree.nodeCount - 2, through: 0, by: -1) where group[node] < 0 {
      group[node] = group[Int(tree.parents[node])]
    }
    groupOfLeaf = Array(group.prefix(tree.leafCount))
  }
}

/// In which order a tree is opened from the root to make more groups.
public enum CutOrder: String, Sendable, CaseIterable {
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
  /// - Throws: `MillError` of kind `bad-option` when the tree has fewer leaves, or an inner node of many children jumps
  ///   over the count.
  public func cut(intoGroups count: Int, order: CutOrder = .similarity) throws(MillError) -> TreeCut {
    guard count >= 1, count <= max(leafCount, 1) else {
      throw MillError(
        .badOption, "the tree can be cut into 1 to \(leafCount) groups, not into that many", field: "\(count)")
    }
    let cut = cutAtMost(count, order: order)
    guard cut.count == count || leafCount == 0 else {
      throw MillError(
        .badOption, "no cut of this tree has exactly that many groups; the nearest below has \(cut.count)",
        field: "\(count)")
    }
    return cut
  }

  /// As many groups as possible without going over `count`: what ``cut(intoGroups:order:)`` gives where it can.
  public func cutAtMost(_ count: Int, order: CutOrder = .similarity) -> TreeCut {
    guard let root else { return TreeCut([], in: self) }
    let depths = order == .depth ? self.depths : []
    func place(_ node: Int) -> CutPlace {
      CutPlace(node: node, depth: order == .depth ? Int(depths[node]) : 0, similarity: similarities[node])
    }
    var leaves: [Int] = []
    var heap: [CutPlace] = []
    var open = 1
    if root < leafCount { leaves.append(root) } else { heap.pushHeap(place(root)) }
    while let node = heap.first?.node, open + children(of: node).count - 1 <= count {
      _ = heap.popHeap()
      open += children(of: node).count - 1
      for child in children(of: node).map(Int.init) {
        if child < leafCount { leaves.append(child) } else { heap.pushHeap(place(child)) }
      }
    }
    return TreeCut(leaves + heap.map(\.node), in: self)
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
