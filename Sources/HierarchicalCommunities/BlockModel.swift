public import MillRuntime

/// The hierarchical stochastic block model: groups of nodes at the leaves of a tree, and a chance of an edge for each
/// pair of nodes that depends on the deepest common ancestor of their groups.
///
/// - Source: Dreveton, Kuroda, Grossglauser, Thiran, JASA 2026 (arXiv 2306.00833), section 2.1.
public struct HierarchicalBlockModel: Sendable, Equatable {
  /// Nodes of each leaf; nodes are numbered leaf by leaf.
  public let sizes: [Int]
  /// The tree; an inner node's similarity is its chance of an edge, a leaf's that inside it.
  public let tree: CommunityTree

  /// The number of nodes.
  public var nodeCount: Int { sizes.reduce(0, +) }
  /// The number of leaves.
  public var leafCount: Int { sizes.count }
  /// The chance of an edge between nodes of two leaves.
  public func chance(_ a: Int, _ b: Int) -> Double { tree.similarities[tree.commonAncestor(a, b)] }

  /// A model from a tree whose similarities are chances.
  ///
  /// - Throws: `MillError` of kind `bad-option` when a chance is outside 0...1 or does not grow towards the leaves.
  public init(tree: CommunityTree) throws(MillError) {
    sizes = Array(tree.sizes.prefix(tree.leafCount))
    self.tree = tree
    guard tree.leafCount >= 1 else { throw MillError(.badOption, "a block model needs a group") }
    for node in 0..<tree.nodeCount {
      let chance = tree.similarities[node]
      guard chance >= 0, chance <= 1 else {
        throw MillError(.badOption, "the chance of an edge must be in 0...1", field: "\(chance)")
      }
      if tree.parents[node] >= 0, tree.similarities[Int(tree.parents[node])] > chance {
        throw MillError(
          .badOption, "the chance of an edge must not fall from a group to its parts", field: "\(chance)")
      }
    }
  }

  /// A balanced tree: every inner node has `branching` children down to `chances.count - 1` levels.
  ///
  /// - Parameters:
  ///   - branching: Children of each inner node, at least 2 (or a depth of 0).
  ///   - leafSize: Nodes of each leaf, at least 1.
  ///   - chances: The chance of an edge by the depth of the common ancestor, from the root (0) to the leaves.
  /// - Throws: `MillError` of kind `bad-option`.
  public init(branching: Int, leafSize: Int, chances: [Double]) throws(MillError) {
    let depth = chances.count - 1
    guard depth >= 0, branching >= 2 || depth == 0, leafSize >= 1 else {
      throw MillError(.badOption, "a balanced tree needs a depth, 2 or more branches, and nodes in its leaves")
    }
    var leaves = 1
    for _ in 0..<depth {
      let (product, overflow) = leaves.multipliedReportingOverflow(by: branching)
      guard !overflow, product <= 1 << 20 else {
        throw MillError(.badOption, "a tree of so many leaves is too large", field: "\(branching)^\(depth)")
      }
      leaves = product
    }
    var parents: [Int32] = []
    var similarities: [Double] = []
    var width = leaves
    for level in stride(from: depth, through: 0, by: -1) {
      let first = parents.count + width
      for i in 0..<width {
        parents.append(level == 0 ? -1 : Int32(first + i / branching))
        similarities.append(chances[level])
      }
      width /= max(1, branching)
    }
    try self.init(
      tree: try CommunityTree(
        leafCount: leaves, parents: parents, leafSizes: [Int](repeating: leafSize, count: leaves),
        similarities: similarities))
  }

