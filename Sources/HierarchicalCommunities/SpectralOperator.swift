import CMillKernels
import GraphStore
import MillRuntime

/// P = D_tau⁻¹ A with D_tau = D + tau I, self-adjoint in the inner product <u, v> = sum of (d + tau) u v and similar to
/// L_tau = D_tau^(-1/2) A D_tau^(-1/2). Nothing of it is formed.
///
/// Every sum runs over fixed chunks of rows whose results are added in chunk order, so the bits do not depend on the
/// number of threads.
struct SpectralOperator: @unchecked Sendable {
  static let productRows = 2048
  static let sumRows = 8192

  let graph: CommunityGraph
  let n: Int
  /// Mean excess degree (or another estimate of the leading non-backtracking eigenvalue).
  let rho: Double
  /// Eigenvalues of L_tau above this stand for communities: 1 / sqrt(rho).
  let threshold: Double
  let weight: FlatBuffer<Float>
  let inverse: FlatBuffer<Float>
  /// The matrix of weights, where they matter: P = D⁻¹ B.
  let weighted: WeightedBetheHessian?
  /// The entry of B of each arc; nil where all are 1.
  private let entries: FlatBuffer<Float>?
  let threads: Int
  let prefetches: Bool

  /// - Parameters:
  ///   - tau: nil for rho - 1, the value at which the count is taken.
  ///   - weighted: nil for the 0/1 graph.
  init(
    _ graph: CommunityGraph, rho: Double, tau: Double? = nil, weighted: WeightedBetheHessian? = nil, threads: Int
  ) throws(MillError) {
    self.graph = graph
    self.rho = rho
    self.weighted = weighted
    self.threads = threads
    n = graph.nodeCount
    threshold = 1 / rho.squareRoot()
    weight = try FlatBuffer(uninitializedCount: n)
    inverse = try FlatBuffer(uninitializedCount: n)
    prefetches = n >= 20_000
    let tau = tau ?? rho - 1
    let (weight, inverse, offsets) = unsafe (weight.base, inverse.base, graph.offsets)
    if let weighted {
      let values = try FlatBuffer<Float>(uninitializedCount: graph.arcCount)
      for e in 0..<graph.arcCount { unsafe values.base[e] = Float(weighted.entry(e)) }
      entries = values
    } else {
      entries = nil
    }
    for i in 0..<n {
      let value = unsafe weighted?.diagonal(i) ?? Double(offsets[i &+ 1] &- offsets[i]) + tau
      unsafe weight[i] = Float(value)
      unsafe inverse[i] = Float(1 / value)
    }
  }

  /// y = scale P x, or scale P x - y.
  func product(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, columns: Int, scale: Double, subtracts: Bool
  ) {
    let (offsets, targets, inverse) = unsafe (graph.offsets, graph.targets, inverse.base)
    if let entries = unsafe entries?.base {
      Parallel.forEachRange(of: n, size: Self.productRows, threads: threads) { rows, _ in
        unsafe mill_valued_block_product(
          offsets, targets, entries, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(columns), x, y, inverse,
          Float(scale), subtracts ? 1 : 0)
      }
      return
    }
    let prefetches = prefetches && n * columns > 1 << 19
    Parallel.forEachRange(of: n, size: Self.productRows, threads: threads) { rows, _ in
      unsafe mill_block_product(
        offsets, targets, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(columns), x, y, inverse, Float(scale),
        subtracts ? 1 : 0, prefetches ? 1 : 0)
    }
  }

  /// <x_a, y_b> for all pairs of columns, row-major.
  func gram(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, columns: Int) -> [Double] {
    let weight = unsafe weight.base
    return unsafe chunkedSum(columns * columns) { rows, sums in
      let at = rows.lowerBound
      unsafe mill_weighted_gram(
        x + at * columns, y + at * columns, weight + at, Int64(rows.count), Int64(columns), sums)
    }
  }

  /// x = x rotation, row by row.
  func rotate(_ x: UnsafeMutablePointer<Float>, by rotation: [Float], columns: Int) {
    unsafe rotation.withUnsafeBufferPointer { rotation in
      let rotation = rotation.baseAddress!
      Parallel.forEachRange(of: n, size: Self.sumRows, threads: threads) { rows, _ in
        unsafe mill_rotate_rows(x + rows.lowerBound * columns, rotation, Int64(rows.count), Int64(columns))
      }
    }
  }

