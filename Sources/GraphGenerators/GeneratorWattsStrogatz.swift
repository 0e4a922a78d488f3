public import GraphStore
public import MillRuntime

/// The settings of ``generateWattsStrogatz(_:context:)``.
public struct WattsStrogatzOptions: Sendable, Equatable, Codable {
  /// The number of nodes, in 0...2^32 - 1.
  public var nodeCount: Int
  /// Nearest neighbors of each node on the ring, even and below the number of nodes.
  public var neighborCount: Int
  /// The chance that an edge gets another end, in 0...1.
  public var rewiring: Double
  /// The seed.
  public var seed: UInt64

  /// 2^16 nodes with 16 neighbors, a tenth of the edges rewired, unless told otherwise.
  public init(nodeCount: Int = 1 << 16, neighborCount: Int = 16, rewiring: Double = 0.1, seed: UInt64 = 42) {
    self.nodeCount = nodeCount
    self.neighborCount = neighborCount
    self.rewiring = rewiring
    self.seed = seed
  }
}

/// Draws the edges of a small world: a ring on which every node is joined to its nearest neighbors, where some edges get
/// another end.
///
/// An edge leads from a node to one of the next k / 2 on the ring. With the chance of rewiring its far end is drawn anew
/// among all nodes, again where that would repeat an edge or make a loop. After 100 draws in vain, which takes a node that
/// is joined to nearly all others, it keeps its place on the ring.
///
/// - Returns: Exactly n · k / 2 edges, in the order of the ring. No two are equal, but for one that kept its place after an
///   edge in the other direction took it.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(edges) expected time, 8 bytes an edge and about 24 an edge that is rewired; these are drawn by one
///   thread. The same edges for every thread count.
/// - Source: Watts, Strogatz, "Collective dynamics of 'small-world' networks", Nature 393, 1998, figure 1.
public func generateWattsStrogatz(
  _ options: WattsStrogatzOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GeneratedEdges {
  let (n, k) = (options.nodeCount, options.neighborCount)
  try Generator.checkNodes(n)
  guard k >= 0, k % 2 == 0, k < max(1, n) else {
    throw Generator.refusal("the number of neighbors must be even and below that of nodes", k)
  }
  guard options.rewiring >= 0, options.rewiring <= 1 else {
    throw Generator.refusal("the chance of rewiring must be in 0...1", options.rewiring)
  }
  try Generator.checkEdges(n * (k / 2))
  let ring = Ring(options)
  let blocks = try unsafe Generator.blocks(edgeCount: n * (k / 2), context: context) { edges, ids in
    var place = 0
    for edge in edges {
      let (node, other) = ring.ends(of: edge)
      unsafe ids[place] = node
      // A loop marks an edge that is rewired below.
      unsafe ids[place &+ 1] = ring.isRewired(edge) ? node : other
      place &+= 2
    }
  }
  var taken = Set<UInt64>()
  for (index, block) in blocks.enumerated() {
    guard case .narrow(let ids) = block.ids else { continue }
    try context.checkCancelled()
    for i in 0..<block.count where unsafe ids.base[2 * i] == ids.base[2 * i + 1] {
      unsafe ids.base[2 * i + 1] = ring.rewiredEnd(of: index * Generator.edgesPerBlock + i, &taken)
    }
  }
  return GeneratedEdges(blocks: blocks, nodeCount: n, edgeCount: n * (k / 2), isDirected: false)
}

/// The small world of ``generateWattsStrogatz(_:context:)``.
///
/// - Throws: `MillError`, as the generator and `freeze(_:options:context:)`.
public func generateWattsStrogatzGraph(
  _ options: WattsStrogatzOptions = .init(), context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try generateWattsStrogatz(options, context: context).graph(loops: .error, duplicates: .sum, context: context)
}

/// Edge e joins node e / half to the node e mod half + 1 steps ahead.
private struct Ring {
  let n: UInt64
  let half: Int
  let rewiring: Double
  let stream: RandomStream

  init(_ options: WattsStrogatzOptions) {
    n = UInt64(options.nodeCount)
    half = options.neighborCount / 2
    rewiring = options.rewiring
    stream = RandomStream(seed: options.seed, stage: "watts-strogatz")
  }

  @inline(__always) func ends(of edge: Int) -> (UInt32, UInt32) {
    let (node, step) = edge.quotientAndRemainder(dividingBy: half)
    let other = UInt64(node + step + 1)
    return (UInt32(truncatingIfNeeded: node), UInt32(truncatingIfNeeded: other < n ? other : other - n))
  }

  @inline(__always) func isRewired(_ edge: Int) -> Bool {
    var random = stream.item(UInt64(edge))
    return random.unit() < rewiring
  }

  /// The new end of an edge, which is noted among the pairs that are `taken` by edges off their place.
  func rewiredEnd(of edge: Int, _ taken: inout Set<UInt64>) -> UInt32 {
    let (node, old) = ends(of: edge)
    var random = stream.item(UInt64(edge))
    _ = random.unit()
    for _ in 0..<100 {
      let drawn = UInt32(truncatingIfNeeded: random.below(n - 1))
      let end = drawn < node ? drawn : drawn + 1
      if !standsOnRing(node, end), taken.insert(Generator.key(ofPair: node, end)).inserted { return end }
    }
    taken.insert(Generator.key(ofPair: node, old))
    return old
  }

  /// Whether two nodes are joined by an edge that has kept its place.
  private func standsOnRing(_ u: UInt32, _ v: UInt32) -> Bool {
    let ahead = v > u ? UInt64(v - u) : n - UInt64(u - v)
    let (from, steps) = 2 * ahead <= n ? (u, ahead) : (v, n - ahead)
    return steps <= UInt64(half) && !isRewired(Int(from) * half + Int(steps) - 1)
  }
}
