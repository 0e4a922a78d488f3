import Glibc
import MillRuntime

/// The leading eigenvectors of P by a Chebyshev-filtered block with Rayleigh-Ritz steps, and a deflated Lanczos probe that
/// looks for what the block missed.
///
/// The bulk of the spectrum is known beforehand to lie in about [-t, t], which is all that the filter needs. Ritz values
/// never exceed the eigenvalues, so one above t is certain; only the probe can tell that none is missing, within its
/// resolution.
///
/// - Source: Zhou, Saad, Tiago, Chelikowsky, "Self-consistent-field calculations using Chebyshev-filtered subspace
///   iteration", Journal of Computational Physics 219, 2006 (the filter).
struct BlockSolver {
  private let operation: SpectralOperator
  private let options: SpectralOptions
  private let wanted: Int?
  private let enough: Int
  private let stream: RandomStream
  private let n: Int
  private let t: Double
  private let margin: Double
  private var summary: SpectralSummary
  private var columns = 16
  /// The vectors.
  private var z: FlatBuffer<Float>
  /// P z / t where `isImageValid`.
  private var y: FlatBuffer<Float>
  private var isImageValid = false
  private var freshColumns: UInt64 = 0
  private var values: [Double] = []
  private var residuals: [Double] = []

  /// Relative allowance for the rounding of single-precision products.
  private static let rounding = 1e-6
  private static let largestBlock = 128

  /// - Parameter enough: As soon as so many values count, no more are looked for.
  init(
    _ operation: SpectralOperator, _ summary: SpectralSummary, wanted: Int?, enough: Int = .max,
    _ options: SpectralOptions, seed: UInt64
  ) throws(MillError) {
    self.operation = operation
    self.options = options
    self.summary = summary
    self.wanted = wanted.map { min($0, options.maximumCount) }
    self.enough = enough
    stream = RandomStream(seed: seed, stage: "spectral-start")
    n = operation.n
    t = operation.threshold
    margin = max(summary.margin, Self.rounding)
    while let wanted = self.wanted, columns < min(Self.largestBlock, wanted + 4) {
      columns = Self.grown(columns)
    }
    z = try FlatBuffer(uninitializedCount: n * columns)
    y = try FlatBuffer(uninitializedCount: n * columns)
    fill(from: 0)
  }

  /// A solver that goes on from a block of vectors with another operator, whose bulk lies in [-edge, edge].
  init(
    warm block: FlatBuffer<Float>, columns: Int, _ operation: SpectralOperator, edge: Double, _ options: SpectralOptions
  ) throws(MillError) {
    self.operation = operation
    self.options = options
    self.columns = columns
    summary = SpectralSummary()
    wanted = nil
    enough = .max
    stream = RandomStream(seed: 0, stage: "spectral-warm")
    n = operation.n
    t = edge
    margin = Self.rounding
    z = try FlatBuffer(uninitializedCount: n * columns)
    y = try FlatBuffer(uninitializedCount: n * columns)
    unsafe z.base.update(from: block.base, count: n * columns)
  }

  /// Columns multiplied so far.
  var products: Int { summary.products }

  /// Filters and Rayleigh-Ritz steps; returns the block.
  mutating func sweep(rounds: Int) throws(MillError) -> FlatBuffer<Float> {
    for _ in 0..<rounds {
      filter(degree: filterDegree)
      rayleighRitz()
    }
    return z
  }

  mutating func run(_ context: RunContext) throws(MillError) -> SpectralStage {
    var degree = 0
    context.progress?.begin("eigenvectors", total: options.maximumDegree, unit: .items)
    defer { context.progress?.end() }
    // Bounded by the degree budget: every round adds at least 2.
    while true {
      try context.checkCancelled()
      let step = filterDegree
      filter(degree: step)
      degree += step
      context.progress?.advance(by: step)
      rayleighRitz()
      // Ritz values are never too large: what counts now counts in the end.
      if values.count(where: { $0 > t * (1 + margin) }) >= enough { return finish() }
      if try growIfCrowded() { continue }
      if degree >= options.maximumDegree {
        summary.isConverged = false
        break
      }
      if isConverged, degree > step { break }
    }
    context.progress?.note("probe")
    try probe(context)
    return finish()
  }

  /// Ritz values that count, whatever the margin.
  private var found: Int { values.count { $0 > t * (1 + Self.rounding) } }

