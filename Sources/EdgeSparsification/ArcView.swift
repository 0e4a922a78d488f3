import GraphStore
import MillRuntime

/// An integer type of target arrays.
protocol TargetInteger: FixedWidthInteger, UnsignedInteger, BitwiseCopyable {}
extension UInt32: TargetInteger {}
extension UInt64: TargetInteger {}

/// The bare arrays of a prepared graph (no parallel edges) for hot loops, and the cut of its nodes into chunks.
///
/// Valid while the graph that it was made of lives.
struct ArcView<Target: TargetInteger> {
  let nodeCount: Int
  /// Shape `[n + 1]`.
  let offsets: UnsafePointer<UInt64>
  /// Shape `[arcs]`, ascending in each row.
  let targets: UnsafePointer<Target>
  /// Shape `[arcs]`.
  let weights: UnsafePointer<Double>?
  let isDirected: Bool
  let hasLoops: Bool
  /// Edges (arcs when directed) that are no loops.
  let edgeCount: Int
  let loopCount: Int
  /// Chunk c is the nodes `cuts[c]..<cuts[c + 1]`.
  let cuts: [Int]
  let context: RunContext

  var chunkCount: Int { cuts.count - 1 }
  var arcCount: Int { Int(offsets[nodeCount]) }

  @inline(__always) func begin(_ node: Int) -> Int { Int(truncatingIfNeeded: offsets[node]) }
  @inline(__always) func end(_ node: Int) -> Int { Int(truncatingIfNeeded: offsets[node &+ 1]) }
  @inline(__always) func target(_ arc: Int) -> Int { Int(truncatingIfNeeded: targets[arc]) }

  /// The first of the arcs by which row `node` owns edges, so that all rows together name every edge once: the arcs to
  /// larger nodes, or all arcs of a directed graph (its loops, which are no edges here, included).
  @inline(__always) func ownStart(_ node: Int) -> Int {
    let low = begin(node)
    if isDirected { return low }
    var arc = end(node)
    while arc > low, target(arc &- 1) > node { arc &-= 1 }
    return arc
  }

  /// Visits every edge that row `node` owns, in ascending order of targets.
  @inline(__always) func forEachOwnArc(_ node: Int, _ body: (_ target: Int, _ arc: Int) -> Void) {
    let end = end(node)
    var arc = ownStart(node)
    while arc < end {
      let other = target(arc)
      if !hasLoops || other != node { body(other, arc) }
      arc &+= 1
    }
  }

  /// Visits every edge that row `node` owns with its value, in ascending order of targets.
  ///
  /// Values are computed in blocks: a short loop of loads that do not wait for one another keeps more of them in
  /// flight than a loop that decides in between. `scratch` has room for ``blockSize`` values.
  @inline(__always) func forEachOwnValue<Value: EdgeValue>(
    _ node: Int, _ value: Value, _ scratch: UnsafeMutablePointer<UInt64>,
    _ body: (_ target: Int, _ arc: Int, _ value: UInt64) -> Void
  ) {
    let end = end(node)
    var arc = ownStart(node)
    while arc < end {
      let count = min(Self.blockSize, end &- arc)
      value.fill(scratch, node, targets, arc, count)
      for i in 0..<count {
        if hasLoops, target(arc &+ i) == node { continue }
        body(target(arc &+ i), arc &+ i, scratch[i])
      }
      arc &+= count
    }
  }

  /// Values that are computed in one go.
  static var blockSize: Int { 64 }

  /// Runs `body` over the nodes of every chunk.
  func forEachChunk(_ body: (_ nodes: Range<Int>, _ chunk: Int, _ worker: Int) -> Void) throws(MillError) {
    try context.checkCancelled()
    Parallel.forEach(chunkCount, threads: context.threads) { chunk, worker in
      body(cuts[chunk]..<cuts[chunk + 1], chunk, worker)
    }
  }

  /// Runs `body` over the nodes of every chunk, with room for ``blockSize`` values.
  func forEachChunk(
    _ body: (_ nodes: Range<Int>, _ chunk: Int, _ worker: Int, _ scratch: UnsafeMutablePointer<UInt64>) -> Void
  ) throws(MillError) {
    let scratch = try FlatBuffer<UInt64>(count: Self.blockSize * min(context.threads, chunkCount))
    try forEachChunk { nodes, chunk, worker in body(nodes, chunk, worker, scratch.base + worker * Self.blockSize) }
    withExtendedLifetime(scratch) {}
  }

  /// The position of arc `source → target`, or nil. O(log degree).
  func arc(_ source: Int, _ wanted: Int) -> Int? {
    let end = end(source)
    let place = (begin(source)..<end).partitionPoint { target($0) >= wanted }
    return place < end && target(place) == wanted ? place : nil
  }

  /// The edge of a row's arc in the order that ties are broken by: smaller end first unless directed.
  @inline(__always) func ordered(_ node: Int, _ other: Int) -> (u: Int, v: Int) {
    isDirected || node < other ? (node, other) : (other, node)
  }
}

/// A number of every edge.
protocol EdgeValue {
  /// Writes the values of the `count` arcs from `arc` on, which leave `node`.
  func fill<Target: TargetInteger>(
    _ values: UnsafeMutablePointer<UInt64>, _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int)
}

/// Work that is compiled for both widths of targets.
protocol ArcVisitor {
  associatedtype Output
  func visit<Target>(_ view: ArcView<Target>) throws(SparsifyError) -> Output
}

extension CSRGraph {
  /// Hands the graph's arrays to `visitor`; the graph has at least one arc.
  func visitArcs<Visitor: ArcVisitor>(
    _ visitor: Visitor, tuning: SparsifyTuning, context: RunContext
  ) throws(SparsifyError) -> Visitor.Output {
    let cuts = nodeCuts(work: tuning.chunkWork)
    let loops = hasLoops ? countLoops() : 0
    let nodeCount = nodeCount
    let edges = edgeCount - loops
    let isDirected = isDirected
    let weights = weights?.baseAddress
    guard let offsets = offsets.baseAddress else { preconditionFailure("a graph without arcs has no view") }
    func view<Target>(_ targets: UnsafePointer<Target>) -> ArcView<Target> {
      ArcView(
        nodeCount: nodeCount, offsets: offsets, targets: targets, weights: weights, isDirected: isDirected,
        hasLoops: loops > 0, edgeCount: edges, loopCount: loops, cuts: cuts, context: context)
    }
    defer { withExtendedLifetime(self) {} }
    switch targets {
    case .narrow(let buffer):
      guard let base = buffer.baseAddress else { preconditionFailure("a graph without arcs has no view") }
      return try visitor.visit(view(base))
    case .wide(let buffer):
      guard let base = buffer.baseAddress else { preconditionFailure("a graph without arcs has no view") }
      return try visitor.visit(view(base))
    }
  }

  /// Cuts nodes into runs of about `work` nodes plus arcs; the cut depends on the graph alone.
  private func nodeCuts(work: Int) -> [Int] {
    let offsets = offsets
    let total = nodeCount + arcCount
    var cuts = [0]
    var next = work
    while next < total {
      let last = cuts[cuts.count - 1]
      let cut = (last..<nodeCount).partitionPoint { Int(offsets[$0]) + $0 >= next }
      if cut > last, cut < nodeCount { cuts.append(cut) }
      next += work
    }
    cuts.append(nodeCount)
    return cuts
  }

  private func countLoops() -> Int {
    var loops = 0
    for node in 0..<nodeCount where hasArc(node, node) { loops += 1 }
    return loops
  }
}
