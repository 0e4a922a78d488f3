import GraphKernels
import GraphStore
import MillRuntime

/// Which nodes take part in the spectral stage: all components but the small ones, which are groups of their own.
struct ComponentParts {
  /// Components too small to take part.
  private(set) var smallCount = 0
  /// Components that take part.
  let coreCount: Int
  /// Nodes of the largest component.
  let largestSize: Int
  /// The component of each node, or -1 for nodes that take part.
  private let small: [Int32]
  private let coreNodes: [Int]
  private let nodeCount: Int

  /// Nodes below which a component is small, unless it is the largest.
  static let usualMinimum = 25

  init(_ graph: CommunityGraph, minimum: Int, _ context: RunContext) throws(MillError) {
    let components = try connectedComponents(of: graph.graph, context: context)
    var number = [Int32](repeating: -1, count: components.count)
    for component in 0..<components.count where components.sizes[component] < minimum && component != components.largest
    {
      number[component] = Int32(smallCount)
      smallCount += 1
    }
    let labels = components.labels
    small = smallCount == 0 ? [] : (0..<graph.nodeCount).map { unsafe number[Int(labels.base[$0])] }
    coreNodes = smallCount == 0 ? [] : small.indices.filter { [small] in small[$0] < 0 }
    coreCount = components.count - smallCount
    largestSize = components.largest.map { components.sizes[$0] } ?? 0
    nodeCount = graph.nodeCount
  }

  /// Nodes that take part.
  var coreNodeCount: Int { smallCount == 0 ? nodeCount : coreNodes.count }

  /// Whether the graph is one of many components, none of them the main one.
  var isScattered: Bool { coreCount > 1 && 2 * largestSize < coreNodeCount }

  /// Whether the small components are the lesser part of the graph.
  var isMostlyCore: Bool { 2 * coreNodeCount > nodeCount }

  /// Whether a node is in a small component.
  func isSmall(_ node: Int) -> Bool { smallCount > 0 && small[node] >= 0 }

  /// The part of a graph on the same nodes that takes part.
  func core(of graph: CommunityGraph, _ context: RunContext) throws(MillError) -> CommunityGraph {
    smallCount == 0 ? graph : try graph.restricted(to: coreNodes, context)
  }

  /// Labels of the core's nodes from those of all.
  func coreLabels(_ labels: [Int32]) -> [Int32] { smallCount == 0 ? labels : coreNodes.map { labels[$0] } }

  /// Labels of all nodes from those of the core.
  func labels(core: [Int32]) -> [Int32] {
    guard smallCount > 0 else { return core }
    let first = (core.max() ?? -1) + 1
    var labels = small.map { $0 + first }
    for (i, node) in coreNodes.enumerated() { labels[node] = core[i] }
    return labels
  }
}
