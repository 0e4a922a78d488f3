/// What a null model knows of a node or a group: two of them together say how much weight it expects between their owners.
protocol NullMass: AdditiveArithmetic, BitwiseCopyable, Sendable {
  /// The same, times a factor.
  func scaled(by factor: Double) -> Self
  /// What is expected between two owners, in the units of the model.
  func expected(with other: Self) -> Double
}

/// The sum of weights at a node, or a number of nodes: links have no direction.
extension Double: NullMass {
  @inline(__always) func scaled(by factor: Double) -> Double { self * factor }
  @inline(__always) func expected(with other: Double) -> Double { self * other }
}

/// The weight of the arcs that leave a node, and of those that enter it.
///
/// Between two nodes an arc either way is expected, out of one and into the other. The factor of 2 makes a node with half of
/// its weight on either side the same as an undirected one.
struct ArcMass: NullMass {
  var leaving: Double
  var entering: Double

  static let zero = ArcMass(leaving: 0, entering: 0)

  @inline(__always) static func + (left: ArcMass, right: ArcMass) -> ArcMass {
    ArcMass(leaving: left.leaving + right.leaving, entering: left.entering + right.entering)
  }

  @inline(__always) static func - (left: ArcMass, right: ArcMass) -> ArcMass {
    ArcMass(leaving: left.leaving - right.leaving, entering: left.entering - right.entering)
  }

  @inline(__always) func scaled(by factor: Double) -> ArcMass {
    ArcMass(leaving: leaving * factor, entering: entering * factor)
  }

  @inline(__always) func expected(with other: ArcMass) -> Double {
    2 * (leaving * other.entering + entering * other.leaving)
  }
}
