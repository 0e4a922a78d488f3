public import GraphStore
public import MillRuntime
import Synchronization

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
///   - context: Threads, a way to stop.
/// - Returns: One number a node, and their largest.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 12n bytes (20n for wide targets). The result does not depend on threads.
/// - Source: Kabir, Madduri, "Parallel k-core decomposition on multicore platforms", IPDPS Workshops 2017, its algorithm PKC:
///   level by level, and the nodes that are left in one list that shrinks.
public func coreNumbers(
  of graph: CSRGraph, context: RunContext = .init()
) throws(MillError) -> CoreNumbersResult {
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  return try simple.withRows(context: context, Peeling())
}

private struct Peeling: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CoreNumbersResult {
    let n = rows.nodeCount
    let peel = try CorePeel(rows)
    // The nodes not yet taken, ascending.
    let left = try FlatBuffer<ID>(uninitializedCount: n)
    for node in 0..<n { unsafe left.base[node] = ID(truncatingIfNeeded: node) }
    var remaining = n
    var core: UInt32 = 0
    while remaining > 0 {
      var (kept, taken, least) = (0, 0, UInt32.max)
      for place in 0..<remaining {
        let node = unsafe left.base[place]
        let degree = unsafe peel.degrees.base[Int(truncatingIfNeeded: node)]
        if degree > core {
          unsafe left.base[kept] = node
          kept += 1
          least = min(least, degree)
        } else if degree == core {
          unsafe peel.queue.base[taken] = node
          taken += 1
        }
      }
      remaining = kept
      if taken > 0 { try peel.take(taken, core: core) }
      core = taken > 0 ? core + 1 : least
    }
    return unsafe CoreNumbersResult(cores: SharedArray(peel.degrees), degeneracy: Int(peel.degrees.elements.max() ?? 0))
  }
}

/// Takes away the nodes of one core number, and then those that this leaves with no more neighbors.
private struct CorePeel<ID: NodeIndex> {
  private let rows: GraphRows<ID>
  /// Neighbors left, down to the core number; shape `[n]`.
  let degrees: FlatBuffer<UInt32>
  /// The nodes of the present core number.
  let queue: FlatBuffer<ID>

  /// Nodes that a thread takes at a time; fewer are not worth a second thread.
  private static var nodesPerChunk: Int { 64 }

  init(_ rows: GraphRows<ID>) throws(MillError) {
    self.rows = rows
    degrees = try FlatBuffer(uninitializedCount: rows.nodeCount)
    queue = try FlatBuffer(uninitializedCount: rows.nodeCount)
    for node in 0..<rows.nodeCount { unsafe degrees.base[node] = UInt32(truncatingIfNeeded: rows.degree(node)) }
  }

  /// - Parameter count: Nodes in the queue, each of `core` neighbors.
  func take(_ count: Int, core: UInt32) throws(MillError) {
    var (begin, end) = (0, count)
    while begin < end {
      try rows.context.checkCancelled()
      let chunks = Parallel.chunkCount(end - begin, size: Self.nodesPerChunk)
      if rows.context.threads > 1, chunks > 1 {
        (begin, end) = (end, try takeTogether(begin..<end, core: core))
      } else {
        let stop = min(end, begin + Self.nodesPerChunk)
        while begin < stop {
          forEachFallen(begin, core: core, isShared: false) { other in
            unsafe queue.base[end] = ID(truncatingIfNeeded: other)
            end += 1
          }
          begin += 1
        }
      }
    }
  }

  /// Takes the node at a place of the queue away from its neighbors, and calls `body` with those that this leaves with `core`.
  @inline(__always) private func forEachFallen(
    _ place: Int, core: UInt32, isShared: Bool, _ body: (_ other: Int) -> Void
  ) {
    for arc in rows.arcs(unsafe Int(truncatingIfNeeded: queue.base[place])) {
      let other = rows.target(arc)
      // One thread alone brings a node down to the core number.
      let left = unsafe SharedMemory.decrement(degrees.base + other, above: core, isShared: isShared)
      if left == core { body(other) }
    }
  }

  /// The same with all threads; returns where the queue ends.
  private func takeTogether(_ places: Range<Int>, core: UInt32) throws(MillError) -> Int {
    let end = Atomic<Int>(places.upperBound)
    let chunks = Parallel.chunkCount(places.count, size: Self.nodesPerChunk)
    try Parallel.forEachThrowing(chunks, threads: rows.context.threads) { (chunk, _) throws(MillError) in
      try rows.context.checkCancelled()
      for index in Parallel.range(ofChunk: chunk, size: Self.nodesPerChunk, count: places.count) {
        forEachFallen(places.lowerBound + index, core: core, isShared: true) { other in
          let place = end.wrappingAdd(1, ordering: .relaxed).oldValue
          unsafe queue.base[place] = ID(truncatingIfNeeded: other)
        }
      }
    }
    return end.load(ordering: .relaxed)
  }
}
