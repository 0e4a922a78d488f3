import MillRuntime

/// How long a graph is when it is told by a partition of its nodes, in nats and up to what is the same for all partitions:
/// degree-corrected Poisson block models of the 0/1 graph, the partition and the counts of edges included. Where edges have
/// weights, those that share a rate share a mean weight: weights are exponential, and the means are drawn around that of the
/// graph, so that the unit does not matter.
///
/// A star has a rate inside each group and one between all groups; it is cheap enough to move single nodes by. A tree has
/// a rate at every merge of the linkage: 2 B - 1 of them for B groups, where a full block model has B (B + 1) / 2 and so
/// never affords thousands of groups.
///
/// - Source: Peixoto, Physical Review X 7, 2017 (the counts of edges and the partition as parts of the message); Peixoto,
///   "Nonparametric weighted stochastic block models", Physical Review E 97, 012306, 2018 (exponential weights); the tree of
///   rates is the model of Dreveton, Kuroda, Grossglauser, Thiran, JASA 2026, with degrees.
struct DescriptionLength {
  /// What is known of a group.
  struct Group: Equatable {
    /// Nodes.
    var nodes: Int
    /// Edges inside.
    var inside: Int
    /// The sum of degrees.
    var volume: Int
    /// The weight of the edges inside; 0 where there are no weights.
    var weight = 0.0
  }

  /// What is between the groups of a star.
  struct Rest: Equatable {
    /// Edges.
    var edges: Int
    /// Their weight.
    var weight: Double
    /// The sum of squares of the groups' volumes.
    var squares: Double
  }

  /// Nodes of the graph.
  let nodes: Int
  /// Edges of the graph.
  let edges: Int
  /// Their mean weight; 0 where there are no weights.
  let meanWeight: Double

  /// The part of a group: its edges at the group's rate, and which nodes it has.
  func group(_ group: Group) -> Double {
    rate(group.inside, weight: group.weight, pairs: Double(group.volume) * Double(group.volume) / 2)
      - LogFactorial.of(group.nodes)
  }

  /// Edges that may lie at any of `pairs` pairs of half-edges, and what they weigh together.
  func rate(_ edges: Int, weight: Double, pairs: Double) -> Double {
    guard edges > 0 else { return 0 }
    let places = Double(edges) * Logarithm.natural(pairs) - LogFactorial.of(edges)
    guard meanWeight > 0 else { return places }
    return places + Double(edges + 1) * Logarithm.natural(1 + weight / meanWeight) - LogFactorial.of(edges)
  }

  /// What a star has beside its groups.
  ///
  /// - Parameters:
  ///   - count: The number of groups.
  ///   - rest: The edges between them.
  func star(count: Int, _ rest: Rest) -> Double {
    let volume = 2 * Double(edges)
    return rate(rest.edges, weight: rest.weight, pairs: (volume * volume - rest.squares) / 2)
      + LogFactorial.multisets(bins: count > 1 ? count + 1 : 1, items: edges) + partition(count)
  }

  /// What it takes to tell the partition, the sizes of its groups apart.
  func partition(_ count: Int) -> Double {
    guard nodes > 0 else { return 0 }
    return LogFactorial.choose(nodes - 1, count - 1) + LogFactorial.of(nodes) + Logarithm.natural(Double(nodes))
      - LogFactorial.of(count)
  }
}

/// The groups of a partition, the edges between them, and how long the graph is by them.
struct PartitionSummary {
  let length: DescriptionLength
  let groups: [DescriptionLength.Group]
  /// The graph of the groups; masses are volumes.
  let level: LevelGraph<Double>
  /// The same graph, where the weight of an edge is that of the edges that it stands for; nil without weights. Its edges
  /// stand at the same places.
  let ranked: LevelGraph<Double>?

