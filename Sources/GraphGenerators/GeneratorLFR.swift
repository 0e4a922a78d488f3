public import GraphStore
public import MillRuntime

/// The settings of ``generateLFR(_:context:)``.
public struct LFROptions: Sendable, Equatable, Codable {
  /// The number of nodes, in 1...2^32 - 1.
  public var nodeCount: Int
  /// The mean degree.
  public var meanDegree: Double
  /// The largest degree.
  public var maximumDegree: Int
  /// The exponent of the power law of degrees.
  public var degreeExponent: Double
  /// The smallest community.
  public var minimumCommunity: Int
  /// The largest community.
  public var maximumCommunity: Int
  /// The exponent of the power law of community sizes.
  public var communityExponent: Double
  /// The share of a node's edges that leave its community, in 0...1.
  public var mixing: Double
  /// The seed.
  public var seed: UInt64

  /// The authors' larger benchmark with smaller communities: 1000 nodes, mean degree 20, largest 50, exponents 2 and 1,
  /// communities of 10 to 50, a tenth of the edges outside, unless told otherwise.
  public init(
    nodeCount: Int = 1000, meanDegree: Double = 20, maximumDegree: Int = 50, degreeExponent: Double = 2,
    minimumCommunity: Int = 10, maximumCommunity: Int = 50, communityExponent: Double = 1, mixing: Double = 0.1,
    seed: UInt64 = 42
  ) {
    self.nodeCount = nodeCount
    self.meanDegree = meanDegree
    self.maximumDegree = maximumDegree
    self.degreeExponent = degreeExponent
    self.minimumCommunity = minimumCommunity
    self.maximumCommunity = maximumCommunity
    self.communityExponent = communityExponent
    self.mixing = mixing
    self.seed = seed
  }
}

/// What ``generateLFR(_:context:)`` made.
public struct LFRSample: Sendable {
  /// Undirected, simple.
  public let graph: CSRGraph
  /// The community of each node, shape `[n]`.
  public let communities: SharedArray<Int32>
  /// The number of communities.
  public let communityCount: Int
  /// The share of all edge ends that leave their community.
  public let mixing: Double
  /// Edges fewer than the degrees say: pairs of stubs that no exchange could make into an edge.
  public let droppedEdges: Int
}

/// Draws a benchmark graph with communities: degrees and community sizes follow power laws, and every node has the same
/// share of its edges inside its community.
///
/// Nodes go, those with the most inner neighbors first, to a random free place of a community that is large enough; where
/// no such place is left, the node gets the largest one there is and more of its edges lead outside. Stubs are paired at
/// random inside communities and across; pairs that are no edge exchange ends with other pairs, and stubs that find no
/// partner in a dense community look for one outside.
///
/// - Throws: `MillError`: `bad-option` for laws that there are not and sizes that cannot add up to the nodes, `over-budget`,
///   `interrupted`.
/// - Complexity: O(n + m) expected time, about 60 bytes an edge. Communities are wired in parallel, edges across by one
///   thread; the same graph for every thread count.
/// - Source: Lancichinetti, Fortunato, Radicchi, "Benchmark graphs for testing community detection algorithms", Physical
///   Review E 78, 046110, 2008, section II; the pairing of stubs and the places of nodes are ours.
public func generateLFR(
  _ options: LFROptions = .init(), context: RunContext = .init()
) throws(MillError) -> LFRSample {
  let n = options.nodeCount
  try Generator.checkNodes(n, atLeast: 1)
  guard options.mixing >= 0, options.mixing <= 1 else {
    throw Generator.refusal("the mixing must be in 0...1", options.mixing)
  }
  guard options.maximumDegree < n else {
    throw Generator.refusal("the largest degree must be below the number of nodes", options.maximumDegree)
  }
  let law = try PowerLaw(
    exponent: options.degreeExponent, mean: options.meanDegree, maximum: options.maximumDegree)
  try Generator.checkEdges(n * options.maximumDegree / 2)
  let sizes = try communitySizes(options)
  var plan = LFRPlan(law, sizes: sizes, options)
  plan.assign(seed: options.seed)
  context.progress?.begin("generate", total: sizes.count, unit: .items)
  defer { context.progress?.end() }
  let (blocks, dropped) = try plan.wire(seed: options.seed, context)
  let freezing = FreezeOptions(duplicates: .error, loops: .error, naming: .dense(nodeCount: n))
  let graph = try freeze(blocks, options: freezing, context: context).graph
  let communities = try SharedArray(copying: plan.communities)
  let outside = graph.edges.count { communities[$0.source] != communities[$0.target] }
  return LFRSample(
    graph: graph, communities: communities, communityCount: sizes.count,
    mixing: graph.edgeCount > 0 ? Double(outside) / Double(graph.edgeCount) : 0, droppedEdges: dropped)
}

/// Sizes that follow the law and add up to the number of nodes, descending.
private func communitySizes(_ options: LFROptions) throws(MillError) -> [Int] {
  let (low, high, n) = (options.minimumCommunity, options.maximumCommunity, options.nodeCount)
  guard low >= 1, low <= high else {
    throw Generator.refusal("the sizes of communities must begin above 0 and not end below", "\(low) to \(high)")
  }
  // The number of communities must fit between those of the largest and the smallest size.
  guard (n + high - 1) / high <= n / low else {
    throw Generator.refusal("no communities of \(low) to \(high) nodes add up to the number of nodes", n)
  }
  let law = try PowerLaw(exponent: options.communityExponent, range: low...high)
  var random = CounterRandom(seed: options.seed, stage: "lfr-communities")
  var sizes: [Int] = []
  var sum = 0
  while sum < n {
    sizes.append(law.draw(&random))
    sum += sizes[sizes.count - 1]
  }
  if sizes.count > n / low {
    sum -= sizes[sizes.count - 1]
    sizes.removeLast()
  }
  // One by one in turn, as far as the range allows.
  var place = 0
  while sum != n {
    let step = sum > n ? -1 : 1
    if (low...high).contains(sizes[place] + step) {
      sizes[place] += step
      sum += step
    }
    place = (place + 1) % sizes.count
  }
  return sizes.sorted(by: >)
}
