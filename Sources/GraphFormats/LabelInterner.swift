import Glibc
import GraphStore
import MillRuntime

/// Gives every distinct label a provisional id, from many threads, and sorts the labels at the end.
///
/// Labels are spread over shards by hash. A chunk's fields are grouped by shard first, so a shard's lock is taken
/// once a chunk. Which provisional id a label gets depends on the threads; ``finish(order:)`` replaces them by ranks
/// that do not.
final class LabelInterner: @unchecked Sendable {
  static let shardBits = 6
  private static let shardCount = 1 << shardBits
  private let shards: [LabelShard]
  private let tracksFirst: Bool

  /// - Parameter tracksFirst: Keep where each label was met first, for first-seen order.
  init(tracksFirst: Bool) throws(MillError) {
    self.tracksFirst = tracksFirst
    var shards: [LabelShard] = []
    for _ in 0..<Self.shardCount { shards.append(try LabelShard()) }
    self.shards = shards
  }

  /// A worker's room for grouping the fields of a chunk.
  final class Scratch {
    fileprivate private(set) var keys: FlatBuffer<LabelKey>
    /// Where each of ``keys`` stood in the chunk.
    fileprivate private(set) var places: FlatBuffer<UInt32>

    init() throws(MillError) {
      keys = try FlatBuffer<LabelKey>(uninitializedCount: 0)
      places = try FlatBuffer<UInt32>(uninitializedCount: 0)
    }

    fileprivate func makeRoom(for count: Int) throws(MillError) {
      guard places.count < count else { return }
      keys = try FlatBuffer<LabelKey>(uninitializedCount: count + count / 4)
      places = try FlatBuffer<UInt32>(uninitializedCount: count + count / 4)
    }
  }

  /// Writes the provisional id of every label of a chunk.
  ///
  /// - Parameters:
  ///   - keys: The labels, `count` of them, with their places relative to `text`.
  ///   - ids: Receives the ids.
  ///   - chunkOffset: Where the chunk lies in the input; orders first sightings.
  func intern(
    _ keys: UnsafePointer<LabelKey>, count: Int, text: UnsafePointer<UInt8>, into ids: UnsafeMutablePointer<UInt32>,
    chunkOffset: Int, scratch: Scratch
  ) throws(MillError) {
    try scratch.makeRoom(for: count)
    let (grouped, places) = unsafe (scratch.keys.base, scratch.places.base)
    var starts = [Int](repeating: 0, count: Self.shardCount + 1)
    unsafe starts.withUnsafeMutableBufferPointer { starts in
      for i in 0..<count { unsafe starts[keys[i].shard &+ 1] &+= 1 }
    }
    for shard in 0..<Self.shardCount { starts[shard + 1] += starts[shard] }
    var cursors = starts
    unsafe cursors.withUnsafeMutableBufferPointer { cursors in
      for i in 0..<count {
        let key = unsafe keys[i]
        let place = unsafe cursors[key.shard]
        unsafe grouped[place] = key
        unsafe places[place] = UInt32(truncatingIfNeeded: i)
        unsafe cursors[key.shard] = place &+ 1
      }
    }
    // Workers start at different shards so that they rarely wait for each other.
    let first = Int(truncatingIfNeeded: CounterRandom.mix(UInt64(chunkOffset))) & (Self.shardCount - 1)
    for step in 0..<Self.shardCount {
      let shard = (first + step) & (Self.shardCount - 1)
      let range = starts[shard]..<starts[shard + 1]
      if range.isEmpty { continue }
      let batch = unsafe UnsafeBufferPointer(start: grouped + range.lowerBound, count: range.count)
      try shards[shard].withLock { table throws(MillError) in
        try unsafe table.intern(
          batch, places + range.lowerBound, text, into: ids, shard: UInt32(shard),
          chunkOffset: tracksFirst ? chunkOffset : nil)
      }
    }
  }

