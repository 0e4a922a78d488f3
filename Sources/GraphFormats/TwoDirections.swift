import GraphStore
import MillRuntime

// One rule for the two directions of an edge, wherever a directed file is read as undirected.

extension GraphReadOptions {
  /// What happens to repeated edges, with the default for a graph without parallel ones.
  var mergesDuplicates: DuplicatePolicy { duplicates ?? .sum }
}

/// The undirected graph of a directed one: arcs that repeat another are merged as the options say, and of two directions
/// the larger weight counts, so that equal ones stay. A warning counts the pairs that were unequal.
///
/// - Complexity: O(n + m) time.
func undirected(
  _ graph: CSRGraph, _ options: GraphReadOptions, _ report: inout GraphReadReport, _ context: RunContext
) throws(MillError) -> CSRGraph {
  let joined = try graph.rewritten(
    directions: .union, duplicates: options.mergesDuplicates, keepsLoops: true, context: context)
  if joined.unequalDirections > 0 {
    report.warnings.append(
      "\(joined.unequalDirections) pairs of arcs have unequal weights both ways: the larger one counts")
  }
  return joined.graph
}
