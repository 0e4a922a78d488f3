import GraphStore
import MillRuntime

/// The edges of a simple undirected graph, each as one arc from the node of smaller degree to the larger, where nodes are
/// numbered by descending degree (ties by number).
///
/// Every node keeps few arcs, and a triangle is an arc whose two ends share a target: found once. Most arcs lead to the
/// few nodes of smallest number, so that what is kept of a target stays in the cache.
struct RankedRows<ID: NodeIndex> {
  /// Arcs lead to smaller numbers.
  let rows: GraphRows<ID>
  /// The node of each number.
  let nodes: FlatBuffer<Int>
  private let offsets: FlatBuffer<UInt64>
  private let targets: FlatBuffer<ID>

  /// Loops are left out.
  init<Rows: RowSource>(_ rows: Rows) throws(MillError) where Rows.ID == ID {
    let n = rows.nodeCount
    let degrees = try FlatBuffer<Int>(uninitializedCount: n)
    for node in 0..<n { unsafe degrees.base[node] = rows.degree(node) }
    let nodes = try countingOrder(of: degrees, isDescending: true)
    let ranks = try FlatBuffer<ID>(uninitializedCount: n)
    for rank in 0..<n { unsafe ranks.base[nodes.base[rank]] = ID(truncatingIfNeeded: rank) }
    let offsets = try FlatBuffer<UInt64>(count: n + 1)
    try rows.forEachChunk { chunk, _, _ in
      for node in chunk {
        let rank = unsafe ranks.base[node]
        var count: UInt64 = 0
        rows.forEachTarget(node) { target, _ in unsafe count &+= ranks.base[target] < rank ? 1 : 0 }
        unsafe offsets.base[Int(truncatingIfNeeded: rank) + 1] = count
      }
    }
    for rank in 0..<n { unsafe offsets.base[rank + 1] += offsets.base[rank] }
    // Taken by ascending number, targets come into every row in their order.
    let targets = try unsafe FlatBuffer<ID>(uninitializedCount: Int(offsets.base[n]))
    let cursors = try FlatBuffer<UInt64>(uninitializedCount: n)
    unsafe cursors.base.update(from: offsets.base, count: n)
    for target in 0..<n {
      if target & 0xffff == 0 { try rows.context.checkCancelled() }
      let id = ID(truncatingIfNeeded: target)
      rows.forEachTarget(unsafe nodes.base[target]) { neighbor, _ in
        let source = unsafe ranks.base[neighbor]
        if source <= id { return }
        let place = unsafe cursors.base[Int(truncatingIfNeeded: source)]
        unsafe cursors.base[Int(truncatingIfNeeded: source)] = place &+ 1
        unsafe targets.base[Int(truncatingIfNeeded: place)] = id
      }
    }
    (self.offsets, self.targets, self.nodes) = (offsets, targets, nodes)
    self.rows = unsafe GraphRows<ID>(
      nodeCount: n, offsets: offsets.base, targets: targets.base, cuts: Self.cuts(offsets), context: rows.context)
  }

  /// Chunks of about 8192 nodes and arcs: arcs of the dense middle take long.
  private static func cuts(_ offsets: FlatBuffer<UInt64>) -> [Int] {
    let n = offsets.count - 1
    var cuts = [0]
    for node in 0..<n {
      let work = unsafe Int(offsets.base[node] - offsets.base[cuts[cuts.count - 1]]) + node - cuts[cuts.count - 1]
      if work >= 1 << 13 { cuts.append(node) }
    }
    return n > 0 ? cuts + [n] : [0, 0]
  }

  /// Counts the triangles, and tells a sink of each.
  func countTriangles<Sink: TriangleSink>(_ sink: Sink) throws(MillError) -> Int {
    let rows = rows
    let words = (rows.nodeCount + 63) / 64
    let workers = max(1, min(rows.context.threads, rows.chunkCount))
    // A bit for every target of the node whose turn it is.
    let marks = try FlatBuffer<UInt64>(count: words * workers)
    let counts = try FlatBuffer<Int>(count: rows.chunkCount)
    try rows.forEachChunk { nodes, chunk, worker in
      var total: UInt64 = 0
      for node in nodes where rows.degree(node) > 1 {
        unsafe total &+= triangles(node, marks.base + words * worker, worker, sink)
      }
      unsafe counts.base[chunk] = Int(truncatingIfNeeded: total)
    }
    withExtendedLifetime((marks, self)) {}
    return unsafe counts.elements.reduce(0, +)
  }

  /// The triangles of which a node has the largest number.
  private func triangles<Sink: TriangleSink>(
    _ node: Int, _ marks: UnsafeMutablePointer<UInt64>, _ worker: Int, _ sink: Sink
  ) -> UInt64 {
    let rows = rows
    let own = rows.arcs(node)
    for arc in own {
      let target = rows.target(arc)
      unsafe marks[target &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: target & 63)
    }
    var total: UInt64 = 0
    // Nothing that the first target leads to is marked.
    for arc in own.dropFirst() {
      let other = rows.target(arc)
      var found: UInt64 = 0
      for second in rows.arcs(other) {
        let target = rows.target(second)
        let closes = unsafe marks[target &>> 6] &>> UInt64(truncatingIfNeeded: target & 63) & 1
        sink.add(closes, to: target, worker)
        found &+= closes
      }
      sink.add(found, to: other, worker)
      total &+= found
    }
    sink.add(total, to: node, worker)
    for arc in own { unsafe marks[rows.target(arc) &>> 6] = 0 }
    return total
  }
}

/// What becomes of triangles that are found.
protocol TriangleSink {
  /// Takes a number of triangles, possibly 0, that a node is in; nodes by their numbers of ``RankedRows``.
  func add(_ count: UInt64, to node: Int, _ worker: Int)
}
