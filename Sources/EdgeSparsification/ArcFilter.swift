import GraphStore
import MillRuntime

/// Decides which arcs of a graph stay. Both arcs of an undirected edge get the same answer.
protocol ArcFilter {
  /// Bit i says whether arc `arc + i` of row `node` stays; at most 64 arcs. `scratch` has room for one value an arc.
  func decide<Target: TargetInteger>(
    _ view: ArcView<Target>, _ node: Int, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64
}

/// Builds the graph of the arcs that stay from the old one, without an edge list in between: a parallel pass that
/// decides and counts by row, a prefix sum over chunks, a parallel copy.
///
/// Memory beside the output: one bit an arc. Every chunk has words of its own, so that chunks do not share any.
struct ArcFiltering<Target: TargetInteger> {
  private let view: ArcView<Target>
  /// Entry v + 1 is the number of arcs of row v that stay, until the graph is built.
  private let offsets: FlatBuffer<UInt64>
  private let chunkCounts: FlatBuffer<Int>
  private let decisions: FlatBuffer<UInt64>

  init(_ view: ArcView<Target>) throws(MillError) {
    self.view = view
    offsets = try FlatBuffer(count: view.nodeCount + 1)
    chunkCounts = try FlatBuffer(count: view.chunkCount)
    decisions = try FlatBuffer(count: view.arcCount / 64 + view.chunkCount + 1)
  }

  private func firstWord(ofChunk chunk: Int) -> UnsafeMutablePointer<UInt64> {
    decisions.base + (view.begin(view.cuts[chunk]) / 64 + chunk)
  }

  /// Asks the filter about every arc.
  func decide<Filter: ArcFilter>(_ filter: Filter) throws(MillError) {
    let rowCounts = offsets.base + 1
    try view.forEachChunk { nodes, chunk, _, scratch in
      var sum: UInt64 = 0
      var place = firstWord(ofChunk: chunk)
      var word: UInt64 = 0
      var filled: UInt64 = 0
      for node in nodes {
        var kept: UInt64 = 0
        let end = view.end(node)
        var arc = view.begin(node)
        while arc < end {
          let count = min(64, end &- arc)
          let bits = filter.decide(view, node, arc, count, scratch)
          kept &+= UInt64(truncatingIfNeeded: bits.nonzeroBitCount)
          word |= bits &<< filled
          filled &+= UInt64(truncatingIfNeeded: count)
          if filled >= 64 {
            place.pointee = word
            place += 1
            filled &-= 64
            // The bits that did not fit; a shift by 64 gives 0.
            word = bits >> (UInt64(truncatingIfNeeded: count) &- filled)
          }
          arc &+= count
        }
        rowCounts[node] = kept
        sum &+= kept
      }
      if filled > 0 { place.pointee = word }
      chunkCounts.base[chunk] = Int(truncatingIfNeeded: sum)
    }
  }

  /// Lets an arc stay that the filter decided against.
  func keep(_ source: Int, _ target: Int) {
    guard let arc = view.arc(source, target) else { return }
    let chunk = (1..<view.chunkCount).partitionPoint { view.cuts[$0] > source } - 1
    let bit = arc - view.begin(view.cuts[chunk])
    firstWord(ofChunk: chunk)[bit >> 6] |= 1 << UInt64(bit & 63)
    offsets.base[source + 1] += 1
    chunkCounts.base[chunk] += 1
  }

  /// The graph of what stays: the nodes, names, weights and width of targets of `graph`.
  ///
  /// - Parameter keptLoops: Self-loops among the arcs that stay.
  func build(from graph: CSRGraph, keptLoops: Int) throws(MillError) -> CSRGraph {
    var arcCount = 0
    for chunk in 0..<view.chunkCount {
      let count = chunkCounts.base[chunk]
      chunkCounts.base[chunk] = arcCount
      arcCount += count
    }
    let targets = try FlatBuffer<Target>(count: arcCount)
    let weights = view.weights == nil ? nil : try FlatBuffer<Double>(count: arcCount)
    try view.forEachChunk { nodes, chunk, _ in
      let start = chunkCounts.base[chunk]
      copy(chunk, view.targets, to: targets.base + start)
      if let source = view.weights, let weights { copy(chunk, source, to: weights.base + start) }
      var end = UInt64(truncatingIfNeeded: start)
      for node in nodes {
        end &+= offsets.base[node &+ 1]
        offsets.base[node &+ 1] = end
      }
    }
    var flags = graph.storage.flags
    if keptLoops == 0 { flags.remove(.loops) }
    var owners: [AnyObject] = [offsets, targets]
    if let weights { owners.append(weights) }
    if case .dense = graph.names {} else { owners += graph.storage.sharedOwners }
    let storage = CSRStorage(
      nodeCount: view.nodeCount, edgeCount: view.isDirected ? arcCount : (arcCount + keptLoops) / 2, flags: flags,
      offsets: offsets.elements, targets: CSRGraph.Targets(targets), weights: weights?.elements, names: graph.names,
      owners: owners)
    return CSRGraph(storage: storage)
  }

  /// Copies the entries of a chunk's arcs that stay.
  private func copy<Entry: BitwiseCopyable>(
    _ chunk: Int, _ entries: UnsafePointer<Entry>, to start: UnsafeMutablePointer<Entry>
  ) {
    var output = start
    var place = firstWord(ofChunk: chunk)
    let end = view.begin(view.cuts[chunk + 1])
    var arc = view.begin(view.cuts[chunk])
    while arc < end {
      var word = place.pointee
      if word == UInt64.max {
        output.update(from: entries + arc, count: 64)
        output += 64
      } else {
        while word != 0 {
          output.pointee = entries[arc &+ word.trailingZeroBitCount]
          output += 1
          word &= word &- 1
        }
      }
      place += 1
      arc &+= 64
    }
  }
}

extension CSRGraph.Targets {
  /// The targets in a buffer of either width, which the caller keeps alive.
  init<Target: TargetInteger>(_ buffer: FlatBuffer<Target>) {
    if Target.bitWidth == 32 {
      self = .narrow(
        UnsafeBufferPointer(
          start: UnsafeRawPointer(buffer.base).assumingMemoryBound(to: UInt32.self), count: buffer.count))
    } else {
      self = .wide(
        UnsafeBufferPointer(
          start: UnsafeRawPointer(buffer.base).assumingMemoryBound(to: UInt64.self), count: buffer.count))
    }
  }
}
