public import MillRuntime

extension CSRGraph {
  /// The same graph with ``inArcs``.
  ///
  /// The result shares all arrays with this graph. An undirected graph, whose arcs are their own in-arcs, and one that
  /// has them already come back as they are.
  ///
  /// - Throws: `MillError`: `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time, 4m (8m for wide targets) and 8n bytes kept, twice as much while it runs. The same
  ///   result for every thread count.
  public func withInArcs(context: RunContext = .init()) throws(MillError) -> CSRGraph {
    guard isDirected, inArcs == nil else { return self }
    return try withRows(context: context, AddingInArcs(graph: self))
  }

  /// The graph with every arc turned round; weights and names stay.
  ///
  /// An undirected graph comes back as it is. An unweighted graph with ``inArcs`` shares its arrays with the result,
  /// which then has in-arcs too.
  ///
  /// - Throws: `MillError`: `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time; the result's arrays, and as much again while it runs. The same result for every
  ///   thread count.
  public func transposed(context: RunContext = .init()) throws(MillError) -> CSRGraph {
    guard isDirected else { return self }
    if let inArcs, !isWeighted {
      return CSRGraph(
        storage: CSRStorage(
          nodeCount: nodeCount, edgeCount: edgeCount, flags: storage.flags, offsets: inArcs.offsets,
          targets: inArcs.sources, names: names, inArcs: InArcs(offsets: offsets, sources: targets)))
    }
    return try withRows(context: context, Transposing(graph: self))
  }
}

private struct AddingInArcs: RowsVisitor {
  let graph: CSRGraph

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CSRGraph {
    let reversed = try ArcSorter(rows, withWeights: false).run()
    let stored = graph.storage
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: stored.nodeCount, edgeCount: stored.edgeCount, flags: stored.flags, offsets: stored.offsets,
        targets: stored.targets, weights: stored.weights, names: stored.names,
        inArcs: CSRGraph.InArcs(
          offsets: SharedArray(reversed.offsets), sources: ID.targets(SharedArray(reversed.sources)))))
  }
}

private struct Transposing: RowsVisitor {
  let graph: CSRGraph

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CSRGraph {
    let reversed = try ArcSorter(rows, withWeights: true).run()
    let stored = graph.storage
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: stored.nodeCount, edgeCount: stored.edgeCount, flags: stored.flags,
        offsets: SharedArray(reversed.offsets), targets: ID.targets(SharedArray(reversed.sources)),
        weights: reversed.weights.map { SharedArray($0) }, names: stored.names))
  }
}

/// Arcs sorted by target; the sources of each target ascending, equal arcs in their old order.
struct ReversedArcs<ID: NodeIndex> {
  let offsets: FlatBuffer<UInt64>
  let sources: FlatBuffer<ID>
  let weights: FlatBuffer<Double>?

  /// The arcs as rows, for as long as this value is kept.
  func rows(like rows: GraphRows<ID>) -> GraphRows<ID> {
    unsafe GraphRows(
      nodeCount: rows.nodeCount, offsets: offsets.base, targets: sources.base, weights: weights?.base,
      isDirected: rows.isDirected, hasLoops: rows.hasLoops, cuts: rows.cuts, context: rows.context)
  }
}

/// A stable counting sort of arcs by target, in two passes that both stay in the cache: first into blocks of
/// neighboring targets, then each block by itself.
@safe struct ArcSorter<ID: NodeIndex> {
  let nodeCount: Int
  let arcCount: Int
  let offsets: UnsafePointer<UInt64>
  let targets: UnsafePointer<ID>
  let weights: UnsafePointer<Double>?
  let context: RunContext
  /// Arcs of a chunk of the first pass.
  var arcsPerChunk = 1 << 18
  /// A block holds 2^blockBits targets; nil chooses about a thousand blocks, of 4096 targets at least.
  var blockBits: Int?

  init(_ rows: GraphRows<ID>, withWeights: Bool) {
    nodeCount = rows.nodeCount
    arcCount = rows.arcCount
    unsafe offsets = rows.offsets
    unsafe targets = rows.targets
    unsafe weights = withWeights ? rows.weights : nil
    context = rows.context
  }

