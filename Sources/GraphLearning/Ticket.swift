import EdgeSparsification
public import GraphStore
public import MillRuntime

/// A graph lottery ticket: the edges that were kept and the sparse weights of a network trained on them.
public struct Ticket: Sendable {
  /// The settings of the training.
  public let options: TrainingOptions
  /// The network's matrices.
  public let shape: NetworkShape
  /// All parameters, matrix by matrix, row by row; many are 0.
  public let weights: SharedArray<Float>
  /// The kept edges, undirected, over the nodes of the full graph.
  public let graph: CSRGraph
  /// The fingerprint of the full graph.
  public let graphFingerprint: String
  /// The names of the classes.
  public let classNames: [String]
  /// The round; 0 for the dense network on the full graph.
  public let round: Int
  /// The share of the edges that was removed.
  public let edgeShare: Double
  /// What the chosen epoch came to.
  public let best: EpochRecord

  /// Parameters that are not 0.
  public var weightCount: Int { weights.count { $0 != 0 } }
  /// The share of the parameters that are 0.
  public var weightShare: Double { Double(weights.count - weightCount) / Double(max(1, weights.count)) }
}

/// What one round of one seed came to.
public struct TicketRound: Sendable, Equatable, Codable {
  /// The round; 0 is the dense network on the full graph.
  public let round: Int
  /// The seed.
  public let seed: UInt64
  /// The share of the edges that was removed, in 0...1.
  public let edgeShare: Double
  /// The share of the parameters that are 0, in 0...1.
  public let weightShare: Double
  /// Accuracy on the test nodes, in 0...1; NaN without any.
  public let test: Double
  /// Accuracy on the validation nodes, in 0...1.
  public let validation: Double
  /// The chosen epoch.
  public let epoch: Int
  /// Wall-clock seconds of the training.
  public var seconds: Double

  /// A record.
  public init(
    round: Int, seed: UInt64, edgeShare: Double, weightShare: Double, test: Double, validation: Double, epoch: Int,
    seconds: Double
  ) {
    self.round = round
    self.seed = seed
    self.edgeShare = edgeShare
    self.weightShare = weightShare
    self.test = test
    self.validation = validation
    self.epoch = epoch
    self.seconds = seconds
  }
}

/// What the seeds of one round came to.
public struct TicketSummary: Sendable, Equatable {
  /// The round; 0 is the dense network on the full graph.
  public let round: Int
  /// Seeds.
  public let count: Int
  /// The mean share of removed edges.
  public let edgeShare: Double
  /// The mean share of parameters that are 0.
  public let weightShare: Double
  /// The mean accuracy on the test nodes.
  public let test: Double
  /// Its standard deviation over seeds, with n - 1 below; 0 of one seed.
  public let testDeviation: Double
  /// The mean accuracy on the validation nodes.
  public let validation: Double

  /// The summaries of all rounds that occur, in ascending order.
  public static func all(of rounds: [TicketRound]) -> [TicketSummary] {
    Set(rounds.map(\.round)).sorted().map { round in
      let own = rounds.filter { $0.round == round }
      func mean(_ value: (TicketRound) -> Double) -> Double { own.reduce(0) { $0 + value($1) } / Double(own.count) }
      let test = mean(\.test)
      let squares = own.reduce(0) { $0 + ($1.test - test) * ($1.test - test) }
      return TicketSummary(
        round: round, count: own.count, edgeShare: mean(\.edgeShare), weightShare: mean(\.weightShare), test: test,
        testDeviation: own.count > 1 ? (squares / Double(own.count - 1)).squareRoot() : 0,
        validation: mean(\.validation))
    }
  }
}

