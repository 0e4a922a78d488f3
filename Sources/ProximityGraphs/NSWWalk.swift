import CMillKernels
import MillRuntime
import VectorStore

/// Lists one behind the other: that of node v is `targets[offsets[v]..<offsets[v + 1]]`.
@safe struct FlatLists: NeighborLists, @unchecked Sendable {
  let offsets: UnsafePointer<UInt64>
  let targets: UnsafePointer<UInt32>
  let targetCount: Int
  let count: UInt32

  static var areShort: Bool { false }

  /// The list, empty where its offsets are no range of the targets.
  @inline(__always) func list(_ node: UInt32) -> UnsafeBufferPointer<UInt32> {
    let (start, end) = unsafe (offsets[Int(node)], offsets[Int(node) &+ 1])
    guard start <= end, end <= UInt64(targetCount) else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeBufferPointer(start: targets + Int(start), count: Int(end &- start))
  }

  @inline(__always) func prefetch(_ node: UInt32) {}
}

/// Search(q, m, k) of the 2014 paper over a graph without levels.
///
/// Restarts share the visited marks; each has results of its own, and they alone decide when it stops. (With the best
/// of earlier restarts every later one would end at its first step.) A restart keeps its `beam` best in a sorted pool:
/// what is not among them can never be expanded before the stop rule fires, so a queue of candidates is not needed.
/// With a filter, what may be walked through is more than what may be kept, and there is a queue.
@safe struct NSWWalk<Lists: NeighborLists> {
  let points: PointSet
  let lists: Lists
  /// Nodes that a restart may begin at; nil for the numbers below `entryCount`.
  var entries: UnsafePointer<UInt32>?
  /// Nodes in the graph.
  let entryCount: Int

  /// The best of all restarts.
  ///
  /// - Parameters:
  ///   - beam: Keys that are kept; the context's pool has room for twice as many.
  ///   - first: The entry node of the first restart; nil for a random one.
  ///   - allowed: Who may enter the result; nil for all.
  ///   - random: Draws the entry nodes.
  /// - Returns: Keys in the context's pool, ascending; visited marks are cleared.
  func search(
    _ query: UnsafeRawPointer, beam: Int, restarts: Int, first: UInt32? = nil, allowed: AllowedBits? = nil,
    _ random: inout CounterRandom, _ context: SearchContext
  ) -> Int {
    guard entryCount > 0, beam > 0 else { return 0 }
    let own = unsafe context.pool
    let best = unsafe own + beam
    var count = 0
    let before = context.counters.distances
    for restart in 0..<restarts where context.counters.distances &- before < UInt64(entryCount) {
      var entry = first ?? 0
      if restart > 0 || first == nil {
        let drawn = Int(random.below(UInt64(entryCount)))
        entry = unsafe entries.map { unsafe $0[drawn] } ?? UInt32(drawn)
      }
      if context.isVisited(entry) { continue }
      unsafe own[0] = measure(entry, query, context)
      let found =
        unsafe allowed.map { unsafe filtered(query, beam: beam, $0, context) } ?? walk(query, beam: beam, context)
      for i in 0..<found {
        let key = unsafe own[i] & ~1
        if count == beam, unsafe key > best[beam &- 1] { break }
        _ = unsafe mill_pool_insert(best, count, beam, key)
        if count < beam { count &+= 1 }
      }
    }
    context.clearVisited()
    for i in 0..<count { unsafe own[i] = unsafe best[i] }
    return count
  }

  /// One restart without a filter, from the key in the pool.
  private func walk(_ query: UnsafeRawPointer, beam width: Int, _ context: SearchContext) -> Int {
    unsafe context.begin(query, entries: 1, ef: width, isTracked: true)
    let beam = unsafe context.beam
    while unsafe beam.gather(over: lists) { unsafe beam.absorb(points, over: lists) }
    return context.end(clears: false)
  }

  /// One restart whose results must be allowed.
  private func filtered(
    _ query: UnsafeRawPointer, beam: Int, _ allowed: AllowedBits, _ context: SearchContext
  ) -> Int {
    unsafe FilteredWalk(points: points, lists: lists, allowed: allowed)
      .search(query, entries: 1, ef: beam, clears: false, context)
  }

  /// The key of one object.
  @inline(__always) private func measure(
    _ id: UInt32, _ query: UnsafeRawPointer, _ context: SearchContext
  ) -> UInt64 {
    unsafe context.ids[0] = id
    unsafe points.measure(points.context, query, context.ids, 1, context.distances)
    context.counters.distances &+= 1
    return unsafe mill_key(context.distances[0], id)
  }
}
