public import MillRuntime

/// Why an edge score or a sparsification was refused. Nothing was computed when it is thrown, except for
/// ``store(_:)`` and ``weightsTooExtreme``.
public enum SparsifyError: Error, Equatable, Sendable {
  /// The share to remove is not in 0...1.
  case shareOutOfRange(Double)
  /// The number of edges to remove is negative or above the number of edges.
  case countOutOfRange(Int, edges: Int)
  /// The number of edges to keep is negative.
  case keepCountNegative(Int)
  /// The threshold is NaN.
  case thresholdIsNaN
  /// The minimum degree is negative.
  case minimumDegreeNegative(Int)
  /// The score has no directed form.
  case undirectedOnly(EdgeScoreMethod)
  /// The score has no weighted form.
  case unweightedOnly(EdgeScoreMethod)
  /// A weight is NaN, infinite or negative, or 0 where weights take part in the score. Nodes by their input names.
  case badWeight(source: String, target: String, weight: String)
  /// The weights are so large or small that a score leaves the range of a double.
  case weightsTooExtreme
  /// Memory ran out or the run was stopped.
  case store(MillError)
}

extension SparsifyError: MillErrorConvertible {
  /// The same failure with a kind, a message and an exit code.
  public var millError: MillError {
    switch self {
    case .shareOutOfRange(let share):
      MillError(.badOption, "the share of edges to remove must be between 0 and 1", field: "\(share)")
    case .countOutOfRange(let count, let edges):
      MillError(.badOption, "cannot remove \(count) edges: the graph has \(edges)", field: "\(count)")
    case .keepCountNegative(let count):
      MillError(.badOption, "the number of edges to keep must not be negative", field: "\(count)")
    case .thresholdIsNaN:
      MillError(.badOption, "the threshold must be a number", field: "nan")
    case .minimumDegreeNegative(let degree):
      MillError(.badOption, "the minimum degree must not be negative", field: "\(degree)")
    case .undirectedOnly(let method):
      MillError(
        .badOption, "the score \(method.rawValue) has no directed form",
        hint: "let the graph be made undirected, or use teddy, reverse, degree-product or random")
    case .unweightedOnly(let method):
      MillError(
        .badOption, "the score \(method.rawValue) has no weighted form", hint: "weights count in teddy and reverse")
    case .badWeight(let source, let target, let weight):
      MillError(
        MillError.Kind("bad-weight", .badData), "the edge \(source) - \(target) has a weight that cannot be used",
        field: weight, hint: "weights must be finite and not negative, and above 0 in a weighted score")
    case .weightsTooExtreme:
      MillError(
        MillError.Kind("weight-range", .badData), "the weights are so large or small that scores overflow",
        hint: "scale the weights: the order of the scores does not depend on their unit")
    case .store(let error): error
    }
  }
}

/// Runs an operation of the store and hands its error on as ``SparsifyError/store(_:)``.
func storing<Value>(_ body: () throws(MillError) -> Value) throws(SparsifyError) -> Value {
  do { return try body() } catch { throw .store(error) }
}
