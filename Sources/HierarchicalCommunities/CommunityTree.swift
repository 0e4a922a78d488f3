public import MillRuntime

/// A hierarchy of groups: a rooted tree whose leaves are numbered 0..<leafCount and whose inner nodes follow, each after
/// all of its descendants, the root last.
///
/// One type for all methods: leaves are communities (bottom-up, top-down) or single nodes (Paris). Inner nodes may have
/// more than two children.
public struct CommunityTree: Sendable, Equatable {
  /// The number of leaves.
  public let leafCount: Int
  /// The parent of each tree node; -1 for the root.
  public let parents: [Int32]
  /// Graph nodes below each tree node.
  public let sizes: [Int]
  /// How tightly the children of an inner node are joined: edges between them over pairs, or what the method uses
  /// (larger is tighter). For a leaf the density inside, NaN where it is not defined.
  public let similarities: [Double]
  /// The share of resampled trees that have each tree node as a group; nil when it was not measured.
  public var confidences: [Double]?
  private let childOffsets: [Int32]
  private let childList: [Int32]

  /// The number of tree nodes.
  public var nodeCount: Int { parents.count }
  /// The root; nil for a tree without leaves.
  public var root: Int? { parents.isEmpty ? nil : parents.count - 1 }
  /// The inner nodes, each after its descendants.
  public var innerNodes: Range<Int> { leafCount..<max(leafCount, nodeCount) }

  /// The children of a tree node, ascending; none for a leaf.
  public func children(of node: Int) -> ArraySlice<Int32> {
    childList[Int(childOffsets[node])..<Int(childOffsets[node + 1])]
  }

  /// A tree from parents.
  ///
  /// - Parameters:
  ///   - leafCount: The number of leaves, which come first.
  ///   - parents: The parent of each node, larger than the node; -1 for the last node only.
  ///   - leafSizes: Graph nodes in each leaf.
  ///   - similarities: One a tree node.
  /// - Throws: `MillError` of kind `malformed` when this is no tree of that form.
  public init(leafCount: Int, parents: [Int32], leafSizes: [Int], similarities: [Double]) throws(MillError) {
    let count = parents.count
    guard leafSizes.count == leafCount, similarities.count == count, count >= leafCount,
      leafCount > 0 || count == 0
    else { throw MillError(.malformed, "the parts of a tree have different lengths") }
    var sizes = leafSizes + [Int](repeating: 0, count: count - leafCount)
    var offsets = [Int32](repeating: 0, count: count + 1)
    for node in 0..<count {
      let parent = Int(parents[node])
      guard node == count - 1 ? parent == -1 : parent > node && parent >= leafCount && parent < count else {
        throw MillError(.malformed, "not a tree whose nodes come before their parents", field: "\(node)")
      }
      guard sizes[node] >= 0 else { throw MillError(.malformed, "a group of negative size", field: "\(node)") }
      if parent >= 0 {
        let (sum, overflow) = sizes[parent].addingReportingOverflow(sizes[node])
        guard !overflow else { throw MillError(.malformed, "the sizes of the groups are too large") }
        sizes[parent] = sum
        offsets[parent + 1] += 1
      }
    }
    for node in leafCount..<max(leafCount, count) where offsets[node + 1] == 0 {
      throw MillError(.malformed, "an inner node without children", field: "\(node)")
    }
    for node in 0..<count { offsets[node + 1] += offsets[node] }
    var list = [Int32](repeating: 0, count: max(0, count - 1))
    var next = offsets
    for node in 0..<max(0, count - 1) {
      let parent = Int(parents[node])
      list[Int(next[parent])] = Int32(node)
      next[parent] += 1
    }
    self.leafCount = leafCount
    self.parents = parents
    self.sizes = sizes
    self.similarities = similarities
    childOffsets = offsets
    childList = list
  }

  /// A tree of one leaf.
  public static func single(size: Int, density: Double = .nan) -> CommunityTree {
    CommunityTree(uncheckedLeaves: 1, parents: [-1], leafSizes: [size], similarities: [density])
  }

  /// For trees that are right by construction.
  init(uncheckedLeaves leafCount: Int, parents: [Int32], leafSizes: [Int], similarities: [Double]) {
    do throws(MillError) {
      try self.init(leafCount: leafCount, parents: parents, leafSizes: leafSizes, similarities: similarities)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The depth of each tree node; 0 for the root.
  public var depths: [Int] {
    var depths = [Int](repeating: 0, count: nodeCount)
    for node in stride(from: nodeCount - 2, through: 0, by: -1) { depths[node] = depths[Int(parents[node])] + 1 }
    return depths
  }

  /// The depth of the deepest leaf.
  public var height: Int { depths.max() ?? 0 }

  /// The leaves in the order in which a drawing shows them: depth first, children ascending.
  public var leafOrder: [Int] {
    guard let root else { return [] }
    var order: [Int] = []
    var stack = [root]
    while let node = stack.popLast() {
      if node < leafCount { order.append(node) }
      for child in children(of: node).reversed() { stack.append(Int(child)) }
    }
    return order
  }

  /// The deepest common ancestor of two tree nodes.
  public func commonAncestor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while a != b {
      if a < b { a = Int(parents[a]) } else { b = Int(parents[b]) }
    }
    return a
  }

  /// The same tree with other leaf sizes.
  func resized(_ leafSizes: [Int]) -> CommunityTree {
    var tree = CommunityTree(
      uncheckedLeaves: leafCount, parents: parents, leafSizes: leafSizes, similarities: similarities)
    tree.confidences = confidences
    return tree
  }

  /// The same tree with other similarities.
  func withSimilarities(_ similarities: [Double]) -> CommunityTree {
    var tree = CommunityTree(
      uncheckedLeaves: leafCount, parents: parents, leafSizes: Array(sizes.prefix(leafCount)),
      similarities: similarities)
    tree.confidences = confidences
    return tree
  }
}

/// A hierarchy and which leaf each node of the graph belongs to.
public struct CommunityHierarchy: Sendable, Equatable {
  /// The tree.
  public let tree: CommunityTree
  /// The leaf of each node of the graph, shape `[n]`; -1 for isolated nodes that were set aside.
  public let leaves: [Int32]

  /// A tree with its members.
  public init(tree: CommunityTree, leaves: [Int32]) {
    self.tree = tree
    self.leaves = leaves
  }

  /// Labels of the nodes by a flat cut.
  public func labels(_ cut: TreeCut) -> [Int32] { leaves.map { $0 < 0 ? -1 : cut.groupOfLeaf[Int($0)] } }

  /// Labels at a depth: nodes whose leaves have the same ancestor there.
  public func labels(atDepth depth: Int) -> [Int32] { labels(tree.cut(atDepth: depth)) }
}
