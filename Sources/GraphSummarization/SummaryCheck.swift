public import MillRuntime

extension GraphSummary {
  /// Checks what a summary promises, save that each pair is covered by 0 or 1 edges, which ``restore(context:)`` does.
  ///
  /// Inner supernodes have two children or more; no edge joins a supernode to its own ancestor; no pair has two edges;
  /// edges cover as many pairs as the graph has edges.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  /// - Complexity: O(supernodes + edges).
  public func validate() throws(MillError) {
    for x in nodeCount..<max(nodeCount, supernodeCount) where unsafe childOffsets.base[x + 1] - childOffsets.base[x] < 2
    {
      throw Self.malformed("an inner supernode has fewer than two children")
    }
    var covered = 0
    let total = positiveEdgeCount + negativeEdgeCount
    for i in 0..<total {
      let edge = unsafe signedEdges.base[i]
      let (x, y) = (Int(edge.x), Int(edge.y))
      if i > 0, unsafe signedEdges.base[i - 1].x == edge.x, unsafe signedEdges.base[i - 1].y == edge.y {
        throw Self.malformed("two edges join the same supernodes")
      }
      if x == y, x < nodeCount { throw Self.malformed("a node has a loop") }
      if x != y, contains(y, x) { throw Self.malformed("an edge joins a supernode to what is below it") }
      let size = unsafe Int(leafCounts.base[x])
      let pairs = unsafe x == y ? size * (size - 1) / 2 : size * Int(leafCounts.base[y])
      let (sum, overflow) = covered.addingReportingOverflow(edge.isNegative ? -pairs : pairs)
      guard !overflow else { throw Self.malformed("the edges cover too many pairs") }
      covered = sum
    }
    guard covered == edgeCount, covered >= 0 else {
      throw Self.malformed("the edges stand for \(covered) pairs, the graph has \(edgeCount)")
    }
  }

  static func malformed(_ what: String) -> MillError { MillError(.malformed, "not a sound summary: \(what)") }
}
