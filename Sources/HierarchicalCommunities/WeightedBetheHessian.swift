import MillRuntime

/// The Bethe-Hessian of a weighted graph, H_ii = 1 + sum of w² / (r² - w²) and H_ij = -r w / (r² - w²), in the form that
/// the eigensolver knows: eigenvalues of P = D⁻¹ B above a threshold are the negative ones of H.
///
/// Noise fills the non-backtracking matrix up to the root of the leading eigenvalue of the matrix of squared weights; that
/// is r. Leading eigenvalues are estimated from degrees, as on the 0/1 graph: with s_i the sum of squared weights at node i,
/// r² = sum of s² / sum of s - sum of w⁴ / sum of w² (over arcs). H exists only where r exceeds every weight, so r is
/// raised to 1.01 times the heaviest one where it does not. Negative eigenvalues at a larger r are those real eigenvalues of
/// the non-backtracking matrix that exceed it, so the count can only fall.
///
/// Weights count relative to r: a common factor changes nothing, and equal weights give the operator of the 0/1 graph.
///
/// - Source: Saade, Krzakala, Zdeborová, "Spectral clustering of graphs with the Bethe Hessian", NIPS 2014 (the matrix,
///   its eigenvalues at a given r); Saade, Krzakala, Zdeborová, "Matrix completion from fewer entries: spectral detectability
///   and rank estimation", NIPS 2015 (noise scales with squared weights). The estimate of r from degrees is ours.
struct WeightedBetheHessian: @unchecked Sendable {
  private let graph: CommunityGraph
  private let weights: FlatBuffer<UInt64>
  /// In units of a weight of 1.
  private let r: Double
  /// The square of the leading eigenvalue of the non-backtracking matrix over r; the mean excess degree where weights are
  /// equal.
  let rho: Double
  /// Whether the heaviest weight set r.
  let isRaised: Bool
  /// A common factor of H that makes it that of the 0/1 graph where weights are equal.
  private let scale: Double
  private let threshold: Double

  private static let clearance = 1.01

  /// Nil where edges have no weights.
  ///
  /// - Complexity: O(n + m), one order of all sums.
  init?(_ graph: CommunityGraph) {
    guard let weights = graph.weights, graph.arcCount > 0 else { return nil }
    self.graph = graph
    self.weights = weights
    let unit = unsafe weights.elements.reduce(0.0) { max($0, Double($1)) }
    let square = Self.excess(graph) { arc in
      let weight = unsafe Double(weights.base[arc]) / unit
      return weight * weight
    }
    let leading = Self.excess(graph) { unsafe Double(weights.base[$0]) / unit }
    // The heaviest weight is 1 here.
    let wanted = square > 0 ? square.squareRoot() : 0
    isRaised = wanted < Self.clearance
    let relative = max(wanted, Self.clearance)
    r = relative * unit
    rho = leading / relative * (leading / relative)
    let usable = max(rho, 1.0001)
    scale = usable - 1
    threshold = 1 / usable.squareRoot()
  }

  /// The mean excess degree where each arc counts by its value: sum over nodes of s² - sum over arcs of value², over the sum
  /// of all values.
  private static func excess(_ graph: CommunityGraph, _ value: (Int) -> Double) -> Double {
    var (strengths, squares, total) = (0.0, 0.0, 0.0)
    for i in 0..<graph.nodeCount {
      var sum = 0.0
      for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) {
        let value = value(e)
        sum += value
        squares += value * value
      }
      strengths += sum * sum
      total += sum
    }
    return total > 0 ? (strengths - squares) / total : 0
  }

  /// The entry of D for a node: H_ii, scaled.
  func diagonal(_ node: Int) -> Double {
    var sum = 1.0
    for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node + 1]) {
      let share = unsafe Double(weights.base[e]) / r
      sum += share * share / (1 - share * share)
    }
    return sum * scale
  }

  /// The entry of B for an arc: -H_ij, scaled, in units of the threshold.
  func entry(_ arc: Int) -> Double {
    let share = unsafe Double(weights.base[arc]) / r
    return share / (1 - share * share) * scale * threshold
  }
}
