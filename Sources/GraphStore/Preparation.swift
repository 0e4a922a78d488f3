public import MillRuntime

/// What an engine needs of the graph that it works on; see ``CSRGraph/prepared(_:context:)``.
public struct Preparation: Sendable, Equatable, Codable {
  /// What weights must be.
  public enum Weights: String, Sendable, CaseIterable, Codable {
    /// They do not matter, and the prepared graph has none.
    case ignored
    /// Not negative.
    case notNegative = "not-negative"
    /// Above 0.
    case positive
  }

  /// How the arcs of a directed graph become edges; nil where they stay arcs.
  public var directions: DirectionPolicy?
  /// Whether self-loops stay.
  public var keepsLoops: Bool
  /// What weights must be.
  public var weights: Weights
  /// Whether edges of weight 0 are left out.
  public var dropsZeroWeights: Bool
  /// Whether nodes without an edge are left out.
  public var dropsIsolated: Bool

  /// By default: undirected, no loops, weights not negative, all nodes.
  public init(
    directions: DirectionPolicy? = .union, keepsLoops: Bool = false, weights: Weights = .notNegative,
    dropsZeroWeights: Bool = false, dropsIsolated: Bool = false
  ) {
    self.directions = directions
    self.keepsLoops = keepsLoops
    self.weights = weights
    self.dropsZeroWeights = dropsZeroWeights
    self.dropsIsolated = dropsIsolated
  }
}

/// A graph without parallel edges that an engine can work on, and what was changed to get there.
public struct PreparedGraph: Sendable {
  /// The working graph.
  public let graph: CSRGraph
  /// The input's node of each node of ``graph``, ascending; nil when they are the same.
  public let original: SharedArray<UInt32>?
  /// Nodes of the input.
  public let inputNodeCount: Int
  /// What was changed.
  public let changes: Changes

  /// What became of the input's edges and nodes.
  public struct Changes: Sendable, Equatable {
    /// How arcs became edges; nil where the input was undirected, or stayed directed.
    public let directions: DirectionPolicy?
    /// Edges that went into a parallel one or into that of the other direction.
    public let merged: Int
    /// Edges whose two directions had different weights.
    public let unequalDirections: Int
    /// Arcs without one the other way that `mutual` left out.
    public let oneWayDropped: Int
    /// Self-loops left out.
    public let loopsDropped: Int
    /// Edges of weight 0 left out.
    public let zerosDropped: Int
    /// Nodes without an edge left out.
    public let isolatedDropped: Int

    static let none = Changes(
      directions: nil, merged: 0, unequalDirections: 0, oneWayDropped: 0, loopsDropped: 0, zerosDropped: 0,
      isolatedDropped: 0)

    /// The changes in words, one sentence each; none where nothing was changed.
    public var notes: [String] {
      var notes: [String] = []
      if let directions { notes.append("directed input: \(directions.explanation)") }
      if unequalDirections > 0 { notes.append("\(unequalDirections) pairs of arcs had different weights") }
      if loopsDropped > 0 { notes.append("\(loopsDropped) self-loops dropped") }
      if merged > 0, directions == nil { notes.append("\(merged) parallel edges merged") }
      if zerosDropped > 0 { notes.append("edges of weight 0 dropped") }
      if isolatedDropped > 0 { notes.append("\(isolatedDropped) isolated nodes set aside") }
      return notes
    }
  }
}

extension CSRGraph {
  /// The graph as an engine needs it: parallel edges merged (weights added), and what `needs` asks for.
  ///
  /// Weights are checked once, here. A graph that needs no change is used as it is, without a copy. Names stay with
  /// their nodes.
  ///
  /// - Throws: `MillError`: `bad-weight` with the edge, `weight-not-finite` where sums overflow, `over-budget`,
  ///   `interrupted`; `unsupported` for nodes to be left out beyond 2^32 - 1.
  /// - Complexity: O(n + m) time, memory of the result and of one step before it. The same result for every thread count.
  public func prepared(_ needs: Preparation = .init(), context: RunContext = .init()) throws(MillError) -> PreparedGraph
  {
    var graph = needs.weights == .ignored ? withoutWeights() : self
    try graph.checkWeights(allowsZero: needs.weights != .positive, context: context)
    let directions = isDirected ? needs.directions : nil
    var rewrite: RewriteResult?
    if needs.rewrites(self) {
      let result = try graph.rewritten(
        directions: directions, duplicates: .sum, keepsLoops: needs.keepsLoops, context: context)
      graph = result.graph
      rewrite = result
    }
    var zeros = 0
    if needs.dropsZeroWeights, let weights = graph.weights, weights.contains(0) {
      let before = graph.edgeCount
      graph = try graph.keepingArcs(context: context) { _, _, arc in weights[arc] != 0 }
      zeros = before - graph.edgeCount
    }
    var original: SharedArray<UInt32>?
    if needs.dropsIsolated { (graph, original) = try graph.withoutIsolated(context) }
    return PreparedGraph(
      graph: graph, original: original, inputNodeCount: nodeCount,
      changes: PreparedGraph.Changes(
        directions: directions, merged: rewrite?.merged ?? 0, unequalDirections: rewrite?.unequalDirections ?? 0,
        oneWayDropped: rewrite?.oneWayDropped ?? 0, loopsDropped: rewrite?.loopsDropped ?? 0, zerosDropped: zeros,
        isolatedDropped: nodeCount - graph.nodeCount))
  }

