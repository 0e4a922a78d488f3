public import MillRuntime

/// A hierarchy of groups: a rooted tree whose leaves are numbered 0..<leafCount and whose inner nodes follow, each after
/// all of its descendants, the root last.
///
/// One type for all methods: leaves are communities (bottom-up, top-down) or single nodes (Paris). Inner nodes may have
/// more than two children.
public struct CommunityTree: Sendable, Equatable {
  /// The shape, with sizes and similarities: what drawings take.
  public let rooted: RootedTree
  /// The share of resampled trees that have each tree node as a group; nil when it was not measured.
  public var confidences: [Double]?

  /// The number of leaves.
  public var leafCount: Int { rooted.leafCount }
  /// The parent of each tree node; -1 for the root.
  public var parents: [Int32] { rooted.parents }
  /// Graph nodes below each tree node.
  public var sizes: [Int] { rooted.sizes }
  /// How tightly the children of an inner node are joined: edges between them over pairs, or what the method uses
  /// (larger is tighter). For a leaf the density inside, NaN where it is not defined.
  public var similarities: [Double] { rooted.similarities ?? [] }
  /// The number of tree nodes.
  public var nodeCount: Int { rooted.nodeCount }
  /// The root; nil for a tree without leaves.
  public var root: Int? { nodeCount == 0 ? nil : nodeCount - 1 }
  /// The inner nodes, each after its descendants.
  public var innerNodes: Range<Int> { rooted.innerNodes }

  /// The children of a tree node, ascending; none for a leaf.
  public func children(of node: Int) -> ArraySlice<Int32> { rooted.children(of: node) }

  /// A tree from parents.
  ///
  /// - Parameters:
  ///   - leafCount: The number of leaves, which come first.
  ///   - parents: The parent of each node, larger than the node; -1 for the last node only.
  ///   - leafSizes: Graph nodes in each leaf.
  ///   - similarities: One a tree node.
  /// - Throws: `MillError` of kind `malformed` when this is no tree of that form.
  public init(leafCount: Int, parents: [Int32], leafSizes: [Int], similarities: [Double]) throws(MillError) {
    try self.init(
      RootedTree(leafCount: leafCount, parents: parents, leafSizes: leafSizes, similarities: similarities))
  }

  /// A tree of communities from its shape.
  ///
  /// - Throws: `MillError` of kind `malformed` for a forest of several trees, and for a tree without similarities or
  ///   with another order of children than by number.
  public init(_ rooted: RootedTree) throws(MillError) {
    if let extra = rooted.parents.dropLast().firstIndex(where: { $0 < 0 }) {
      throw MillError(.malformed, "not a tree whose nodes come before their parents", field: "\(extra)")
    }
    guard rooted.similarities != nil, rooted.childOrder == .number else {
      throw MillError(.malformed, "a tree of communities has similarities, and children by number")
    }
    self.rooted = rooted
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
  public var depths: [Int] { rooted.depths }

  /// The depth of the deepest leaf.
  public var height: Int { rooted.height }

  /// The leaves in the order in which a drawing shows them: depth first, children ascending.
  public var leafOrder: [Int] { rooted.leafOrder }

  /// The deepest common ancestor of two tree nodes.
  public func commonAncestor(_ a: Int, _ b: Int) -> Int {
    let parents = parents
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
