import MillRuntime

/// A few leading eigenvectors of a symmetric operator of a graph, by Lanczos with partial orthogonalization in double
/// precision: for splits in two. It ends as soon as the vectors that are asked for have settled.
///
/// - Source: Simon, "The Lanczos algorithm with partial reorthogonalization", Mathematics of Computation 42, 1984.
struct LeadingVectors: @unchecked Sendable {
  /// Which operator.
  enum Operator {
    /// The adjacency matrix.
    case adjacency
    /// D_tau^(-1/2) (A + tau / n for every pair) D_tau^(-1/2) with tau a share of the mean degree; the constant is applied
    /// as a rank-one term.
    case regularized(share: Double)
  }

  let graph: LevelGraph<Double>
  let scales: [Double]
  let constant: Double
  let threads: Int
  private static let chunkRows = 4096
  private static let largestBasis = 100
  /// Steps before the first look at how far the vectors are; every later look is after half as many steps more.
  private static let firstLook = 16
  /// Residuals of settled vectors, as a part of the largest eigenvalue.
  private static let tolerance = 1e-5

  /// - Parameter graph: The lowest level of a 0/1 graph, whose masses are degrees.
  init(_ graph: LevelGraph<Double>, _ kind: Operator, threads: Int) {
    self.graph = graph
    self.threads = threads
    let n = graph.nodeCount
    switch kind {
    case .adjacency:
      scales = []
      constant = 0
    case .regularized(let share):
      let tau = share * graph.total / Double(max(1, n))
      scales = (0..<n).map { unsafe 1 / (graph.masses.base[$0] + tau).squareRoot() }
      constant = tau / Double(max(1, n))
    }
  }

  /// The `count` eigenvectors of largest absolute value, each of shape `[n]`.
  func run(count: Int, seed: UInt64) -> [[Double]] {
    let n = graph.nodeCount
    guard n > 0 else { return [] }
    let steps = min(n, Self.largestBasis)
    var basis: [[Double]] = []
    var diagonal: [Double] = []
    var off: [Double] = []
    var random = CounterRandom(seed: seed, stage: "leading-vectors")
    var vector = (0..<n).map { _ in random.unit() * 2 - 1 }
    scale(&vector, 1 / dot(vector, vector).squareRoot())
    var (look, wereSettled) = (Self.firstLook, false)
    var loss = OrthogonalityLoss()
    while true {
      basis.append(vector)
      var next = apply(vector)
      let along = dot(next, vector)
      diagonal.append(along)
      subtract(&next, vector, along)
      if let old = basis.dropLast().last { subtract(&next, old, dot(next, old)) }
      var norm = dot(next, next).squareRoot()
      if loss.isTooLarge(diagonal, off, norm) {
        orthogonalize(&next, against: basis)
        norm = dot(next, next).squareRoot()
      }
      off.append(norm)
      if norm < 1e-10 || basis.count == steps { break }
      if basis.count == look {
        look += look / 2
        // Twice in a row: an eigenvalue that the start vector hardly has may come in late.
        let areSettled = Leading(diagonal, off, count).areSettled(norm, Self.tolerance)
        if areSettled, wereSettled { break }
        wereSettled = areSettled
      }
      scale(&next, 1 / norm)
      vector = next
    }
    let leading = Leading(diagonal, off, count)
    return leading.order.map { index in
      var result = [Double](repeating: 0, count: n)
      for step in diagonal.indices { subtract(&result, basis[step], -leading.component(step, of: index)) }
      return result
    }
  }

  /// The Ritz values of a run so far, the largest ones first.
  private struct Leading {
    private let spectrum: SymmetricEigen.Decomposition
    private let size: Int
    /// The numbers of the Ritz vectors that are asked for.
    let order: [Int]

    init(_ diagonal: [Double], _ off: [Double], _ count: Int) {
      let spectrum = SymmetricEigen.decomposeTridiagonal(diagonal: diagonal, off: off)
      let sorted = diagonal.indices.sorted { x, y in
        let (a, b) = (abs(spectrum.values[x]), abs(spectrum.values[y]))
        return a != b ? a > b : x > y
      }
      self.spectrum = spectrum
      size = diagonal.count
      order = Array(sorted.prefix(count))
    }

    func component(_ step: Int, of index: Int) -> Double { spectrum.vectors[step * size + index] }

    /// Whether the next norm lets no residual be above the tolerance.
    func areSettled(_ norm: Double, _ tolerance: Double) -> Bool {
      let largest = abs(spectrum.values[order[0]])
      return order.allSatisfy { norm * abs(component(size - 1, of: $0)) <= tolerance * largest }
    }
  }

  /// How far the vectors of the recurrence are from orthogonal, as far as rounding is known.
  private struct OrthogonalityLoss {
    /// Estimated products of the last vector, and of the one before, with all earlier ones and themselves.
    private var last = [1.0]
    private var before: [Double] = []
    /// Two vectors in a row must be orthogonal for the next ones to be.
    private var isSecond = false

    /// Products up to which what is found in the span of the vectors is right to the last bit.
    private static let largest = 0x1p-26
    /// Products of vectors that were made orthogonal.
    private static let rounding = 0x1p-50

    /// Takes in the next vector, of which the norm is given; whether it must be made orthogonal.
    mutating func isTooLarge(_ diagonal: [Double], _ off: [Double], _ norm: Double) -> Bool {
      let step = diagonal.count - 1
      var next = [Double](repeating: Self.rounding, count: step + 2)
      next[step + 1] = 1
      for k in 0..<step {
        // The products with the last vector are the recurrence's own.
        var product = off[k] * last[k + 1] + (diagonal[k] - diagonal[step]) * last[k]
        if k > 0 { product += off[k - 1] * last[k - 1] }
        product -= off[step - 1] * before[k]
        next[k] = (abs(product) + Self.rounding * (diagonal[k].magnitude + norm)) / norm
      }
      let isDue = isSecond || next.prefix(step).contains { !($0 <= Self.largest) }
      if isDue { for k in 0...step { next[k] = Self.rounding } }
      isSecond = isDue && !isSecond
      (before, last) = (last, next)
      return isDue
    }
  }

  /// Takes the part in the span of a basis out of a vector, once more where much of it was there.
  private func orthogonalize(_ vector: inout [Double], against basis: [[Double]]) {
    var before = dot(vector, vector)
    for _ in 0..<2 {
      for old in basis { subtract(&vector, old, dot(vector, old)) }
      let after = dot(vector, vector)
      if after > 0.5 * before { return }
      before = after
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
