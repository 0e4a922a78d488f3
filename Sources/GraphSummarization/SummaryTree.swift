public import MillRuntime

extension GraphSummary {
  /// The forest of supernodes with their own numbers, children in the order of their smallest leaves.
  ///
  /// - Parameter isNamed: Whether the leaves carry the names of their nodes.
  /// - Throws: `MillError` of kind `malformed`: never for a summary that was read or made by this library.
  /// - Complexity: O(supernodes), and the length of the names.
  public func tree(isNamed: Bool = false) throws(MillError) -> RootedTree {
    let parents = (0..<supernodeCount).map {
      unsafe self.parents.base[$0] == Self.noParent ? -1 : Int32(self.parents.base[$0])
    }
    let names = isNamed ? (0..<nodeCount).map { self.names.text(of: $0) } : nil
    return try RootedTree(leafCount: nodeCount, parents: parents, names: names, childOrder: .smallestLeaf)
  }
}

extension GraphSummary: CustomStringConvertible {
  /// Nodes, edges, cost and relative size in one line.
  public var description: String {
    "summary of \(nodeCount) nodes, \(edgeCount) edges: cost \(cost)"
      + (relativeSize.map { ", relative size \($0)" } ?? "") + (side == nil ? "" : ", and what the input has besides")
  }
}

extension SummarizeResult: CustomStringConvertible {
  /// The summary in one line, and how many rounds it took.
  public var description: String {
    "\(summary); \(iterations.count) rounds" + (isComplete ? "" : ", stopped before the end")
  }
}
