public import GraphStore
public import MillRuntime

extension CSRGraph {
  /// The subgraph of the nodes within a number of steps of given ones: the ego network of a node.
  ///
  /// - Parameters:
  ///   - nodes: Where to begin; they stay too.
  ///   - options: Steps, and which way arcs are followed.
  ///   - context: Threads, a way to stop.
  /// - Returns: Those nodes in ascending order and all edges between them, with names and weights.
  /// - Throws: `MillError`: `node-out-of-range`, `bad-option`, `over-budget`, `interrupted`.
  /// - Complexity: That of ``neighborhood(of:around:options:context:)``, and O(n + arcs of the nodes found). The same
  ///   result for every thread count.
  public func egoNetwork(
    around nodes: [Int], options: NeighborhoodOptions = .init(), context: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    let found = try neighborhood(of: self, around: nodes, options: options, context: context)
    return try inducedSubgraph(nodes: Array(found.nodes), context: context)
  }

  /// The subgraph of the nodes whose core number is at least `k`: the k-core.
  ///
  /// - Parameters:
  ///   - k: Neighbors that every node of the result has at least; directions, loops and parallel edges do not matter.
  ///   - context: Threads, a way to stop.
  /// - Returns: Those nodes in ascending order and all edges between them, with names and weights.
  /// - Throws: `MillError`: `bad-option` for a negative `k`, `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time, 16n bytes (24n for wide targets). The same result for every thread count.
  /// - Source: Seidman, "Network structure and minimum degree", Social Networks 5, 1983.
  public func coreSubgraph(_ k: Int, context: RunContext = .init()) throws(MillError) -> CSRGraph {
    guard k >= 0 else { throw MillError(.badOption, "the number of neighbors must not be negative", field: "\(k)") }
    let cores = try coreNumbers(of: self, context: context).cores
    return try inducedSubgraph(keeping: { Int(cores[$0]) >= k }, context: context)
  }
}
