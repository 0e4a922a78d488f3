public import GraphStore
public import MillRuntime

/// The settings of ``spanningForest(of:options:context:)``.
public struct SpanningForestOptions: Sendable, Equatable, Codable {
  /// Whether the heaviest edges are taken instead of the lightest.
  public var isMaximum: Bool

  /// The lightest edges, unless told otherwise.
  public init(isMaximum: Bool = false) { self.isMaximum = isMaximum }
}

/// What ``spanningForest(of:options:context:)`` found.
public struct SpanningForestResult: Sendable, Equatable {
  /// The edges of the forest in the graph's order, shape `[n - trees]`.
  public let edges: SharedArray<NodePair>
  /// Their weights, 1 each in an unweighted graph, shape `[n - trees]`.
  public let weights: SharedArray<Double>
  /// The sum of the weights, added up in the graph's order.
  public let totalWeight: Double
  /// The number of trees, one a connected component.
  public let treeCount: Int
}

/// Finds a spanning forest of least weight: a tree of every component, whose weights have the least sum.
///
/// Among edges of equal weight the one that comes first in `CSRGraph.edges` is taken as lighter (as heavier for the
/// largest sum), so that the forest is unique.
///
/// - Parameters:
///   - graph: Any graph. The direction of arcs is ignored; loops are left out, of parallel edges at most one is taken.
///     Weights may be negative.
///   - options: Least or greatest weight.
///   - context: A way to stop. The rounds are serial.
/// - Throws: `MillError`: `bad-weight` with the edge for a weight that is not a number, `over-budget`, `interrupted`.
/// - Complexity: O(m log n) time, in practice a few looks at the edges; 24m (32m for wide targets) + 24n bytes. The result does not depend on
///   threads.
/// - Source: Borůvka, "O jistém problému minimálním", 1926; Nešetřil, Milková, Nešetřilová, Discrete Mathematics 233,
///   2001, section 4.
public func spanningForest(
  of graph: CSRGraph, options: SpanningForestOptions = .init(), context: RunContext = .init()
) throws(MillError) -> SpanningForestResult {
  try graph.refuseWeights(context: context) { $0.isNaN }
  return try graph.withRows(context: context, Boruvka(options: options))
}

/// An edge between two trees: these, and its place in the graph's order.
private struct OpenEdge<ID: NodeIndex>: BitwiseCopyable {
  var source: ID
  var target: ID
  let weight: Double
  let number: Int
}

/// The lightest edge out of each tree.
private struct LightestEdges {
  let weights: FlatBuffer<Double>
  /// Its place among the open edges; -1 for none.
  let places: FlatBuffer<Int>

  init(nodeCount: Int) throws(MillError) {
    weights = try FlatBuffer(uninitializedCount: nodeCount)
    places = try FlatBuffer(uninitializedCount: nodeCount)
  }

  func clear() {
    for tree in 0..<places.count { unsafe places.base[tree] = -1 }
  }

  /// Notes an edge unless the tree has one that is as light; edges come in the graph's order.
  @inline(__always) func offer(_ weight: Double, _ place: Int, to tree: Int) {
    guard unsafe places.base[tree] < 0 || weight < weights.base[tree] else { return }
    unsafe places.base[tree] = place
    unsafe weights.base[tree] = weight
  }
}

private struct Boruvka: RowsVisitor {
  let options: SpanningForestOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> SpanningForestResult {
    let n = rows.nodeCount
    // Every edge once, negated for the largest sum, so that the lightest is always wanted.
    var room = 0
    for node in 0..<n { rows.forEachOwnArc(node) { _, _ in room &+= 1 } }
    let edges = try FlatBuffer<OpenEdge<ID>>(uninitializedCount: room)
    var count = 0
    for node in 0..<n {
      rows.forEachOwnArc(node) { other, arc in
        let weight = unsafe rows.weights.map { unsafe $0[arc] } ?? 1
        unsafe edges.base[count] = OpenEdge(
          source: ID(truncatingIfNeeded: node), target: ID(truncatingIfNeeded: other),
          weight: options.isMaximum ? -weight : weight, number: count)
        count &+= 1
      }
    }
    let isTaken = try FlatBuffer<Bool>(count: count)
    // A tree above each node, the node itself for a root; roots are the smallest nodes of their trees.
    let trees = try FlatBuffer<Int>(uninitializedCount: n)
    for node in 0..<n { unsafe trees.base[node] = node }
    let best = try LightestEdges(nodeCount: n)
    var left = count
    while left > 0 {
      try rows.context.checkCancelled()
      best.clear()
      left = keepOpen(edges, left, trees, best)
      for tree in 0..<n {
        let place = unsafe best.places.base[tree]
        guard place >= 0 else { continue }
        let edge = unsafe edges.base[place]
        unsafe isTaken.base[edge.number] = true
        let (one, other) = (root(Int(edge.source), trees), root(Int(edge.target), trees))
        unsafe trees.base[max(one, other)] = min(one, other)
      }
    }
    return try result(rows, isTaken)
  }

  /// Keeps the edges between different trees, with the trees' roots as their ends, and notes the lightest of each tree.
  private func keepOpen<ID: NodeIndex>(
    _ edges: FlatBuffer<OpenEdge<ID>>, _ count: Int, _ trees: FlatBuffer<Int>, _ best: LightestEdges
  ) -> Int {
    var kept = 0
    for place in 0..<count {
      var edge = unsafe edges.base[place]
      let (one, other) = (root(Int(edge.source), trees), root(Int(edge.target), trees))
      if one == other { continue }
      (edge.source, edge.target) = (ID(truncatingIfNeeded: one), ID(truncatingIfNeeded: other))
      unsafe edges.base[kept] = edge
      best.offer(edge.weight, kept, to: one)
      best.offer(edge.weight, kept, to: other)
      kept &+= 1
    }
    return kept
  }

  /// The root of a node's tree; halves the way there.
  @inline(__always) private func root(_ node: Int, _ trees: FlatBuffer<Int>) -> Int {
    var node = node
    while case let above = unsafe trees.base[node], above != node {
      unsafe trees.base[node] = trees.base[above]
      node = unsafe trees.base[node]
    }
    return node
  }

  private func result<ID: NodeIndex>(
    _ rows: GraphRows<ID>, _ isTaken: FlatBuffer<Bool>
  ) throws(MillError) -> SpanningForestResult {
    let count = unsafe isTaken.elements.count { $0 }
    let edges = try FlatBuffer<NodePair>(uninitializedCount: count)
    let weights = try FlatBuffer<Double>(uninitializedCount: count)
    var (number, place, total) = (0, 0, 0.0)
    for node in 0..<rows.nodeCount {
      rows.forEachOwnArc(node) { other, arc in
        if unsafe isTaken.base[number] {
          let weight = unsafe rows.weights.map { unsafe $0[arc] } ?? 1
          unsafe edges.base[place] = NodePair(node, other)
          unsafe weights.base[place] = weight
          total += weight
          place &+= 1
        }
        number &+= 1
      }
    }
    return SpanningForestResult(
      edges: SharedArray(edges), weights: SharedArray(weights), totalWeight: total,
      treeCount: rows.nodeCount - count)
  }
}
