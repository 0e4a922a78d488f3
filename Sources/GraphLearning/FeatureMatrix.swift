public import MillRuntime

/// Features of nodes: a matrix with a row a node and a column a feature, sparse or dense.
///
/// ```swift
/// let features = try FeatureMatrix(rowCount: 2, columnCount: 3, rows: [[(0, 1), (2, 0.5)], []])
/// ```
public struct FeatureMatrix: Sendable, Equatable {
  /// How the numbers are stored.
  public enum Storage: Sendable, Equatable {
    /// Rows of entries: `columns[offsets[i]..<offsets[i + 1]]` ascend; without values all entries are 1.
    case sparse(offsets: SharedArray<UInt64>, columns: SharedArray<UInt32>, values: SharedArray<Float>?)
    /// All numbers, row by row.
    case dense(SharedArray<Float>)
  }

  /// Rows, n.
  public let rowCount: Int
  /// Columns, f.
  public let columnCount: Int
  /// The numbers.
  public let storage: Storage

  /// Stored numbers.
  public var entryCount: Int {
    switch storage {
    case .sparse(_, let columns, _): columns.count
    case .dense(let numbers): numbers.count
    }
  }

  /// A matrix over arrays.
  ///
  /// - Throws: `MillError`: `bad-features` for numbers that are not finite, columns out of range or not ascending, and
  ///   arrays that do not fit each other.
  /// - Complexity: O(stored numbers).
  public init(rowCount: Int, columnCount: Int, storage: Storage) throws(MillError) {
    guard rowCount >= 0, columnCount >= 1, rowCount < Int(UInt32.max), columnCount < Int(UInt32.max) else {
      throw MillError(.badFeatures, "a matrix of \(rowCount) x \(columnCount) is no matrix of features")
    }
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.storage = storage
    switch storage {
    case .dense(let numbers):
      guard numbers.count == rowCount * columnCount else {
        throw MillError(.badFeatures, "\(numbers.count) numbers for \(rowCount) rows of \(columnCount)")
      }
      if let place = numbers.firstIndex(where: { !$0.isFinite }) {
        throw .featureNotFinite(row: place / columnCount, column: place % columnCount, numbers[place])
      }
    case .sparse(let offsets, let columns, let values): try checkSparse(offsets, columns, values)
    }
  }

  private func checkSparse(
    _ offsets: SharedArray<UInt64>, _ columns: SharedArray<UInt32>, _ values: SharedArray<Float>?
  ) throws(MillError) {
    guard offsets.count == rowCount + 1, offsets[0] == 0, offsets[rowCount] == UInt64(columns.count),
      values.map({ $0.count == columns.count }) ?? true
    else { throw MillError(.badFeatures, "the arrays of the sparse matrix do not fit each other") }
    for row in 0..<rowCount {
      guard offsets[row] <= offsets[row + 1], offsets[row + 1] <= UInt64(columns.count) else {
        throw MillError(.badFeatures, "the offsets of the sparse matrix do not ascend", field: "row \(row)")
      }
      var last = -1
      for entry in Int(offsets[row])..<Int(offsets[row + 1]) {
        let column = Int(columns[entry])
        guard column > last, column < columnCount else {
          throw MillError(
            .badFeatures, "columns of a row must ascend, each below \(columnCount)", field: "row \(row), \(column)")
        }
        last = column
        if let values, !values[entry].isFinite {
          throw .featureNotFinite(row: row, column: column, values[entry])
        }
      }
    }
  }

  /// A sparse matrix of rows of (column, value).
  ///
  /// - Throws: As ``init(rowCount:columnCount:storage:)``.
  public init(rowCount: Int, columnCount: Int, rows: [[(Int, Float)]]) throws(MillError) {
    var offsets: [UInt64] = [0]
    for row in rows { offsets.append(offsets[offsets.count - 1] + UInt64(row.count)) }
    let entries = rows.joined()
    for (column, _) in entries where column < 0 || column >= columnCount {
      throw MillError(.badFeatures, "a column out of range", field: "\(column)")
    }
    try self.init(
      rowCount: rowCount, columnCount: columnCount,
      storage: .sparse(
        offsets: SharedArray(copying: offsets), columns: SharedArray(copying: entries.map { UInt32($0.0) }),
        values: SharedArray(copying: entries.map { $0.1 })))
  }
}

/// What is done with a row of features before it is used.
public enum FeatureScaling: String, Sendable, CaseIterable, Codable {
  /// Divided by the sum of its magnitudes; a row of zeros stays.
  case rowSum = "row-sum"
  /// Nothing.
  case none
}

/// Features as the layers use them.
enum InputFeatures: Sendable {
  /// The matrix, and its transposed with the place there of each entry.
  case sparse(SparseMatrix, transposed: SparseMatrix, places: FlatBuffer<UInt32>)
  /// All numbers, row by row.
  case dense(FlatBuffer<Float>, columns: Int)

