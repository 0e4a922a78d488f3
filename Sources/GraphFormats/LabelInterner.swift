import CMillKernels
import Glibc
import GraphStore
import MillRuntime
import Synchronization

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
    fileprivate var order: FlatBuffer<UInt32>
    init() throws(MillError) { order = try FlatBuffer<UInt32>(count: 0) }
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
    if scratch.order.count < count { scratch.order = try FlatBuffer<UInt32>(uninitializedCount: count + count / 4) }
    let order = scratch.order.base
    var starts = [Int](repeating: 0, count: Self.shardCount + 1)
    for i in 0..<count { starts[keys[i].shard + 1] += 1 }
    for shard in 0..<Self.shardCount { starts[shard + 1] += starts[shard] }
    var cursors = starts
    cursors.withUnsafeMutableBufferPointer { cursors in
      for i in 0..<count {
        let shard = keys[i].shard
        order[cursors[shard]] = UInt32(truncatingIfNeeded: i)
        cursors[shard] &+= 1
      }
    }
    // Workers start at different shards so that they rarely wait for each other.
    let first = Int(truncatingIfNeeded: CounterRandom.mix(UInt64(chunkOffset))) & (Self.shardCount - 1)
    for step in 0..<Self.shardCount {
      let shard = (first + step) & (Self.shardCount - 1)
      let range = starts[shard]..<starts[shard + 1]
      if range.isEmpty { continue }
      let batch = UnsafeBufferPointer(start: order + range.lowerBound, count: range.count)
      try shards[shard].withLock { table throws(MillError) in
        try table.intern(
          batch, keys, text, into: ids, shard: UInt32(shard), chunkOffset: tracksFirst ? chunkOffset : nil)
      }
    }
  }

  /// The labels in their final order, and the rank of each provisional id.
  struct Finished {
    let table: NodeNames.LabelTable
    let owners: [AnyObject & Sendable]
    /// Rank of provisional id p: `ranks[shardStarts[p mod 64] + p / 64]`.
    let ranks: FlatBuffer<UInt32>
    let shardStarts: [Int]

    func rank(of provisional: UInt32) -> UInt32 {
      let shard = Int(provisional) & (LabelInterner.shardCount - 1)
      return ranks.base[shardStarts[shard] + Int(provisional) >> LabelInterner.shardBits]
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
      shards[shard].withLock { $0.writeEntries(to: entries.base + shardStarts[shard], first: shardStarts[shard]) }
    }
    try SortEntry.sort(entries, byFirstSighting: order == .firstSeen, threads: threads)

    let ranks = try FlatBuffer<UInt32>(count: count)
    let offsets = try FlatBuffer<UInt64>(count: count + 1)
    let bytes = try FlatBuffer<UInt8>(count: byteCount)
    var place = 0
    for rank in 0..<count {
      let entry = entries.base[rank]
      ranks.base[Int(entry.slot)] = UInt32(truncatingIfNeeded: rank)
      entry.copyBytes(to: bytes.base + place)
      place += Int(entry.length)
      offsets.base[rank + 1] = UInt64(place)
    }
    return Finished(
      table: NodeNames.LabelTable(offsets: offsets.elements, bytes: bytes.elements), owners: [offsets, bytes],
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
    let raw = UnsafeRawPointer(start)
    place = UInt32(truncatingIfNeeded: start - text)
    let first = raw.loadUnaligned(as: UInt64.self)
    if count <= 8 {
      low = count == 8 ? first : first & (1 &<< UInt64(8 &* count) &- 1)
      high = 0
    } else {
      let second = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      low = first
      high = count >= 16 ? second : second & (1 &<< UInt64(8 &* (count &- 8)) &- 1)
    }
    length = UInt32(truncatingIfNeeded: count)
    var mixed = LabelKey.fold(low ^ 0x9e37_79b9_7f4a_7c15, high ^ 0xd1b5_4a32_d192_ed03) ^ UInt64(count)
    var position = 16
    while position < count {
      var word: UInt64 = 0
      memcpy(&word, raw + position, min(8, count - position))
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

/// One shard of the interner: open addressing over 32-byte slots, long labels' bytes in an arena.
final class LabelShard: @unchecked Sendable {
  private let lock = Mutex<Void>(())

  /// Runs `body` while no other thread is in this shard.
  func withLock<R, E: Error>(_ body: (LabelShard) throws(E) -> R) throws(E) -> R {
    lock._unsafeLock()
    defer { lock._unsafeUnlock() }
    return try body(self)
  }

  private struct Slot: BitwiseCopyable {
    var low: UInt64 = 0
    var high: UInt64 = 0
    /// Place of the bytes beyond the 16th in the arena.
    var tail: UInt64 = 0
    var length: UInt32 = 0
    /// Index + 1; 0 while the slot is free.
    var taken: UInt32 = 0
  }

  private(set) var count = 0
  private(set) var byteCount = 0
  private var slots: FlatBuffer<Slot>
  private var hashes: FlatBuffer<UInt64>
  private var mask: Int
  private var firsts: [UInt64] = []
  private var arena: FlatBuffer<UInt8>
  private var arenaUsed = 0

  init() throws(MillError) {
    mask = 255
    slots = try FlatBuffer<Slot>(count: 256)
    hashes = try FlatBuffer<UInt64>(count: 256)
    arena = try FlatBuffer<UInt8>(count: 64)
  }

  /// Gives ids to the labels `keys[i]`, i in `batch`; new ones are added.
  func intern(
    _ batch: UnsafeBufferPointer<UInt32>, _ keys: UnsafePointer<LabelKey>, _ text: UnsafePointer<UInt8>,
    into ids: UnsafeMutablePointer<UInt32>, shard: UInt32, chunkOffset: Int?
  ) throws(MillError) {
    // Room for all of them first, so that the table does not move meanwhile.
    while 2 * (count + batch.count) > mask { try grow() }
    let mask = self.mask
    let slots = self.slots.base
    let ahead = 8
    for position in 0..<batch.count {
      if position &+ ahead < batch.count {
        mill_prefetch(slots + (Int(truncatingIfNeeded: keys[Int(batch[position &+ ahead])].hash) & mask))
      }
      let i = Int(batch[position])
      let key = keys[i]
      let bytes = text + Int(key.place)
      var slot = Int(truncatingIfNeeded: key.hash) & mask
      var index: UInt32
      while true {
        let seen = slots[slot]
        if seen.taken == 0 {
          index = try add(key, bytes, slot)
          if chunkOffset != nil { firsts.append(.max) }
          break
        }
        if seen.low == key.low, seen.high == key.high, seen.length == key.length,
          key.length <= 16 || memcmp(arena.base + Int(seen.tail), bytes + 16, Int(key.length) - 16) == 0
        {
          index = seen.taken - 1
          break
        }
        slot = (slot &+ 1) & mask
      }
      if let chunkOffset { firsts[Int(index)] = min(firsts[Int(index)], UInt64(chunkOffset) + UInt64(i)) }
      ids[i] = index &<< UInt32(LabelInterner.shardBits) | shard
    }
  }

  private func add(_ key: LabelKey, _ bytes: UnsafePointer<UInt8>, _ slot: Int) throws(MillError) -> UInt32 {
    guard count < 1 << (32 - LabelInterner.shardBits) - 1 else {
      throw MillError(.overBudget, "too many different labels")
    }
    let tail = try store(bytes, Int(key.length))
    let index = UInt32(count)
    slots.base[slot] = Slot(low: key.low, high: key.high, tail: tail, length: key.length, taken: index + 1)
    hashes.base[slot] = key.hash
    count += 1
    byteCount += Int(key.length)
    return index
  }

  /// Keeps the bytes beyond the 16th; returns their place.
  private func store(_ bytes: UnsafePointer<UInt8>, _ length: Int) throws(MillError) -> UInt64 {
    guard length > 16 else { return 0 }
    let needed = arenaUsed + length - 16
    if needed > arena.count {
      let wider = try FlatBuffer<UInt8>(count: max(2 * arena.count, needed))
      memcpy(wider.base, arena.base, arenaUsed)
      arena = wider
    }
    memcpy(arena.base + arenaUsed, bytes + 16, length - 16)
    defer { arenaUsed = needed }
    return UInt64(arenaUsed)
  }

  private func grow() throws(MillError) {
    let wider = 2 * mask + 1
    let newSlots = try FlatBuffer<Slot>(count: wider + 1)
    let newHashes = try FlatBuffer<UInt64>(count: wider + 1)
    for old in 0...mask where slots.base[old].taken != 0 {
      var slot = Int(truncatingIfNeeded: hashes.base[old]) & wider
      while newSlots.base[slot].taken != 0 { slot = (slot &+ 1) & wider }
      newSlots.base[slot] = slots.base[old]
      newHashes.base[slot] = hashes.base[old]
    }
    slots = newSlots
    hashes = newHashes
    mask = wider
  }

  func writeEntries(to entries: UnsafeMutablePointer<SortEntry>, first: Int) {
    for slot in 0...mask where slots.base[slot].taken != 0 {
      let seen = slots.base[slot]
      let index = Int(seen.taken) - 1
      entries[index] = SortEntry(
        high: seen.low.byteSwapped, low: seen.high.byteSwapped, tail: UnsafePointer(arena.base + Int(seen.tail)),
        first: firsts.isEmpty ? 0 : firsts[index], length: seen.length, slot: UInt32(truncatingIfNeeded: first + index))
    }
  }
}

/// A label while labels are sorted.
struct SortEntry: BitwiseCopyable {
  /// The first eight bytes, then the next eight, big-endian: comparing numbers compares bytes.
  let high: UInt64
  let low: UInt64
  /// The bytes beyond the 16th.
  let tail: UnsafePointer<UInt8>
  let first: UInt64
  let length: UInt32
  let slot: UInt32

  func copyBytes(to target: UnsafeMutablePointer<UInt8>) {
    var head = (high.byteSwapped, low.byteSwapped)
    memcpy(target, &head, min(16, Int(length)))
    if length > 16 { memcpy(target + 16, tail, Int(length) - 16) }
  }

  /// Bytewise order; no label holds a NUL, so zero padding sorts shorter labels first.
  static func precedes(_ a: SortEntry, _ b: SortEntry) -> Bool {
    if a.high != b.high { return a.high < b.high }
    if a.low != b.low { return a.low < b.low }
    if a.length <= 16 || b.length <= 16 { return a.length < b.length }
    let common = memcmp(a.tail, b.tail, Int(min(a.length, b.length)) - 16)
    return common != 0 ? common < 0 : a.length < b.length
  }

  static func sort(_ entries: FlatBuffer<SortEntry>, byFirstSighting: Bool, threads: Int) throws(MillError) {
    var elements = entries.mutableElements
    if byFirstSighting {
      elements.sort { $0.first < $1.first }
    } else {
      // Runs of a fixed length in parallel, then pairwise merges.
      let run = 1 << 15
      Parallel.forEachRange(of: entries.count, size: run, threads: threads) { range, _ in
        var part = UnsafeMutableBufferPointer(rebasing: elements[range])
        part.sort(by: precedes)
      }
      guard entries.count > run else { return }
      let scratch = try FlatBuffer<SortEntry>(uninitializedCount: entries.count)
      var (source, target) = (entries.base, scratch.base)
      var width = run
      while width < entries.count {
        Parallel.forEachRange(of: entries.count, size: 2 * width, threads: threads) {
          [source, target, width] range, _ in
          merge(source, target, range, middle: min(range.lowerBound + width, range.upperBound))
        }
        swap(&source, &target)
        width *= 2
      }
      if source != entries.base { memcpy(entries.base, source, entries.count * MemoryLayout<SortEntry>.stride) }
    }
  }

  private static func merge(
    _ source: UnsafeMutablePointer<SortEntry>, _ target: UnsafeMutablePointer<SortEntry>, _ range: Range<Int>,
    middle: Int
  ) {
    var left = range.lowerBound
    var right = middle
    for place in range {
      if left < middle, right >= range.upperBound || !precedes(source[right], source[left]) {
        target[place] = source[left]
        left += 1
      } else {
        target[place] = source[right]
        right += 1
      }
    }
  }
}