/// Trains a network on the full graph, then on ever sparser ones with ever sparser weights, for every seed.
///
/// Edges are removed in one shot from their scores alone; each round is one training from the same start, drawn towards
/// the outputs of the dense network (round 0) of its seed.
///
/// - Parameters:
///   - data: Graph, features, labels and split.
///   - options: Network, score, rounds and seeds.
///   - known: Rounds of an earlier, interrupted run with the same data and options; they are not run again.
///   - context: Threads, progress, cancellation.
///   - onRound: Hears of every round, known ones included, seed by seed, round 0 first.
/// - Returns: All rounds in that order, and the ticket of the best validation accuracy behind round 0 (of the dense
///   network where no other round was asked for); of equals the first.
/// - Throws: `MillError`: `bad-option`, `bad-features`, `over-budget`, `interrupted`, what `onRound` throws.
/// - Complexity: (1 + rounds) trainings a seed; see ``trainNetwork(on:options:teacher:context:)``. The same results for
///   every number of threads and every processor.
/// - Source: Seo, Yun, Yang, ICLR 2024 (arXiv 2402.01261), algorithms 1 and 2.
public func findTickets(
  in data: AttributedGraph, options: TicketOptions = .init(), known: [TicketRound] = [],
  context: RunContext = .init(), onRound: (TicketRound) throws(MillError) -> Void = { _ in }
) throws(MillError) -> (rounds: [TicketRound], best: Ticket) {
  try options.check()
  var search = try TicketSearch(data: data, options: options, context: context)
  var rounds: [TicketRound] = []
  for seed in options.seeds {
    for round in [0] + options.rounds.sorted() {
      let record: TicketRound
      if let old = known.first(where: { $0.seed == seed && $0.round == round }) {
        record = old
      } else {
        record = try search.run(seed: seed, round: round)
      }
      rounds.append(record)
      try onRound(record)
    }
  }
  let candidates = options.rounds.isEmpty ? rounds : rounds.filter { $0.round > 0 }
  var best = candidates[0]
  for record in candidates where record.validation > best.validation { best = record }
  return (rounds, try search.ticket(seed: best.seed, round: best.round))
}

/// The rounds of a search; keeps the dense network of the present seed and the best ticket so far.
private struct TicketSearch {
  let data: AttributedGraph
  let options: TicketOptions
  let context: RunContext
  private let features: InputFeatures
  private let graphFingerprint: String
  private var teacher: (seed: UInt64, network: TrainedNetwork)?
  private var kept: [(seed: UInt64, ticket: Ticket)] = []

  init(data: AttributedGraph, options: TicketOptions, context: RunContext) throws(MillError) {
    self.data = data
    self.options = options
    self.context = context
    features = try InputFeatures(data.features, options.training.scaling)
    graphFingerprint = data.graph.fingerprint(context: context)
  }

  private mutating func dense(seed: UInt64) throws(MillError) -> TrainedNetwork {
    if let teacher, teacher.seed == seed { return teacher.network }
    let network = try trainNetwork(
      on: data, features, options: options.training(seed: seed, round: 0), teacher: nil, context: context)
    teacher = (seed, network)
    return network
  }

  mutating func run(seed: UInt64, round: Int) throws(MillError) -> TicketRound {
    let outputs = options.lambda > 0 && round > 0 ? try dense(seed: seed).outputs : nil
    let start = monotonicSeconds()
    let sparse = try sparser(seed: seed, round: round)
    let network: TrainedNetwork
    if round == 0 {
      network = try dense(seed: seed)
    } else {
      network = try trainNetwork(
        on: data.replacing(graph: sparse.graph), features, options: options.training(seed: seed, round: round),
        teacher: outputs, context: context)
    }
    let seconds = monotonicSeconds() - start
    let ticket = Ticket(
      options: network.options, shape: network.shape, weights: network.weights, graph: sparse.graph,
      graphFingerprint: graphFingerprint, classNames: data.classNames, round: round,
      edgeShare: sparse.share, best: network.best)
    keep(ticket, seed: seed)
    return TicketRound(
      round: round, seed: seed, edgeShare: sparse.share, weightShare: network.weightShare, test: network.best.test,
      validation: network.best.validation, epoch: network.best.epoch, seconds: seconds)
  }

  /// Keeps the first of the best tickets of round 0 and of the other rounds.
  private mutating func keep(_ ticket: Ticket, seed: UInt64) {
    let place = kept.firstIndex { ($0.ticket.round == 0) == (ticket.round == 0) }
    guard let place else { return kept.append((seed, ticket)) }
    if ticket.best.validation > kept[place].ticket.best.validation { kept[place] = (seed, ticket) }
  }

  /// The ticket of a round; one that was not run here is trained again.
  mutating func ticket(seed: UInt64, round: Int) throws(MillError) -> Ticket {
    if let found = kept.first(where: { $0.seed == seed && $0.ticket.round == round }) { return found.ticket }
    kept = []
    _ = try run(seed: seed, round: round)
    return kept[0].ticket
  }

  private func sparser(seed: UInt64, round: Int) throws(MillError) -> (graph: CSRGraph, share: Double) {
    let share = options.shares(ofRound: round).edges
    guard share > 0 else { return (data.graph, 0) }
    let result = try sparsify(
      data.graph,
      options: SparsifyOptions(.share(share), score: EdgeScoreOptions(method: options.score, seed: seed)),
      context: context)
    return (result.graph, result.shareReached)
  }
}