  init(_ features: FeatureMatrix, _ scaling: FeatureScaling) throws(MillError) {
    let n = features.rowCount
    func factor(_ sum: Double) -> Double { scaling == .none || sum == 0 ? 1 : 1 / sum }
    switch features.storage {
    case .dense(let numbers):
      let f = features.columnCount
      let scaled = try FlatBuffer<Float>(uninitializedCount: numbers.count)
      unsafe numbers.withUnsafeBufferPointer { numbers in
        for row in 0..<n {
          var sum = 0.0
          for place in row * f..<(row + 1) * f { unsafe sum += Double(numbers[place].magnitude) }
          let factor = factor(sum)
          for place in row * f..<(row + 1) * f { unsafe scaled.base[place] = Float(Double(numbers[place]) * factor) }
        }
      }
      self = .dense(scaled, columns: f)
    case .sparse(let offsets, let columns, let values):
      let starts = try FlatBuffer<UInt64>(uninitializedCount: n + 1)
      let indices = try FlatBuffer<UInt32>(uninitializedCount: columns.count)
      let scaled = try FlatBuffer<Float>(uninitializedCount: columns.count)
      for (place, offset) in offsets.enumerated() { unsafe starts.base[place] = offset }
      for (place, column) in columns.enumerated() { unsafe indices.base[place] = column }
      for row in 0..<n {
        let entries = unsafe Int(starts.base[row])..<Int(starts.base[row + 1])
        var sum = 0.0
        for entry in entries { sum += Double((values?[entry] ?? 1).magnitude) }
        let factor = factor(sum)
        for entry in entries { unsafe scaled.base[entry] = Float(Double(values?[entry] ?? 1) * factor) }
      }
      let matrix = SparseMatrix(
        rows: n, columns: features.columnCount, offsets: starts, indices: indices, values: scaled)
      let (transposed, places) = try matrix.transposed()
      self = .sparse(matrix, transposed: transposed, places: places)
    }
  }

  /// The same features with rows multiplied by `factors`. Where all entries of a row are alike, as in a bag of words, they
  /// become part of its factor, so that products with the matrix only add.
  func scaled(by factors: FlatBuffer<Float>) throws(MillError) -> InputFeatures {
    guard case .sparse(var matrix, var transposed, let places) = self else { return self }
    let scaled = try FlatBuffer<Float>(uninitializedCount: matrix.rows)
    unsafe scaled.base.update(from: factors.base, count: matrix.rows)
    if let values = matrix.values {
      let isUniform = (0..<matrix.rows).allSatisfy { row in
        let entries = unsafe Int(matrix.offsets.base[row])..<Int(matrix.offsets.base[row + 1])
        return entries.allSatisfy { unsafe values.base[$0] == values.base[entries.lowerBound] }
      }
      if isUniform {
        for row in 0..<matrix.rows {
          let first = unsafe Int(matrix.offsets.base[row])
          if unsafe first < Int(matrix.offsets.base[row + 1]) { unsafe scaled.base[row] *= values.base[first] }
        }
        matrix.values = nil
        transposed.values = nil
      }
    }
    matrix.factors = scaled
    return .sparse(matrix, transposed: transposed, places: places)
  }

  /// What rows are multiplied by; nil for nothing.
  var factors: FlatBuffer<Float>? {
    if case .sparse(let matrix, _, _) = self { matrix.factors } else { nil }
  }

  var columns: Int {
    switch self {
    case .sparse(let matrix, _, _): matrix.columns
    case .dense(_, let columns): columns
    }
  }

  var rows: Int {
    switch self {
    case .sparse(let matrix, _, _): matrix.rows
    case .dense(let numbers, let columns): numbers.count / columns
    }
  }

  /// y = features w, where w are parameters in the panels of y.
  ///
  /// - Parameter skipsZeros: Whether the zeros of w are left out, which pays where they are many.
  func multiply(
    _ w: UnsafePointer<Float>, into y: DenseMatrix, skipsZeros: Bool = false, _ math: MatrixMath
  ) throws(MillError) {
    if skipsZeros { return try unsafe multiplySkippingZeros(w, into: y, math) }
    switch self {
    case .sparse(let matrix, _, _): unsafe math.multiply(matrix, parameters: w, into: y)
    case .dense(let numbers, let columns):
      unsafe math.multiply(numbers.base, inner: columns, parameters: w, into: y)
    }
  }

  /// gradient = featuresᵀ g in the panels of g, where the rows of g are multiplied by ``factors`` already.
  func multiplyTransposed(
    _ g: DenseMatrix, into gradient: UnsafeMutablePointer<Float>, _ math: MatrixMath
  ) throws(MillError) {
    switch self {
    case .sparse(_, let transposed, _): unsafe math.multiply(transposed, g, intoParameters: gradient)
    case .dense(let numbers, let columns):
      try unsafe math.multiplyTransposed(numbers.base, inner: columns, g, into: gradient)
    }
  }
}

extension MillError {
  static func featureNotFinite(row: Int, column: Int, _ value: Float) -> MillError {
    MillError(
      .badFeatures, "the feature \(column) of node \(row) is not a finite number", field: "\(value)",
      hint: "give missing features a number, 0 or the mean of the column")
  }
}

extension MillError.Kind {
  /// Features that cannot be used.
  public static let badFeatures = Self("bad-features", .badData)
  /// Labels or a split that cannot be used.
  public static let badLabels = Self("bad-labels", .badData)
}
