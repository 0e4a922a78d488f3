/// Two nodes: the ends of an edge, or the source and the target of an arc.
public struct NodePair: Sendable, Hashable, Comparable, BitwiseCopyable, CustomStringConvertible {
  /// The first node.
  public let source: Int
  /// The second node.
  public let target: Int

  /// A pair.
  public init(_ source: Int, _ target: Int) {
    self.source = source
    self.target = target
  }

  /// By source, then target.
  public static func < (one: NodePair, other: NodePair) -> Bool {
    one.source != other.source ? one.source < other.source : one.target < other.target
  }

  /// `3-5`.
  public var description: String { "\(source)-\(target)" }
}
