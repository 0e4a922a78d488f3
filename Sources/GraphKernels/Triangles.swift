public import GraphStore
public import MillRuntime

/// Counts the triangles of a graph: sets of three nodes that are all joined.
///
/// Every edge is turned from the end of smaller degree to the larger (ties by number), which leaves each node few
/// out-arcs; a triangle is then an arc whose two ends share a target, and is found once, by a mark at every target of the
/// first end.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter; a packed graph with directions or
///     parallel edges is expanded.
///   - context: Threads, a way to stop.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(m · a) time for arboricity a, at most O(m^1.5); 44n + 4m bytes (8m for wide targets) and a bit
///   a node and thread. The same number
///   for every thread count.
/// - Source: Chiba, Nishizeki, "Arboricity and subgraph listing algorithms", SIAM Journal on Computing 14, 1985; the
///   orientation by degree after Schank, Wagner, WEA 2005, section 3 ("forward").
public func triangleCount(of graph: some NeighborGraph, context: RunContext = .init()) throws(MillError) -> Int {
  // Loops are in no triangle.
  let needs = Preparation(keepsLoops: true, weights: .ignored)
  let simple = try graph.stored.prepared(needs, context: context).graph
  return try simple.withRows(context: context, TriangleCounting())
}

private struct TriangleCounting: SourceVisitor {
  func visit<Rows: RowSource>(_ rows: Rows) throws(MillError) -> Int { try RankedRows(rows).countTriangles(NoSink()) }
}

/// Only the number is wanted.
private struct NoSink: TriangleSink {
  @inline(__always) func add(_ count: UInt64, to node: Int, _ worker: Int) {}
}
