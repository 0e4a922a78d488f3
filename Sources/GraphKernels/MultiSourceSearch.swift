import GraphStore
import MillRuntime

/// Breadth-first searches from up to 64 sources at once: a bit a source, so that one look at an arc serves all whose
/// frontier holds its node.
///
/// Source: Then et al., "The more the merrier: efficient multi-source graph traversal", PVLDB 8, 2014, section 3.
struct MultiSourceSearch<ID: NodeIndex> {
  private let rows: GraphRows<ID>
  /// The sources that have reached each node, those that did at this level, and those that do at the next.
  private let seen: FlatBuffer<UInt64>
  private let fresh: FlatBuffer<UInt64>
  private let coming: FlatBuffer<UInt64>
  /// The nodes of this level and of the next.
  private let queues: FlatBuffer<ID>

  init(_ rows: GraphRows<ID>) throws(MillError) {
    let n = rows.nodeCount
    self.rows = rows
    seen = try FlatBuffer(count: n)
    fresh = try FlatBuffer(count: n)
    coming = try FlatBuffer(count: n)
    queues = try FlatBuffer(uninitializedCount: 2 * n)
  }

  /// Searches along the arcs of the rows.
  ///
  /// - Parameters:
  ///   - sources: At most 64 different nodes.
  ///   - onReach: Called for every node and level with the sources that reach it there, the sources themselves at level
  ///     0 left out.
  func run(
    from sources: ArraySlice<Int>, onReach: (_ node: Int, _ level: Int, _ sources: UInt64) -> Void
  ) throws(MillError) {
    let n = rows.nodeCount
    let (seen, fresh, coming) = unsafe (seen.base, fresh.base, coming.base)
    var (frontier, next) = unsafe (queues.base, queues.base + n)
    for node in 0..<n { unsafe seen[node] = 0 }
    var (count, level) = (0, 0)
    for (bit, source) in sources.enumerated() {
      unsafe seen[source] = 1 &<< UInt64(bit)
      unsafe fresh[source] = seen[source]
      unsafe frontier[count] = ID(truncatingIfNeeded: source)
      count &+= 1
    }
    while count > 0 {
      try rows.context.checkCancelled()
      level += 1
      var reached = 0
      for place in 0..<count {
        let node = unsafe Int(truncatingIfNeeded: frontier[place])
        let own = unsafe fresh[node]
        for arc in rows.arcs(node) {
          let other = rows.target(arc)
          let new = unsafe own & ~seen[other]
          if new == 0 { continue }
          if unsafe coming[other] == 0 {
            unsafe next[reached] = ID(truncatingIfNeeded: other)
            reached &+= 1
          }
          unsafe coming[other] |= new
        }
      }
      for place in 0..<reached {
        let node = unsafe Int(truncatingIfNeeded: next[place])
        let new = unsafe coming[node]
        unsafe coming[node] = 0
        unsafe fresh[node] = new
        unsafe seen[node] |= new
        onReach(node, level, new)
      }
      unsafe swap(&frontier, &next)
      count = reached
    }
  }
}
