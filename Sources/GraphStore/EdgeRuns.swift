import MillRuntime
import Synchronization

/// The edges of all blocks, cut into runs of bounded length: the unit of parallel work while a graph is built.
struct EdgeRuns: @unchecked Sendable {
  static let runLength = 1 << 17

  /// A stretch of one block. Exactly one of `narrow` and `wide` holds its interleaved ids.
  @safe struct Run {
    var narrow: UnsafeMutablePointer<UInt32>?
    var wide: UnsafeMutablePointer<UInt64>?
    let weights: UnsafeMutablePointer<Double>?
    let count: Int
  }

  private(set) var runs: [Run] = []
  private(set) var count = 0
  private var blocks: [EdgeBlock]

  init(_ blocks: [EdgeBlock]) {
    self.blocks = blocks
    for block in blocks {
      count += block.count
      for low in stride(from: 0, to: block.count, by: Self.runLength) {
        let length = min(Self.runLength, block.count - low)
        let weights = unsafe block.weights.map { unsafe $0.base + low }
        switch block.ids {
        case .narrow(let ids):
          unsafe runs.append(Run(narrow: ids.base + 2 * low, wide: nil, weights: weights, count: length))
        case .wide(let ids):
          unsafe runs.append(Run(narrow: nil, wide: ids.base + 2 * low, weights: weights, count: length))
        }
      }
    }
  }

  /// Gives the blocks back; no run may be used afterwards.
  mutating func release() {
    runs = []
    blocks = []
  }

  /// What one look at every edge tells: the smallest and the largest id, nil without edges, and the number of loops.
  func extent(threads: Int) -> (ids: ClosedRange<UInt64>?, loops: Int) {
    let result = Lock<(low: UInt64, high: UInt64, loops: Int)>((.max, 0, 0))
    Parallel.forEach(runs.count, threads: threads) { index, _ in
      let run = runs[index]
      let found = unsafe run.narrow.map { unsafe extentOf($0, run.count) } ?? extentOf(run.wide!, run.count)
      result.withLock {
        $0 = (min($0.low, found.low), max($0.high, found.high), $0.loops + found.loops)
      }
    }
    let all = result.withLock { $0 }
    return (count > 0 ? all.low...all.high : nil, all.loops)
  }

  /// A bit for every id below `limit` that occurs.
  func touchedNodes(_ limit: Int, threads: Int) throws(MillError) -> FlatBuffer<UInt64> {
    let words = (limit + 63) / 64
    let workers = max(1, min(threads, runs.count))
    var maps: [FlatBuffer<UInt64>] = []
    for _ in 0..<workers { maps.append(try FlatBuffer<UInt64>(count: words)) }
    let bases = unsafe maps.map(unsafe \.base)
    Parallel.forEach(runs.count, threads: workers) { index, worker in
      let run = runs[index]
      let map = unsafe bases[worker]
      if let ids = unsafe run.narrow {
        unsafe mark(ids, 2 * run.count, in: map)
      } else {
        unsafe mark(run.wide!, 2 * run.count, in: map)
      }
    }
    let first = maps[0]
    for map in maps.dropFirst() {
      for word in 0..<words { unsafe first.base[word] |= map.base[word] }
    }
    return first
  }

  /// Replaces every id by `node(id)`, as 32-bit ids in place where `narrows` holds.
  mutating func renumber(narrows: Bool, threads: Int, _ node: (UInt64) -> UInt64) {
    Parallel.forEach(runs.count, threads: threads) { index, _ in
      let run = runs[index]
      if let ids = unsafe run.narrow {
        for i in 0..<2 * run.count { unsafe ids[i] = unsafe UInt32(truncatingIfNeeded: node(UInt64(ids[i]))) }
      } else if let ids = unsafe run.wide {
        // Slot i of the narrow ids lies at or before slot i of the wide ones, so going upwards is safe.
        let narrow = unsafe UnsafeMutableRawPointer(ids).assumingMemoryBound(to: UInt32.self)
        for i in 0..<2 * run.count {
          let id = unsafe node(ids[i])
          if narrows { unsafe narrow[i] = UInt32(truncatingIfNeeded: id) } else { unsafe ids[i] = id }
        }
      }
    }
    guard narrows else { return }
    for index in runs.indices where unsafe runs[index].wide != nil {
      let start = unsafe UnsafeMutableRawPointer(runs[index].wide!)
      unsafe runs[index].narrow = start.assumingMemoryBound(to: UInt32.self)
      unsafe runs[index].wide = nil
    }
  }

  /// Replaces narrow ids by `table[id]`.
  func renumberNarrow(by table: UnsafePointer<UInt32>, threads: Int) {
    Parallel.forEach(runs.count, threads: threads) { index, _ in
      let run = runs[index]
      guard let ids = unsafe run.narrow else { return }
      for i in 0..<2 * run.count { unsafe ids[i] = unsafe table[Int(ids[i])] }
    }
  }

  /// Whether all ids are 32-bit.
  var isNarrow: Bool { runs.allSatisfy { unsafe $0.narrow != nil } }
}

private func extentOf<ID: FixedWidthInteger & UnsignedInteger>(
  _ ids: UnsafeMutablePointer<ID>, _ count: Int
) -> (low: UInt64, high: UInt64, loops: Int) {
  var low = ID.max
  var high = ID.min
  var loops = 0
  for i in 0..<count {
    let (u, v) = unsafe (ids[2 &* i], ids[2 &* i &+ 1])
    low = min(low, u, v)
    high = max(high, u, v)
    loops &+= u == v ? 1 : 0
  }
  return (UInt64(low), UInt64(high), loops)
}

private func mark<ID: FixedWidthInteger & UnsignedInteger>(
  _ ids: UnsafeMutablePointer<ID>, _ count: Int, in map: UnsafeMutablePointer<UInt64>
) {
  for i in 0..<count {
    let id = unsafe Int(ids[i])
    unsafe map[id &>> 6] |= 1 &<< UInt64(id & 63)
  }
}
