import MillRuntime

/// A few leading eigenvectors of a symmetric operator of a graph, by Lanczos with full orthogonalisation in double
/// precision: for the splits of the top-down method.
struct LeadingVectors: @unchecked Sendable {
  /// Which operator.
  enum Operator {
    /// The adjacency matrix.
    case adjacency
    /// D_tau^(-1/2) (A + tau / n for every pair) D_tau^(-1/2) with tau a share of the mean degree; the constant is applied
    /// as a rank-one term.
    case regularized(share: Double)
  }

  let graph: CommunityGraph
  let scales: [Double]
  let constant: Double
  let threads: Int
  private static let chunkRows = 4096

  init(_ graph: CommunityGraph, _ kind: Operator, threads: Int) {
    self.graph = graph
    self.threads = threads
    let n = graph.nodeCount
    switch kind {
    case .adjacency:
      scales = []
      constant = 0
    case .regularized(let share):
      let tau = share * Double(graph.arcCount) / Double(max(1, n))
      scales = (0..<n).map { unsafe 1 / (Double(graph.offsets[$0 + 1] - graph.offsets[$0]) + tau).squareRoot() }
      constant = tau / Double(max(1, n))
    }
  }

  /// The `count` eigenvectors of largest absolute value, each of shape `[n]`.
  func run(count: Int, seed: UInt64) -> [[Double]] {
    let n = graph.nodeCount
    let steps = min(n, 100)
    var basis: [[Double]] = []
    var diagonal: [Double] = []
    var off: [Double] = []
    var random = CounterRandom(seed: seed, stage: "leading-vectors")
    var vector = (0..<n).map { _ in random.unit() * 2 - 1 }
    scale(&vector, 1 / dot(vector, vector).squareRoot())
    for step in 0..<steps {
      basis.append(vector)
      var next = apply(vector)
      diagonal.append(dot(next, vector))
      for _ in 0..<2 {
        for old in basis { subtract(&next, old, dot(next, old)) }
      }
      let norm = dot(next, next).squareRoot()
      off.append(norm)
      if norm < 1e-10 || step == steps - 1 { break }
      scale(&next, 1 / norm)
      vector = next
    }
    let spectrum = SymmetricEigen.decomposeTridiagonal(diagonal: diagonal, off: off)
    let m = diagonal.count
    let order = (0..<m).sorted { x, y in
      let (a, b) = (abs(spectrum.values[x]), abs(spectrum.values[y]))
      return a != b ? a > b : x > y
    }
    return order.prefix(count).map { index in
      var result = [Double](repeating: 0, count: n)
      for step in 0..<m { subtract(&result, basis[step], -spectrum.vectors[step * m + index]) }
      return result
    }
  }

  private func apply(_ x: [Double]) -> [Double] {
    let n = graph.nodeCount
    var y = [Double](repeating: 0, count: n)
    let scaled = scales.isEmpty ? x : zip(x, scales).map { $0 * $1 }
    let shared = constant * chunkedSum { scaled[$0] }
    unsafe y.withUnsafeMutableBufferPointer { y in
      unsafe scaled.withUnsafeBufferPointer { x in
        let (y, x) = (y.baseAddress!, x.baseAddress!)
        Parallel.forEachRange(of: n, size: Self.chunkRows, threads: threads) { rows, _ in
          for i in rows {
            var sum = shared
            for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i &+ 1]) {
              unsafe sum += x[Int(graph.targets[e])]
            }
            unsafe y[i] = sum
          }
        }
      }
    }
    if !scales.isEmpty { for i in 0..<n { y[i] *= scales[i] } }
    return y
  }

  private func chunkedSum(_ term: (Int) -> Double) -> Double {
    let n = graph.nodeCount
    var total = 0.0
    for chunk in 0..<Parallel.chunkCount(n, size: Self.chunkRows) {
      var sum = 0.0
      for i in Parallel.range(ofChunk: chunk, size: Self.chunkRows, count: n) { sum += term(i) }
      total += sum
    }
    return total
  }

  private func dot(_ x: [Double], _ y: [Double]) -> Double {
    unsafe x.withUnsafeBufferPointer { x in
      unsafe y.withUnsafeBufferPointer { y in
        var lanes = SIMD8<Double>.zero
        var i = 0
        let (p, q) = (x.baseAddress!, y.baseAddress!)
        while i &+ 8 <= x.count {
          unsafe lanes +=
            UnsafeRawPointer(p + i).loadUnaligned(as: SIMD8<Double>.self)
            * UnsafeRawPointer(q + i).loadUnaligned(as: SIMD8<Double>.self)
          i &+= 8
        }
        var rest = 0.0
        while i < x.count {
          unsafe rest += p[i] * q[i]
          i &+= 1
        }
        var sum = rest
        for lane in 0..<8 { sum += lanes[lane] }
        return sum
      }
    }
  }

  private func scale(_ x: inout [Double], _ factor: Double) {
    for i in x.indices { x[i] *= factor }
  }

  private func subtract(_ x: inout [Double], _ y: [Double], _ factor: Double) {
    unsafe x.withUnsafeMutableBufferPointer { x in
      unsafe y.withUnsafeBufferPointer { y in
        let (p, q) = (x.baseAddress!, y.baseAddress!)
        for i in 0..<x.count { unsafe p[i] -= q[i] * factor }
      }
    }
  }
}
