import CMillKernels
import Glibc
import MillRuntime

/// One shard of the interner: open addressing over 32-byte slots, long labels' bytes in an arena.
final class LabelShard: @unchecked Sendable {
  private let lock = Lock<Void>(())

  /// Runs `body` while no other thread is in this shard.
  func withLock<R, E: Error>(_ body: (LabelShard) throws(E) -> R) throws(E) -> R {
    try lock.withLock { _ throws(E) in try body(self) }
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
    let slots = unsafe self.slots.base
    let ahead = 8
    for position in 0..<batch.count {
      if position &+ ahead < batch.count {
        unsafe mill_prefetch(slots + (Int(truncatingIfNeeded: keys[Int(batch[position &+ ahead])].hash) & mask))
      }
      let i = unsafe Int(batch[position])
      let key = unsafe keys[i]
      let bytes = unsafe text + Int(key.place)
      var slot = Int(truncatingIfNeeded: key.hash) & mask
      var index: UInt32
      while true {
        let seen = unsafe slots[slot]
        if seen.taken == 0 {
          index = try unsafe add(key, bytes, slot)
          if chunkOffset != nil { firsts.append(.max) }
          break
        }
        if seen.low == key.low, seen.high == key.high, seen.length == key.length,
          unsafe key.length <= 16 || memcmp(arena.base + Int(seen.tail), bytes + 16, Int(key.length) - 16) == 0
        {
          index = seen.taken - 1
          break
        }
        slot = (slot &+ 1) & mask
      }
      if let chunkOffset { firsts[Int(index)] = min(firsts[Int(index)], UInt64(chunkOffset) + UInt64(i)) }
      unsafe ids[i] = index &<< UInt32(LabelInterner.shardBits) | shard
    }
  }

  private func add(_ key: LabelKey, _ bytes: UnsafePointer<UInt8>, _ slot: Int) throws(MillError) -> UInt32 {
    guard count < 1 << (32 - LabelInterner.shardBits) - 1 else {
      throw MillError(.overBudget, "too many different labels")
    }
    let tail = try unsafe store(bytes, Int(key.length))
    let index = UInt32(count)
    unsafe slots.base[slot] = Slot(low: key.low, high: key.high, tail: tail, length: key.length, taken: index + 1)
    unsafe hashes.base[slot] = key.hash
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
      unsafe memcpy(wider.base, arena.base, arenaUsed)
      arena = wider
    }
    unsafe memcpy(arena.base + arenaUsed, bytes + 16, length - 16)
    defer { arenaUsed = needed }
    return UInt64(arenaUsed)
  }

  private func grow() throws(MillError) {
    let wider = 2 * mask + 1
    let newSlots = try FlatBuffer<Slot>(count: wider + 1)
    let newHashes = try FlatBuffer<UInt64>(count: wider + 1)
    for old in 0...mask where unsafe slots.base[old].taken != 0 {
      var slot = unsafe Int(truncatingIfNeeded: hashes.base[old]) & wider
      while unsafe newSlots.base[slot].taken != 0 { slot = (slot &+ 1) & wider }
      unsafe newSlots.base[slot] = slots.base[old]
      unsafe newHashes.base[slot] = hashes.base[old]
    }
    slots = newSlots
    hashes = newHashes
    mask = wider
  }

  func writeEntries(to entries: UnsafeMutablePointer<SortEntry>, first: Int) {
    for slot in 0...mask where unsafe slots.base[slot].taken != 0 {
      let seen = unsafe slots.base[slot]
      let index = Int(seen.taken) - 1
      unsafe entries[index] = SortEntry(
        high: seen.low.byteSwapped, low: seen.high.byteSwapped, tail: UnsafePointer(arena.base + Int(seen.tail)),
        first: firsts.isEmpty ? 0 : firsts[index], length: seen.length, slot: UInt32(truncatingIfNeeded: first + index))
    }
  }
}
