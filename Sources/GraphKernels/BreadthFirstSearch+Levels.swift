import Glibc
import GraphStore
import MillRuntime

/// The levels of one breadth-first search, over raw memory that its caller keeps.
///
/// Between levels the frontier is a queue (top-down) or the bitmap `frontier` (bottom-up); `visited` holds all nodes
/// found so far and ones behind node n. `next` is zero whenever a top-down level starts.
@safe struct BreadthFirstLevels<Rows: RowSource> {
  let rows: Rows
  /// The arcs that enter each node; nil where a level cannot run bottom-up.
  let incoming: Rows?
  let words: Int
  let distances: UnsafeMutablePointer<Int32>
  let visited: UnsafeMutablePointer<UInt64>
  var frontier: UnsafeMutablePointer<UInt64>
  var next: UnsafeMutablePointer<UInt64>
  var queue: UnsafeMutablePointer<Rows.ID>
  var nextQueue: UnsafeMutablePointer<Rows.ID>
  var counters = BreadthFirstCounters()

  /// What one level found: nodes, and the out-arcs they have (0 after bottom-up levels, which do not need them).
  private struct Found {
    var nodes = 0
    var arcs = 0
  }

  private static var frontierNodesPerChunk: Int { 256 }
  private static var wordsPerChunk: Int { 256 }
  /// Frontiers with fewer arcs run on one thread.
  private static var parallelArcs: Int { 1 << 16 }

  mutating func run(
    from source: Int, options: BreadthFirstSearchOptions
  ) throws(MillError) -> BreadthFirstCounters {
    let nodeCount = rows.nodeCount
    unsafe memset(distances, 0xff, nodeCount * MemoryLayout<Int32>.stride)
    if nodeCount & 63 != 0 { unsafe visited[words - 1] = ~0 << UInt64(nodeCount & 63) }
    unsafe visited[source >> 6] |= 1 << UInt64(source & 63)
    unsafe distances[source] = 0
    unsafe queue[0] = Rows.ID(truncatingIfNeeded: source)
    var found = Found(nodes: 1, arcs: rows.degree(source))
    var unseenArcs = rows.arcCount
    var unreported = 1
    while found.nodes > 0 {
      if let incoming, found.arcs > unseenArcs / options.bottomUpDivisor {
        fillFrontier(found.nodes)
        var before: Int
        repeat {
          before = found.nodes
          try beginLevel(&unreported)
          found = try bottomUp(incoming, counters.level + 1)
          endLevel(found, isBottomUp: true, &unreported)
          unsafe swap(&frontier, &next)
        } while found.nodes > 0 && (found.nodes >= before || found.nodes > nodeCount / options.topDownDivisor)
        unsafe memset(next, 0, words * 8)
        if found.nodes > 0 { found = try unsafe queueNodes(of: frontier, level: nil) }
      } else {
        unseenArcs = max(0, unseenArcs - found.arcs)
        try beginLevel(&unreported)
        counters.arcs += found.arcs
        if rows.context.threads > 1, found.arcs >= max(Self.parallelArcs, words) {
          found = try parallelTopDown(found.nodes, counters.level + 1)
        } else {
          found = topDown(found.nodes, counters.level + 1)
        }
        endLevel(found, isBottomUp: false, &unreported)
      }
    }
    rows.context.progress?.advance(by: unreported)
    return counters
  }

  private func beginLevel(_ unreported: inout Int) throws(MillError) {
    try rows.context.checkCancelled()
    guard counters.level < Int32.max else { throw MillError(.unsupported, "more than 2^31 - 1 levels") }
    if unreported >= 1 << 16 {
      rows.context.progress?.advance(by: unreported)
      unreported = 0
    }
  }

  private mutating func endLevel(_ found: Found, isBottomUp: Bool, _ unreported: inout Int) {
    if isBottomUp { counters.bottomUpLevels += 1 } else { counters.topDownLevels += 1 }
    unreported += found.nodes
    counters.reached += found.nodes
    if found.nodes > 0 { counters.level += 1 }
  }

