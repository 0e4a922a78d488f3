import GraphStore
import MillRuntime
import Synchronization

extension ArcFiltering {
  /// Decides on all arcs: edges up to the cut go, edges behind it and loops stay.
  ///
  /// - Returns: The last edge that goes.
  func removeEdges<Keying: EdgeKeying>(
    upTo cut: EdgeCut, _ order: EdgeOrder<Target, Keying>
  ) throws(MillError) -> EdgeRank {
    switch cut {
    case .edge(let pivot):
      try decide(PivotFilter(order: order, pivot: pivot))
      return pivot
    case .bucket(let keys, let count, let rank):
      let noted = try FlatBuffer<EdgeRank>(count: count)
      _ = try removeBucket(keys, noted, order)
      return restore(behind: rank, noted, order)
    }
  }

  /// Decides on all arcs where the last edge that goes is not known, but keys between which it should be.
  ///
  /// - Returns: The last edge that goes, and the edges that were noted; nil where it was elsewhere or they were too many.
  func removeEdges<Keying: EdgeKeying>(
    count wanted: Int, within keys: ClosedRange<UInt64>, capacity: Int, _ order: EdgeOrder<Target, Keying>
  ) throws(MillError) -> (pivot: EdgeRank, noted: Int)? {
    let noted = try FlatBuffer<EdgeRank>(count: capacity)
    let found = try removeBucket(keys, noted, order)
    let kept = keptArcCount - order.view.loopCount
    let below = order.view.edgeCount - (order.view.isDirected ? kept : kept / 2) - found
    guard found <= capacity, below < wanted, wanted <= below + found else { return nil }
    noted.truncate(to: found)
    return (restore(behind: wanted - below, noted, order), found)
  }

  /// Everything with a key in the range or below goes; what is in the range is noted, as far as there is room.
  private func removeBucket<Keying: EdgeKeying>(
    _ keys: ClosedRange<UInt64>, _ noted: FlatBuffer<EdgeRank>, _ order: EdgeOrder<Target, Keying>
  ) throws(MillError) -> Int {
    let cursor = AtomicCursor()
    try unsafe decide(
      BucketFilter(order: order, keys: keys, entries: noted.base, capacity: noted.count, cursor: cursor))
    return cursor.count
  }

  /// Brings back the noted edges behind the one of a rank, which is returned.
  private func restore<Keying: EdgeKeying>(
    behind rank: Int, _ noted: FlatBuffer<EdgeRank>, _ order: EdgeOrder<Target, Keying>
  ) -> EdgeRank {
    let pivot = unsafe selectByRadix(rank, noted.mutableElements)
    let entries = unsafe noted.elements
    for i in entries.indices {
      let edge = unsafe entries[i]
      guard edge > pivot else { continue }
      keep(edge.u, edge.v)
      if !order.view.isDirected { keep(edge.v, edge.u) }
    }
    return pivot
  }
}

/// Keeps the edges behind a pivot, and loops.
private struct PivotFilter<Node: NodeIndex, Keying: EdgeKeying>: ArcFilter {
  let order: EdgeOrder<Node, Keying>
  let pivot: EdgeRank

  @inline(__always) func decide<Target: NodeIndex>(
    _ view: GraphRows<Target>, _ node: Int, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64 {
    var (bits, undecided) = unsafe order.keying.compare(
      node, view.targets, arc, count, low: pivot.key, high: pivot.key, scratch)
    while undecided != 0 {
      let i = undecided.trailingZeroBitCount
      if order.rank(node, view.target(arc &+ i), arc &+ i) > pivot { bits |= 1 &<< UInt64(truncatingIfNeeded: i) }
      undecided &= undecided &- 1
    }
    return view.hasLoops ? bits | loopBits(view, node, arc, count) : bits
  }
}

/// Keeps the edges with keys above a range, and loops; notes the edges in the range.
@safe private struct BucketFilter<Node: NodeIndex, Keying: EdgeKeying>: ArcFilter {
  let order: EdgeOrder<Node, Keying>
  let keys: ClosedRange<UInt64>
  let entries: UnsafeMutablePointer<EdgeRank>
  let capacity: Int
  let cursor: AtomicCursor

  @inline(__always) func decide<Target: NodeIndex>(
    _ view: GraphRows<Target>, _ node: Int, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64 {
    let (bits, undecided) = unsafe order.keying.compare(
      node, view.targets, arc, count, low: keys.lowerBound, high: keys.upperBound, scratch)
    if undecided != 0 { note(undecided, view, node, arc) }
    return view.hasLoops ? bits | loopBits(view, node, arc, count) : bits
  }

  /// Notes the edges of the set bits that this row owns.
  @inline(never) private func note<Target: NodeIndex>(
    _ set: UInt64, _ view: GraphRows<Target>, _ node: Int, _ arc: Int
  ) {
    var set = set
    while set != 0 {
      let place = arc + set.trailingZeroBitCount
      let target = view.target(place)
      if view.isDirected ? target != node : target > node {
        let index = cursor.next()
        if index < capacity { unsafe entries[index] = order.rank(node, target, place) }
      }
      set &= set &- 1
    }
  }
}

/// The bits of arcs that are loops.
private func loopBits<Target: NodeIndex>(_ view: GraphRows<Target>, _ node: Int, _ arc: Int, _ count: Int) -> UInt64 {
  var bits: UInt64 = 0
  for i in 0..<count where view.target(arc + i) == node { bits |= 1 << UInt64(i) }
  return bits
}

/// Hands out 0, 1, 2, … to any thread.
final class AtomicCursor: Sendable {
  private let value = Atomic<Int>(0)
  func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
  /// Numbers handed out.
  var count: Int { value.load(ordering: .relaxed) }
}
