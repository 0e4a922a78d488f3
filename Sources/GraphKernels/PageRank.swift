public import GraphStore
public import MillRuntime

/// The settings of ``pageRank(of:options:context:)``.
public struct PageRankOptions: Sendable, Equatable, Codable {
  /// The chance that the walker follows an edge instead of jumping, in 0..<1.
  public var damping: Double
  /// Stops when one round changes the scores by at most this much in all (the L1 norm), not negative.
  public var tolerance: Double
  /// Rounds at most, at least 1.
  public var maximumRounds: Int
  /// Whether an edge is followed in proportion to its weight; else every edge of a node alike.
  public var usesWeights: Bool
  /// Where a jump lands: one weight a node, not negative and not all 0; nil for every node alike. Makes the scores
  /// personal to the nodes of weight.
  public var restart: [Double]?

  /// Damping 0.85, tolerance 1e-9, 200 rounds, weights used, jumps to every node alike, unless told otherwise.
  public init(
    damping: Double = 0.85, tolerance: Double = 1e-9, maximumRounds: Int = 200, usesWeights: Bool = true,
    restart: [Double]? = nil
  ) {
    self.damping = damping
    self.tolerance = tolerance
    self.maximumRounds = maximumRounds
    self.usesWeights = usesWeights
    self.restart = restart
  }
}

/// What ``pageRank(of:options:context:)`` found, and how far it got.
public struct PageRankResult: Sendable, Equatable {
  /// One score a node, shape `[n]`; they sum to 1 within rounding.
  public let scores: SharedArray<Double>
  /// Rounds run.
  public let rounds: Int
  /// The L1 change of the last round.
  public let change: Double
  /// Whether `change` fell to the tolerance; false when the rounds ran out first.
  public let isConverged: Bool
  /// Nodes without an out-arc (of positive weight), from which the walker always jumps.
  public let danglingCount: Int
}

/// Scores every node by the share of time that a random walker spends on it.
///
/// The walker follows an out-arc with the chance `damping`, else jumps; on a dangling node, one without out-arcs, it
/// always jumps. An undirected graph is walked both ways. Parallel edges count each, a loop leads back to its node.
///
/// - Parameters:
///   - graph: Any graph. A directed one gets its in-arcs for the time of the call where it has none (a packed one is expanded
///     for that, also where it has weights).
///   - options: Damping, tolerance, rounds, weights, where jumps land.
///   - context: Threads, progress, a way to stop.
/// - Returns: Scores of shape `[n]`; none for a graph without nodes.
/// - Throws: `MillError`: `bad-option`, `bad-weight` for a negative weight, `over-budget`, `interrupted`.
/// - Complexity: O(rounds · (n + m)) time; 24n bytes, for a directed graph without in-arcs also theirs; where the memory
///   budget has room, 4 (8) bytes a node and arc more on large graphs. Every node adds up
///   its in-arcs in ascending order, chunks in theirs, so the same bits for every thread count.
/// - Source: Page, Brin, Motwani, Winograd, Stanford InfoLab report 1999-66, section 2.
public func pageRank(
  of graph: some NeighborGraph, options: PageRankOptions = .init(), context: RunContext = .init()
) throws(MillError) -> PageRankResult {
  guard options.damping >= 0, options.damping < 1 else {
    throw MillError(.badOption, "the damping must be in 0..<1", field: "\(options.damping)")
  }
  guard options.tolerance >= 0 else {
    throw MillError(.badOption, "the tolerance must not be negative", field: "\(options.tolerance)")
  }
  guard options.maximumRounds >= 1 else {
    throw MillError(.badOption, "there must be a round", field: "\(options.maximumRounds)")
  }
  if let restart = options.restart {
    guard restart.count == graph.nodeCount, restart.allSatisfy({ $0 >= 0 && $0 < .infinity }),
      case let sum = restart.reduce(0, +), sum > 0, sum < .infinity
    else {
      throw MillError(
        .badOption, "the restart needs one weight a node, not negative, not all 0 and of a finite sum",
        field: "\(restart.count)")
    }
  }
  let walked = options.usesWeights ? graph.stored : graph.stored.withoutWeights()
  if let weights = walked.weights, let bad = weights.first(where: { !($0 >= 0) }) {
    throw MillError(.badWeight, "the walk needs weights that are not negative", field: "\(bad)")
  }
  // Pulling along in-arcs needs no atomic sums, and fixes their order.
  let pulled = walked.isDirected ? try walked.transposed(context: context) : walked
  let walk = try walked.withRows(context: context, OutWeights())
  let rounds = PageRankRounds(walk: walk, options: options)
  // A few rounds do not pay for another order of columns.
  if case .lists(let graph) = pulled, options.maximumRounds >= 5 {
    return try graph.withRows(context: context, HotRounds(rounds: rounds))
  }
  return try pulled.withRows(context: context, rounds)
}