  /// A balanced tree from its mean degree: chances shrink by `ratio` from each level to the one above.
  ///
  /// - Parameters:
  ///   - branching: Children of each inner node.
  ///   - depth: Levels below the root.
  ///   - leafSize: Nodes of each leaf.
  ///   - meanDegree: c, the expected degree.
  ///   - ratio: beta in 0...1; small is well separated, 1 is no structure.
  /// - Throws: `MillError` of kind `bad-option`, also when the degree cannot be reached.
  public init(branching: Int, depth: Int, leafSize: Int, meanDegree: Double, ratio: Double) throws(MillError) {
    guard ratio >= 0, ratio <= 1, meanDegree >= 0, depth >= 0, depth <= 40, branching >= 1, leafSize >= 1 else {
      throw MillError(.badOption, "a balanced tree needs a ratio in 0...1, a degree and a depth not below 0")
    }
    // Nodes whose common ancestor with a given node is at each depth, times the relative chance there.
    var sum = Double(leafSize - 1)
    var others = Double(leafSize) * Double(branching - 1)
    var factor = 1.0
    for _ in 0..<depth {
      factor *= ratio
      sum += others * factor
      others *= Double(branching)
    }
    let densest = sum > 0 ? meanDegree / sum : 0
    guard densest <= 1 else {
      throw MillError(
        .badOption, "the leaves are too small for a mean degree of \(meanDegree)", field: "\(leafSize)")
    }
    var chances = [densest]
    for _ in 0..<depth { chances.insert(chances[0] * ratio, at: 0) }
    try self.init(branching: branching, leafSize: leafSize, chances: chances)
  }

  /// A balanced tree over any number of nodes: leaves differ by at most one node, the first ones are the larger.
  ///
  /// - Parameters:
  ///   - branching: Children of each inner node.
  ///   - depth: Levels below the root.
  ///   - nodeCount: At least the number of leaves.
  ///   - meanDegree: The expected degree.
  ///   - ratio: beta in 0...1, as above.
  /// - Throws: `MillError` of kind `bad-option`, also when the degree cannot be reached.
  public init(
    branching: Int, depth: Int, nodeCount: Int, meanDegree: Double, ratio: Double
  ) throws(MillError) {
    guard depth >= 0, depth <= 40, ratio >= 0, ratio <= 1, meanDegree >= 0, meanDegree.isFinite else {
      throw MillError(.badOption, "a balanced tree needs a ratio in 0...1, a degree and a depth not below 0")
    }
    var shape = [1.0]
    for _ in 0..<depth { shape.insert(shape[0] * ratio, at: 0) }
    let pattern = try HierarchicalBlockModel(branching: branching, leafSize: 1, chances: shape)
    let leaves = pattern.leafCount
    guard nodeCount >= leaves else {
      throw MillError(.badOption, "fewer nodes than the \(leaves) leaves of the tree", field: "\(nodeCount)")
    }
    let sizes = (0..<leaves).map { nodeCount / leaves + ($0 < nodeCount % leaves ? 1 : 0) }
    let tree = pattern.tree.resized(sizes)
    // Pairs of nodes whose deepest common group is each tree node.
    var expected = 0.0
    for node in 0..<tree.nodeCount {
      let size = Double(tree.sizes[node])
      var pairs = node < leaves ? size * (size - 1) : size * size
      for child in tree.children(of: node) { pairs -= Double(tree.sizes[Int(child)]) * Double(tree.sizes[Int(child)]) }
      expected += pairs * tree.similarities[node]
    }
    let scale = expected > 0 ? meanDegree * Double(nodeCount) / expected : 0
    guard scale <= 1 else {
      throw MillError(
        .badOption, "the leaves are too small for a mean degree of \(meanDegree)", field: "\(nodeCount)",
        hint:
          "give more nodes, a smaller \(setting: "meanDegree") or \(setting: "depth"), or a larger \(setting: "ratio")")
    }
    try self.init(tree: tree.withSimilarities(tree.similarities.map { $0 * scale }))
  }

  /// Leaf labels in the order of the model's nodes.
  public var labels: [Int32] {
    sizes.enumerated().flatMap { leaf, size in [Int32](repeating: Int32(leaf), count: size) }
  }
}
