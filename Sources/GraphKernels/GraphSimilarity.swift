public import GraphStore
public import MillRuntime

/// The settings of ``graphSimilarity(between:and:options:context:)``.
public struct GraphSimilarityOptions: Sendable, Equatable, Codable {
  /// Nodes of the highest PageRank whose sets are compared, at least 1.
  public var topCount: Int
  /// Eigenvalues that are compared, at least 1.
  public var eigenvalueCount: Int
  /// How PageRank is computed.
  public var pageRank: PageRankOptions
  /// Decides where the search for eigenvalues begins.
  public var seed: UInt64

  /// The 100 first nodes and the 10 first eigenvalues, unless told otherwise.
  public init(
    topCount: Int = 100, eigenvalueCount: Int = 10, pageRank: PageRankOptions = .init(), seed: UInt64 = 42
  ) {
    self.topCount = topCount
    self.eigenvalueCount = eigenvalueCount
    self.pageRank = pageRank
    self.seed = seed
  }
}

/// What ``graphSimilarity(between:and:options:context:)`` found.
public struct GraphSimilarityResult: Sendable, Equatable {
  /// What one of the graphs is like.
  public struct Side: Sendable, Equatable {
    /// Nodes.
    public let nodeCount: Int
    /// Edges.
    public let edgeCount: Int
    /// Weakly connected components.
    public let componentCount: Int
    /// Nodes of the largest of them.
    public let largestComponent: Int
    /// The mean clustering coefficient of all nodes.
    public let meanClustering: Double
    /// The share of all paths of two edges whose ends are joined.
    public let transitivity: Double
    /// The largest different eigenvalues of the adjacency matrix, descending.
    public let eigenvalues: SharedArray<Double>
  }

  /// The first graph.
  public let first: Side
  /// The second graph.
  public let second: Side
  /// Nodes of the same name.
  public let commonNodeCount: Int
  /// The Kolmogorov–Smirnov distance of the degrees, in 0...1.
  public let degreeDistance: Double
  /// Pearson's correlation of the PageRank of the common nodes; nil for fewer than two and where all are alike in a graph.
  public let pageRankCorrelation: Double?
  /// The same for their places, equal ones sharing the mean place: Spearman's correlation.
  public let pageRankOrderCorrelation: Double?
  /// The share of the nodes of highest PageRank that both graphs have in common; nil where a graph has no nodes.
  public let topOverlap: Double?
  /// The Euclidean distance of the eigenvalues, relative to the longer of the two vectors; 0 for graphs without edges.
  public let spectralDistance: Double
}

/// Tells how alike two graphs are beyond their edges: what a sparsified, summarized or sampled graph has kept.
///
/// Nodes are the same when their names are.
///
/// - Parameters:
///   - first: A graph.
///   - second: Another one.
///   - options: How many nodes and eigenvalues, PageRank, seed.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `bad-weight` for a negative weight, `over-budget`, `interrupted`.
/// - Complexity: That of ``clusteringCoefficients(of:context:)``, ``pageRank(of:options:context:)`` and
///   ``leadingEigenvalues(of:options:context:)`` for both graphs, and O(n log n). The same bits for every thread count.
/// - Source: The figures by which Lindner, Staudt, Hamann, Meyerhenke, Wagner, "Structure-preserving sparsification of
///   social networks", ASONAM 2015, compare; the distance of spectra after Wilson, Zhu, "A study of graph spectra for
///   comparing graphs and trees", Pattern Recognition 41, 2008, section 2.
public func graphSimilarity(
  between first: CSRGraph, and second: CSRGraph, options: GraphSimilarityOptions = .init(),
  context: RunContext = .init()
) throws(MillError) -> GraphSimilarityResult {
  guard options.topCount >= 1 else {
    throw MillError(.badOption, "a node must be compared", field: "\(options.topCount)")
  }
  let match = try NodeMatch(first, second)
  let one = try NodeScores(of: first, ranks: match.firstRank, options, context)
  let two = try NodeScores(of: second, ranks: match.secondRank, options, context)
  let common = (0..<match.count).filter {
    unsafe match.firstNode.base[$0] >= 0 && match.secondNode.base[$0] >= 0
  }
  let a = common.map { unsafe one.scores[match.firstNode.base[$0]] }
  let b = common.map { unsafe two.scores[match.secondNode.base[$0]] }
  let top = min(options.topCount, first.nodeCount, second.nodeCount)
  let shared = Set(one.top(top)).intersection(two.top(top)).count
  let degrees = [
    try degreeStatistics(of: first, context: context).degrees,
    try degreeStatistics(of: second, context: context).degrees,
  ]
  let sides = [try side(first, options, context), try side(second, options, context)]
  return GraphSimilarityResult(
    first: sides[0], second: sides[1], commonNodeCount: common.count,
    degreeDistance: degrees[0].kolmogorovSmirnovDistance(to: degrees[1]), pageRankCorrelation: correlation(a, b),
    pageRankOrderCorrelation: correlation(places(a), places(b)),
    topOverlap: top > 0 ? Double(shared) / Double(top) : nil,
    spectralDistance: spectralDistance(sides[0].eigenvalues, sides[1].eigenvalues))
}

