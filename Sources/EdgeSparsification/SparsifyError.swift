public import MillRuntime

/// The refusals of scores and sparsification; nothing was computed when they are thrown, but for ``weightsTooExtreme``.
extension MillError {
  static func shareOutOfRange(_ share: Double) -> MillError {
    MillError(.badOption, "the share of edges to remove must be between 0 and 1", field: "\(share)")
  }
  static func countOutOfRange(_ count: Int, edges: Int) -> MillError {
    MillError(.badOption, "cannot remove \(count) edges: the graph has \(edges)", field: "\(count)")
  }
  static func keepCountNegative(_ count: Int) -> MillError {
    MillError(.badOption, "the number of edges to keep must not be negative", field: "\(count)")
  }
  static var thresholdIsNaN: MillError { MillError(.badOption, "the threshold must be a number", field: "nan") }
  static func minimumDegreeNegative(_ degree: Int) -> MillError {
    MillError(.badOption, "the minimum degree must not be negative", field: "\(degree)")
  }
  static func undirectedOnly(_ method: EdgeScoreMethod) -> MillError {
    MillError(
      .badOption, "the score \(method.rawValue) has no directed form",
      hint: "let the graph be made undirected, or use teddy, reverse, degree-product or random")
  }
  static func unweightedOnly(_ method: EdgeScoreMethod) -> MillError {
    MillError(
      .badOption, "the score \(method.rawValue) has no weighted form", hint: "weights count in teddy and reverse")
  }
  static var weightsTooExtreme: MillError {
    MillError(
      .weightRange, "the weights are so large or small that scores overflow",
      hint: "scale the weights: the order of the scores does not depend on their unit")
  }
}

extension MillError.Kind {
  /// Weights so large or small that a result leaves the range of a double.
  public static let weightRange = Self("weight-range", .badData)
}
