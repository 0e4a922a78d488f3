public import MillRuntime

extension GraphRows {
  /// Visits every edge of an undirected graph with the positions of both its arcs; loops are left out.
  ///
  /// Rows ascend, so the arcs of a node to smaller ones come up in the order of its row: a cursor a node finds them,
  /// without a search. Every thread has a range of larger ends for itself and visits the edges of its range by ascending
  /// smaller end, then larger end. Parallel edges are visited each.
  ///
  /// - Complexity: O(n · threads + m) time, 8n bytes.
  @inlinable package func forEachEdgePair(
    threads: Int, _ body: (_ node: Int, _ target: Int, _ arc: Int, _ reverse: Int) -> Void
  ) throws(MillError) {
    let cursors = try FlatBuffer<UInt64>(uninitializedCount: nodeCount)
    unsafe cursors.base.update(from: offsets, count: nodeCount)
    let parts = max(1, min(threads, chunkCount))
    try Parallel.forEachThrowing(parts, threads: threads) { (part, _) throws(MillError) in
      let low = cuts[part * chunkCount / parts]
      let high = cuts[(part + 1) * chunkCount / parts]
      for node in 0..<high {
        if node & 0xfffff == 0 { try context.checkCancelled() }
        let end = end(node)
        // All smaller neighbors of a node in the range have been here.
        var arc =
          unsafe node >= low
          ? Int(truncatingIfNeeded: cursors.base[node]) : arcs(node).partitionPoint { target($0) >= low }
        while arc < end {
          let other = target(arc)
          if other >= high { break }
          if other != node {
            let reverse = unsafe Int(truncatingIfNeeded: cursors.base[other])
            unsafe cursors.base[other] &+= 1
            body(node, other, arc, reverse)
          }
          arc &+= 1
        }
      }
    }
  }
}
