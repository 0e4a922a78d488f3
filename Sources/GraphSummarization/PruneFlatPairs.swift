extension SummaryDraft {
  /// Step 3: pairs of trees whose edges are cheaper without the supernodes between them become one p-edge with
  /// corrections, or a list of edges; supernodes that lose all edges go.
  ///
  /// The greedy end may raise the cost; then nothing is changed.
  ///
  /// - Returns: Whether the cost fell.
  mutating func flattenPairs(threads: Int) -> Bool {
    let before = cost
    let savedParent = parent
    let savedEdges = edges
    let layout = ForestLayout(self)
    var flattening = PairFlattening(self, layout, threads: threads)
    flattening.decide()
    edges = flattening.rewritten()
    removeUseless()
    if cost < before { return true }
    parent = savedParent
    edges = savedEdges
    return false
  }
}
