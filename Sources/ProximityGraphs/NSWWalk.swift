import CMillKernels
import MillRuntime
import VectorStore

/// Neighbour lists without a bound, as a search reads them.
protocol NeighborLists {
  /// The neighbours of a node. A damaged file may name any id.
  func list(_ node: UInt32) -> UnsafeBufferPointer<UInt32>
}

/// Lists one behind the other: that of node v is `targets[offsets[v]..<offsets[v + 1]]`.
struct FlatLists: NeighborLists, @unchecked Sendable {
  let offsets: UnsafePointer<UInt64>
  let targets: UnsafePointer<UInt32>
  let targetCount: Int

  /// The list, empty where its offsets are no range of the targets.
  @inline(__always) func list(_ node: UInt32) -> UnsafeBufferPointer<UInt32> {
    let (start, end) = (offsets[Int(node)], offsets[Int(node) &+ 1])
    guard start <= end, end <= UInt64(targetCount) else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: targets + Int(start), count: Int(end &- start))
  }
}

/// Search(q, m, k) of the 2014 paper over a graph without levels.
///
/// Restarts share the visited marks; each has results of its own, and they alone decide when it stops. (With the best
/// of earlier restarts every later one would end at its first step.) A restart keeps its `beam` best in a sorted pool:
/// what is not among them can never be expanded before the stop rule fires, so a queue of candidates is not needed.
/// With a filter, what may be walked through is more than what may be kept, and there is a queue.
struct NSWWalk<Lists: NeighborLists> {
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
    let own = context.pool
    let best = own + beam
    var count = 0
    let before = context.counters.distances
    for restart in 0..<restarts where context.counters.distances &- before < UInt64(entryCount) {
      var entry = first ?? 0
      if restart > 0 || first == nil {
        let drawn = Int(random.below(UInt64(entryCount)))
        entry = entries.map { $0[drawn] } ?? UInt32(drawn)
      }
      guard context.visit(entry) else { continue }
      let found =
        allowed.map { walk(query, from: entry, beam: beam, allowed: $0, context) }
        ?? walk(query, from: entry, beam: beam, context)
      for i in 0..<found {
        let key = own[i] & ~1
        if count == beam, key > best[beam &- 1] { break }
        _ = mill_pool_insert(best, count, beam, key)
        if count < beam { count &+= 1 }
      }
    }
    context.clearVisited()
    for i in 0..<count { own[i] = best[i] }
    return count
  }

  /// One restart without a filter. Expanded keys in the pool have their lowest bit set.
  private func walk(_ query: UnsafeRawPointer, from entry: UInt32, beam: Int, _ context: SearchContext) -> Int {
    let pool = context.pool
    let (ids, distances, fresh) = (context.ids, context.distances, context.beam.pointee.fresh)
    pool[0] = measure(entry, query, context)
    var (count, cursor, hops, computed) = (1, 0, UInt64(0), UInt64(0))
    while cursor < count {
      let key = pool[cursor]
      if key & 1 != 0 {
        cursor &+= 1
        continue
      }
      pool[cursor] = key | 1
      hops &+= 1
      let list = lists.list(mill_key_id(key))
      var next = cursor &+ 1
      var start = 0
      while start < list.count {
        let end = min(list.count, start &+ SearchContext.batch)
        let width = gather(list, start..<end, context)
        start = end
        if width == 0 { continue }
        points.measure(points.context, query, ids, width, distances)
        computed &+= UInt64(width)
        let bound = count == beam ? pool[beam &- 1] : UInt64.max
        var taken = 0
        for i in 0..<width {
          let key = mill_key(distances[i], ids[i])
          fresh[taken] = key
          taken &+= key < bound ? 1 : 0
        }
        for i in 0..<taken {
          if count == beam, fresh[i] > pool[beam &- 1] { continue }
          next = min(next, mill_pool_insert(pool, count, beam, fresh[i]))
          if count < beam { count &+= 1 }
        }
      }
      cursor = next
    }
    context.counters.distances &+= computed
    context.counters.hops &+= hops
    return count
  }

  /// One restart whose results must be allowed.
  private func walk(
    _ query: UnsafeRawPointer, from entry: UInt32, beam: Int, allowed: AllowedBits, _ context: SearchContext
  ) -> Int {
    let pool = context.pool
    var queue = context.heap
    context.heap = []
    queue.removeAll(keepingCapacity: true)
    var count = 0
    func offer(_ key: UInt64) {
      if count == beam, key > pool[beam &- 1] { return }
      queue.pushHeap(key)
      guard allowed.contains(mill_key_id(key)) else { return }
      _ = mill_pool_insert(pool, count, beam, key)
      if count < beam { count &+= 1 }
    }
    offer(measure(entry, query, context))
    while let key = queue.popHeap() {
      if count == beam, key > pool[beam &- 1] { break }
      context.counters.hops &+= 1
      let list = lists.list(mill_key_id(key))
      var start = 0
      while start < list.count {
        let end = min(list.count, start &+ SearchContext.batch)
        let width = gather(list, start..<end, context)
        start = end
        points.measure(points.context, query, context.ids, width, context.distances)
        context.counters.distances &+= UInt64(width)
        for i in 0..<width { offer(mill_key(context.distances[i], context.ids[i])) }
      }
    }
    context.heap = queue
    return count
  }

  /// Lists the ids of a part of a list that were not visited, and marks them.
  @inline(__always) private func gather(
    _ list: UnsafeBufferPointer<UInt32>, _ range: Range<Int>, _ context: SearchContext
  ) -> Int {
    let (ids, visited, touched) = (context.ids, context.visited, context.touched)
    let n = UInt32(truncatingIfNeeded: points.count)
    var touchedCount = context.touchedCount.pointee
    var width = 0
    for i in range {
      let id = list[i]
      if id >= n { continue }
      let word = Int(id) &>> 6
      let bit: UInt64 = 1 &<< UInt64(id & 63)
      let old = visited[word]
      visited[word] = old | bit
      touched[touchedCount] = UInt32(truncatingIfNeeded: word)
      touchedCount &+= old == 0 ? 1 : 0
      ids[width] = id
      width &+= old & bit == 0 ? 1 : 0
    }
    context.touchedCount.pointee = touchedCount
    return width
  }

  /// The key of one object.
  @inline(__always) private func measure(
    _ id: UInt32, _ query: UnsafeRawPointer, _ context: SearchContext
  ) -> UInt64 {
    context.ids[0] = id
    points.measure(points.context, query, context.ids, 1, context.distances)
    context.counters.distances &+= 1
    return mill_key(context.distances[0], id)
  }
}
