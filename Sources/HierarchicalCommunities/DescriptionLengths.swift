import MillRuntime

/// How long a graph is by what was found, in nats and up to what is the same for all partitions of its nodes: shorter is
/// better, and a difference of 3 is odds of 20 to 1.
///
/// Degree-corrected Poisson block models of the 0/1 graph, small components left out; where weights count, with exponential
/// models of their ranks. A flat partition has one rate inside each group and one between all of them; a tree has one at
/// every merge.
public struct DescriptionLengths: Sendable, Equatable, Codable {
  /// By one group: no communities.
  public var oneGroup = 0.0
  /// By the best flat partition of all that were looked at; nil where only one start was.
  public var bestFlat: Double?
  /// By the tree.
  public var tree = 0.0
  /// By the groups at each depth of the tree as a flat partition, from the root (one group) to the leaves.
  public var levels: [Double] = [0]

  /// Lengths of a graph without edges.
  public init() {}

  /// - Parameters:
  ///   - links: Edges between the leaves, each of which counts 1.
  ///   - ranked: The same edges with ``DescribedGraph``'s numbers; nil where weights do not count.
  ///   - tree: A binary tree of these leaves.
  ///   - bestFlat: Of all partitions that were looked at.
  /// - Complexity: O(depths · linked pairs).
  init(_ links: GroupLinks, ranked: GroupLinks?, tree: CommunityTree, bestFlat: Double?) {
    let length = DescriptionLength(links, ranked)
    levels = (0...tree.height).map { depth in
      let cut = tree.cut(atDepth: depth)
      let merged = links.merged(by: cut.groupOfLeaf, count: cut.count)
      let groups = merged.describedGroups(ranked?.merged(by: cut.groupOfLeaf, count: cut.count))
      return length.star(groups)
    }
    oneGroup = levels[0]
    self.bestFlat = bestFlat
    let groups = links.describedGroups(ranked)
    self.tree = groups.reduce(length.treeCost(leaves: groups.count)) { $0 + length.group($1) }
    // The edges that each merge joins, and the volumes below it.
    var joined = [Int](repeating: 0, count: tree.nodeCount)
    var weights = [Double](repeating: 0, count: tree.nodeCount)
    var volumes = groups.map { Double($0.volume) } + [Double](repeating: 0, count: tree.nodeCount - groups.count)
    let ancestors = CommonAncestors(tree)
    for a in 0..<links.count {
      for place in links.row(a) where Int(links.others[place]) < a {
        let node = ancestors.deepest(a, Int(links.others[place]))
        joined[node] += Int(links.weights[place])
        weights[node] += Double(ranked?.weights[place] ?? 0)
      }
    }
    for node in tree.innerNodes {
      var pairs = 0.0
      for child in tree.children(of: node) {
        pairs += volumes[node] * volumes[Int(child)]
        volumes[node] += volumes[Int(child)]
      }
      self.tree += length.rate(joined[node], weight: weights[node], pairs: pairs)
    }
  }
}

extension DescriptionLength {
  fileprivate init(_ links: GroupLinks, _ ranked: GroupLinks?) {
    let edges = links.total
    self.init(
      nodes: links.sizes.reduce(0, +), edges: Int(edges),
      meanWeight: Double(ranked?.total ?? 0) / Double(max(1, edges)))
  }

  /// The whole length by a star.
  fileprivate func star(_ groups: [Group]) -> Double {
    var rest = Rest(edges: edges, weight: (meanWeight * Double(edges)).rounded(), squares: 0)
    for group in groups {
      rest.edges -= group.inside
      rest.weight -= group.weight
      rest.squares += Double(group.volume) * Double(group.volume)
    }
    return groups.reduce(star(count: groups.count, rest)) { $0 + group($1) }
  }

  /// What a tree has beside its groups and the edges of its merges.
  func treeCost(leaves: Int) -> Double {
    partition(leaves) + LogFactorial.multisets(bins: max(1, 2 * leaves - 1), items: edges)
      + LogFactorial.binaryTrees(leaves: leaves)
  }
}

extension GroupLinks {
  /// All edges.
  fileprivate var total: UInt64 { inside.reduce(0, +) + weights.reduce(0, +) / 2 }

  /// The groups of a 0/1 graph.
  fileprivate func describedGroups(_ ranked: GroupLinks?) -> [DescriptionLength.Group] {
    (0..<count).map { a in
      DescriptionLength.Group(
        nodes: sizes[a], inside: Int(inside[a]), volume: Int(row(a).reduce(2 * inside[a]) { $0 + weights[$1] }),
        weight: Double(ranked?.inside[a] ?? 0))
    }
  }
}
