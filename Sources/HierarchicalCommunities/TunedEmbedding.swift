import MillRuntime

extension SpectralStage {
  /// Replaces the rows: column p comes from the Bethe-Hessian at its own r, zeta_p in (1, sqrt(rho)], where eigenvalue p is
  /// 0. The first column is constant, as it is at zeta_1 = 1.
  ///
  /// H_r x = 0 means P x = x / r at tau = r² - 1, so the block that was found is filtered at that tau; the next r is the
  /// root of x' H_r x, a quadratic in r.
  ///
  /// - Complexity: About 10 Rayleigh-Ritz steps a column.
  /// - Source: Dall'Amico, Couillet, Tremblay, "A unified framework for spectral clustering in sparse graphs", JMLR 22,
  ///   2021, algorithm 2.
  mutating func tune(_ graph: CommunityGraph, options: SpectralOptions, context: RunContext) throws(MillError) {
    let n = graph.nodeCount
    let rho = max(summary.rho, 1.0001)
    let tuned = try FlatBuffer<Float>(count: n * stride)
    for i in 0..<n { unsafe tuned.base[i * stride] = Float(1 / Double(n).squareRoot()) }
    let isDense = n <= options.denseLimit
    var block = rows
    let columns = stride
    for p in Swift.stride(from: dimensions, to: 1, by: -1) {
      var r = rho.squareRoot()
      var column = [Double](repeating: 0, count: n)
      for _ in 0..<12 {
        try context.checkCancelled()
        if isDense {
          let found = DenseSpectrum.decompose(graph, tau: r * r - 1)
          // Back from L_tau to P.
          for i in 0..<n {
            let root = unsafe (Double(graph.offsets[i + 1] - graph.offsets[i]) + r * r - 1).squareRoot()
            column[i] = found.vectors[i * n + n - p] / root
          }
        } else {
          let operation = try SpectralOperator(graph, rho: rho, tau: r * r - 1, threads: context.threads)
          var solver = try BlockSolver(
            warm: block, columns: columns, operation, edge: 2 * rho.squareRoot() / (rho + r * r), options)
          block = try solver.sweep(rounds: 2)
          summary.products += solver.products
          for i in 0..<n { column[i] = unsafe Double(block.base[i * columns + p - 1]) }
        }
        let next = Self.root(graph, column, largest: rho.squareRoot())
        let change = abs(next - r)
        r = next
        if change < 1e-6 { break }
      }
      let norm = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for i in 0..<n { unsafe tuned.base[i * columns + p - 1] = Float(column[i] / max(norm, 1e-300)) }
    }
    rows = tuned
  }

  /// The smaller root of x' H_r x = s r² - a r + (M - s), within 1...largest.
  private static func root(_ graph: CommunityGraph, _ x: [Double], largest: Double) -> Double {
    var (s, m, a) = (0.0, 0.0, 0.0)
    for i in 0..<graph.nodeCount {
      var sum = 0.0
      for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) { unsafe sum += x[Int(graph.targets[e])] }
      a += x[i] * sum
      s += x[i] * x[i]
      unsafe m += x[i] * x[i] * Double(graph.offsets[i + 1] - graph.offsets[i])
    }
    let discriminant = a * a - 4 * s * (m - s)
    guard s > 0, discriminant >= 0 else { return largest }
    return min(largest, max(1.0001, (a - discriminant.squareRoot()) / (2 * s)))
  }
}
