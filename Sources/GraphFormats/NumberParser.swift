import Glibc

/// Digits of a text, eight at a time (SWAR: a register as eight byte lanes).
enum Digits {
  /// Eight bytes of text, the first one in the low byte. Reads 8 bytes.
  @inline(__always) static func load(_ text: UnsafePointer<UInt8>) -> UInt64 {
    unsafe UnsafeRawPointer(text).loadUnaligned(as: UInt64.self)
  }

  /// How many of eight bytes, from the first on, are digits.
  @inline(__always) static func run(_ eight: UInt64) -> Int {
    let lanes = eight ^ 0x3030_3030_3030_3030
    let others = ((lanes &+ 0x7676_7676_7676_7676) | lanes) & 0x8080_8080_8080_8080
    return others.trailingZeroBitCount &>> 3
  }

  /// The value of the first `count` of eight bytes, 1...8, all digits.
  @inline(__always) static func value(_ eight: UInt64, _ count: Int) -> UInt64 {
    let lanes = (eight ^ 0x3030_3030_3030_3030) &<< UInt64(64 &- 8 &* count)
    let pairs = lanes &* 10 &+ (lanes &>> 8)
    let high = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
    let low = ((pairs &>> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
    return (high &+ low) &>> 32
  }

  /// The value of a whole field; nil unless it is 1 to 20 digits below 2^64.
  static func unsignedInteger(_ field: UnsafeBufferPointer<UInt8>) -> UInt64? {
    guard field.count >= 1, field.count <= 20 else { return nil }
    var value: UInt64 = 0
    for i in field.indices {
      let byte = unsafe field[i]
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 0x30))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }
}

/// Floating-point fields as `strtod` reads them in the C locale: decimal or hexadecimal.
enum FloatParser {
  /// 10^0 ... 10^22, all exact.
  static let powersOfTen: [Double] = (0...22).map { pow(10, Double($0)) }

  /// The value of a whole field; nil when it is no number or not finite.
  static func finite(_ field: UnsafeBufferPointer<UInt8>) -> Double? {
    if let exact = unsafe exactDecimal(field) { return exact }
    guard field.count <= 4096, let value = unsafe Double(String(decoding: field, as: UTF8.self)) else { return nil }
    return value.isFinite ? value : nil
  }

  /// Whether a whole number keeps its value in a double; true for other spellings, which nobody takes for exact.
  static func isExact(_ field: UnsafeBufferPointer<UInt8>, _ value: Double) -> Bool {
    let digits = unsafe field.first == 0x2d ? UnsafeBufferPointer(rebasing: field.dropFirst()) : field
    guard unsafe digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return true }
    // A longer number of zeros behind 15 digits at most 22 places up is exact as well (10^22 is).
    guard let whole = unsafe Digits.unsignedInteger(digits) else {
      return unsafe digits.dropFirst(15).allSatisfy { $0 == 0x30 }
    }
    return Double(exactly: whole) != nil
  }

  /// Plain decimals whose digits fit 2^53 and whose power of ten is exact: one rounding, so the nearest double
  /// (Clinger, PLDI 1990). Nil for everything else.
  private static func exactDecimal(_ field: UnsafeBufferPointer<UInt8>) -> Double? {
    var position = 0
    let isNegative = unsafe field.first == 0x2d
    if isNegative { position = 1 }
    var digits: UInt64 = 0
    var count = 0
    var scale = 0
    var seenPoint = false
    while position < field.count {
      let byte = unsafe field[position]
      if byte == 0x2e, !seenPoint {
        seenPoint = true
      } else if byte >= 0x30, byte <= 0x39 {
        digits = digits &* 10 &+ UInt64(byte - 0x30)
        count += 1
        if seenPoint { scale += 1 }
        if count > 18 { return nil }
      } else {
        return nil
      }
      position += 1
    }
    guard count > 0, digits < 1 << 53, scale <= 22 else { return nil }
    let value = Double(digits) / powersOfTen[scale]
    return isNegative ? -value : value
  }
}
