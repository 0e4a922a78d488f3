public import MillRuntime

/// A graph whose neighbor lists stay compressed: packed gaps, decoded where they are read.
///
/// ```swift
/// let graph = try PackedGraph(packing: lists)                 // from a file: openStoredContainer("graph.gmg")
/// print(graph.nodeCount, graph.neighbors(of: 0))
/// let ranks = try pageRank(of: graph).scores                  // as of the graph in memory, bit for bit
/// ```
///
/// Functions of a ``NeighborGraph`` read it as it is; all others want ``expanded(context:)``. It takes about half of the
/// memory of a ``CSRGraph``, less where neighbors have near numbers (``NodeOrder/rabbit``), and none beside the mapped
/// file. Weights and names are arrays as there. Node numbers out of range end the process.
public struct PackedGraph: NeighborGraph {
  /// The number of nodes, n.
  public let nodeCount: Int
  /// The number of distinct edges, m.
  public let edgeCount: Int
  /// Entries of all neighbor lists.
  public var arcCount: Int { lists.arcCount }
  /// Whether arcs have a direction.
  public var isDirected: Bool { flags.contains(.directed) }
  /// Whether parallel edges were kept.
  public var isMultigraph: Bool { flags.contains(.multigraph) }
  /// Whether any edge joins a node to itself.
  public var hasLoops: Bool { flags.contains(.loops) }
  /// Weights of shape ``arcCount``; nil for an unweighted graph.
  public let weights: SharedArray<Double>?
  /// What the nodes were called in the input.
  public let names: NodeNames
  /// This graph, packed.
  public var stored: StoredGraph { .packed(self) }
  package let lists: PackedLists
  /// The lists of incoming arcs, where a directed graph has them.
  package let inLists: PackedLists?
  private let flags: GraphFlags

  package init(
    edgeCount: Int, flags: GraphFlags, lists: PackedLists, weights: SharedArray<Double>?, names: NodeNames,
    inLists: PackedLists?
  ) {
    nodeCount = lists.nodeCount
    self.edgeCount = edgeCount
    self.flags = flags.intersection([.directed, .multigraph, .loops])
    self.lists = lists
    self.weights = weights
    self.names = names
    self.inLists = inLists
  }

  /// Packs the lists of a graph; weights and names are shared with it.
  ///
  /// - Throws: `MillError`: `unsupported` for a graph of 2^32 - 1 nodes or more, `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time, parallel; the result and 8n bytes. The same bytes for every thread count.
  public init(packing graph: CSRGraph, context: RunContext = .init()) throws(MillError) {
    var inLists: PackedLists?
    if let inArcs = graph.inArcs {
      inLists = try PackedLists(packing: inArcs.sources, inArcs.offsets, of: graph, context: context)
    }
    self.init(
      edgeCount: graph.edgeCount, flags: graph.storage.flags,
      lists: try PackedLists(packing: graph.targets, graph.offsets, of: graph, context: context),
      weights: graph.weights, names: graph.names, inLists: inLists)
  }

  /// Bits that the neighbor lists and their places take an arc; 0 without arcs.
  public var bitsPerArc: Double {
    arcCount == 0 ? 0 : 8 * Double(lists.starts.count + lists.bytes.count) / Double(arcCount)
  }

  /// The number of arcs that leave `node`; a loop of an undirected graph counts 1. O(1).
  public func degree(of node: Int) -> Int {
    checkNode(node)
    return withExtendedLifetime(lists) { lists.rows().degree(node) }
  }

  /// The out-neighbors of `node`, ascending. O(degree).
  public func neighbors(of node: Int) -> [Int] {
    checkNode(node)
    var found: [Int] = []
    let rows = lists.rows()
    found.reserveCapacity(rows.degree(node))
    rows.forEachTarget(node) { target, _ in found.append(target) }
    withExtendedLifetime(lists) {}
    return found
  }

  /// Whether there is an edge between `source` and `target`; in a directed graph, an arc from the first to the second.
  /// O(degree).
  public func hasEdge(_ source: Int, _ target: Int) -> Bool {
    checkNode(source)
    return withExtendedLifetime(lists) { lists.rows().arc(source, target) != nil }
  }

  /// The graph in memory.
  ///
  /// - Throws: `MillError`: `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time, parallel; memory as of ``CSRGraph``.
  public func expanded(context: RunContext = .init()) throws(MillError) -> CSRGraph {
    let (offsets, targets) = try lists.expanded(context: context)
    var inArcs: CSRGraph.InArcs?
    if let inLists {
      let (offsets, sources) = try inLists.expanded(context: context)
      inArcs = CSRGraph.InArcs(offsets: offsets, sources: .narrow(sources))
    }
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: nodeCount, edgeCount: edgeCount, flags: flags, offsets: offsets, targets: .narrow(targets),
        weights: weights, names: names, inArcs: inArcs))
  }

  /// The same graph without weights. O(1).
  public func withoutWeights() -> PackedGraph {
    PackedGraph(edgeCount: edgeCount, flags: flags, lists: lists, weights: nil, names: names, inLists: inLists)
  }

  /// The graph with all arcs turned round, where that needs no work: undirected, or with incoming arcs and no weights.
  func turned() -> PackedGraph? {
    guard isDirected else { return self }
    guard let inLists, weights == nil else { return nil }
    return PackedGraph(
      edgeCount: edgeCount, flags: flags, lists: inLists, weights: nil, names: names, inLists: lists)
  }

  private func checkNode(_ node: Int) {
    precondition(UInt(bitPattern: node) < UInt(bitPattern: nodeCount), "node out of range")
  }

  @usableFromInline package func rows(chunkWork: Int, loopCount: Int, _ context: RunContext) -> PackedRows {
    let plain = lists.rows()
    return PackedRows(
      lists, weights: weights, isDirected: isDirected, hasLoops: hasLoops, loopCount: loopCount,
      cuts: nodeCuts(nodeCount: nodeCount, arcCount: arcCount, work: chunkWork) { plain.begin($0) }, context: context)
  }

  func incomingRows(_ rows: PackedRows) -> PackedRows? {
    guard isDirected else { return rows }
    guard let inLists else { return nil }
    return PackedRows(
      inLists, weights: nil, isDirected: true, hasLoops: rows.hasLoops, loopCount: rows.loopCount, cuts: rows.cuts,
      context: rows.context)
  }
}

extension PackedLists {
  /// Packs one of the two sets of lists of a graph.
  init(
    packing targets: CSRGraph.Targets, _ offsets: SharedArray<UInt64>, of graph: CSRGraph, context: RunContext
  ) throws(MillError) {
    guard graph.nodeCount < Int(UInt32.max) else {
      throw MillError(.unsupported, "packing lists of 2^32 - 1 nodes or more", field: "\(graph.nodeCount)")
    }
    switch targets {
    case .narrow(let array):
      try unsafe self.init(
        packing: array.base, offsets: offsets, allowsParallel: graph.isMultigraph, context: context)
    case .wide(let array):
      try unsafe self.init(
        packing: array.base, offsets: offsets, allowsParallel: graph.isMultigraph, context: context)
    }
    withExtendedLifetime(targets) {}
  }
}
