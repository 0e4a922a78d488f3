public import GraphStore
public import MillRuntime

/// The settings of ``shortestPaths(of:from:options:context:)``. They change the work, never the distances.
public struct ShortestPathsOptions: Sendable, Equatable, Codable {
  /// Whether each reached node gets a parent.
  public var findsParents: Bool
  /// The width of a bucket of distances (delta), above 0; nil takes the mean weight over the mean degree.
  public var bucketWidth: Double?

  /// With parents and a width of its own choice, unless told otherwise.
  public init(findsParents: Bool = true, bucketWidth: Double? = nil) {
    self.findsParents = findsParents
    self.bucketWidth = bucketWidth
  }
}

/// What ``shortestPaths(of:from:options:context:)`` found.
public struct ShortestPathsResult: Sendable, Equatable {
  /// Where the paths begin.
  public let source: Int
  /// The weight of a lightest path to each node, shape `[n]`; infinity where there is none.
  public let distances: SharedArray<Double>
  /// The node before each node on a lightest path, shape `[n]`; the source's is itself, -1 for nodes that were not
  /// reached. Nil unless asked for.
  public let parents: SharedArray<Int>?
  /// Nodes reached, the source included.
  public let reached: Int

  /// The largest finite distance.
  public var eccentricity: Double { distances.reduce(0) { $1 < .infinity ? Swift.max($0, $1) : $0 } }

  /// The nodes of the path that the parents make, from the source to `node`; nil where there is none, or no parents.
  public func path(to node: Int) -> [Int]? {
    guard let parents, distances.indices.contains(node), distances[node] < .infinity else { return nil }
    var path = [node]
    while path[path.count - 1] != source { path.append(parents[path[path.count - 1]]) }
    return path.reversed()
  }
}

/// Finds lightest paths from a source to all nodes, along arcs.
///
/// The weight of a path is added up from the source on, in double precision, and a distance is the least of these sums:
/// one value, whatever the order of the search. A parent is the smallest node before a node on a lightest path that is
/// nearer than the node itself; where only arcs that add nothing lead to a node (weight 0, or too small to change the
/// sum), the smallest of those that come with fewest such arcs.
///
/// - Parameters:
///   - graph: Any graph; an unweighted one has weight 1 everywhere. Loops and parallel edges do no harm.
///   - source: The node to start from.
///   - options: Parents, bucket width.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `node-out-of-range`, `bad-option`, `bad-weight` with the edge for a weight that is negative
///   or not a number, `over-budget`, `interrupted`.
/// - Complexity: O(n + m) arcs in practice on random weights, more where paths are often improved; 8n bytes of
///   distances, 16 bytes a waiting node; 8n more for parents. The result is the same for every thread count.
/// - Source: Meyer, Sanders, "Δ-stepping: a parallelizable shortest path algorithm", Journal of Algorithms 49, 2003,
///   section 2, with all arcs in one class; the bucket width grows where buckets would be mostly empty.
public func shortestPaths(
  of graph: CSRGraph, from source: Int, options: ShortestPathsOptions = .init(), context: RunContext = .init()
) throws(MillError) -> ShortestPathsResult {
  guard source >= 0, source < graph.nodeCount else {
    throw MillError(
      .nodeOutOfRange, "the source is not a node of the graph, which has \(graph.nodeCount)", field: "\(source)")
  }
  if let width = options.bucketWidth, !(width > 0 && width < .infinity) {
    throw MillError(.badOption, "the bucket width must be above 0 and finite", field: "\(width)")
  }
  try graph.refuseWeights(context: context) { !($0 >= 0) }
  context.progress?.begin("shortest paths", total: graph.nodeCount, unit: .items)
  defer { context.progress?.end() }
  return try graph.withRows(context: context, LightestPaths(source: source, options: options))
}

extension CSRGraph {
  /// - Throws: `MillError` of kind `bad-weight` with the first edge whose weight `isBad`.
  func refuseWeights(context: RunContext, where isBad: (Double) -> Bool) throws(MillError) {
    guard let weights else { return }
    let base = unsafe weights.base
    let bad = try parallelSum(weights.count, size: 1 << 16, context: context) { arcs in
      var count = 0
      for arc in arcs where unsafe isBad(base[arc]) { count &+= 1 }
      return count
    }
    guard bad > 0, let arc = weights.indices.first(where: { isBad(weights[$0]) }) else { return }
    let source = nodes.partitionPoint { arcs(of: $0).upperBound > arc }
    throw MillError(
      .badWeight, "the edge \(name(of: source)) - \(name(of: targets[arc])) has a weight that cannot be used",
      field: "\(weights[arc])")
  }
}