  /// Whether the values that matter are settled: all, or the first ones where only so many are asked for. A value may lie
  /// just below the threshold for good where no room is left to the bulk; its residual then tells that it stays there.
  private var isConverged: Bool {
    for (value, residual) in zip(values, residuals).prefix(enough) {
      if value > 1.03 * t, residual > max(options.tolerance * (value - t), 5e-4 * t) { return false }
      if value > 0.3 * t, value <= t, enough == .max || value + residual > t { return false }
    }
    return true
  }

  /// Single precision holds no more than four digits between the largest and the smallest column.
  private var filterDegree: Int {
    guard let top = values.first, top > t else {
      return max(2, min(8, Int(log(2e4) / max(log(operation.rho) / 2, 1e-3))))
    }
    return max(2, min(10, Int(log(2e4) / max(Logarithm.arcosh(top / t), 1e-3))))
  }

  /// z = T_degree(P / t) z; y holds the step before.
  private mutating func filter(degree: Int) {
    if !isImageValid {
      unsafe operation.product(z.base, into: y.base, columns: columns, scale: 1 / t, subtracts: false)
      summary.products += columns
    }
    for _ in 1..<degree {
      unsafe operation.product(y.base, into: z.base, columns: columns, scale: 2 / t, subtracts: true)
      summary.products += columns
      swap(&z, &y)
    }
    swap(&z, &y)
    isImageValid = false
  }

  /// Replaces z by its Ritz vectors, best first, and y by P z / t.
  private mutating func rayleighRitz() {
    unsafe operation.product(z.base, into: y.base, columns: columns, scale: 1, subtracts: false)
    summary.products += columns
    let b = columns
    var mass = unsafe operation.gram(z.base, z.base, columns: b)
    var stiffness = unsafe operation.gram(z.base, y.base, columns: b)
    let images = unsafe operation.gram(y.base, y.base, columns: b)
    let scale = (0..<b).map { mass[$0 * b + $0] > 0 ? 1 / mass[$0 * b + $0].squareRoot() : 0 }
    for i in 0..<b {
      for j in 0..<b { mass[i * b + j] *= scale[i] * scale[j] }
    }
    for i in 0..<b {
      for j in 0..<i {
        let mean = (stiffness[i * b + j] + stiffness[j * b + i]) / 2
        (stiffness[i * b + j], stiffness[j * b + i]) = (mean, mean)
      }
    }
    let metric = SymmetricEigen.decompose(mass, size: b)
    let largest = metric.values.last ?? 0
    let kept = (0..<b).filter { metric.values[$0] > 1e-6 * largest }
    let rank = kept.count
    // Columns of `basis` are orthonormal: basis' mass basis = 1.
    var basis = [Double](repeating: 0, count: b * rank)
    for (k, old) in kept.enumerated() {
      let root = 1 / metric.values[old].squareRoot()
      for i in 0..<b { basis[i * rank + k] = scale[i] * metric.vectors[i * b + old] * root }
    }
    let reduced = Self.congruence(stiffness, basis, b, rank)
    let ritz = SymmetricEigen.decompose(reduced, size: rank)
    var rotation = [Double](repeating: 0, count: b * b)
    values = []
    residuals = []
    for k in 0..<rank {
      let source = rank - 1 - k
      for i in 0..<b {
        var sum = 0.0
        for j in 0..<rank { sum += basis[i * rank + j] * ritz.vectors[j * rank + source] }
        rotation[i * b + k] = sum
      }
      var square = 0.0
      for i in 0..<b {
        var sum = 0.0
        for j in 0..<b { sum += images[i * b + j] * rotation[j * b + k] }
        square += rotation[i * b + k] * sum
      }
      let value = ritz.values[source]
      values.append(value)
      residuals.append(max(0, square - value * value).squareRoot())
    }
    unsafe operation.rows.rotate(z.base, by: rotation.map { Float($0) }, columns: b)
    if rank == b {
      unsafe operation.rows.rotate(y.base, by: rotation.map { Float($0 / t) }, columns: b)
      isImageValid = true
    } else {
      fill(from: rank)
    }
  }

