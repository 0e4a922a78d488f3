extension DegreeDistribution {
  /// The Kolmogorov–Smirnov distance: the largest difference, in 0...1, between the two shares of nodes up to any
  /// degree. 0 means equal distributions; graphs of different size can be compared.
  ///
  /// - Returns: 0 when both are without nodes, 1 when one is.
  /// - Complexity: O(number of different degrees). The result does not depend on the machine.
  public func kolmogorovSmirnovDistance(to other: DegreeDistribution) -> Double {
    guard nodeCount > 0, other.nodeCount > 0 else { return nodeCount == other.nodeCount ? 0 : 1 }
    var (i, j) = (0, 0)
    var (own, others) = (0, 0)
    var largest = 0.0
    while i < histogram.count || j < other.histogram.count {
      let degree = min(
        i < histogram.count ? histogram[i].degree : Int.max,
        j < other.histogram.count ? other.histogram[j].degree : Int.max)
      if i < histogram.count, histogram[i].degree == degree {
        own += histogram[i].nodes
        i += 1
      }
      if j < other.histogram.count, other.histogram[j].degree == degree {
        others += other.histogram[j].nodes
        j += 1
      }
      largest = max(largest, abs(Double(own) / Double(nodeCount) - Double(others) / Double(other.nodeCount)))
    }
    return largest
  }
}
