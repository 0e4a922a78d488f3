public import MillRuntime

/// Checks that the bytes of a container are intact and that its graph keeps all that a graph promises.
///
/// In this order: header and table; padding; the checksum of every section; offsets from 0 upwards; targets below n;
/// lists strictly ascending (ascending in a multigraph); in an undirected graph every arc has its counterpart, with
/// the same weight; m; the loop flag; finite weights; label offsets; incoming arcs, if stored, are those of the
/// outgoing ones.
///
/// - Throws: `MillError` of a `badData` kind that names the first thing wrong.
/// - Complexity: O(bytes), one pass for the checksums and one for the structure; parallel over fixed chunks.
public func checkDeep(_ path: String, mapped: Bool = true, context: RunContext = .init()) throws(MillError) {
  _ = try openContainer(path, mapped: mapped, verify: .deep, context: context)
}

/// Checks that a graph keeps all that a graph promises: the structural part of ``checkDeep(_:mapped:context:)``.
///
/// Counterparts of arcs are compared as a whole: with a pseudo-random x(v) of 64 bits and y = x², the sums of
/// x(u)·y(v) and of x(v)·y(u) over all arcs u → v (weights mixed in) are equal modulo 2^64 for a symmetric graph,
/// and for any other equal by chance only, in the order of 2^-60 (after Freivalds, IFIP Congress 1977, with fixed
/// vectors). So the test reads each list once and in order. Its vectors are known, hence it guards against accidents,
/// not against an author who wants to deceive; bounds, order, and flags are exact.
///
/// - Throws: `MillError` of a `badData` kind that names the first thing wrong.
/// - Complexity: O(n + m) time, O(1) memory; parallel over fixed chunks. The verdict does not depend on threads.
public func checkDeep(_ graph: CSRGraph, context: RunContext = .init()) throws(MillError) {
  try checkStructure(graph, checksums: [], of: nil, context: context)
}

extension MillError.Kind {
  /// Offsets go back or beyond the array.
  public static let offsetsNotAscending = Self("offsets-not-ascending", .badData)
  /// A target is not below n.
  public static let targetOutOfRange = Self("target-out-of-range", .badData)
  /// A list is not in ascending order.
  public static let listNotSorted = Self("list-not-sorted", .badData)
  /// A list repeats a target although the graph is not a multigraph.
  public static let parallelEdge = Self("parallel-edge", .badData)
  /// An undirected graph has an arc without its counterpart.
  public static let notSymmetric = Self("not-symmetric", .badData)
  /// A count or flag in a file that does not fit its content.
  public static let countMismatch = Self("count-mismatch", .badData)
  /// A weight is not finite.
  public static let weightNotFinite = Self("weight-not-finite", .badData)
  /// The incoming arcs are not those of the outgoing ones.
  public static let inArcsMismatch = Self("in-arcs-mismatch", .badData)
}

/// Arcs a chunk of the checks.
private let chunkArcs = 1 << 18

/// What memory safety of reading needs; see ``ContainerVerification/safe``.
///
/// - Complexity: O(n + arcs), parallel.
package func checkSafe(_ graph: CSRGraph, context: RunContext) throws(MillError) {
  let storage = graph.storage
  try checkAllOffsets(storage, context)
  let lists = ArcLists(storage)
  let total = try sumTallies(lists.chunkCount, context) { chunk throws(MillError) in try lists.bounds(chunk) }
  if !graph.isDirected { try checkEdgeCount(graph.arcCount - total.backward, graph) }
  if let inArcs = storage.inArcs {
    let lists = ArcLists(storage, inArcs)
    _ = try sumTallies(lists.chunkCount, context) { chunk throws(MillError) in try lists.bounds(chunk) }
  }
  withExtendedLifetime(graph) {}
}

/// What memory safety of reading packed lists needs; see ``ContainerVerification/safe``.
///
/// - Complexity: O(n + arcs), parallel.
func checkSafe(_ graph: PackedGraph, context: RunContext) throws(MillError) {
  try checkLabels(graph.names, context)
  let backward = try graph.lists.checkSafe(context: context)
  if !graph.isDirected { try checkEdgeCount(graph.arcCount - backward, graph) }
  _ = try graph.inLists?.checkSafe(context: context)
}

