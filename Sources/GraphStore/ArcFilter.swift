public import MillRuntime

/// Decides which arcs of a graph stay. Both arcs of an undirected edge get the same answer.
@usableFromInline package protocol ArcFilter {
  /// Bit i says whether arc `arc + i` of row `node`, which leads to `targets[i]`, stays; at most 64 arcs. `scratch` has room
  /// for one value an arc.
  func decide<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64
}

/// Builds the graph of the arcs that stay from the old one, without an edge list in between: a parallel pass that
/// decides and counts by row, a prefix sum over chunks, a parallel copy.
///
/// Memory beside the output: one bit an arc. Every chunk has words of its own, so that chunks do not share any.
@usableFromInline package struct ArcFiltering<Rows: RowSource> {
  @usableFromInline let view: Rows
  /// Entry v + 1 is the number of arcs of row v that stay, until the graph is built.
  @usableFromInline let offsets: FlatBuffer<UInt64>
  @usableFromInline let chunkCounts: FlatBuffer<Int>
  @usableFromInline let decisions: FlatBuffer<UInt64>

  @inlinable package init(_ view: Rows) throws(MillError) {
    self.view = view
    offsets = try FlatBuffer(count: view.nodeCount + 1)
    chunkCounts = try FlatBuffer(count: view.chunkCount)
    decisions = try FlatBuffer(count: view.arcCount / 64 + view.chunkCount + 1)
  }

  @inlinable func firstWord(ofChunk chunk: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe decisions.base + (view.begin(view.cuts[chunk]) / 64 + chunk)
  }

  /// Asks the filter about every arc.
  @inlinable package func decide<Filter: ArcFilter>(_ filter: Filter) throws(MillError) {
    let rowCounts = unsafe offsets.base + 1
    let scratches = try FlatBuffer<UInt64>(count: 64 * min(view.context.threads, view.chunkCount))
    try view.forEachChunk { nodes, chunk, worker in
      let scratch = unsafe scratches.base + 64 * worker
      var sum: UInt64 = 0
      var place = unsafe firstWord(ofChunk: chunk)
      var word: UInt64 = 0
      var filled: UInt64 = 0
      for node in nodes {
        var kept: UInt64 = 0
        unsafe view.forEachPiece(node, isBrief: false) { targets, arc, pieceCount in
          var done = 0
          while done < pieceCount {
            let count = min(64, pieceCount &- done)
            let bits = unsafe filter.decide(node, targets + done, arc &+ done, count, scratch)
            kept &+= UInt64(truncatingIfNeeded: bits.nonzeroBitCount)
            word |= bits &<< filled
            filled &+= UInt64(truncatingIfNeeded: count)
            if filled >= 64 {
              unsafe place.pointee = word
              unsafe place += 1
              filled &-= 64
              // The bits that did not fit; a shift by 64 gives 0.
              word = bits >> (UInt64(truncatingIfNeeded: count) &- filled)
            }
            done &+= count
          }
          return true
        }
        unsafe rowCounts[node] = kept
        sum &+= kept
      }
      if filled > 0 { unsafe place.pointee = word }
      unsafe chunkCounts.base[chunk] = Int(truncatingIfNeeded: sum)
    }
    withExtendedLifetime(scratches) {}
  }

  /// Lets an arc of a node stay that the filter decided against.
  @inlinable package func keep(_ arc: Int, of node: Int) {
    let chunk = (1..<view.chunkCount).partitionPoint { view.cuts[$0] > node } - 1
    let bit = arc - view.begin(view.cuts[chunk])
    unsafe firstWord(ofChunk: chunk)[bit >> 6] |= 1 << UInt64(bit & 63)
    unsafe offsets.base[node + 1] += 1
    unsafe chunkCounts.base[chunk] += 1
  }

  /// Arcs that stay, before the graph is built.
  @inlinable package var keptArcs: Int { unsafe chunkCounts.elements.reduce(0, +) }

  /// Loops among the arcs that stay.
  @inlinable func keptLoops() -> Int {
    var loops = 0
    for chunk in 0..<view.chunkCount {
      let words = unsafe firstWord(ofChunk: chunk)
      let first = view.begin(view.cuts[chunk])
      for node in view.cuts[chunk]..<view.cuts[chunk + 1] {
        let loop = view.firstArc(of: node, notBelow: node)
        for bit in loop - first..<loop - first + view.loops(at: node) {
          unsafe loops += Int(words[bit >> 6] >> UInt64(bit & 63) & 1)
        }
      }
    }
    return loops
  }

  /// The graph of what stays: the nodes, names, weights and width of targets of `graph`.
  ///
  /// - Parameter keptLoops: Self-loops among the arcs that stay.
  @inlinable package func build(from graph: some NeighborGraph, keptLoops: Int) throws(MillError) -> CSRGraph {
    var arcCount = 0
    for chunk in 0..<view.chunkCount {
      let count = unsafe chunkCounts.base[chunk]
      unsafe chunkCounts.base[chunk] = arcCount
      arcCount += count
    }
    let targets = try FlatBuffer<Rows.ID>(count: arcCount)
    let weights = unsafe view.weights == nil ? nil : try FlatBuffer<Double>(count: arcCount)
    try view.forEachChunk { nodes, chunk, _ in
      let start = unsafe chunkCounts.base[chunk]
      let words = unsafe firstWord(ofChunk: chunk)
      let first = view.begin(nodes.lowerBound)
      var output = unsafe targets.base + start
      unsafe view.forEachPiece(of: nodes) { piece, arc, count in
        unsafe copy(piece, count, words, from: arc &- first, to: &output)
      }
      if let source = unsafe view.weights, let weights {
        var output = unsafe weights.base + start
        unsafe copy(source + first, view.begin(nodes.upperBound) &- first, words, from: 0, to: &output)
      }
      var end = UInt64(truncatingIfNeeded: start)
      for node in nodes {
        unsafe end &+= offsets.base[node &+ 1]
        unsafe offsets.base[node &+ 1] = end
      }
    }
    return graph.keepingNodes(
      offsets: SharedArray(offsets), targets: Rows.ID.targets(SharedArray(targets)),
      weights: weights.map { SharedArray($0) },
      loops: keptLoops)
  }

  /// Copies the entries of arcs that stay, whose decisions begin with a bit of `words`.
  @inlinable @inline(__always) func copy<Entry: BitwiseCopyable>(
    _ entries: UnsafePointer<Entry>, _ count: Int, _ words: UnsafePointer<UInt64>, from bit: Int,
    to output: inout UnsafeMutablePointer<Entry>
  ) {
    var place = unsafe words + (bit &>> 6)
    let shift = UInt64(truncatingIfNeeded: bit & 63)
    var done = 0
    while done < count {
      var word = unsafe place.pointee &>> shift
      if shift > 0 { unsafe word |= place[1] &<< (64 &- shift) }
      let rest = count &- done
      if rest < 64 { word &= (1 &<< UInt64(truncatingIfNeeded: rest)) &- 1 }
      if word == UInt64.max {
        unsafe output.update(from: entries + done, count: 64)
        unsafe output += 64
      } else {
        while word != 0 {
          unsafe output.pointee = entries[done &+ word.trailingZeroBitCount]
          unsafe output += 1
          word &= word &- 1
        }
      }
      unsafe place += 1
      done &+= 64
    }
  }
}

