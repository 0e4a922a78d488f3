import GraphFormats
public import MillRuntime

extension FeatureMatrix {
  /// Features from a file: Matrix Market (also compressed), SciPy's `.npz`, or NumPy's `.npy` of two dimensions.
  ///
  /// - Throws: `MillError` with the file: `unreadable`, `bad-features`, or what is wrong with the content.
  /// - Complexity: O(bytes).
  public init(path: String, context: RunContext = .init()) throws(MillError) {
    let reading = try readMatrix(path, context: context)
    let storage: Storage =
      switch reading.content {
      case .sparse(let offsets, let columns, let values): .sparse(offsets: offsets, columns: columns, values: values)
      case .dense(let numbers): .dense(numbers)
      }
    do throws(MillError) {
      try self.init(rowCount: reading.rowCount, columnCount: reading.columnCount, storage: storage)
    } catch {
      throw error.inFile(path)
    }
  }
}
