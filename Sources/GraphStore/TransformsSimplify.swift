public import MillRuntime

extension CSRGraph {
  /// The undirected graph that joins u and v where this one has an arc u → v or v → u (with `mutual`: both).
  ///
  /// First arcs that repeat another are merged by `duplicates`, then the two directions by `directions`: equal weights
  /// of the two stay as they are, of unequal ones the larger counts by default. `keep` makes each arc an edge of its
  /// own. Loops stay, and count once. An undirected graph comes back as it is.
  ///
  /// - Throws: `MillError`: `duplicate-edge` under the policy `error` (also for two directions), `over-budget`,
  ///   `interrupted`.
  /// - Complexity: O(n + m) time; the result's arrays, and the reversed arcs (8n + 4m bytes, 12m more when weighted)
  ///   while it runs, with twice the arcs for a moment. The same result for every thread count.
  public func symmetrized(
    _ directions: DirectionPolicy = .union, duplicates: DuplicatePolicy = .sum, context: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    guard isDirected else { return self }
    return try rewritten(directions: directions, duplicates: duplicates, keepsLoops: true, context: context).graph
  }

  /// The graph without loops and parallel edges.
  ///
  /// Weights of parallel edges are combined by `duplicates` in the order of the list; `keep` keeps parallel edges and
  /// only drops loops. Names stay. A graph that is simple already comes back as it is. What was dropped and merged is
  /// counted by ``prepared(_:context:)``.
  ///
  /// - Throws: `MillError`: `duplicate-edge` under the policy `error`, `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time, memory of the result. The same result for every thread count.
  public func simplified(
    duplicates: DuplicatePolicy = .sum, context: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    guard hasLoops || (isMultigraph && duplicates != .keep) else { return self }
    return try rewritten(directions: nil, duplicates: duplicates, keepsLoops: false, context: context).graph
  }

  /// The graph with its arcs merged, and counts of what became of them.
  ///
  /// - Parameter directions: How a directed graph becomes undirected; nil where it stays directed.
  package func rewritten(
    directions: DirectionPolicy?, duplicates: DuplicatePolicy, keepsLoops: Bool, context: RunContext
  ) throws(MillError) -> RewriteResult {
    try withRows(
      context: context,
      Rewriting(graph: self, directions: isDirected ? directions : nil, duplicates: duplicates, keepsLoops: keepsLoops))
  }
}

/// What ``CSRGraph/rewritten(directions:duplicates:keepsLoops:context:)`` made.
package struct RewriteResult {
  package let graph: CSRGraph
  /// Loops left out.
  package let loopsDropped: Int
  /// Edges that went into a parallel one or into the one of the other direction.
  package let merged: Int
  /// Edges whose two directions had different weights.
  package let unequalDirections: Int
  /// Arcs left out because there is none the other way.
  let oneWayDropped: Int
}

private struct Rewriting: RowsVisitor {
  let graph: CSRGraph
  let directions: DirectionPolicy?
  let duplicates: DuplicatePolicy
  let keepsLoops: Bool

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> RewriteResult {
    var reversed: GraphRows<ID>?
    var owned: ReversedArcs<ID>?
    if directions != nil {
      if !graph.isWeighted { reversed = graph.incomingRows(rows) }
      if reversed == nil {
        let arcs = try ArcSorter(rows, withWeights: true).run()
        reversed = arcs.rows(like: rows)
        owned = arcs
      }
    }
    defer { withExtendedLifetime(owned) {} }
    let merger = RowMerger(
      rows: rows, reversed: reversed, duplicates: duplicates, directions: directions ?? .union, keepsLoops: keepsLoops)
    let (built, counts) = try merger.build()
    let isDirected = graph.isDirected && directions == nil
    // Every edge of an undirected result was seen from both ends.
    let ends = isDirected ? 1 : 2
    return RewriteResult(
      graph: built.graph(isDirected: isDirected, names: graph.names), loopsDropped: counts.droppedLoops,
      merged: counts.combined / ends + counts.combinedLoops, unequalDirections: counts.unequal / ends,
      oneWayDropped: counts.oneWay / ends)
  }
}
