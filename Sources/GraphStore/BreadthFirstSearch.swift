public import MillRuntime

/// The settings of ``breadthFirstSearch(of:from:options:context:)``. None but ``findsParents`` changes what is found;
/// all change how many arcs are looked at.
public struct BreadthFirstSearchOptions: Sendable, Equatable {
  /// Whether each reached node gets a parent.
  public var findsParents = false
  /// Whether levels may run bottom-up: undirected graphs and directed ones with in-arcs.
  public var isDirectionOptimizing = true
  /// Go bottom-up when the frontier's arcs exceed the arcs not yet seen divided by this (alpha), at least 1.
  public var bottomUpDivisor = 15
  /// Go top-down again when a shrinking frontier has at most n divided by this many nodes (beta), at least 1.
  public var topDownDivisor = 18
  /// Direction-optimising, without parents.
  public init() {}
}

/// What ``breadthFirstSearch(of:from:options:context:)`` found.
public struct BreadthFirstSearchResult: Sendable {
  /// Where the search began.
  public let source: Int
  /// Arcs on a shortest path from the source, shape `[n]`; -1 where there is none.
  public let distances: FlatBuffer<Int32>
  /// The smallest node that stands one step before each node on a shortest path, shape `[n]`; the source's is itself,
  /// -1 for nodes that were not reached. Nil unless asked for.
  public let parents: FlatBuffer<Int>?
  /// Nodes reached, the source included.
  public let reached: Int
  /// The largest distance.
  public let eccentricity: Int
  /// Arcs looked at for distances: the work done, independent of machine and thread count.
  public let arcsExamined: Int
  /// Levels that ran top-down.
  public let topDownLevels: Int
  /// Levels that ran bottom-up.
  public let bottomUpLevels: Int
}

/// Finds the distance of every node from a source, following arcs and ignoring weights.
///
/// Small frontiers push along their out-arcs; when a frontier holds a good part of the arcs that are left, each open
/// node looks for any neighbour in it instead and stops at the first. Both test bitmaps of n bits, which stay in the
/// cache where an array of distances would not.
///
/// - Parameters:
///   - graph: A graph whose arrays are consistent (as `freeze` makes them; check files from strangers first). Loops
///     and parallel edges do no harm. A directed graph without in-arcs is searched top-down only.
///   - source: The node to start from.
///   - options: Parents, direction switching.
///   - context: Threads, progress, a way to stop.
/// - Returns: Distances of shape `[n]`, and counters.
/// - Throws: `MillError`: `node-out-of-range`, `bad-option`, `over-budget`, `interrupted`; `unsupported` beyond
///   2^31 - 1 levels.
/// - Complexity: O(n + m) time (times the number of bottom-up levels at worst), 4n bytes of distances, 8n (16n for
///   wide targets) of queues and 3n bits; 8n more for parents. The result and the counters are the same for every
///   thread count.
/// - Source: Beamer, Asanović, Patterson, "Direction-optimizing breadth-first search", SC 2012, sections 3 and 4.
public func breadthFirstSearch(
  of graph: CSRGraph, from source: Int, options: BreadthFirstSearchOptions = .init(), context: RunContext = .init()
) throws(MillError) -> BreadthFirstSearchResult {
  guard source >= 0, source < graph.nodeCount else {
    throw MillError(
      .nodeOutOfRange, "the source is not a node of the graph, which has \(graph.nodeCount)", field: "\(source)")
  }
  guard options.bottomUpDivisor >= 1, options.topDownDivisor >= 1 else {
    throw MillError(
      .badOption, "divisors of direction switching must be at least 1",
      field: "\(min(options.bottomUpDivisor, options.topDownDivisor))")
  }
  let distances = try FlatBuffer<Int32>(count: graph.nodeCount)
  let parents = options.findsParents ? try FlatBuffer<Int>(count: graph.nodeCount) : nil
  context.progress?.begin("breadth-first search", total: graph.nodeCount, unit: .items)
  let counters = try withExtendedLifetime(graph) { () throws(MillError) -> BreadthFirstCounters in
    switch graph.targets {
    case .narrow(let targets):
      var incoming: (UnsafeBufferPointer<UInt64>, UnsafeBufferPointer<UInt32>)?
      if !graph.isDirected { incoming = (graph.offsets, targets) }
      if let arcs = graph.inArcs, case .narrow(let sources) = arcs.sources { incoming = (arcs.offsets, sources) }
      return try runBreadthFirst(
        graph, targets, incoming, source: source, options: options, distances: distances, parents: parents,
        context: context)
    case .wide(let targets):
      var incoming: (UnsafeBufferPointer<UInt64>, UnsafeBufferPointer<UInt64>)?
      if !graph.isDirected { incoming = (graph.offsets, targets) }
      if let arcs = graph.inArcs, case .wide(let sources) = arcs.sources { incoming = (arcs.offsets, sources) }
      return try runBreadthFirst(
        graph, targets, incoming, source: source, options: options, distances: distances, parents: parents,
        context: context)
    }
  }
  context.progress?.end()
  return BreadthFirstSearchResult(
    source: source, distances: distances, parents: parents, reached: counters.reached,
    eccentricity: Int(counters.level), arcsExamined: counters.arcs, topDownLevels: counters.topDownLevels,
    bottomUpLevels: counters.bottomUpLevels)
}

