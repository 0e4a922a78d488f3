public import GraphStore
public import MillRuntime

/// The settings of ``randomWalks(of:from:options:context:)``.
public struct RandomWalksOptions: Sendable, Equatable, Codable {
  /// Walks that begin at each node, at least 1.
  public var walksPerNode: Int
  /// Nodes of a walk, the first included, at least 1.
  public var length: Int
  /// node2vec's p, above 0: large values keep a walk from stepping straight back.
  public var returnParameter: Double
  /// node2vec's q, above 0: large values keep a walk near the node before.
  public var inOutParameter: Double
  /// Whether an arc is taken in proportion to its weight; else all arcs of a node alike.
  public var usesWeights: Bool
  /// Decides the walks.
  public var seed: UInt64

  /// 10 walks of 80 nodes from each node, without a bias, weights used, unless told otherwise.
  public init(
    walksPerNode: Int = 10, length: Int = 80, returnParameter: Double = 1, inOutParameter: Double = 1,
    usesWeights: Bool = true, seed: UInt64 = 42
  ) {
    self.walksPerNode = walksPerNode
    self.length = length
    self.returnParameter = returnParameter
    self.inOutParameter = inOutParameter
    self.usesWeights = usesWeights
    self.seed = seed
  }
}

/// What ``randomWalks(of:from:options:context:)`` made.
public struct RandomWalksResult: Sendable, Equatable {
  /// The nodes of the walks, shape `[walks, length]`: for each round a walk from each start, in their order; -1 behind
  /// the end of a walk that came to a node without arcs.
  public let nodes: SharedArray<Int32>
  /// Nodes of a walk.
  public let length: Int

  /// The number of walks.
  public var count: Int { nodes.count / length }

  /// The nodes of one walk, as far as it came.
  public func walk(_ index: Int) -> [Int] {
    nodes.shared(index * length..<(index + 1) * length).prefix { $0 >= 0 }.map { Int($0) }
  }
}

/// Walks at random along arcs, for the training of node embeddings.
///
/// The step from u to v, after one from t to u, is taken in proportion to the weight of the arc times 1/p where v is t,
/// 1 where there is an arc from t to v, and 1/q elsewhere (node2vec); with p = q = 1 by the weight alone.
///
/// A walk depends on the seed, its round and its first node only: the walks of all nodes can be made a few starts at a
/// time.
///
/// - Parameters:
///   - graph: Any graph. Parallel arcs count each, a loop leads back to its node.
///   - starts: Where walks begin; nil for all nodes in their order.
///   - options: Walks, length, bias, weights, seed.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `node-out-of-range`, `bad-weight` with the edge for a weight that is negative or
///   not finite, `over-budget`, `interrupted`; `unsupported` for 2^31 nodes or more.
/// - Complexity: O(1) draws a step, O(log degree) with weights or a bias, O(degree log degree) where a bias refuses
///   nearly all; 4 bytes a step, 8m with weights. The same walks for every thread count.
/// - Source: Perozzi, Al-Rfou, Skiena, "DeepWalk", KDD 2014, section 4.2; Grover, Leskovec, "node2vec", KDD 2016, section
///   3.2; the draws by rejection after Yang, Zhang, Chen, Yang, "KnightKing", SOSP 2019, section 4.
public func randomWalks(
  of graph: CSRGraph, from starts: [Int]? = nil, options: RandomWalksOptions = .init(), context: RunContext = .init()
) throws(MillError) -> RandomWalksResult {
  guard options.walksPerNode >= 1, options.length >= 1 else {
    throw MillError(
      .badOption, "there must be a walk, and a node in it", field: "\(min(options.walksPerNode, options.length))")
  }
  for parameter in [options.returnParameter, options.inOutParameter]
  where !(parameter > 0 && 1 / parameter > 0 && 1 / parameter < .infinity) {
    throw MillError(.badOption, "the parameters of the bias must be above 0 and finite", field: "\(parameter)")
  }
  guard graph.nodeCount <= Int(Int32.max) else {
    throw MillError(.unsupported, "random walks on 2^31 nodes or more", field: "\(graph.nodeCount)")
  }
  if let bad = starts?.first(where: { $0 < 0 || $0 >= graph.nodeCount }) {
    throw MillError(.nodeOutOfRange, "not a node of the graph, which has \(graph.nodeCount)", field: "\(bad)")
  }
  let walked = options.usesWeights ? graph : graph.withoutWeights()
  try walked.refuseWeights(context: context) { !($0 >= 0 && $0 < .infinity) }
  let starts = starts ?? Array(graph.nodes)
  context.progress?.begin("random walks", total: starts.count, unit: .items)
  defer { context.progress?.end() }
  return try walked.withRows(context: context, Walking(starts: starts, options: options))
}