  func run() throws(MillError) -> ReversedArcs<ID> {
    let bits = blockBits ?? max(12, Int.bitWidth - max(1, nodeCount).leadingZeroBitCount - 10)
    let blocks = max(1, (nodeCount + (1 << bits) - 1) >> bits)
    let chunks = Parallel.chunkCount(arcCount, size: arcsPerChunk)
    // cursors[chunk * blocks + block]: first a count, then the place of the chunk's next arc into the block.
    let cursors = try FlatBuffer<Int>(count: chunks * blocks)
    try Parallel.forEachThrowing(chunks, threads: context.threads) { (chunk, _) throws(MillError) in
      try context.checkCancelled()
      let own = unsafe cursors.base + chunk * blocks
      for arc in Parallel.range(ofChunk: chunk, size: arcsPerChunk, count: arcCount) {
        unsafe own[Int(targets[arc]) >> bits] &+= 1
      }
    }
    let starts = try FlatBuffer<Int>(count: blocks + 1)
    var sum = 0
    for block in 0..<blocks {
      unsafe starts.base[block] = sum
      for chunk in 0..<chunks {
        let count = unsafe cursors.base[chunk * blocks + block]
        unsafe cursors.base[chunk * blocks + block] = sum
        sum += count
      }
    }
    unsafe starts.base[blocks] = sum
    let pairs = try FlatBuffer<ID>(count: 2 * arcCount)
    let parkedWeights = unsafe weights == nil ? nil : try FlatBuffer<Double>(count: arcCount)
    try Parallel.forEachThrowing(chunks, threads: context.threads) { (chunk, _) throws(MillError) in
      try context.checkCancelled()
      let range = Parallel.range(ofChunk: chunk, size: arcsPerChunk, count: arcCount)
      unsafe distribute(range, bits, cursors.base + chunk * blocks, pairs.base, parkedWeights?.base)
    }
    let result = unsafe ReversedArcs(
      offsets: try FlatBuffer<UInt64>(count: nodeCount + 1), sources: try FlatBuffer<ID>(count: arcCount),
      weights: weights == nil ? nil : try FlatBuffer<Double>(count: arcCount))
    unsafe result.offsets.base[nodeCount] = UInt64(arcCount)
    try Parallel.forEachThrowing(blocks, threads: context.threads) { (block, _) throws(MillError) in
      try context.checkCancelled()
      let nodes = min(nodeCount, block << bits)..<min(nodeCount, (block + 1) << bits)
      unsafe sort(starts.base[block]..<starts.base[block + 1], nodes, pairs.base, parkedWeights?.base, result)
    }
    return result
  }

  /// Puts the arcs of one chunk into their blocks, as (target, source).
  private func distribute(
    _ arcs: Range<Int>, _ bits: Int, _ cursors: UnsafeMutablePointer<Int>, _ pairs: UnsafeMutablePointer<ID>,
    _ parkedWeights: UnsafeMutablePointer<Double>?
  ) {
    // The source of the first arc: the last node whose list starts at or before it.
    var source = (1..<nodeCount + 1).partitionPoint { unsafe Int(offsets[$0]) > arcs.lowerBound } - 1
    var listEnd = unsafe Int(offsets[source + 1])
    for arc in arcs {
      while arc >= listEnd {
        source &+= 1
        listEnd = unsafe Int(offsets[source &+ 1])
      }
      let target = unsafe targets[arc]
      let block = Int(target) >> bits
      let place = unsafe cursors[block]
      unsafe cursors[block] = place &+ 1
      unsafe pairs[2 &* place] = target
      unsafe pairs[2 &* place &+ 1] = ID(truncatingIfNeeded: source)
      if let parkedWeights = unsafe parkedWeights {
        unsafe parkedWeights[place] = unsafe weights.unsafelyUnwrapped[arc]
      }
    }
  }

  /// Sorts the arcs of one block, whose targets are `nodes`. The block's own offsets serve as its cursors.
  private func sort(
    _ places: Range<Int>, _ nodes: Range<Int>, _ pairs: UnsafePointer<ID>, _ parkedWeights: UnsafePointer<Double>?,
    _ result: ReversedArcs<ID>
  ) {
    guard !nodes.isEmpty else { return }
    let offsets = unsafe result.offsets.base
    for place in places { unsafe offsets[Int(pairs[2 &* place])] &+= 1 }
    var sum = UInt64(places.lowerBound)
    for v in nodes {
      let count = unsafe offsets[v]
      unsafe offsets[v] = sum
      sum &+= count
    }
    let sources = unsafe result.sources.base
    let weights = unsafe result.weights?.base
    for place in places {
      let target = unsafe Int(pairs[2 &* place])
      let to = unsafe Int(offsets[target])
      unsafe offsets[target] &+= 1
      unsafe sources[to] = pairs[2 &* place &+ 1]
      if let weights = unsafe weights { unsafe weights[to] = unsafe parkedWeights.unsafelyUnwrapped[place] }
    }
    // Each cursor now stands where the next list starts.
    for v in nodes.dropFirst().reversed() { unsafe offsets[v] = unsafe offsets[v &- 1] }
    unsafe offsets[nodes.lowerBound] = UInt64(places.lowerBound)
  }
}