  /// The graph without nodes that have no arc, and the old number of each node; nil where all have one.
  private func withoutIsolated(_ context: RunContext) throws(MillError) -> (CSRGraph, SharedArray<UInt32>?) {
    let kept = try withRows(context: context, ConnectedNodes())
    guard kept.count < nodeCount else { return (self, nil) }
    guard nodeCount <= Int(UInt32.max) else {
      throw MillError(.unsupported, "leaving out nodes of a graph of more than 2^32 - 1", field: "\(nodeCount)")
    }
    let mask = try FlatBuffer<Bool>(count: nodeCount)
    for node in kept { unsafe mask.base[Int(node)] = true }
    return (try inducedSubgraph(keeping: { unsafe mask.base[$0] }, context: context), kept)
  }
}

extension Preparation {
  /// Whether directions, parallel edges or loops of a graph have to go.
  fileprivate func rewrites(_ graph: some NeighborGraph) -> Bool {
    graph.isDirected && directions != nil || graph.isMultigraph || graph.hasLoops && !keepsLoops
  }
}

extension StoredGraph {
  /// ``CSRGraph/prepared(_:context:)``; a packed graph that needs no change is used as it is, any other one expanded.
  package func prepared(
    _ needs: Preparation, context: RunContext
  ) throws(MillError) -> (graph: StoredGraph, changes: PreparedGraph.Changes) {
    let isChanged =
      needs.rewrites(self) || isWeighted && needs.weights != .ignored && needs.dropsZeroWeights || needs.dropsIsolated
    if case .packed = self, !isChanged {
      let graph = needs.weights == .ignored ? withoutWeights() : self
      try graph.checkWeights(allowsZero: needs.weights != .positive, context: context)
      return (graph, .none)
    }
    let prepared = try expanded(context: context).prepared(needs, context: context)
    return (.lists(prepared.graph), prepared.changes)
  }
}

extension NeighborGraph {
  /// - Throws: `MillError` of kind `bad-weight` for the first weight that is negative, not finite, or 0 where that is
  ///   not allowed.
  fileprivate func checkWeights(allowsZero: Bool, context: RunContext) throws(MillError) {
    guard let weights else { return }
    let size = 1 << 16
    let firstBad = try FlatBuffer<Int>(count: max(1, Parallel.chunkCount(weights.count, size: size)))
    Parallel.forEachRange(of: weights.count, size: size, threads: context.threads) { range, _ in
      let values = unsafe weights.base
      unsafe firstBad.base[range.lowerBound / size] =
        range.first {
          unsafe !(values[$0] >= 0 && values[$0] < .infinity && (allowsZero || values[$0] > 0))
        }.map { $0 + 1 } ?? 0
    }
    guard let arc = unsafe firstBad.elements.first(where: { $0 > 0 }).map({ $0 - 1 }) else { return }
    let graph = try stored.expanded(context: context)
    let source = nodes.partitionPoint { graph.arcs(of: $0).upperBound > arc }
    throw MillError(
      .badWeight, "the edge \(name(of: source)) - \(name(of: graph.targets[arc])) has a weight that cannot be used",
      field: "\(weights[arc])",
      hint: allowsZero
        ? "weights must be finite and not negative" : "weights must be finite and above 0 where they count")
  }
}

/// The nodes that have an arc into or out of them, ascending.
private struct ConnectedNodes: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> SharedArray<UInt32> {
    let isTouched = try FlatBuffer<Bool>(count: rows.nodeCount)
    for node in 0..<rows.nodeCount where rows.degree(node) > 0 {
      unsafe isTouched.base[node] = true
      if rows.isDirected { for arc in rows.arcs(node) { unsafe isTouched.base[rows.target(arc)] = true } }
    }
    let count = unsafe isTouched.elements.count { $0 }
    let nodes = try FlatBuffer<UInt32>(uninitializedCount: count)
    var place = 0
    for node in 0..<rows.nodeCount where unsafe isTouched.base[node] {
      unsafe nodes.base[place] = UInt32(truncatingIfNeeded: node)
      place += 1
    }
    return SharedArray(nodes)
  }
}

extension MillError.Kind {
  /// A weight that is negative or not finite, or cannot be read as a number.
  public static let badWeight = Self("bad-weight", .badData)
}
