public import GraphStore
public import MillRuntime

/// What ``sparsify(_:options:context:)`` did.
public struct SparsifyResult: Sendable {
  /// The graph of the edges that stayed: the same nodes and names, weights carried over.
  public let graph: CSRGraph
  /// Edges (arcs of a graph that stayed directed) before, m; loops do not count.
  public let edgesBefore: Int
  /// Edges after.
  public let edgesAfter: Int
  /// Edges that were to go; nil where a threshold decided.
  public let requested: Int?
  /// The score at the cut: no removed edge has a higher one, and no edge with a lower one stays, except for edges
  /// that an option holds. With a threshold it is the threshold. Nil when nothing went.
  public let thresholdScore: Double?
  /// Self-loops that were dropped before scoring.
  public let loopsDropped: Int
  /// Self-loops that stay.
  public let loopsKept: Int
  /// Edges merged into an equal one before scoring (parallel edges, and the two directions of a directed pair).
  public let parallelMerged: Int
  /// Costs.
  public let counters: SparsifyCounters

  /// Edges that went.
  public var removed: Int { edgesBefore - edgesAfter }
  /// The share of edges that went, in 0...1; 0 for a graph without edges.
  public var shareReached: Double { edgesBefore == 0 ? 0 : Double(removed) / Double(edgesBefore) }
}

/// Costs of a sparsification that do not depend on the machine.
public struct SparsifyCounters: Sendable, Equatable {
  /// Edges that were rated.
  public var edgesScored = 0
  /// Runs over all edges to find the cut, forest rounds included; 0 where a sample brackets it. The score, the decision
  /// on every arc (which also pulls out the last bucket) and the copy come on top, one run each.
  public var selectionPasses = 0
  /// Edges that were held in memory at once to find the cut exactly.
  public var bucketEdges = 0
  /// Edges held by `keepsForest`.
  public var forestEdges = 0
  /// Edges passed over for `minimumDegree`.
  public var skippedForDegree = 0
}

/// Removes the edges of the lowest scores in one shot.
///
/// Edges go in ascending order of (score, u, v) with u < v, a total order, so that the edges removed for a smaller
/// number are among those removed for a larger one. Nodes stay, isolated or not. There is no promise about
/// connectivity unless `keepsForest` is set. When nothing goes, the result is the prepared graph itself: the input,
/// unless loops, directions or parallel edges had to go first.
///
/// - Parameters:
///   - graph: Any graph. A packed one is expanded where edges are rated by the lists of both ends, where loops,
///     directions or parallel edges have to go first, and for `keepsForest` and `minimumDegree`; else it is read as it
///     is. A directed one is made undirected (weights of both directions added) unless
///     `options.score.directed` is set; parallel edges are merged, loops dropped unless they are to stay.
///   - options: The score, how many edges go, and what must stay.
///   - context: Threads, progress, cancellation.
/// - Returns: The sparser graph and what was reached: with `keepsForest` or `minimumDegree` fewer edges may go than
///   were asked for.
/// - Throws: `MillError`: `bad-option`, `bad-weight`, `weight-range`, `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time and O(n) memory beside input and output for scores made of degrees: one pass to score,
///   one to decide on every arc, one to build the graph; small graphs and those of many equal scores take one or more
///   to find the cut, which a sample brackets otherwise. `keepsForest` adds O(m log n),
///   `minimumDegree` O(m log n). Parallel over nodes; the same bytes for every number of threads.
/// - Source: Seo, Yun, Yang, ICLR 2024 (arXiv 2402.01261), the one-shot edge trimming. Here undirected edges are
///   ranked, so both arcs of an edge stay or go together.
public func sparsify(
  _ graph: some NeighborGraph, options: SparsifyOptions = .init(), context: RunContext = .init()
) throws(MillError) -> SparsifyResult {
  try sparsify(graph, options: options, context: context, tuning: .init())
}

/// ``sparsify(_:options:context:)`` with other sizes of chunks, histograms and buckets; the result is the same.
package func sparsify(
  _ graph: some NeighborGraph, options: SparsifyOptions, context: RunContext, tuning: SparsifyTuning
) throws(MillError) -> SparsifyResult {
  switch options.removal {
  case .share(let share): guard share >= 0, share <= 1 else { throw .shareOutOfRange(share) }
  case .count(let count): guard count >= 0 else { throw .countOutOfRange(count, edges: graph.edgeCount) }
  case .keeping(let count): guard count >= 0 else { throw .keepCountNegative(count) }
  case .scoresBelow(let score): guard !score.isNaN else { throw .thresholdIsNaN }
  }
  guard options.minimumDegree >= 0 else { throw .minimumDegreeNegative(options.minimumDegree) }
  // A spanning forest and guarded degrees look up arcs by their ends.
  let looksUp = options.keepsForest || options.minimumDegree > 0
  let stored = looksUp ? .lists(try graph.stored.expanded(context: context)) : graph.stored
  let prepared = try stored.preparedForScores(options.score, context: context)
  guard prepared.graph.arcCount > 0 else {
    if case .count(let count) = options.removal, count > 0 { throw .countOutOfRange(count, edges: 0) }
    var requested: Int? = 0
    if case .scoresBelow = options.removal { requested = nil }
    return SparsifyResult(
      graph: try prepared.graph.expanded(context: context), edgesBefore: 0, edgesAfter: 0, requested: requested,
      thresholdScore: nil, loopsDropped: prepared.changes.loopsDropped, loopsKept: 0,
      parallelMerged: prepared.changes.merged, counters: .init())
  }
  return try prepared.graph.visitKeys(
    SparsifyRun(graph: prepared.graph, changes: prepared.changes, options: options, tuning: tuning), options.score,
    tuning: tuning, context: context)
}

