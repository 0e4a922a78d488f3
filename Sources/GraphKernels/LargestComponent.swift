public import GraphStore
public import MillRuntime

/// What `CSRGraph.largestComponent(context:)` made.
public struct LargestComponentResult: Sendable {
  /// The subgraph of the largest component.
  public let graph: CSRGraph
  /// The number of components of the graph it came from.
  public let components: Int
}

extension CSRGraph {
  /// The subgraph of the largest weakly connected component; of several, the one with the smallest node.
  ///
  /// Nodes keep their order and their names; dense names become ids. A connected graph comes back as it is, and so
  /// does one without nodes.
  ///
  /// - Throws: `MillError`: `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time in practice; the result's arrays and 12n bytes. The same result for every thread
  ///   count.
  public func largestComponent(context: RunContext = .init()) throws(MillError) -> LargestComponentResult {
    let components = try connectedComponents(of: self, context: context)
    guard components.count > 1, let largest = components.largest else {
      return LargestComponentResult(graph: self, components: components.count)
    }
    let labels = components.labels
    let wanted = UInt32(largest)
    let graph = try inducedSubgraph(keeping: { unsafe labels.base[$0] == wanted }, context: context)
    return LargestComponentResult(graph: graph, components: components.count)
  }
}