private struct Walking: RowsVisitor {
  let starts: [Int]
  let options: RandomWalksOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> RandomWalksResult {
    let (walks, overflow) = starts.count.multipliedReportingOverflow(by: options.walksPerNode)
    let (steps, stepOverflow) = walks.multipliedReportingOverflow(by: options.length)
    guard !overflow, !stepOverflow else {
      throw MillError(.overBudget, "more walks than memory can name", field: "\(options.walksPerNode)")
    }
    let nodes = try FlatBuffer<Int32>(uninitializedCount: steps)
    let stepper = try WalkStepper(rows, options)
    let stream = RandomStream(seed: options.seed, stage: "random-walks")
    let length = options.length
    _ = try parallelSum(walks, size: 256, context: rows.context) { range in
      for walk in range {
        let (round, start) = (walk / starts.count, starts[walk % starts.count])
        var random = stream.item(UInt64(round) &* UInt64(rows.nodeCount) &+ UInt64(start))
        let own = unsafe nodes.base + walk * length
        unsafe own[0] = Int32(truncatingIfNeeded: start)
        var (before, node) = (-1, start)
        for step in 1..<max(1, length) {
          let next = node < 0 ? -1 : stepper.step(from: node, after: before, &random)
          unsafe own[step] = Int32(truncatingIfNeeded: next)
          (before, node) = (node, next)
        }
      }
      rows.context.progress?.advance(by: range.count / options.walksPerNode)
      return 0
    }
    withExtendedLifetime(stepper) {}
    return RandomWalksResult(nodes: SharedArray(nodes), length: length)
  }
}

/// Draws the next node of a walk.
private struct WalkStepper<ID: NodeIndex> {
  private let rows: GraphRows<ID>
  /// The sums of the weights of each row up to and with each arc; nil for an unweighted graph.
  private let sums: FlatBuffer<Double>?
  private let back: Double
  private let out: Double
  private let largest: Double
  private let isBiased: Bool

  init(_ rows: GraphRows<ID>, _ options: RandomWalksOptions) throws(MillError) {
    self.rows = rows
    (back, out) = (1 / options.returnParameter, 1 / options.inOutParameter)
    largest = max(1, back, out)
    isBiased = back != 1 || out != 1
    guard let weights = unsafe rows.weights else {
      sums = nil
      return
    }
    let sums = try FlatBuffer<Double>(uninitializedCount: rows.arcCount)
    try rows.forEachChunk { nodes, _, _ in
      for node in nodes {
        var sum = 0.0
        for arc in rows.arcs(node) {
          unsafe sum += weights[arc]
          unsafe sums.base[arc] = sum
        }
      }
    }
    self.sums = sums
  }

  /// The node behind `node`, to which the walk came from `before` (-1 at its beginning); -1 where no arc leads on.
  func step(from node: Int, after before: Int, _ random: inout CounterRandom) -> Int {
    guard canLeave(node) else { return -1 }
    guard isBiased, before >= 0 else { return rows.target(draw(node, &random)) }
    // Draws by weight alone and keeps a draw with its bias as the chance.
    for _ in 0..<32 {
      let arc = draw(node, &random)
      if random.unit() * largest < bias(rows.target(arc), before) { return rows.target(arc) }
    }
    return exactDraw(node, before, &random)
  }

  private func canLeave(_ node: Int) -> Bool {
    guard rows.degree(node) > 0 else { return false }
    guard let sums else { return true }
    let total = unsafe sums.base[rows.end(node) - 1]
    return total > 0 && total < .infinity
  }

  /// An arc by its weight.
  private func draw(_ node: Int, _ random: inout CounterRandom) -> Int {
    let arcs = rows.arcs(node)
    guard let sums else { return arcs.lowerBound + Int(random.below(UInt64(arcs.count))) }
    let wanted = unsafe random.unit() * sums.base[arcs.upperBound - 1]
    return min(arcs.upperBound - 1, arcs.partitionPoint { unsafe sums.base[$0] > wanted })
  }

  private func bias(_ target: Int, _ before: Int) -> Double {
    target == before ? back : rows.arc(before, target) != nil ? 1 : out
  }

  /// An arc by its weight and bias, all arcs looked at.
  private func exactDraw(_ node: Int, _ before: Int, _ random: inout CounterRandom) -> Int {
    func share(_ arc: Int) -> Double {
      let weight = unsafe rows.weights.map { unsafe $0[arc] } ?? 1
      return weight * (bias(rows.target(arc), before) / largest)
    }
    var total = 0.0
    for arc in rows.arcs(node) { total += share(arc) }
    var left = random.unit() * total
    var last = -1
    for arc in rows.arcs(node) {
      let own = share(arc)
      if own > 0 { last = rows.target(arc) }
      left -= own
      if left < 0 { return last }
    }
    return last < 0 ? rows.target(draw(node, &random)) : last
  }
}
