public import GraphStore
public import MillRuntime

/// What ``clusteringCoefficients(of:context:)`` found.
public struct ClusteringCoefficientsResult: Sendable, Equatable {
  /// Triangles that each node is in, shape `[n]`.
  public let triangles: SharedArray<UInt64>
  /// The share of the pairs of each node's neighbors that are joined, in 0...1; 0 for nodes of fewer than two
  /// neighbors. Shape `[n]`.
  public let coefficients: SharedArray<Double>
  /// The mean of ``coefficients`` over all nodes; 0 without nodes.
  public let meanCoefficient: Double
  /// The share of all paths of two edges whose ends are joined (the global coefficient); 0 without such paths.
  public let transitivity: Double
  /// Triangles of the graph.
  public let triangleCount: Int
}

/// Counts the triangles of every node, and how far neighbors of a node are neighbors of each other.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter.
///   - context: Threads, a way to stop.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(m · a) time for arboricity a, at most O(m^1.5), as ``triangleCount(of:context:)``; 60n + 4m bytes (8m
///   for wide targets) and 8n a thread. Counts are exact and the mean is added up in a fixed order: the same bits for
///   every thread count.
/// - Source: Watts, Strogatz, "Collective dynamics of 'small-world' networks", Nature 393, 1998 (local); Newman,
///   Strogatz, Watts, Physical Review E 64, 2001, section V (global).
public func clusteringCoefficients(
  of graph: CSRGraph, context: RunContext = .init()
) throws(MillError) -> ClusteringCoefficientsResult {
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  return try simple.withRows(context: context, NodeTriangles())
}

private struct NodeTriangles: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> ClusteringCoefficientsResult {
    let n = rows.nodeCount
    let triangles = try FlatBuffer<UInt64>(count: n)
    let count = try addTriangles(rows, to: triangles)
    let coefficients = try FlatBuffer<Double>(uninitializedCount: n)
    let sums = try FlatBuffer<Double>(count: rows.chunkCount)
    let wedgeCounts = try FlatBuffer<Double>(count: rows.chunkCount)
    try rows.forEachChunk { nodes, chunk, _ in
      var (sum, wedges) = (0.0, 0.0)
      for node in nodes {
        let degree = Double(rows.degree(node))
        let pairs = degree * (degree - 1) / 2
        let coefficient = unsafe pairs > 0 ? Double(triangles.base[node]) / pairs : 0
        unsafe coefficients.base[node] = coefficient
        sum += coefficient
        wedges += pairs
      }
      unsafe sums.base[chunk] = sum
      unsafe wedgeCounts.base[chunk] = wedges
    }
    let wedges = unsafe wedgeCounts.elements.reduce(0, +)
    let sum = unsafe sums.elements.reduce(0, +)
    return ClusteringCoefficientsResult(
      triangles: SharedArray(triangles), coefficients: SharedArray(coefficients),
      meanCoefficient: n > 0 ? sum / Double(n) : 0,
      transitivity: wedges > 0 ? 3 * Double(count) / wedges : 0, triangleCount: count)
  }

  /// Adds every triangle to its three nodes; returns their number.
  private func addTriangles<ID: NodeIndex>(
    _ rows: GraphRows<ID>, to triangles: FlatBuffer<UInt64>
  ) throws(MillError) -> Int {
    let ranked = try RankedRows(rows)
    let n = rows.nodeCount
    let workers = max(1, min(rows.context.threads, ranked.rows.chunkCount))
    let counts = try FlatBuffer<UInt64>(count: n * workers)
    let total = try unsafe ranked.countTriangles(NodeCounts(base: counts.base, nodeCount: n))
    for rank in 0..<n {
      var sum: UInt64 = 0
      for worker in 0..<workers { unsafe sum &+= counts.base[worker * n + rank] }
      unsafe triangles.base[ranked.nodes.base[rank]] = sum
    }
    withExtendedLifetime(counts) {}
    return total
  }
}

/// Counts for every worker and node.
@safe private struct NodeCounts: TriangleSink {
  let base: UnsafeMutablePointer<UInt64>
  let nodeCount: Int

  @inline(__always) func add(_ count: UInt64, to node: Int, _ worker: Int) {
    unsafe base[worker &* nodeCount &+ node] &+= count
  }
}