/// 1 over the out-weight of each node; 0 for dangling ones.
private struct WalkShares {
  let shares: FlatBuffer<Double>
  let danglingCount: Int
}

private struct OutWeights: SourceVisitor {
  func visit<Rows: RowSource>(_ rows: Rows) throws(MillError) -> WalkShares {
    let shares = try FlatBuffer<Double>(count: rows.nodeCount)
    let dangling = try parallelSum(rows.nodeCount, context: rows.context) { nodes in
      var dangling = 0
      for node in nodes {
        var total = Double(rows.degree(node))
        if let weights = unsafe rows.weights {
          total = 0
          for arc in rows.arcs(node) { unsafe total += weights[arc] }
        }
        unsafe shares.base[node] = total > 0 ? 1 / total : 0
        if !(total > 0) { dangling += 1 }
      }
      return dangling
    }
    return WalkShares(shares: shares, danglingCount: dangling)
  }
}

/// The rounds over lists in memory, whose columns may be read in an order of their own.
private struct HotRounds: RowsVisitor {
  let rounds: PageRankRounds

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> PageRankResult {
    guard let hot = try HotColumns(rows) else { return try rounds.visit(rows) }
    defer { withExtendedLifetime(hot) {} }
    return try unsafe rounds.run(rows, columns: hot.rows, places: UnsafePointer(hot.places.base))
  }
}

/// The rounds, over rows that list the arcs into each node.
private struct PageRankRounds: SourceVisitor {
  let walk: WalkShares
  let options: PageRankOptions

  func visit<Rows: RowSource>(_ rows: Rows) throws(MillError) -> PageRankResult {
    try unsafe run(rows, columns: rows, places: nil)
  }

  /// - Parameters:
  ///   - columns: The rows with each target at its place; weights are those of `rows`.
  ///   - places: The place of each node; nil where that is its number.
  func run<Rows: RowSource, Columns: RowSource>(
    _ rows: Rows, columns: Columns, places: UnsafePointer<Columns.ID>?
  ) throws(MillError) -> PageRankResult {
    let n = rows.nodeCount
    guard n > 0 else {
      return PageRankResult(scores: .empty, rounds: 0, change: 0, isConverged: true, danglingCount: 0)
    }
    let scores = try FlatBuffer<Double>(uninitializedCount: n)
    let sent = try FlatBuffer<Double>(uninitializedCount: n)
    let partial = try FlatBuffer<Double>(count: rows.chunkCount)
    let total = options.restart.map { $0.reduce(0, +) } ?? Double(n)
    func restart(_ node: Int) -> Double { (options.restart?[node] ?? 1) / total }
    for node in 0..<n { unsafe scores.base[node] = restart(node) }
    rows.context.progress?.begin("pagerank", total: options.maximumRounds, unit: .items)
    defer { rows.context.progress?.end() }
    var rounds = 0
    var change = Double.infinity
    while rounds < options.maximumRounds, rounds == 0 || change > options.tolerance {
      let stuck = try rows.nodeSum(partial) { nodes in
        var stuck = 0.0
        for node in nodes {
          let share = unsafe walk.shares.base[node]
          let place = unsafe places.map { unsafe Int(truncatingIfNeeded: $0[node]) } ?? node
          unsafe sent.base[place] = scores.base[node] * share
          if share == 0 { unsafe stuck += scores.base[node] }
        }
        return stuck
      }
      let jump = 1 - options.damping + options.damping * stuck
      let uniform = jump / Double(n)
      change = try rows.nodeSum(partial) { nodes in
        var change = 0.0
        for node in nodes {
          var pulled = 0.0
          if let weights = unsafe rows.weights {
            columns.forEachTarget(node) { target, arc in unsafe pulled += sent.base[target] * weights[arc] }
          } else {
            columns.forEachTarget(node) { target, _ in unsafe pulled += sent.base[target] }
          }
          let floor = options.restart == nil ? uniform : jump * restart(node)
          let score = floor + options.damping * pulled
          unsafe change += abs(score - scores.base[node])
          unsafe scores.base[node] = score
        }
        return change
      }
      rounds += 1
      rows.context.progress?.advance(by: 1)
    }
    withExtendedLifetime(walk.shares) {}
    return PageRankResult(
      scores: SharedArray(scores), rounds: rounds, change: change, isConverged: change <= options.tolerance,
      danglingCount: walk.danglingCount)
  }
}
