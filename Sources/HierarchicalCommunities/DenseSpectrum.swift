import MillRuntime

/// The spectral stage of small graphs: all eigenvalues of L_tau, found densely.
enum DenseSpectrum {
  static func run(
    _ operation: SpectralOperator, _ initial: SpectralSummary, wanted: Int?, _ options: SpectralOptions
  ) throws(MillError) -> SpectralStage {
    var summary = initial
    let n = operation.n
    let found = decompose(operation)
    let descending = Array(found.values.reversed())
    let threshold = summary.threshold
    summary.plainCount = descending.count { $0 > threshold * (1 + 1e-9) }
    summary.disassortativeCount = descending.count { $0 < -threshold * (1 + 1e-9) }
    let counted = descending.count { $0 > threshold * (1 + max(summary.margin, 1e-9)) }
    summary.isCapped = counted > options.maximumCount
    summary.count = max(1, min(wanted ?? counted, options.maximumCount, n))
    summary.products = n
    let shown = wanted == nil ? max(summary.plainCount, 1) : summary.count
    summary.values = Array(descending.prefix(shown))
    if shown < n { summary.next = descending[shown] / threshold }
    let dimensions = summary.count
    let stride = (dimensions + 7) / 8 * 8
    let rows = try FlatBuffer<Float>(count: n * stride)
    for k in 0..<dimensions {
      for i in 0..<n { unsafe rows.base[i * stride + k] = Float(found.vectors[i * n + n - 1 - k]) }
    }
    return SpectralStage(summary: summary, rows: rows, stride: stride, dimensions: dimensions)
  }

  /// All of L_tau, or of D^(-1/2) B D^(-1/2) where weights matter, ascending.
  static func decompose(_ operation: SpectralOperator) -> SymmetricEigen.Decomposition {
    guard let weighted = operation.weighted else { return decompose(operation.graph, tau: operation.rho - 1) }
    let (graph, n) = (operation.graph, operation.n)
    let roots = (0..<n).map { weighted.diagonal($0).squareRoot() }
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) {
        let j = unsafe Int(graph.targets[e])
        matrix[i * n + j] = weighted.entry(e) / (roots[i] * roots[j])
      }
    }
    return SymmetricEigen.decompose(matrix, size: n)
  }

  /// All of L_tau = D_tau^(-1/2) A D_tau^(-1/2), ascending.
  static func decompose(_ graph: CommunityGraph, tau: Double) -> SymmetricEigen.Decomposition {
    let n = graph.nodeCount
    let roots = (0..<n).map { unsafe (Double(graph.offsets[$0 + 1] - graph.offsets[$0]) + tau).squareRoot() }
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) {
        let j = unsafe Int(graph.targets[e])
        matrix[i * n + j] = 1 / (roots[i] * roots[j])
      }
    }
    return SymmetricEigen.decompose(matrix, size: n)
  }
}
