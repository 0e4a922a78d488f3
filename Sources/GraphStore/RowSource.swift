public import MillRuntime

/// Where a kernel reads neighbor lists from: arrays (``GraphRows``) or packed bytes (``PackedRows``). Whatever is generic
/// over it is compiled for each.
///
/// A list is handed out in pieces, ascending, as bare memory that is valid until the closure returns. Nothing is checked.
@usableFromInline package protocol RowSource: Sendable {
  associatedtype ID: NodeIndex where ID == Pieces.ID
  associatedtype Pieces: RowPieces
  var nodeCount: Int { get }
  var arcCount: Int { get }
  /// Shape `[arcs]`; nil for an unweighted graph.
  var weights: UnsafePointer<Double>? { get }
  var isDirected: Bool { get }
  var hasLoops: Bool { get }
  /// Loops, where they were counted; else 0.
  var loopCount: Int { get }
  /// Chunk c is the nodes `cuts[c]..<cuts[c + 1]`; the cut depends on the graph alone.
  var cuts: [Int] { get }
  var context: RunContext { get }

  /// The number of arcs that leave smaller nodes: the first arc of `node`.
  func begin(_ node: Int) -> Int
  /// The arc behind the last one of `node`.
  func end(_ node: Int) -> Int
  /// The number of arcs of `node`.
  func degree(_ node: Int) -> Int
  /// The list of `node`. `isBrief` asks for short pieces first: the reader will stop soon.
  func pieces(_ node: Int, isBrief: Bool) -> Pieces
  /// The arcs by which `node` owns edges, so that all rows together name every edge once: the arcs to larger nodes, or
  /// all arcs of a directed graph (loops included). Other arcs may come before them.
  func ownPieces(_ node: Int) -> Pieces
  /// Hands out the lists of some nodes, one behind the other, in as few pieces as there can be.
  func forEachPiece(of nodes: Range<Int>, _ body: (_ targets: UnsafePointer<ID>, _ arc: Int, _ count: Int) -> Void)
  /// The target of the arc at place `index` of the list of `node`.
  func target(of node: Int, at index: Int) -> Int
  /// The first arc of `node` whose target is not below `wanted`.
  func firstArc(of node: Int, notBelow wanted: Int) -> Int
  /// The incoming arcs of the graph that these are the rows of: the rows themselves of an undirected graph, nil where a
  /// directed one has none.
  func incoming(of graph: StoredGraph) -> Self?
}

/// What is left to be handed out of a list.
@usableFromInline package protocol RowPieces {
  associatedtype ID: NodeIndex
  /// Targets that ``next(_:)`` needs room for; 0 where they lie in memory.
  static var room: Int { get }
  /// The first arc.
  var arc: Int { get }
  /// Whether nothing is left.
  var isAtEnd: Bool { get }
  /// The next piece, in `room` or elsewhere; valid until the next call.
  mutating func next(_ room: UnsafeMutableBufferPointer<ID>) -> (targets: UnsafePointer<ID>, count: Int)
}

extension RowSource {
  /// Hands out pieces until `body` returns false. This loop is inlined for every source, and with it what is done to each
  /// arc, as it would not be into a requirement of the protocol.
  @inlinable @inline(__always) func drain(
    _ list: Pieces, _ body: (_ targets: UnsafePointer<ID>, _ arc: Int, _ count: Int) -> Bool
  ) {
    unsafe withUnsafeTemporaryAllocation(of: ID.self, capacity: Pieces.room) { room in
      var list = list
      var arc = list.arc
      while true {
        let piece = unsafe list.next(room)
        if !(unsafe body(piece.targets, arc, piece.count)) || list.isAtEnd { return }
        unsafe arc &+= piece.count
      }
    }
  }

  /// Hands out the list of `node` until `body` returns false; see ``pieces(_:isBrief:)``.
  @inlinable @inline(__always) package func forEachPiece(
    _ node: Int, isBrief: Bool, _ body: (_ targets: UnsafePointer<ID>, _ arc: Int, _ count: Int) -> Bool
  ) {
    unsafe drain(pieces(node, isBrief: isBrief), body)
  }

