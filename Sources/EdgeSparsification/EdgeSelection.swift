import GraphStore
import MillRuntime
import Synchronization

/// The place of an edge in the order of removal: score, then the tie seed's hash (0 without one), then ends.
struct EdgeRank: BitwiseCopyable, Comparable {
  var key: UInt64
  var tie: UInt64
  var u: Int
  var v: Int

  /// Before every edge whose key is not below `key`.
  static func before(key: UInt64) -> EdgeRank { EdgeRank(key: key, tie: 0, u: -1, v: -1) }

  static func < (a: EdgeRank, b: EdgeRank) -> Bool {
    if a.key != b.key { return a.key < b.key }
    if a.tie != b.tie { return a.tie < b.tie }
    return a.u != b.u ? a.u < b.u : a.v < b.v
  }
}

/// The order of a graph's edges.
struct EdgeOrder<Rows: RowSource, Keying: EdgeKeying> {
  let view: Rows
  let keying: Keying
  /// Hash of edges of equal score; nil orders them by their ends.
  let tieHash: EdgeHash?

  init(_ view: Rows, _ keying: Keying, tieSeed: UInt64?) {
    self.view = view
    self.keying = keying
    tieHash = tieSeed.map { EdgeHash(RandomStream(seed: $0, stage: "sparsify.tie")) }
  }

  /// What orders edges of equal score before their ends do, below 2^63; 0 without a tie seed.
  @inline(__always) func tie(_ u: Int, _ v: Int) -> UInt64 {
    if let tieHash { tieHash(u, v) &>> 1 } else { 0 }
  }

  func rank(_ node: Int, _ target: Int, _ arc: Int) -> EdgeRank {
    let (u, v) = view.ordered(node, target)
    return EdgeRank(key: keying.key(node, target, arc), tie: tie(u, v), u: u, v: v)
  }
}

/// Arcs that stay whatever their score: one bit an arc.
final class ArcMarks {
  let bits: FlatBuffer<UInt64>

  init(arcCount: Int) throws(MillError) { bits = try FlatBuffer(count: (arcCount + 63) / 64) }

  /// Marks both arcs of an edge, or the one arc of a directed graph.
  func insert(_ view: some RowSource, _ u: Int, _ v: Int) {
    if let arc = view.arc(u, v) { unsafe bits.base[arc >> 6] |= 1 << UInt64(arc & 63) }
    if !view.isDirected, let arc = view.arc(v, u) { unsafe bits.base[arc >> 6] |= 1 << UInt64(arc & 63) }
  }
}

/// Keys of another score, with the marked arcs behind all others.
@safe struct MarkedKeying<Base: EdgeKeying>: EdgeKeying {
  let base: Base
  let marks: UnsafePointer<UInt64>

  init(_ base: Base, _ marks: ArcMarks) {
    self.base = base
    unsafe self.marks = UnsafePointer(marks.bits.base)
  }

  var keyRange: ClosedRange<UInt64> { base.keyRange }
  func score(ofKey key: UInt64) -> Double { base.score(ofKey: key) }
  func firstKey(notBelow score: Double) -> UInt64 { base.firstKey(notBelow: score) }

  @inline(__always) func key(_ node: Int, _ target: Int, _ arc: Int) -> UInt64 {
    let isMarked = unsafe marks[arc &>> 6] &>> UInt64(truncatingIfNeeded: arc & 63) & 1 != 0
    return isMarked ? UInt64.max : base.key(node, target, arc)
  }
}

/// What a selection looked at.
struct SelectionCounters {
  /// Runs over all edges.
  var passes = 0
  /// Edges pulled out of the last bucket.
  var bucketEdges = 0
}

/// Where the removal ends.
enum EdgeCut {
  /// With this edge.
  case edge(EdgeRank)
  /// With the edge of rank `rank`, counted from 1, among the `count` edges whose keys are in the range.
  case bucket(keys: ClosedRange<UInt64>, count: Int, rank: Int)
}

