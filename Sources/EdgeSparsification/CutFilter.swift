import GraphStore
import MillRuntime
import Synchronization

extension ArcFiltering {
  /// Decides on all arcs: edges up to the cut go, edges behind it and loops stay.
  ///
  /// - Returns: The last edge that goes.
  func removeEdges<Keying: EdgeKeying>(
    upTo cut: EdgeCut, _ order: EdgeOrder<Rows, Keying>
  ) throws(MillError) -> EdgeRank {
    switch cut {
    case .edge(let pivot):
      try decide(PivotFilter(order: order, pivot: pivot))
      return pivot
    case .bucket(let keys, let count, let rank):
      return try settle(rank, removeEdges(upTo: keys, capacity: count, order).arcs, order)
    }
  }

  /// Lets the first `wanted` edges go, whose last a bracket should hold.
  ///
  /// - Returns: The last edge that goes; nil, with nothing decided, where the bracket does not hold it.
  func removeEdges<Keying: EdgeKeying>(
    _ wanted: Int, within bracket: CutBracket, _ order: EdgeOrder<Rows, Keying>
  ) throws(MillError) -> (pivot: EdgeRank, bucketEdges: Int)? {
    let noted = try removeEdges(upTo: bracket.keys, capacity: bracket.capacity, order)
    guard noted.edges <= bracket.capacity else { return nil }
    // What lies above the bracket stays, and loops; what lies below it is the rest.
    let above = keptArcs - order.view.loopCount
    let below = order.view.edgeCount - (order.view.isDirected ? above : above / 2) - noted.edges
    guard wanted > below, wanted <= below + noted.edges else { return nil }
    return (try settle(wanted - below, noted.arcs, order), noted.edges)
  }

  /// Lets edges of keys in a range and below go, and notes the arcs of those in the range, as far as there is room for
  /// their edges.
  private func removeEdges<Keying: EdgeKeying>(
    upTo keys: ClosedRange<UInt64>, capacity: Int, _ order: EdgeOrder<Rows, Keying>
  ) throws(MillError) -> (arcs: FlatBuffer<NotedArc>, edges: Int) {
    let arcsPerEdge = order.view.isDirected ? 1 : 2
    let noted = try FlatBuffer<NotedArc>(uninitializedCount: capacity * arcsPerEdge)
    let cursor = AtomicCursor()
    try unsafe decide(
      BucketFilter(order: order, keys: keys, arcs: noted.base, capacity: noted.count, cursor: cursor))
    noted.truncate(to: min(cursor.count, noted.count))
    return (noted, cursor.count / arcsPerEdge)
  }

  /// Takes back in what is behind the edge of rank `rank` among those noted; returns that edge.
  private func settle<Keying: EdgeKeying>(
    _ rank: Int, _ noted: FlatBuffer<NotedArc>, _ order: EdgeOrder<Rows, Keying>
  ) throws(MillError) -> EdgeRank {
    let ranks = try FlatBuffer<EdgeRank>(uninitializedCount: noted.count)
    let arcs = unsafe noted.elements
    var count = 0
    for i in arcs.indices {
      let noted = unsafe arcs[i]
      guard order.view.isDirected || noted.node < noted.target else { continue }
      unsafe ranks.base[count] = order.rank(noted.node, noted.target, noted.arc)
      count += 1
    }
    ranks.truncate(to: count)
    let pivot = unsafe selectByRadix(rank, ranks.mutableElements)
    for i in arcs.indices {
      let noted = unsafe arcs[i]
      if order.rank(noted.node, noted.target, noted.arc) > pivot { keep(noted.arc, of: noted.node) }
    }
    return pivot
  }
}

/// An arc whose edge is decided on later.
private struct NotedArc: BitwiseCopyable {
  let node: Int
  let target: Int
  let arc: Int
}

/// Keeps the edges behind a pivot, and loops.
private struct PivotFilter<Rows: RowSource, Keying: EdgeKeying>: ArcFilter {
  let order: EdgeOrder<Rows, Keying>
  let pivot: EdgeRank

  @inline(__always) func decide<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64 {
    var (bits, undecided) = unsafe order.keying.compare(node, targets, arc, count, to: pivot.key...pivot.key, scratch)
    while undecided != 0 {
      let i = undecided.trailingZeroBitCount
      if unsafe order.rank(node, Int(truncatingIfNeeded: targets[i]), arc &+ i) > pivot {
        bits |= 1 &<< UInt64(truncatingIfNeeded: i)
      }
      undecided &= undecided &- 1
    }
    return order.view.hasLoops ? unsafe bits | loopBits(node, targets, count) : bits
  }
}

/// Keeps the edges with keys above a range, and loops; notes the arcs of the edges in the range.
@safe private struct BucketFilter<Rows: RowSource, Keying: EdgeKeying>: ArcFilter {
  let order: EdgeOrder<Rows, Keying>
  let keys: ClosedRange<UInt64>
  let arcs: UnsafeMutablePointer<NotedArc>
  let capacity: Int
  let cursor: AtomicCursor

  @inline(__always) func decide<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64 {
    let (bits, undecided) = unsafe order.keying.compare(node, targets, arc, count, to: keys, scratch)
    if undecided != 0 { unsafe note(undecided, node, targets, arc) }
    return order.view.hasLoops ? unsafe bits | loopBits(node, targets, count) : bits
  }

  /// Notes the arcs of the set bits, loops left out.
  @inline(never) private func note<Target: NodeIndex>(
    _ set: UInt64, _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int
  ) {
    var set = set
    while set != 0 {
      let i = set.trailingZeroBitCount
      let target = unsafe Int(truncatingIfNeeded: targets[i])
      if target != node {
        let index = cursor.next()
        if index < capacity { unsafe arcs[index] = NotedArc(node: node, target: target, arc: arc + i) }
      }
      set &= set &- 1
    }
  }
}

/// The bits of arcs that are loops.
private func loopBits<Target: NodeIndex>(_ node: Int, _ targets: UnsafePointer<Target>, _ count: Int) -> UInt64 {
  var bits: UInt64 = 0
  for i in 0..<count where unsafe Int(truncatingIfNeeded: targets[i]) == node { bits |= 1 << UInt64(i) }
  return bits
}

/// Hands out 0, 1, 2, … to any thread.
final class AtomicCursor: Sendable {
  private let value = Atomic<Int>(0)
  func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
  /// How many were handed out.
  var count: Int { value.load(ordering: .relaxed) }
}
