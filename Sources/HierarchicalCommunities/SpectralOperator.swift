import CMillKernels
import GraphStore
import MillKernels
import MillRuntime

/// P = D_tau⁻¹ A with D_tau = D + tau I, self-adjoint in the inner product <u, v> = sum of (d + tau) u v and similar to
/// L_tau = D_tau^(-1/2) A D_tau^(-1/2). Nothing of it is formed.
///
/// Every sum runs over fixed chunks of rows whose results are added in chunk order, so the bits do not depend on the
/// number of threads.
struct SpectralOperator: @unchecked Sendable {
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
  let rows: DenseRows
  /// A, or B where the weights matter.
  private let matrix: SparseProduct

  /// - Parameters:
  ///   - tau: nil for rho - 1, the value at which the count is taken.
  ///   - weighted: nil for the 0/1 graph.
  init(
    _ graph: CommunityGraph, rho: Double, tau: Double? = nil, weighted: WeightedBetheHessian? = nil, threads: Int
  ) throws(MillError) {
    self.graph = graph
    self.rho = rho
    self.weighted = weighted
    n = graph.nodeCount
    threshold = 1 / rho.squareRoot()
    weight = try FlatBuffer(uninitializedCount: n)
    inverse = try FlatBuffer(uninitializedCount: n)
    rows = DenseRows(count: n, threads: threads)
    let tau = tau ?? rho - 1
    let (weight, inverse, offsets) = unsafe (weight.base, inverse.base, graph.offsets)
    var entries: FlatBuffer<Float>?
    if let weighted {
      let values = try FlatBuffer<Float>(uninitializedCount: graph.arcCount)
      for e in 0..<graph.arcCount { unsafe values.base[e] = Float(weighted.entry(e)) }
      entries = values
    }
    matrix = unsafe SparseProduct(
      rowCount: n, offsets: offsets, targets: graph.targets, values: entries, threads: threads)
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
    unsafe matrix.multiply(x, into: y, columns: columns, rowFactors: inverse.base, scale: scale, subtracts: subtracts)
  }

  /// <x_a, y_b> for all pairs of columns, row-major.
  func gram(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, columns: Int) -> [Double] {
    unsafe rows.gram(x, y, columns: columns, weight: weight.base)
  }

  /// Takes the components along the first `kept` columns of x (orthonormal) out of two vectors.
  func deflate(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, against x: UnsafePointer<Float>, columns: Int,
    kept: Int
  ) {
    guard kept > 0 else { return }
    let weight = unsafe weight.base
    let sums = unsafe rows.sum(2 * columns) { rows, sums in
      let at = rows.lowerBound
      unsafe mill_project_pair(a + at, b + at, x + at * columns, weight + at, Int64(rows.count), Int64(columns), sums)
    }
    var coefficients = sums.map { Float($0) }
    for k in kept..<columns { (coefficients[k], coefficients[columns + k]) = (0, 0) }
    unsafe coefficients.withUnsafeBufferPointer { coefficients in
      let coefficients = coefficients.baseAddress!
      rows.forEachRange { rows in
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
    if let entries = unsafe matrix.values?.base {
      return unsafe rows.sum(1, size: SparseProduct.chunkRows) { rows, sums in
        unsafe sums[0] = mill_valued_lanczos_product(
          offsets, targets, entries, Int64(rows.lowerBound), Int64(rows.upperBound), current, previous, inverse, weight,
          Float(scale), Float(beta))
      }[0]
    }
    return unsafe rows.sum(1, size: SparseProduct.chunkRows) { rows, sums in
      unsafe sums[0] = mill_lanczos_product(
        offsets, targets, Int64(rows.lowerBound), Int64(rows.upperBound), current, previous, inverse, weight,
        Float(scale), Float(beta))
    }[0]
  }

  /// a -= alpha b; returns <a, a>.
  func subtract(_ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, alpha: Double) -> Double {
    let weight = unsafe weight.base
    return unsafe rows.sum(1) { rows, sums in
      let at = rows.lowerBound
      unsafe sums[0] = mill_axpy_norm(a + at, b + at, weight + at, Float(alpha), Int64(rows.count))
    }[0]
  }

  /// Fills column `column` from a counter-based generator: uniform in -1..<1 over the root of d + tau.
  func fill(_ x: UnsafeMutablePointer<Float>, column: Int, columns: Int, key: UInt64) {
    let weight = unsafe weight.base
    rows.forEachRange { rows in
      for i in rows {
        let bits = CounterRandom.mix(key ^ (UInt64(truncatingIfNeeded: i) &* 0xd1b5_4a32_d192_ed03)) &>> 40
        unsafe x[i &* columns &+ column] = (Float(bits) * 0x1p-23 - 1) / weight[i].squareRoot()
      }
    }
  }
}
