import GraphStore
import MillRuntime

/// The edges in two parts, or twice all of them.
struct EdgeSplit {
  /// What the first stage sees.
  let first: CommunityGraph
  /// What the second stage sees.
  let second: CommunityGraph
  /// Whether the parts differ.
  let isSplit: Bool

  init(_ graph: CommunityGraph, share: Double, seed: UInt64, _ context: RunContext) throws(MillError) {
    isSplit = share > 0
    guard isSplit else {
      (first, second) = (graph, graph)
      return
    }
    let stream = RandomStream(seed: seed, stage: "edge-split")
    var parts: [[(Int, Int, Double)]] = [[], []]
    for u in 0..<graph.nodeCount {
      for arc in unsafe Int(graph.offsets[u])..<Int(graph.offsets[u + 1]) where unsafe Int(graph.targets[arc]) > u {
        var random = stream.item(UInt64(arc))
        let part = random.unit() < share ? 1 : 0
        unsafe parts[part].append((u, Int(graph.targets[arc]), graph.graph.weights?[arc] ?? 1))
      }
    }
    let isWeighted = graph.usesWeights
    let graphs = try parts.map { (edges) throws(MillError) -> CommunityGraph in
      let part =
        isWeighted
        ? try CSRGraph(nodeCount: graph.nodeCount, weightedEdges: edges)
        : try CSRGraph(nodeCount: graph.nodeCount, edges: edges.map { ($0.0, $0.1) })
      return try CommunityGraph(simple: part, usesWeights: isWeighted)
    }
    (first, second) = (graphs[0], graphs[1])
  }
}
