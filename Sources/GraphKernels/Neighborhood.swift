public import GraphStore
public import MillRuntime

/// The settings of ``neighborhood(of:around:options:context:)``.
public struct NeighborhoodOptions: Sendable, Equatable, Codable {
  /// Steps at most, not negative.
  public var hops: Int
  /// Which way arcs of a directed graph are followed; `total` ignores their direction.
  public var direction: DegreeDirection

  /// One step along arcs, unless told otherwise.
  public init(hops: Int = 1, direction: DegreeDirection = .out) {
    self.hops = hops
    self.direction = direction
  }
}

/// What ``neighborhood(of:around:options:context:)`` found.
public struct NeighborhoodResult: Sendable, Equatable {
  /// The nodes within reach, by distance, then by number. Shape `[count]`.
  public let nodes: SharedArray<Int>
  /// Steps from the nearest of the given nodes, shape `[count]`.
  public let distances: SharedArray<Int32>
}

/// Finds all nodes within a number of steps of given ones, these included.
///
/// `CSRGraph.inducedSubgraph(nodes:context:)` makes a graph of them: the ego network of a node.
///
/// - Parameters:
///   - graph: Any graph. Weights, loops and parallel edges do not matter.
///   - nodes: Where to begin; repetitions do no harm.
///   - options: Steps and direction.
///   - context: Threads (to turn arcs round; the search is serial), a way to stop.
/// - Throws: `MillError`: `node-out-of-range`, `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(arcs of the nodes found, and their number times its logarithm) time, 12 bytes a node found and n bits;
///   O(n + m) to turn arcs round where the graph has no in-arcs. The result does not depend on threads.
public func neighborhood(
  of graph: CSRGraph, around nodes: [Int], options: NeighborhoodOptions = .init(), context: RunContext = .init()
) throws(MillError) -> NeighborhoodResult {
  guard options.hops >= 0, options.hops <= Int(Int32.max) else {
    throw MillError(.badOption, "the steps must not be negative, nor beyond 2^31 - 1", field: "\(options.hops)")
  }
  if let bad = nodes.first(where: { $0 < 0 || $0 >= graph.nodeCount }) {
    throw MillError(.nodeOutOfRange, "not a node of the graph, which has \(graph.nodeCount)", field: "\(bad)")
  }
  let bare = graph.withoutWeights()
  let followed =
    switch options.direction {
    case .out: bare
    case .in: try bare.transposed(context: context)
    case .total: bare.isDirected ? try bare.prepared(Preparation(weights: .ignored), context: context).graph : bare
    }
  return try followed.withRows(context: context, HopSearch(nodes: nodes, hops: options.hops))
}

private struct HopSearch: RowsVisitor {
  let nodes: [Int]
  let hops: Int

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> NeighborhoodResult {
    let seen = try FlatBuffer<UInt64>(count: (rows.nodeCount + 63) / 64)
    func isNew(_ node: Int) -> Bool {
      let bit: UInt64 = 1 &<< UInt64(node & 63)
      if unsafe seen.base[node &>> 6] & bit != 0 { return false }
      unsafe seen.base[node &>> 6] |= bit
      return true
    }
    var found = nodes.filter(isNew).sorted()
    var distances = [Int32](repeating: 0, count: found.count)
    var level = 0..<found.count
    var distance: Int32 = 0
    while !level.isEmpty, distance < hops {
      try rows.context.checkCancelled()
      distance += 1
      var next: [Int] = []
      for place in level {
        for arc in rows.arcs(found[place]) where isNew(rows.target(arc)) { next.append(rows.target(arc)) }
      }
      next.sort()
      found += next
      distances += [Int32](repeating: distance, count: next.count)
      level = level.upperBound..<found.count
    }
    return NeighborhoodResult(
      nodes: try SharedArray(copying: found), distances: try SharedArray(copying: distances))
  }
}