/// The whole check, together with the checksums of some sections, so that both run in parallel.
package func checkStructure(
  _ graph: CSRGraph, checksums sections: [SectionFile.Section], of file: SectionFile?, context: RunContext
) throws(MillError) {
  let storage = graph.storage
  // Long sections first, so that the last job is not the longest; damage of any is found before its consequences.
  let sections = sections.sorted { ($0.length, $1.offset) > ($1.length, $0.offset) }
  let isIntact = firstFailure(try checkAllOffsets(storage, context))
  let lists = ArcLists(storage)
  let inLists = storage.inArcs.map { ArcLists(storage, $0) }
  let sumCount = sections.count
  let outChunks = isIntact == nil ? lists.chunkCount : 0
  let inChunks = isIntact == nil ? inLists?.chunkCount ?? 0 : 0
  let tallies = try FlatBuffer<ArcTally>(count: outChunks + inChunks)
  try Parallel.forEachThrowing(sumCount + outChunks + inChunks, threads: context.threads) { job, _ throws(MillError) in
    try context.checkCancelled()
    if job < sumCount {
      try file?.checkSum(of: sections[job])
    } else if job < sumCount + outChunks {
      unsafe tallies.base[job - sumCount] = try lists.structure(job - sumCount)
    } else if let inLists {
      unsafe tallies.base[job - sumCount] = try inLists.structure(job - sumCount - outChunks)
    }
  }
  if let isIntact { throw isIntact }
  let total = unsafe tallies.elements[..<outChunks].reduce(into: ArcTally()) { $0.add($1) }
  if (total.loops > 0) != graph.hasLoops {
    throw MillError(.countMismatch, "\(total.loops) self-loops, but the loop flag says otherwise")
  }
  if !graph.isDirected {
    guard total.outward == total.inward else {
      throw MillError(.notSymmetric, "an undirected edge lacks one of its two arcs, or their weights differ")
    }
    // Symmetric, hence two arcs an edge, and one a loop.
    try checkEdgeCount((graph.arcCount + total.loops) / 2, graph)
  }
  if inLists != nil {
    let turned = unsafe tallies.elements[outChunks...].reduce(into: ArcTally()) { $0.add($1) }
    guard turned.plainInward == total.plainOutward else {
      throw MillError(.inArcsMismatch, "the incoming arcs are not those of the graph")
    }
  }
  withExtendedLifetime(graph) {}
}

private func checkEdgeCount(_ edges: Int, _ graph: some NeighborGraph) throws(MillError) {
  guard edges == graph.edgeCount else {
    throw MillError(.countMismatch, "\(edges) edges, the header says \(graph.edgeCount)")
  }
}

private func checkAllOffsets(_ storage: CSRStorage, _ context: RunContext) throws(MillError) {
  try checkAscending(storage.offsets, last: storage.targets.count, context: context)
  try checkLabels(storage.names, context)
  if let inArcs = storage.inArcs {
    try checkAscending(inArcs.offsets, last: inArcs.sources.count, context: context)
  }
}

private func checkLabels(_ names: NodeNames, _ context: RunContext) throws(MillError) {
  guard case .labels(let table) = names else { return }
  try checkAscending(table.offsets, last: table.bytes.count, context: context)
}

/// The error of an expression; nil when it returns.
private func firstFailure(_ body: @autoclosure () throws(MillError) -> Void) -> MillError? {
  do throws(MillError) {
    try body()
    return nil
  } catch {
    return error
  }
}

/// Checks that offsets never go back and stay in `0...last`.
///
/// - Throws: ``MillError`` of kind `offsets-not-ascending`.
func checkAscending(_ offsets: SharedArray<UInt64>, last: Int, context: RunContext) throws(MillError) {
  let base = unsafe offsets.base
  let count = offsets.count - 1
  let size = 1 << 17
  nonisolated(unsafe) let words = unsafe base
  try Parallel.forEachThrowing(Parallel.chunkCount(count, size: size), threads: context.threads) {
    chunk, _ throws(MillError) in
    let range = Parallel.range(ofChunk: chunk, size: size, count: count)
    var bad: UInt64 = 0
    for i in range { unsafe bad |= words[i] | (UInt64(last) &- words[i]) | (words[i &+ 1] &- words[i]) }
    guard unsafe bad >> 63 == 1 || words[range.upperBound] > UInt64(last) else { return }
    let first = range.first { unsafe words[$0] > words[$0 + 1] || words[$0 + 1] > UInt64(last) } ?? range.lowerBound
    throw MillError(.offsetsNotAscending, "offsets go back or beyond the end after entry \(first)")
  }
  guard unsafe base[count] <= UInt64(last) else {
    throw MillError(.offsetsNotAscending, "offsets end beyond the array")
  }
}

