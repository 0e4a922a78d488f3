/// How edges are rated; a high score means "keep".
public enum EdgeScoreMethod: String, Sendable, CaseIterable, Codable {
  /// Degree-based trimming: edges between hubs among hubs score low. See ``teddyNodeScores(of:options:context:)``.
  case teddy
  /// A uniform draw in 0..<1 for each edge, from the seed and the edge's two node ids.
  case random
  /// The negated TEDDY score: trims the edges of low-degree nodes first. Scores are below 0.
  case reverse
  /// 1 / (d(u) d(v)).
  case degreeProduct = "degree-product"
  /// 1 - ln(rank) / ln(degree), where the rank counts the neighbors of larger degree, plus 1; an edge takes the
  /// larger value of its two ends (Lindner, Staudt, Hamann, Meyerhenke, Wagner, ASONAM 2015, local degree).
  case localDegree = "local-degree"
  /// Common neighbors over all neighbors of the two ends, in 0...1; the ends themselves count among "all".
  case jaccard
  /// The number of triangles that the edge is part of.
  case triangles
}

/// What ``edgeScores(of:options:context:)`` and ``sparsify(_:options:context:)`` rate edges by.
public struct EdgeScoreOptions: Sendable, Equatable, Codable {
  /// The score.
  public var method: EdgeScoreMethod
  /// Seed of the random score; no other score looks at it.
  public var seed: UInt64
  /// Whether self-loops stay. By default they are dropped before scoring. Kept loops count 1 in the degrees (and
  /// once in the neighbor sums) of TEDDY, reverse and degree product, are invisible to the other scores, are never
  /// removed and do not count as edges.
  public var keepsLoops: Bool
  /// Whether TEDDY and reverse see every node as its own neighbor once, as attention models do: degree + 1.
  public var selfLoopsInScore: Bool
  /// Whether a directed graph is rated arc by arc, with out-degrees at sources and in-degrees at targets, and stays
  /// directed. By default it is made undirected first. Undirected graphs are the same in both settings.
  public var directed: Bool
  /// Whether TEDDY and reverse put weights, which must be above 0, in the place of counts.
  public var weighted: Bool

  /// TEDDY of the undirected graph without loops and weights, unless told otherwise.
  public init(
    method: EdgeScoreMethod = .teddy, seed: UInt64 = 42, keepsLoops: Bool = false, selfLoopsInScore: Bool = false,
    directed: Bool = false, weighted: Bool = false
  ) {
    self.method = method
    self.seed = seed
    self.keepsLoops = keepsLoops
    self.selfLoopsInScore = selfLoopsInScore
    self.directed = directed
    self.weighted = weighted
  }
}

/// How many edges go. Edges go in ascending order of (score, u, v) with u < v.
public enum EdgeRemoval: Sendable, Equatable, Codable {
  /// The share p in 0...1: floor(p · m) edges.
  case share(Double)
  /// That many edges, 0...m.
  case count(Int)
  /// All but that many edges; a graph that has no more than those is left alone.
  case keeping(Int)
  /// Every edge whose score is below the value; not NaN.
  case scoresBelow(Double)
}

/// The settings of ``sparsify(_:options:context:)``.
public struct SparsifyOptions: Sendable, Equatable, Codable {
  /// How edges are rated.
  public var score: EdgeScoreOptions
  /// How many edges go.
  public var removal: EdgeRemoval
  /// Orders edges of equal score by a hash of (seed, u, v) instead of by (u, v). On a regular graph all TEDDY scores
  /// are equal and this order alone decides.
  public var tieSeed: UInt64?
  /// Whether a maximum spanning forest (by the order of removal) stays whole, so that components stay as they are.
  public var keepsForest: Bool
  /// Edges that every node keeps at least (or all, if it has fewer), at least 0. Edges are visited in the order of
  /// removal, and one is skipped when its removal would take an end below this number.
  public var minimumDegree: Int

  /// Removes by the given measure; by default nothing, by TEDDY scores.
  public init(
    _ removal: EdgeRemoval = .share(0), score: EdgeScoreOptions = .init(), tieSeed: UInt64? = nil,
    keepsForest: Bool = false, minimumDegree: Int = 0
  ) {
    self.removal = removal
    self.score = score
    self.tieSeed = tieSeed
    self.keepsForest = keepsForest
    self.minimumDegree = minimumDegree
  }
}

/// Sizes that change how the work is cut, never its result. Tests make them small.
package struct SparsifyTuning: Sendable {
  /// Nodes plus arcs of one chunk of work.
  package var chunkWork = 1 << 16
  /// Logarithm of the number of histogram buckets at most.
  package var bucketBits = 13
  /// Edges that are pulled into memory for the exact selection: at most the largest of this, a share of the nodes and
  /// a share of the edges.
  package var minimumCapacity = 4096
  /// Nodes for each such edge.
  package var nodesPerEntry = 8
  /// Edges for each such edge.
  package var edgesPerEntry = 512
  /// Edges from which on a sample says where to look.
  package var leastSampled = 1 << 18
  /// How far off the sample may be, in standard deviations.
  package var sampleMargin = 3.0

  package init() {}

  func capacity(nodeCount: Int, edgeCount: Int) -> Int {
    max(minimumCapacity, nodeCount / nodesPerEntry, edgeCount / edgesPerEntry)
  }
}
