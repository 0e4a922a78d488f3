import MillRuntime

/// The settings of a flat navigable small world graph.
public struct NSWOptions: Sendable, Equatable, Codable {
  /// Links an insertion makes, 1...1024; about three times the intrinsic dimension.
  public var links: Int
  /// Searches from random nodes an insertion makes, 1...1000.
  public var buildRestarts: Int
  /// Whether points are inserted in random order. Sorted input makes a graph that cannot be navigated.
  public var shuffles: Bool
  /// Seed of insertion order and entry nodes.
  public var seed: UInt64

  /// The given settings, the defaults for the others.
  public init(links: Int = 16, buildRestarts: Int = 4, shuffles: Bool = true, seed: UInt64 = 42) {
    self.links = links
    self.buildRestarts = buildRestarts
    self.shuffles = shuffles
    self.seed = seed
  }

  /// - Throws: `bad-option`.
  func validate() throws(MillError) {
    guard (1...1024).contains(links) else { throw MillError(.badOption, "links is \(links), not in 1...1024") }
    guard (1...1000).contains(buildRestarts) else {
      throw MillError(.badOption, "buildRestarts is \(buildRestarts), not in 1...1000")
    }
  }
}
