import Glibc
import MillRuntime

/// How the signal is separated from noise before nodes are clustered; the first stage of the bottom-up method.
public struct SpectralOptions: Sendable, Equatable {
  /// How rho, the leading eigenvalue of the non-backtracking matrix, is found.
  public enum Radius: String, Sendable, CaseIterable {
    /// The mean excess degree, sum of d² over sum of d, minus 1.
    case degrees
    /// By power iteration.
    case nonBacktracking = "non-backtracking"
  }
  /// Which eigenvectors the rows are made of.
  public enum Embedding: String, Sendable, CaseIterable {
    /// All at r = sqrt(rho).
    case oneShot = "one-shot"
    /// Vector p at its own r, where eigenvalue p of the Bethe-Hessian is 0.
    case tuned = "tuned"
  }

  /// What the first stage makes of weights.
  public enum Weights: String, Sendable, CaseIterable {
    /// Nothing: it works on the 0/1 graph.
    case none
    /// The weighted Bethe-Hessian counts and places the nodes. Weights that vary more than the theory has them mislead it:
    /// contacts at school, log(1 + w), give 11 groups instead of 9, and one weight that outdoes all hides the groups.
    case weighted
  }

  /// What is made of weights; with them, the radius is that of degrees and the embedding one-shot.
  public var weights = Weights.none
  /// How rho is found.
  public var radius = Radius.degrees
  /// Which vectors make the embedding.
  public var embedding = Embedding.oneShot
  /// Communities at most, 1...120.
  public var maximumCount = 120
  /// Times n^(-2/3): how far above the threshold an eigenvalue must lie to count, from 1,000 nodes on. 0 for every one.
  public var significance = 1.0
  /// Residuals at most this share of the distance to the threshold.
  public var tolerance = 0.3
  /// Graphs of up to this many nodes are decomposed densely.
  public var denseLimit = 128
  /// Total degree of the polynomial filter at most.
  public var maximumDegree = 100
  /// Steps of the probe for missed eigenvalues; nil for 60, or 80 up to 10,000 nodes.
  public var probeSteps: Int?
  /// The defaults above.
  public init() {}
}

/// What the spectrum says about communities.
public struct SpectralSummary: Sendable, Equatable {
  /// The number of communities: eigenvalues beyond threshold and margin, at least 1.
  public var count = 1
  /// Negative eigenvalues of the Bethe-Hessian at r = sqrt(rho), without the margin and without the minimum of 1.
  public var plainCount = 0
  /// Negative eigenvalues at -r, as far as the block saw them: groups that avoid each other.
  public var disassortativeCount = 0
  /// Leading eigenvalue of the non-backtracking matrix, by the method chosen; with weights, the square of that eigenvalue
  /// over r, which is the same where weights are equal.
  public var rho = 0.0
  /// 1 / sqrt(rho): eigenvalues of L_tau above it are signal.
  public var threshold = 0.0
  /// Relative margin above the threshold.
  public var margin = 0.0
  /// Eigenvalues of L_tau above the threshold (with a given K: the K largest), descending.
  public var values: [Double] = []
  /// The largest eigenvalue behind them, in units of the threshold; nil when it is not known.
  public var next: Double?
  /// Relative distance to the threshold from which the probe is sure to see an eigenvalue; 0 for the dense solver.
  public var resolution = 0.0
  /// Matrix columns multiplied by A, the probe's included: the work done, the same on every machine.
  public var products = 0
  /// Whether all residuals fell below the tolerance.
  public var isConverged = true
  /// Whether there may be more communities than the maximum.
  public var isCapped = false
  /// Whether r had to be raised above the heaviest weight: the count may then be too small.
  public var isRadiusRaised = false

  /// A summary of nothing: one community.
  public init() {}
}

/// Rows of the leading eigenvectors, and what was learned on the way.
struct SpectralStage {
  var summary: SpectralSummary
  /// Row-major, `stride` floats a node, the first `dimensions` of them filled with unit rows.
  var rows: FlatBuffer<Float>
  var stride: Int
  var dimensions: Int
}

