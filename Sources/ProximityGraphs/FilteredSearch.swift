import CMillKernels
import MillRuntime
import VectorStore

/// Which objects may be returned.
struct AllowedBits {
  let words: UnsafePointer<UInt64>

  @inline(__always) func contains(_ id: UInt32) -> Bool { words[Int(id) &>> 6] &>> UInt64(id & 63) & 1 != 0 }
}

extension GraphView {
  /// SEARCH-LAYER on level 0 in its heap form, where only allowed objects enter the result: candidates are a min-heap,
  /// results the sorted pool, and the search stops only when `ef` results are nearer than every candidate.
  ///
  /// - Parameters:
  ///   - seeds: Objects to start from beside the keys in the pool.
  ///   - twoHops: Whether distances are computed for allowed objects alone, a neighbour that is not allowed handing on
  ///     its own neighbours once (as in Patel et al., ACORN, arXiv 2403.04871).
  /// - Returns: Keys in the pool afterwards, ascending.
  func searchAllowed(
    _ query: UnsafeRawPointer, entries: Int, seeds: [UInt32] = [], ef: Int, allowed: AllowedBits?,
    twoHops: Bool = false, _ context: SearchContext
  ) -> Int {
    let pool = context.pool
    let n = links.count
    var heap = context.heap
    context.heap = []
    heap.removeAll(keepingCapacity: true)
    var count = 0
    func offer(_ key: UInt64) {
      if count == ef, key > pool[ef &- 1] { return }
      heap.pushHeap(key)
      if allowed?.contains(mill_key_id(key)) ?? true {
        _ = mill_pool_insert(pool, count, ef, key)
        if count < ef { count &+= 1 }
      }
    }
    let first = (0..<entries).map { pool[$0] & ~1 }
    for key in first where context.visit(mill_key_id(key)) { heap.pushHeap(key) }
    for key in heap where allowed?.contains(mill_key_id(key)) ?? true {
      if count == ef, key > pool[ef &- 1] { continue }
      _ = mill_pool_insert(pool, count, ef, key)
      if count < ef { count &+= 1 }
    }
    var width = 0
    func flush() {
      if width == 0 { return }
      points.measure(points.context, query, context.ids, width, context.distances)
      context.counters.distances &+= UInt64(width)
      for i in 0..<width { offer(mill_key(context.distances[i], context.ids[i])) }
      width = 0
    }
    func add(_ id: UInt32) {
      context.ids[width] = id
      width &+= 1
      if width == SearchContext.batch { flush() }
    }
    for id in seeds where context.visit(id) { add(id) }
    flush()
    while let key = heap.popHeap() {
      if count == ef, key > pool[ef &- 1] { break }
      context.counters.hops &+= 1
      let list = links.base + Int(mill_key_id(key)) &* links.baseLinks
      for i in 0..<links.baseLinks {
        let id = list[i]
        if id >= n { break }
        guard context.visit(id) else { continue }
        if !twoHops || allowed?.contains(id) ?? true {
          add(id)
          continue
        }
        let far = links.base + Int(id) &* links.baseLinks
        for j in 0..<links.baseLinks {
          let next = far[j]
          if next >= n { break }
          if allowed?.contains(next) ?? true, context.visit(next) { add(next) }
        }
      }
      flush()
    }
    context.heap = heap
    context.clearVisited()
    return count
  }
}