extension EdgeOrder {
  /// The edge of rank `wanted` (counted from 1) among the edges whose keys are in the key range, or a small bucket
  /// that holds it.
  ///
  /// Histograms narrow the key down to a bucket small enough to pull out; where one key has more edges than that, the
  /// hash and then the order of rows goes on. Nothing is sorted or stored per edge.
  ///
  /// - Complexity: one pass over the edges where the bucket is small at once; a few more where many scores are equal.
  ///   Memory as `SparsifyTuning.capacity`.
  func select(
    _ wanted: Int, _ tuning: SparsifyTuning, _ counters: inout SelectionCounters
  ) throws(MillError) -> EdgeCut {
    let capacity = tuning.capacity(nodeCount: view.nodeCount, edgeCount: view.edgeCount)
    var rest = wanted
    let keys = try narrow(keying, keying.keyRange, capacity, &rest, tuning, &counters)
    if keys.count <= capacity { return .bucket(keys: keys.range, count: keys.count, rank: rest) }
    let key = keys.range.lowerBound
    guard tieHash != nil else { return .edge(try scan(for: rest, keying, equal: key, &counters)) }
    let tieValue = TieValue(order: self, key: key)
    let ties = try narrow(tieValue, Self.allTies, capacity, &rest, tuning, &counters)
    guard ties.count <= capacity else {
      return .edge(try scan(for: rest, tieValue, equal: ties.range.lowerBound, &counters))
    }
    let entries = try collect(count: ties.count, keys: keys.range, ties: ties.range)
    counters.passes += 1
    counters.bucketEdges = ties.count
    return unsafe .edge(selectByRadix(rest, entries.mutableElements))
  }

  private static var allTies: ClosedRange<UInt64> { 0...(UInt64.max >> 1) }

  private struct Bucket {
    var range: ClosedRange<UInt64>
    var count: Int
  }

  /// The bucket that holds rank `rest`, which becomes the rank inside it: small enough, or a single value.
  private func narrow<Value: EdgeValue>(
    _ value: Value, _ range: ClosedRange<UInt64>, _ capacity: Int, _ rest: inout Int, _ tuning: SparsifyTuning,
    _ counters: inout SelectionCounters
  ) throws(MillError) -> Bucket {
    var bucket = Bucket(range: range, count: Int.max)
    repeat {
      let histogram = try KeyHistogram(over: bucket.range, edgeCount: view.edgeCount, tuning)
      let counts = try histogram.count(view, value)
      counters.passes += 1
      var index = 0
      while index < counts.count - 1, unsafe counts.base[index] < rest {
        unsafe rest -= counts.base[index]
        index += 1
      }
      bucket = unsafe Bucket(range: histogram.range(ofBucket: index), count: counts.base[index])
    } while bucket.count > capacity && bucket.range.lowerBound < bucket.range.upperBound
    return bucket
  }

  /// The `count` edges with keys and ties in the given ranges, in no particular order.
  func collect(
    count: Int, keys: ClosedRange<UInt64>, ties: ClosedRange<UInt64> = allTies
  ) throws(MillError) -> FlatBuffer<EdgeRank> {
    let buffer = try FlatBuffer<EdgeRank>(count: count)
    let entries = unsafe buffer.base
    let filled = Atomic<Int>(0)
    let (low, span) = (keys.lowerBound, keys.upperBound - keys.lowerBound)
    try unsafe view.forEachChunk { nodes, _, _, scratch in
      for node in nodes {
        unsafe view.forEachOwnValue(node, keying, scratch) { target, _, key in
          guard key &- low <= span else { return }
          let rank = EdgeRank(key: key, tie: tie(node, target), u: node, v: target)
          guard ties.contains(rank.tie) else { return }
          let place = filled.wrappingAdd(1, ordering: .relaxed).oldValue
          if place < count { unsafe entries[place] = rank }
        }
      }
    }
    return buffer
  }

  /// The edge of rank `wanted` in the order of rows among those of one value: counts by chunk, then one chunk.
  private func scan<Value: EdgeValue>(
    for wanted: Int, _ value: Value, equal: UInt64, _ counters: inout SelectionCounters
  ) throws(MillError) -> EdgeRank {
    let counts = try FlatBuffer<Int>(count: view.chunkCount)
    try unsafe view.forEachChunk { nodes, chunk, _, scratch in
      var count = 0
      for node in nodes {
        unsafe view.forEachOwnValue(node, value, scratch) { _, _, own in count &+= own == equal ? 1 : 0 }
      }
      unsafe counts.base[chunk] = count
    }
    counters.passes += 1
    var rest = wanted
    var chunk = 0
    while chunk < view.chunkCount - 1, unsafe counts.base[chunk] < rest {
      unsafe rest -= counts.base[chunk]
      chunk += 1
    }
    var found = EdgeRank.before(key: 0)
    let scratch = try FlatBuffer<UInt64>(count: edgeValueBlock)
    for node in view.cuts[chunk]..<view.cuts[chunk + 1] where rest > 0 {
      unsafe view.forEachOwnValue(node, value, scratch.base) { target, arc, own in
        guard own == equal, rest > 0 else { return }
        rest -= 1
        found = rank(node, target, arc)
      }
    }
    withExtendedLifetime(scratch) {}
    return found
  }
}

