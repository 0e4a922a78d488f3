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
      // Everything in the bucket goes at first and is noted on the way; then what is behind the pivot comes back.
      let noted = try FlatBuffer<EdgeRank>(count: count)
      let cursor = AtomicCursor()
      try unsafe decide(BucketFilter(order: order, keys: keys, entries: noted.base, capacity: count, cursor: cursor))
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
}

/// Keeps the edges behind a pivot, and loops.
private struct PivotFilter<Rows: RowSource, Keying: EdgeKeying>: ArcFilter {
  let order: EdgeOrder<Rows, Keying>
  let pivot: EdgeRank

  @inline(__always) func decide<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64 {
    unsafe order.keying.fill(scratch, node, targets, arc, count)
    var (bits, undecided) = unsafe compare(scratch, count, low: pivot.key, high: pivot.key)
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

/// Keeps the edges with keys above a range, and loops; notes the edges in the range.
@safe private struct BucketFilter<Rows: RowSource, Keying: EdgeKeying>: ArcFilter {
  let order: EdgeOrder<Rows, Keying>
  let keys: ClosedRange<UInt64>
  let entries: UnsafeMutablePointer<EdgeRank>
  let capacity: Int
  let cursor: AtomicCursor

  @inline(__always) func decide<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
  ) -> UInt64 {
    unsafe order.keying.fill(scratch, node, targets, arc, count)
    let (bits, undecided) = unsafe compare(scratch, count, low: keys.lowerBound, high: keys.upperBound)
    if undecided != 0 { unsafe note(undecided, node, targets, arc) }
    return order.view.hasLoops ? unsafe bits | loopBits(node, targets, count) : bits
  }

  /// Notes the edges of the set bits that this row owns.
  @inline(never) private func note<Target: NodeIndex>(
    _ set: UInt64, _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int
  ) {
    var set = set
    while set != 0 {
      let i = set.trailingZeroBitCount
      let target = unsafe Int(truncatingIfNeeded: targets[i])
      if order.view.isDirected ? target != node : target > node {
        let index = cursor.next()
        if index < capacity { unsafe entries[index] = order.rank(node, target, arc + i) }
      }
      set &= set &- 1
    }
  }
}

/// The bits of keys above `high`, and of keys in `low...high`.
@inline(__always) private func compare(
  _ keys: UnsafeMutablePointer<UInt64>, _ count: Int, low: UInt64, high: UInt64
) -> (above: UInt64, inside: UInt64) {
  var above: UInt64 = 0
  var notBelow: UInt64 = 0
  for i in 0..<count {
    let bit = UInt64(truncatingIfNeeded: i)
    unsafe above |= (keys[i] > high ? 1 : 0) &<< bit
    unsafe notBelow |= (keys[i] >= low ? 1 : 0) &<< bit
  }
  return (above, notBelow & ~above)
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
}
