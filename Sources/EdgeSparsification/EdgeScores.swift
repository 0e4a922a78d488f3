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
///   of the shorter neighbourhoods over all edges for the others; 24m bytes for the result. Same bits for any number
///   of threads.
/// - Source: the score's own, see ``EdgeScoreMethod``.
public func edgeScores(
  of graph: CSRGraph, options: EdgeScoreOptions = .init(), context: RunContext = .init()
) throws(MillError) -> [ScoredEdge] {
  let prepared = try graph.preparedForScores(options, context: context)
  guard prepared.graph.arcCount > 0 else { return [] }
  return try prepared.graph.visitKeys(ScoreCollector(), options, tuning: .init(), context: context)
}

private struct ScoreCollector: KeyVisitor {
  func visit<Target, Keying: EdgeKeying>(_ view: GraphRows<Target>, _ keying: Keying) throws(MillError)
    -> [ScoredEdge]
  {
    var edges: [ScoredEdge] = []
    edges.reserveCapacity(view.edgeCount)
    for node in 0..<view.nodeCount {
      for arc in view.begin(node)..<view.end(node) {
        let target = view.target(arc)
        guard target > node || (view.isDirected && target < node) else { continue }
        edges.append(
          ScoredEdge(source: node, target: target, score: keying.score(ofKey: keying.key(node, target, arc))))
      }
    }
    return edges
  }
}

extension CSRGraph {
  /// The graph that is scored: no parallel edges, loops only where they stay, undirected unless arcs are rated.
  func preparedForScores(_ options: EdgeScoreOptions, context: RunContext) throws(MillError) -> PreparedGraph {
    let method = options.method
    if method != .teddy, method != .reverse, options.weighted { throw .unweightedOnly(method) }
    switch method {
    case .localDegree, .jaccard, .triangles:
      if isDirected, options.directed { throw .undirectedOnly(method) }
    case .teddy, .reverse, .random, .degreeProduct: break
    }
    let needs = Preparation(
      directions: options.directed ? nil : .union, keepsLoops: options.keepsLoops,
      weights: options.weighted ? .positive : .notNegative)
    return try prepared(needs, context: context)
  }
}

/// Work that is compiled for every score and both widths of targets.
protocol KeyVisitor {
  associatedtype Output
  func visit<Target, Keying: EdgeKeying>(_ view: GraphRows<Target>, _ keying: Keying) throws(MillError) -> Output
}

extension CSRGraph {
  /// Computes what the score of `options` needs per node (or arc) and hands the keys to `visitor`. The graph is
  /// prepared and has at least one arc.
  func visitKeys<Visitor: KeyVisitor>(
    _ visitor: Visitor, _ options: EdgeScoreOptions, tuning: SparsifyTuning, context: RunContext
  ) throws(MillError) -> Visitor.Output {
    try withRows(
      chunkWork: tuning.chunkWork, countsLoops: true, context: context, KeyDispatch(visitor: visitor, options: options))
  }
}

private struct KeyDispatch<Visitor: KeyVisitor>: RowsVisitor {
  let visitor: Visitor
  let options: EdgeScoreOptions

  func visit<Target>(_ view: GraphRows<Target>) throws(MillError) -> Visitor.Output {
    switch options.method {
    case .teddy, .reverse:
      let scores = try teddyScores(view, options)
      defer { withExtendedLifetime(scores) {} }
      let isNegated = options.method == .reverse
      if options.weighted, let weights = unsafe view.weights {
        return try unsafe visitor.visit(view, WeightedProductKeying(scores, weights, view, isNegated: isNegated))
      }
      return try visitor.visit(view, ProductKeying(scores, view, isNegated: isNegated))
    case .degreeProduct:
      let degrees = try degreeBuffers(view)
      defer { withExtendedLifetime(degrees) {} }
      return try visitor.visit(view, InverseProductKeying(degrees))
    case .random:
      return try visitor.visit(view, RandomKeying(seed: options.seed, isDirected: view.isDirected))
    case .localDegree:
      return try visit(view, stored: try localDegreeScores(view))
    case .jaccard:
      return try visit(view, stored: try neighborhoodScores(view, isJaccard: true))
    case .triangles:
      return try visit(view, stored: try neighborhoodScores(view, isJaccard: false))
    }
  }

  private func visit<Target>(
    _ view: GraphRows<Target>, stored: FlatBuffer<Double>
  ) throws(MillError) -> Visitor.Output {
    defer { withExtendedLifetime(stored) {} }
    return try visitor.visit(view, StoredKeying(stored))
  }
}

/// Degrees as doubles: out-degrees and in-degrees of a directed graph, else the degrees twice.
private func degreeBuffers<Target: NodeIndex>(_ view: GraphRows<Target>) throws(MillError) -> NodeScoreBuffers {
  let out = try FlatBuffer<Double>(count: view.nodeCount)
  for node in 0..<view.nodeCount { unsafe out.base[node] = Double(view.end(node) - view.begin(node)) }
  guard view.isDirected else { return NodeScoreBuffers(source: out, target: out) }
  let into = try FlatBuffer<Double>(count: view.nodeCount)
  for arc in 0..<view.arcCount { unsafe into.base[view.target(arc)] += 1 }
  return NodeScoreBuffers(source: out, target: into)
}
