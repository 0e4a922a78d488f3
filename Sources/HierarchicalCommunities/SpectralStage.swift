import Glibc
import MillRuntime

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
  ///   - enough: Counting may end with so many, for those who only ask whether there are.
  ///   - marginFrom: The number of nodes from which an eigenvalue must clear the margin.
  ///   - seed: Of start vectors.
  /// - Complexity: O((n + m) · columns · filter degree); two blocks of n · columns floats.
  /// - Source: Saade, Krzakala, Zdeborová, "Spectral clustering of graphs with the Bethe Hessian", NIPS 2014, section 3;
  ///   Dall'Amico, Couillet, Tremblay, JMLR 22, 2021 (the tuned embedding).
  static func run(
    _ graph: CommunityGraph, wanted: Int?, enough: Int = .max, options: SpectralOptions, marginFrom: Int = 1000,
    seed: UInt64, context: RunContext
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
      var solver = try BlockSolver(operation, summary, wanted: wanted, enough: enough, options, seed: seed)
      stage = try solver.run(context)
    }
    if options.embedding == .tuned, stage.dimensions > 1 {
      try stage.tune(graph, options: options, context: context)
    }
    stage.normalizeRows(threads: context.threads)
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
      let d = unsafe Double(graph.offsets[i + 1] - graph.offsets[i])
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
        unsafe next.withUnsafeMutableBufferPointer { next in
          unsafe x.withUnsafeBufferPointer { x in
            unsafe y.withUnsafeBufferPointer { y in
              let (next, x, y) = (next.baseAddress!, x.baseAddress!, y.baseAddress!)
              Parallel.forEachRange(of: n, size: 4096, threads: context.threads) { rows, _ in
                for i in rows {
                  var sum = 0.0
                  for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i &+ 1]) {
                    unsafe sum += x[Int(graph.targets[e])]
                  }
                  unsafe next[i] = sum + (1 - Double(graph.offsets[i &+ 1] &- graph.offsets[i])) * y[i]
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
  mutating func normalizeRows(threads: Int) {
    let (rows, stride, dimensions) = unsafe (rows.base, stride, dimensions)
    Parallel.forEachRange(of: self.rows.count / max(1, stride), size: 8192, threads: threads) {
      range, _ in
      for i in range {
        let row = unsafe rows + i &* stride
        var sum: Float = 0
        for k in 0..<dimensions { unsafe sum += row[k] * row[k] }
        let scale = sum > 0 ? 1 / sum.squareRoot() : 0
        for k in 0..<dimensions { unsafe row[k] *= scale }
      }
    }
  }
}
