public import GraphStore
public import MillRuntime

/// The settings of ``breadthFirstSearch(of:from:options:context:)``. None but ``findsParents`` changes what is found;
/// all change how many arcs are looked at.
public struct BreadthFirstSearchOptions: Sendable, Equatable, Codable {
  /// Whether each reached node gets a parent.
  public var findsParents: Bool
  /// Whether levels may run bottom-up: undirected graphs and directed ones with in-arcs.
  public var isDirectionOptimizing: Bool
  /// Go bottom-up when the frontier's arcs exceed the arcs not yet seen divided by this (alpha), at least 1.
  public var bottomUpDivisor: Int
  /// Go top-down again when a shrinking frontier has at most n divided by this many nodes (beta), at least 1.
  public var topDownDivisor: Int

  /// Direction-optimizing, without parents, unless told otherwise.
  public init(
    findsParents: Bool = false, isDirectionOptimizing: Bool = true, bottomUpDivisor: Int = 15, topDownDivisor: Int = 18
  ) {
    self.findsParents = findsParents
    self.isDirectionOptimizing = isDirectionOptimizing
    self.bottomUpDivisor = bottomUpDivisor
    self.topDownDivisor = topDownDivisor
  }
}

/// What ``breadthFirstSearch(of:from:options:context:)`` found.
public struct BreadthFirstSearchResult: Sendable {
  /// Where the search began.
  public let source: Int
  /// Arcs on a shortest path from the source, shape `[n]`; -1 where there is none.
  public let distances: SharedArray<Int32>
  /// The smallest node that stands one step before each node on a shortest path, shape `[n]`; the source's is itself,
  /// -1 for nodes that were not reached. Nil unless asked for.
  public let parents: SharedArray<Int>?
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
/// node looks for any neighbor in it instead and stops at the first. Both test bitmaps of n bits, which stay in the
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
  of graph: some NeighborGraph, from source: Int, options: BreadthFirstSearchOptions = .init(),
  context: RunContext = .init()
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
  context.progress?.begin("breadth-first search", total: graph.nodeCount, unit: .items)
  defer { context.progress?.end() }
  let graph = graph.stored
  return try graph.withRows(context: context, BreadthFirst(graph: graph, source: source, options: options))
}

private struct BreadthFirst: SourceVisitor {
  let graph: StoredGraph
  let source: Int
  let options: BreadthFirstSearchOptions

  func visit<Rows: RowSource>(_ rows: Rows) throws(MillError) -> BreadthFirstSearchResult {
    let n = rows.nodeCount
    let words = (n + 63) / 64
    let distances = try FlatBuffer<Int32>(uninitializedCount: n)
    let bitmaps = try FlatBuffer<UInt64>(count: 3 * words)
    let queues = try FlatBuffer<Rows.ID>(uninitializedCount: 2 * n)
    let incoming = rows.incoming(of: graph)
    var search = unsafe BreadthFirstLevels(
      rows: rows, incoming: options.isDirectionOptimizing ? incoming : nil, words: words, distances: distances.base,
      visited: bitmaps.base, frontier: bitmaps.base + words, next: bitmaps.base + 2 * words, queue: queues.base,
      nextQueue: queues.base + n)
    let counters = try search.run(from: source, options: options)
    withExtendedLifetime((bitmaps, queues)) {}
    var parents: FlatBuffer<Int>?
    if options.findsParents {
      parents = unsafe try findParents(rows, incoming, source: source, distances: distances.base)
    }
    return BreadthFirstSearchResult(
      source: source, distances: SharedArray(distances), parents: parents.map { SharedArray($0) },
      reached: counters.reached, eccentricity: Int(counters.level), arcsExamined: counters.arcs,
      topDownLevels: counters.topDownLevels, bottomUpLevels: counters.bottomUpLevels)
  }
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

/// Gives each reached node the smallest neighbor that is one step nearer to the source.
private func findParents<Rows: RowSource>(
  _ rows: Rows, _ incoming: Rows?, source: Int, distances: UnsafePointer<Int32>
) throws(MillError) -> FlatBuffer<Int> {
  let n = rows.nodeCount
  let parents = try FlatBuffer<Int>(uninitializedCount: n)
  let parent = unsafe parents.base
  if let incoming {
    _ = try parallelSum(n, context: rows.context) { range in
      for v in range {
        unsafe parent[v] = -1
        guard unsafe distances[v] > 0 else { continue }
        let wanted = unsafe distances[v] - 1
        _ = incoming.search(v) { u in
          guard unsafe distances[u] == wanted else { return false }
          unsafe parent[v] = u
          return true
        }
      }
      return 0
    }
  } else {
    for v in 0..<n { unsafe parent[v] = -1 }
    for u in 0..<n where unsafe distances[u] >= 0 {
      let next = unsafe distances[u] &+ 1
      rows.forEachTarget(u) { v, _ in
        if unsafe distances[v] == next, unsafe parent[v] < 0 { unsafe parent[v] = u }
      }
    }
  }
  unsafe parent[source] = source
  return parents
}