private func side(
  _ graph: CSRGraph, _ options: GraphSimilarityOptions, _ context: RunContext
) throws(MillError) -> GraphSimilarityResult.Side {
  let components = try connectedComponents(of: graph, context: context)
  let clustering = try clusteringCoefficients(of: graph, context: context)
  let spectrum = try leadingEigenvalues(
    of: graph, options: .init(count: options.eigenvalueCount, seed: options.seed), context: context)
  return GraphSimilarityResult.Side(
    nodeCount: graph.nodeCount, edgeCount: graph.edgeCount, componentCount: components.count,
    largestComponent: components.largest.map { Int(components.sizes[$0]) } ?? 0,
    meanClustering: clustering.meanCoefficient, transitivity: clustering.transitivity, eigenvalues: spectrum.values)
}

/// The PageRank of a graph's nodes, and their numbers in the common order of names.
private struct NodeScores {
  let scores: SharedArray<Double>
  private let ranks: FlatBuffer<Int>

  init(
    of graph: CSRGraph, ranks: FlatBuffer<Int>, _ options: GraphSimilarityOptions, _ context: RunContext
  ) throws(MillError) {
    scores = try pageRank(of: graph, options: options.pageRank, context: context).scores
    self.ranks = ranks
  }

  /// The numbers of the nodes of highest score; of equal ones those whose names come first.
  func top(_ count: Int) -> ArraySlice<Int> {
    let order = scores.indices.sorted {
      unsafe scores[$0] != scores[$1] ? scores[$0] > scores[$1] : ranks.base[$0] < ranks.base[$1]
    }
    return order.map { unsafe ranks.base[$0] }.prefix(count)
  }
}

/// Pearson's correlation; nil without variation.
private func correlation(_ a: [Double], _ b: [Double]) -> Double? {
  guard a.count > 1 else { return nil }
  let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
  var (both, squareA, squareB) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    both += (x - meanA) * (y - meanB)
    squareA += (x - meanA) * (x - meanA)
    squareB += (y - meanB) * (y - meanB)
  }
  guard squareA > 0, squareB > 0 else { return nil }
  return max(-1, min(1, both / (squareA.squareRoot() * squareB.squareRoot())))
}

/// The place of each value in ascending order, equal ones sharing the mean of theirs.
private func places(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var places = values
  var low = 0
  while low < order.count {
    var high = low
    while high + 1 < order.count, values[order[high + 1]] == values[order[low]] { high += 1 }
    for place in low...high { places[order[place]] = Double(low + high) / 2 }
    low = high + 1
  }
  return places
}

private func spectralDistance(_ a: SharedArray<Double>, _ b: SharedArray<Double>) -> Double {
  var (square, squareA, squareB) = (0.0, 0.0, 0.0)
  for i in 0..<max(a.count, b.count) {
    let (x, y) = (i < a.count ? a[i] : 0, i < b.count ? b[i] : 0)
    square += (x - y) * (x - y)
    squareA += x * x
    squareB += y * y
  }
  let scale = max(squareA, squareB)
  return scale > 0 ? (square / scale).squareRoot() : 0
}
