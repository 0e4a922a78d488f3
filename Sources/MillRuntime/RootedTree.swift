/// A rooted tree, or a forest of several: the shape that community trees, the supernodes of a summary and all drawings
/// of trees share.
///
/// ```swift
/// //      4          leaves 0, 1, 2; node 3 joins 0 and 1, the root 4 joins 2 and 3
/// let tree = try RootedTree(leafCount: 3, parents: [3, 3, 4, 4, -1], names: ["a", "b", "c"])
/// print(tree.children(of: 4), tree.leafOrder, tree.heights)  // [2, 3] [2, 0, 1] [0, 0, 0, 1, 2]
/// ```
///
/// Leaves are numbered `0..<leafCount`; inner nodes follow, each after all of its descendants, with one child or more.
/// A forest is told by several parents of -1; ``underOneRoot()`` joins it where one tree is needed. No algorithm
/// recurses, so a chain of any depth is safe. Immutable: about 20 bytes a node, and what similarities and names take.
public struct RootedTree: Sendable {
  /// How the children of a node are listed.
  public enum ChildOrder: String, Sendable, Codable, CaseIterable {
    /// By ascending number.
    case number
    /// By the smallest leaf below each.
    case smallestLeaf
  }

  /// The number of leaves.
  public let leafCount: Int
  /// The parent of each node, larger than the node; -1 for a root.
  public let parents: [Int32]
  /// The weight of the leaves below each node, its own for a leaf: 1 a leaf unless the tree was given others.
  public let sizes: [Int]
  /// How tightly the children of an inner node are joined, larger is tighter, one a node; NaN where that has no meaning,
  /// as for most leaves. Nil for a tree without such values.
  public let similarities: [Double]?
  /// What the leaves are called, one a leaf; nil where they are called by their numbers.
  public let names: [String]?
  /// How ``children(of:)`` and ``leafOrder`` list children.
  public let childOrder: ChildOrder
  private let childOffsets: [Int32]
  private let childList: [Int32]

  /// A tree or forest from parents.
  ///
  /// - Parameters:
  ///   - leafCount: The number of leaves, which come first.
  ///   - parents: The parent of each node, an inner node larger than the node; -1 for a root. Fewer than 2^31 nodes.
  ///   - leafSizes: The weight of each leaf, 0 or more; nil for 1 each.
  ///   - similarities: One a node.
  ///   - names: One a leaf.
  ///   - childOrder: How children are listed.
  /// - Throws: `MillError` of kind `malformed`, with the node as its field, when this is no tree of that form.
  /// - Complexity: O(nodes).
  public init(
    leafCount: Int, parents: [Int32], leafSizes: [Int]? = nil, similarities: [Double]? = nil, names: [String]? = nil,
    childOrder: ChildOrder = .number
  ) throws(MillError) {
    let count = parents.count
    guard leafCount >= 0, count >= leafCount, leafCount > 0 || count == 0, count <= Int(Int32.max),
      leafSizes.map({ $0.count == leafCount }) ?? true, similarities.map({ $0.count == count }) ?? true,
      names.map({ $0.count == leafCount }) ?? true
    else { throw MillError(.malformed, "the parts of a tree have different lengths") }
    var sizes = leafSizes ?? [Int](repeating: 1, count: leafCount)
    sizes += repeatElement(0, count: count - leafCount)
    var offsets = [Int32](repeating: 0, count: count + 1)
    for node in 0..<count {
      let parent = Int(parents[node])
      guard parent == -1 || parent > node && parent >= leafCount && parent < count else {
        throw MillError(.malformed, "not a tree whose nodes come before their parents", field: "\(node)")
      }
      guard sizes[node] >= 0 else { throw MillError(.malformed, "a group of negative size", field: "\(node)") }
      if parent < 0 { continue }
      let (sum, overflow) = sizes[parent].addingReportingOverflow(sizes[node])
      guard !overflow else { throw MillError(.malformed, "the sizes of the groups are too large") }
      sizes[parent] = sum
      offsets[parent + 1] += 1
    }
    for node in leafCount..<count where offsets[node + 1] == 0 {
      throw MillError(.malformed, "an inner node without children", field: "\(node)")
    }
    for node in 0..<count { offsets[node + 1] += offsets[node] }
    self.leafCount = leafCount
    self.parents = parents
    self.sizes = sizes
    self.similarities = similarities
    self.names = names
    self.childOrder = childOrder
    childOffsets = offsets
    childList =
      switch childOrder {
      case .number: Self.childrenByNumber(parents, offsets)
      case .smallestLeaf: Self.childrenByLeaf(parents, offsets, leafCount)
      }
  }

