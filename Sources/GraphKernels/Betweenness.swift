public import GraphStore
public import MillRuntime

/// The settings of ``betweenness(of:options:context:)``.
public struct BetweennessOptions: Sendable, Equatable, Codable {
  /// Nodes that paths begin at, drawn without repetition; nil takes all and is exact.
  public var sampleSize: Int?
  /// Decides which nodes are drawn.
  public var seed: UInt64
  /// Whether scores are divided by the number of pairs that could run through a node.
  public var isNormalized: Bool

  /// Exact and not normalized, unless told otherwise.
  public init(sampleSize: Int? = nil, seed: UInt64 = 42, isNormalized: Bool = false) {
    self.sampleSize = sampleSize
    self.seed = seed
    self.isNormalized = isNormalized
  }
}

/// What ``betweenness(of:options:context:)`` found.
public struct BetweennessResult: Sendable, Equatable {
  /// One score a node, shape `[n]`.
  public let scores: SharedArray<Double>
  /// Nodes that paths began at.
  public let sourceCount: Int
  /// Whether these were all, so that the scores are exact within rounding.
  public let isExact: Bool
}

/// Scores every node by the shortest paths that run through it: the sum over all pairs of other nodes of the share of
/// their shortest paths that pass the node.
///
/// In an undirected graph a pair counts once, in a directed one each way. From a sample of sources the scores are scaled
/// to all: right in the mean over seeds. By Hoeffding's bound k sources miss a score by more than ε · n · (n - 2) with a
/// chance of at most 2 exp(-2kε²), half that distance in an undirected graph.
///
/// - Parameters:
///   - graph: Any graph. Paths follow arcs and are counted in steps; weights, loops and parallel edges do not matter.
///   - options: Sample, seed, scale.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(k · (n + m)) time for k sources; 28n bytes a thread (36n for wide targets) and 8n. Sources are cut
///   into 64 runs, each added up in its order and then the runs in theirs: the same bits for every thread count.
/// - Source: Brandes, "A faster algorithm for betweenness centrality", Journal of Mathematical Sociology 25, 2001,
///   section 4; the sample after Brandes, Pich, "Centrality estimation in large networks", International Journal of
///   Bifurcation and Chaos 17, 2007.
public func betweenness(
  of graph: CSRGraph, options: BetweennessOptions = .init(), context: RunContext = .init()
) throws(MillError) -> BetweennessResult {
  let sources = try NodeSample.nodes(
    of: options.sampleSize, from: graph.nodeCount, seed: options.seed, stage: "betweenness")
  let simple = try graph.prepared(Preparation(directions: nil, weights: .ignored), context: context).graph
  let scores = try simple.withRows(context: context, PathCounting(sources: sources, options: options))
  return BetweennessResult(scores: scores, sourceCount: sources.count, isExact: sources.count == graph.nodeCount)
}

private struct PathCounting: RowsVisitor {
  let sources: [Int]
  let options: BetweennessOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> SharedArray<Double> {
    let n = rows.nodeCount
    let scores = try FlatBuffer<Double>(count: n)
    // No path begins at a node without arcs; a run of such nodes would leave its thread idle.
    let starts = sources.filter { rows.degree($0) > 0 }
    rows.context.progress?.begin("betweenness", total: starts.count, unit: .items)
    defer { rows.context.progress?.end() }
    let runs = min(64, starts.count)
    let workers = max(1, min(rows.context.threads, runs))
    var searches: [PathSearch<ID>] = []
    for _ in 0..<workers { searches.append(try PathSearch(rows)) }
    // As many runs at a time as there are threads, so that each has its own sums; these are added in the runs' order.
    for first in stride(from: 0, to: runs, by: workers) {
      let wave = first..<min(first + workers, runs)
      try Parallel.forEachThrowing(wave.count, threads: workers) { (lane, _) throws(MillError) in
        let run = wave.lowerBound + lane
        try searches[lane].add(starts[run * starts.count / runs..<(run + 1) * starts.count / runs])
      }
      try rows.forEachChunk { nodes, _, _ in
        for search in searches.prefix(wave.count) { search.moveSums(of: nodes, to: scores) }
      }
    }
    let factor = scale(n, isDirected: rows.isDirected)
    for node in 0..<n { unsafe scores.base[node] *= factor }
    return SharedArray(scores)
  }