  /// One thread pushes along the arcs of the queue's first `count` nodes.
  private mutating func topDown(_ count: Int, _ level: Int32) -> Found {
    var found = Found()
    let (queue, nextQueue, visited, distances) = unsafe (self.queue, self.nextQueue, self.visited, self.distances)
    let rows = self.rows
    for i in 0..<count {
      rows.forEachTarget(unsafe Int(queue[i])) { v, _ in
        let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: v & 63)
        let word = unsafe visited[v &>> 6]
        if word & bit == 0 {
          unsafe visited[v &>> 6] = word | bit
          unsafe distances[v] = level
          unsafe nextQueue[found.nodes] = Rows.ID(truncatingIfNeeded: v)
          found.nodes &+= 1
          found.arcs &+= rows.degree(v)
        }
      }
    }
    unsafe swap(&self.queue, &self.nextQueue)
    return found
  }

  /// All threads push along the arcs of the queue's first `count` nodes: they collect open nodes in `next`, and
  /// `visited` does not change until all are done.
  private mutating func parallelTopDown(_ count: Int, _ level: Int32) throws(MillError) -> Found {
    let (queue, next, visited) = unsafe (self.queue, self.next, self.visited)
    let rows = self.rows
    Parallel.forEachRange(of: count, size: Self.frontierNodesPerChunk, threads: rows.context.threads) { range, _ in
      for i in range {
        rows.forEachTarget(unsafe Int(queue[i])) { v, _ in
          let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: v & 63)
          if unsafe visited[v &>> 6] & bit == 0 { unsafe SharedMemory.set(bit, in: next + (v &>> 6)) }
        }
      }
    }
    let found = try unsafe queueNodes(of: next, level: level)
    unsafe memset(next, 0, words * 8)
    return found
  }

  /// Every open node looks for a neighbor in `frontier`; those that find one make up `next`.
  private mutating func bottomUp(_ incoming: Rows, _ level: Int32) throws(MillError) -> Found {
    let search = self
    let chunks = Parallel.chunkCount(words, size: Self.wordsPerChunk)
    let arcs = try FlatBuffer<Int>(count: chunks)
    let found = try FlatBuffer<Int>(count: chunks)
    Parallel.forEach(chunks, threads: rows.context.threads) { chunk, _ in
      let range = Parallel.range(ofChunk: chunk, size: Self.wordsPerChunk, count: search.words)
      let (nodes, examined) = search.bottomUp(range, incoming, level)
      unsafe found.base[chunk] = nodes
      unsafe arcs.base[chunk] = examined
    }
    unsafe counters.arcs += arcs.elements.reduce(0, +)
    return unsafe Found(nodes: found.elements.reduce(0, +))
  }

  private func bottomUp(
    _ range: Range<Int>, _ incoming: Rows, _ level: Int32
  ) -> (nodes: Int, arcs: Int) {
    let (frontier, next, visited, distances) = unsafe (self.frontier, self.next, self.visited, self.distances)
    var nodes = 0
    var examined = 0
    for word in range {
      var open = unsafe ~visited[word]
      var joined: UInt64 = 0
      while open != 0 {
        let v = word &<< 6 &+ open.trailingZeroBitCount
        let low = open & (0 &- open)
        open ^= low
        let look = incoming.search(v) { u in
          unsafe frontier[u &>> 6] &>> UInt64(truncatingIfNeeded: u & 63) & 1 != 0
        }
        if look.isFound {
          joined |= low
          unsafe distances[v] = level
        }
        examined &+= look.examined
      }
      unsafe next[word] = joined
      unsafe visited[word] |= joined
      nodes &+= joined.nonzeroBitCount
    }
    return (nodes, examined)
  }

  /// Makes `frontier` of the queue's first `count` nodes.
  private func fillFrontier(_ count: Int) {
    unsafe memset(frontier, 0, words * 8)
    for i in 0..<count {
      let v = unsafe Int(queue[i])
      unsafe frontier[v &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: v & 63)
    }
  }

  /// Makes the queue of a bitmap, ascending; with a level, also marks its nodes as found there.
  private func queueNodes(of bitmap: UnsafeMutablePointer<UInt64>, level: Int32?) throws(MillError) -> Found {
    let size = Self.wordsPerChunk
    let chunks = Parallel.chunkCount(words, size: size)
    let starts = try FlatBuffer<Int>(count: chunks + 1)
    let search = self
    Parallel.forEachRange(of: words, size: size, threads: rows.context.threads) { range, _ in
      unsafe starts.base[range.lowerBound / size + 1] = range.reduce(0) { unsafe $0 + bitmap[$1].nonzeroBitCount }
    }
    for chunk in 0..<chunks { unsafe starts.base[chunk + 1] += starts.base[chunk] }
    let arcs = try parallelSum(words, size: size, context: RunContext(threads: rows.context.threads)) { range in
      var position = unsafe starts.base[range.lowerBound / size]
      var arcs = 0
      for word in range {
        var bits = unsafe bitmap[word]
        if let level, bits != 0 { search.mark(word, bits, level) }
        while bits != 0 {
          let v = word &<< 6 &+ bits.trailingZeroBitCount
          bits &= bits &- 1
          unsafe search.queue[position] = Rows.ID(truncatingIfNeeded: v)
          position &+= 1
          arcs &+= search.rows.degree(v)
        }
      }
      return arcs
    }
    return unsafe Found(nodes: starts.base[chunks], arcs: arcs)
  }

  @inline(__always) private func mark(_ word: Int, _ bits: UInt64, _ level: Int32) {
    unsafe visited[word] |= bits
    var rest = bits
    while rest != 0 {
      unsafe distances[word &<< 6 &+ rest.trailingZeroBitCount] = level
      rest &= rest &- 1
    }
  }
}
