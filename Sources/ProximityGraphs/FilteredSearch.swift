import CMillKernels
import MillRuntime
import VectorStore

/// Which objects may be returned.
@safe struct AllowedBits {
  let words: UnsafePointer<UInt64>

  @inline(__always) func contains(_ id: UInt32) -> Bool { unsafe words[Int(id) &>> 6] &>> UInt64(id & 63) & 1 != 0 }
}

/// SEARCH-LAYER in its heap form, where only allowed objects enter the result: candidates are a min-heap, results the
/// sorted pool, and the search stops only when `ef` results are nearer than every candidate.
struct FilteredWalk<Lists: NeighborLists> {
  let points: PointSet
  let lists: Lists
  /// Who may enter the result; nil for all.
  let allowed: AllowedBits?
  /// Whether distances are computed for allowed objects alone, a neighbor that is not allowed handing on its own
  /// neighbors once (as in Patel et al., ACORN, arXiv 2403.04871).
  var twoHops = false

  /// - Parameters:
  ///   - entries: Keys in the context's pool to start from, which are not visited yet.
  ///   - seeds: Objects to start from besides.
  ///   - clears: Whether visited marks are cleared at the end.
  /// - Returns: Keys in the pool afterwards, ascending.
  func search(
    _ query: UnsafeRawPointer, entries: Int, seeds: [UInt32] = [], ef: Int, clears: Bool = true,
    _ context: SearchContext
  ) -> Int {
    let pool = unsafe context.pool
    let n = lists.count
    var heap = context.heap
    context.heap = []
    heap.removeAll(keepingCapacity: true)
    var count = 0
    func offer(_ key: UInt64) {
      if count == ef, unsafe key > pool[ef &- 1] { return }
      heap.pushHeap(key)
      if isAllowed(mill_key_id(key)) {
        _ = unsafe mill_pool_insert(pool, count, ef, key)
        if count < ef { count &+= 1 }
      }
    }
    let first = (0..<entries).map { unsafe pool[$0] & ~1 }
    for key in first where context.visit(mill_key_id(key)) { heap.pushHeap(key) }
    for key in heap where isAllowed(mill_key_id(key)) {
      if count == ef, unsafe key > pool[ef &- 1] { continue }
      _ = unsafe mill_pool_insert(pool, count, ef, key)
      if count < ef { count &+= 1 }
    }
    var width = 0
    func flush() {
      if width == 0 { return }
      unsafe points.measure(points.context, query, context.ids, width, context.distances)
      context.counters.distances &+= UInt64(width)
      for i in 0..<width { unsafe offer(mill_key(context.distances[i], context.ids[i])) }
      width = 0
    }
    func add(_ id: UInt32) {
      unsafe context.ids[width] = id
      width &+= 1
      if width == SearchContext.batch { flush() }
    }
    for id in seeds where context.visit(id) { add(id) }
    flush()
    while let key = heap.popHeap() {
      if count == ef, unsafe key > pool[ef &- 1] { break }
      context.counters.hops &+= 1
      let linked = unsafe lists.list(mill_key_id(key))
      for i in linked.indices {
        let id = unsafe linked[i]
        if id >= n { break }
        guard context.visit(id) else { continue }
        if !twoHops || isAllowed(id) {
          add(id)
          continue
        }
        let further = unsafe lists.list(id)
        for i in further.indices {
          let next = unsafe further[i]
          if next >= n { break }
          if isAllowed(next), context.visit(next) { add(next) }
        }
      }
      flush()
    }
    context.heap = heap
    if clears { context.clearVisited() }
    return count
  }

  @inline(__always) private func isAllowed(_ id: UInt32) -> Bool { allowed?.contains(id) ?? true }
}

extension GraphView {
  /// Searches level 0 for allowed objects; see ``FilteredWalk``.
  func searchAllowed(
    _ query: UnsafeRawPointer, entries: Int, seeds: [UInt32] = [], ef: Int, allowed: AllowedBits?,
    twoHops: Bool = false, _ context: SearchContext
  ) -> Int {
    unsafe FilteredWalk(points: points, lists: lists(0), allowed: allowed, twoHops: twoHops)
      .search(query, entries: entries, seeds: seeds, ef: ef, context)
  }
}
