public import MillRuntime

/// A tree as nested cells: every node of positive weight has a convex polygon, whose area is its share of the frame.
///
/// The y axis points up; vertices run counter-clockwise. Cells of children tile the cell of their parent, where corners
/// of some may lie on edges of others.
public struct PolygonPartition: Sendable, Equatable {
  /// A line that divides the cell of a node.
  public struct Cut: Sendable, Equatable, BitwiseCopyable {
    /// One end.
    public let startX, startY: Double
    /// The other end.
    public let endX, endY: Double
    /// The share of the frame that the smaller side has.
    public let share: Double
    /// The node whose children lie on both sides.
    public let node: Int32
  }

  /// The tree, under one root.
  public let tree: RootedTree
  /// How cells were divided, and the frame.
  public let options: PartitionOptions
  /// The weight of each node, shape `[nodes]`: of an inner node the sum of its children.
  public let weights: SharedArray<Double>
  /// The area of each cell, shape `[nodes]`; 0 for a node without one.
  public let areas: SharedArray<Double>
  /// The squared diameter over the area of each cell, shape `[nodes]`: 2 for a square, NaN for a node without one.
  public let aspects: SharedArray<Double>
  /// The lines between cells, in the order in which they were drawn.
  public let cuts: SharedArray<Cut>
  /// What the cells are like, in figures.
  public let figures: PartitionFigures
  /// The first vertex of each node's cell, and how many there are.
  let starts: SharedArray<Int>
  let counts: SharedArray<Int32>
  /// The coordinates x and y of all vertices, in turn.
  let points: SharedArray<Double>

  /// Whether a node has a cell: nodes of weight 0, nodes below the greatest depth and nodes too small for the precision
  /// of their coordinates have none.
  public func hasCell(_ node: Int) -> Bool { counts[node] > 0 }

  /// The coordinates of a node's cell, x and y in turn, counter-clockwise; empty for a node without one.
  ///
  /// - Precondition: the node is one of the tree.
  public func cell(of node: Int) -> SharedArray<Double> {
    let start = 2 * starts[node]
    return points.shared(start..<start + 2 * Int(counts[node]))
  }
}

/// What the cells of a partition are like.
public struct PartitionFigures: Sendable, Equatable, Codable {
  /// Nodes of the tree.
  public var nodes = 0
  /// Its leaves.
  public var leaves = 0
  /// Edges between the root and the deepest leaf.
  public var depth = 0
  /// Cuts between the frame and the smallest cell.
  public var binaryDepth = 0
  /// Lines drawn.
  public var cuts = 0
  /// Nodes of positive weight that are too small for a cell: shares below 1e-16.
  public var collapsed = 0
  /// Nodes of weight 0.
  public var zeroWeight = 0
  /// The median of the cells' aspect ratios.
  public var aspectMedian = 0.0
  /// The ratio that 99 of 100 cells do not exceed.
  public var aspectP99 = 0.0
  /// The worst ratio.
  public var aspectWorst = 0.0
  /// What no ratio can exceed; nil for methods without a bound.
  public var aspectBound: Double?
  /// The most distinct edge directions of a cell that was divided.
  public var directions = 0
  /// The most vertices of a cell.
  public var verticesMax = 0
  /// The largest deviation of an area from the node's share of the frame, relative to the share.
  public var areaError = 0.0
}

/// Divides a frame among the leaves of a tree by their weights, all inner nodes as convex cells too.
///
/// For ``PartitionMethod/polygons``, ``PartitionMethod/organic`` and ``PartitionMethod/angular`` no cell's aspect ratio
/// exceeds max(2 max(roundness, the frame's), 2 + 4 cot(π / 4M)), M being ``PartitionFigures/directions``, which is at most
/// 2 + 2 log2(leaves) + 6 · depth: whatever the weights are.
///
/// - Parameters:
///   - tree: A tree, or a forest, which gets a root.
///   - weights: One a leaf, finite, 0 or more; nil for the tree's sizes.
///   - options: The method, the frame, depth.
///   - context: A way to stop.
/// - Throws: `MillError`: `bad-option`; `malformed`, with the node as its field, for a weight that is negative or not
///   finite, for weights that are all 0 or whose sum is beyond all numbers, for a tree without leaves; `over-budget`;
///   `interrupted`.
/// - Complexity: O(n log n) for the halving, O(vertices) a cut and direction tried; some 300 bytes a leaf. One thread: the
///   same bytes for every thread count.
/// - Source: de Berg, Onak, Sidiropoulos, "Fat polygonal partitions with applications to visualization and embeddings",
///   JoCG 4(1), 2013, sections 2 and 3.
public func polygonPartition(
  of tree: RootedTree, weights: [Double]? = nil, options: PartitionOptions = .init(), context: RunContext = .init()
) throws(MillError) -> PolygonPartition {
  guard options.width > 0, options.height > 0, (options.width * options.height).isNormal,
    (options.width / options.height).isNormal
  else {
    throw MillError(.badOption, "a frame needs a width and a height", field: "\(options.width) x \(options.height)")
  }
  guard options.maximumDepth ?? 0 >= 0 else {
    throw MillError(.badOption, "the depth must not be negative", field: "\(options.maximumDepth ?? 0)")
  }
  guard options.roundness >= 2, options.roundness.isFinite else {
    throw MillError(.badOption, "cells cannot be rounder than a square, 2", field: "\(options.roundness)")
  }
  guard (1...4096).contains(options.directions) else {
    throw MillError(.badOption, "1 to 4096 directions can be tried", field: "\(options.directions)")
  }
  guard tree.leafCount > 0 else { throw MillError(.malformed, "a tree without leaves has no picture") }
  let tree = tree.underOneRoot()
  let (scaled, exponent) = try scaledWeights(weights ?? tree.sizes.prefix(tree.leafCount).map { Double($0) }, of: tree)
  if options.method.isRectangular {
    var layout = RectangleLayout(tree, scaled, exponent, options)
    return try layout.partition(context)
  }
  return try PolygonLayout(tree, scaled, exponent, options).partition(context)
}

/// Weights times a power of two that makes the largest one about 1, so that neither tiny nor huge ones lose digits.
func scaledWeights(
  _ weights: [Double], of tree: RootedTree
) throws(MillError) -> (weights: [Double], exponent: Int) {
  guard weights.count == tree.leafCount else {
    throw MillError(.malformed, "\(tree.leafCount) leaves with \(weights.count) weights")
  }
  if let bad = weights.firstIndex(where: { !($0 >= 0 && $0 < .infinity) }) {
    throw MillError(
      .malformed, "the weight of a leaf must be a number from 0 on, not \(weights[bad])",
      field: tree.names?[bad] ?? "\(bad)")
  }
  let (largest, sum) = (weights.max() ?? 0, weights.reduce(0, +))
  guard largest > 0 else { throw MillError(.malformed, "all weights are 0") }
  guard sum < .infinity else { throw MillError(.malformed, "the sum of the weights is beyond all numbers") }
  let exponent = Int(largest.exponent)
  // In two steps: a power beyond the range of a double may be wanted.
  let (one, other) = (-exponent / 2, -exponent - -exponent / 2)
  let (a, b) = (
    Double(sign: .plus, exponent: one, significand: 1), Double(sign: .plus, exponent: other, significand: 1)
  )
  // What vanishes beside the largest is still more than nothing.
  return (weights.map { $0 > 0 ? max($0 * a * b, .leastNonzeroMagnitude) : 0 }, exponent)
}
