import GraphStore
import MillRuntime

// Graphs whose nodes are called by numbers in a row.

extension CSRGraph {
  /// The same graph with nodes called `first`, `first + 1`, …; shares all other arrays.
  func numbered(from first: UInt64) throws(MillError) -> CSRGraph {
    if first == 0 { return renamed(.dense, owner: nil) }
    let ids = try FlatBuffer<UInt64>(uninitializedCount: nodeCount)
    for node in 0..<nodeCount { ids.base[node] = first + UInt64(node) }
    return renamed(.ids(ids.elements), owner: ids)
  }

  /// The same graph with other names, which `owner` keeps alive; shares all other arrays.
  func renamed(_ names: NodeNames, owner: AnyObject?) -> CSRGraph {
    CSRGraph(
      storage: CSRStorage(
        nodeCount: nodeCount, edgeCount: edgeCount, flags: storage.flags, offsets: storage.offsets,
        targets: storage.targets, weights: storage.weights, names: names, inArcs: storage.inArcs,
        owners: storage.sharedOwners + (owner.map { [$0] } ?? [])))
  }

  /// Whether the nodes are called `first`, `first + 1`, … in this order.
  func isNumbered(from first: UInt64) -> Bool {
    switch names {
    case .dense: first == 0
    case .ids(let ids): ids.indices.allSatisfy { ids[$0] == first &+ UInt64($0) }
    case .labels: false
    }
  }
}

/// Refuses a declared number of nodes that is far beyond what the edges mention: the file may be tiny.
///
/// - Parameter given: The number that the caller insists on, if any.
func guardNodeCount(_ count: Int, edges: Int, given: Int?) throws(MillError) {
  if count > 1 << 22, count / 16 > edges, given != count {
    throw MillError(
      .idOutOfRange, "the file declares \(count) nodes for \(edges) edges: most would have none",
      field: String(count), hint: "the same number given as the number of nodes insists")
  }
  if count >= Int(UInt32.max) {
    throw MillError(.overBudget, "more than 2^32 - 2 nodes in this format", field: String(count))
  }
}

/// An undirected graph of a directed one: (u, v) and (v, u) of equal weight are one edge; unequal weights are added,
/// and a warning counts them.
///
/// - Complexity: O(m log degree) time, 16 to 24 bytes an edge.
func joinedDirections(
  of graph: CSRGraph, _ report: inout GraphReadReport, _ context: RunContext
) throws(MillError) -> CSRGraph {
  var edges = EdgeCollector()
  var unequal = 0
  for u in 0..<graph.nodeCount {
    for arc in graph.arcs(of: u) {
      let v = graph.targets[arc]
      let reverse = u == v ? nil : graph.arc(from: v, to: u)
      if u > v, reverse != nil { continue }
      var weight = graph.weights?[arc]
      if let reverse, let one = weight, let other = graph.weights?[reverse], one != other {
        unequal += 1
        weight = one + other
      }
      try edges.add(UInt32(u), UInt32(v), weight)
    }
  }
  if unequal > 0 {
    report.warnings.append("\(unequal) edges have two directions of unequal weight: the weights were added")
  }
  var options = FreezeOptions()
  options.duplicates = graph.isMultigraph ? .keep : .sum
  options.naming = .dense(nodeCount: graph.nodeCount)
  let joined = try freeze(edges.finish(keepsWeights: graph.isWeighted), options: options, context: context).graph
  return joined.renamed(graph.names, owner: graph.storage)
}

extension CSRGraph {
  /// The position of an arc; nil where there is none. O(log degree).
  func arc(from source: Int, to target: Int) -> Int? {
    var low = arcs(of: source).lowerBound
    let end = arcs(of: source).upperBound
    var high = end
    while low < high {
      let middle = low + (high - low) / 2
      if targets[middle] < target { low = middle + 1 } else { high = middle }
    }
    return low < end && targets[low] == target ? low : nil
  }
}
