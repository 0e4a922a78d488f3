public import GraphStore
public import MillRuntime

extension GraphSummary {
  /// The input, node for node and arc for arc: with its directions, weights, self-loops and parallel edges.
  ///
  /// - Throws: As ``restoreSimple(context:)``, and `malformed` when what is kept beside the model does not fit it.
  /// - Complexity: As ``restoreSimple(context:)``; what is kept beside the model takes O(m log m) more on one thread.
  public func restore(context: RunContext = .init()) throws(MillError) -> CSRGraph {
    let simple = try restoreSimple(context: context)
    guard let side else { return simple }
    return try unsafe side.applied(to: simple, order: leafOrder.base, names: names)
  }

  /// The simple undirected graph that the model stands for.
  ///
  /// - Throws: `MillError`: `malformed` when some pair is covered by other than 0 or 1 edges, or the edges are not
  ///   as many as the summary says, which no summary of this library is; `over-budget`; `interrupted`.
  /// - Complexity: O(n + m + sum over nodes of the edges at their ancestors) time, 12 bytes an edge of the graph beside
  ///   it. Parallel; the result does not depend on the thread count.
  public func restoreSimple(context: RunContext = .init()) throws(MillError) -> CSRGraph {
    let n = nodeCount
    let offsets = try FlatBuffer<UInt64>(count: n + 1)
    var total = 0
    for v in 0..<n {
      let degree = self.degree(of: v)
      guard degree >= 0, degree < max(1, n) else { throw Self.unsound(v) }
      total += degree
      guard total <= 2 * edgeCount else { throw Self.wrongCount }
      unsafe offsets.base[v + 1] = UInt64(total)
    }
    guard total == 2 * edgeCount else { throw Self.wrongCount }
    let targets = try FlatBuffer<UInt32>(uninitializedCount: total)
    let size = 1 << 10
    let chunks = Parallel.chunkCount(n, size: size)
    try Parallel.forEachThrowing(chunks, threads: context.threads) { chunk, _ throws(MillError) in
      try context.checkCancelled()
      var sweep = NeighborSweep()
      for v in Parallel.range(ofChunk: chunk, size: size, count: n) {
        let place = unsafe Int(offsets.base[v])
        guard sweep.collect(v, in: self), unsafe sweep.found.count == Int(offsets.base[v + 1]) - place else {
          throw Self.unsound(v)
        }
        for (i, u) in sweep.found.enumerated() { unsafe targets.base[place + i] = u }
      }
    }
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: n, edgeCount: edgeCount, flags: [], offsets: SharedArray(offsets),
        targets: .narrow(SharedArray(targets)), names: names))
  }

  private static func unsound(_ node: Int) -> MillError {
    MillError(.malformed, "the summary covers a pair of node \(node) by other than 0 or 1 edges")
  }

  private static var wrongCount: MillError {
    MillError(.malformed, "the summary stands for another number of edges than it says")
  }
}

/// Collects the neighbors of one node after the other; memory is kept.
struct NeighborSweep {
  /// The neighbors of the last node, ascending.
  private(set) var found: [UInt32] = []
  /// Ends of covered ranges of leaves: place * 2 + (0 where +1 begins or -1 ends ... see below), sorted.
  private var events: [Int] = []

  init() {}

  /// Finds the neighbors of `node`.
  ///
  /// - Returns: Whether every leaf was covered by 0 or 1 edges.
  mutating func collect(_ node: Int, in summary: GraphSummary) -> Bool {
    events.removeAll(keepingCapacity: true)
    found.removeAll(keepingCapacity: true)
    var x = UInt32(node)
    while x != GraphSummary.noParent {
      let (low, high) = unsafe (
        Int(summary.incidenceOffsets.base[Int(x)]), Int(summary.incidenceOffsets.base[Int(x) + 1])
      )
      for i in low..<high {
        let entry = unsafe summary.incidences.base[i]
        let other = Int(entry & ~SignedEdge.negative)
        let begin = unsafe Int(summary.leafBegin.base[other])
        let end = unsafe begin + Int(summary.leafCounts.base[other])
        // The low bit is set for +1. Only sums between places count, so the order at one place does not matter.
        let isNegative = entry & SignedEdge.negative != 0
        events.append(begin << 1 | (isNegative ? 0 : 1))
        events.append(end << 1 | (isNegative ? 1 : 0))
      }
      x = unsafe summary.parents.base[Int(x)]
    }
    events.sort()
    var net = 0
    var i = 0
    var isSound = true
    while i < events.count {
      let place = events[i] >> 1
      while i < events.count, events[i] >> 1 == place {
        net += events[i] & 1 == 1 ? 1 : -1
        i += 1
      }
      if net == 0 || i == events.count { continue }
      let next = events[i] >> 1
      for p in place..<next where unsafe Int(summary.leafOrder.base[p]) != node {
        if net != 1 { isSound = false }
        unsafe found.append(summary.leafOrder.base[p])
      }
    }
    if !isSound { return false }
    found.sort()
    return true
  }
}

extension GraphSummary {
  /// The number of neighbors of `node` in the graph.
  ///
  /// - Complexity: O(edges at `node` and its ancestors).
  public func degree(of node: Int) -> Int {
    precondition(node >= 0 && node < nodeCount, "node out of range")
    var degree = 0
    var x = UInt32(node)
    while x != Self.noParent {
      for i in unsafe Int(incidenceOffsets.base[Int(x)])..<Int(incidenceOffsets.base[Int(x) + 1]) {
        let entry = unsafe incidences.base[i]
        let other = entry & ~SignedEdge.negative
        let covered = unsafe Int(leafCounts.base[Int(other)]) - (other == x ? 1 : 0)
        degree += entry & SignedEdge.negative != 0 ? -covered : covered
      }
      x = unsafe parents.base[Int(x)]
    }
    return degree
  }
}
