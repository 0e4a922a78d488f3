import MillRuntime

/// How the columns of a dense matrix are stored: in panels of equal width, one behind the other, each row-major.
///
/// A panel of 64 columns of a few thousand rows stays in the second cache while a sparse matrix gathers its rows.
struct ColumnPanels: Equatable {
  static let widest = 64

  /// Columns that count; what is stored behind them is 0.
  let columns: Int
  let count: Int
  /// Columns of a panel, a multiple of 8.
  let width: Int

  /// Panels of at most 64 columns.
  init(cutting columns: Int) {
    self.columns = columns
    count = max(1, Parallel.chunkCount(columns, size: Self.widest))
    width = (Parallel.chunkCount(columns, size: count) + 7) / 8 * 8
  }

  /// One panel.
  init(whole columns: Int) {
    self.columns = columns
    count = 1
    width = (max(1, columns) + 7) / 8 * 8
  }

  /// Columns of all panels.
  var stored: Int { count * width }
}

/// A dense matrix of floats in panels of columns.
@safe final class DenseMatrix: @unchecked Sendable {
  let rows: Int
  let panels: ColumnPanels
  let buffer: FlatBuffer<Float>

  /// Zeros.
  init(rows: Int, _ panels: ColumnPanels) throws(MillError) {
    self.rows = rows
    self.panels = panels
    buffer = try FlatBuffer<Float>(count: rows * panels.stored)
  }

  var width: Int { panels.width }
  var base: UnsafeMutablePointer<Float> { unsafe buffer.base }

  /// The first element of a panel.
  func panel(_ index: Int) -> UnsafeMutablePointer<Float> { unsafe buffer.base + index * rows * panels.width }

  /// The first element of a row of a panel.
  func row(_ index: Int, panel: Int = 0) -> UnsafeMutablePointer<Float> {
    unsafe self.panel(panel) + index * panels.width
  }
}
