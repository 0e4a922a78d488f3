/// How the degrees of a graph are distributed.
public struct DegreeCurve: Sendable, Equatable {
  /// One name in the key of a chart.
  public let name: String
  /// `counts[d]` nodes have degree d.
  public let counts: [Int]

  /// A distribution by its histogram.
  ///
  /// - Precondition: no count is negative.
  public init(_ name: String, counts: [Int]) {
    precondition(counts.allSatisfy { $0 >= 0 }, "a count below 0")
    self.name = name
    self.counts = counts
  }

  /// A distribution by the degree of each node.
  ///
  /// - Complexity: O(nodes + largest degree).
  public init(_ name: String, degrees: some Sequence<Int>) {
    var counts: [Int] = []
    for degree in degrees {
      precondition(degree >= 0, "a degree below 0")
      if degree >= counts.count { counts.append(contentsOf: repeatElement(0, count: degree + 1 - counts.count)) }
      counts[degree] += 1
    }
    self.init(name, counts: counts)
  }

  /// The number of nodes.
  public var nodes: Int { counts.reduce(0, +) }

  /// For each degree d > 0 that occurs, the share of all nodes that have degree d or more; d ascending.
  ///
  /// Empty for a graph without nodes.
  public var complementaryCumulative: [Chart.Point] {
    let all = nodes
    var below = counts.first ?? 0
    var points: [Chart.Point] = []
    for degree in counts.indices.dropFirst() where counts[degree] > 0 {
      points.append(Chart.Point(Double(degree), Double(all - below) / Double(all)))
      below += counts[degree]
    }
    return points
  }
}

extension Chart {
  /// A log-log chart of complementary cumulative degree distributions: a straight line where degrees follow a power law.
  ///
  /// Nodes of degree 0 count in the shares but have no place along the axis.
  public static func degreeDistributions(_ title: String, _ distributions: [DegreeCurve]) -> Chart {
    Chart(
      title, x: Axis("degree k", .logarithmic), y: Axis("share of nodes with degree ≥ k", .logarithmic, maximum: 1),
      series: distributions.map { Series($0.name, points: $0.complementaryCumulative) })
  }
}
