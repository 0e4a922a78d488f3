import CMillKernels
import MillKernels
import MillRuntime

/// Products of matrices over parallel chunks of rows. Chunks are cut by the rows and partial sums are added in the order
/// of chunks, so that the bits depend neither on the number of threads nor on the kernel variant.
@safe struct MatrixMath: @unchecked Sendable {
  let kernels: mill_learning
  let threads: Int

  init(variant: KernelVariant = .current, threads: Int) {
    kernels = variant.learning
    self.threads = threads
  }

  /// Rows that a thread takes at a time.
  static let chunkRows = 512
  /// Chunks at most whose partial sums are kept.
  static let partialChunks = 64

  /// Runs `body` on every panel's chunks of rows, panel by panel.
  func forEachTile(_ rows: Int, panels: Int, _ body: (_ rows: Range<Int>, _ panel: Int) -> Void) {
    let chunks = Parallel.chunkCount(rows, size: Self.chunkRows)
    Parallel.forEach(chunks * panels, threads: threads) { tile, _ in
      body(Parallel.range(ofChunk: tile % chunks, size: Self.chunkRows, count: rows), tile / chunks)
    }
  }

  /// Runs `body` on chunks of rows.
  func forEachChunk(_ rows: Int, _ body: (_ rows: Range<Int>) -> Void) {
    forEachTile(rows, panels: 1) { rows, _ in body(rows) }
  }

  /// y = matrix x + own x.
  func multiply(_ matrix: SparseMatrix, _ x: DenseMatrix, own: Float = 0, into y: DenseMatrix) {
    // Beyond the second cache, rows that come are asked for early.
    let isFar = x.rows * x.width > 1 << 19
    let raw = unsafe matrix.raw(ahead: isFar ? 16 : 0)
    forEachTile(matrix.rows, panels: y.panels.count) { rows, panel in
      unsafe withUnsafePointer(to: raw) { raw in
        unsafe kernels.sparse_product(
          raw, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(y.width), own, x.panel(panel), y.panel(panel))
      }
    }
  }

  /// The same, where x are parameters in the panels of y.
  func multiply(_ matrix: SparseMatrix, parameters x: UnsafePointer<Float>, into y: DenseMatrix) {
    let raw = unsafe matrix.raw()
    forEachTile(matrix.rows, panels: y.panels.count) { rows, panel in
      unsafe withUnsafePointer(to: raw) { raw in
        unsafe kernels.sparse_product(
          raw, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(y.width), 0,
          x + panel * matrix.columns * y.width, y.panel(panel))
      }
    }
  }

  /// gradient = matrix g in the panels of g, where the matrix has a row for each row of the parameters.
  func multiply(_ matrix: SparseMatrix, _ g: DenseMatrix, intoParameters gradient: UnsafeMutablePointer<Float>) {
    let raw = unsafe matrix.raw()
    forEachTile(matrix.rows, panels: g.panels.count) { rows, panel in
      unsafe withUnsafePointer(to: raw) { raw in
        unsafe kernels.sparse_product(
          raw, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(g.width), 0, g.panel(panel),
          gradient + panel * matrix.rows * g.width)
      }
    }
  }

  /// y = x w for a plain row-major x of `inner` columns; w are parameters in the panels of y.
  func multiply(
    _ x: UnsafePointer<Float>, inner: Int, parameters w: UnsafePointer<Float>, into y: DenseMatrix, adds: Bool = false
  ) {
    forEachTile(y.rows, panels: y.panels.count) { rows, panel in
      unsafe kernels.dense_product(
        x + rows.lowerBound * inner, Int64(rows.count), Int64(inner), w + panel * inner * y.width, Int64(y.width),
        y.row(rows.lowerBound, panel: panel), adds ? 1 : 0)
    }
  }

  /// gradient = xᵀ g for a plain row-major x of `inner` columns, in the panels of g.
  func multiplyTransposed(
    _ x: UnsafePointer<Float>, inner: Int, _ g: DenseMatrix, into gradient: UnsafeMutablePointer<Float>
  ) throws(MillError) {
    for panel in 0..<g.panels.count {
      try unsafe sumChunks(g.rows, count: inner * g.width, into: gradient + panel * inner * g.width) { rows, sums in
        unsafe kernels.transposed_product(
          x + rows.lowerBound * inner, Int64(rows.count), Int64(inner), g.row(rows.lowerBound, panel: panel),
          Int64(g.width), sums)
      }
    }
  }

  /// The sum of `count` numbers over chunks of rows, added in chunk order; `body` adds to zeros.
  func sumChunks(
    _ rows: Int, count: Int, into sums: UnsafeMutablePointer<Float>,
    _ body: (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Float>) -> Void
  ) throws(MillError) {
    let size = max(Self.chunkRows, (Parallel.chunkCount(rows, size: Self.partialChunks) + 7) / 8 * 8)
    let chunks = Parallel.chunkCount(rows, size: size)
    let partial = try FlatBuffer<Float>(count: max(1, chunks) * count)
    Parallel.forEachRange(of: rows, size: size, threads: threads) { rows, _ in
      unsafe body(rows, partial.base + rows.lowerBound / size * count)
    }
    unsafe sums.update(from: partial.base, count: count)
    for chunk in 1..<max(1, chunks) {
      let own = unsafe partial.base + chunk * count
      for k in 0..<count { unsafe sums[k] += own[k] }
    }
  }

