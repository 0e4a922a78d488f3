/// One edge of a summary.
public struct SummaryEdge: Sendable, Hashable {
  /// The supernode with the smaller number.
  public let first: Int
  /// The other one; the same for a loop.
  public let second: Int
  /// Whether the edge takes coverage away.
  public let isNegative: Bool

  /// An edge between two supernodes.
  public init(_ first: Int, _ second: Int, isNegative: Bool) {
    self.first = min(first, second)
    self.second = max(first, second)
    self.isNegative = isNegative
  }
}

extension GraphSummary {
  /// The parent of a supernode; nil for a root.
  public func parent(of supernode: Int) -> Int? {
    precondition(supernode >= 0 && supernode < supernodeCount, "supernode out of range")
    let up = unsafe parents.base[supernode]
    return up == Self.noParent ? nil : Int(up)
  }

  /// The children of a supernode in the order of their first leaves; none for a leaf.
  public func children(of supernode: Int) -> [Int] {
    precondition(supernode >= 0 && supernode < supernodeCount, "supernode out of range")
    return unsafe (Int(childOffsets.base[supernode])..<Int(childOffsets.base[supernode + 1])).map {
      unsafe Int(childItems.base[$0])
    }
  }

  /// The nodes below a supernode; a leaf is below itself.
  public func leaves(of supernode: Int) -> [Int] {
    precondition(supernode >= 0 && supernode < supernodeCount, "supernode out of range")
    let begin = unsafe Int(leafBegin.base[supernode])
    return (begin..<begin + leafCount(of: supernode)).map { unsafe Int(leafOrder.base[$0]) }
  }

  /// The number of nodes below a supernode.
  public func leafCount(of supernode: Int) -> Int { unsafe Int(leafCounts.base[supernode]) }

  /// Supernodes without a parent, in the order of their smallest leaves.
  public var roots: [Int] {
    var roots: [Int] = []
    var place = 0
    while place < nodeCount {
      var x = unsafe leafOrder.base[place]
      while unsafe parents.base[Int(x)] != Self.noParent { x = unsafe parents.base[Int(x)] }
      roots.append(Int(x))
      unsafe place += Int(leafCounts.base[Int(x)])
    }
    return roots
  }

  /// Edge number `index` in `0..<positiveEdgeCount + negativeEdgeCount`, ascending by (first, second).
  public func edge(_ index: Int) -> SummaryEdge {
    precondition(index >= 0 && index < positiveEdgeCount + negativeEdgeCount, "edge out of range")
    let edge = unsafe signedEdges.base[index]
    return SummaryEdge(Int(edge.x), Int(edge.y), isNegative: edge.isNegative)
  }

  /// All edges, ascending by (first, second).
  public var edges: [SummaryEdge] { (0..<positiveEdgeCount + negativeEdgeCount).map { edge($0) } }

  /// What a visitor of the hierarchy hears of a supernode.
  public struct Visit: Sendable, Equatable {
    /// The supernode.
    public let supernode: Int
    /// Edges of the forest between it and its root.
    public let depth: Int
    /// The number of nodes below it.
    public let leafCount: Int
    /// Whether it is a node of the graph.
    public let isLeaf: Bool
  }

  /// Visits all supernodes in preorder, tree by tree.
  ///
  /// - Parameter visitor: Returns whether to visit what is below the supernode.
  public func visitHierarchy(_ visitor: (Visit) -> Bool) {
    for root in roots {
      var stack = [(root, 0)]
      while let (x, depth) = stack.popLast() {
        let visit = Visit(supernode: x, depth: depth, leafCount: leafCount(of: x), isLeaf: x < nodeCount)
        guard visitor(visit) else { continue }
        for place in unsafe stride(
          from: Int(childOffsets.base[x + 1]) - 1, through: Int(childOffsets.base[x]), by: -1)
        { unsafe stack.append((Int(childItems.base[place]), depth + 1)) }
      }
    }
  }

  /// Whether two summaries have the same nodes, forest and edges, and the same beside the model.
  public func isIdentical(to other: GraphSummary) -> Bool {
    guard nodeCount == other.nodeCount, edgeCount == other.edgeCount, supernodeCount == other.supernodeCount,
      positiveEdgeCount == other.positiveEdgeCount, negativeEdgeCount == other.negativeEdgeCount, side == other.side
    else { return false }
    for x in 0..<supernodeCount where unsafe parents.base[x] != other.parents.base[x] { return false }
    for i in 0..<positiveEdgeCount + negativeEdgeCount {
      let (a, b) = unsafe (signedEdges.base[i], other.signedEdges.base[i])
      if a.x != b.x || a.signedY != b.signedY { return false }
    }
    return true
  }

  /// Whether supernode `above` is `below` or one of its ancestors.
  func contains(_ above: Int, _ below: Int) -> Bool {
    let begin = unsafe leafBegin.base[above]
    let inside = unsafe leafBegin.base[below]
    return unsafe above >= below && begin <= inside && inside < begin + leafCounts.base[above]
  }
}

/// The bits of what a summary keeps beside its model.
public struct SummarySideBits: Sendable, Equatable, Codable {
  /// Self-loops.
  public let loops: Int
  /// Which arcs of the pairs exist.
  public let directions: Int
  /// Copies of parallel edges.
  public let multiplicities: Int
  /// Weights, before the sections of a file are compressed.
  public let weights: Int
  /// All together.
  public var total: Int { loops + directions + multiplicities + weights }
}

extension GraphSummary {
  /// Whether the arcs of the input have a direction.
  public var isDirected: Bool { side?.flags.contains(.directed) ?? false }
  /// Whether the input has weights.
  public var isWeighted: Bool { side?.flags.contains(.weighted) ?? false }
  /// Whether the input may have parallel edges.
  public var isMultigraph: Bool { side?.flags.contains(.multigraph) ?? false }
  /// Whether the input has self-loops.
  public var hasLoops: Bool { side?.flags.contains(.loops) ?? false }
  /// Edges of the input, loops and parallel ones included; arcs where it is directed.
  public var inputEdgeCount: Int { side?.edgeCount ?? edgeCount }
  /// What is kept beside the model, in bits; no part of ``cost``.
  public var sideBits: SummarySideBits {
    SummarySideBits(
      loops: 8 * (side?.loops.count ?? 0), directions: 8 * (side?.directions.count ?? 0),
      multiplicities: 8 * (side?.multiplicities.count ?? 0), weights: 8 * (side?.weights.count ?? 0))
  }

  /// The node that the input called `name`; nil when there is none.
  ///
  /// - Complexity: O(n).
  public func node(named name: String) -> Int? {
    if case .dense = names {
      guard let node = Int(name), node >= 0, node < nodeCount else { return nil }
      return node
    }
    return (0..<nodeCount).first { names.text(of: $0) == name }
  }
}
