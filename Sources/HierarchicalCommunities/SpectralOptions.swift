/// How the signal is separated from noise before nodes are clustered; the first stage of the bottom-up method.
public struct SpectralOptions: Sendable, Equatable, Codable {
  /// How rho, the leading eigenvalue of the non-backtracking matrix, is found.
  public enum Radius: String, Sendable, CaseIterable, Codable {
    /// The mean excess degree, sum of d² over sum of d, minus 1.
    case degrees
    /// By power iteration.
    case nonBacktracking = "non-backtracking"
  }
  /// Which eigenvectors the rows are made of.
  public enum Embedding: String, Sendable, CaseIterable, Codable {
    /// All at r = sqrt(rho).
    case oneShot = "one-shot"
    /// Vector p at its own r, where eigenvalue p of the Bethe-Hessian is 0.
    case tuned = "tuned"
  }

  /// What the first stage makes of weights.
  public enum Weights: String, Sendable, CaseIterable, Codable {
    /// Nothing: it works on the 0/1 graph.
    case none
    /// The weighted Bethe-Hessian counts and places the nodes. Weights that vary more than the theory has them mislead it:
    /// contacts at school, log(1 + w), give 11 groups instead of 9, and one weight that outdoes all hides the groups.
    case weighted
  }

  /// What is made of weights; with them, the radius is that of degrees and the embedding one-shot.
  public var weights: Weights
  /// How rho is found.
  public var radius: Radius
  /// Which vectors make the embedding.
  public var embedding: Embedding
  /// Communities at most, 1...120.
  public var maximumCount: Int
  /// Communities that the eigensolver has room for.
  static let largestCount = 120
  /// Times n^(-2/3): how far above the threshold an eigenvalue must lie to count, from 1,000 nodes on. 0 for every one.
  public var significance: Double
  /// Residuals at most this share of the distance to the threshold.
  public var tolerance: Double
  /// Graphs of up to this many nodes are decomposed densely.
  public var denseLimit: Int
  /// Total degree of the polynomial filter at most.
  public var maximumDegree: Int
  /// Steps of the probe for missed eigenvalues; nil for 60, or 80 up to 10,000 nodes.
  public var probeSteps: Int?

  /// Settings; the defaults suit graphs of any size.
  public init(
    weights: Weights = .none, radius: Radius = .degrees, embedding: Embedding = .oneShot, maximumCount: Int = 120,
    significance: Double = 1, tolerance: Double = 0.3, denseLimit: Int = 128, maximumDegree: Int = 100,
    probeSteps: Int? = nil
  ) {
    self.weights = weights
    self.radius = radius
    self.embedding = embedding
    self.maximumCount = maximumCount
    self.significance = significance
    self.tolerance = tolerance
    self.denseLimit = denseLimit
    self.maximumDegree = maximumDegree
    self.probeSteps = probeSteps
  }
}

/// What the spectrum says about communities.
public struct SpectralSummary: Sendable, Equatable, Codable {
  /// The number of communities: eigenvalues beyond threshold and margin, at least 1.
  public internal(set) var count = 1
  /// Negative eigenvalues of the Bethe-Hessian at r = sqrt(rho), without the margin and without the minimum of 1.
  public internal(set) var plainCount = 0
  /// Negative eigenvalues at -r, as far as the block saw them: groups that avoid each other.
  public internal(set) var disassortativeCount = 0
  /// Leading eigenvalue of the non-backtracking matrix, by the method chosen; with weights, the square of that eigenvalue
  /// over r, which is the same where weights are equal.
  public internal(set) var rho = 0.0
  /// 1 / sqrt(rho): eigenvalues of L_tau above it are signal.
  public internal(set) var threshold = 0.0
  /// Relative margin above the threshold.
  public internal(set) var margin = 0.0
  /// Eigenvalues of L_tau above the threshold (with a given K: the K largest), descending.
  public internal(set) var values: [Double] = []
  /// The largest eigenvalue behind them, in units of the threshold; nil when it is not known.
  public internal(set) var next: Double?
  /// Relative distance to the threshold from which the probe is sure to see an eigenvalue; 0 for the dense solver.
  public internal(set) var resolution = 0.0
  /// Matrix columns multiplied by A, the probe's included: the work done, the same on every machine.
  public internal(set) var products = 0
  /// Whether all residuals fell below the tolerance.
  public internal(set) var isConverged = true
  /// Whether there may be more communities than the maximum.
  public internal(set) var isCapped = false
  /// Whether r had to be raised above the heaviest weight: the count may then be too small.
  public internal(set) var isRadiusRaised = false

  /// A summary of nothing: one community.
  public init() {}
}
