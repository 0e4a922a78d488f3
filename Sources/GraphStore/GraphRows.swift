public import MillRuntime

/// An integer that numbers nodes in a target array; algorithms over ``GraphRows`` are compiled for both.
@usableFromInline package protocol NodeIndex: BitwiseCopyable, FixedWidthInteger, Sendable, UnsignedInteger {
  /// The case of ``CSRGraph/Targets`` of this width.
  static func targets(_ array: SharedArray<Self>) -> CSRGraph.Targets
  /// The array, where it has this width.
  static func array(_ targets: CSRGraph.Targets) -> SharedArray<Self>?
}

extension UInt32: NodeIndex {
  @usableFromInline package static func targets(_ array: SharedArray<UInt32>) -> CSRGraph.Targets { .narrow(array) }
  @usableFromInline package static func array(_ targets: CSRGraph.Targets) -> SharedArray<UInt32>? {
    if case .narrow(let array) = targets { array } else { nil }
  }
}

extension UInt64: NodeIndex {
  @usableFromInline package static func targets(_ array: SharedArray<UInt64>) -> CSRGraph.Targets { .wide(array) }
  @usableFromInline package static func array(_ targets: CSRGraph.Targets) -> SharedArray<UInt64>? {
    if case .wide(let array) = targets { array } else { nil }
  }
}

/// The neighbor lists of a graph as bare memory, for hot loops, and a cut of the nodes into chunks of about equal work.
///
/// Valid inside ``CSRGraph/withRows(chunkWork:countsLoops:context:_:)``, which holds the graph. Nothing is checked.
@safe @usableFromInline package struct GraphRows<ID: NodeIndex>: RowSource, @unchecked Sendable {
  @usableFromInline package let nodeCount: Int
  /// Shape `[n + 1]`.
  @usableFromInline package let offsets: UnsafePointer<UInt64>
  /// Shape `[arcs]`, ascending in each row.
  @usableFromInline package let targets: UnsafePointer<ID>
  /// Shape `[arcs]`; nil for an unweighted graph.
  @usableFromInline package let weights: UnsafePointer<Double>?
  @usableFromInline package let isDirected: Bool
  @usableFromInline package let hasLoops: Bool
  /// Loops, where ``CSRGraph/withRows(chunkWork:countsLoops:context:_:)`` was asked to count them; else 0.
  @usableFromInline package let loopCount: Int
  /// Chunk c is the nodes `cuts[c]..<cuts[c + 1]`; the cut depends on the graph alone.
  @usableFromInline package let cuts: [Int]
  @usableFromInline package let context: RunContext

  /// The rows of arrays that the caller keeps; one chunk.
  package init(
    nodeCount: Int, offsets: UnsafePointer<UInt64>, targets: UnsafePointer<ID>, weights: UnsafePointer<Double>? = nil,
    isDirected: Bool = true, hasLoops: Bool = true, loopCount: Int = 0, cuts: [Int]? = nil,
    context: RunContext = .init(threads: 1)
  ) {
    self.nodeCount = nodeCount
    unsafe self.offsets = offsets
    unsafe self.targets = targets
    unsafe self.weights = weights
    self.isDirected = isDirected
    self.hasLoops = hasLoops
    self.loopCount = loopCount
    self.cuts = cuts ?? [0, nodeCount]
    self.context = context
  }

  @inlinable package var arcCount: Int { unsafe Int(truncatingIfNeeded: offsets[nodeCount]) }

  @inlinable @inline(__always) package func begin(_ node: Int) -> Int { unsafe Int(truncatingIfNeeded: offsets[node]) }
  @inlinable @inline(__always) package func end(_ node: Int) -> Int {
    unsafe Int(truncatingIfNeeded: offsets[node &+ 1])
  }
  @inlinable @inline(__always) package func target(_ arc: Int) -> Int { unsafe Int(truncatingIfNeeded: targets[arc]) }

  /// The first of the arcs by which row `node` owns edges, so that all rows together name every edge once: the arcs to
  /// larger nodes, or all arcs of a directed graph (loops included).
  @inlinable @inline(__always) package func ownStart(_ node: Int) -> Int {
    let low = begin(node)
    if isDirected { return low }
    var arc = end(node)
    while arc > low, target(arc &- 1) > node { arc &-= 1 }
    return arc
  }

  @inlinable @inline(__always) package func pieces(_ node: Int, isBrief: Bool) -> WholeRow<ID> {
    row(begin(node), end(node))
  }

  @inlinable @inline(__always) package func ownPieces(_ node: Int) -> WholeRow<ID> { row(ownStart(node), end(node)) }

  @inlinable @inline(__always) func row(_ first: Int, _ end: Int) -> WholeRow<ID> {
    unsafe WholeRow(targets: targets + first, arc: first, count: end &- first)
  }

  @inlinable @inline(__always) package func forEachPiece(
    of nodes: Range<Int>, _ body: (_ targets: UnsafePointer<ID>, _ arc: Int, _ count: Int) -> Void
  ) {
    let first = begin(nodes.lowerBound)
    unsafe body(targets + first, first, begin(nodes.upperBound) &- first)
  }

  @inlinable @inline(__always) package func target(of node: Int, at index: Int) -> Int { target(begin(node) &+ index) }

  @inlinable package func firstArc(of node: Int, notBelow wanted: Int) -> Int {
    arcs(node).partitionPoint { target($0) >= wanted }
  }

  @usableFromInline package func incoming(of graph: StoredGraph) -> GraphRows? {
    if case .lists(let graph) = graph { graph.incomingRows(self) } else { nil }
  }
}

