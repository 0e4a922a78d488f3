/// Walks over the lines of a text, as ranges of bytes without the line feed.
@safe struct LineCursor {
  let bytes: UnsafeRawBufferPointer
  /// The line that ``next()`` returned last, counted from 1.
  private(set) var line = 0
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = unsafe bytes }

  /// The next line; nil at the end. A line feed at the very end starts no further line.
  mutating func next() -> Range<Int>? {
    guard unsafe position < bytes.count else { return nil }
    var end = position
    while unsafe end < bytes.count, unsafe bytes[end] != 10 { end += 1 }
    defer {
      position = end + 1
      line += 1
    }
    return position..<end
  }
}

/// Walks over the fields of a line that single or repeated spaces separate.
@safe struct FieldCursor {
  let bytes: UnsafeRawBufferPointer
  private var position: Int
  private let end: Int

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    unsafe self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field; nil behind the last.
  mutating func next() -> Range<Int>? {
    while position < end, unsafe bytes[position] == 32 { position += 1 }
    guard position < end else { return nil }
    let start = position
    while position < end, unsafe bytes[position] != 32 { position += 1 }
    return start..<position
  }
}

extension UnsafeRawBufferPointer {
  /// The text of a range; bytes that are not UTF-8 are replaced.
  func text(_ range: Range<Int>) -> String { unsafe String(decoding: self[range], as: UTF8.self) }

  /// The text of a range for an error message: at most 40 bytes of it.
  func excerpt(_ range: Range<Int>) -> String {
    unsafe range.count <= 40 ? text(range) : text(range.prefix(40)) + "…"
  }

  /// The number that a range of digits spells in base 10 or 16; nil for other bytes, no bytes or more than 8 digits.
  func number(_ range: Range<Int>, base: Int = 10) -> Int? {
    guard !range.isEmpty, range.count <= 8 else { return nil }
    var value = 0
    let entries = unsafe self[range]
    for i in unsafe entries.indices {
      let byte = unsafe entries[i]
      let digit: Int
      switch byte {
      case 0x30...0x39: digit = Int(byte) - 0x30
      case 0x41...0x46 where base == 16: digit = Int(byte) - 0x41 + 10
      case 0x61...0x66 where base == 16: digit = Int(byte) - 0x61 + 10
      default: return nil
      }
      value = value * base + digit
    }
    return value
  }
}

extension Range<Int> {
  /// The first `count` positions.
  fileprivate func prefix(_ count: Int) -> Range<Int> { lowerBound..<Swift.min(upperBound, lowerBound + count) }
}