private struct SparsifyRun: KeyVisitor {
  let graph: StoredGraph
  let changes: PreparedGraph.Changes
  let options: SparsifyOptions
  let tuning: SparsifyTuning

  func visit<Rows: RowSource, Keying: EdgeKeying>(
    _ view: Rows, _ keying: Keying
  ) throws(MillError) -> SparsifyResult {
    let requested = try wanted(of: view.edgeCount)
    var counters = SparsifyCounters()
    counters.edgesScored = view.edgeCount
    guard options.keepsForest || options.minimumDegree > 0 else {
      return try cut(EdgeOrder(view, keying, tieSeed: options.tieSeed), requested, eligible: view.edgeCount, &counters)
    }
    let plain = EdgeOrder(view, keying, tieSeed: options.tieSeed)
    var eligible = view.edgeCount
    let marks: ArcMarks
    if options.keepsForest {
      let forest = try plain.spanningForest()
      marks = forest.marks
      eligible -= forest.edgeCount
      counters.forestEdges = forest.edgeCount
      counters.selectionPasses = forest.passes
    } else {
      marks = try ArcMarks(arcCount: view.arcCount)
    }
    defer { withExtendedLifetime(marks) {} }
    let guarded = EdgeOrder(view, MarkedKeying(keying, marks), tieSeed: options.tieSeed)
    guard options.minimumDegree > 0 else { return try cut(guarded, requested, eligible: eligible, &counters) }
    let outcome = try guarded.removeGuarded(
      requested ?? Int.max, minimumDegree: options.minimumDegree, below: ceiling(keying), marks: marks, tuning)
    counters.selectionPasses += outcome.passes
    counters.bucketEdges = outcome.bucketEdges
    counters.skippedForDegree = outcome.skipped
    let done = outcome.removed == 0 ? nil : try removal(guarded, upTo: .edge(outcome.pivot))
    return try result(guarded, requested, done, counters)
  }

  /// How many edges are to go; nil with a threshold.
  private func wanted(of edges: Int) throws(MillError) -> Int? {
    switch options.removal {
    case .share(let share): return min(edges, Int((share * Double(edges)).rounded(.down)))
    case .count(let count):
      guard count <= edges else { throw .countOutOfRange(count, edges: edges) }
      return count
    case .keeping(let count): return max(0, edges - count)
    case .scoresBelow: return nil
    }
  }

  /// The first key that a threshold keeps.
  private func ceiling(_ keying: some EdgeKeying) -> UInt64 {
    if case .scoresBelow(let score) = options.removal { keying.firstKey(notBelow: score) } else { UInt64.max }
  }

  /// Selects among the `eligible` edges that are not marked, and builds the graph.
  private func cut<Rows: RowSource, Keying: EdgeKeying>(
    _ order: EdgeOrder<Rows, Keying>, _ requested: Int?, eligible: Int, _ counters: inout SparsifyCounters
  ) throws(MillError) -> SparsifyResult {
    guard let requested else {
      return try result(order, nil, removal(order, upTo: .edge(.before(key: ceiling(order.keying)))), counters)
    }
    let count = min(requested, eligible)
    guard count > 0 else { return try result(order, requested, nil, counters) }
    if eligible == order.view.edgeCount, let bracket = try order.bracket(count, tuning) {
      let filtering = try ArcFiltering(order.view)
      if let found = try filtering.removeEdges(count, within: bracket, order) {
        counters.bucketEdges = found.bucketEdges
        return try result(order, requested, Removal(filtering: filtering, pivot: found.pivot), counters)
      }
    }
    var selection = SelectionCounters()
    let cut = try order.select(count, tuning, &selection)
    counters.selectionPasses += selection.passes
    counters.bucketEdges = selection.bucketEdges
    if case .bucket(_, let count, _) = cut { counters.bucketEdges = count }
    return try result(order, requested, removal(order, upTo: cut), counters)
  }

  /// A decision on all arcs, and the last edge that goes.
  private struct Removal<Rows: RowSource> {
    let filtering: ArcFiltering<Rows>
    let pivot: EdgeRank
  }

  private func removal<Rows: RowSource, Keying: EdgeKeying>(
    _ order: EdgeOrder<Rows, Keying>, upTo cut: EdgeCut
  ) throws(MillError) -> Removal<Rows> {
    let filtering = try ArcFiltering(order.view)
    return Removal(filtering: filtering, pivot: try filtering.removeEdges(upTo: cut, order))
  }

  /// The graph of what stays; the prepared graph itself when nothing goes.
  private func result<Rows: RowSource, Keying: EdgeKeying>(
    _ order: EdgeOrder<Rows, Keying>, _ requested: Int?, _ removal: Removal<Rows>?, _ counters: SparsifyCounters
  ) throws(MillError) -> SparsifyResult {
    let view = order.view
    var sparse: CSRGraph?
    var edgesAfter = view.edgeCount
    var threshold: Double?
    if let removal, case let rest = try removal.filtering.build(from: graph, keptLoops: view.loopCount),
      rest.arcCount < graph.arcCount
    {
      sparse = rest
      edgesAfter = rest.edgeCount - view.loopCount
      threshold = order.keying.score(ofKey: removal.pivot.key)
      if case .scoresBelow(let score) = options.removal { threshold = score }
    }
    let left: CSRGraph
    if let sparse { left = sparse } else { left = try graph.expanded(context: view.context) }
    return SparsifyResult(
      graph: left, edgesBefore: view.edgeCount, edgesAfter: edgesAfter, requested: requested,
      thresholdScore: threshold, loopsDropped: changes.loopsDropped, loopsKept: view.loopCount,
      parallelMerged: changes.merged, counters: counters)
  }
}
