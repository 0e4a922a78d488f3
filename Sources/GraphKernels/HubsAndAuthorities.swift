public import GraphStore
public import MillRuntime

/// The settings of ``hubsAndAuthorities(of:options:context:)``.
public struct HubsAndAuthoritiesOptions: Sendable, Equatable, Codable {
  /// Stops when one round changes the scores by at most this much in all (the L1 norm of both), not negative.
  public var tolerance: Double
  /// Rounds at most, at least 1.
  public var maximumRounds: Int
  /// Whether an arc counts by its weight; else all alike.
  public var usesWeights: Bool

  /// Tolerance 1e-9, 1000 rounds, weights used, unless told otherwise.
  public init(tolerance: Double = 1e-9, maximumRounds: Int = 1000, usesWeights: Bool = true) {
    self.tolerance = tolerance
    self.maximumRounds = maximumRounds
    self.usesWeights = usesWeights
  }
}

/// What ``hubsAndAuthorities(of:options:context:)`` found, and how far it got.
public struct HubsAndAuthoritiesResult: Sendable, Equatable {
  /// How far each node points to authorities, shape `[n]`; they sum to 1 within rounding, or are all 0 without arcs.
  public let hubs: SharedArray<Double>
  /// How far hubs point to each node, shape `[n]`; they sum to 1 within rounding, or are all 0 without arcs.
  public let authorities: SharedArray<Double>
  /// Rounds run.
  public let rounds: Int
  /// The L1 change of both in the last round.
  public let change: Double
  /// Whether `change` fell to the tolerance; false when the rounds ran out first.
  public let isConverged: Bool
}

/// Scores every node twice (HITS): a good hub points to good authorities, a good authority is pointed to by good hubs.
///
/// All hubs begin alike; in turn authorities add up the hubs that point to them and hubs the authorities that they
/// point to. Of several limits, as in a graph that falls apart, that is the one this beginning leads to. In an undirected
/// graph both are the same, except for a bipartite one.
///
/// - Parameters:
///   - graph: Any graph. Parallel arcs count each, loops too. A directed one gets its in-arcs for the time of the call
///     where it has none.
///   - options: Tolerance, rounds, weights.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `bad-weight` with the edge for a weight that is negative or not finite,
///   `over-budget`, `interrupted`.
/// - Complexity: O(rounds · (n + m)) time; 16n bytes, for a directed graph also its in-arcs. Every node adds up its arcs
///   in ascending order, chunks in theirs: the same bits for every thread count.
/// - Source: Kleinberg, "Authoritative sources in a hyperlinked environment", Journal of the ACM 46, 1999, section 3.
public func hubsAndAuthorities(
  of graph: CSRGraph, options: HubsAndAuthoritiesOptions = .init(), context: RunContext = .init()
) throws(MillError) -> HubsAndAuthoritiesResult {
  guard options.tolerance >= 0 else {
    throw MillError(.badOption, "the tolerance must not be negative", field: "\(options.tolerance)")
  }
  guard options.maximumRounds >= 1 else {
    throw MillError(.badOption, "there must be a round", field: "\(options.maximumRounds)")
  }
  let walked = options.usesWeights ? graph : graph.withoutWeights()
  try walked.refuseWeights(context: context) { !($0 >= 0 && $0 < .infinity) }
  let reversed = try walked.transposed(context: context)
  return try walked.withRows(context: context, ForwardArcs(reversed: reversed, options: options))
}

private struct ForwardArcs: RowsVisitor {
  let reversed: CSRGraph
  let options: HubsAndAuthoritiesOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> HubsAndAuthoritiesResult {
    try reversed.withRows(context: rows.context, MutualRounds(forward: rows, options: options))
  }
}

/// The rounds, over rows that list the arcs into each node.
private struct MutualRounds<Forward: NodeIndex>: RowsVisitor {
  let forward: GraphRows<Forward>
  let options: HubsAndAuthoritiesOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> HubsAndAuthoritiesResult {
    let n = rows.nodeCount
    let hubs = try FlatBuffer<Double>(count: n)
    let authorities = try FlatBuffer<Double>(count: n)
    let old = try FlatBuffer<Double>(uninitializedCount: n)
    let partial = try FlatBuffer<Double>(count: max(rows.chunkCount, forward.chunkCount))
    rows.context.progress?.begin("hubs and authorities", total: options.maximumRounds, unit: .items)
    defer { rows.context.progress?.end() }
    var rounds = 0
    var change = Double.infinity
    if rows.arcCount > 0 { for node in 0..<n { unsafe hubs.base[node] = 1 / Double(n) } } else { change = 0 }
    while rows.arcCount > 0, rounds < options.maximumRounds, rounds == 0 || change > options.tolerance {
      change = try pull(rows, hubs, into: authorities, old, partial)
      change += try pull(forward, authorities, into: hubs, old, partial)
      rounds += 1
      rows.context.progress?.advance(by: 1)
    }
    return HubsAndAuthoritiesResult(
      hubs: SharedArray(hubs), authorities: SharedArray(authorities), rounds: rounds, change: change,
      isConverged: change <= options.tolerance)
  }

  /// Adds up the given scores over the arcs of every row and divides by their sum; returns the L1 change.
  private func pull<ID: NodeIndex>(
    _ rows: GraphRows<ID>, _ given: FlatBuffer<Double>, into scores: FlatBuffer<Double>, _ old: FlatBuffer<Double>,
    _ partial: FlatBuffer<Double>
  ) throws(MillError) -> Double {
    let total = try rows.nodeSum(partial) { nodes in
      var total = 0.0
      for node in nodes {
        var pulled = 0.0
        if let weights = unsafe rows.weights {
          for arc in rows.arcs(node) { unsafe pulled += given.base[rows.target(arc)] * weights[arc] }
        } else {
          for arc in rows.arcs(node) { unsafe pulled += given.base[rows.target(arc)] }
        }
        unsafe old.base[node] = scores.base[node]
        unsafe scores.base[node] = pulled
        total += pulled
      }
      return total
    }
    let factor = total > 0 && total < .infinity ? 1 / total : 0
    return try rows.nodeSum(partial) { nodes in
      var change = 0.0
      for node in nodes {
        unsafe scores.base[node] *= factor
        unsafe change += abs(scores.base[node] - old.base[node])
      }
      return change
    }
  }
}
