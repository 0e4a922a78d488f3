import CMillKernels
import Glibc
import MillRuntime

/// One shard of the interner: its labels in the order in which they came, and a table of their numbers.
///
/// A slot of the table is 8 bytes, so that the tables stay in cache: the low half of the hash, above the number + 1; 0
/// while it is free. Open addressing, at most half full.
final class LabelShard: @unchecked Sendable {
  private let lock = Lock<Void>(())

  /// Runs `body` while no other thread is in this shard.
  func withLock<R, E: Error>(_ body: (LabelShard) throws(E) -> R) throws(E) -> R {
    try lock.withLock { _ throws(E) in try body(self) }
  }

  private struct Label: BitwiseCopyable {
    let low: UInt64
    let high: UInt64
    /// Place of the bytes beyond the 16th in the arena.
    let tail: UInt64
    let length: UInt32
  }

  private(set) var count = 0
  private(set) var byteCount = 0
  private var slots: FlatBuffer<UInt64>
  private var mask: Int
  private var labels: FlatBuffer<Label>
  private var firsts: [UInt64] = []
  private var arena: FlatBuffer<UInt8>
  private var arenaUsed = 0

  init() throws(MillError) {
    mask = 255
    slots = try FlatBuffer<UInt64>(count: mask + 1)
    labels = try FlatBuffer<Label>(uninitializedCount: 64)
    arena = try FlatBuffer<UInt8>(count: 64)
  }

  /// Writes the id of `keys[i]` to `ids[places[i]]`, for all of them; new labels are added.
  func intern(
    _ keys: UnsafeBufferPointer<LabelKey>, _ places: UnsafePointer<UInt32>, _ text: UnsafePointer<UInt8>,
    into ids: UnsafeMutablePointer<UInt32>, shard: UInt32, chunkOffset: Int?
  ) throws(MillError) {
    // Room for all of them first, so that nothing moves meanwhile.
    try makeRoom(for: keys.count)
    let mask = self.mask
    let slots = unsafe self.slots.base
    let labels = unsafe self.labels.base
    // A slot is asked for first, and the label to which it points when it has come.
    let (far, near) = (16, 8)
    for i in 0..<keys.count {
      if i &+ far < keys.count { unsafe mill_prefetch(slots + (Int(truncatingIfNeeded: keys[i &+ far].hash) & mask)) }
      if i &+ near < keys.count {
        let seen = unsafe slots[Int(truncatingIfNeeded: keys[i &+ near].hash) & mask]
        unsafe mill_prefetch(labels + Int(truncatingIfNeeded: seen & 0xffff_ffff))
      }
      let key = unsafe keys[i]
      let tag = key.hash &<< 32
      var slot = Int(truncatingIfNeeded: key.hash) & mask
      var index: Int
      while true {
        let seen = unsafe slots[slot]
        if seen == 0 {
          index = try unsafe add(key, text + Int(key.place))
          unsafe slots[slot] = tag | UInt64(index &+ 1)
          if chunkOffset != nil { firsts.append(.max) }
          break
        }
        index = Int(truncatingIfNeeded: seen & 0xffff_ffff) &- 1
        if (seen ^ tag) &>> 32 == 0, unsafe isLabel(labels[index], key, text) { break }
        slot = (slot &+ 1) & mask
      }
      let place = unsafe places[i]
      if let chunkOffset { firsts[index] = min(firsts[index], UInt64(chunkOffset) + UInt64(place)) }
      unsafe ids[Int(place)] = UInt32(truncatingIfNeeded: index) &<< UInt32(LabelInterner.shardBits) | shard
    }
  }

  @inline(__always) private func isLabel(_ label: Label, _ key: LabelKey, _ text: UnsafePointer<UInt8>) -> Bool {
    guard label.low == key.low, label.high == key.high, label.length == key.length else { return false }
    return unsafe key.length <= 16
      || memcmp(arena.base + Int(label.tail), text + Int(key.place) + 16, Int(key.length) - 16) == 0
  }

  /// Adds a label; its number.
  private func add(_ key: LabelKey, _ bytes: UnsafePointer<UInt8>) throws(MillError) -> Int {
    guard count < 1 << (32 - LabelInterner.shardBits) - 1 else {
      throw MillError(.overBudget, "too many different labels")
    }
    let tail = try unsafe store(bytes, Int(key.length))
    unsafe labels.base[count] = Label(low: key.low, high: key.high, tail: tail, length: key.length)
    defer { count += 1 }
    byteCount += Int(key.length)
    return count
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

  private func makeRoom(for more: Int) throws(MillError) {
    if count + more > labels.count {
      let wider = try FlatBuffer<Label>(uninitializedCount: max(2 * labels.count, count + more))
      unsafe memcpy(wider.base, labels.base, count * MemoryLayout<Label>.stride)
      labels = wider
    }
    var wider = mask
    while 2 * (count + more) > wider { wider = 2 * wider + 1 }
    guard wider > mask else { return }
    let moved = try FlatBuffer<UInt64>(count: wider + 1)
    for old in 0...mask where unsafe slots.base[old] != 0 {
      let seen = unsafe slots.base[old]
      var slot = Int(truncatingIfNeeded: seen &>> 32) & wider
      while unsafe moved.base[slot] != 0 { slot = (slot &+ 1) & wider }
      unsafe moved.base[slot] = seen
    }
    slots = moved
    mask = wider
  }

  func writeEntries(to entries: UnsafeMutablePointer<SortEntry>, first: Int) {
    for index in 0..<count {
      let label = unsafe labels.base[index]
      unsafe entries[index] = SortEntry(
        high: label.low.byteSwapped, low: label.high.byteSwapped, tail: UnsafePointer(arena.base + Int(label.tail)),
        first: firsts.isEmpty ? 0 : firsts[index], length: label.length,
        slot: UInt32(truncatingIfNeeded: first + index))
    }
  }
}
