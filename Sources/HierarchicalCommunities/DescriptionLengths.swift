import MillRuntime

/// How long a graph is by what was found, in nats and up to what is the same for all partitions of its nodes: shorter is
/// better, and a difference of 3 is odds of 20 to 1.
///
/// Degree-corrected Poisson block models of the 0/1 graph, small components left out. A flat partition has one rate inside
/// each group and one between all of them; a tree has one at every merge.
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
  ///   - tree: A binary tree of these leaves.
  ///   - bestFlat: Of all partitions that were looked at.
  /// - Complexity: O(depths · linked pairs).
  init(_ links: GroupLinks, tree: CommunityTree, bestFlat: Double?) {
    let length = DescriptionLength(links)
    let groups = links.describedGroups
    levels = (0...tree.height).map { depth in
      let cut = tree.cut(atDepth: depth)
      let merged = links.merged(by: cut.groupOfLeaf, count: cut.count)
      return length.star(merged.describedGroups)
    }
    oneGroup = levels[0]
    self.bestFlat = bestFlat
    self.tree = groups.reduce(length.treeCost(leaves: groups.count)) { $0 + length.group($1) }
    // The edges that each merge joins, and the volumes below it.
    var joined = [Int](repeating: 0, count: tree.nodeCount)
    var volumes = groups.map { Double($0.volume) } + [Double](repeating: 0, count: tree.nodeCount - groups.count)
    let ancestors = CommonAncestors(tree)
    for a in 0..<links.count {
      for place in links.row(a) where Int(links.others[place]) < a {
        joined[ancestors.deepest(a, Int(links.others[place]))] += Int(links.weights[place])
      }
    }
    for node in tree.innerNodes {
      var pairs = 0.0
      for child in tree.children(of: node) {
        pairs += volumes[node] * volumes[Int(child)]
        volumes[node] += volumes[Int(child)]
      }
      self.tree += length.rate(joined[node], pairs: pairs)
    }
  }
}

extension DescriptionLength {
  fileprivate init(_ links: GroupLinks) {
    self.init(
      nodes: links.sizes.reduce(0, +), edges: links.describedGroups.reduce(0) { $0 + $1.volume } / 2)
  }

  /// The whole length by a star.
  func star(_ groups: [Group]) -> Double {
    let outside = edges - groups.reduce(0) { $0 + $1.inside }
    let squares = groups.reduce(0.0) { $0 + Double($1.volume) * Double($1.volume) }
    return groups.reduce(star(count: groups.count, outside: outside, squares: squares)) { $0 + group($1) }
  }

  /// What a tree has beside its groups and the edges of its merges.
  func treeCost(leaves: Int) -> Double {
    partition(leaves) + LogFactorial.multisets(bins: max(1, 2 * leaves - 1), items: edges)
      + LogFactorial.binaryTrees(leaves: leaves)
  }
}

extension GroupLinks {
  /// The groups of a 0/1 graph.
  fileprivate var describedGroups: [DescriptionLength.Group] {
    (0..<count).map { a in
      DescriptionLength.Group(
        nodes: sizes[a], inside: Int(inside[a]), volume: Int(row(a).reduce(2 * inside[a]) { $0 + weights[$1] }))
    }
  }
}