  /// The labels in their final order, and the rank of each provisional id.
  struct Finished {
    let table: NodeNames.LabelTable
    /// Rank of provisional id p: `ranks[shardStarts[p mod 64] + p / 64]`.
    let ranks: FlatBuffer<UInt32>
    let shardStarts: [Int]

    func rank(of provisional: UInt32) -> UInt32 {
      let shard = Int(provisional) & (LabelInterner.shardCount - 1)
      return unsafe ranks.base[shardStarts[shard] + Int(provisional) >> LabelInterner.shardBits]
    }
  }

  /// Sorts the labels: bytewise ascending, or by first sighting.
  func finish(order: GraphReadOptions.LabelOrder, threads: Int) throws(MillError) -> Finished {
    var shardStarts = [0]
    var byteCount = 0
    for shard in shards {
      shard.withLock {
        shardStarts.append(shardStarts.last! + $0.count)
        byteCount += $0.byteCount
      }
    }
    let count = shardStarts.last!
    guard count < Int(UInt32.max) else {
      throw MillError(.overBudget, "more than 2^32 - 2 different labels")
    }
    let entries = try FlatBuffer<SortEntry>(count: count)
    Parallel.forEach(shards.count, threads: threads) { shard, _ in
      shards[shard].withLock {
        unsafe $0.writeEntries(to: entries.base + shardStarts[shard], first: shardStarts[shard])
      }
    }
    try SortEntry.sort(entries, byFirstSighting: order == .firstSeen, threads: threads)

    let ranks = try FlatBuffer<UInt32>(count: count)
    let offsets = try FlatBuffer<UInt64>(count: count + 1)
    let bytes = try FlatBuffer<UInt8>(count: byteCount)
    var place = 0
    for rank in 0..<count {
      let entry = unsafe entries.base[rank]
      unsafe ranks.base[Int(entry.slot)] = UInt32(truncatingIfNeeded: rank)
      unsafe entry.copyBytes(to: bytes.base + place)
      place += Int(entry.length)
      unsafe offsets.base[rank + 1] = UInt64(place)
    }
    return Finished(
      table: NodeNames.LabelTable(offsets: SharedArray(offsets), bytes: SharedArray(bytes)),
      ranks: ranks, shardStarts: shardStarts)
  }
}

/// A label as two words of its first 16 bytes, its length and a hash: enough to compare short labels without
/// looking at their bytes again.
struct LabelKey: BitwiseCopyable {
  let low: UInt64
  let high: UInt64
  let hash: UInt64
  let length: UInt32
  /// Where the label starts, relative to the chunk's text.
  let place: UInt32

  /// Reads up to 16 bytes from `start`, of which those beyond `count` are ignored; they must be readable.
  init(_ start: UnsafePointer<UInt8>, _ count: Int, text: UnsafePointer<UInt8>) {
    let raw = unsafe UnsafeRawPointer(start)
    place = unsafe UInt32(truncatingIfNeeded: start - text)
    let first = unsafe raw.loadUnaligned(as: UInt64.self)
    if count <= 8 {
      low = count == 8 ? first : first & (1 &<< UInt64(8 &* count) &- 1)
      high = 0
    } else {
      let second = unsafe raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      low = first
      high = count >= 16 ? second : second & (1 &<< UInt64(8 &* (count &- 8)) &- 1)
    }
    length = UInt32(truncatingIfNeeded: count)
    var mixed = LabelKey.fold(low ^ 0x9e37_79b9_7f4a_7c15, high ^ 0xd1b5_4a32_d192_ed03) ^ UInt64(count)
    var position = 16
    while position < count {
      var word: UInt64 = 0
      unsafe memcpy(&word, raw + position, min(8, count - position))
      mixed = LabelKey.fold(mixed ^ word, 0xa076_1d64_78bd_642f)
      position += 8
    }
    hash = LabelKey.fold(mixed, 0xe703_7ed1_a0b4_28db)
  }

  var shard: Int { Int(truncatingIfNeeded: hash &>> UInt64(64 - LabelInterner.shardBits)) }

  @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