private func sumTallies(
  _ chunks: Int, _ context: RunContext, _ body: (Int) throws(MillError) -> ArcTally
) throws(MillError) -> ArcTally {
  let tallies = try FlatBuffer<ArcTally>(count: chunks)
  try Parallel.forEachThrowing(chunks, threads: context.threads) { chunk, _ throws(MillError) in
    try context.checkCancelled()
    unsafe tallies.base[chunk] = try body(chunk)
  }
  return unsafe tallies.elements.reduce(into: ArcTally()) { $0.add($1) }
}

/// Sums over a chunk of arcs u → v. Added over chunks in any order, the result is the same.
struct ArcTally: BitwiseCopyable {
  /// Arcs with v < u (of ``ArcLists/bounds(_:)`` only).
  var backward = 0
  /// Arcs with v = u (of ``ArcLists/structure(_:)`` only).
  var loops = 0
  /// The sum of x(u) · y(v) · weight.
  var outward: UInt64 = 0
  /// The sum of x(v) · y(u) · weight.
  var inward: UInt64 = 0
  /// As `outward`, every weight 1.
  var plainOutward: UInt64 = 0
  /// As `inward`, every weight 1.
  var plainInward: UInt64 = 0

  mutating func add(_ other: ArcTally) {
    backward += other.backward
    loops += other.loops
    outward &+= other.outward
    inward &+= other.inward
    plainOutward &+= other.plainOutward
    plainInward &+= other.plainInward
  }
}

/// The lists that are checked, cut into chunks of ``chunkArcs`` arcs; offsets must have been found ascending.
private struct ArcLists: Sendable {
  let nodeCount: Int
  let offsets: SharedArray<UInt64>
  let targets: CSRGraph.Targets
  let weights: SharedArray<Double>?
  /// 1 when lists must ascend strictly, else 0.
  let step: Int64

  init(_ storage: CSRStorage) {
    self.init(storage, storage.offsets, storage.targets, storage.weights)
  }

  init(_ storage: CSRStorage, _ inArcs: CSRGraph.InArcs) { self.init(storage, inArcs.offsets, inArcs.sources, nil) }

  private init(
    _ storage: CSRStorage, _ offsets: SharedArray<UInt64>, _ targets: CSRGraph.Targets,
    _ weights: SharedArray<Double>?
  ) {
    nodeCount = storage.nodeCount
    self.offsets = offsets
    self.targets = targets
    self.weights = weights
    step = storage.flags.contains(.multigraph) ? 0 : 1
  }

  var chunkCount: Int { Parallel.chunkCount(targets.count, size: chunkArcs) }

  /// Targets below n, and the number of arcs that go backward.
  func bounds(_ chunk: Int) throws(MillError) -> ArcTally {
    switch targets {
    case .narrow(let buffer): try bounds(buffer, chunk)
    case .wide(let buffer): try bounds(buffer, chunk)
    }
  }

  /// Bounds, order, weights, and the sums for symmetry.
  func structure(_ chunk: Int) throws(MillError) -> ArcTally {
    switch targets {
    case .narrow(let buffer): try structure(buffer, chunk)
    case .wide(let buffer): try structure(buffer, chunk)
    }
  }

  /// The node whose list holds `arc`.
  private func node(of arc: Int) -> Int {
    max(0, (0..<nodeCount).partitionPoint { offsets[$0] > UInt64(arc) } - 1)
  }

  @inline(__always) private func bounds<Target: FixedWidthInteger & UnsignedInteger>(
    _ targets: SharedArray<Target>, _ chunk: Int
  ) throws(MillError) -> ArcTally {
    let (base, offsets) = unsafe (targets.base, offsets.base)
    let range = Parallel.range(ofChunk: chunk, size: chunkArcs, count: targets.count)
    var largest: Target = 0
    var backward = 0
    var arc = range.lowerBound
    var u = node(of: arc)
    while arc < range.upperBound {
      let end = unsafe min(range.upperBound, Int(offsets[u &+ 1]))
      let own = Target(truncatingIfNeeded: u)
      while arc < end {
        let v = unsafe base[arc]
        largest = max(largest, v)
        backward &+= v < own ? 1 : 0
        arc &+= 1
      }
      u &+= 1
    }
    guard UInt64(largest) < UInt64(nodeCount) else { throw explain(targets, range) }
    var tally = ArcTally()
    tally.backward = backward
    return tally
  }

