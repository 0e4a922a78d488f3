public import GraphStore
public import MillRuntime

/// What ``coreNumbers(of:context:)`` found.
public struct CoreNumbersResult: Sendable, Equatable {
  /// The largest k for which each node is in the k-core, shape `[n]`.
  public let cores: SharedArray<UInt32>
  /// The largest of them: the degeneracy of the graph; 0 for a graph without edges.
  public let degeneracy: Int
}

/// Finds the core number of every node: the k-core is what is left when nodes of fewer than k neighbors are taken away
/// until none is left.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter: neighbors are counted.
///   - context: Threads (to make a graph simple; the peeling is serial), a way to stop.
/// - Returns: One number a node, and their largest.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 16n bytes (24n for wide targets). The result does not depend on threads.
/// - Source: Batagelj, Zaversnik, "An O(m) algorithm for cores decomposition of networks", arXiv cs/0310049, 2003.
public func coreNumbers(
  of graph: CSRGraph, context: RunContext = .init()
) throws(MillError) -> CoreNumbersResult {
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  return try simple.withRows(context: context, Peeling())
}

private struct Peeling: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CoreNumbersResult {
    let n = rows.nodeCount
    let degrees = try FlatBuffer<UInt32>(uninitializedCount: n)
    for node in 0..<n { unsafe degrees.base[node] = UInt32(truncatingIfNeeded: rows.degree(node)) }
    let bins = try PeelingBins<ID>(keys: degrees)
    for place in 0..<n {
      if place & 0xffff == 0 { try rows.context.checkCancelled() }
      let node = bins.item(at: place)
      let core = bins.key(of: node)
      for arc in rows.arcs(node) {
        let other = rows.target(arc)
        if bins.key(of: other) > core { bins.lower(other) }
      }
    }
    withExtendedLifetime(bins) {}
    return unsafe CoreNumbersResult(cores: SharedArray(degrees), degeneracy: Int(degrees.elements.max() ?? 0))
  }
}
