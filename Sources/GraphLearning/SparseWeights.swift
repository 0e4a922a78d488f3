import MillRuntime

extension InputFeatures {
  /// y = features w, where the zeros of w are skipped; the same numbers as ``multiply(_:into:skipsZeros:_:)`` without.
  ///
  /// - Complexity: O(rows of w + stored features · entries of a row of w that are not 0).
  func multiplySkippingZeros(
    _ w: UnsafePointer<Float>, into y: DenseMatrix, _ math: MatrixMath
  ) throws(MillError) {
    for panel in 0..<y.panels.count {
      let rows = try unsafe NonzeroRows(w + panel * columns * y.width, rows: columns, width: y.width)
      let base = unsafe y.panel(panel)
      math.forEachChunk(y.rows) { chunk in
        for row in chunk {
          let out = unsafe base + row * y.width
          unsafe out.update(repeating: 0, count: y.width)
          forEachEntry(ofRow: row) { column, value in unsafe rows.add(row: column, times: value, to: out) }
          if let factors { for k in 0..<y.width { unsafe out[k] *= factors.base[row] } }
        }
      }
    }
  }

  /// Visits the entries of a row that are not 0, in ascending order of columns.
  @inline(__always)
  func forEachEntry(ofRow row: Int, _ body: (_ column: Int, _ value: Float) -> Void) {
    switch self {
    case .sparse(let matrix, _, _):
      for entry in unsafe Int(matrix.offsets.base[row])..<Int(matrix.offsets.base[row + 1]) {
        unsafe body(Int(matrix.indices.base[entry]), matrix.values?.base[entry] ?? 1)
      }
    case .dense(let numbers, let columns):
      for column in 0..<columns {
        let value = unsafe numbers.base[row * columns + column]
        if value != 0 { body(column, value) }
      }
    }
  }
}

/// The entries of a dense matrix that are not 0, row by row.
@safe private struct NonzeroRows: @unchecked Sendable {
  private let offsets: FlatBuffer<Int>
  private let columns: FlatBuffer<UInt32>
  private let values: FlatBuffer<Float>

  init(_ w: UnsafePointer<Float>, rows: Int, width: Int) throws(MillError) {
    offsets = try FlatBuffer<Int>(count: rows + 1)
    var count = 0
    for place in 0..<rows * width where unsafe w[place] != 0 { count += 1 }
    columns = try FlatBuffer<UInt32>(uninitializedCount: count)
    values = try FlatBuffer<Float>(uninitializedCount: count)
    var place = 0
    for row in 0..<rows {
      for column in 0..<width {
        let value = unsafe w[row * width + column]
        guard value != 0 else { continue }
        unsafe columns.base[place] = UInt32(truncatingIfNeeded: column)
        unsafe values.base[place] = value
        place += 1
      }
      unsafe offsets.base[row + 1] = place
    }
  }

  @inline(__always) func add(row: Int, times factor: Float, to out: UnsafeMutablePointer<Float>) {
    for place in unsafe offsets.base[row]..<offsets.base[row + 1] {
      unsafe out[Int(columns.base[place])] += values.base[place] * factor
    }
  }
}
