public import MillRuntime

/// The settings of ``slackBoxes(of:weights:options:context:)``.
public struct SlackBoxOptions: Sendable, Equatable, Codable {
  /// The dimensions of the space, 1 to 8.
  public var dimensions: Int
  /// What the longest side of a box may be, as a multiple of the shortest; at least 3.
  public var rho: Double
  /// Whether boxes that are larger than their share are shrunk to it about their centers.
  public var isExactAbove: Bool

  /// The plane, sides of at most 10 to 1, unless told otherwise.
  public init(dimensions: Int = 2, rho: Double = 10, isExactAbove: Bool = false) {
    self.dimensions = dimensions
    self.rho = rho
    self.isExactAbove = isExactAbove
  }
}

/// A tree as nested boxes in R^d whose sides are never far from each other.
public struct SlackBoxes: Sendable, Equatable {
  /// The tree, under one root.
  public let tree: RootedTree
  /// Dimensions and ratio.
  public let options: SlackBoxOptions
  /// The weight of each node as a share of the whole, shape `[nodes]`.
  public let shares: SharedArray<Double>
  /// The low end and the length of each box along each axis in turn, shape `[nodes, dimensions, 2]`; zeros for a node of
  /// weight 0.
  public let sides: SharedArray<Double>

  /// The volume of a node's box; the root has 1.
  public func volume(of node: Int) -> Double {
    let d = options.dimensions
    return (0..<d).reduce(1) { $0 * sides[2 * (node * d + $1) + 1] }
  }

  /// The longest side of a node's box over the shortest.
  public func sideRatio(of node: Int) -> Double {
    let d = options.dimensions
    let lengths = (0..<d).map { sides[2 * (node * d + $0) + 1] }
    return (lengths.max() ?? 1) / (lengths.min() ?? 1)
  }
}

/// Divides the unit cube among the leaves of a tree, roughly by their weights: boxes keep their shape, volumes have slack.
///
/// No side is longer than rho times another, and a box has at least (1 - 1 / rho)^depth of its share; a light one may
/// have much more, unless that is shrunk.
///
/// - Parameters:
///   - tree: A tree, or a forest, which gets a root.
///   - weights: One a leaf, finite, 0 or more; nil for the tree's sizes.
///   - options: Dimensions and ratio.
///   - context: A way to stop.
/// - Throws: `MillError`: `bad-option`; `malformed` as ``polygonPartition(of:weights:options:context:)`` does;
///   `over-budget`; `interrupted`.
/// - Complexity: O(n log n + n d); one thread, the same bytes for every thread count.
/// - Source: de Berg, Onak, Sidiropoulos, JoCG 4(1), 2013, on rectangular partitions with slack.
public func slackBoxes(
  of tree: RootedTree, weights: [Double]? = nil, options: SlackBoxOptions = .init(), context: RunContext = .init()
) throws(MillError) -> SlackBoxes {
  let d = options.dimensions
  guard (1...8).contains(d) else { throw MillError(.badOption, "1 to 8 dimensions are possible", field: "\(d)") }
  guard options.rho >= 3, options.rho.isFinite else {
    throw MillError(.badOption, "the ratio of sides must be at least 3", field: "\(options.rho)")
  }
  guard tree.leafCount > 0 else { throw MillError(.malformed, "a tree without leaves has no picture") }
  let tree = tree.underOneRoot()
  let (scaled, _) = try scaledWeights(weights ?? tree.sizes.prefix(tree.leafCount).map { Double($0) }, of: tree)
  let cutTree = CutTree(tree, leafWeights: scaled, hasBudget: false) { _, sum in sum }
  let whole = cutTree.weights[cutTree.root]
  let division = BoxDivision(dimensions: d, rho: options.rho)
  let width = 2 * d
  let boxes = try FlatBuffer<Double>(count: cutTree.count * width)
  let cube = (0..<width).map { Double($0 & 1) }
  var stack = [(cutTree.root, cube)]
  var steps = 0
  while let (node, box) = stack.popLast() {
    var sides = box
    steps += 1
    if steps & 1023 == 0 { try context.checkCancelled() }
    if options.isExactAbove {
      let volume = (0..<d).reduce(1.0) { $0 * sides[2 * $1 + 1] }
      let share = cutTree.weights[node] / whole
      if volume > share { shrink(&sides, by: root(share / volume, of: d)) }
    }
    for (i, side) in sides.enumerated() { unsafe boxes.base[node * width + i] = side }
    if cutTree.first[node] < 0 { continue }
    division.divide(node, of: cutTree, sides) { part, box in stack.append((part, box)) }
  }
  let own = try FlatBuffer<Double>(count: tree.nodeCount * width)
  for node in 0..<tree.nodeCount where cutTree.nodes[node] >= 0 {
    let half = Int(cutTree.nodes[node])
    unsafe (own.base + node * width).update(from: boxes.base + half * width, count: width)
  }
  return SlackBoxes(
    tree: tree, options: options, shares: try SharedArray(copying: cutTree.nodeWeights.map { $0 / whole }),
    sides: SharedArray(own))
}
