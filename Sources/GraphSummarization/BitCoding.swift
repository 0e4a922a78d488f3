import MillRuntime

/// Appends bits, the first one highest in its byte.
struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var current: UInt64 = 0
  private var used = 0
  /// Bits written.
  private(set) var count = 0

  init() {}

  /// Appends the low `width` bits of `value`, at most 32.
  mutating func write(_ value: UInt64, width: Int) {
    current = current << UInt64(width) | value & (1 << UInt64(width) - 1)
    used += width
    count += width
    while used >= 8 {
      used -= 8
      bytes.append(UInt8(truncatingIfNeeded: current >> UInt64(used)))
    }
  }

  /// Pads the last byte with zeros.
  mutating func finish() {
    if used > 0 { write(0, width: 8 - used) }
  }

  /// Zeta code (Boldi, Vigna, DCC 2005) with shrinking parameter k of a value from 1 to 2^32 - 1; k = 1 is Elias gamma.
  mutating func writeZeta(_ value: UInt64, k: Int) {
    let h = (63 - value.leadingZeroBitCount) / k
    write(1, width: h + 1)
    let (low, length) = Self.interval(h, k)
    writeMinimal(value - low, below: length)
  }

  /// Minimal binary code of a value below `bound`.
  private mutating func writeMinimal(_ value: UInt64, below bound: UInt64) {
    if bound <= 1 { return }
    let s = 64 - (bound - 1).leadingZeroBitCount
    let short = (1 << UInt64(s)) - bound
    if value < short { write(value, width: s - 1) } else { write(value + short, width: s) }
  }

  /// The first value and the number of values with prefix h.
  static func interval(_ h: Int, _ k: Int) -> (low: UInt64, length: UInt64) {
    let low: UInt64 = 1 << UInt64(h * k)
    return (low, (1 << UInt64((h + 1) * k)) - low)
  }

  /// The bits of a zeta code.
  static func zetaLength(_ value: UInt64, k: Int) -> Int {
    let h = (63 - value.leadingZeroBitCount) / k
    let (low, length) = interval(h, k)
    if length <= 1 { return h + 1 }
    let s = 64 - (length - 1).leadingZeroBitCount
    return h + 1 + (value - low < (1 << UInt64(s)) - length ? s - 1 : s)
  }

  /// The parameter in 1...7 that codes the values in the fewest bits.
  static func bestParameter(_ values: [UInt64]) -> Int {
    var sums = [Int](repeating: 0, count: 8)
    // Small values occur again and again: each is measured once.
    let bound: UInt64 = values.count < 1 << 12 ? 0 : 1 << 14
    var counts = [Int](repeating: 0, count: Int(bound))
    for value in values {
      if value < bound {
        counts[Int(value)] += 1
      } else {
        for k in 1...7 { sums[k] += zetaLength(value, k: k) }
      }
    }
    for (value, count) in counts.enumerated() where count > 0 {
      for k in 1...7 { sums[k] += count * zetaLength(UInt64(value), k: k) }
    }
    return (1...7).min { sums[$0] < sums[$1] } ?? 1
  }
}

/// Reads what ``BitWriter`` wrote, from any bytes.
@safe struct BitReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = unsafe bytes }

  /// Bits left.
  var left: Int { unsafe 8 * bytes.count - place }

  mutating func read(width: Int) throws(MillError) -> UInt64 {
    guard width <= left else { throw Self.corrupt("ends inside a number") }
    var value: UInt64 = 0
    var wanted = width
    while wanted > 0 {
      let inByte = place & 7
      let taken = min(wanted, 8 - inByte)
      let part = unsafe UInt64(bytes[place >> 3]) >> UInt64(8 - inByte - taken) & (1 << UInt64(taken) - 1)
      value = value << UInt64(taken) | part
      place += taken
      wanted -= taken
    }
    return value
  }

  mutating func readZeta(k: Int) throws(MillError) -> UInt64 {
    var h = 0
    while try read(width: 1) == 0 {
      h += 1
      guard h * k < 40 else { throw Self.corrupt("has a number out of range") }
    }
    let (low, length) = BitWriter.interval(h, k)
    let value = low + (try readMinimal(below: length))
    guard value <= UInt64(UInt32.max) else { throw Self.corrupt("has a number out of range") }
    return value
  }

  private mutating func readMinimal(below bound: UInt64) throws(MillError) -> UInt64 {
    if bound <= 1 { return 0 }
    let s = 64 - (bound - 1).leadingZeroBitCount
    let short = (1 << UInt64(s)) - bound
    let value = try read(width: s - 1)
    if value < short { return value }
    return (value << 1 | (try read(width: 1))) - short
  }

  /// Whether nothing but zeros up to the end of the last byte is left.
  mutating func isAtEnd() -> Bool {
    guard left < 8 else { return false }
    while left > 0 { if (try? read(width: 1)) != 0 { return false } }
    return true
  }

  static func corrupt(_ what: String) -> MillError { MillError(.malformed, "a section of the summary \(what)") }
}
