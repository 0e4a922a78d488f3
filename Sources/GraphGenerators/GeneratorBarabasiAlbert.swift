public import GraphStore
public import MillRuntime

/// The settings of ``generateBarabasiAlbert(_:context:)``.
public struct BarabasiAlbertOptions: Sendable, Equatable, Codable {
  /// The number of nodes, in 0...2^32 - 1.
  public var nodeCount: Int
  /// Edges that each node but the first brings along, at least 1.
  public var edgesPerNode: Int
  /// What happens to parallel edges in ``generateBarabasiAlbertGraph(_:context:)``: merged by default, kept by `keep`.
  public var duplicates: DuplicatePolicy
  /// The seed.
  public var seed: UInt64
  /// 2^16 nodes with 8 edges each, unless told otherwise.
  public init(
    nodeCount: Int = 1 << 16, edgesPerNode: Int = 8, duplicates: DuplicatePolicy = .sum, seed: UInt64 = 42
  ) {
    self.nodeCount = nodeCount
    self.edgesPerNode = edgesPerNode
    self.duplicates = duplicates
    self.seed = seed
  }
}

/// Draws the edges of a graph that grows by preferential attachment.
///
/// Node 0 stands alone; each further node v brings d edges, whose other ends are drawn independently among the nodes
/// before v in proportion to their degrees at that time (node 1 has only node 0 to choose). There are no loops. A node
/// may choose the same end twice: such edges are parallel, and how many is up to chance (node 1's always are).
///
/// Edge e of node v fills places 2e and 2e + 1 of a list of edge ends. Its end is a place drawn among those of the
/// earlier nodes; where that place is itself a drawn end, its own draw is repeated from the same seed rather than
/// looked up. So no edge waits for another one.
///
/// - Returns: Exactly (n - 1) · d edges, in node order.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(edges) expected time (two draws an edge on average), 8 bytes an edge. The same edges for every
///   thread count.
/// - Source: Barabási, Albert, "Emergence of scaling in random networks", Science 286, 1999; Sanders, Schulz,
///   "Scalable generation of scale-free graphs", Information Processing Letters 116, 2016, section 2; the list of ends
///   is from Batagelj, Brandes, Physical Review E 71, 2005, section V.
public func generateBarabasiAlbert(
  _ options: BarabasiAlbertOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GeneratedEdges {
  try Generator.checkNodes(options.nodeCount)
  guard options.edgesPerNode >= 1 else {
    throw Generator.refusal("each node must bring at least 1 edge", options.edgesPerNode)
  }
  let (edgeCount, overflow) = max(0, options.nodeCount - 1).multipliedReportingOverflow(by: options.edgesPerNode)
  try Generator.checkEdges(overflow ? Int.max : edgeCount)
  let drawer = BarabasiAlbertDrawer(options)
  let blocks = try unsafe Generator.blocks(edgeCount: edgeCount, context: context) { edges, ids in
    unsafe drawer.draw(edges, ids)
  }
  return GeneratedEdges(blocks: blocks, nodeCount: options.nodeCount, edgeCount: edgeCount, isDirected: false)
}

/// The preferential-attachment graph of ``generateBarabasiAlbert(_:context:)``, with parallel edges treated as the
/// options say.
///
/// - Throws: `MillError`, as the generator and `freeze(_:options:context:)`.
public func generateBarabasiAlbertGraph(
  _ options: BarabasiAlbertOptions = .init(), context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try generateBarabasiAlbert(options, context: context)
    .graph(loops: .error, duplicates: options.duplicates, context: context)
}

private struct BarabasiAlbertDrawer {
  private let edgesPerNode: UInt64
  private let stream: RandomStream

  init(_ options: BarabasiAlbertOptions) {
    edgesPerNode = UInt64(options.edgesPerNode)
    stream = RandomStream(seed: options.seed, stage: "barabasi-albert")
  }

  func draw(_ edges: Range<Int>, _ ids: UnsafeMutablePointer<UInt32>) {
    var place = 0
    for edge in edges {
      let edge = UInt64(edge)
      unsafe ids[place] = UInt32(truncatingIfNeeded: edge / edgesPerNode &+ 1)
      unsafe ids[place &+ 1] = UInt32(truncatingIfNeeded: end(of: edge))
      place &+= 2
    }
  }

  /// The node that `edge` attaches to.
  @inline(__always) private func end(of edge: UInt64) -> UInt64 {
    var edge = edge
    while true {
      // Edges of earlier nodes; edge e belongs to node e / d + 1.
      let earlier = edge / edgesPerNode &* edgesPerNode
      if earlier == 0 { return 0 }
      var random = stream.item(edge)
      let place = random.below(2 &* earlier)
      edge = place &>> 1
      if place & 1 == 0 { return edge / edgesPerNode &+ 1 }
    }
  }
}
