import CMillKernels
import MillRuntime

/// Work on dense row-major matrices of floats with `count` rows, whose sums run over fixed chunks of rows and are added
/// in chunk order: the bits do not depend on the number of threads.
package struct DenseRows: Sendable {
  /// Rows that are summed together.
  package static let sumRows = 8192

  package let count: Int
  package let threads: Int

  package init(count: Int, threads: Int) {
    self.count = count
    self.threads = threads
  }

  /// The sum over all rows i of weight[i] x[i][a] y[i][b], for all pairs of columns (a, b), row-major.
  ///
  /// - Parameter columns: A multiple of 8.
  package func gram(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, columns: Int, weight: UnsafePointer<Float>
  ) -> [Double] {
    unsafe sum(columns * columns) { rows, sums in
      let at = rows.lowerBound
      unsafe mill_weighted_gram(
        x + at * columns, y + at * columns, weight + at, Int64(rows.count), Int64(columns), sums)
    }
  }

  /// x = x rotation, row by row; `rotation` has columns x columns entries, at most 128 columns.
  package func rotate(_ x: UnsafeMutablePointer<Float>, by rotation: [Float], columns: Int) {
    unsafe rotation.withUnsafeBufferPointer { rotation in
      let rotation = rotation.baseAddress!
      forEachRange { rows in
        unsafe mill_rotate_rows(x + rows.lowerBound * columns, rotation, Int64(rows.count), Int64(columns))
      }
    }
  }

  /// Runs `body` on chunks of rows.
  package func forEachRange(_ body: (_ rows: Range<Int>) -> Void) {
    Parallel.forEachRange(of: count, size: Self.sumRows, threads: threads) { rows, _ in body(rows) }
  }

  /// Sums of `width` numbers over chunks of `size` rows, added in chunk order.
  package func sum(
    _ width: Int, size: Int = sumRows, _ body: (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let chunks = Parallel.chunkCount(count, size: size)
    var partial = [Double](repeating: 0, count: max(1, chunks) * width)
    unsafe partial.withUnsafeMutableBufferPointer { partial in
      let base = partial.baseAddress!
      Parallel.forEachRange(of: count, size: size, threads: threads) { rows, _ in
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