  private static func childrenByNumber(_ parents: [Int32], _ offsets: [Int32]) -> [Int32] {
    var list = [Int32](repeating: 0, count: Int(offsets[parents.count]))
    var next = offsets
    for (node, parent) in parents.enumerated() where parent >= 0 {
      list[Int(next[Int(parent)])] = Int32(node)
      next[Int(parent)] += 1
    }
    return list
  }

  /// Leaves are visited in ascending order, and each climbs as long as it is the first one below.
  private static func childrenByLeaf(_ parents: [Int32], _ offsets: [Int32], _ leafCount: Int) -> [Int32] {
    var list = [Int32](repeating: 0, count: Int(offsets[parents.count]))
    var next = offsets
    for leaf in 0..<leafCount {
      var node = leaf
      while parents[node] >= 0 {
        let parent = Int(parents[node])
        let isFirst = next[parent] == offsets[parent]
        list[Int(next[parent])] = Int32(node)
        next[parent] += 1
        guard isFirst else { break }
        node = parent
      }
    }
    return list
  }

  /// The number of nodes.
  public var nodeCount: Int { parents.count }
  /// The inner nodes, each after its descendants.
  public var innerNodes: Range<Int> { leafCount..<nodeCount }

  /// The children of a node in ``childOrder``; none for a leaf.
  ///
  /// - Precondition: the node is one of the tree.
  public func children(of node: Int) -> ArraySlice<Int32> {
    childList[Int(childOffsets[node])..<Int(childOffsets[node + 1])]
  }
}

extension RootedTree: Equatable {
  /// Whether both have the same nodes, values, names and order of children; a missing similarity (NaN) equals another.
  public static func == (one: RootedTree, other: RootedTree) -> Bool {
    one.leafCount == other.leafCount && one.parents == other.parents && one.sizes == other.sizes
      && one.names == other.names && one.childOrder == other.childOrder
      && one.similarities?.count == other.similarities?.count
      && zip(one.similarities ?? [], other.similarities ?? []).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
  }
}

extension RootedTree: Codable {
  private enum Keys: String, CodingKey {
    case parents, leafSizes, similarities, names, childOrder
    case leafCount = "leaves"
  }

  /// Writes parents, leaf sizes, similarities (not finite ones as null), names and the order of children.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Keys.self)
    try fields.encode(leafCount, forKey: .leafCount)
    try fields.encode(parents, forKey: .parents)
    try fields.encode(Array(sizes.prefix(leafCount)), forKey: .leafSizes)
    try fields.encodeIfPresent(similarities?.map { $0.isFinite ? $0 : nil }, forKey: .similarities)
    try fields.encodeIfPresent(names, forKey: .names)
    try fields.encode(childOrder, forKey: .childOrder)
  }

  /// Reads what ``encode(to:)`` wrote, checked as by the other initializer; a similarity of null is NaN.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Keys.self)
    try self.init(
      leafCount: fields.decode(Int.self, forKey: .leafCount),
      parents: fields.decode([Int32].self, forKey: .parents),
      leafSizes: fields.decodeIfPresent([Int].self, forKey: .leafSizes),
      similarities: fields.decodeIfPresent([Double?].self, forKey: .similarities)?.map { $0 ?? .nan },
      names: fields.decodeIfPresent([String].self, forKey: .names),
      childOrder: fields.decodeIfPresent(ChildOrder.self, forKey: .childOrder) ?? .number)
  }
}

extension RootedTree: CustomStringConvertible {
  /// The counts of leaves, inner nodes and trees.
  public var description: String {
    let roots = parents.count { $0 < 0 }
    return "\(roots == 1 ? "tree" : "forest of \(roots) trees"): \(leafCount) leaves, \(innerNodes.count) inner nodes"
  }
}
