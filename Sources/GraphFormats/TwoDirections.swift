import GraphStore
import MillRuntime

// One rule for the two directions of an edge, wherever a directed file is read as undirected.

extension GraphReadOptions {
  /// What happens to repeated edges, with the default for a graph without parallel ones.
  var mergesDuplicates: DuplicatePolicy { duplicates ?? .sum }
}

/// The undirected graph of a directed one: the larger of two weights counts, so that equal ones stay.
///
/// A policy that the caller chose for repeated edges decides instead. How many pairs of arcs had unequal weights is added
/// to the report's warnings.
///
/// - Complexity: O(n + m log d) time for degrees up to d.
func undirected(
  _ graph: CSRGraph, _ options: GraphReadOptions, _ report: inout GraphReadReport, _ context: RunContext
) throws(MillError) -> CSRGraph {
  guard options.duplicates == nil || options.duplicates == .sum else {
    return try graph.symmetrized(duplicates: options.mergesDuplicates, context: context)
  }
  let unequal = unequalPairs(graph)
  if unequal > 0 {
    report.warnings.append(
      "\(unequal) pairs of arcs have unequal weights both ways: the larger one counts (--duplicates min or first decides "
        + "otherwise)")
  }
  return try graph.symmetrized(duplicates: .max, context: context)
}

/// Pairs of nodes with arcs both ways whose weights differ.
private func unequalPairs(_ graph: CSRGraph) -> Int {
  guard let weights = graph.weights else { return 0 }
  var count = 0
  for u in 0..<graph.nodeCount {
    for arc in graph.arcs(of: u) where graph.targets[arc] > u {
      let back = graph.arcs(of: graph.targets[arc])
      var low = back.lowerBound
      var high = back.upperBound
      while low < high {
        let middle = low + (high - low) / 2
        if graph.targets[middle] < u { low = middle + 1 } else { high = middle }
      }
      if low < back.upperBound, graph.targets[low] == u, weights[low] != weights[arc] { count += 1 }
    }
  }
  return count
}
