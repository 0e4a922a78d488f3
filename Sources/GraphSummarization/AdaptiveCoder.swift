import MillRuntime

/// An arithmetic coder of bits whose chances it learns: four predictions by context are mixed by weights that adapt.
///
/// One type both writes and reads: ``code(_:_:set:)`` takes a bit and appends it, or finds the next bit of the bytes
/// that it was given and returns it. So a stream is described once, by one walk over what it tells. Integers only, with
/// the logistic function as a literal table: the same bytes on every machine. Any bytes decode to something; behind the
/// end there are zeros.
///
/// - Source: Witten, Neal, Cleary, "Arithmetic coding for data compression", CACM 1987; mixing after Mahoney, "Adaptive
///   weighing of context models for lossless data compression", Florida Tech report CS-2005-16, section 3.
struct AdaptiveCoder {
  /// The contexts of one decision, one a predictor.
  typealias Contexts = SIMD4<UInt32>

  private let isReading: Bool
  private(set) var bytes: [UInt8]
  private var place = 0
  private var low: UInt32 = 0
  private var high = UInt32.max
  private var window: UInt32 = 0

  /// A chance of 22 bits over a count of 10 bits, for each predictor `1 << slotBits` of them.
  private let slots: CountedBlock<UInt32>
  private let slotBits: UInt32
  /// Weights of the predictors in 16.16, four a set.
  private let weights: CountedBlock<Int>
  private let tables = LogisticTables.shared
  private static let setCount = 256
  private static let countLimit: UInt32 = 255

  /// A coder that writes.
  ///
  /// - Parameter size: About as many decisions as will come; it decides the memory of the model, and reader and writer
  ///   must agree on it.
  init(size: Int) { self.init(reading: nil, size: size) }

  /// A coder that reads `bytes`.
  init(_ bytes: [UInt8], size: Int) { self.init(reading: bytes, size: size) }

  private init(reading source: [UInt8]?, size: Int) {
    isReading = source != nil
    bytes = source ?? []
    slotBits = UInt32(min(18, max(8, Int.bitWidth - max(1, size).leadingZeroBitCount + 1)))
    slots = CountedBlock(capacity: 4 << Int(slotBits))
    unsafe slots.base.initialize(repeating: 1 << 31, count: 4 << Int(slotBits))
    weights = CountedBlock(capacity: 4 * Self.setCount)
    unsafe weights.base.initialize(repeating: 19661, count: 4 * Self.setCount)
    if isReading { for _ in 0..<4 { window = window << 8 | next() } }
  }

  private mutating func next() -> UInt32 {
    defer { place += 1 }
    return place < bytes.count ? UInt32(bytes[place]) : 0
  }

  /// Whether what was read used up the bytes: no more than the four of the end are left or were missing.
  var isAtEnd: Bool { place == bytes.count }

  /// Ends what was written.
  mutating func finish() {
    for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: low >> shift)) }
  }

  /// Writes `bit`, or reads one.
  ///
  /// - Parameters:
  ///   - bit: 0 or 1; of no account when reading.
  ///   - contexts: What each predictor knows, as any number.
  ///   - set: The weights to use, in 0..<256.
  mutating func code(_ bit: Int, _ contexts: Contexts, set: Int) -> Int {
    var hash = contexts &* Contexts(0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f)
    hash ^= hash &>> Contexts(repeating: 15)
    hash = (hash &* Contexts(repeating: 0x2c1b_3c6d)) &>> Contexts(repeating: 32 &- slotBits)
    hash |= Contexts(0, 1, 2, 3) &<< Contexts(repeating: slotBits)
    let weight = unsafe weights.base + 4 &* (set & (Self.setCount - 1))
    var stretched = SIMD4<Int>.zero
    var sum = 0
    for i in 0..<4 {
      let slot = unsafe slots.base[Int(hash[i])]
      stretched[i] = slot & 1023 == 0 ? 0 : tables.stretch[Int(slot >> 20)]
      unsafe sum &+= stretched[i] &* weight[i]
    }
    let chance = tables.squash(min(2047, max(-2047, sum >> 16)))

    let middle = low &+ UInt32(truncatingIfNeeded: (UInt64(high &- low) &* UInt64(chance)) >> 16)
    let bit = isReading ? (window <= middle ? 1 : 0) : bit & 1
    if bit == 1 { high = middle } else { low = middle &+ 1 }
    while (low ^ high) >> 24 == 0 {
      if isReading { window = window << 8 | next() } else { bytes.append(UInt8(high >> 24)) }
      low <<= 8
      high = high << 8 | 255
    }

    let error = bit << 16 &- chance
    for i in 0..<4 {
      unsafe weight[i] = min(1 << 20, max(-1 << 20, weight[i] &+ (stretched[i] &* error &* 6 &+ 1 << 13) >> 14))
      let slot = unsafe slots.base[Int(hash[i])]
      let count = slot & 1023
      let old = Int(slot >> 10)
      let change = ((bit << 22 &- bit &- old) &* tables.rates[Int(count)]) >> 16
      unsafe slots.base[Int(hash[i])] = UInt32(old &+ change) << 10 | min(count &+ 1, Self.countLimit)
    }
    return bit
  }

  /// Writes a number from 0 to 2^32 - 2, or reads one: its length in unary, then its bits, the first ones by context.
  mutating func codeNumber(_ number: Int, _ contexts: Contexts, set: Int) -> Int {
    func mixed(_ node: Int) -> Contexts { (contexts &* Contexts(repeating: 1024)) &+ Contexts(repeating: UInt32(node)) }
    let value = number + 1
    let wanted = Int.bitWidth - 1 - max(1, value).leadingZeroBitCount
    var length = 0
    while length < 31, code(length < wanted ? 1 : 0, mixed(length), set: set) == 1 { length += 1 }
    var result = 1
    for place in stride(from: length - 1, through: 0, by: -1) {
      let prefix = length - place <= 3 ? result & 7 : 8
      result = result << 1 | code(value >> place & 1, mixed(32 + 9 * place + prefix), set: set)
    }
    return result - 1
  }
}

/// The logistic function in whole numbers: chances of 16 bits, arguments in 256ths.
final class LogisticTables: Sendable {
  static let shared = LogisticTables()

  /// The argument for a chance of 12 bits.
  let stretch: [Int]
  /// 65536 / (count + 1.5).
  let rates: [Int]

  /// 65536 / (1 + exp(-k / 2)) for k from -16 to 16.
  private let points: [Int] = [
    22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768, 40793, 47911,
    53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
  ]

  /// The chance for an argument in -2047...2047, in 22...65514.
  @inline(__always) func squash(_ x: Int) -> Int {
    let (place, rest) = ((x &+ 2048) >> 7, (x &+ 2048) & 127)
    return (points[place] &* (128 &- rest) &+ points[place &+ 1] &* rest) >> 7
  }

  private init() {
    rates = (0..<1024).map { 131_072 / (2 * $0 + 3) }
    var inverse = [Int](repeating: 2047, count: 4096)
    var next = 0
    for x in -2047...2047 {
      let (place, rest) = ((x + 2048) >> 7, (x + 2048) & 127)
      let chance = (points[place] * (128 - rest) + points[place + 1] * rest) >> 11
      while next <= chance {
        inverse[next] = x
        next += 1
      }
    }
    stretch = inverse
  }
}