  @inline(__always) private func structure<Target: FixedWidthInteger & UnsignedInteger>(
    _ targets: SharedArray<Target>, _ chunk: Int
  ) throws(MillError) -> ArcTally {
    let (base, offsets) = unsafe (targets.base, offsets.base)
    let range = Parallel.range(ofChunk: chunk, size: chunkArcs, count: targets.count)
    var tally = ArcTally()
    var bad: Int64 = 0
    var notFinite: UInt64 = 0
    var arc = range.lowerBound
    var u = node(of: arc)
    while arc < range.upperBound {
      let start = unsafe Int(offsets[u])
      let end = unsafe min(range.upperBound, Int(offsets[u &+ 1]))
      let own = Int64(truncatingIfNeeded: u)
      var last = unsafe arc > start ? Int64(truncatingIfNeeded: base[arc &- 1]) : -1
      var loops = 0
      var (x, y): (UInt64, UInt64) = (0, 0)
      var (plainX, plainY): (UInt64, UInt64) = (0, 0)
      if let weights = unsafe weights?.base {
        while arc < end {
          let v = unsafe Int64(truncatingIfNeeded: base[arc])
          bad |= v | (v &- last &- step)
          last = v
          loops &+= v == own ? 1 : 0
          let bits = unsafe weights[arc].bitPattern
          notFinite |= ((bits &>> 52) & 0x7ff) &+ 1
          let weight = Freivalds.weight(bits)
          let vector = Freivalds.vectors(UInt64(bitPattern: v))
          x &+= vector.x &* weight
          y &+= vector.y &* weight
          plainX &+= vector.x
          plainY &+= vector.y
          arc &+= 1
        }
      } else {
        while arc < end {
          let v = unsafe Int64(truncatingIfNeeded: base[arc])
          bad |= v | (v &- last &- step)
          last = v
          loops &+= v == own ? 1 : 0
          let vector = Freivalds.vectors(UInt64(bitPattern: v))
          plainX &+= vector.x
          plainY &+= vector.y
          arc &+= 1
        }
        (x, y) = (plainX, plainY)
      }
      // In an ascending list the last target bounds all.
      bad |= Int64(nodeCount) &- 1 &- last
      tally.loops &+= loops
      let row = Freivalds.vectors(UInt64(u))
      tally.outward &+= row.x &* y
      tally.inward &+= row.y &* x
      tally.plainOutward &+= row.x &* plainY
      tally.plainInward &+= row.y &* plainX
      u &+= 1
    }
    guard bad >= 0, notFinite & 0x800 == 0 else { throw explain(targets, range) }
    return tally
  }

  /// Finds the first fault of a chunk that has one.
  private func explain<Target: FixedWidthInteger & UnsignedInteger>(
    _ targets: SharedArray<Target>, _ range: Range<Int>
  ) -> MillError {
    var u = node(of: range.lowerBound)
    for arc in range {
      while UInt64(arc) >= offsets[u + 1] { u += 1 }
      let v = targets[arc]
      if UInt64(v) >= UInt64(nodeCount) {
        return MillError(.targetOutOfRange, "the list of node \(u) leads beyond the last node", field: "\(v)")
      }
      if UInt64(arc) > offsets[u] {
        if v < targets[arc - 1] {
          return MillError(.listNotSorted, "the list of node \(u) is not in ascending order", field: "\(v)")
        }
        if v == targets[arc - 1], step == 1 {
          return MillError(.parallelEdge, "the list of node \(u) repeats a target", field: "\(v)")
        }
      }
      if let weights, !weights[arc].isFinite {
        return MillError(.weightNotFinite, "a weight of node \(u) is not finite", field: "\(weights[arc])")
      }
    }
    return MillError(.malformed, "the lists changed while they were checked")
  }
}

/// The fixed vectors of the symmetry test: x is a product of 64 by 64 bits whose halves are folded, y its square.
private enum Freivalds {
  @inline(__always) static func vectors(_ node: UInt64) -> (x: UInt64, y: UInt64) {
    let x = fold(node ^ 0x9e6c_63d0_876a_9a35, node &+ 0xc4f1_a5b2_71d3_6e8b)
    return (x, x &* x)
  }

  @inline(__always) static func weight(_ bits: UInt64) -> UInt64 {
    fold(bits ^ 0xa7c8_15e9_4d20_b36f, bits &+ 0xe95d_7f3b_02c6_8a41) | 1
  }

  @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
