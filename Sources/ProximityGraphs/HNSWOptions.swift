import MillRuntime

/// How neighbors are chosen from candidates.
public enum NeighborSelection: String, Sendable, CaseIterable, Codable {
  /// The nearest (2016 paper, algorithm 3).
  case simple
  /// One link a direction: a candidate is skipped when a chosen neighbor is nearer to it than the node is
  /// (algorithm 4).
  case heuristic
}

/// What is done after a build so that every object can be found.
public enum ConnectivityRepair: String, Sendable, CaseIterable, Codable {
  /// Nothing.
  case none
  /// Every object becomes reachable from the entry point.
  case reach
  /// Also, every object is searched for itself once, and those that are missed get one more link.
  case full
}

/// The settings of an HNSW graph. Defaults suit most data; see the article on choosing parameters.
public struct HNSWOptions: Sendable, Equatable, Codable {
  /// Links a new node makes on each level, 2...512; useful are 5...48.
  public var m: Int
  /// Links of a node on level 0 at most, at least ``m``; nil for twice ``m``.
  public var baseLinks: Int?
  /// Beam width of the build, 1...1048576; raised to ``m``.
  public var efConstruction: Int
  /// Level scale mL, 0...16; nil for 1 / ln(m), 0 for a flat graph.
  public var levelScale: Double?
  /// How neighbors are chosen.
  public var selection: NeighborSelection
  /// Whether the heuristic looks at neighbors of candidates too; only for extremely clustered data.
  public var extendsCandidates: Bool
  /// Whether lists are filled up with skipped candidates, nearest first.
  public var keepsPruned: Bool
  /// Factor of the heuristic's test on plain distances, 1...16; larger keeps more and longer links.
  public var alpha: Float
  /// What is done after a bulk build.
  public var repair: ConnectivityRepair
  /// Whether a bulk build inserts one by one, the reference; else in batches that see each other's links.
  public var isSequential: Bool
  /// Whether a bulk build draws insertion order and levels by the contents of the vectors: the same vectors in any order
  /// of rows make the same graph, but for what equal distances and the repair leave open. Rows and keys stay where they
  /// are. Else both go by row number; in the order given, a batch of neighbors in time or of one cluster finds nothing
  /// near it in the graph.
  public var shuffles: Bool
  /// Seed of levels and insertion order.
  public var seed: UInt64

  /// The given settings, the defaults for the others.
  public init(
    m: Int = 16, baseLinks: Int? = nil, efConstruction: Int = 200, levelScale: Double? = nil,
    selection: NeighborSelection = .heuristic, extendsCandidates: Bool = false, keepsPruned: Bool = true,
    alpha: Float = 1, repair: ConnectivityRepair = .full, isSequential: Bool = false, shuffles: Bool = true,
    seed: UInt64 = 42
  ) {
    self.m = m
    self.baseLinks = baseLinks
    self.efConstruction = efConstruction
    self.levelScale = levelScale
    self.selection = selection
    self.extendsCandidates = extendsCandidates
    self.keepsPruned = keepsPruned
    self.alpha = alpha
    self.repair = repair
    self.isSequential = isSequential
    self.shuffles = shuffles
    self.seed = seed
  }

  /// Links of a node on level 0 at most.
  public var maximumBaseLinks: Int { baseLinks ?? 2 * m }
  /// The level scale in use.
  public var scale: Double { levelScale ?? Self.defaultScale(m) }
  static func defaultScale(_ m: Int) -> Double { 1 / naturalLogarithm(Double(m)) }

  /// - Throws: `bad-option`.
  func validate() throws(MillError) {
    func refuse(_ text: String) -> MillError { MillError(.badOption, text) }
    guard (2...512).contains(m) else { throw refuse("m is \(m), not in 2...512") }
    guard (m...1024).contains(maximumBaseLinks) else { throw refuse("baseLinks is not in m...1024") }
    guard (1...1 << 20).contains(efConstruction) else { throw refuse("efConstruction is not in 1...1048576") }
    guard scale >= 0, scale <= 16 else { throw refuse("levelScale is not in 0...16") }
    guard alpha >= 1, alpha <= 16 else { throw refuse("alpha is not in 1...16") }
  }
}
