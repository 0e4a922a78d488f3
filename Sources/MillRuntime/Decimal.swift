/// Numbers as text, in raw memory and in arrays of bytes.
@usableFromInline
package enum Decimal {
  /// Writes `value` in decimal and returns the end; at most 20 bytes.
  @inlinable package static func write(
    _ value: UInt64, to start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var length = 1
    var bound: UInt64 = 10
    while length < 20, value >= bound {
      length += 1
      if length < 20 { bound &*= 10 }
    }
    var rest = value
    var place = length
    while place > 0 {
      place -= 1
      let quotient = rest / 10
      unsafe start[place] = 0x30 + UInt8(truncatingIfNeeded: rest &- quotient &* 10)
      rest = quotient
    }
    return unsafe start + length
  }

  /// Appends an integer of at most 64 bits in decimal.
  @inlinable package static func append(_ value: some FixedWidthInteger, to text: inout [UInt8]) {
    if value < 0 { text.append(0x2d) }
    let magnitude = UInt64(value.magnitude)
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { room in
      guard let start = room.baseAddress else { return }
      let length = unsafe write(magnitude, to: start) - start
      unsafe text.append(contentsOf: UnsafeBufferPointer(start: start, count: length))
    }
  }

  /// The shortest text that reads back as the same double; integers without a fraction, `-0` as `0`.
  package static func text(_ value: Double) -> String {
    if value == 0 { return "0" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
