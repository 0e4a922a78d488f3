public import MillRuntime

/// A graph whose neighbor lists can be walked, in memory (``CSRGraph``) or compressed (``PackedGraph``). What takes one
/// gives the same result for either, bit for bit.
public protocol NeighborGraph: Sendable {
  /// The number of nodes, n.
  var nodeCount: Int { get }
  /// The number of distinct edges, m (arcs when directed; parallel edges count when they were kept).
  var edgeCount: Int { get }
  /// Entries of all neighbor lists.
  var arcCount: Int { get }
  /// Whether arcs have a direction.
  var isDirected: Bool { get }
  /// Whether parallel edges were kept, so that a list may repeat a neighbor.
  var isMultigraph: Bool { get }
  /// Whether any edge joins a node to itself.
  var hasLoops: Bool { get }
  /// Weights of shape ``arcCount``, finite; nil for an unweighted graph.
  var weights: SharedArray<Double>? { get }
  /// What the nodes were called in the input.
  var names: NodeNames { get }
  /// The graph as the one of the two that it is.
  var stored: StoredGraph { get }
}

/// A graph in one of the ways to keep neighbor lists.
public enum StoredGraph: NeighborGraph {
  /// Arrays in memory or in a mapped file.
  case lists(CSRGraph)
  /// Packed gaps.
  case packed(PackedGraph)

  private var either: any NeighborGraph {
    switch self {
    case .lists(let graph): graph
    case .packed(let graph): graph
    }
  }

  /// The number of nodes, n.
  public var nodeCount: Int { either.nodeCount }
  /// The number of distinct edges, m.
  public var edgeCount: Int { either.edgeCount }
  /// Entries of all neighbor lists.
  public var arcCount: Int { either.arcCount }
  /// Whether arcs have a direction.
  public var isDirected: Bool { either.isDirected }
  /// Whether parallel edges were kept.
  public var isMultigraph: Bool { either.isMultigraph }
  /// Whether any edge joins a node to itself.
  public var hasLoops: Bool { either.hasLoops }
  /// Weights of shape ``arcCount``; nil for an unweighted graph.
  public var weights: SharedArray<Double>? { either.weights }
  /// What the nodes were called in the input.
  public var names: NodeNames { either.names }
  /// This graph.
  public var stored: StoredGraph { self }

  /// The graph as arrays in memory. O(1) where it is.
  ///
  /// - Throws: As ``PackedGraph/expanded(context:)``.
  public func expanded(context: RunContext = .init()) throws(MillError) -> CSRGraph {
    switch self {
    case .lists(let graph): graph
    case .packed(let graph): try graph.expanded(context: context)
    }
  }

  /// The same graph without weights. O(1).
  public func withoutWeights() -> StoredGraph {
    switch self {
    case .lists(let graph): .lists(graph.withoutWeights())
    case .packed(let graph): .packed(graph.withoutWeights())
    }
  }

  /// The graph with all arcs turned round; packed where that needs no more than its incoming arcs.
  package func transposed(context: RunContext) throws(MillError) -> StoredGraph {
    if case .packed(let graph) = self, let turned = graph.turned() { return .packed(turned) }
    return .lists(try expanded(context: context).transposed(context: context))
  }

  /// Hands the graph's rows to `visitor`, whichever they are; see ``CSRGraph/withRows(chunkWork:countsLoops:context:_:)``.
  @inlinable package func withRows<Visitor: SourceVisitor>(
    chunkWork: Int = 1 << 15, countsLoops: Bool = false, context: RunContext = .init(), _ visitor: Visitor
  ) throws(MillError) -> Visitor.Output {
    switch self {
    case .lists(let graph):
      return try graph.withRows(
        chunkWork: chunkWork, countsLoops: countsLoops, context: context, ListVisitor(visitor: visitor))
    case .packed(let graph):
      defer { withExtendedLifetime(graph) {} }
      let loops = countsLoops ? try loopCount(context: context) : 0
      return try visitor.visit(graph.rows(chunkWork: chunkWork, loopCount: loops, context))
    }
  }
}

/// A visitor of any source that visits lists in memory.
@usableFromInline struct ListVisitor<Visitor: SourceVisitor>: RowsVisitor {
  @usableFromInline let visitor: Visitor
  @inlinable init(visitor: Visitor) { self.visitor = visitor }
  @inlinable func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> Visitor.Output { try visitor.visit(rows) }
}

extension CSRGraph: NeighborGraph {
  /// This graph, in memory.
  public var stored: StoredGraph { .lists(self) }
}

extension NeighborGraph {
  /// Whether ``weights`` exist.
  public var isWeighted: Bool { weights != nil }
  /// The nodes, `0..<nodeCount`.
  public var nodes: Range<Int> { 0..<nodeCount }

  /// Direction, parallel edges and loops, as flags.
  var shape: GraphFlags {
    var flags: GraphFlags = []
    if isDirected { flags.insert(.directed) }
    if isMultigraph { flags.insert(.multigraph) }
    if hasLoops { flags.insert(.loops) }
    return flags
  }

  /// The number of self-loops. O(arcs) where there are any.
  public func loopCount(context: RunContext = .init()) throws(MillError) -> Int {
    hasLoops ? try stored.withRows(context: context, LoopCounting()) : 0
  }
}

private struct LoopCounting: SourceVisitor {
  func visit<Rows: RowSource>(_ rows: Rows) throws(MillError) -> Int {
    try parallelSum(rows.nodeCount, context: rows.context) { nodes in
      nodes.reduce(0) { $0 + rows.loops(at: $1) }
    }
  }
}
