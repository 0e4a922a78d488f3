import GraphStore
import MillRuntime

/// The edges of a simple undirected graph, each as the one arc from its smaller to its larger end by (degree, number).
///
/// Every node keeps few arcs, and a triangle is an arc whose two ends share a target: found once.
struct UpwardRows<ID: NodeIndex> {
  let rows: GraphRows<ID>
  private let offsets: FlatBuffer<UInt64>
  private let targets: FlatBuffer<ID>

  /// Whether the arc from `node` to `other` stays.
  @inline(__always) static func isUpward(_ rows: GraphRows<ID>, _ node: Int, _ other: Int) -> Bool {
    let (a, b) = (rows.degree(node), rows.degree(other))
    return a != b ? a < b : node < other
  }

  init(_ rows: GraphRows<ID>) throws(MillError) {
    let n = rows.nodeCount
    let offsets = try FlatBuffer<UInt64>(count: n + 1)
    try rows.forEachChunk { nodes, _, _ in
      for node in nodes {
        var count: UInt64 = 0
        for arc in rows.arcs(node) where Self.isUpward(rows, node, rows.target(arc)) { count &+= 1 }
        unsafe offsets.base[node + 1] = count
      }
    }
    for node in 0..<n { unsafe offsets.base[node + 1] += offsets.base[node] }
    let targets = try unsafe FlatBuffer<ID>(uninitializedCount: Int(offsets.base[n]))
    try rows.forEachChunk { nodes, _, _ in
      for node in nodes {
        var place = unsafe Int(offsets.base[node])
        for arc in rows.arcs(node) where Self.isUpward(rows, node, rows.target(arc)) {
          unsafe targets.base[place] = rows.targets[arc]
          place &+= 1
        }
      }
    }
    (self.offsets, self.targets) = (offsets, targets)
    self.rows = unsafe GraphRows<ID>(
      nodeCount: n, offsets: offsets.base, targets: targets.base, cuts: rows.cuts, context: rows.context)
  }
}

extension GraphRows {
  /// Visits the targets that two ascending rows share, with the arc of each that leads there.
  @inline(__always) func forEachSharedTarget(
    _ one: Range<Int>, _ two: Range<Int>, _ body: (_ one: Int, _ two: Int) -> Void
  ) {
    var (a, b) = (one.lowerBound, two.lowerBound)
    while a < one.upperBound, b < two.upperBound {
      let (x, y) = unsafe (targets[a], targets[b])
      if x == y { body(a, b) }
      a &+= x <= y ? 1 : 0
      b &+= y <= x ? 1 : 0
    }
  }
}
