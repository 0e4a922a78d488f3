import MillRuntime
import Testing

@testable import GraphStore

@Suite struct SectionCodecsTests {
  private func encode(_ words: [UInt64]) throws -> [UInt8] {
    let buffer = try words.withUnsafeBufferPointer { try SectionCodecs.varintEncode(differencesOf: $0) }
    return withExtendedLifetime(buffer) { Array(buffer.elements) }
  }

  private func decode(_ bytes: [UInt8], count: Int) throws -> [UInt64] {
    var words = [UInt64](repeating: 0, count: count)
    try words.withUnsafeMutableBufferPointer { words in
      try bytes.withUnsafeBytes { try SectionCodecs.varintDecode($0, differencesInto: words) }
    }
    return words
  }

  @Test("Numbers of every width, alone and in a row")
  func widths() throws {
    var all: [UInt64] = [0]
    for bit in 0..<64 as Range<UInt64> { all += [1 << bit, (1 << bit) - 1, (1 << bit) | 1] }
    all.append(.max)
    for value in all {
      let bytes = try encode([value])
      #expect(bytes.count == max(1, (64 - value.leadingZeroBitCount + 6) / 7))
      #expect(try decode(bytes, count: 1) == [value])
    }
    // Sums, so that the differences are the numbers above.
    let sums = all.reduce(into: [UInt64]()) { $0.append(($0.last ?? 0) &+ $1) }
    #expect(try decode(encode(sums), count: sums.count) == sums)
    #expect(try decode([], count: 0) == [])
  }

  @Test func knownBytes() throws {
    #expect(try encode([0, 1, 128, 128 + 16_384]) == [0, 1, 0x7f, 0x80, 0x80, 0x01])
    #expect(try encode([5, 4]) == [5] + [UInt8](repeating: 0xff, count: 9) + [1])
  }

  @Test("Refused, near the end and far from it", arguments: [0, 20])
  func refusals(tail: Int) throws {
    let rest = [UInt8](repeating: 0, count: tail)
    let long = [UInt8](repeating: 0x80, count: 9)
    for bad: [UInt8] in [[0x80, 0], [0xff, 0x80, 0], long + [2], long + [0x80, 1], long + [0]] {
      let error = #expect(throws: MillError.self) { try decode(bad + rest, count: 1 + tail) }
      #expect(error?.kind == .corruptSection)
    }
    #expect(throws: MillError.self) { try decode([1, 2] + rest, count: 1 + tail) }  // bytes left over
    #expect(throws: MillError.self) { try decode([1] + rest, count: 2 + tail) }  // bytes missing
    #expect(throws: MillError.self) { try decode([UInt8](repeating: 0x80, count: tail), count: 1) }
  }

  @Test("Lists in any order survive", arguments: 0..<5 as Range<UInt64>)
  func lists(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "lists")
    let targets = (0..<200).map { _ in UInt32(truncatingIfNeeded: random.next() >> (random.next() % 64)) }
    let offsets: [UInt64] = [0, 0, 1, 50, 50, 199, 200]
    let again = try targets.withUnsafeBufferPointer { targets in
      try offsets.withUnsafeBufferPointer { offsets in
        let bytes = try SectionCodecs.varintEncode(lists: targets, offsets: offsets)
        let out = try FlatBuffer<UInt32>(count: targets.count)
        try SectionCodecs.varintDecode(
          UnsafeRawBufferPointer(bytes.elements), listsInto: out.mutableElements, offsets: offsets)
        return withExtendedLifetime((bytes, out)) { Array(out.elements) }
      }
    }
    #expect(again == targets)
  }

  @Test("zstd of several frames, the same for any number of threads", arguments: [0, 1, 4 << 20, 9_000_001])
  func zstd(count: Int) throws {
    let input = try FlatBuffer<UInt8>(count: count)
    for i in 0..<count / 64 { input.base[i * 64] = UInt8(truncatingIfNeeded: i &* i >> 7) }
    let bytes = UnsafeRawBufferPointer(input.elements)
    let one = try SectionCodecs.zstdEncode(bytes, context: RunContext(threads: 1))
    let two = try SectionCodecs.zstdEncode(bytes, context: RunContext(threads: 3))
    #expect(one.elements.elementsEqual(two.elements))
    let out = try FlatBuffer<UInt8>(count: count)
    let packed = UnsafeRawBufferPointer(one.elements)
    try SectionCodecs.zstdDecode(
      packed, into: UnsafeMutableRawBufferPointer(out.mutableElements), context: RunContext(threads: 2))
    #expect(out.elements.elementsEqual(input.elements))
    for wrong in [count + 1, count - 1] where wrong >= 0 {
      let other = try FlatBuffer<UInt8>(count: wrong)
      let error = #expect(throws: MillError.self) {
        try SectionCodecs.zstdDecode(
          packed, into: UnsafeMutableRawBufferPointer(other.mutableElements), context: RunContext(threads: 1))
      }
      #expect(error?.kind == .corruptSection)
    }
    withExtendedLifetime((input, one, two)) {}
  }
}
