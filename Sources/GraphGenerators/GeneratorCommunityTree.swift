import GraphStore
public import MillRuntime

/// The settings of ``generateCommunityTree(_:context:)``.
public struct CommunityTreeOptions: Sendable, Equatable, Codable {
  /// The number of nodes, in 1...2^32 - 1.
  public var nodeCount: Int
  /// Edges that are drawn; loops and repeated ones are left out of the graph.
  public var edgeCount: Int
  /// Levels below the root of a binary tree of groups, in 1...16: there are 2^depth groups of about equal size.
  public var depth: Int
  /// The chance that an edge leaves a group for the one a level up, and so on from there, in 0...1.
  public var mixing: Double
  /// The exponent of the degrees' skew, at least 0: node k of a group of g weighs (1 + k / g · 1000)^-skew. 0 for equal
  /// degrees.
  public var skew: Double
  /// The seed.
  public var seed: UInt64

  /// 2^12 nodes of mean degree 8 in 8 groups, unless told otherwise.
  public init(
    nodeCount: Int = 1 << 12, edgeCount: Int = 1 << 14, depth: Int = 3, mixing: Double = 0.3, skew: Double = 0.5,
    seed: UInt64 = 42
  ) {
    self.nodeCount = nodeCount
    self.edgeCount = edgeCount
    self.depth = depth
    self.mixing = mixing
    self.skew = skew
    self.seed = seed
  }

  /// Groups, 2^depth.
  public var groupCount: Int { 1 << depth }
  /// The group of a node: nodes are dealt out in turn.
  public func group(of node: Int) -> Int { node % groupCount }
}

/// Draws the edges of a hierarchical block model with skewed degrees.
///
/// An edge takes its first end by weight; then it climbs from that end's group while draws say so, and takes its second
/// end by weight among all nodes below the group that it came to.
///
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(edges log n) time, 8 bytes a node and 8 an edge. The same edges in the same order for every thread count.
/// - Source: Clauset, Moore, Newman, Nature 453, 2008 (random graphs of a tree); the weights as in Karrer, Newman,
///   Physical Review E 83, 2011, section III.
public func generateCommunityTree(
  _ options: CommunityTreeOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GeneratedEdges {
  try Generator.checkNodes(options.nodeCount, atLeast: 1)
  try Generator.checkEdges(options.edgeCount)
  guard options.depth >= 1, options.depth <= 16 else {
    throw Generator.refusal("the depth must be in 1...16", options.depth)
  }
  guard options.mixing >= 0, options.mixing <= 1 else {
    throw Generator.refusal("the mixing must be in 0...1", options.mixing)
  }
  guard options.skew >= 0, options.skew <= 4 else {
    throw Generator.refusal("the skew must be in 0...4", options.skew)
  }
  let tree = try WeightedGroups(options)
  let stream = RandomStream(seed: options.seed, stage: "community-tree")
  let blocks = try unsafe Generator.blocks(edgeCount: options.edgeCount, context: context) { edges, ids in
    var place = 0
    for edge in edges {
      var random = stream.item(UInt64(edge))
      let first = tree.node(in: 0..<options.groupCount, &random)
      var level = 0
      while level < options.depth, random.unit() < options.mixing { level += 1 }
      let low = (options.group(of: first) >> level) << level
      let second = tree.node(in: low..<low + 1 << level, &random)
      unsafe (ids[place], ids[place &+ 1]) = (UInt32(first), UInt32(second))
      place &+= 2
    }
  }
  return GeneratedEdges(
    blocks: blocks, nodeCount: options.nodeCount, edgeCount: options.edgeCount, isDirected: false)
}

/// The weights of all nodes, summed up group by group: rank r is node `order(r)`.
private struct WeightedGroups: Sendable {
  private let sums: FlatBuffer<Double>
  private let starts: [Int]
  private let groupCount: Int

  init(_ options: CommunityTreeOptions) throws(MillError) {
    let (n, groups) = (options.nodeCount, options.groupCount)
    groupCount = groups
    sums = try FlatBuffer<Double>(count: n + 1)
    var starts = [0]
    var total = 0.0
    var rank = 0
    for group in 0..<groups {
      let size = group < n ? (n - group + groups - 1) / groups : 0
      for k in 0..<size {
        total += Logarithm.power(1 + Double(k) / Double(size) * 1000, -options.skew)
        rank += 1
        unsafe sums.base[rank] = total
      }
      starts.append(rank)
    }
    self.starts = starts
  }

  /// A node of some groups, drawn by weight; of groups without nodes any node.
  func node(in groups: Range<Int>, _ random: inout CounterRandom) -> Int {
    var ranks = starts[groups.lowerBound]..<starts[groups.upperBound]
    if ranks.isEmpty { ranks = 0..<starts[groupCount] }
    let (low, high) = unsafe (sums.base[ranks.lowerBound], sums.base[ranks.upperBound])
    let wanted = low + random.unit() * (high - low)
    let rank = min(ranks.partitionPoint { unsafe sums.base[$0 + 1] > wanted }, ranks.upperBound - 1)
    var group = 0
    if groupCount > 1 { group = (0..<groupCount).partitionPoint { starts[$0 + 1] > rank } }
    return group + (rank - starts[group]) * groupCount
  }
}
