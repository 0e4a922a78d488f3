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
/// - Throws: ``SparsifyError`` for options that do not fit the graph or the score, weights that cannot be used, a lack
///   of memory.
/// - Complexity: O(n + m) time for the scores made of degrees and the random one, O(m log d) for local degree, the sum
///   of the shorter neighbourhoods over all edges for the others; 24m bytes for the result. Same bits for any number
///   of threads.
/// - Source: the score's own, see ``EdgeScoreMethod``.
public func edgeScores(
  of graph: CSRGraph, options: EdgeScoreOptions = .init(), context: RunContext = .init()
) throws(SparsifyError) -> [ScoredEdge] {
  let prepared = try PreparedGraph(graph, options: options, context: context)
  guard prepared.graph.arcCount > 0 else { return [] }
  return try prepared.graph.visitKeys(ScoreCollector(), options, tuning: .init(), context: context)
}

private struct ScoreCollector: KeyVisitor {
  func visit<Target, Keying: EdgeKeying>(_ view: ArcView<Target>, _ keying: Keying) throws(SparsifyError)
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

/// Work that is compiled for every score and both widths of targets.
protocol KeyVisitor {
  associatedtype Output
  func visit<Target, Keying: EdgeKeying>(_ view: ArcView<Target>, _ keying: Keying) throws(SparsifyError) -> Output
}

extension CSRGraph {
  /// Computes what the score of `options` needs per node (or arc) and hands the keys to `visitor`. The graph is
  /// prepared and has at least one arc.
  func visitKeys<Visitor: KeyVisitor>(
    _ visitor: Visitor, _ options: EdgeScoreOptions, tuning: SparsifyTuning, context: RunContext
  ) throws(SparsifyError) -> Visitor.Output {
    try visitArcs(KeyDispatch(visitor: visitor, options: options), tuning: tuning, context: context)
  }
}

private struct KeyDispatch<Visitor: KeyVisitor>: ArcVisitor {
  let visitor: Visitor
  let options: EdgeScoreOptions

  func visit<Target>(_ view: ArcView<Target>) throws(SparsifyError) -> Visitor.Output {
    switch options.method {
    case .teddy, .reverse:
      let scores = try teddyScores(view, options)
      defer { withExtendedLifetime(scores) {} }
      let isNegated = options.method == .reverse
      if options.weighted, let weights = view.weights {
        return try visitor.visit(view, WeightedProductKeying(scores, weights, view, isNegated: isNegated))
      }
      return try visitor.visit(view, ProductKeying(scores, view, isNegated: isNegated))
    case .degreeProduct:
      let degrees = try storing { () throws(MillError) in try degreeBuffers(view) }
      defer { withExtendedLifetime(degrees) {} }
      return try visitor.visit(view, InverseProductKeying(degrees))
    case .random:
      return try visitor.visit(view, RandomKeying(seed: options.seed, isDirected: view.isDirected))
    case .localDegree:
      return try visit(view, stored: try storing { () throws(MillError) in try localDegreeScores(view) })
    case .jaccard:
      return try visit(
        view, stored: try storing { () throws(MillError) in try neighborhoodScores(view, isJaccard: true) })
    case .triangles:
      return try visit(
        view, stored: try storing { () throws(MillError) in try neighborhoodScores(view, isJaccard: false) })
    }
  }

  private func visit<Target>(
    _ view: ArcView<Target>, stored: FlatBuffer<Double>
  ) throws(SparsifyError) -> Visitor.Output {
    defer { withExtendedLifetime(stored) {} }
    return try visitor.visit(view, StoredKeying(stored))
  }
}

/// Degrees as doubles: out-degrees and in-degrees of a directed graph, else the degrees twice.
private func degreeBuffers<Target: TargetInteger>(_ view: ArcView<Target>) throws(MillError) -> NodeScoreBuffers {
  let out = try FlatBuffer<Double>(count: view.nodeCount)
  for node in 0..<view.nodeCount { out.base[node] = Double(view.end(node) - view.begin(node)) }
  guard view.isDirected else { return NodeScoreBuffers(source: out, target: out) }
  let into = try FlatBuffer<Double>(count: view.nodeCount)
  for arc in 0..<view.arcCount { into.base[view.target(arc)] += 1 }
  return NodeScoreBuffers(source: out, target: into)
}
