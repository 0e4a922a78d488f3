import GraphKernels
public import GraphStore
public import MillRuntime

/// How well places keep the distances of a graph: the mean of (distance on the page / steps in the graph - 1)², at the
/// scale at which it is least; 0 is perfect.
///
/// Pairs without a path are left out. From `sources` nodes, evenly spread over the numbers, all others are measured.
///
/// - Parameters:
///   - points: The coordinates x and y of each node, shape `[n, 2]`.
///   - graph: The graph; directions and weights are ignored.
///   - sources: Nodes to measure from, at least 1; all where there are fewer.
///   - context: Threads, a way to stop.
/// - Returns: Nil where no pair has a path, or all points are one.
/// - Throws: `MillError`: `bad-option` for a wrong number of points or sources, `over-budget`, `interrupted`.
/// - Complexity: O(sources · (n + m)); the same result for every thread count.
public func layoutStress(
  of points: SharedArray<Double>, in graph: CSRGraph, sources: Int = 200, context: RunContext = .init()
) throws(MillError) -> Double? {
  guard points.count == 2 * graph.nodeCount else {
    throw MillError(.badOption, "\(graph.nodeCount) nodes with \(points.count) coordinates")
  }
  guard sources >= 1 else { throw MillError(.badOption, "there must be a source", field: "\(sources)") }
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  let n = simple.nodeCount
  var (pairs, sum, square) = (0.0, 0.0, 0.0)
  for k in 0..<min(sources, n) {
    let source = k * n / min(sources, n)
    let steps = try breadthFirstSearch(of: simple, from: source, context: context).distances
    for node in 0..<n where steps[node] > 0 {
      let (dx, dy) = (points[2 * node] - points[2 * source], points[2 * node + 1] - points[2 * source + 1])
      let ratio = (dx * dx + dy * dy).squareRoot() / Double(steps[node])
      pairs += 1
      sum += ratio
      square += ratio * ratio
    }
  }
  // The mean of (s r - 1)² is least at s = Σr / Σr².
  guard pairs > 0, square > 0 else { return nil }
  return 1 - sum * sum / (square * pairs)
}