/// The work of one search.
struct BreadthFirstCounters {
  var reached = 1
  /// The last level that has nodes.
  var level: Int32 = 0
  var arcs = 0
  var topDownLevels = 0
  var bottomUpLevels = 0
}

private func runBreadthFirst<ID: NodeIndex>(
  _ graph: CSRGraph, _ targets: UnsafeBufferPointer<ID>,
  _ incoming: (offsets: UnsafeBufferPointer<UInt64>, sources: UnsafeBufferPointer<ID>)?, source: Int,
  options: BreadthFirstSearchOptions, distances: FlatBuffer<Int32>, parents: FlatBuffer<Int>?, context: RunContext
) throws(MillError) -> BreadthFirstCounters {
  let n = graph.nodeCount
  let words = (n + 63) / 64
  let bitmaps = try FlatBuffer<UInt64>(count: 3 * words)
  let queues = try FlatBuffer<ID>(count: 2 * n)
  var search = BreadthFirstLevels(
    nodeCount: n, words: words, offsets: graph.offsets, targets: targets, inOffsets: incoming?.offsets ?? graph.offsets,
    sources: incoming?.sources ?? targets, distances: distances.base, visited: bitmaps.base,
    frontier: bitmaps.base + words, next: bitmaps.base + 2 * words, queue: queues.base, nextQueue: queues.base + n,
    context: context)
  let counters = try withExtendedLifetime((bitmaps, queues)) { () throws(MillError) -> BreadthFirstCounters in
    try search.run(from: source, canGoBottomUp: incoming != nil && options.isDirectionOptimizing, options: options)
  }
  if let parents {
    try findParents(
      graph, targets, incoming, source: source, distances: distances.base, parents: parents, context: context)
  }
  return counters
}

/// Gives each reached node the smallest neighbour that is one step nearer to the source.
private func findParents<ID: NodeIndex>(
  _ graph: CSRGraph, _ targets: UnsafeBufferPointer<ID>,
  _ incoming: (offsets: UnsafeBufferPointer<UInt64>, sources: UnsafeBufferPointer<ID>)?, source: Int,
  distances: UnsafePointer<Int32>, parents: FlatBuffer<Int>, context: RunContext
) throws(MillError) {
  let n = graph.nodeCount
  let parent = parents.base
  if let incoming {
    _ = try parallelSum(n, context: context) { range in
      for v in range {
        parent[v] = -1
        guard distances[v] > 0 else { continue }
        let wanted = distances[v] - 1
        for arc in Int(incoming.offsets[v])..<Int(incoming.offsets[v + 1])
        where distances[Int(incoming.sources[arc])] == wanted {
          parent[v] = Int(incoming.sources[arc])
          break
        }
      }
      return 0
    }
  } else {
    let offsets = graph.offsets
    for v in 0..<n { parent[v] = -1 }
    for u in 0..<n where distances[u] >= 0 {
      let next = distances[u] &+ 1
      for arc in Int(offsets[u])..<Int(offsets[u + 1]) {
        let v = Int(targets[arc])
        if distances[v] == next, parent[v] < 0 { parent[v] = u }
      }
    }
  }
  parent[source] = source
}
