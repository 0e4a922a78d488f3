import GraphStore
import MillRuntime

// Graphs whose nodes are called by numbers in a row.

extension CSRGraph {
  /// The same graph with nodes called `first`, `first + 1`, …; shares all other arrays.
  func numbered(from first: UInt64) throws(MillError) -> CSRGraph {
    try withNames(.numbers(nodeCount, from: first))
  }

  /// Whether the nodes are called `first`, `first + 1`, … in this order.
  func isNumbered(from first: UInt64) -> Bool {
    switch names {
    case .dense: first == 0
    case .ids(let ids):
      unsafe ids.withUnsafeBufferPointer { ids in ids.indices.allSatisfy { unsafe ids[$0] == first &+ UInt64($0) } }
    case .labels: false
    }
  }
}

/// Whether there are so many nodes that a file of that many edges is no witness for them: at some 32 bytes a node a tiny file
/// could take any memory.
func areMostlyIsolated(_ nodes: Int, edges: Int) -> Bool { nodes > 1 << 20 && nodes / 16 >= edges }

/// Refuses a declared number of nodes that is far beyond what the edges mention.
///
/// - Parameter given: The number that the caller insists on, if any.
func guardNodeCount(_ count: Int, edges: Int, given: Int?) throws(MillError) {
  if given != count, areMostlyIsolated(count, edges: edges) {
    throw MillError(
      .idOutOfRange, "the file declares \(count) nodes for \(edges) edges: most would have none",
      field: String(count), hint: "\(setting: "nodes", "\(count)") insists")
  }
  if count >= Int(UInt32.max) {
    throw MillError(.overBudget, "more than 2^32 - 2 nodes in this format", field: String(count))
  }
}

extension NodeNames {
  /// Numbers in a row; dense names where they begin with 0.
  static func numbers(_ count: Int, from first: UInt64) throws(MillError) -> NodeNames {
    if first == 0 { return .dense }
    let ids = try FlatBuffer<UInt64>(uninitializedCount: count)
    for node in 0..<count { unsafe ids.base[node] = first + UInt64(node) }
    return .ids(SharedArray(ids))
  }
}