/// A list that lies in memory: one piece.
@safe @usableFromInline package struct WholeRow<ID: NodeIndex>: RowPieces {
  @usableFromInline let targets: UnsafePointer<ID>
  @usableFromInline package let arc: Int
  @usableFromInline let count: Int

  @inlinable init(targets: UnsafePointer<ID>, arc: Int, count: Int) {
    unsafe self.targets = targets
    self.arc = arc
    self.count = count
  }

  @inlinable package static var room: Int { 0 }
  @inlinable package var isAtEnd: Bool { true }
  @inlinable @inline(__always) package mutating func next(
    _ room: UnsafeMutableBufferPointer<ID>
  ) -> (targets: UnsafePointer<ID>, count: Int) {
    unsafe (targets, count)
  }
}

/// Work over bare rows that is compiled for both widths of targets.
@usableFromInline package protocol RowsVisitor<Output> {
  associatedtype Output
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> Output
}

extension CSRGraph {
  /// Hands the graph's rows to `visitor`: the one place that chooses the width and holds the arrays for bare pointers.
  ///
  /// - Parameters:
  ///   - chunkWork: Nodes plus arcs of a chunk.
  ///   - countsLoops: Whether loops are counted, by a binary search in every row where there are any.
  ///   - context: Threads and a way to stop, for loops over chunks.
  @inlinable package func withRows<Visitor: RowsVisitor>(
    chunkWork: Int = 1 << 15, countsLoops: Bool = false, context: RunContext = .init(), _ visitor: Visitor
  ) throws(MillError) -> Visitor.Output {
    defer { withExtendedLifetime(self) {} }
    let loops = countsLoops ? try loopCount(context: context) : 0
    switch targets {
    case .narrow(let array): return try visitor.visit(rows(array, chunkWork, loopCount: loops, context))
    case .wide(let array): return try visitor.visit(rows(array, chunkWork, loopCount: loops, context))
    }
  }

  /// The incoming arcs as rows: the rows themselves of an undirected graph, nil where a directed one has none.
  package func incomingRows<ID: NodeIndex>(_ rows: GraphRows<ID>) -> GraphRows<ID>? {
    guard isDirected else { return rows }
    guard let inArcs, let sources = ID.array(inArcs.sources) else { return nil }
    return unsafe GraphRows(
      nodeCount: rows.nodeCount, offsets: inArcs.offsets.base, targets: sources.base, isDirected: true,
      hasLoops: rows.hasLoops, loopCount: rows.loopCount, cuts: rows.cuts, context: rows.context)
  }

  @usableFromInline package func rows<ID: NodeIndex>(
    _ array: SharedArray<ID>, _ chunkWork: Int, loopCount: Int, _ context: RunContext
  ) -> GraphRows<ID> {
    unsafe GraphRows(
      nodeCount: nodeCount, offsets: offsets.base, targets: array.base, weights: weights?.base, isDirected: isDirected,
      hasLoops: hasLoops, loopCount: loopCount,
      cuts: nodeCuts(nodeCount: nodeCount, arcCount: arcCount, work: chunkWork) { unsafe Int(offsets.base[$0]) },
      context: context)
  }
}