  /// Copies the first `count` columns of a matrix of one panel to those of another.
  func copyColumns(_ count: Int, of x: DenseMatrix, to y: DenseMatrix) {
    forEachChunk(x.rows) { rows in
      for row in rows { unsafe y.row(row).update(from: x.row(row), count: count) }
    }
  }

  /// The sum of x[k] y[k] over `count` numbers, a multiple of 8.
  func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Double {
    let size = 1 << 16
    var partial = [Double](repeating: 0, count: max(1, Parallel.chunkCount(count, size: size)))
    unsafe partial.withUnsafeMutableBufferPointer { partial in
      let base = partial.baseAddress!
      Parallel.forEachRange(of: count, size: size, threads: threads) { range, _ in
        unsafe base[range.lowerBound / size] = kernels.dot(
          x + range.lowerBound, y + range.lowerBound, Int64(range.count))
      }
    }
    return partial.reduce(0, +)
  }

  /// The rows of `w`, of `columns` numbers each, as columns: `wt` has `columns` rows of `rows` numbers.
  func transpose(_ w: UnsafePointer<Float>, rows: Int, columns: Int, into wt: UnsafeMutablePointer<Float>) {
    for row in 0..<rows {
      for column in 0..<columns { unsafe wt[column * rows + row] = w[row * columns + column] }
    }
  }
}

/// Activations max(p, 0) of a layer, and which of them dropout keeps: all, until the first ``drop(step:)``.
@safe struct HiddenLayer: @unchecked Sendable {
  let math: MatrixMath
  let p: DenseMatrix
  /// Bits for the stored activations; nil for a layer without dropout.
  let dropout: Dropout?
  private var drops = false

  init(math: MatrixMath, p: DenseMatrix, dropout: Dropout? = nil) {
    self.math = math
    self.p = p
    self.dropout = dropout
  }

  /// Keeps all activations from now on.
  mutating func keepAll() { drops = false }

  /// Keeps those that a step draws from now on.
  mutating func drop(step: Int) {
    dropout?.draw(step: step, math)
    drops = true
  }

  private func raw(_ panel: Int) -> mill_hidden {
    let dropout = drops ? dropout : nil
    let bits = unsafe dropout.map { unsafe UnsafeRawPointer($0.bits.base).assumingMemoryBound(to: UInt8.self) }
    return unsafe mill_hidden(
      p: p.panel(panel), kept: bits.map { unsafe $0 + panel * p.rows * p.width / 8 }, width: Int64(p.width),
      scale: dropout?.scale ?? 1)
  }

  /// y = h w, where w has a row for each stored hidden column, of the columns of y.
  func multiply(_ w: UnsafePointer<Float>, into y: DenseMatrix) {
    math.forEachChunk(p.rows) { rows in
      for panel in 0..<p.panels.count {
        unsafe withUnsafePointer(to: raw(panel)) { raw in
          unsafe math.kernels.hidden_product(
            raw, Int64(rows.lowerBound), Int64(rows.upperBound), w + panel * p.width * y.width, Int64(y.width), y.base,
            panel > 0 ? 1 : 0)
        }
      }
    }
  }

  /// gradient = hᵀ q.
  func multiplyTransposed(_ q: DenseMatrix, into gradient: UnsafeMutablePointer<Float>) throws(MillError) {
    let panelCount = p.width * q.width
    try unsafe math.sumChunks(p.rows, count: p.panels.count * panelCount, into: gradient) { rows, sums in
      for panel in 0..<p.panels.count {
        unsafe withUnsafePointer(to: raw(panel)) { raw in
          unsafe math.kernels.hidden_transposed(
            raw, Int64(rows.lowerBound), Int64(rows.upperBound), q.base, Int64(q.width), sums + panel * panelCount)
        }
      }
    }
  }

  /// g = (q wᵀ) where the activation is positive and kept, else 0.
  func gradient(_ q: DenseMatrix, _ w: UnsafePointer<Float>, into g: DenseMatrix) throws(MillError) {
    let panelCount = p.width * q.width
    let transposed = try FlatBuffer<Float>(uninitializedCount: p.panels.count * panelCount)
    for panel in 0..<p.panels.count {
      unsafe math.transpose(
        w + panel * panelCount, rows: p.width, columns: q.width, into: transposed.base + panel * panelCount)
    }
    math.forEachTile(p.rows, panels: p.panels.count) { rows, panel in
      unsafe withUnsafePointer(to: raw(panel)) { raw in
        unsafe math.kernels.hidden_gradient(
          raw, Int64(rows.lowerBound), Int64(rows.upperBound), q.base, Int64(q.width),
          transposed.base + panel * panelCount, g.panel(panel))
      }
    }
  }
}
