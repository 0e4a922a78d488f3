import Glibc
import MillRuntime

/// How a summary is organized.
public enum SummaryModel: String, Sendable, Codable, CaseIterable {
  /// A forest of nested supernodes of any height (SLUGGER).
  case hierarchical
  /// Supernodes without nesting, edges between them, corrections between nodes (Navlakha, Rastogi, Shrivastava,
  /// SIGMOD 2008).
  case flat
}

/// The saving that a merge must reach, by iteration.
public enum ThresholdSchedule: Sendable, Equatable, Codable {
  /// 1 / (1 + t), and 0 in the last iteration.
  case slugger
  /// high * ratio^((t - 1) / (T - 1)), and 0 in the last iteration.
  case geometric(high: Double, ratio: Double)

  /// The threshold of iteration `t` of `count`, both counted from 1.
  func threshold(_ t: Int, of count: Int) -> Double {
    if t >= count { return 0 }
    switch self {
    case .slugger: return 1 / Double(1 + t)
    case .geometric(let high, let ratio): return high * pow(ratio, Double(t - 1) / Double(count - 1))
    }
  }
}

/// Which neighborhoods candidate groups compare.
public enum ShingleNeighborhood: String, Sendable, Codable, CaseIterable {
  /// A node with its neighbors.
  case closed
  /// The neighbors alone.
  case open
  /// One of the two, tossed for each iteration.
  case mixed
}

/// When the groups of an iteration see each other's merges.
public enum MergeSchedule: String, Sendable, Codable, CaseIterable {
  /// At the end of the iteration: groups are decided in parallel, then all merges are applied in order, each after a
  /// check. The result does not depend on the thread count.
  case frozen
  /// At once: groups run one after the other.
  case sequential
}

/// The settings of ``summarize(of:options:context:)``.
public struct SummarizeOptions: Sendable, Equatable, Codable {
  /// Hierarchical or flat.
  public var model = SummaryModel.hierarchical
  /// Rounds of grouping and merging, at least 0. More give smaller summaries: 20, 50 and 200 are sensible.
  public var iterations = 20
  /// Members of a candidate group at most, in 2...65535.
  public var groupCap = 500
  /// Times that a group too large is split by a fresh hash, in 1...1000.
  public var maximumDepth = 10
  /// Height of a supernode tree at most (a leaf has 0); nil for no bound. Above 0.
  public var heightLimit: Int?
  /// The saving that a merge must reach.
  public var threshold = ThresholdSchedule.geometric(high: 0.5, ratio: 0.02)
  /// Subtracted from the edges saved when merges are compared, in 0...2; 0 is the rule of the paper.
  public var reductionOffset = 1.0
  /// Neighborhoods compared.
  public var neighborhood = ShingleNeighborhood.mixed
  /// When groups see each other's merges.
  public var schedule = MergeSchedule.frozen
  /// Pruning steps 1 to this one are run, in 0...3: useless supernodes, roots with one edge, flat pairs.
  public var pruningSteps = 3
  /// Whether edges are re-encoded exactly for the final forest.
  public var reencodes = true
  /// Whether what the model does not hold (self-loops, direction, weights, parallel edges) is kept beside it, so that
  /// restoring gives the input back.
  public var keepsInput = true
  /// Every random choice follows from it.
  public var seed: UInt64 = 42

  /// Settings; what is left out has the value that makes the smallest summaries for 20 iterations.
  public init(
    model: SummaryModel = .hierarchical, iterations: Int = 20, groupCap: Int = 500, maximumDepth: Int = 10,
    heightLimit: Int? = nil, threshold: ThresholdSchedule = .geometric(high: 0.5, ratio: 0.02),
    reductionOffset: Double = 1, neighborhood: ShingleNeighborhood = .mixed, schedule: MergeSchedule = .frozen,
    pruningSteps: Int = 3, reencodes: Bool = true, keepsInput: Bool = true, seed: UInt64 = 42
  ) {
    self.model = model
    self.iterations = iterations
    self.groupCap = groupCap
    self.maximumDepth = maximumDepth
    self.heightLimit = heightLimit
    self.threshold = threshold
    self.reductionOffset = reductionOffset
    self.neighborhood = neighborhood
    self.schedule = schedule
    self.pruningSteps = pruningSteps
    self.reencodes = reencodes
    self.keepsInput = keepsInput
    self.seed = seed
  }

  /// The algorithm as published: thresholds 1 / (1 + t), closed neighborhoods, no re-encoding.
  public static var published: SummarizeOptions {
    SummarizeOptions(threshold: .slugger, reductionOffset: 0, neighborhood: .closed, reencodes: false)
  }

  /// When roots merge in an iteration, counted from 1.
  func rule(_ t: Int) -> MergeRule {
    MergeRule(
      threshold: threshold.threshold(t, of: iterations), offset: reductionOffset, heightLimit: heightLimit ?? Int.max)
  }

  /// Refuses what is out of range.
  func validate() throws(MillError) {
    guard iterations >= 0 else { throw Self.bad("iterations", iterations, "0 or more") }
    guard (2...65535).contains(groupCap) else { throw Self.bad("group cap", groupCap, "2 to 65535") }
    guard (1...1000).contains(maximumDepth) else { throw Self.bad("maximum depth", maximumDepth, "1 to 1000") }
    if let heightLimit, heightLimit < 1 { throw Self.bad("height limit", heightLimit, "1 or more") }
    guard (0...2).contains(reductionOffset) else { throw Self.bad("reduction offset", reductionOffset, "0 to 2") }
    guard (0...3).contains(pruningSteps) else { throw Self.bad("number of pruning steps", pruningSteps, "0 to 3") }
    if case .geometric(let high, let ratio) = threshold {
      guard high > 0, high <= 1, ratio > 0, ratio <= 1 else {
        throw Self.bad("threshold schedule", "\(high) * \(ratio)^x", "above 0 and at most 1 in both numbers")
      }
    }
  }

  private static func bad(_ what: String, _ value: some CustomStringConvertible, _ range: String) -> MillError {
    MillError(.badOption, "the \(what) is \(value)", hint: "it must be \(range)")
  }
}
