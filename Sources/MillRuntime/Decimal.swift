/// Numbers as text, in raw memory and in arrays of bytes.
@usableFromInline
package enum Decimal {
  /// Writes `value` in decimal and returns the end; at most 20 bytes.
  @inlinable package static func write(
    _ value: UInt64, to start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    let pairs: StaticString = """
      0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
      5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
      """
    let digits = unsafe pairs.utf8Start
    let end = unsafe start + digitCount(value)
    var rest = value
    var place = unsafe end
    while rest >= 100 {
      let quotient = rest / 100
      let pair = Int(truncatingIfNeeded: rest &- quotient &* 100) &* 2
      unsafe place -= 2
      unsafe place[0] = digits[pair]
      unsafe place[1] = digits[pair &+ 1]
      rest = quotient
    }
    unsafe place[-1] = digits[Int(truncatingIfNeeded: rest) &* 2 &+ 1]
    if rest >= 10 { unsafe place[-2] = digits[Int(truncatingIfNeeded: rest) &* 2] }
    return unsafe end
  }

  /// How many digits `value` has.
  @inlinable static func digitCount(_ value: UInt64) -> Int {
    var rest = value
    var count = 1
    while true {
      if rest < 10 { return count }
      if rest < 100 { return count &+ 1 }
      if rest < 1000 { return count &+ 2 }
      if rest < 10000 { return count &+ 3 }
      rest /= 10000
      count &+= 4
    }
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