extension SpectralStage {
  /// Runs the stage on a graph without isolated nodes.
  ///
  /// - Parameters:
  ///   - wanted: The number of communities, nil to count them.
  ///   - marginFrom: The number of nodes from which an eigenvalue must clear the margin.
  ///   - seed: Of start vectors.
  /// - Complexity: O((n + m) · columns · filter degree); two blocks of n · columns floats.
  /// - Source: Saade, Krzakala, Zdeborová, "Spectral clustering of graphs with the Bethe Hessian", NIPS 2014, section 3;
  ///   Dall'Amico, Couillet, Tremblay, JMLR 22, 2021 (the tuned embedding).
  static func run(
    _ graph: CommunityGraph, wanted: Int?, options: SpectralOptions, marginFrom: Int = 1000, seed: UInt64,
    context: RunContext
  ) throws(MillError) -> SpectralStage {
    let n = graph.nodeCount
    var summary = SpectralSummary()
    let weighted = options.weights == .weighted ? WeightedBetheHessian(graph) : nil
    if let weighted {
      (summary.rho, summary.isRadiusRaised) = (weighted.rho, weighted.isRaised)
    } else {
      summary.rho = try radius(graph, options.radius, context)
    }
    let isFlat = !(summary.rho > 1)
    if n == 0 || (isFlat && wanted ?? 1 <= 1) {
      summary.threshold = summary.rho > 0 ? 1 / summary.rho.squareRoot() : 0
      return SpectralStage(summary: summary, rows: try FlatBuffer(count: n), stride: 1, dimensions: n > 0 ? 1 : 0)
    }
    let rho = max(summary.rho, 1.0001)
    let operation = try SpectralOperator(graph, rho: rho, weighted: weighted, threads: context.threads)
    summary.threshold = operation.threshold
    summary.margin = n >= marginFrom ? options.significance * pow(Double(n), -2 / 3.0) : 0
    var stage: SpectralStage
    if n <= options.denseLimit {
      stage = try DenseSpectrum.run(operation, summary, wanted: wanted, options)
    } else {
      var solver = try BlockSolver(operation, summary, wanted: wanted, options, seed: seed)
      stage = try solver.run(context)
    }
    if options.embedding == .tuned, stage.dimensions > 1 {
      try stage.tune(graph, options: options, context: context)
    }
    stage.normaliseRows(threads: context.threads)
    return stage
  }

  /// The leading eigenvalue of the non-backtracking matrix.
  static func radius(
    _ graph: CommunityGraph, _ method: SpectralOptions.Radius, _ context: RunContext
  ) throws(MillError) -> Double {
    let n = graph.nodeCount
    guard n > 0 else { return 0 }
    var squares = 0.0
    for i in 0..<n {
      let d = Double(graph.offsets[i + 1] - graph.offsets[i])
      squares += d * d
    }
    let fromDegrees = squares / Double(graph.arcCount) - 1
    guard method == .nonBacktracking, fromDegrees > 0 else { return fromDegrees }
    return try powerIteration(graph, start: fromDegrees, context)
  }

  /// The leading eigenvalue of [[A, I - D], [I, 0]], which is that of the non-backtracking matrix. Two steps are taken
  /// together, since a bipartite graph has the opposite eigenvalue too.
  private static func powerIteration(
    _ graph: CommunityGraph, start: Double, _ context: RunContext
  ) throws(MillError) -> Double {
    let n = graph.nodeCount
    var (x, y) = ([Double](repeating: 1, count: n), [Double](repeating: 1 / max(start, 1), count: n))
    var next = x
    var last = 0.0
    for round in 0..<2000 {
      if round % 16 == 0 { try context.checkCancelled() }
      let low = x.reduce(0) { $0 + $1 * $1 } + y.reduce(0) { $0 + $1 * $1 }
      guard low > 0 else { return 0 }
      for _ in 0..<2 {
        next.withUnsafeMutableBufferPointer { next in
          x.withUnsafeBufferPointer { x in
            y.withUnsafeBufferPointer { y in
              let (next, x, y) = (next.baseAddress!, x.baseAddress!, y.baseAddress!)
              Parallel.forEachRange(of: n, size: 4096, threads: context.threads) { rows, _ in
                for i in rows {
                  var sum = 0.0
                  for e in Int(graph.offsets[i])..<Int(graph.offsets[i &+ 1]) { sum += x[Int(graph.targets[e])] }
                  next[i] = sum + (1 - Double(graph.offsets[i &+ 1] &- graph.offsets[i])) * y[i]
                }
              }
            }
          }
        }
        y = x
        swap(&x, &next)
      }
      let high = x.reduce(0) { $0 + $1 * $1 } + y.reduce(0) { $0 + $1 * $1 }
      let estimate = (high / low).squareRoot().squareRoot()
      let scale = 1 / max(high.squareRoot(), .leastNormalMagnitude)
      for i in 0..<n {
        x[i] *= scale
        y[i] *= scale
      }
      if abs(estimate - last) <= 1e-12 * estimate { return estimate }
      last = estimate
    }
    return last
  }

  /// Gives every row unit length; a row of zeros stays.
  mutating func normaliseRows(threads: Int) {
    let (rows, stride, dimensions) = (rows.base, stride, dimensions)
    Parallel.forEachRange(of: self.rows.count / max(1, stride), size: 8192, threads: threads) {
      range, _ in
      for i in range {
        let row = rows + i &* stride
        var sum: Float = 0
        for k in 0..<dimensions { sum += row[k] * row[k] }
        let scale = sum > 0 ? 1 / sum.squareRoot() : 0
        for k in 0..<dimensions { row[k] *= scale }
      }
    }
  }
}
