import CMillKernels
package import MillRuntime

/// A sparse square matrix, given as rows of arcs, that is multiplied with dense ones: rows of a graph times a block of
/// vectors or features.
///
/// Bare memory: whoever makes a product keeps the rows alive. Each row is summed in the order of its arcs and rows do not
/// meet, so the bits depend neither on the number of threads nor on the kernel variant.
@safe package struct SparseProduct: @unchecked Sendable {
  /// Rows that a thread takes at a time.
  package static let chunkRows = 2048
  /// From this number of floats on, a dense matrix lies beyond the cache that is near, and rows are asked for early.
  private static let nearFloats = 1 << 19

  package let rowCount: Int
  let offsets: UnsafePointer<UInt64>
  let targets: UnsafePointer<UInt32>
  /// The entries; nil where all are 1.
  package let values: FlatBuffer<Float>?
  let threads: Int

  /// - Parameters:
  ///   - offsets: `rowCount + 1` places in `targets`.
  ///   - targets: The column of each entry, below `rowCount`.
  ///   - values: The entries; nil where all are 1.
  package init(
    rowCount: Int, offsets: UnsafePointer<UInt64>, targets: UnsafePointer<UInt32>, values: FlatBuffer<Float>? = nil,
    threads: Int
  ) {
    self.rowCount = rowCount
    unsafe self.offsets = offsets
    unsafe self.targets = targets
    self.values = values
    self.threads = threads
  }

  /// y = scale D (matrix) x, or scale D (matrix) x - y, where D is the diagonal matrix of `rowFactors`.
  ///
  /// - Parameters:
  ///   - x: `rowCount` rows of `columns` floats.
  ///   - y: As many, which do not overlap x.
  ///   - columns: A multiple of 8.
  /// - Complexity: O(entries columns).
  package func multiply(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, columns: Int,
    rowFactors: UnsafePointer<Float>, scale: Double, subtracts: Bool
  ) {
    let (offsets, targets) = unsafe (offsets, targets)
    if let values = unsafe values?.base {
      Parallel.forEachRange(of: rowCount, size: Self.chunkRows, threads: threads) { rows, _ in
        unsafe mill_valued_block_product(
          offsets, targets, values, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(columns), x, y, rowFactors,
          Float(scale), subtracts ? 1 : 0)
      }
      return
    }
    let prefetches = rowCount >= 20_000 && rowCount * columns > Self.nearFloats
    Parallel.forEachRange(of: rowCount, size: Self.chunkRows, threads: threads) { rows, _ in
      unsafe mill_block_product(
        offsets, targets, Int64(rows.lowerBound), Int64(rows.upperBound), Int64(columns), x, y, rowFactors,
        Float(scale), subtracts ? 1 : 0, prefetches ? 1 : 0)
    }
  }
}
