import MillRuntime

/// How long a graph is when it is told by a partition of its nodes, in nats and up to what is the same for all partitions:
/// degree-corrected Poisson block models of the 0/1 graph, the partition and the counts of edges included.
///
/// A star has a rate inside each group and one between all groups; it is cheap enough to move single nodes by. A tree has
/// a rate at every merge of the linkage: 2 B - 1 of them for B groups, where a full block model has B (B + 1) / 2 and so
/// never affords thousands of groups.
///
/// - Source: Peixoto, Physical Review X 7, 2017 (the counts of edges and the partition as parts of the message); the tree of
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
  }

  /// Nodes of the graph.
  let nodes: Int
  /// Edges of the graph.
  let edges: Int

  /// The part of a group: its edges at the group's rate, and which nodes it has.
  func group(_ group: Group) -> Double {
    rate(group.inside, pairs: Double(group.volume) * Double(group.volume) / 2) - LogFactorial.of(group.nodes)
  }

  /// Edges that may lie at any of `pairs` pairs of half-edges.
  func rate(_ edges: Int, pairs: Double) -> Double {
    edges == 0 ? 0 : Double(edges) * Logarithm.natural(pairs) - LogFactorial.of(edges)
  }

  /// What a star has beside its groups.
  ///
  /// - Parameters:
  ///   - count: The number of groups.
  ///   - outside: Edges between groups.
  ///   - squares: The sum of squares of the groups' volumes.
  func star(count: Int, outside: Int, squares: Double) -> Double {
    let volume = 2 * Double(edges)
    return rate(outside, pairs: (volume * volume - squares) / 2)
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
  let level: LevelGraph

  /// - Parameters:
  ///   - graph: A 0/1 graph whose masses are degrees.
  ///   - labels: Labels below `count`, each of which occurs.
  init(_ graph: LevelGraph, labels: FlatBuffer<UInt32>, count: Int) throws(MillError) {
    let level = try graph.aggregated(labels, count: count)
    self.level = level
    var groups = (0..<count).map { group in
      unsafe DescriptionLength.Group(
        nodes: 0, inside: Int(level.loops?.base[group] ?? 0) / 2, volume: Int(level.masses.base[group]))
    }
    for node in 0..<graph.nodeCount { unsafe groups[Int(labels.base[node])].nodes += 1 }
    self.groups = groups
    length = DescriptionLength(nodes: graph.nodeCount, edges: groups.reduce(0) { $0 + $1.volume } / 2)
  }

  /// Edges between groups.
  var outside: Int { length.edges - groups.reduce(0) { $0 + $1.inside } }

  /// The sum of squares of volumes.
  var squares: Double { groups.reduce(0) { $0 + Double($1.volume) * Double($1.volume) } }

  /// The length by a star.
  var star: Double { length.star(groups) }

  /// The length by the tree of average linkage, where the density of two groups is their edges over the product of their
  /// volumes.
  var tree: Double {
    var sum = groups.reduce(length.treeCost(leaves: groups.count)) { $0 + length.group($1) }
    for merge in merges where merge.density.edges > 0 {
      sum += length.rate(Int(merge.density.edges), pairs: Double(merge.density.pairs))
    }
    return sum
  }

  /// The modularity of the partition.
  var modularity: Double {
    let total = 2 * Double(length.edges)
    guard total > 0 else { return 0 }
    return level.quality(scale: 1 / total, isModularity: true, total: total)
  }

  private var merges: [Merge] {
    var rows = [[Int32: UInt64]](repeating: [:], count: groups.count)
    for group in 0..<groups.count {
      let row = unsafe Int(level.offsets[group])..<Int(level.offsets[group + 1])
      rows[group].reserveCapacity(row.count)
      for e in row { unsafe rows[group][Int32(level.targets[e])] = UInt64(level.weights?.base[e] ?? 1) }
    }
    var chain = ChainLinkage(rows: rows, sizes: groups.map { UInt64(max(1, $0.volume)) })
    return chain.merges()
  }
}