extension CSRGraph {
  /// The arcs for which `filter` says so, with the nodes, names, weights and width of targets of this graph.
  ///
  /// - Complexity: O(n + m) time; one bit an arc beside the result. The same result for every thread count.
  @inlinable package func keepingArcs(
    _ filter: some ArcFilter, context: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    try withRows(context: context, ArcKeeping(graph: self, filter: filter))
  }

  /// The arcs for which `keeps(source, target, arc)` holds; both arcs of an undirected edge must get the same answer.
  package func keepingArcs(
    context: RunContext = .init(), where keeps: @escaping (_ source: Int, _ target: Int, _ arc: Int) -> Bool
  ) throws(MillError) -> CSRGraph {
    try keepingArcs(ArcPredicate(keeps: keeps), context: context)
  }
}

extension NeighborGraph {
  /// A graph in memory of the same nodes and some of the arcs.
  @usableFromInline func keepingNodes(
    offsets: SharedArray<UInt64>, targets: CSRGraph.Targets, weights: SharedArray<Double>?, loops: Int
  ) -> CSRGraph {
    var flags = shape
    if loops == 0 { flags.remove(.loops) }
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: nodeCount, edgeCount: isDirected ? targets.count : (targets.count + loops) / 2, flags: flags,
        offsets: offsets, targets: targets, weights: weights, names: names))
  }
}

@usableFromInline struct ArcKeeping<Filter: ArcFilter>: RowsVisitor {
  @usableFromInline let graph: CSRGraph
  @usableFromInline let filter: Filter

  @inlinable init(graph: CSRGraph, filter: Filter) {
    self.graph = graph
    self.filter = filter
  }

  @inlinable func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CSRGraph {
    let filtering = try ArcFiltering(rows)
    try filtering.decide(filter)
    return try filtering.build(from: graph, keptLoops: rows.hasLoops ? filtering.keptLoops() : 0)
  }
}

/// A filter that asks for one arc after the other.
private struct ArcPredicate: ArcFilter {
  let keeps: (Int, Int, Int) -> Bool

  func decide<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64 {
    var bits: UInt64 = 0
    for i in 0..<count where unsafe keeps(node, Int(truncatingIfNeeded: targets[i]), arc + i) { bits |= 1 << UInt64(i) }
    return bits
  }
}
