import CMillKernels
import MillRuntime
import VectorStore

/// Everything a loop over the graph reads: objects and lists. Valid until the index changes.
struct GraphView: @unchecked Sendable {
  let points: PointSet
  let links: LinkView

  /// The lists of one level.
  @inline(__always) func lists(_ level: Int) -> LevelLists { LevelLists(links: links, level: level) }

  /// Puts one object with its distance into the empty pool.
  func start(_ query: UnsafeRawPointer, at node: UInt32, _ context: SearchContext) -> Int {
    unsafe context.ids[0] = node
    unsafe points.measure(points.context, query, context.ids, 1, context.distances)
    context.counters.distances &+= 1
    unsafe context.pool[0] = mill_key(context.distances[0], node)
    return 1
  }

  /// Prepares a search of one layer from the keys in the context's pool.
  @inline(__always) func begin(
    _ query: UnsafeRawPointer, entries: Int, ef: Int, level: Int, until target: UInt32, _ context: SearchContext
  ) {
    unsafe context.begin(
      query, entries: entries, ef: ef, until: target, isTracked: level > 0 || ef < 16 || context.capacity > 1 << 18)
  }

  /// Searches one layer; see ``Beam``.
  ///
  /// - Parameters:
  ///   - entries: Keys in the context's pool, ascending, to start from.
  ///   - target: The search ends early when this node enters the pool.
  /// - Returns: Keys in the pool afterwards, ascending; visited marks are cleared.
  func search(
    _ query: UnsafeRawPointer, entries: Int, ef: Int, level: Int, until target: UInt32 = LinkStore.none,
    _ context: SearchContext
  ) -> Int {
    unsafe begin(query, entries: entries, ef: ef, level: level, until: target, context)
    let (beam, lists) = unsafe (context.beam, lists(level))
    while unsafe beam.gather(over: lists) { unsafe beam.absorb(points, over: lists) }
    return context.end()
  }

  /// From the entry point down to level `level + 1` with a beam of 1; the pool then holds one key.
  func descend(
    _ query: UnsafeRawPointer, entry: UInt32, top: Int, to level: Int, _ context: SearchContext
  ) -> Int {
    var count = unsafe start(query, at: entry, context)
    var at = top
    while at > level {
      count = unsafe search(query, entries: count, ef: 1, level: at, context)
      at -= 1
    }
    return count
  }
}
