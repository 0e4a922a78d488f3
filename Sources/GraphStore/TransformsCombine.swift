public import MillRuntime

extension CSRGraph {
  /// The graph of all nodes and edges that this graph or another one has.
  ///
  /// Nodes are the same when their names are, as in ``differences(between:and:limit:)``, and stand in the order of their
  /// names: numbers ascending, labels bytewise. Where one graph is weighted, edges of the other weigh 1.
  ///
  /// - Parameters:
  ///   - other: The other graph, directed where this one is.
  ///   - duplicates: What becomes of an edge that both have; ``DuplicatePolicy/keep`` keeps parallel edges of either, the
  ///     others merge them too, this graph's first.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError`: `bad-option` for a directed and an undirected graph, `duplicate-edge` under the policy `error`,
  ///   `over-budget`, `interrupted`.
  /// - Complexity: O(n log n + m) time; 32 bytes a node and 16 bytes an edge (24 weighted) beside the result. The same
  ///   result for every thread count.
  public func union(
    _ other: CSRGraph, duplicates: DuplicatePolicy = .sum, context: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    try checkDirection(of: other)
    let match = try NodeMatch(self, other)
    let isWeighted = isWeighted || other.isWeighted
    let blocks = [
      try edgeBlock(numbers: match.firstRank, isWeighted: isWeighted),
      try other.edgeBlock(numbers: match.secondRank, isWeighted: isWeighted),
    ]
    let options = FreezeOptions(
      isDirected: isDirected, duplicates: duplicates, naming: .dense(nodeCount: match.count))
    return try freeze(blocks, options: options, context: context).graph.withNames(match.names(self, other))
  }

  /// The graph without the edges that another graph has too; all nodes stay.
  ///
  /// Nodes are the same when their names are. Weights do not matter, and of parallel edges all go.
  ///
  /// - Throws: `MillError`: `bad-option` for a directed and an undirected graph, `over-budget`, `interrupted`.
  /// - Complexity: O(n log n + m log d) time; 40 bytes a node and one bit an arc beside the result. The same result for
  ///   every thread count.
  public func subtracting(_ other: CSRGraph, context: RunContext = .init()) throws(MillError) -> CSRGraph {
    try keepingEdges(sharedWith: other, false, context)
  }

  /// The graph of the edges that another graph has too, with this graph's nodes and weights; see ``subtracting(_:context:)``.
  public func intersection(_ other: CSRGraph, context: RunContext = .init()) throws(MillError) -> CSRGraph {
    try keepingEdges(sharedWith: other, true, context)
  }

  private func keepingEdges(
    sharedWith other: CSRGraph, _ keepsShared: Bool, _ context: RunContext
  ) throws(MillError) -> CSRGraph {
    try checkDirection(of: other)
    let counterparts = try NodeMatch(self, other).counterparts()
    return try keepingArcs(context: context) { source, target, _ in
      let (u, v) = unsafe (counterparts.base[source], counterparts.base[target])
      return (u >= 0 && v >= 0 && other.hasEdge(u, v)) == keepsShared
    }
  }

  private func checkDirection(of other: CSRGraph) throws(MillError) {
    guard isDirected != other.isDirected else { return }
    throw MillError(.badOption, "one graph is directed and the other is not", hint: "make both undirected first")
  }

  /// All edges, with other numbers for their ends.
  private func edgeBlock(numbers: FlatBuffer<Int>, isWeighted: Bool) throws(MillError) -> EdgeBlock {
    let ids = try FlatBuffer<UInt64>(uninitializedCount: 2 * edgeCount)
    let weights = isWeighted ? try FlatBuffer<Double>(uninitializedCount: edgeCount) : nil
    var place = 0
    for edge in weightedEdges {
      unsafe ids.base[2 * place] = UInt64(numbers.base[edge.source])
      unsafe ids.base[2 * place + 1] = UInt64(numbers.base[edge.target])
      unsafe weights?.base[place] = edge.weight
      place += 1
    }
    return EdgeBlock(ids: .wide(ids), weights: weights, count: place)
  }
}
