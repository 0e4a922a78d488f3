public import GraphStore
public import MillRuntime

/// The share of arcs that have an arc the other way, in 0...1; 1 for an undirected graph with edges.
///
/// - Parameters:
///   - graph: Any graph. Loops, parallel arcs and weights do not matter.
///   - context: Threads, a way to stop.
/// - Returns: The share; nil for a graph without arcs, loops aside.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(m log(max degree)) time. Counts are exact: the same number for every thread count.
/// - Source: Wasserman, Faust, "Social Network Analysis", 1994, section 13.2.
public func reciprocity(of graph: CSRGraph, context: RunContext = .init()) throws(MillError) -> Double? {
  let simple = try graph.prepared(Preparation(directions: nil, weights: .ignored), context: context).graph
  guard simple.arcCount > 0 else { return nil }
  let mutual = simple.isDirected ? try simple.withRows(context: context, MutualArcs()) : simple.arcCount
  return Double(mutual) / Double(simple.arcCount)
}

private struct MutualArcs: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> Int {
    let counts = try FlatBuffer<Int>(count: rows.chunkCount)
    try rows.forEachChunk { nodes, chunk, _ in
      var count = 0
      for node in nodes {
        for arc in rows.arcs(node) where rows.arc(rows.target(arc), node) != nil { count &+= 1 }
      }
      unsafe counts.base[chunk] = count
    }
    return unsafe counts.elements.reduce(0, +)
  }
}
