public import GraphStore
public import MillRuntime

/// The settings of ``GraphStore/CSRGraph/sampled(_:context:)``.
public struct GraphSampleOptions: Sendable, Equatable, Codable {
  /// What is drawn.
  public enum Method: String, Sendable, CaseIterable, Codable {
    /// Nodes, each set of them with the same chance, and all edges between them.
    case nodes
    /// Edges, each set of them with the same chance, and their ends.
    case edges
    /// Nodes that a fire reaches, and all edges between them.
    case forestFire = "forest-fire"
  }

  /// How much is drawn: nodes, or edges under ``Method/edges``.
  public enum Amount: Sendable, Equatable, Codable {
    /// This many.
    case count(Int)
    /// This share of them, in 0...1, rounded down.
    case share(Double)
  }

  /// What is drawn.
  public var method: Method
  /// How much is drawn.
  public var amount: Amount
  /// The chance that a burning node sets one more neighbor on fire, in 0..<1: p / (1 - p) of them on average.
  public var burning: Double
  /// The same chance for arcs against their direction, as a share of ``burning``, in 0...1. Of no use without directions.
  public var backwardRatio: Double
  /// Decides what is drawn.
  public var seed: UInt64

  /// Fires with a chance of 0.7 along arcs only, unless told otherwise.
  public init(
    _ method: Method, _ amount: Amount, burning: Double = 0.7, backwardRatio: Double = 0, seed: UInt64 = 42
  ) {
    self.method = method
    self.amount = amount
    self.burning = burning
    self.backwardRatio = backwardRatio
    self.seed = seed
  }
}

extension CSRGraph {
  /// A random part of the graph.
  ///
  /// - Parameters:
  ///   - options: What is drawn and how much.
  ///   - context: Threads (the drawing is serial), a way to stop.
  /// - Returns: A graph of the drawn nodes, or of the drawn edges and their ends, in ascending order, with names, weights
  ///   and directions.
  /// - Throws: `MillError`: `bad-option` for shares and chances out of range and for more than there is, `over-budget`,
  ///   `interrupted`.
  /// - Complexity: O(n + m) time, 8n bytes and for edges a bit an arc. The same result for every thread count.
  /// - Source: Leskovec, Faloutsos, "Sampling from large graphs", KDD 2006, section 3 (random nodes, random edges, forest
  ///   fire); sets of edges by Knuth, "The Art of Computer Programming" 2, section 3.4.2, algorithm S.
  public func sampled(_ options: GraphSampleOptions, context: RunContext = .init()) throws(MillError) -> CSRGraph {
    let all = options.method == .edges ? edgeCount : nodeCount
    let count: Int
    switch options.amount {
    case .count(let wanted):
      guard wanted >= 0, wanted <= all else {
        throw MillError(.badOption, "the sample must be in 0...\(all)", field: "\(wanted)")
      }
      count = wanted
    case .share(let share):
      guard share >= 0, share <= 1 else {
        throw MillError(.badOption, "the share of a sample must be in 0...1", field: "\(share)")
      }
      count = Int((share * Double(all)).rounded(.down))
    }
    guard options.burning >= 0, options.burning < 1 else {
      throw MillError(.badOption, "the chance of burning must be in 0..<1", field: "\(options.burning)")
    }
    guard options.backwardRatio >= 0, options.backwardRatio <= 1 else {
      throw MillError(.badOption, "the backward ratio must be in 0...1", field: "\(options.backwardRatio)")
    }
    guard count > 0 else { return try inducedSubgraph(nodes: [], context: context) }
    switch options.method {
    case .nodes:
      let nodes = try NodeSample.nodes(of: count, from: nodeCount, seed: options.seed, stage: "sample-nodes")
      return try inducedSubgraph(nodes: nodes, context: context)
    case .edges:
      let drawn = try withRows(context: context, EdgeDrawing(count: count, edgeCount: edgeCount, seed: options.seed))
      return try keepingArcs(context: context) { _, _, arc in drawn.isDrawn(arc) }
        .inducedSubgraph(keeping: { unsafe drawn.nodes.base[$0] }, context: context)
    case .forestFire:
      let graph = options.backwardRatio > 0 ? try withoutWeights().withInArcs(context: context) : self
      let burned = try graph.withRows(context: context, ForestFire(graph: graph, count: count, options: options))
      return try inducedSubgraph(keeping: { unsafe burned.base[$0] }, context: context)
    }
  }
}

/// Edges that were drawn, by their arcs, and the nodes at their ends.
private struct DrawnEdges {
  let arcs: FlatBuffer<UInt64>
  let nodes: FlatBuffer<Bool>

  init<ID>(_ rows: GraphRows<ID>) throws(MillError) {
    arcs = try FlatBuffer(count: (rows.arcCount + 63) / 64)
    nodes = try FlatBuffer(count: rows.nodeCount)
  }

  func isDrawn(_ arc: Int) -> Bool { unsafe arcs.base[arc >> 6] >> UInt64(arc & 63) & 1 != 0 }

  func insert(_ node: Int, _ arc: Int) {
    unsafe arcs.base[arc >> 6] |= 1 << UInt64(arc & 63)
    unsafe nodes.base[node] = true
  }
}

/// Draws exactly `count` of the edges while they are looked at one after the other.
private struct EdgeDrawing: RowsVisitor {
  let count: Int
  let edgeCount: Int
  let seed: UInt64

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> DrawnEdges {
    let drawn = try DrawnEdges(rows)
    var random = CounterRandom(seed: seed, stage: "sample-edges")
    var (wanted, left) = (UInt64(count), UInt64(edgeCount))
    func draws() -> Bool {
      let isDrawn = random.below(left) < wanted
      left -= 1
      if isDrawn { wanted -= 1 }
      return isDrawn
    }
    for node in 0..<rows.nodeCount where rows.isDirected || rows.hasLoops {
      for arc in rows.arcs(node) where (rows.isDirected || rows.target(arc) == node) && draws() {
        drawn.insert(node, arc)
        unsafe drawn.nodes.base[rows.target(arc)] = true
      }
    }
    if !rows.isDirected {
      try rows.forEachEdgePair(threads: 1) { node, target, arc, reverse in
        guard draws() else { return }
        drawn.insert(node, arc)
        drawn.insert(target, reverse)
      }
    }
    return drawn
  }
}