  /// Takes the components along the first `kept` columns of x (orthonormal) out of two vectors.
  func deflate(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, against x: UnsafePointer<Float>, columns: Int,
    kept: Int
  ) {
    guard kept > 0 else { return }
    let weight = unsafe weight.base
    let sums = unsafe chunkedSum(2 * columns) { rows, sums in
      let at = rows.lowerBound
      unsafe mill_project_pair(a + at, b + at, x + at * columns, weight + at, Int64(rows.count), Int64(columns), sums)
    }
    var coefficients = sums.map { Float($0) }
    for k in kept..<columns { (coefficients[k], coefficients[columns + k]) = (0, 0) }
    unsafe coefficients.withUnsafeBufferPointer { coefficients in
      let coefficients = coefficients.baseAddress!
      Parallel.forEachRange(of: n, size: Self.sumRows, threads: threads) { rows, _ in
        let at = rows.lowerBound
        unsafe mill_deflate_pair(a + at, b + at, x + at * columns, coefficients, Int64(rows.count), Int64(columns))
      }
    }
  }

  /// previous = scale P current - beta previous; returns <current, the new previous>.
  func lanczosProduct(
    _ current: UnsafePointer<Float>, _ previous: UnsafeMutablePointer<Float>, scale: Double, beta: Double
  ) -> Double {
    let (offsets, targets, inverse, weight) = unsafe (graph.offsets, graph.targets, inverse.base, weight.base)
    if let entries = unsafe entries?.base {
      return unsafe chunkedSum(1, size: Self.productRows) { rows, sums in
        unsafe sums[0] = mill_valued_lanczos_product(
          offsets, targets, entries, Int64(rows.lowerBound), Int64(rows.upperBound), current, previous, inverse, weight,
          Float(scale), Float(beta))
      }[0]
    }
    return unsafe chunkedSum(1, size: Self.productRows) { rows, sums in
      unsafe sums[0] = mill_lanczos_product(
        offsets, targets, Int64(rows.lowerBound), Int64(rows.upperBound), current, previous, inverse, weight,
        Float(scale), Float(beta))
    }[0]
  }

  /// a -= alpha b; returns <a, a>.
  func subtract(_ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, alpha: Double) -> Double {
    let weight = unsafe weight.base
    return unsafe chunkedSum(1) { rows, sums in
      let at = rows.lowerBound
      unsafe sums[0] = mill_axpy_norm(a + at, b + at, weight + at, Float(alpha), Int64(rows.count))
    }[0]
  }

  /// Fills column `column` from a counter-based generator: uniform in -1..<1 over the root of d + tau.
  func fill(_ x: UnsafeMutablePointer<Float>, column: Int, columns: Int, key: UInt64) {
    let weight = unsafe weight.base
    Parallel.forEachRange(of: n, size: Self.sumRows, threads: threads) { rows, _ in
      for i in rows {
        let bits = CounterRandom.mix(key ^ (UInt64(truncatingIfNeeded: i) &* 0xd1b5_4a32_d192_ed03)) &>> 40
        unsafe x[i &* columns &+ column] = (Float(bits) * 0x1p-23 - 1) / weight[i].squareRoot()
      }
    }
  }

  /// Sums of `width` numbers over chunks of rows, added in chunk order.
  private func chunkedSum(
    _ width: Int, size: Int = sumRows, _ body: (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let chunks = Parallel.chunkCount(n, size: size)
    var partial = [Double](repeating: 0, count: max(1, chunks) * width)
    unsafe partial.withUnsafeMutableBufferPointer { partial in
      let base = partial.baseAddress!
      Parallel.forEachRange(of: n, size: size, threads: threads) { rows, _ in
        unsafe body(rows, base + rows.lowerBound / size * width)
      }
    }
    var sums = Array(partial.prefix(width))
    for chunk in 1..<max(1, chunks) {
      for k in 0..<width { sums[k] += partial[chunk * width + k] }
    }
    return sums
  }
}