/// What orders the edges of one key; the maximum, which no tie has, for all other edges.
private struct TieValue<Rows: RowSource, Keying: EdgeKeying>: EdgeValue {
  let order: EdgeOrder<Rows, Keying>
  let key: UInt64

  @inline(__always) func fill<Row: NodeIndex>(
    _ values: UnsafeMutablePointer<UInt64>, _ node: Int, _ targets: UnsafePointer<Row>, _ arc: Int, _ count: Int
  ) {
    unsafe order.keying.fill(values, node, targets, arc, count)
    for i in 0..<count {
      unsafe values[i] = values[i] == key ? order.tie(node, Int(truncatingIfNeeded: targets[i])) : UInt64.max
    }
  }
}

/// Equal buckets over a range of values.
struct KeyHistogram {
  let low: UInt64
  let high: UInt64
  let shift: UInt64
  let bucketCount: Int

  init(over range: ClosedRange<UInt64>, edgeCount: Int, _ tuning: SparsifyTuning) throws(MillError) {
    low = range.lowerBound
    high = range.upperBound
    let bits = min(tuning.bucketBits, max(8, Int.bitWidth - edgeCount.leadingZeroBitCount))
    let spanBits = UInt64.bitWidth - (high - low).leadingZeroBitCount
    shift = UInt64(max(0, spanBits - bits))
    bucketCount = Int((high - low) >> shift) + 1
  }

  func range(ofBucket index: Int) -> ClosedRange<UInt64> {
    let first = low + UInt64(index) << shift
    let width: UInt64 = 1 << shift - 1
    return first...(high - first < width ? high : first + width)
  }

  /// Edges a bucket; values outside of the range are not counted.
  func count<Value: EdgeValue>(
    _ view: some RowSource, _ value: Value
  ) throws(MillError) -> FlatBuffer<Int> {
    try unsafe count(view) { nodes, scratch, add in
      for node in nodes {
        unsafe view.forEachOwnValue(node, value, scratch) { _, _, value in add(value) }
      }
    }
  }

  /// Counts a bucket what `visit` adds, which runs over the nodes of every chunk.
  @inline(__always) func count(
    _ view: some RowSource,
    _ visit: (_ nodes: Range<Int>, _ scratch: UnsafeMutablePointer<UInt64>, _ add: (UInt64) -> Void) -> Void
  ) throws(MillError) -> FlatBuffer<Int> {
    let workers = max(1, min(view.context.threads, view.chunkCount))
    let counts = try FlatBuffer<Int>(count: bucketCount * workers)
    let (low, span, shift, stride) = (low, high - low, shift, bucketCount)
    try unsafe view.forEachChunk { nodes, _, worker, scratch in
      let own = unsafe counts.base + worker * stride
      unsafe visit(nodes, scratch) { value in
        let distance = value &- low
        if distance <= span { unsafe own[Int(truncatingIfNeeded: distance &>> shift)] &+= 1 }
      }
    }
    for worker in 1..<max(1, workers) {
      for bucket in 0..<stride { unsafe counts.base[bucket] += counts.base[worker * stride + bucket] }
    }
    counts.truncate(to: bucketCount)
    return counts
  }
}

/// The entry of rank `wanted` (counted from 1): byte by byte from the most significant, a count and a partition in
/// place each. Linear, for any input; the order of the entries does not matter, and changes.
func selectByRadix(_ wanted: Int, _ entries: UnsafeMutableBufferPointer<EdgeRank>) -> EdgeRank {
  var rest = wanted
  var count = entries.count
  for word in 0..<4 {
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      if count <= 1 { break }
      let digits = unsafe [Int](unsafeUninitializedCapacity: 256) { counts, initialized in
        unsafe counts.initialize(repeating: 0)
        for i in 0..<count { unsafe counts[digit(entries[i], word, shift)] += 1 }
        initialized = 256
      }
      var chosen = 0
      while chosen < 255, digits[chosen] < rest {
        rest -= digits[chosen]
        chosen += 1
      }
      if digits[chosen] == count { continue }
      var place = 0
      for i in 0..<count where unsafe digit(entries[i], word, shift) == chosen {
        unsafe entries.swapAt(place, i)
        place += 1
      }
      count = place
    }
  }
  return unsafe count > 0 ? entries[0] : .before(key: 0)
}

@inline(__always) private func digit(_ entry: EdgeRank, _ word: Int, _ shift: UInt64) -> Int {
  let value =
    switch word {
    case 0: entry.key
    case 1: entry.tie
    case 2: UInt64(bitPattern: Int64(entry.u))
    default: UInt64(bitPattern: Int64(entry.v))
    }
  return Int(truncatingIfNeeded: value &>> shift & 255)
}
