public import GraphStore
public import MillRuntime

/// The correlation of the degrees at the two ends of an edge, in -1...1: above 0 where nodes of many neighbors are
/// joined to each other.
///
/// In a directed graph, of the out-degree where an arc begins and the in-degree where it ends.
///
/// - Parameters:
///   - graph: Any graph. Loops, parallel edges and weights do not matter.
///   - context: Threads, a way to stop.
/// - Returns: Pearson's coefficient over all edges, each looked at from both ends; nil without edges and where all
///   degrees at one end are equal.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 16n bytes. Added up by chunks of nodes in their order: the same bits for every thread
///   count.
/// - Source: Newman, "Mixing patterns in networks", Physical Review E 67, 2003, equations 21 and 26.
public func degreeAssortativity(of graph: CSRGraph, context: RunContext = .init()) throws(MillError) -> Double? {
  let simple = try graph.prepared(Preparation(directions: nil, weights: .ignored), context: context).graph
  let out = try degrees(of: simple, context: context)
  var choice = DegreeOptions()
  choice.direction = .in
  let entering = simple.isDirected ? try degrees(of: simple, options: choice, context: context) : out
  return try simple.withRows(context: context, DegreeCorrelation(out: out, entering: entering))
}

private struct DegreeCorrelation: RowsVisitor {
  let out: SharedArray<UInt64>
  let entering: SharedArray<UInt64>

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> Double? {
    let arcs = Double(rows.arcCount)
    guard arcs > 0 else { return nil }
    let (own, far) = unsafe (out.base, entering.base)
    let means = try sums(rows) { node, arc in unsafe (Double(own[node]), Double(far[rows.target(arc)]), 0) }
    let (mean, farMean) = (means.0 / arcs, means.1 / arcs)
    let moments = try sums(rows) { node, arc in
      let (x, y) = unsafe (Double(own[node]) - mean, Double(far[rows.target(arc)]) - farMean)
      return (x * x, y * y, x * y)
    }
    withExtendedLifetime((out, entering)) {}
    guard moments.0 > 0, moments.1 > 0 else { return nil }
    return moments.2 / (moments.0.squareRoot() * moments.1.squareRoot())
  }

  /// Adds up three values of every arc: chunk by chunk, then the chunks in order.
  @inline(__always) private func sums<ID: NodeIndex>(
    _ rows: GraphRows<ID>, _ values: (_ node: Int, _ arc: Int) -> (Double, Double, Double)
  ) throws(MillError) -> (Double, Double, Double) {
    let partial = try FlatBuffer<(Double, Double, Double)>(uninitializedCount: rows.chunkCount)
    try rows.forEachChunk { nodes, chunk, _ in
      var sum = (0.0, 0.0, 0.0)
      for node in nodes {
        for arc in rows.arcs(node) {
          let value = values(node, arc)
          sum = (sum.0 + value.0, sum.1 + value.1, sum.2 + value.2)
        }
      }
      unsafe partial.base[chunk] = sum
    }
    return unsafe partial.elements.reduce((0, 0, 0)) { ($0.0 + $1.0, $0.1 + $1.1, $0.2 + $1.2) }
  }
}
