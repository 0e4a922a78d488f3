import GraphStore
public import MillRuntime

/// The settings of ``findTicketsIteratively(in:options:context:onRound:)``.
public struct IterativeTicketOptions: Sendable, Equatable, Codable {
  /// The network, a GCN, and its training; the seed is that of each run, weight share and lambda are not looked at.
  public var training: TrainingOptions
  /// Rounds, at least 1.
  public var rounds: Int
  /// The share of the remaining edges that a round removes, in 0..<1.
  public var edgeRate: Double
  /// The same for weights.
  public var weightRate: Double
  /// The pull of the arcs' factors towards 0, at least 0.
  public var edgePenalty: Double
  /// The same for weights.
  public var weightPenalty: Double
  /// A run a seed.
  public var seeds: [UInt64]

  /// By default the published setting: 20 rounds of 5 % and 10 %.
  public init(
    training: TrainingOptions = .init(), rounds: Int = 20, edgeRate: Double = 0.05, weightRate: Double = 0.1,
    edgePenalty: Double = 1e-6, weightPenalty: Double = 1e-5, seeds: [UInt64] = [1, 2, 3, 4, 5]
  ) {
    self.training = training
    self.rounds = rounds
    self.edgeRate = edgeRate
    self.weightRate = weightRate
    self.edgePenalty = edgePenalty
    self.weightPenalty = weightPenalty
    self.seeds = seeds
  }

  func check() throws(MillError) {
    try training.check()
    try need(training.model == .gcn, "factors are trained for GCN alone", training.model.rawValue)
    try need(rounds >= 1 && rounds <= 1000, "rounds must be 1 to 1000", rounds)
    try need(edgeRate >= 0 && edgeRate < 1, "the rate of edges must be at least 0 and below 1", edgeRate)
    try need(weightRate >= 0 && weightRate < 1, "the rate of weights must be at least 0 and below 1", weightRate)
    try need(edgePenalty >= 0 && edgePenalty.isFinite, "penalties must not be negative", edgePenalty)
    try need(weightPenalty >= 0 && weightPenalty.isFinite, "penalties must not be negative", weightPenalty)
    try need(!seeds.isEmpty && Set(seeds).count == seeds.count, "there must be seeds, each once", seeds)
  }
}

/// The iterative rival of ``findTickets(in:options:known:context:onRound:)``: each round trains a factor for every arc and
/// every weight, removes the smallest, and trains again from the first start: two trainings a round.
///
/// An edge is as large as the factors of its two arcs together, so that edges and not arcs are counted.
///
/// - Parameters:
///   - data: Graph, features, labels and split.
///   - options: Network, rounds, rates, penalties, seeds.
///   - context: Threads, progress, cancellation.
///   - onRound: Hears of every round.
/// - Returns: All rounds, seed by seed, from 1 on; their seconds hold both trainings.
/// - Throws: `MillError`: `bad-option`, `bad-features`, `over-budget`, `interrupted`, what `onRound` throws.
/// - Complexity: 2 rounds trainings a seed; the training of factors costs a product an arc more. The same results for
///   every number of threads and every processor.
/// - Source: Chen, Sui, Chen, Zhang, Wang, ICML 2021 (arXiv 2102.06790), algorithms 1 and 2.
@discardableResult
public func findTicketsIteratively(
  in data: AttributedGraph, options: IterativeTicketOptions = .init(), context: RunContext = .init(),
  onRound: (TicketRound) throws(MillError) -> Void = { _ in }
) throws(MillError) -> [TicketRound] {
  try options.check()
  let features = try InputFeatures(data.features, options.training.scaling)
  var rounds: [TicketRound] = []
  for seed in options.seeds {
    var search = try IterativeSearch(data: data, features: features, options: options, seed: seed, context: context)
    for round in 1...options.rounds {
      let record = try search.run(round)
      rounds.append(record)
      try onRound(record)
    }
  }
  return rounds
}

/// What is left of edges and weights after some rounds of one seed.
private struct IterativeSearch {
  private let data: AttributedGraph
  private let features: InputFeatures
  private let options: IterativeTicketOptions
  private let training: TrainingOptions
  private let context: RunContext
  private var graph: CSRGraph
  private let present: FlatBuffer<Float>
  private var weightCount: Int

