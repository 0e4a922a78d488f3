public import GraphStore
public import MillRuntime

/// Counts the triangles of a graph: sets of three nodes that are all joined.
///
/// Every edge is turned from the end of smaller degree to the larger (ties by number), which leaves each node few
/// out-arcs; a triangle is then an arc whose two ends share a target, and is found once.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter.
///   - context: Threads, a way to stop.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(m · a) time for arboricity a, at most O(m^1.5); 8n + 4m bytes (8m for wide targets). The same number
///   for every thread count.
/// - Source: Chiba, Nishizeki, "Arboricity and subgraph listing algorithms", SIAM Journal on Computing 14, 1985; the
///   orientation by degree after Schank, Wagner, WEA 2005, section 3 ("forward").
public func triangleCount(of graph: CSRGraph, context: RunContext = .init()) throws(MillError) -> Int {
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  return try simple.withRows(context: context, Orienting())
}

/// Keeps of every edge the arc from the smaller to the larger end by (degree, number), and counts.
private struct Orienting: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> Int {
    let n = rows.nodeCount
    let offsets = try FlatBuffer<UInt64>(count: n + 1)
    @inline(__always) func isUpward(_ node: Int, _ other: Int) -> Bool {
      let (a, b) = (rows.degree(node), rows.degree(other))
      return a != b ? a < b : node < other
    }
    try rows.forEachChunk { nodes, _, _ in
      for node in nodes {
        var count: UInt64 = 0
        for arc in rows.arcs(node) where isUpward(node, rows.target(arc)) { count &+= 1 }
        unsafe offsets.base[node + 1] = count
      }
    }
    for node in 0..<n { unsafe offsets.base[node + 1] += offsets.base[node] }
    let targets = try unsafe FlatBuffer<ID>(uninitializedCount: Int(offsets.base[n]))
    try rows.forEachChunk { nodes, _, _ in
      for node in nodes {
        var place = unsafe Int(offsets.base[node])
        for arc in rows.arcs(node) where isUpward(node, rows.target(arc)) {
          unsafe targets.base[place] = rows.targets[arc]
          place &+= 1
        }
      }
    }
    let upward = unsafe GraphRows<ID>(
      nodeCount: n, offsets: offsets.base, targets: targets.base, cuts: rows.cuts, context: rows.context)
    let counts = try FlatBuffer<Int>(count: rows.chunkCount)
    try upward.forEachChunk { nodes, chunk, _ in
      var count = 0
      for node in nodes {
        for arc in upward.arcs(node) { count &+= shared(upward, upward.arcs(node), upward.arcs(upward.target(arc))) }
      }
      unsafe counts.base[chunk] = count
    }
    withExtendedLifetime((offsets, targets)) {}
    return unsafe counts.elements.reduce(0, +)
  }

  /// The number of targets that two ascending rows share.
  @inline(__always) private func shared<ID: NodeIndex>(
    _ rows: GraphRows<ID>, _ one: Range<Int>, _ two: Range<Int>
  ) -> Int {
    var (a, b) = (one.lowerBound, two.lowerBound)
    var count = 0
    while a < one.upperBound, b < two.upperBound {
      let (x, y) = unsafe (rows.targets[a], rows.targets[b])
      count &+= x == y ? 1 : 0
      a &+= x <= y ? 1 : 0
      b &+= y <= x ? 1 : 0
    }
    return count
  }
}
