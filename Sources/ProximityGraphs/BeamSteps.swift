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
@safe struct Beam {
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
  var rest = unsafe UnsafeBufferPointer<UInt32>(start: nil, count: 0)
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
    let pool = unsafe pointee.pool
    let count = unsafe pointee.count
    var cursor = unsafe pointee.cursor
    if unsafe pointee.isFound { return false }
    while true {
      var list: UnsafeBufferPointer<UInt32>
      if !Lists.areShort, unsafe pointee.rest.count > 0 {
        unsafe list = pointee.rest
      } else {
        while cursor < count, unsafe pool[cursor] & 1 != 0 { cursor &+= 1 }
        if cursor >= count { return false }
        let key = unsafe pool[cursor]
        unsafe pool[cursor] = key | 1
        cursor &+= 1
        unsafe pointee.hops &+= 1
        unsafe list = lists.list(mill_key_id(key))
      }
      if !Lists.areShort {
        let end = Swift.min(list.count, SearchContext.batch)
        unsafe pointee.rest = UnsafeBufferPointer(rebasing: list[end...])
        unsafe list = UnsafeBufferPointer(rebasing: list[..<end])
      }
      let width = unsafe markNew(list, below: lists.count)
      if width == 0 { continue }
      unsafe pointee.cursor = cursor
      unsafe pointee.width = width
      return true
    }
  }

  /// Lists the ids that were not visited, and marks them; without branches on what was visited: half of it was.
  @inline(__always) private func markNew(_ list: UnsafeBufferPointer<UInt32>, below n: UInt32) -> Int {
    let ids = unsafe pointee.ids
    let visited = unsafe pointee.visited
    var width = 0
    if unsafe pointee.isTracked {
      let touched = unsafe pointee.touched
      var touchedCount = unsafe pointee.touchedCount
      for i in 0..<list.count {
        let id = unsafe list[i]
        if id >= n { break }
        let word = Int(id) &>> 6
        let bit: UInt64 = 1 &<< UInt64(id & 63)
        let old = unsafe visited[word]
        unsafe visited[word] = old | bit
        unsafe touched[touchedCount] = UInt32(truncatingIfNeeded: word)
        touchedCount &+= old == 0 ? 1 : 0
        unsafe ids[width] = id
        width &+= old & bit == 0 ? 1 : 0
      }
      unsafe pointee.touchedCount = touchedCount
    } else {
      for i in 0..<list.count {
        let id = unsafe list[i]
        if id >= n { break }
        let word = Int(id) &>> 6
        let bit: UInt64 = 1 &<< UInt64(id & 63)
        let old = unsafe visited[word]
        unsafe visited[word] = old | bit
        unsafe ids[width] = id
        width &+= old & bit == 0 ? 1 : 0
      }
    }
    return width
  }

  /// The second half: distances to the listed neighbors; the best enter the pool.
  @inline(__always) func absorb<Lists: NeighborLists>(_ points: PointSet, over lists: Lists) {
    let pool = unsafe pointee.pool
    let ids = unsafe pointee.ids
    let distances = unsafe pointee.distances
    let fresh = unsafe pointee.fresh
    let width = unsafe pointee.width
    let ef = unsafe pointee.ef
    unsafe points.measure(points.context, pointee.query, ids, width, distances)
    unsafe pointee.computed &+= UInt64(width)
    var count = unsafe pointee.count
    // What is beyond the worst of a full pool is dropped without a branch.
    let bound = unsafe count == ef ? pool[ef &- 1] : UInt64.max
    var taken = 0
    for i in 0..<width {
      let key = unsafe mill_key(distances[i], ids[i])
      unsafe fresh[taken] = key
      taken &+= key < bound ? 1 : 0
    }
    var next = unsafe pointee.cursor
    let target = unsafe pointee.target
    for i in 0..<taken {
      let key = unsafe fresh[i]
      if count == ef {
        if unsafe key > pool[ef &- 1] { continue }
      }
      let at = unsafe mill_pool_insert(pool, count, ef, key)
      if count < ef { count &+= 1 }
      lists.prefetch(mill_key_id(key))
      if at < next { next = at }
      if mill_key_id(key) == target { unsafe pointee.isFound = true }
    }
    unsafe pointee.count = count
    unsafe pointee.cursor = next
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
      unsafe pool[i] &= ~1
      _ = unsafe visit(mill_key_id(pool[i]))
      isFound = unsafe isFound || mill_key_id(pool[i]) == target
    }
    unsafe beam.pointee.query = query
    unsafe beam.pointee.pool = pool
    unsafe beam.pointee.touchedCount = touchedCount.pointee
    unsafe beam.pointee.isTracked = isTracked
    unsafe beam.pointee.ef = ef
    unsafe beam.pointee.count = count
    unsafe beam.pointee.cursor = 0
    unsafe beam.pointee.width = 0
    unsafe beam.pointee.rest = UnsafeBufferPointer(start: nil, count: 0)
    unsafe beam.pointee.target = target
    unsafe beam.pointee.isFound = isFound
    unsafe beam.pointee.computed = 0
    unsafe beam.pointee.hops = 0
  }

  /// Ends a search: adds up the cost, gives the length of the pool.
  ///
  /// - Parameter clears: Whether visited marks are cleared; else the next search goes on with them.
  func end(clears: Bool = true) -> Int {
    unsafe touchedCount.pointee = beam.pointee.isTracked ? beam.pointee.touchedCount : Int.max
    if clears { clearVisited() }
    unsafe counters.distances &+= beam.pointee.computed
    unsafe counters.hops &+= beam.pointee.hops
    return unsafe beam.pointee.count
  }
}