private struct LightestPaths: RowsVisitor {
  let source: Int
  let options: ShortestPathsOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> ShortestPathsResult {
    let n = rows.nodeCount
    let distances = try FlatBuffer<Double>(uninitializedCount: n)
    let distance = unsafe distances.base
    _ = try parallelSum(n, context: rows.context) { nodes in
      for node in nodes { unsafe distance[node] = .infinity }
      return 0
    }
    let usual = try usualWidth(rows)
    var search = try DeltaStepping(rows, distances: distances, width: options.bucketWidth ?? usual)
    try search.run(from: source)
    let reached = try parallelSum(n, context: rows.context) { nodes in
      var count = 0
      for node in nodes where unsafe distance[node] < .infinity { count &+= 1 }
      return count
    }
    var parents: FlatBuffer<Int>?
    if options.findsParents { parents = try findParents(rows, distances) }
    return ShortestPathsResult(
      source: source, distances: SharedArray(distances), parents: parents.map { SharedArray($0) }, reached: reached)
  }

  /// The mean weight over the mean degree of nodes that have arcs: about one light arc a node.
  private func usualWidth(_ rows: GraphRows<some NodeIndex>) throws(MillError) -> Double {
    let partial = try FlatBuffer<Double>(count: rows.chunkCount)
    let nodes = try parallelSum(rows.nodeCount, context: rows.context) { nodes in
      nodes.reduce(0) { $0 + (rows.degree($1) > 0 ? 1 : 0) }
    }
    try rows.forEachChunk { nodes, chunk, _ in
      var sum = 0.0
      if let weights = unsafe rows.weights {
        for arc in rows.begin(nodes.lowerBound)..<rows.begin(nodes.upperBound) {
          unsafe sum += weights[arc] < .infinity ? weights[arc] : 0
        }
      } else {
        sum = Double(rows.begin(nodes.upperBound) - rows.begin(nodes.lowerBound))
      }
      unsafe partial.base[chunk] = sum
    }
    let arcs = Double(max(1, rows.arcCount))
    let width = unsafe partial.elements.reduce(0, +) / arcs * Double(nodes) / arcs
    return width >= .leastNormalMagnitude && width < .infinity ? width : 1
  }

  /// Finds the parents that the documentation promises.
  private func findParents<ID: NodeIndex>(
    _ rows: GraphRows<ID>, _ distances: FlatBuffer<Double>
  ) throws(MillError) -> FlatBuffer<Int> {
    let n = rows.nodeCount
    let parents = try FlatBuffer<Int>(uninitializedCount: n)
    let (parent, distance) = unsafe (parents.base, distances.base)
    @inline(__always) func weight(_ arc: Int) -> Double { unsafe rows.weights.map { unsafe $0[arc] } ?? 1 }
    if rows.isDirected {
      for node in 0..<n { unsafe parent[node] = -1 }
      for node in 0..<n {
        let own = unsafe distance[node]
        guard own < .infinity else { continue }
        for arc in rows.arcs(node) {
          let other = rows.target(arc)
          let far = unsafe distance[other]
          if far > own, own + weight(arc) == far, unsafe parent[other] < 0 { unsafe parent[other] = node }
        }
      }
    } else {
      try rows.forEachChunk { nodes, _, _ in
        for node in nodes {
          let own = unsafe distance[node]
          unsafe parent[node] = -1
          guard own < .infinity else { continue }
          for arc in rows.arcs(node) {
            let near = unsafe distance[rows.target(arc)]
            if near < own, near + weight(arc) == own {
              unsafe parent[node] = rows.target(arc)
              break
            }
          }
        }
      }
    }
    unsafe parent[source] = source
    // Nodes that only arcs which add nothing lead to, level by level from those that have parents.
    var isOpen = false
    for node in 0..<n where unsafe distance[node] < .infinity && parent[node] < 0 { isOpen = true }
    guard isOpen else { return parents }
    var frontier = (0..<n).filter { unsafe parent[$0] >= 0 }
    while !frontier.isEmpty {
      try rows.context.checkCancelled()
      var next: [Int] = []
      for node in frontier {
        let own = unsafe distance[node]
        for arc in rows.arcs(node) {
          let other = rows.target(arc)
          guard unsafe parent[other] < 0 && distance[other] == own, own + weight(arc) == own else { continue }
          unsafe parent[other] = node
          next.append(other)
        }
      }
      next.sort()
      frontier = next
    }
    return parents
  }
}