  private func scale(_ n: Int, isDirected: Bool) -> Double {
    guard n > 2 else { return 1 }
    let ofSample = Double(n) / Double(sources.count)
    // Both ends of an undirected pair were sources.
    if !options.isNormalized { return isDirected ? ofSample : ofSample / 2 }
    return ofSample / (Double(n - 1) * Double(n - 2))
  }
}

/// The searches of one thread, and the sum of what they found.
private struct PathSearch<ID: NodeIndex> {
  private let rows: GraphRows<ID>
  /// Steps from the source; -1 for nodes that were not reached.
  private let distances: FlatBuffer<Int32>
  /// Shortest paths from the source to each node.
  private let paths: FlatBuffer<Double>
  /// (1 + dependency) / paths of each node.
  private let shares: FlatBuffer<Double>
  private let sums: FlatBuffer<Double>
  /// Reached nodes by distance.
  private let queue: FlatBuffer<ID>

  init(_ rows: GraphRows<ID>) throws(MillError) {
    let n = rows.nodeCount
    self.rows = rows
    distances = try FlatBuffer(uninitializedCount: n)
    paths = try FlatBuffer(uninitializedCount: n)
    shares = try FlatBuffer(uninitializedCount: n)
    sums = try FlatBuffer(count: n)
    queue = try FlatBuffer(uninitializedCount: n)
    for node in 0..<n { unsafe distances.base[node] = -1 }
  }

  func add(_ sources: ArraySlice<Int>) throws(MillError) {
    for source in sources {
      try rows.context.checkCancelled()
      add(source)
      rows.context.progress?.advance(by: 1)
    }
  }

  private func add(_ source: Int) {
    let (distance, path, share) = unsafe (distances.base, paths.base, shares.base)
    unsafe distance[source] = 0
    unsafe path[source] = 1
    unsafe queue.base[0] = ID(truncatingIfNeeded: source)
    var (place, end) = (0, 1)
    while place < end {
      let node = unsafe Int(truncatingIfNeeded: queue.base[place])
      place &+= 1
      let next = unsafe distance[node] &+ 1
      let own = unsafe path[node]
      for arc in rows.arcs(node) {
        let other = rows.target(arc)
        let seen = unsafe distance[other]
        if seen == next {
          unsafe path[other] += own
        } else if seen < 0 {
          unsafe distance[other] = next
          unsafe path[other] = own
          unsafe queue.base[end] = ID(truncatingIfNeeded: other)
          end &+= 1
        }
      }
    }
    // From the farthest back: a node gets what the nodes one step farther hand down.
    for place in stride(from: end &- 1, through: 0, by: -1) {
      let node = unsafe Int(truncatingIfNeeded: queue.base[place])
      let next = unsafe distance[node] &+ 1
      var dependency = 0.0
      for arc in rows.arcs(node) {
        let other = rows.target(arc)
        if unsafe distance[other] == next { unsafe dependency += share[other] }
      }
      let own = unsafe path[node]
      dependency *= own
      unsafe share[node] = (1 + dependency) / own
      if place > 0 { unsafe sums.base[node] += dependency }
    }
    for place in 0..<end { unsafe distance[Int(truncatingIfNeeded: queue.base[place])] = -1 }
  }

  /// Adds the sums of some nodes to their scores and sets them to 0.
  func moveSums(of nodes: Range<Int>, to scores: FlatBuffer<Double>) {
    for node in nodes {
      unsafe scores.base[node] += sums.base[node]
      unsafe sums.base[node] = 0
    }
  }
}
