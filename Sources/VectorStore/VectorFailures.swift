public import MillRuntime

extension MillError.Kind {
  /// A value of a vector is no number or infinite.
  public static let notFinite = Self("not-finite", .badData)
  /// A value that an element type or a distance cannot hold.
  public static let notRepresentable = Self("not-representable", .badData)
  /// A vector has another number of elements than the table.
  public static let dimensionMismatch = Self("dimension-mismatch", .badData)
  /// The distance is not defined for the element type.
  public static let metricMismatch = Self("metric-mismatch", .usage)
  /// Mapped rows were to be changed.
  public static let readOnlyVectors = Self("read-only-vectors", .usage)
}

// Refusals that several places word in the same way. Rows and columns are counted from 0.
extension MillError {
  /// A value is not a number or infinite.
  package static func notFinite(row: Int, column: Int) -> MillError {
    MillError(.notFinite, "row \(row), column \(column) is not a finite number")
  }

  /// A value that the element type cannot hold exactly: bytes take the integers 0...255, bits 0 and 1.
  package static func notRepresentable(row: Int, column: Int, in type: ElementType) -> MillError {
    MillError(
      .notRepresentable, "row \(row), column \(column) does not fit the element type \(type.rawValue)",
      hint: type.range.map { "\(type.rawValue) holds \($0)" })
  }

  /// A vector has another number of elements than the table.
  package static func dimensionMismatch(expected: Int, found: Int) -> MillError {
    MillError(.dimensionMismatch, "a vector of \(found) elements, expected \(expected)")
  }

  /// The distance is not defined for the element type.
  package static func metricMismatch(_ metric: Metric, _ type: ElementType) -> MillError {
    MillError(
      .metricMismatch, "the distance \(metric.rawValue) is not defined for elements \(type.rawValue)",
      hint: "\(metric.rawValue) takes \(metric.elements)")
  }

  /// A table of mapped, read-only rows was to be changed.
  package static var readOnly: MillError { MillError(.readOnlyVectors, "mapped vectors are read-only") }

  /// No dimension, or beyond what fits.
  package static func impossibleDimension(_ dimension: Int) -> MillError {
    MillError(
      .badOption, "impossible dimension \(dimension)", hint: "1 to \(VectorTable.maximumDimension) are possible")
  }
}
