public import GraphStore
public import MillRuntime

/// An edge and its score.
public struct ScoredEdge: Sendable, Equatable {
  /// The smaller end, or the source of a directed arc.
  public let source: Int
  /// The larger end, or the target of a directed arc.
  public let target: Int
  /// The score; high means "keep".
  public let score: Double
}

/// Rates every edge.
///
/// - Parameters:
///   - graph: Any graph; the options say what happens to directions and loops. Parallel edges are merged.
///   - options: The score and its settings.
///   - context: Threads, progress, cancellation.
/// - Returns: Every edge once, loops not, ordered by (source, target); shape `[m]`.
/// - Throws: `MillError`: `bad-option` for options that do not fit the graph or the score, `bad-weight`, `weight-range`,
///   `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time for the scores made of degrees and the random one, O(m log d) for local degree, the sum
///   of the shorter neighborhoods over all edges for the others; 24m bytes for the result. Same bits for any number
///   of threads.
/// - Source: the score's own, see ``EdgeScoreMethod``.
public func edgeScores(
  of graph: some NeighborGraph, options: EdgeScoreOptions = .init(), context: RunContext = .init()
) throws(MillError) -> [ScoredEdge] {
  let prepared = try graph.stored.preparedForScores(options, context: context)
  guard prepared.graph.arcCount > 0 else { return [] }
  return try prepared.graph.visitKeys(ScoreCollector(), options, tuning: .init(), context: context)
}

private struct ScoreCollector: KeyVisitor {
  func visit<Rows: RowSource, Keying: EdgeKeying>(
    _ view: Rows, _ keying: Keying
  ) throws(MillError) -> [ScoredEdge] {
    var edges: [ScoredEdge] = []
    edges.reserveCapacity(view.edgeCount)
    for node in 0..<view.nodeCount {
      view.forEachOwnArc(node) { target, arc in
        edges.append(
          ScoredEdge(source: node, target: target, score: keying.score(ofKey: keying.key(node, target, arc))))
      }
    }
    return edges
  }
}

extension StoredGraph {
  /// The graph that is scored: no parallel edges, loops only where they stay, undirected unless arcs are rated. A packed
  /// one stays packed where nothing changes and the score needs no more than degrees.
  func preparedForScores(
    _ options: EdgeScoreOptions, context: RunContext
  ) throws(MillError) -> (graph: StoredGraph, changes: PreparedGraph.Changes) {
    let method = options.method
    if method != .teddy, method != .reverse, options.weighted { throw .unweightedOnly(method) }
    if method.readsNeighborhoods, isDirected, options.directed { throw .undirectedOnly(method) }
    let needs = Preparation(
      directions: options.directed ? nil : .union, keepsLoops: options.keepsLoops,
      weights: options.weighted ? .positive : .notNegative)
    let stored = method.readsNeighborhoods ? .lists(try expanded(context: context)) : self
    return try stored.prepared(needs, context: context)
  }
}

extension EdgeScoreMethod {
  /// Whether a score comes from the lists of both ends rather than from a figure of each, and is stored.
  fileprivate var readsNeighborhoods: Bool {
    switch self {
    case .localDegree, .jaccard, .triangles: true
    case .teddy, .reverse, .random, .degreeProduct: false
    }
  }
}

/// Work that is compiled for every score and every source of rows.
protocol KeyVisitor {
  associatedtype Output
  func visit<Rows: RowSource, Keying: EdgeKeying>(_ view: Rows, _ keying: Keying) throws(MillError) -> Output
}

extension StoredGraph {
  /// Computes what the score of `options` needs per node (or arc) and hands the keys to `visitor`. The graph is
  /// prepared and has at least one arc.
  func visitKeys<Visitor: KeyVisitor>(
    _ visitor: Visitor, _ options: EdgeScoreOptions, tuning: SparsifyTuning, context: RunContext
  ) throws(MillError) -> Visitor.Output {
    guard options.method.readsNeighborhoods else {
      return try withRows(
        chunkWork: tuning.chunkWork, countsLoops: true, context: context,
        FigureKeys(visitor: visitor, options: options))
    }
    return try expanded(context: context).withRows(
      chunkWork: tuning.chunkWork, countsLoops: true, context: context,
      NeighborhoodKeys(visitor: visitor, method: options.method))
  }
}

/// Keys that come from a figure of each end.
private struct FigureKeys<Visitor: KeyVisitor>: SourceVisitor {
  let visitor: Visitor
  let options: EdgeScoreOptions

  func visit<Rows: RowSource>(_ view: Rows) throws(MillError) -> Visitor.Output {
    switch options.method {
    case .teddy, .reverse:
      let scores = try teddyScores(view, options)
      defer { withExtendedLifetime(scores) {} }
      let isNegated = options.method == .reverse
      if options.weighted, let weights = unsafe view.weights {
        return try unsafe visitor.visit(
          view, WeightedProductKeying(scores, weights, arcCount: view.arcCount, isNegated: isNegated))
      }
      return try visitor.visit(view, ProductKeying(scores, isNegated: isNegated))
    case .degreeProduct:
      let degrees = try degreeBuffers(view)
      defer { withExtendedLifetime(degrees) {} }
      return try visitor.visit(view, InverseProductKeying(degrees))
    case .random:
      return try visitor.visit(view, RandomKeying(seed: options.seed, isDirected: view.isDirected))
    case .localDegree, .jaccard, .triangles:
      preconditionFailure("scores of neighborhoods are stored")
    }
  }
}

/// Keys that come from the lists of both ends, stored.
private struct NeighborhoodKeys<Visitor: KeyVisitor>: RowsVisitor {
  let visitor: Visitor
  let method: EdgeScoreMethod

  func visit<Target>(_ view: GraphRows<Target>) throws(MillError) -> Visitor.Output {
    let stored =
      method == .localDegree
      ? try localDegreeScores(view) : try neighborhoodScores(view, isJaccard: method == .jaccard)
    defer { withExtendedLifetime(stored) {} }
    return try visitor.visit(view, StoredKeying(stored))
  }
}

/// Degrees as doubles: out-degrees and in-degrees of a directed graph, else the degrees twice.
private func degreeBuffers(_ view: some RowSource) throws(MillError) -> NodeScoreBuffers {
  let out = try FlatBuffer<Double>(count: view.nodeCount)
  for node in 0..<view.nodeCount { unsafe out.base[node] = Double(view.degree(node)) }
  guard view.isDirected else { return NodeScoreBuffers(source: out, target: out) }
  let into = try FlatBuffer<Double>(count: view.nodeCount)
  unsafe view.forEachPiece(of: 0..<view.nodeCount) { targets, _, count in
    for i in 0..<count { unsafe into.base[Int(truncatingIfNeeded: targets[i])] += 1 }
  }
  return NodeScoreBuffers(source: out, target: into)
}
