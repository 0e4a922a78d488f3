import MillRuntime

/// The graph that partitions describe: which nodes are joined, and where weights count, how heavy each edge is among all.
///
/// A weight is told by its rank alone: the share of edges that are heavier (of equal ones half), as the number that an
/// exponential variable of mean 1 exceeds with that chance. So weights that have nothing to do with the groups are
/// exponential whatever their distribution and their unit, a few huge ones among them, and groups whose edges are heavier
/// have a mean above 1. What ranks do not tell is left out.
struct DescribedGraph {
  /// The 0/1 graph; masses are degrees.
  let level: LevelGraph<Double>
  /// The same graph, where edges have what their rank says, in units of ``unit``; nil where all edges weigh the same.
  let ranked: LevelGraph<Double>?

  /// The number of nodes.
  var nodeCount: Int { level.nodeCount }
  /// The number of edges.
  var edgeCount: Int { unsafe Int(level.offsets[level.nodeCount]) / 2 }

  /// What a rank of the mean is as an integer, so that sums are exact.
  static let unit = 65_536.0

  init(_ graph: CommunityGraph) throws(MillError) {
    level = try LevelGraph(graph, usesWeights: false)
    ranked = try graph.rankedByWeight().map { (graph) throws(MillError) in try LevelGraph(graph) }
  }

  private init(level: LevelGraph<Double>, ranked: LevelGraph<Double>?) {
    self.level = level
    self.ranked = ranked
  }

  /// The graph of some nodes; see ``LevelGraph/induced(_:labels:places:)``.
  func induced(
    _ nodes: [UInt32], labels: FlatBuffer<UInt32>, places: FlatBuffer<UInt32>
  ) throws(MillError) -> DescribedGraph {
    DescribedGraph(
      level: try level.induced(nodes, labels: labels, places: places),
      ranked: try ranked.map { (graph) throws(MillError) in
        try graph.induced(nodes, labels: labels, places: places)
      })
  }
}

extension CommunityGraph {
  /// The graph with ``DescribedGraph``'s numbers for weights; nil where all edges weigh the same.
  ///
  /// - Complexity: O(m log m).
  func rankedByWeight() throws(MillError) -> CommunityGraph? {
    guard let weights else { return nil }
    var sorted: [UInt64] = []
    sorted.reserveCapacity(arcCount)
    for e in 0..<arcCount { unsafe sorted.append(weights.base[e]) }
    sorted.sort()
    guard let first = sorted.first, first != sorted.last else { return nil }
    // The distinct weights, and what each becomes; every edge is there twice, which changes no share.
    var (values, ranks): ([UInt64], [UInt64]) = ([], [])
    var begin = 0
    while begin < sorted.count {
      var end = begin
      while end < sorted.count, sorted[end] == sorted[begin] { end += 1 }
      let heavier = 1 - Double(begin + end) / 2 / Double(sorted.count)
      values.append(sorted[begin])
      ranks.append(max(1, UInt64((-DescribedGraph.unit * Logarithm.natural(heavier)).rounded())))
      begin = end
    }
    let ranked = try FlatBuffer<UInt64>(uninitializedCount: arcCount)
    for e in 0..<arcCount {
      let weight = unsafe weights.base[e]
      unsafe ranked.base[e] = ranks[values.indices.partitionPoint { values[$0] >= weight }]
    }
    return reweighted(ranked)
  }
}
