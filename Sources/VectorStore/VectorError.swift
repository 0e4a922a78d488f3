public import MillRuntime

/// Why vectors were refused.
public enum VectorError: MillErrorConvertible, Equatable, Sendable {
  /// A value is not a number or infinite (after conversion to the element type).
  case notFinite(row: Int, column: Int)
  /// A vector has another number of elements than the table.
  case dimensionMismatch(expected: Int, found: Int)
  /// A value that the element type cannot hold exactly: bytes take the integers 0...255, bits 0 and 1.
  case notRepresentable(row: Int, column: Int)
  /// The distance is not defined for the element type.
  case metricMismatch(Metric, ElementType)
  /// A table of mapped, read-only rows was to be changed.
  case readOnly
  /// No dimension, or beyond what fits.
  case impossibleDimension(Int)
  /// Memory was refused.
  case resource(MillError)

  /// The same with kind, message and exit code.
  public var millError: MillError {
    switch self {
    case .notFinite(let row, let column):
      MillError(.malformed, "row \(row), column \(column) is not a finite number")
    case .dimensionMismatch(let expected, let found):
      MillError(.malformed, "a vector of \(found) elements, expected \(expected)")
    case .notRepresentable(let row, let column):
      MillError(.malformed, "row \(row), column \(column) does not fit the element type")
    case .metricMismatch(let metric, let element):
      MillError(.badOption, "the distance \(metric.rawValue) is not defined for elements \(element.rawValue)")
    case .readOnly: MillError(.badOption, "mapped vectors are read-only")
    case .impossibleDimension(let dimension): MillError(.badOption, "impossible dimension \(dimension)")
    case .resource(let error): error
    }
  }
}

/// Runs what allocates, with its failure as a ``VectorError``.
func allocating<Result>(_ body: () throws(MillError) -> Result) throws(VectorError) -> Result {
  do throws(MillError) { return try body() } catch { throw .resource(error) }
}
