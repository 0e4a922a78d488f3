public import MillRuntime

/// What ``GraphSummary/pageRank(damping:tolerance:maximumRounds:)`` found, and how far it got.
public struct SummaryPageRankResult: Sendable {
  /// One score a node, shape `[n]`; they sum to 1 within rounding.
  public let scores: [Double]
  /// Products with the adjacency matrix.
  public let rounds: Int
  /// L1 change of the last round.
  public let change: Double
  /// Whether `change` fell below the tolerance.
  public let converged: Bool
}

extension GraphSummary {
  /// The product of the graph's adjacency matrix with `x`, without restoring the graph.
  ///
  /// Sums of `x` are taken up the forest, carried over the edges of the summary and pushed down again; what loops add
  /// of a node itself is taken away.
  ///
  /// - Parameter x: Shape `[n]`.
  /// - Returns: Shape `[n]`: entry v is the sum of `x` over the neighbors of v, up to rounding.
  /// - Complexity: O(n + cost), against O(n + m) on the graph. One thread, fixed order.
  public func multiplyAdjacency(_ x: [Double]) -> [Double] {
    precondition(x.count == nodeCount, "one entry a node")
    var sums = x + [Double](repeating: 0, count: supernodeCount - nodeCount)
    for s in 0..<supernodeCount where unsafe parents.base[s] != Self.noParent {
      unsafe sums[Int(parents.base[s])] += sums[s]
    }
    var carried = [Double](repeating: 0, count: supernodeCount)
    var loops = [Double](repeating: 0, count: supernodeCount)
    for i in 0..<positiveEdgeCount + negativeEdgeCount {
      let edge = unsafe signedEdges.base[i]
      let (a, b) = (Int(edge.x), Int(edge.y))
      let sign = edge.isNegative ? -1.0 : 1.0
      carried[a] += sign * sums[b]
      if a == b { loops[a] += sign } else { carried[b] += sign * sums[a] }
    }
    for s in stride(from: supernodeCount - 1, through: 0, by: -1) where unsafe parents.base[s] != Self.noParent {
      unsafe carried[s] += carried[Int(parents.base[s])]
      unsafe loops[s] += loops[Int(parents.base[s])]
    }
    return (0..<nodeCount).map { carried[$0] - loops[$0] * x[$0] }
  }

  /// Scores every node by the share of time a random walker spends on it, straight on the summary.
  ///
  /// A walker on a node without neighbors jumps to any node.
  ///
  /// - Parameters:
  ///   - damping: Chance that the walker follows an edge, in 0..<1.
  ///   - tolerance: Stop when a round changes the scores by less in all (L1).
  ///   - maximumRounds: Rounds at most.
  /// - Throws: `MillError` of kind `bad-option`.
  /// - Complexity: O(rounds * (n + cost)).
  /// - Source: Page, Brin, Motwani, Winograd, Stanford InfoLab report 1999-66, section 2.
  public func pageRank(
    damping: Double = 0.85, tolerance: Double = 1e-9, maximumRounds: Int = 200
  ) throws(MillError) -> SummaryPageRankResult {
    guard damping >= 0, damping < 1 else { throw MillError(.badOption, "the damping \(damping) is not in 0..<1") }
    guard tolerance > 0 else { throw MillError(.badOption, "the tolerance \(tolerance) is not above 0") }
    guard maximumRounds > 0 else { throw MillError(.badOption, "\(maximumRounds) rounds are too few") }
    let n = nodeCount
    guard n > 0 else { return SummaryPageRankResult(scores: [], rounds: 0, change: 0, converged: true) }
    let degrees = (0..<n).map { Double(degree(of: $0)) }
    var scores = [Double](repeating: 1 / Double(n), count: n)
    var rounds = 0
    var change = Double.infinity
    while rounds < maximumRounds, change >= tolerance {
      var stuck = 0.0
      var shares = scores
      for v in 0..<n {
        if degrees[v] == 0 { stuck += scores[v] }
        shares[v] = degrees[v] == 0 ? 0 : scores[v] / degrees[v]
      }
      let floor = (1 - damping + damping * stuck) / Double(n)
      let product = multiplyAdjacency(shares)
      change = 0
      for v in 0..<n {
        let next = floor + damping * product[v]
        change += abs(next - scores[v])
        scores[v] = next
      }
      rounds += 1
    }
    return SummaryPageRankResult(scores: scores, rounds: rounds, change: change, converged: change < tolerance)
  }
}
