public import GraphStore
public import MillRuntime

/// What ``diameter(of:context:)`` found.
public struct DiameterResult: Sendable, Equatable {
  /// The largest distance between two nodes that a path joins; 0 for a graph without edges.
  public let diameter: Int
  /// Two nodes at that distance; nil for a graph without nodes.
  public let ends: NodePair?
  /// Breadth-first searches run: the work done, independent of machine and thread count.
  public let searches: Int
}

/// Finds the diameter exactly: the largest number of steps between two nodes of one component.
///
/// A node in the middle of a long shortest path is looked for with a few searches; then nodes are searched from by
/// falling distance from it, until no pair of those left can be farther apart than the best found. On most real graphs
/// that takes tens of searches, not n.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(searches · (n + m)) time, n searches at worst; as ``breadthFirstSearch(of:from:options:context:)``
///   with parents. The result and the counter are the same for every thread count.
/// - Source: Crescenzi, Grossi, Habib, Lanzi, Marino, "On computing the diameter of real-world undirected graphs",
///   Theoretical Computer Science 514, 2013, section 3 (iFUB with the 4-sweep).
public func diameter(of graph: CSRGraph, context: RunContext = .init()) throws(MillError) -> DiameterResult {
  let undirected =
    graph.isDirected
    ? try graph.prepared(Preparation(weights: .ignored), context: context).graph : graph.withoutWeights()
  let components = try connectedComponents(of: undirected, context: context)
  let degrees = try degrees(of: undirected, context: context)
  // The node of highest degree of each component, the first of several.
  var hubs = [Int](repeating: -1, count: components.count)
  for (node, label) in components.labels.enumerated()
  where hubs[Int(label)] < 0 || degrees[node] > degrees[hubs[Int(label)]] {
    hubs[Int(label)] = node
  }
  context.progress?.begin("diameter", total: 0, unit: .items)
  defer { context.progress?.end() }
  var sweep = FringeSearch(graph: undirected, context: context)
  // Large components first: small ones cannot hold a longer path than they have nodes.
  for label in (0..<components.count).sorted(by: { (components.sizes[$0], $1) > (components.sizes[$1], $0) })
  where sweep.ends == nil || components.sizes[label] - 1 > sweep.longest {
    try sweep.run(from: hubs[label])
  }
  return DiameterResult(diameter: sweep.longest, ends: sweep.ends, searches: sweep.searches)
}

/// Searches, and the longest distance that they have met.
private struct FringeSearch {
  let graph: CSRGraph
  let context: RunContext
  var longest = 0
  var ends: NodePair?
  var searches = 0

  /// Looks at one component, from a node of it.
  mutating func run(from hub: Int) throws(MillError) {
    let first = try middle(from: hub)
    let center = try middle(from: first)
    let levels = try search(from: center).distances
    // The farthest first. Nodes at distance at most i from the center are at most 2 i apart.
    let order = levels.indices.filter { levels[$0] > 0 }.sorted { (levels[$1], $0) < (levels[$0], $1) }
    for node in order where longest < 2 * Int(levels[node]) { _ = try search(from: node) }
  }

  /// The middle of a longest shortest path from the node farthest from a start.
  private mutating func middle(from start: Int) throws(MillError) -> Int {
    let far = farthest(try search(from: start))
    let path = try search(from: far, findsParents: true)
    var node = farthest(path)
    for _ in 0..<path.eccentricity / 2 { node = path.parents?[node] ?? node }
    return node
  }

  /// The first of the nodes at the largest distance.
  private func farthest(_ search: BreadthFirstSearchResult) -> Int {
    search.distances.firstIndex(of: Int32(search.eccentricity)) ?? search.source
  }

  private mutating func search(
    from node: Int, findsParents: Bool = false
  ) throws(MillError) -> BreadthFirstSearchResult {
    var quiet = context
    quiet.progress = nil
    let result = try breadthFirstSearch(
      of: graph, from: node, options: BreadthFirstSearchOptions(findsParents: findsParents), context: quiet)
    searches += 1
    context.progress?.advance(by: 1)
    if ends == nil || result.eccentricity > longest {
      longest = result.eccentricity
      let other = farthest(result)
      ends = NodePair(min(node, other), max(node, other))
    }
    return result
  }
}
