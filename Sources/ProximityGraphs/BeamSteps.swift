import CMillKernels
import VectorStore

/// Neighbor lists as a search reads them.
protocol NeighborLists {
  /// Whether every list fits a ``SearchContext/batch``.
  static var areShort: Bool { get }
  /// The number of objects. An id at or above it, as a damaged file may hold, ends its list.
  var count: UInt32 { get }
  /// The neighbors of a node.
  func list(_ node: UInt32) -> UnsafeBufferPointer<UInt32>
  /// Asks memory for the list of a node that may soon be expanded.
  func prefetch(_ node: UInt32)
}

/// A search over neighbor lists between two expansions: plain values and pointers, so that the loops count no
/// references.
///
/// SEARCH-LAYER (2016 paper, algorithm 2) in its array form: the pool is sorted by (distance, id) and holds `ef` keys at
/// most, a cursor points at the first one that is not expanded. A candidate outside the best `ef` is never expanded
/// before the stop rule fires, so a separate queue is not needed. The same holds for one restart of the flat graph.
///
/// An expansion has two halves, `gather` and `absorb`. Between them another search can take its turn while the rows come
/// from memory.
struct Beam {
  var query: UnsafeRawPointer
  /// Sorted keys; the lowest bit marks an expanded one.
  var pool: UnsafeMutablePointer<UInt64>
  var ids: UnsafeMutablePointer<UInt32>
  var distances: UnsafeMutablePointer<Float>
  /// Keys of one expansion that may enter the pool.
  var fresh: UnsafeMutablePointer<UInt64>
  var visited: UnsafeMutablePointer<UInt64>
  var touched: UnsafeMutablePointer<UInt32>
  var touchedCount = 0
  /// Whether touched words are noted; else the marks are cleared as a whole.
  var isTracked = true
  var ef = 0
  /// Keys in the pool, and the first that may not be expanded yet.
  var count = 0
  var cursor = 0
  /// Ids of the present expansion.
  var width = 0
  /// What is left of a list that is longer than a batch.
  var rest = UnsafeBufferPointer<UInt32>(start: nil, count: 0)
  var target = LinkStore.none
  var isFound = false
  var computed: UInt64 = 0
  var hops: UInt64 = 0
}

extension UnsafeMutablePointer where Pointee == Beam {
  /// The first half of an expansion: takes the nearest node that is not expanded and lists its unvisited neighbors.
  ///
  /// - Returns: False when the search is at its end.
  @inline(__always) func gather<Lists: NeighborLists>(over lists: Lists) -> Bool {
    let pool = pointee.pool
    let count = pointee.count
    var cursor = pointee.cursor
    if pointee.isFound { return false }
    while true {
      var list: UnsafeBufferPointer<UInt32>
      if !Lists.areShort, pointee.rest.count > 0 {
        list = pointee.rest
      } else {
        while cursor < count, pool[cursor] & 1 != 0 { cursor &+= 1 }
        if cursor >= count { return false }
        let key = pool[cursor]
        pool[cursor] = key | 1
        cursor &+= 1
        pointee.hops &+= 1
        list = lists.list(mill_key_id(key))
      }
      if !Lists.areShort {
        let end = Swift.min(list.count, SearchContext.batch)
        pointee.rest = UnsafeBufferPointer(rebasing: list[end...])
        list = UnsafeBufferPointer(rebasing: list[..<end])
      }
      let width = markNew(list, below: lists.count)
      if width == 0 { continue }
      pointee.cursor = cursor
      pointee.width = width
      return true
    }
  }

  /// Lists the ids that were not visited, and marks them; without branches on what was visited: half of it was.
  @inline(__always) private func markNew(_ list: UnsafeBufferPointer<UInt32>, below n: UInt32) -> Int {
    let ids = pointee.ids
    let visited = pointee.visited
    var width = 0
    if pointee.isTracked {
      let touched = pointee.touched
      var touchedCount = pointee.touchedCount
      for i in 0..<list.count {
        let id = list[i]
        if id >= n { break }
        let word = Int(id) &>> 6
        let bit: UInt64 = 1 &<< UInt64(id & 63)
        let old = visited[word]
        visited[word] = old | bit
        touched[touchedCount] = UInt32(truncatingIfNeeded: word)
        touchedCount &+= old == 0 ? 1 : 0
        ids[width] = id
        width &+= old & bit == 0 ? 1 : 0
      }
      pointee.touchedCount = touchedCount
    } else {
      for i in 0..<list.count {
        let id = list[i]
        if id >= n { break }
        let word = Int(id) &>> 6
        let bit: UInt64 = 1 &<< UInt64(id & 63)
        let old = visited[word]
        visited[word] = old | bit
        ids[width] = id
        width &+= old & bit == 0 ? 1 : 0
      }
    }
    return width
  }

  /// The second half: distances to the listed neighbors; the best enter the pool.
  @inline(__always) func absorb<Lists: NeighborLists>(_ points: PointSet, over lists: Lists) {
    let pool = pointee.pool
    let ids = pointee.ids
    let distances = pointee.distances
    let fresh = pointee.fresh
    let width = pointee.width
    let ef = pointee.ef
    points.measure(points.context, pointee.query, ids, width, distances)
    pointee.computed &+= UInt64(width)
    var count = pointee.count
    // What is beyond the worst of a full pool is dropped without a branch.
    let bound = count == ef ? pool[ef &- 1] : UInt64.max
    var taken = 0
    for i in 0..<width {
      let key = mill_key(distances[i], ids[i])
      fresh[taken] = key
      taken &+= key < bound ? 1 : 0
    }
    var next = pointee.cursor
    let target = pointee.target
    for i in 0..<taken {
      let key = fresh[i]
      if count == ef {
        if key > pool[ef &- 1] { continue }
      }
      let at = mill_pool_insert(pool, count, ef, key)
      if count < ef { count &+= 1 }
      lists.prefetch(mill_key_id(key))
      if at < next { next = at }
      if mill_key_id(key) == target { pointee.isFound = true }
    }
    pointee.count = count
    pointee.cursor = next
  }
}

extension SearchContext {
  /// Prepares a search from the keys in the pool.
  ///
  /// - Parameter isTracked: Whether touched words are noted, so that few marks are cleared quickly.
  func begin(
    _ query: UnsafeRawPointer, entries: Int, ef: Int, until target: UInt32 = LinkStore.none, isTracked: Bool
  ) {
    let count = min(entries, ef)
    var isFound = false
    for i in 0..<count {
      pool[i] &= ~1
      _ = visit(mill_key_id(pool[i]))
      isFound = isFound || mill_key_id(pool[i]) == target
    }
    beam.pointee.query = query
    beam.pointee.pool = pool
    beam.pointee.touchedCount = touchedCount.pointee
    beam.pointee.isTracked = isTracked
    beam.pointee.ef = ef
    beam.pointee.count = count
    beam.pointee.cursor = 0
    beam.pointee.width = 0
    beam.pointee.rest = UnsafeBufferPointer(start: nil, count: 0)
    beam.pointee.target = target
    beam.pointee.isFound = isFound
    beam.pointee.computed = 0
    beam.pointee.hops = 0
  }

  /// Ends a search: adds up the cost, gives the length of the pool.
  ///
  /// - Parameter clears: Whether visited marks are cleared; else the next search goes on with them.
  func end(clears: Bool = true) -> Int {
    touchedCount.pointee = beam.pointee.isTracked ? beam.pointee.touchedCount : Int.max
    if clears { clearVisited() }
    counters.distances &+= beam.pointee.computed
    counters.hops &+= beam.pointee.hops
    return beam.pointee.count
  }
}
