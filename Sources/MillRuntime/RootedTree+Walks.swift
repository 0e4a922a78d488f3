extension RootedTree {
  /// The roots in the order of their smallest leaves, or by number, as ``childOrder`` says.
  ///
  /// - Complexity: O(nodes).
  public var roots: [Int] {
    let roots = parents.indices.filter { parents[$0] < 0 }
    guard childOrder == .smallestLeaf, roots.count > 1 else { return roots }
    let smallest = smallestLeaves
    return roots.sorted { smallest[$0] < smallest[$1] }
  }

  /// The smallest leaf below each node.
  ///
  /// - Complexity: O(nodes).
  public var smallestLeaves: [Int] {
    var smallest = (0..<nodeCount).map { $0 < leafCount ? $0 : Int.max }
    for (node, parent) in parents.enumerated() where parent >= 0 {
      smallest[Int(parent)] = min(smallest[Int(parent)], smallest[node])
    }
    return smallest
  }

  /// The number of leaves below each node; 1 for a leaf.
  ///
  /// - Complexity: O(nodes).
  public var leafCounts: [Int] {
    var counts = (0..<nodeCount).map { $0 < leafCount ? 1 : 0 }
    for (node, parent) in parents.enumerated() where parent >= 0 { counts[Int(parent)] += counts[node] }
    return counts
  }

  /// The edges between each node and its root.
  ///
  /// - Complexity: O(nodes).
  public var depths: [Int] {
    var depths = [Int](repeating: 0, count: nodeCount)
    for node in parents.indices.reversed() where parents[node] >= 0 { depths[node] = depths[Int(parents[node])] + 1 }
    return depths
  }

  /// The edges between each node and the deepest leaf below it; 0 for a leaf.
  ///
  /// - Complexity: O(nodes).
  public var heights: [Int] {
    var heights = [Int](repeating: 0, count: nodeCount)
    for (node, parent) in parents.enumerated() where parent >= 0 {
      heights[Int(parent)] = max(heights[Int(parent)], heights[node] + 1)
    }
    return heights
  }

  /// The edges between the deepest leaf and its root; 0 for a tree without inner nodes.
  ///
  /// - Complexity: O(nodes).
  public var height: Int { heights.max() ?? 0 }

  /// All nodes, tree by tree, each before its children, which come in ``childOrder``.
  ///
  /// - Complexity: O(nodes).
  public var preorder: [Int] {
    var order: [Int] = []
    order.reserveCapacity(nodeCount)
    for root in roots { appendPreorder(of: root, to: &order) }
    return order
  }

  /// The leaves in the order in which a drawing shows them: depth first, tree by tree.
  ///
  /// - Complexity: O(nodes).
  public var leafOrder: [Int] { preorder.filter { $0 < leafCount } }

  /// A node and all below it, each before its children.
  ///
  /// - Complexity: O(nodes below).
  public func subtree(of node: Int) -> [Int] {
    var order: [Int] = []
    appendPreorder(of: node, to: &order)
    return order
  }

  private func appendPreorder(of node: Int, to order: inout [Int]) {
    var stack = [node]
    while let node = stack.popLast() {
      order.append(node)
      for child in children(of: node).reversed() { stack.append(Int(child)) }
    }
  }

  /// The deepest node above both, where a node is above itself; nil for nodes of different trees.
  ///
  /// - Complexity: O(edges between the two).
  public func commonAncestor(_ a: Int, _ b: Int) -> Int? {
    var (a, b) = (a, b)
    while a != b {
      if a < b { a = Int(parents[a]) } else { b = Int(parents[b]) }
      if a < 0 || b < 0 { return nil }
    }
    return a
  }

  /// The same tree; a forest of several gets one root more, the last node, above all of its roots.
  ///
  /// - Complexity: O(nodes).
  public func underOneRoot() -> RootedTree {
    guard parents.count(where: { $0 < 0 }) > 1 else { return self }
    let root = Int32(nodeCount)
    return rebuilt(parents.map { $0 < 0 ? root : $0 } + [-1], similarities.map { $0 + [.nan] }, names)
  }

  /// The same tree with other names of its leaves.
  ///
  /// - Throws: `MillError` of kind `malformed` when there is not one name a leaf.
  public func named(_ names: [String]?) throws(MillError) -> RootedTree {
    try RootedTree(
      leafCount: leafCount, parents: parents, leafSizes: Array(sizes.prefix(leafCount)), similarities: similarities,
      names: names, childOrder: childOrder)
  }

  private func rebuilt(_ parents: [Int32], _ similarities: [Double]?, _ names: [String]?) -> RootedTree {
    do throws(MillError) {
      return try RootedTree(
        leafCount: leafCount, parents: parents, leafSizes: Array(sizes.prefix(leafCount)), similarities: similarities,
        names: names, childOrder: childOrder)
    } catch {
      preconditionFailure("a tree became none: \(error)")
    }
  }
}
