public import GraphStore
public import MillRuntime

/// The settings of ``closeness(of:options:context:)``.
public struct ClosenessOptions: Sendable, Equatable, Codable {
  /// Nodes to which distances are taken, drawn without repetition; nil takes all and is exact.
  public var sampleSize: Int?
  /// Decides which nodes are drawn.
  public var seed: UInt64
  /// Whether closeness is multiplied by the share of nodes that are reached, so that nodes of small components do not
  /// come first.
  public var scalesByReach: Bool

  /// Exact, not scaled, unless told otherwise.
  public init(sampleSize: Int? = nil, seed: UInt64 = 42, scalesByReach: Bool = false) {
    self.sampleSize = sampleSize
    self.seed = seed
    self.scalesByReach = scalesByReach
  }
}

/// What ``closeness(of:options:context:)`` found.
public struct ClosenessResult: Sendable, Equatable {
  /// One over the mean distance to the nodes that each node reaches; 0 for a node that reaches none. Shape `[n]`.
  public let closeness: SharedArray<Double>
  /// The mean over all other nodes of one over the distance to them, 0 for those not reached. Shape `[n]`.
  public let harmonic: SharedArray<Double>
  /// Nodes to which distances were taken.
  public let targetCount: Int
  /// Whether these were all, so that the scores are exact within rounding.
  public let isExact: Bool
}

/// Scores every node by how near the others are: closeness and harmonic centrality.
///
/// Distances are steps along arcs, away from the node. From a sample of targets each score is the same mean, over the
/// targets alone.
///
/// - Parameters:
///   - graph: Any graph. Weights, loops and parallel edges do not matter.
///   - options: Sample, seed, scale.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(k · (n + m)) time at most for k targets, less where the searches of 64 targets, which run together,
///   meet; 52n bytes a thread (60n for wide targets) and 28n. Sums of steps are whole numbers, harmonic sums are added up by
///   search and level: the same bits for every thread count.
/// - Source: Bavelas, "Communication patterns in task-oriented groups", Journal of the Acoustical Society of America 22,
///   1950; Boldi, Vigna, "Axioms for centrality", Internet Mathematics 10, 2014, section 3 (harmonic); the sample after
///   Eppstein, Wang, "Fast approximation of centrality", SODA 2001; the scale after Wasserman, Faust, "Social Network
///   Analysis", 1994, section 5.2.
public func closeness(
  of graph: CSRGraph, options: ClosenessOptions = .init(), context: RunContext = .init()
) throws(MillError) -> ClosenessResult {
  let targets = try NodeSample.nodes(
    of: options.sampleSize, from: graph.nodeCount, seed: options.seed, stage: "closeness")
  // Searched backwards from the targets.
  let reversed = try graph.withoutWeights().transposed(context: context)
  context.progress?.begin("closeness", total: targets.count, unit: .items)
  defer { context.progress?.end() }
  return try reversed.withRows(context: context, DistanceSums(targets: targets, options: options))
}

private struct DistanceSums: RowsVisitor {
  let targets: [Int]
  let options: ClosenessOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> ClosenessResult {
    let n = rows.nodeCount
    let steps = try FlatBuffer<UInt64>(count: n)
    let reached = try FlatBuffer<UInt32>(count: n)
    let inverse = try FlatBuffer<Double>(count: n)
    let batches = Parallel.chunkCount(targets.count, size: 64)
    let workers = max(1, min(rows.context.threads, batches))
    var searches: [DistanceSearch<ID>] = []
    for _ in 0..<workers { searches.append(try DistanceSearch(rows)) }
    for first in stride(from: 0, to: batches, by: workers) {
      let wave = first..<min(first + workers, batches)
      try Parallel.forEachThrowing(wave.count, threads: workers) { (lane, _) throws(MillError) in
        let batch = Parallel.range(ofChunk: wave.lowerBound + lane, size: 64, count: targets.count)
        try searches[lane].run(to: targets[batch])
        rows.context.progress?.advance(by: batch.count)
      }
      try rows.forEachChunk { nodes, _, _ in
        for search in searches.prefix(wave.count) { search.moveSums(of: nodes, to: steps, reached, inverse) }
      }
    }
    return try scores(steps, reached, inverse)
  }

  private func scores(
    _ steps: FlatBuffer<UInt64>, _ reached: FlatBuffer<UInt32>, _ inverse: FlatBuffer<Double>
  ) throws(MillError) -> ClosenessResult {
    let n = steps.count
    let closeness = try FlatBuffer<Double>(uninitializedCount: n)
    for node in 0..<n { unsafe closeness.base[node] = Double(targets.count) }
    // A node is no target of its own.
    for target in targets { unsafe closeness.base[target] -= 1 }
    for node in 0..<n {
      let others = unsafe closeness.base[node]
      let found = unsafe Double(reached.base[node])
      let share = options.scalesByReach && others > 0 ? found / others : 1
      unsafe closeness.base[node] = found > 0 ? found / Double(steps.base[node]) * share : 0
      if others > 0 { unsafe inverse.base[node] /= others }
    }
    return ClosenessResult(
      closeness: SharedArray(closeness), harmonic: SharedArray(inverse), targetCount: targets.count,
      isExact: targets.count == n)
  }
}

/// The searches of one thread, and the sums of what they found.
private struct DistanceSearch<ID: NodeIndex> {
  private let search: MultiSourceSearch<ID>
  private let steps: FlatBuffer<UInt64>
  private let reached: FlatBuffer<UInt32>
  private let inverse: FlatBuffer<Double>

  init(_ rows: GraphRows<ID>) throws(MillError) {
    search = try MultiSourceSearch(rows)
    steps = try FlatBuffer(count: rows.nodeCount)
    reached = try FlatBuffer(count: rows.nodeCount)
    inverse = try FlatBuffer(count: rows.nodeCount)
  }

  func run(to targets: ArraySlice<Int>) throws(MillError) {
    try search.run(from: targets) { node, level, found in
      let count = found.nonzeroBitCount
      unsafe reached.base[node] &+= UInt32(truncatingIfNeeded: count)
      unsafe steps.base[node] &+= UInt64(truncatingIfNeeded: count &* level)
      unsafe inverse.base[node] += Double(count) / Double(level)
    }
  }

  /// Adds the sums of some nodes to those of all searches and sets them to 0.
  func moveSums(
    of nodes: Range<Int>, to steps: FlatBuffer<UInt64>, _ reached: FlatBuffer<UInt32>, _ inverse: FlatBuffer<Double>
  ) {
    for node in nodes {
      unsafe steps.base[node] &+= self.steps.base[node]
      unsafe reached.base[node] &+= self.reached.base[node]
      unsafe inverse.base[node] += self.inverse.base[node]
      unsafe self.steps.base[node] = 0
      unsafe self.reached.base[node] = 0
      unsafe self.inverse.base[node] = 0
    }
  }
}
