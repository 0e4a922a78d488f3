import CMillKernels
import MillRuntime
import VectorStore

/// Everything a loop over the graph reads: objects and lists. Valid until the index changes.
struct GraphView: @unchecked Sendable {
  let points: PointSet
  let links: LinkView

  @inline(__always) func prefetchList(_ node: UInt32) {
    let list = UnsafeRawPointer(links.base + Int(node) &* links.baseLinks)
    mill_prefetch(list)
    mill_prefetch(list + 64)
  }

  /// Puts one object with its distance into the empty pool.
  func start(_ query: UnsafeRawPointer, at node: UInt32, _ context: SearchContext) -> Int {
    context.ids[0] = node
    points.measure(points.context, query, context.ids, 1, context.distances)
    context.counters.distances &+= 1
    context.pool[0] = mill_key(context.distances[0], node)
    return 1
  }

  /// SEARCH-LAYER (2016 paper, algorithm 2) in its array form: the pool is sorted by (distance, id) and holds `ef` keys
  /// at most, a cursor points at the first one that is not expanded. A candidate outside the best `ef` is never
  /// expanded before the stop rule fires, so a separate queue is not needed.
  ///
  /// - Parameters:
  ///   - entries: Keys in the context's pool, ascending, to start from.
  ///   - target: The search ends early when this node enters the pool.
  /// - Returns: Keys in the pool afterwards, ascending; visited marks are cleared.
  func search(
    _ query: UnsafeRawPointer, entries: Int, ef: Int, level: Int, until target: UInt32 = LinkStore.none,
    _ context: SearchContext
  ) -> Int {
    let pool = context.pool
    let ids = context.ids
    let distances = context.distances
    let measure = points.measure
    let measureContext = points.context
    let n = links.count
    let cap = links.cap(level)
    var count = min(entries, ef)
    for i in 0..<count {
      pool[i] &= ~1
      _ = context.visit(mill_key_id(pool[i]))
    }
    let visited = context.visited
    let touched = context.touched
    var touchedCount = context.touchedCount.pointee
    var cursor = 0
    var computed: UInt64 = 0
    var hops: UInt64 = 0
    var isFound = false
    while cursor < count, !isFound {
      let key = pool[cursor]
      if key & 1 != 0 {
        cursor &+= 1
        continue
      }
      pool[cursor] = key | 1
      hops &+= 1
      guard let list = links.list(mill_key_id(key), level) else { continue }
      var width = 0
      for i in 0..<cap {
        let id = list[i]
        if id >= n { break }
        // Without branches on what was visited: half of it was.
        let word = Int(id) &>> 6
        let bit: UInt64 = 1 &<< UInt64(id & 63)
        let old = visited[word]
        visited[word] = old | bit
        touched[touchedCount] = UInt32(truncatingIfNeeded: word)
        touchedCount &+= old == 0 ? 1 : 0
        ids[width] = id
        width &+= old & bit == 0 ? 1 : 0
      }
      if width == 0 { continue }
      measure(measureContext, query, ids, width, distances)
      computed &+= UInt64(width)
      var next = cursor &+ 1
      for i in 0..<width {
        let key = mill_key(distances[i], ids[i])
        if count == ef {
          if key > pool[ef &- 1] { continue }
        }
        let at = mill_pool_insert(pool, count, ef, key)
        if count < ef { count &+= 1 }
        if level == 0 { prefetchList(ids[i]) }
        if at < next { next = at }
        if ids[i] == target { isFound = true }
      }
      cursor = next
    }
    context.touchedCount.pointee = touchedCount
    context.clearVisited()
    context.counters.distances &+= computed
    context.counters.hops &+= hops
    return count
  }

  /// From the entry point down to level `level + 1` with a beam of 1; the pool then holds one key.
  func descend(
    _ query: UnsafeRawPointer, entry: UInt32, top: Int, to level: Int, _ context: SearchContext
  ) -> Int {
    var count = start(query, at: entry, context)
    var at = top
    while at > level {
      count = search(query, entries: count, ef: 1, level: at, context)
      at -= 1
    }
    return count
  }
}