  /// basis' matrix basis.
  private static func congruence(_ matrix: [Double], _ basis: [Double], _ b: Int, _ rank: Int) -> [Double] {
    var half = [Double](repeating: 0, count: b * rank)
    for i in 0..<b {
      for j in 0..<b {
        let factor = matrix[i * b + j]
        for k in 0..<rank { half[i * rank + k] += factor * basis[j * rank + k] }
      }
    }
    var result = [Double](repeating: 0, count: rank * rank)
    for i in 0..<b {
      for k in 0..<rank {
        let factor = basis[i * rank + k]
        for l in 0..<rank { result[k * rank + l] += factor * half[i * rank + l] }
      }
    }
    return result
  }

  /// New random columns from `first` on.
  private mutating func fill(from first: Int) {
    for k in first..<columns {
      unsafe operation.fill(z.base, column: k, columns: columns, key: stream.item(freshColumns).key)
      freshColumns += 1
    }
    isImageValid = false
  }

  private static func grown(_ columns: Int) -> Int { columns < 32 ? columns + 8 : min(largestBlock, 2 * columns) }

  /// Makes room for more vectors when fewer than 4 columns are left to the bulk.
  private mutating func growIfCrowded() throws(MillError) -> Bool {
    let clear = values.count { abs($0) > 0.3 * t }
    guard enough == .max, clear > columns - 4, columns < Self.largestBlock, 2 * Self.grown(columns) <= n else {
      return false
    }
    try grow(keeping: values.count)
    return true
  }

  private mutating func grow(keeping kept: Int) throws(MillError) {
    let oldColumns = columns
    columns = Self.grown(columns)
    // Blocks are most of the memory: there are never three of them.
    y = try FlatBuffer(count: 0)
    let larger = try FlatBuffer<Float>(uninitializedCount: n * columns)
    let (source, target, columns) = unsafe (z.base, larger.base, columns)
    operation.rows.forEachRange { rows in
      for i in rows { unsafe (target + i * columns).update(from: source + i * oldColumns, count: kept) }
    }
    z = larger
    y = try FlatBuffer(uninitializedCount: n * columns)
    fill(from: kept)
  }

  /// Looks for eigenvalues that the block missed, and takes them in.
  private mutating func probe(_ context: RunContext) throws(MillError) {
    let steps = min(options.probeSteps ?? (n <= 10_000 ? 80 : 60), n - 1)
    for attempt in 0..<UInt64(4) {
      try context.checkCancelled()
      let kept = max(found, 0)
      let lanczos = try LanczosProbe(
        operation, against: z, columns: columns, kept: kept, steps: steps, key: stream.item(1 << 32 + attempt).key)
      summary.products += lanczos.steps
      summary.resolution = Logarithm.natural(2 * Double(n).squareRoot()) / Double(max(1, lanczos.steps))
      summary.resolution = cosh(summary.resolution) - 1
      let spectrum = lanczos.values
      summary.next = spectrum.last.map { $0 / t }
      var missed = spectrum.reversed().prefix { $0 > t * (1 + Self.rounding) }.count
      if let wanted, attempt == 0 { missed = max(missed, min(wanted - kept, spectrum.count)) }
      guard missed > 0 else { return }
      let isLate = kept >= options.maximumCount || wanted.map { kept >= $0 } ?? false
      if isLate { return }
      while kept + missed > columns - 4, columns < Self.largestBlock, 2 * Self.grown(columns) <= n {
        try grow(keeping: values.count)
      }
      missed = min(missed, columns - kept)
      guard missed > 0 else { return }
      try lanczos.write(top: missed, into: z, columns: columns, from: kept)
      summary.products += lanczos.steps
      isImageValid = false
      for _ in 0..<2 {
        filter(degree: 2)
        rayleighRitz()
      }
    }
  }

  private mutating func finish() -> SpectralStage {
    let plain = values.count { $0 > t * (1 + Self.rounding) }
    let counted = values.count { $0 > t * (1 + margin) }
    summary.plainCount = plain
    summary.disassortativeCount = values.count { $0 < -t * (1 + margin) }
    summary.isCapped = counted > options.maximumCount || plain >= columns
    summary.count = max(1, min(wanted ?? counted, options.maximumCount, values.count))
    summary.values = Array(values.prefix(wanted == nil ? max(1, plain) : summary.count))
    return SpectralStage(summary: summary, rows: z, stride: columns, dimensions: summary.count)
  }
}

extension CounterRandom {
  /// A key of 64 bits for a stream of its own.
  var key: UInt64 {
    var copy = self
    return copy.next()
  }
}
