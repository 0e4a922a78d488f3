public import GraphStore
public import MillRuntime

/// What ``richClub(of:context:)`` found.
public struct RichClubResult: Sendable, Equatable {
  /// Nodes of more than k neighbors, for k from 0 up to one less than the largest degree. Shape `[largest degree]`.
  public let nodeCounts: SharedArray<Int>
  /// Edges among them, shape `[largest degree]`.
  public let edgeCounts: SharedArray<Int>
  /// The share of their pairs that are joined, in 0...1; 0 where there is one node only. Shape `[largest degree]`.
  public let coefficients: SharedArray<Double>
}

/// Finds how densely the nodes of high degree are joined among themselves: for every k, the share of pairs of nodes with
/// more than k neighbors that have an edge.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter.
///   - context: Threads (to make a graph simple), a way to stop.
/// - Returns: Counts and shares a degree; none for a graph without edges.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 24 bytes a value up to the largest degree. The result does not depend on threads.
/// - Source: Zhou, Mondragón, "The rich-club phenomenon in the Internet topology", IEEE Communications Letters 8, 2004;
///   Colizza, Flammini, Serrano, Vespignani, Nature Physics 2, 2006, equation 1.
public func richClub(of graph: CSRGraph, context: RunContext = .init()) throws(MillError) -> RichClubResult {
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  return try simple.withRows(context: context, DegreeThresholds())
}

private struct DegreeThresholds: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> RichClubResult {
    let largest = (0..<rows.nodeCount).reduce(0) { max($0, rows.degree($1)) }
    // Of every degree the nodes, and the edges whose smaller end has it; then added up from the top.
    let nodes = try FlatBuffer<Int>(count: largest)
    let edges = try FlatBuffer<Int>(count: largest)
    for node in 0..<rows.nodeCount where rows.degree(node) > 0 {
      if node & 0xfff == 0 { try rows.context.checkCancelled() }
      unsafe nodes.base[rows.degree(node) - 1] += 1
      rows.forEachOwnArc(node) { other, _ in
        unsafe edges.base[min(rows.degree(node), rows.degree(other)) - 1] += 1
      }
    }
    let coefficients = try FlatBuffer<Double>(count: largest)
    for k in (0..<largest).reversed() {
      if k + 1 < largest {
        unsafe nodes.base[k] += nodes.base[k + 1]
        unsafe edges.base[k] += edges.base[k + 1]
      }
      let members = unsafe Double(nodes.base[k])
      if members > 1 { unsafe coefficients.base[k] = Double(edges.base[k]) / (members * (members - 1) / 2) }
    }
    return RichClubResult(
      nodeCounts: SharedArray(nodes), edgeCounts: SharedArray(edges), coefficients: SharedArray(coefficients))
  }
}
