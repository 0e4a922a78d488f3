package import GraphStore
package import MillRuntime

/// A forest with its signed edges that was merged elsewhere, row by row, for ``summarize(_:of:options:context:)``.
package struct MergedDraft {
  private let leafCount: Int
  private var parent: [UInt32]
  private let edges = EdgeList()

  /// - Parameter nodeCount: Nodes of the graph: the first numbers are theirs.
  package init(nodeCount: Int) {
    leafCount = nodeCount
    parent = [UInt32](repeating: SummaryDraft.none, count: nodeCount)
  }

  /// Adds a row: with sign 0 the supernode x lies below y, else they are joined by an edge of that sign.
  ///
  /// - Throws: `MillError` of kind `malformed` for what no row of a draft is.
  package mutating func add(_ x: Int64, _ y: Int64, sign: Int32) throws(MillError) {
    let largest = 2 * Int64(leafCount) - 1
    guard (0..<largest).contains(x), (0..<largest).contains(y), (-1...1).contains(sign) else {
      throw MillError(.malformed, "no row of a draft over \(leafCount) nodes: \(x), \(y), \(sign)")
    }
    let most = Int(max(x, y))
    if most >= parent.count {
      parent += [UInt32](repeating: SummaryDraft.none, count: most + 1 - parent.count)
    }
    if sign != 0 {
      guard x != y || x >= leafCount else { throw MillError(.malformed, "an edge from node \(x) to itself") }
      edges.append(SignedEdge(x: UInt32(x), y: UInt32(y), isNegative: sign < 0))
      return
    }
    guard x < y, y >= leafCount, parent[Int(x)] == SummaryDraft.none else {
      throw MillError(.malformed, "supernode \(x) cannot lie below \(y), or has a parent")
    }
    parent[Int(x)] = UInt32(y)
  }

  /// A row of a draft that was pruned.
  package enum PrunedRow {
    /// A supernode that is left, the one above it, if any, and the root of its tree.
    case supernode(Int64, parent: Int64?, root: Int64)
    /// An edge.
    case edge(Int64, Int64, sign: Int64)
  }

  /// Steps 1 to 3 of pruning, which need no graph; gives what is left.
  ///
  /// - Throws: As ``draft(edgeCount:)``, and what `body` throws.
  package func prune(edgeCount: Int, context: RunContext, _ body: (PrunedRow) throws -> Void) throws {
    var draft = try draft(edgeCount: edgeCount)
    for step in 1...3 { _ = try draft.prune(step: step, threads: context.threads) }
    let roots = draft.roots()
    for (x, up) in draft.parent.enumerated() where up != SummaryDraft.gone {
      try body(.supernode(Int64(x), parent: up == SummaryDraft.none ? nil : Int64(up), root: Int64(roots[x])))
    }
    for i in 0..<draft.edges.count {
      let edge = unsafe draft.edges.base[i]
      try body(.edge(Int64(edge.x), Int64(edge.y), sign: edge.isNegative ? -1 : 1))
    }
  }

  /// The draft in its order, once all rows were added.
  ///
  /// Numbers that no row has are those of supernodes that are gone.
  ///
  /// - Throws: `MillError`: `malformed` for a supernode with fewer than two children, an edge that is there twice, or
  ///   edges that do not stand for `edgeCount` pairs; `over-budget`.
  func draft(edgeCount: Int) throws(MillError) -> SummaryDraft {
    try edges.checkBudget()
    var draft = SummaryDraft(leafCount: leafCount, count: parent.count, parent: parent, edges: edges)
    let (children, degrees) = (draft.childLists(), draft.edgeDegrees())
    for x in leafCount..<max(leafCount, parent.count) where children.count(of: x) < 2 {
      guard children.count(of: x) == 0, parent[x] == SummaryDraft.none, degrees[x] == 0 else {
        throw MillError(.malformed, "supernode \(x) has fewer than two children")
      }
      draft.parent[x] = SummaryDraft.gone
    }
    try draft.orderEdges()
    let base = unsafe edges.base
    for i in 1..<max(1, edges.count)
    where unsafe (base[i].x, base[i].y) == (base[i - 1].x, base[i - 1].y) {
      throw unsafe MillError(.malformed, "the edge from \(base[i].x) to \(base[i].y) is there twice")
    }
    let pairs = draft.coverage()
    guard pairs == edgeCount else {
      throw MillError(.malformed, "the draft stands for \(pairs) edges, the graph has \(edgeCount)")
    }
    return draft
  }
}

/// The summary that comes of a draft: pruned and re-encoded as the options say, as ``summarize(of:options:context:)`` does
/// it behind the last merge.
///
/// - Throws: `MillError`: as there; `malformed` for a draft that is not of this graph.
package func summarize(
  _ draft: MergedDraft, of graph: CSRGraph, options: SummarizeOptions, context: RunContext
) throws(MillError) -> SummarizeResult {
  try summarize(of: graph, options: options, context: context, keepsPartial: false, merged: draft)
}
