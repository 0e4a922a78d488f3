import GraphStore
import MillRuntime

/// How the arcs of a directed graph become edges.
public enum DirectionPolicy: String, Sendable, CaseIterable, Codable {
  /// An edge where there is an arc either way; the larger of two weights.
  case union
  /// An edge where there is an arc either way; weights are added.
  case sum
  /// An edge where there are arcs both ways; the smaller weight.
  case mutual

  var note: String {
    switch self {
    case .union: "an edge for an arc either way, the larger weight counts"
    case .sum: "an edge for an arc either way, weights added"
    case .mutual: "an edge for arcs both ways, the smaller weight counts"
    }
  }

  func undirected(_ graph: CSRGraph, _ context: RunContext) throws(MillError) -> CSRGraph {
    switch self {
    case .union: return try graph.symmetrized(duplicates: .max, context: context)
    case .sum: return try graph.symmetrized(duplicates: .sum, context: context)
    case .mutual:
      var edges: [(Int, Int, Double)] = []
      for u in 0..<graph.nodeCount {
        for arc in graph.arcs(of: u) where graph.targets[arc] > u && graph.hasArc(graph.targets[arc], u) {
          let v = graph.targets[arc]
          let back = graph.arcs(of: v).first { graph.targets[$0] == u }!
          edges.append((u, v, graph.weights.map { min($0[arc], $0[back]) } ?? 1))
        }
      }
      let pairs = edges
      return graph.isWeighted
        ? try CSRGraph(nodeCount: graph.nodeCount, weightedEdges: pairs)
        : try CSRGraph(nodeCount: graph.nodeCount, edges: pairs.map { ($0.0, $0.1) })
    }
  }
}
