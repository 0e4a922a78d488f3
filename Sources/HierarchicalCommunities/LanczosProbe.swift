import MillRuntime

/// A Lanczos run on one vector, kept orthogonal to the Ritz vectors that are known: its largest values are the eigenvalues
/// that a block has missed.
struct LanczosProbe {
  private let operation: SpectralOperator
  private let known: FlatBuffer<Float>
  private let columns: Int
  private let kept: Int
  private let key: UInt64
  private var diagonal: [Double] = []
  private var off: [Double] = []
  private var spectrum: SymmetricEigen.Decomposition

  /// Steps taken.
  var steps: Int { diagonal.count }
  /// Ritz values, ascending.
  var values: [Double] { spectrum.values }

  init(
    _ operation: SpectralOperator, against known: FlatBuffer<Float>, columns: Int, kept: Int, steps: Int, key: UInt64
  ) throws(MillError) {
    self.operation = operation
    self.known = known
    self.columns = columns
    self.kept = kept
    self.key = key
    spectrum = SymmetricEigen.Decomposition(values: [], vectors: [])
    var diagonal: [Double] = []
    var off: [Double] = []
    try unsafe Self.iterate(operation, known, columns, kept, key, steps) { _, _, alpha, beta in
      diagonal.append(alpha)
      off.append(beta)
    }
    self.diagonal = diagonal
    self.off = off
    spectrum = SymmetricEigen.decomposeTridiagonal(diagonal: diagonal, off: off)
  }

  /// Writes the Ritz vectors of the largest values into columns of a block, by running the recurrence once more.
  func write(top count: Int, into block: FlatBuffer<Float>, columns blockColumns: Int, from first: Int)
    throws(MillError)
  {
    let (block, n, m) = unsafe (block.base, operation.n, steps)
    let count = min(count, m)
    // The vectors that are read and the columns that are written may share the block: only columns behind `kept` change.
    for i in 0..<n {
      for k in 0..<count { unsafe block[i &* blockColumns &+ first &+ k] = 0 }
    }
    let spectrum = spectrum
    var step = 0
    let rows = operation.rows
    try unsafe Self.iterate(operation, known, columns, kept, key, m) { vector, norm, _, _ in
      let factors = (0..<count).map { Float(spectrum.vectors[step * m + m - 1 - $0] / norm) }
      unsafe factors.withUnsafeBufferPointer { factors in
        let factors = factors.baseAddress!
        rows.forEachRange { rows in
          for i in rows {
            let row = unsafe block + (i &* blockColumns &+ first)
            for k in 0..<count { unsafe row[k] += factors[k] * vector[i] }
          }
        }
      }
      step += 1
    }
  }

  /// The recurrence. `visit` gets each basis vector, its norm, and what follows from it: alpha and the next norm.
  private static func iterate(
    _ operation: SpectralOperator, _ known: FlatBuffer<Float>, _ columns: Int, _ kept: Int, _ key: UInt64, _ steps: Int,
    _ visit: (_ vector: UnsafePointer<Float>, _ norm: Double, _ alpha: Double, _ beta: Double) -> Void
  ) throws(MillError) {
    let n = operation.n
    let first = try FlatBuffer<Float>(count: n)
    let second = try FlatBuffer<Float>(count: n)
    try withExtendedLifetime((first, second)) { () throws(MillError) in
      var (current, previous) = unsafe (first.base, second.base)
      unsafe operation.fill(current, column: 0, columns: 1, key: key)
      for _ in 0..<2 { unsafe operation.deflate(current, previous, against: known.base, columns: columns, kept: kept) }
      var norm = unsafe operation.subtract(current, previous, alpha: 0).squareRoot()
      var previousNorm = 1.0
      var beta = 0.0
      guard norm > 1e-20 else { return }
      for step in 0..<steps {
        // Vectors are kept unscaled; current / norm is the unit vector.
        let raw = unsafe operation.lanczosProduct(current, previous, scale: 1 / norm, beta: beta / previousNorm)
        let alpha = raw / norm
        let next = unsafe operation.subtract(previous, current, alpha: alpha / norm).squareRoot()
        unsafe visit(current, norm, alpha, next)
        guard next > 1e-7 else { return }
        unsafe (current, previous) = (previous, current)
        (previousNorm, norm, beta) = (norm, next, next)
        if step % 5 == 4 {
          unsafe operation.deflate(current, previous, against: known.base, columns: columns, kept: kept)
        }
      }
    }
  }
}
