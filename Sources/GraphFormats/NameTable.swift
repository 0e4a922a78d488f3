import Glibc
import GraphStore
import MillRuntime

/// Names of nodes with a number each, in the order in which a reader meets them.
///
/// A hash table with linear probing over names back to back: about 20 bytes a name beside its text.
struct NameTable {
  /// The number of names.
  private(set) var count = 0
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// Number + 1 of the name in a slot, 0 for a free one.
  private var slots = [UInt32](repeating: 0, count: 64)

  /// The bytes of a name.
  func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

  /// A name as text.
  func text(_ number: Int) -> String { String(decoding: bytes[range(number)], as: UTF8.self) }

  /// The number of a name, which is added where it is new.
  ///
  /// - Throws: `MillError` for a name that is empty, longer than 64 KiB, not UTF-8 or holds a NUL.
  mutating func insert(_ name: UnsafeBufferPointer<UInt8>) throws(MillError) -> (number: UInt32, isNew: Bool) {
    let slot = unsafe place(of: name)
    if slots[slot] > 0 { return (slots[slot] - 1, false) }
    try unsafe checkName(name)
    guard count < Int(UInt32.max) - 1 else { throw MillError(.overBudget, "more than 2^32 - 2 names") }
    unsafe bytes.append(contentsOf: name)
    ends.append(bytes.count)
    count += 1
    slots[slot] = UInt32(count)
    if 2 * count > slots.count { grow() }
    return (UInt32(count - 1), true)
  }

  /// The same for a name in an array.
  mutating func insert(_ name: [UInt8]) throws(MillError) -> (number: UInt32, isNew: Bool) {
    try unsafe name.withUnsafeBufferPointer { name throws(MillError) in try unsafe insert(name) }
  }

  /// The number of a name; nil where it is not there.
  func number(of name: [UInt8]) -> UInt32? {
    let slot = unsafe name.withUnsafeBufferPointer { unsafe place(of: $0) }
    return slots[slot] > 0 ? slots[slot] - 1 : nil
  }

  /// The slot that holds `name`, or the free one where it belongs.
  private func place(of name: UnsafeBufferPointer<UInt8>) -> Int {
    let mask = slots.count - 1
    var slot = unsafe Int(truncatingIfNeeded: Self.hash(name)) & mask
    while slots[slot] > 0 {
      let range = range(Int(slots[slot]) - 1)
      let isEqual =
        unsafe range.count == name.count
        && bytes.withUnsafeBufferPointer {
          unsafe range.isEmpty || memcmp($0.baseAddress! + range.lowerBound, name.baseAddress!, range.count) == 0
        }
      if isEqual { return slot }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private mutating func grow() {
    let mask = 2 * slots.count - 1
    slots = [UInt32](repeating: 0, count: mask + 1)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      for number in 0..<count {
        let range = range(number)
        let name = unsafe UnsafeBufferPointer(rebasing: bytes[range])
        var slot = unsafe Int(truncatingIfNeeded: Self.hash(name)) & mask
        while slots[slot] > 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(number + 1)
      }
    }
  }

  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = UInt64(name.count)
    var place = 0
    while place < name.count {
      var word: UInt64 = 0
      unsafe memcpy(&word, name.baseAddress! + place, min(8, name.count - place))
      hash = CounterRandom.mix(hash ^ word)
      place += 8
    }
    return CounterRandom.mix(hash)
  }

  /// The value of each name, where every one is an unsigned integer below 2^64 without leading zeros; nil else.
  func integers() -> [UInt64]? {
    var values: [UInt64] = []
    values.reserveCapacity(count)
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      for number in 0..<count {
        let field = unsafe UnsafeBufferPointer(rebasing: bytes[range(number)])
        guard let value = unsafe Digits.unsignedInteger(field), unsafe field.count == 1 || field[0] != 0x30 else {
          return nil
        }
        values.append(value)
      }
      return values
    }
  }

  /// The rank of each name in bytewise order, and the names in that order as a table of labels.
  func sorted(byFirstSighting: Bool) throws(MillError) -> (
    ranks: [UInt32], table: NodeNames.LabelTable
  ) {
    struct Key {
      let head: UInt64
      let number: UInt32
    }
    let offsets = try FlatBuffer<UInt64>(count: count + 1)
    let text = try FlatBuffer<UInt8>(count: bytes.count)
    var ranks = [UInt32](repeating: 0, count: count)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      var keys = (0..<count).map { number in
        let range = range(number)
        var head: UInt64 = 0
        for i in 0..<8 { head = unsafe head << 8 | UInt64(i < range.count ? bytes[range.lowerBound + i] : 0) }
        return Key(head: head, number: UInt32(number))
      }
      if !byFirstSighting {
        keys.sort { one, other in
          if one.head != other.head { return one.head < other.head }
          let (a, b) = (range(Int(one.number)), range(Int(other.number)))
          let order = unsafe memcmp(
            bytes.baseAddress! + a.lowerBound, bytes.baseAddress! + b.lowerBound, min(a.count, b.count))
          return order != 0 ? order < 0 : a.count < b.count
        }
      }
      var place = 0
      for (rank, key) in keys.enumerated() {
        let range = range(Int(key.number))
        ranks[Int(key.number)] = UInt32(rank)
        unsafe (text.base + place).update(from: bytes.baseAddress! + range.lowerBound, count: range.count)
        place += range.count
        unsafe offsets.base[rank + 1] = UInt64(place)
      }
    }
    return (ranks, NodeNames.LabelTable(offsets: SharedArray(offsets), bytes: SharedArray(text)))
  }
}

/// Refuses what no node can be called.
///
/// - Throws: `MillError`: `empty-field`, `label-too-long` (64 KiB), `nul-byte`, `not-utf8`.
func checkName(_ name: UnsafeBufferPointer<UInt8>) throws(MillError) {
  guard !name.isEmpty else { throw MillError(.emptyField, "a node without a name") }
  guard name.count <= LineGrammar.longestLabel else {
    throw unsafe MillError(.labelTooLong, "a name of more than 64 KiB", field: fieldExcerpt(name))
  }
  guard unsafe !name.contains(0) else {
    throw unsafe MillError(.nulByte, "a NUL in a name", field: fieldExcerpt(name))
  }
  guard unsafe String(validating: name, as: UTF8.self) != nil else {
    throw unsafe MillError(.notUTF8, "a name that is not UTF-8", field: fieldExcerpt(name))
  }
}
