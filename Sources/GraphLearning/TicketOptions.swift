public import EdgeSparsification
import MillRuntime

/// The settings of ``findTickets(in:options:known:context:onRound:)``.
public struct TicketOptions: Sendable, Equatable, Codable {
  /// The network and its training. Seed, weight share and lambda are those of each round.
  public var training: TrainingOptions
  /// How edges are rated; the random score takes the seed of each run.
  public var score: EdgeScoreMethod
  /// The rounds, each at least 1. Round i removes the shares 1 - (1 - edgeRate)^i and 1 - (1 - weightRate)^i; all begin
  /// from the full graph and the same start.
  public var rounds: [Int]
  /// The share of the edges that a round removes of what the last one left, in 0..<1.
  public var edgeRate: Double
  /// The same for weights.
  public var weightRate: Double
  /// The weight of the distance to the dense network's outputs, at least 0; 0 trains without that teacher.
  public var lambda: Double
  /// A run a seed: it draws the start and dropout.
  public var seeds: [UInt64]

  /// By default five seeds, five rounds up to 64 % of the edges and 88 % of the weights, lambda 10.
  public init(
    training: TrainingOptions = .init(), score: EdgeScoreMethod = .teddy, rounds: [Int] = [1, 5, 9, 14, 20],
    edgeRate: Double = 0.05, weightRate: Double = 0.1, lambda: Double = 10, seeds: [UInt64] = [1, 2, 3, 4, 5]
  ) {
    self.training = training
    self.score = score
    self.rounds = rounds
    self.edgeRate = edgeRate
    self.weightRate = weightRate
    self.lambda = lambda
    self.seeds = seeds
  }

  /// The shares of edges and of weights that a round removes; 0 for round 0, the dense network.
  public func shares(ofRound round: Int) -> (edges: Double, weights: Double) {
    func share(_ rate: Double) -> Double { 1 - (0..<round).reduce(1) { product, _ in product * (1 - rate) } }
    return (share(edgeRate), share(weightRate))
  }

  /// The training of one round.
  func training(seed: UInt64, round: Int) -> TrainingOptions {
    var options = training
    options.seed = seed
    options.weightShare = shares(ofRound: round).weights
    options.lambda = round == 0 ? 0 : lambda
    return options
  }

  func check() throws(MillError) {
    try need(rounds.allSatisfy { $0 >= 1 && $0 <= 1000 }, "rounds must be 1 to 1000", rounds)
    try need(Set(rounds).count == rounds.count, "a round is asked for twice", rounds)
    try need(edgeRate >= 0 && edgeRate < 1, "the rate of edges must be at least 0 and below 1", edgeRate)
    try need(weightRate >= 0 && weightRate < 1, "the rate of weights must be at least 0 and below 1", weightRate)
    try need(lambda >= 0 && lambda.isFinite, "lambda must not be negative", lambda)
    try need(!seeds.isEmpty && Set(seeds).count == seeds.count, "there must be seeds, each once", seeds)
    try training.check()
  }
}
