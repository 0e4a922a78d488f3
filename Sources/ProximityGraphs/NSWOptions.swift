/// The settings of a flat navigable small world graph.
public struct NSWOptions: Sendable, Equatable {
  /// Links an insertion makes, 1...1024; about three times the intrinsic dimension.
  public var links = 16
  /// Searches from random nodes an insertion makes, 1...1000.
  public var buildRestarts = 4
  /// Seed of insertion order and entry nodes.
  public var seed: UInt64 = 42
  /// Whether points are inserted in random order. Sorted input makes a graph that cannot be navigated.
  public var shuffles = true

  /// The defaults.
  public init() {}

  /// - Throws: ``ProximityError/badOption(_:)``.
  func validate() throws(ProximityError) {
    guard (1...1024).contains(links) else { throw .badOption("links is \(links), not in 1...1024") }
    guard (1...1000).contains(buildRestarts) else {
      throw .badOption("buildRestarts is \(buildRestarts), not in 1...1000")
    }
  }
}

/// The settings of one search of an ``NSWIndex``.
public struct NSWSearchOptions: Sendable {
  /// Searches from random nodes, 1...1048576; what they find is put together.
  public var restarts = 4
  /// Objects that a restart keeps, at least k; nil for k, as in the paper. A restart stops when none of them has a
  /// neighbour left to look at.
  public var beam: Int?
  /// Objects that may be returned; nil for all. See ``NSWIndex/filter(_:)``.
  public var filter: SearchFilter?
  /// When to scan instead.
  public var exact = ExactPolicy.automatic

  /// Four restarts, no filter.
  public init() {}

  /// A number of restarts.
  public init(restarts: Int) { self.restarts = restarts }

  /// - Throws: ``ProximityError/badOption(_:)``.
  func validate() throws(ProximityError) {
    guard (1...1 << 20).contains(restarts) else { throw .badOption("restarts is \(restarts), not in 1...1048576") }
    if let beam, beam < 1 { throw .badOption("beam is \(beam), below 1") }
  }
}