  /// - Parameters:
  ///   - graph: The graph.
  ///   - labels: Labels below `count`, each of which occurs.
  init(_ graph: DescribedGraph, labels: FlatBuffer<UInt32>, count: Int) throws(MillError) {
    let level = try graph.level.aggregated(labels, count: count)
    let ranked = try graph.ranked.map { (graph) throws(MillError) in try graph.aggregated(labels, count: count) }
    var groups = (0..<count).map { group in
      unsafe DescriptionLength.Group(
        nodes: 0, inside: Int(level.loops?.base[group] ?? 0) / 2, volume: Int(level.masses.base[group]),
        weight: (ranked?.loops?.base[group] ?? 0) / 2)
    }
    for node in 0..<graph.nodeCount { unsafe groups[Int(labels.base[node])].nodes += 1 }
    let edges = groups.reduce(0) { $0 + $1.volume } / 2
    length = DescriptionLength(
      nodes: graph.nodeCount, edges: edges, meanWeight: (ranked?.total ?? 0) / 2 / Double(max(1, edges)))
    (self.level, self.ranked, self.groups) = (level, ranked, groups)
  }

  /// What is between the groups.
  var rest: DescriptionLength.Rest {
    groups.reduce(
      DescriptionLength.Rest(edges: length.edges, weight: (ranked?.total ?? 0) / 2, squares: 0)
    ) { rest, group in
      DescriptionLength.Rest(
        edges: rest.edges - group.inside, weight: rest.weight - group.weight,
        squares: rest.squares + Double(group.volume) * Double(group.volume))
    }
  }

  /// Calls `visit` with each group that a group is linked to, and their edges.
  func links(of group: Int, _ visit: (_ other: Int, _ edges: Int, _ weight: Double) -> Void) {
    for e in unsafe Int(level.offsets[group])..<Int(level.offsets[group + 1]) {
      unsafe visit(Int(level.targets[e]), Int(level.weights?.base[e] ?? 1), ranked?.weights?.base[e] ?? 0)
    }
  }

  /// The length by a star.
  var star: Double { groups.reduce(length.star(count: groups.count, rest)) { $0 + length.group($1) } }

  /// The length by the tree of average linkage, where the density of two groups is their edges over the product of their
  /// volumes.
  var tree: Double {
    var sum = groups.reduce(length.treeCost(leaves: groups.count)) { $0 + length.group($1) }
    let merges = merges
    let weights = joinedWeights(merges)
    for (merge, weight) in zip(merges, weights) where merge.density.edges > 0 {
      sum += length.rate(Int(merge.density.edges), weight: weight, pairs: Double(merge.density.pairs))
    }
    return sum
  }

  /// The modularity of the partition.
  var modularity: Double {
    let total = 2 * Double(length.edges)
    return total > 0 ? level.excess(scale: 1 / total) / total : 0
  }

  private var merges: [Merge] {
    var rows = [[Int32: UInt64]](repeating: [:], count: groups.count)
    for group in 0..<groups.count {
      rows[group].reserveCapacity(unsafe Int(level.offsets[group + 1] - level.offsets[group]))
      links(of: group) { other, edges, _ in rows[group][Int32(other)] = UInt64(edges) }
    }
    var chain = ChainLinkage(rows: rows, sizes: groups.map { UInt64(max(1, $0.volume)) })
    return chain.merges()
  }

  /// The tree of average linkage.
  var linkageTree: CommunityTree { tree(of: merges) }

  private func tree(of merges: [Merge]) -> CommunityTree {
    CommunityTree.fromMerges(
      merges, sizes: groups.map(\.nodes), inside: [Double](repeating: 0, count: groups.count), unit: 1)
  }

  /// The weight of the edges that each merge joins; zeros without weights.
  private func joinedWeights(_ merges: [Merge]) -> [Double] {
    var weights = [Double](repeating: 0, count: merges.count)
    guard ranked != nil else { return weights }
    let ancestors = CommonAncestors(tree(of: merges))
    for a in groups.indices {
      links(of: a) { b, _, weight in
        if b < a { weights[ancestors.deepest(a, b) - groups.count] += weight }
      }
    }
    return weights
  }
}
