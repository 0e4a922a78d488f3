public import GraphStore
public import MillRuntime
public import VectorStore

/// How two neighbor lists are compared.
public enum NeighborhoodSimilarity: String, Sendable, CaseIterable, Codable {
  /// |both| / |any|.
  case jaccard
  /// |both| / sqrt(product of the sizes).
  case cosine
}

/// Nodes of a graph, near each other when they have the same neighbors: distance 1 - similarity of their rows. Two
/// nodes without neighbors are at distance 1, a node is at 0 from itself.
///
/// With `ObjectIndex(neighborhoodsOf:)` an edge list alone gives a proximity graph. O(degrees of both) a distance; weights and
/// directions of in-arcs are not looked at.
public struct NeighborhoodSpace: ObjectSpace {
  /// A node.
  public typealias Object = UInt32
  private let graph: CSRGraph
  private let similarity: NeighborhoodSimilarity

  /// The space of a graph's nodes.
  public init(_ graph: CSRGraph, similarity: NeighborhoodSimilarity = .jaccard) {
    self.graph = graph
    self.similarity = similarity
  }

  /// All nodes as a table.
  public var nodes: ObjectTable<NeighborhoodSpace> { ObjectTable(self, (0..<UInt32(graph.nodeCount)).map { $0 }) }

  /// The distance of two objects.
  public func distance(_ a: UInt32, _ b: UInt32) -> Float {
    if a == b { return 0 }
    let (p, q) = (graph.arcs(of: Int(a)), graph.arcs(of: Int(b)))
    guard !p.isEmpty, !q.isEmpty else { return 1 }
    let targets = graph.targets
    let common: Int
    if case .narrow(let ids) = targets {
      common = unsafe ids.withUnsafeBufferPointer { ids in
        unsafe commonCount(UnsafeBufferPointer(rebasing: ids[p]), UnsafeBufferPointer(rebasing: ids[q]))
      }
    } else {
      common = Set(p.map { targets[$0] }).intersection(q.map { targets[$0] }).count
    }
    switch similarity {
    case .jaccard: return 1 - Float(common) / Float(p.count + q.count - common)
    case .cosine: return 1 - Float(common) / (Float(p.count) * Float(q.count)).squareRoot()
    }
  }
}

extension ObjectIndex where Space == NeighborhoodSpace {
  /// An index of nodes by their neighborhoods.
  ///
  /// Most pairs of nodes share no neighbor and are at distance 1, so that a walk from afar has nothing to follow.
  /// Searches, those of the build too, therefore start also from the node itself and from a few nodes that share a
  /// neighbor with it, through the neighbors of lowest degree first.
  ///
  /// - Parameters:
  ///   - graph: The graph; rows are out-neighbors where it is directed.
  ///   - nodes: Distinct nodes that can be found, at their positions; nil for all.
  ///   - similarity: How neighborhoods are compared.
  ///   - options: The graph's settings; of ``ConnectivityRepair/full`` only the first pass is done, since a search for a
  ///     node starts at the node.
  ///   - context: Threads, progress, cancellation. The result does not depend on the threads.
  /// - Throws: `MillError`: `bad-option`, also for nodes that are not in the graph; `over-budget`, `interrupted`.
  /// - Complexity: about O(n log n) distances of O(degrees of both) each, and at most 4,096 arcs a search for the hints.
  public convenience init(
    neighborhoodsOf graph: CSRGraph, nodes: [UInt32]? = nil, similarity: NeighborhoodSimilarity = .jaccard,
    options: HNSWOptions = .init(), context: RunContext = .init()
  ) throws(MillError) {
    let table = NeighborhoodSpace(graph, similarity: similarity).table(nodes)
    let hints = try sharedNeighborHints(table, graph, context)
    var options = options
    if options.repair == .full { options.repair = .reach }
    try self.init(table, options, spaceName: similarity.spaceName, hints: hints, context)
  }

  /// Opens an index that ``init(neighborhoodsOf:nodes:similarity:options:context:)`` made and
  /// ``write(to:replaces:context:)`` wrote, over the same graph, nodes and similarity.
  ///
  /// - Throws: `MillError` for every damage; `other-space` for another similarity, `malformed` for another number of
  ///   nodes, `bad-option` for nodes that are not in the graph.
  /// - Complexity: O(1) in links; O(nodes + arcs) for the hints.
  public static func open(
    _ path: String, neighborhoodsOf graph: CSRGraph, nodes: [UInt32]? = nil,
    similarity: NeighborhoodSimilarity = .jaccard, verify: IndexVerification = .quick, context: RunContext = .init()
  ) throws(MillError) -> ObjectIndex {
    let table = NeighborhoodSpace(graph, similarity: similarity).table(nodes)
    let hints = try sharedNeighborHints(table, graph, context)
    hints.place((0..<UInt32(table.count)).map { $0 }[...])
    return try open(path, over: table, spaceName: similarity.spaceName, hints: hints, verify)
  }
}

extension NeighborhoodSimilarity {
  /// What index files call the space.
  fileprivate var spaceName: String { "neighborhoods of nodes, \(rawValue)" }
}

extension NeighborhoodSpace {
  /// Some nodes as a table; all for nil.
  fileprivate func table(_ some: [UInt32]?) -> ObjectTable<NeighborhoodSpace> {
    some.map { ObjectTable(self, $0) } ?? nodes
  }
}

/// Entry hints for nodes of a graph: others with a neighbor in common.
///
/// - Throws: `MillError` of kind `bad-option` for nodes that are not in the graph or occur twice.
private func sharedNeighborHints(
  _ table: ObjectTable<NeighborhoodSpace>, _ graph: CSRGraph, _ context: RunContext
) throws(MillError) -> EntryHints {
  var positions = [UInt32](repeating: LinkStore.none, count: graph.nodeCount)
  for position in 0..<table.count {
    guard Int(table[position]) < positions.count, positions[Int(table[position])] == LinkStore.none else {
      throw MillError(.badOption, "node \(table[position]) is not in the graph, or occurs twice")
    }
    positions[Int(table[position])] = UInt32(position)
  }
  let finder = SharedNeighbors(
    graph: graph, sources: graph.isDirected ? try graph.transposed(context: context) : graph, positions: positions)
  return try unsafe EntryHints(count: table.count) { query, accepts in
    unsafe finder.find(query.load(as: UInt32.self), accepts)
  }
}

/// Finds nodes that have a neighbor in common with a node.
private struct SharedNeighbors: Sendable {
  let graph: CSRGraph
  /// The graph with its arcs turned round.
  let sources: CSRGraph
  /// Positions of nodes in a table; none for those that are not in it.
  let positions: [UInt32]
  static let limit = 64
  static let arcLimit = 4096

  func find(_ node: UInt32, _ accepts: (UInt32) -> Bool) -> [UInt32] {
    var found: [UInt32] = []
    guard Int(node) < graph.nodeCount else { return found }
    func offer(_ other: Int) {
      let position = positions[other]
      if position != LinkStore.none, accepts(position), !found.contains(position) { found.append(position) }
    }
    offer(Int(node))
    let shared = graph.arcs(of: Int(node)).map { Int(graph.targets[$0]) }
      .sorted { (sources.degree(of: $0), $0) < (sources.degree(of: $1), $1) }
    var arcs = 0
    for middle in shared {
      for arc in sources.arcs(of: middle) {
        offer(Int(sources.targets[arc]))
        arcs += 1
        if found.count >= Self.limit || arcs >= Self.arcLimit { return found }
      }
    }
    return found
  }
}