  /// Hands out the arcs by which `node` owns edges; see ``ownPieces(_:)``.
  @inlinable @inline(__always) package func forEachOwnPiece(
    _ node: Int, _ body: (_ targets: UnsafePointer<ID>, _ arc: Int, _ count: Int) -> Void
  ) {
    unsafe drain(ownPieces(node)) { targets, arc, count in
      var own = 0
      if Pieces.room > 0, !isDirected {
        if unsafe count == 0 || Int(truncatingIfNeeded: targets[count &- 1]) <= node { return true }
        while unsafe Int(truncatingIfNeeded: targets[own]) <= node { own &+= 1 }
      }
      unsafe body(targets + own, arc &+ own, count &- own)
      return true
    }
  }

  @inlinable package var chunkCount: Int { cuts.count - 1 }
  /// Edges (arcs when directed) that are no loops, where loops were counted.
  @inlinable package var edgeCount: Int { isDirected ? arcCount - loopCount : (arcCount - loopCount) / 2 }

  @inlinable @inline(__always) package func degree(_ node: Int) -> Int { end(node) &- begin(node) }
  @inlinable @inline(__always) package func arcs(_ node: Int) -> Range<Int> {
    unsafe Range(uncheckedBounds: (begin(node), end(node)))
  }

  /// Visits every arc of a row from place `start` of its list on.
  @inlinable @inline(__always) package func forEachTarget(
    _ node: Int, from start: Int = 0, _ body: (_ target: Int, _ arc: Int) -> Void
  ) {
    var passed = start
    unsafe forEachPiece(node, isBrief: false) { targets, arc, count in
      var i = min(passed, count)
      passed &-= i
      while i < count {
        unsafe body(Int(truncatingIfNeeded: targets[i]), arc &+ i)
        i &+= 1
      }
      return true
    }
  }

  /// Visits every edge that row `node` owns, loops left out, in ascending order of targets.
  @inlinable @inline(__always) package func forEachOwnArc(_ node: Int, _ body: (_ target: Int, _ arc: Int) -> Void) {
    unsafe forEachOwnPiece(node) { targets, arc, count in
      var i = 0
      while i < count {
        let other = unsafe Int(truncatingIfNeeded: targets[i])
        if !hasLoops || other != node { body(other, arc &+ i) }
        i &+= 1
      }
    }
  }

  /// Looks at the targets of a row up to the first that is `wanted`.
  @inlinable @inline(__always) package func search(
    _ node: Int, _ isWanted: (_ target: Int) -> Bool
  ) -> (examined: Int, isFound: Bool) {
    var examined = 0
    var isFound = false
    unsafe forEachPiece(node, isBrief: true) { targets, _, count in
      var i = 0
      while i < count {
        let target = unsafe Int(truncatingIfNeeded: targets[i])
        i &+= 1
        if isWanted(target) {
          isFound = true
          break
        }
      }
      examined &+= i
      return !isFound
    }
    return (examined, isFound)
  }

  /// The position of an arc `source → wanted`, or nil.
  @inlinable package func arc(_ source: Int, _ wanted: Int) -> Int? {
    let arc = firstArc(of: source, notBelow: wanted)
    return arc < end(source) && target(of: source, at: arc - begin(source)) == wanted ? arc : nil
  }

  /// The number of loops at a node.
  @inlinable package func loops(at node: Int) -> Int {
    firstArc(of: node, notBelow: node + 1) - firstArc(of: node, notBelow: node)
  }

  /// Runs `body` over the nodes of every chunk.
  @inlinable package func forEachChunk(
    _ body: (_ nodes: Range<Int>, _ chunk: Int, _ worker: Int) -> Void
  ) throws(MillError) {
    try context.checkCancelled()
    Parallel.forEach(chunkCount, threads: context.threads) { chunk, worker in
      body(cuts[chunk]..<cuts[chunk + 1], chunk, worker)
    }
  }
}

/// Work over rows of any source that is compiled for each of them.
@usableFromInline package protocol SourceVisitor<Output> {
  associatedtype Output
  func visit<Rows: RowSource>(_ rows: Rows) throws(MillError) -> Output
}

/// Cuts nodes into runs of about `work` nodes plus arcs; the cut depends on the graph alone.
///
/// - Parameter begin: The number of arcs of smaller nodes.
func nodeCuts(nodeCount: Int, arcCount: Int, work: Int, begin: (_ node: Int) -> Int) -> [Int] {
  let total = nodeCount + arcCount
  var cuts = [0]
  var next = work
  while next < total {
    let last = cuts[cuts.count - 1]
    let place = (last..<nodeCount).partitionPoint { begin($0) + $0 >= next }
    if place > last, place < nodeCount { cuts.append(place) }
    next += work
  }
  cuts.append(nodeCount)
  return cuts
}
