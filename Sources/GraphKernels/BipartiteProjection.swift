public import GraphStore
public import MillRuntime

/// Which nodes of a bipartite graph a projection keeps.
public enum ProjectionSide: Sendable, Equatable, Codable {
  /// Side 0 of ``bipartition(of:context:)``: that of the smallest node of every component.
  case first
  /// Side 1.
  case second
  /// These nodes, no two of which are joined; repetitions do no harm.
  case nodes([Int])
}

/// Joins the nodes of one side of a bipartite graph that have a neighbor on the other side in common.
///
/// - Parameters:
///   - graph: Any graph whose nodes of the side are not joined to each other. Directions, parallel edges and weights do not
///     matter.
///   - side: The nodes that stay.
///   - context: Threads, a way to stop.
/// - Returns: An undirected graph of those nodes in ascending order, with their names; an edge weighs the number of
///   neighbors that its ends share.
/// - Throws: `MillError`: `not-bipartite` with an odd cycle or an edge between two of the nodes, `node-out-of-range`,
///   `over-budget`, `interrupted`.
/// - Complexity: O(paths of two edges between nodes of the side) time; 8n bytes a thread, and 16 bytes an edge of the
///   result beside it. The same result for every thread count.
/// - Source: Newman, "Scientific collaboration networks", Physical Review E 64, 016131, 2001, section II.
public func bipartiteProjection(
  of graph: CSRGraph, onto side: ProjectionSide, context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  let simple = try graph.prepared(Preparation(keepsLoops: true, weights: .ignored), context: context).graph
  let kept = try FlatBuffer<Bool>(count: graph.nodeCount)
  switch side {
  case .first, .second:
    let sides = try bipartition(of: simple, context: context).requiredSides(of: graph)
    for node in graph.nodes { unsafe kept.base[node] = (sides[node] == 1) == (side == .second) }
  case .nodes(let nodes):
    for node in nodes {
      guard node >= 0, node < graph.nodeCount else {
        throw MillError(.nodeOutOfRange, "not a node of the graph, which has \(graph.nodeCount)", field: "\(node)")
      }
      unsafe kept.base[node] = true
    }
    for node in graph.nodes where unsafe kept.base[node] {
      guard let other = simple.neighbors(of: node).first(where: { unsafe kept.base[$0] }) else { continue }
      throw MillError(
        .notBipartite, "two of the nodes are joined", field: "\(graph.name(of: node)) - \(graph.name(of: other))")
    }
  }
  return try simple.withRows(context: context, Projecting(graph: graph, kept: kept))
}

private struct Projecting: RowsVisitor {
  let graph: CSRGraph
  let kept: FlatBuffer<Bool>

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CSRGraph {
    let n = rows.nodeCount
    let nodes = (0..<n).filter { unsafe kept.base[$0] }
    let ranks = try FlatBuffer<UInt64>(uninitializedCount: n)
    for (rank, node) in nodes.enumerated() { unsafe ranks.base[node] = UInt64(rank) }
    // Shared neighbors of the node in turn and each other one, and the others that have any.
    let workers = max(1, min(rows.context.threads, rows.chunkCount))
    let counts = try FlatBuffer<UInt32>(count: n * workers)
    let touched = try FlatBuffer<ID>(uninitializedCount: n * workers)
    var blocks = [EdgeBlock?](repeating: nil, count: rows.chunkCount)
    try unsafe blocks.withUnsafeMutableBufferPointer { (blocks) throws(MillError) in
      let slots = blocks.baseAddress!
      try Parallel.forEachThrowing(rows.chunkCount, threads: workers) { (chunk, worker) throws(MillError) in
        try rows.context.checkCancelled()
        let (counts, touched) = unsafe (counts.base + n * worker, touched.base + n * worker)
        var edges: [(UInt64, UInt64, Double)] = []
        for node in rows.cuts[chunk]..<rows.cuts[chunk + 1] where unsafe kept.base[node] {
          var count = 0
          for way in rows.arcs(node) {
            let middle = rows.target(way)
            for arc in rows.arcs(middle) {
              let other = rows.target(arc)
              guard unsafe other > node && kept.base[other] else { continue }
              if unsafe counts[other] == 0 {
                unsafe touched[count] = ID(truncatingIfNeeded: other)
                count &+= 1
              }
              unsafe counts[other] &+= 1
            }
          }
          for i in 0..<count {
            let other = unsafe Int(touched[i])
            unsafe edges.append((ranks.base[node], ranks.base[other], Double(counts[other])))
            unsafe counts[other] = 0
          }
        }
        let block = EdgeBlock(
          ids: .wide(try FlatBuffer(uninitializedCount: 2 * edges.count)),
          weights: try FlatBuffer(uninitializedCount: edges.count), count: edges.count)
        if case .wide(let ids) = block.ids, let weights = block.weights {
          for (i, edge) in edges.enumerated() {
            unsafe (ids.base[2 * i], ids.base[2 * i + 1], weights.base[i]) = edge
          }
        }
        unsafe slots[chunk] = block
      }
    }
    withExtendedLifetime((counts, touched)) {}
    let options = FreezeOptions(duplicates: .error, naming: .dense(nodeCount: nodes.count))
    let joined = try freeze(blocks.compactMap { $0 }, options: options, context: rows.context).graph
    return try joined.withNames(graph.names.selected(count: nodes.count) { nodes[$0] })
  }
}

extension BipartitionResult {
  /// The sides.
  ///
  /// - Throws: `MillError` of kind `not-bipartite` with the odd cycle, in the names of `graph`.
  package func requiredSides(of graph: CSRGraph) throws(MillError) -> SharedArray<UInt8> {
    if let sides { return sides }
    let cycle = oddCycle.map { graph.name(of: $0) }.joined(separator: " - ")
    throw MillError(.notBipartite, "the graph has a cycle of odd length", field: cycle)
  }
}

extension MillError.Kind {
  /// A graph whose nodes do not fall into two sides without an edge inside.
  public static let notBipartite = Self("not-bipartite", .badData)
}