  init(
    data: AttributedGraph, features: InputFeatures, options: IterativeTicketOptions, seed: UInt64, context: RunContext
  ) throws(MillError) {
    self.data = data
    self.features = features
    self.options = options
    self.context = context
    var training = options.training
    training.seed = seed
    self.training = training
    graph = data.graph
    let layout = ParameterLayout(training, featureCount: features.columns, classCount: data.classCount)
    present = try FlatBuffer<Float>(count: layout.stored)
    weightCount = layout.count
    layout.forEachParameter { _, place in unsafe present.base[place] = 1 }
  }

  mutating func run(_ round: Int) throws(MillError) -> TicketRound {
    let start = monotonicSeconds()
    try prune(trainFactors(round))
    let network = try MaskedGCN(input(), present: present, maskSeed: nil)
    let best = try train(network) {
    } keep: {
    }
    let edges = data.graph.edgeCount
    let weights = network.parameters.layout.count
    return TicketRound(
      round: round, seed: training.seed, edgeShare: Double(edges - graph.edgeCount) / Double(max(1, edges)),
      weightShare: Double(weights - weightCount) / Double(weights), test: best.test,
      validation: best.validation, epoch: best.epoch, seconds: monotonicSeconds() - start)
  }

  private func input() -> NetworkInput {
    NetworkInput(
      graph: graph, classCount: data.classCount, features: features, options: training,
      math: MatrixMath(threads: context.threads), context: context)
  }

  private func train(
    _ network: MaskedGCN, step: () -> Void, keep: () -> Void
  ) throws(MillError) -> EpochRecord {
    let math = MatrixMath(threads: context.threads)
    let loss = try Loss(data, teacher: nil, lambda: 0, math)
    return try runEpochs(network, loss, data, training, context) {
      network.parameters.step(training, math)
      step()
    } keep: {
      keep()
    }.best
  }

  /// The network with the factors of the best epoch.
  private func trainFactors(
    _ round: Int
  ) throws(MillError) -> (network: MaskedGCN, weights: FlatBuffer<Float>, arcs: FlatBuffer<Float>) {
    let seed = CounterRandom.mix(CounterRandom.mix(training.seed) &+ UInt64(round))
    let network = try MaskedGCN(input(), present: present, maskSeed: seed)
    let math = MatrixMath(threads: context.threads)
    let weights = try FlatBuffer<Float>(count: network.weightMask.values.count)
    let arcs = try FlatBuffer<Float>(count: network.arcMask.values.count)
    _ = try train(network) {
      for (mask, penalty) in [
        (network.weightMask, options.weightPenalty), (network.arcMask, options.edgePenalty),
      ] {
        for place in 0..<mask.gradients.count {
          let value = unsafe mask.values.base[place]
          unsafe mask.gradients.base[place] += Float(penalty) * (value > 0 ? 1 : value < 0 ? -1 : 0)
        }
        mask.step(training, math)
      }
    } keep: {
      unsafe weights.base.update(from: network.weightMask.values.base, count: weights.count)
      unsafe arcs.base.update(from: network.arcMask.values.base, count: arcs.count)
    }
    return (network, weights, arcs)
  }

  /// Removes the smallest factors' weights and edges; of equal ones those that come first.
  private mutating func prune(
    _ found: (network: MaskedGCN, weights: FlatBuffer<Float>, arcs: FlatBuffer<Float>)
  ) throws(MillError) {
    var weights: [(size: Float, place: Int)] = []
    found.network.parameters.layout.forEachParameter { _, place in
      if unsafe present.base[place] == 1 { unsafe weights.append((found.weights.base[place].magnitude, place)) }
    }
    weights.sort { ($0.size, $0.place) < ($1.size, $1.place) }
    let gone = Int(options.weightRate * Double(weights.count))
    for (_, place) in weights.prefix(gone) { unsafe present.base[place] = 0 }
    weightCount -= gone

    var sizes = [Float](repeating: 0, count: graph.edgeCount)
    let graph = self.graph
    var edges: [(u: Int, v: Int)] = []
    var number = 0
    found.network.forEachArcInOrder { node, other, entry in
      guard node < other else { return }
      sizes[number] = unsafe found.arcs.base[entry].magnitude
      unsafe sizes[number] += found.arcs.base[found.network.reverse(of: entry)].magnitude
      edges.append((node, other))
      number += 1
    }
    let order = edges.indices.sorted { (sizes[$0], $0) < (sizes[$1], $1) }
    let removed = Set(order.prefix(Int(options.edgeRate * Double(edges.count))).map { edges[$0].u << 32 | edges[$0].v })
    self.graph = try graph.keepingArcs(context: context) { u, v, _ in
      !removed.contains(min(u, v) << 32 | max(u, v))
    }
  }
}
