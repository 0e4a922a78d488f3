import CMillKernels
import VectorStore

/// A search of one layer between two expansions: plain values and pointers, so that the loops count no references.
///
/// An expansion has two halves, ``GraphView/gather(_:)`` and ``GraphView/absorb(_:)``. Between them another search can
/// take its turn while the rows come from memory.
struct Beam {
  var query: UnsafeRawPointer
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
  var level = 0
  /// Keys in the pool, and the first that may not be expanded yet.
  var count = 0
  var cursor = 0
  /// Ids of the present expansion.
  var width = 0
  var target = LinkStore.none
  var isFound = false
  var computed: UInt64 = 0
  var hops: UInt64 = 0
}

extension GraphView {
  /// Prepares a search of one layer from the keys in the context's pool.
  func begin(
    _ query: UnsafeRawPointer, entries: Int, ef: Int, level: Int, until target: UInt32, _ context: SearchContext
  ) {
    let beam = context.beam
    let count = min(entries, ef)
    let pool = context.pool
    var isFound = false
    for i in 0..<count {
      pool[i] &= ~1
      _ = context.visit(mill_key_id(pool[i]))
      isFound = isFound || mill_key_id(pool[i]) == target
    }
    beam.pointee.query = query
    beam.pointee.pool = pool
    beam.pointee.touchedCount = context.touchedCount.pointee
    beam.pointee.isTracked = level > 0 || ef < 16 || context.capacity > 1 << 18
    beam.pointee.ef = ef
    beam.pointee.level = level
    beam.pointee.count = count
    beam.pointee.cursor = 0
    beam.pointee.width = 0
    beam.pointee.target = target
    beam.pointee.isFound = isFound
    beam.pointee.computed = 0
    beam.pointee.hops = 0
  }

  /// The first half of an expansion: takes the nearest node that is not expanded and lists its unvisited neighbours.
  ///
  /// - Returns: False when the search is at its end.
  @inline(__always) func gather(_ beam: UnsafeMutablePointer<Beam>) -> Bool {
    let pool = beam.pointee.pool
    let ids = beam.pointee.ids
    let visited = beam.pointee.visited
    let level = beam.pointee.level
    let n = links.count
    let cap = links.cap(level)
    let count = beam.pointee.count
    var cursor = beam.pointee.cursor
    if beam.pointee.isFound { return false }
    while cursor < count {
      let key = pool[cursor]
      if key & 1 != 0 {
        cursor &+= 1
        continue
      }
      pool[cursor] = key | 1
      beam.pointee.hops &+= 1
      guard let list = links.list(mill_key_id(key), level) else { continue }
      var width = 0
      // Without branches on what was visited: half of it was.
      if beam.pointee.isTracked {
        let touched = beam.pointee.touched
        var touchedCount = beam.pointee.touchedCount
        for i in 0..<cap {
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
        beam.pointee.touchedCount = touchedCount
      } else {
        for i in 0..<cap {
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
      if width == 0 { continue }
      beam.pointee.cursor = cursor
      beam.pointee.width = width
      return true
    }
    return false
  }

  /// The second half: distances to the listed neighbours; the best enter the pool.
  @inline(__always) func absorb(_ beam: UnsafeMutablePointer<Beam>) {
    let pool = beam.pointee.pool
    let ids = beam.pointee.ids
    let distances = beam.pointee.distances
    let fresh = beam.pointee.fresh
    let width = beam.pointee.width
    let ef = beam.pointee.ef
    points.measure(points.context, beam.pointee.query, ids, width, distances)
    beam.pointee.computed &+= UInt64(width)
    var count = beam.pointee.count
    // What is beyond the worst of a full pool is dropped without a branch.
    let bound = count == ef ? pool[ef &- 1] : UInt64.max
    var taken = 0
    for i in 0..<width {
      let key = mill_key(distances[i], ids[i])
      fresh[taken] = key
      taken &+= key < bound ? 1 : 0
    }
    var next = beam.pointee.cursor &+ 1
    let isBase = beam.pointee.level == 0
    let target = beam.pointee.target
    for i in 0..<taken {
      let key = fresh[i]
      if count == ef {
        if key > pool[ef &- 1] { continue }
      }
      let at = mill_pool_insert(pool, count, ef, key)
      if count < ef { count &+= 1 }
      if isBase { prefetchList(mill_key_id(key)) }
      if at < next { next = at }
      if mill_key_id(key) == target { beam.pointee.isFound = true }
    }
    beam.pointee.count = count
    beam.pointee.cursor = next
  }

  /// Ends the search of a layer: clears the marks, adds up the cost, gives the length of the pool.
  func end(_ context: SearchContext) -> Int {
    let beam = context.beam
    context.touchedCount.pointee = beam.pointee.isTracked ? beam.pointee.touchedCount : Int.max
    context.clearVisited()
    context.counters.distances &+= beam.pointee.computed
    context.counters.hops &+= beam.pointee.hops
    return beam.pointee.count
  }
}
