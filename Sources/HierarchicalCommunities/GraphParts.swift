import GraphKernels
import GraphStore
import MillRuntime

/// Which nodes take part in the spectral stage: all components but the small ones, which are groups of their own.
struct ComponentParts {
  /// Components too small to take part.
  private(set) var smallCount = 0
  /// The component of each node, or -1 for nodes that take part.
  private let small: [Int32]
  private let coreNodes: [Int]

  init(_ graph: CommunityGraph, minimum: Int, _ context: RunContext) throws(MillError) {
    let components = try connectedComponents(of: graph.graph, context: context)
    var number = [Int32](repeating: -1, count: components.count)
    for component in 0..<components.count where components.sizes[component] < minimum && component != components.largest
    {
      number[component] = Int32(smallCount)
      smallCount += 1
    }
    let labels = components.labels.base
    small = smallCount == 0 ? [] : (0..<graph.nodeCount).map { number[Int(labels[$0])] }
    coreNodes = smallCount == 0 ? [] : small.indices.filter { [small] in small[$0] < 0 }
  }

  /// The part of a graph on the same nodes that takes part.
  func core(of graph: CommunityGraph, _ context: RunContext) throws(MillError) -> CommunityGraph {
    smallCount == 0 ? graph : try graph.restricted(to: coreNodes, context)
  }

  /// Labels of all nodes from those of the core.
  func labels(core: [Int32]) -> [Int32] {
    guard smallCount > 0 else { return core }
    let first = (core.max() ?? -1) + 1
    var labels = small.map { $0 + first }
    for (i, node) in coreNodes.enumerated() { labels[node] = core[i] }
    return labels
  }
}

/// The edges in two parts, or twice all of them.
struct EdgeSplit {
  /// What the first stage sees.
  let first: CommunityGraph
  /// What the second stage sees.
  let second: CommunityGraph

  init(_ graph: CommunityGraph, share: Double, seed: UInt64, _ context: RunContext) throws(MillError) {
    guard share > 0 else {
      (first, second) = (graph, graph)
      return
    }
    let stream = RandomStream(seed: seed, stage: "edge-split")
    var parts: [[(Int, Int, Double)]] = [[], []]
    for u in 0..<graph.nodeCount {
      for arc in Int(graph.offsets[u])..<Int(graph.offsets[u + 1]) where Int(graph.targets[arc]) > u {
        var random = stream.item(UInt64(arc))
        let part = random.unit() < share ? 1 : 0
        parts[part].append((u, Int(graph.targets[arc]), graph.graph.weights?[arc] ?? 1))
      }
    }
    let isWeighted = graph.weights != nil
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

extension CommunityGraph {
  /// The subgraph of some working nodes, ascending; nodes without edges stay.
  func restricted(to nodes: [Int], _ context: RunContext) throws(MillError) -> CommunityGraph {
    try CommunityGraph(
      simple: try graph.inducedSubgraph(nodes: nodes, context: context), usesWeights: weights != nil)
  }
}
