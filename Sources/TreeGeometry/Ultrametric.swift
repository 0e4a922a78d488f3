public import MillRuntime

/// A tree with a height for each node: two leaves are as far apart as their lowest common ancestor is high.
public struct Ultrametric: Sendable, Equatable {
  /// The tree, under one root.
  public let tree: RootedTree
  /// The height of each node, shape `[nodes]`; 0 for leaves, and no node is higher than its parent.
  public let heights: [Double]
  /// Nodes that were given a height above their parent's; each parent was raised.
  public let raisedCount: Int

  /// An ultrametric of a tree; the root of a forest that gets one is as high as its highest child.
  ///
  /// - Parameters:
  ///   - tree: A tree, or a forest.
  ///   - heights: One a node of it; those of leaves are taken as 0.
  ///   - isStrict: Whether a node above its parent is refused, not repaired.
  /// - Throws: `MillError` of kind `malformed`, with the node as its field: a height that is negative or above 1e290, a
  ///   node above its parent where that is refused, no leaves, heights that are all 0 where there are two leaves.
  public init(_ tree: RootedTree, heights: [Double], isStrict: Bool = false) throws(MillError) {
    guard tree.leafCount > 0 else { throw MillError(.malformed, "a tree without leaves has no points") }
    guard heights.count == tree.nodeCount else {
      throw MillError(.malformed, "\(tree.nodeCount) nodes with \(heights.count) heights")
    }
    if let bad = tree.innerNodes.first(where: { !(heights[$0] >= 0 && heights[$0] <= 1e290) }) {
      throw MillError(.malformed, "a height must be a number from 0 to 1e290, not \(heights[bad])", field: "\(bad)")
    }
    let whole = tree.underOneRoot()
    var heights = (0..<whole.nodeCount).map { $0 < tree.leafCount || $0 >= tree.nodeCount ? 0 : heights[$0] }
    var raised = 0
    for (node, parent) in whole.parents.enumerated() where parent >= 0 && heights[node] > heights[Int(parent)] {
      if Int(parent) < tree.nodeCount {
        guard !isStrict else { throw MillError(.malformed, "a node is higher than its parent", field: "\(node)") }
        raised += 1
      }
      heights[Int(parent)] = heights[node]
    }
    guard whole.leafCount == 1 || heights[whole.nodeCount - 1] > 0 else {
      throw MillError(.malformed, "all heights are 0")
    }
    self.tree = whole
    self.heights = heights
    raisedCount = raised
  }

  /// The largest distance over the smallest one above 0; 1 for a single leaf.
  public var spread: Double {
    let top = heights[tree.nodeCount - 1]
    // A node of one child is no common ancestor.
    let lowest = tree.innerNodes.filter { heights[$0] > 0 && tree.children(of: $0).count > 1 }.map { heights[$0] }.min()
    return lowest.map { top / $0 } ?? 1
  }

  /// What no map of the leaves into R^d can stay below: the largest ratio of a distance kept to a distance shrunk.
  ///
  /// In a map that shrinks nothing, the neighborhoods of a node's children are disjoint, and grow with every level by the
  /// inequality of Brunn and Minkowski; the whole must fit into a ball (isodiametric inequality).
  ///
  /// - Precondition: `dimensions` is at least 1.
  /// - Complexity: O(n d).
  public func distortionBound(dimensions: Int) -> Double {
    let scale = heights[tree.nodeCount - 1]
    var bound = 1.0
    var sums = [Double](repeating: 0, count: tree.nodeCount)
    for node in 0..<tree.nodeCount {
      let core = root(sums[node], of: dimensions)
      let height = heights[node] / scale
      if height > 0 { bound = max(bound, 2 * core / height - 1) }
      guard let parent = tree.parents[node] >= 0 ? Int(tree.parents[node]) : nil else { continue }
      sums[parent] += power(core + (heights[parent] / scale - height) / 2, dimensions)
    }
    return bound
  }
}
