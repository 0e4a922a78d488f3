import CMillKernels
import MillRuntime
import Testing

@Suite struct PackingTests {
  private static let widths = Array(0...25) + [32]

  /// Groups of random gaps, packed bit by bit, and the numbers they stand for.
  private struct Sample {
    var widths: [UInt8] = []
    var bytes: [UInt8] = []
    var numbers: [UInt32] = []

    init(_ widths: [Int], last: UInt32, step: UInt32, seed: UInt64) {
      var random = CounterRandom(seed: seed, stage: "packing-test")
      var last = last
      for (group, width) in widths.enumerated() {
        // The two high bits of a width mean something else.
        self.widths.append(UInt8(width) | (group == 0 ? UInt8(random.below(4)) << 6 : 0))
        var bits = [Bool](repeating: false, count: 8 * width)
        for i in 0..<8 {
          let gap = width == 0 ? 0 : UInt32(truncatingIfNeeded: random.next() >> UInt64(64 - width))
          for bit in 0..<width { bits[i * width + bit] = gap >> UInt32(bit) & 1 == 1 }
          last = last &+ step &+ gap
          numbers.append(last)
        }
        for byte in 0..<width { bytes.append((0..<8).reduce(0) { $0 | (bits[8 * byte + $1] ? 1 << $1 : 0) }) }
      }
    }
  }

  @Test("Every variant reads what was packed", arguments: [MILL_SCALAR, MILL_AVX2, MILL_AVX512, MILL_NEON])
  func variants(variant: mill_variant) throws {
    guard let unpack = mill_unpack_of(variant) else {
      #expect(mill_variant_available(variant) == 0)
      return
    }
    var random = CounterRandom(seed: 7, stage: "packing-widths")
    let lists =
      Self.widths.map { [$0] }
      + (0..<60).map { _ in (0..<Int(1 + random.below(20))).map { _ in Self.widths[Int(random.below(27))] } }
    for (seed, widths) in lists.enumerated() {
      for step: UInt32 in [0, 1] {
        let last = UInt32(truncatingIfNeeded: random.next())
        let sample = Sample(widths, last: last, step: step, seed: UInt64(seed))
        // What lies behind the groups must not matter.
        let bytes = sample.bytes + [UInt8](repeating: 0xa5, count: Int(MILL_PACKING_PADDING))
        var numbers = [UInt32](repeating: 0, count: 8 * widths.count)
        bytes.withUnsafeBufferPointer { bytes in
          let end = unpack(sample.widths, bytes.baseAddress!, widths.count, last, step, &numbers)
          #expect(end - bytes.baseAddress! == sample.bytes.count)
        }
        #expect(numbers == sample.numbers, "widths \(widths)")
      }
    }
  }

  @Test func theBestVariantIsOneOfThem() {
    var numbers = [UInt32](repeating: 0, count: 8)
    _ = mill_unpack_best()([0], [UInt8](repeating: 0, count: Int(MILL_PACKING_PADDING)), 1, 41, 1, &numbers)
    #expect(numbers == Array(42..<50))
  }
}
