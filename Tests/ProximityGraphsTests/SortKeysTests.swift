import MillRuntime
import Testing

@testable import ProximityGraphs

@Suite struct SortKeysTests {
  @Test("Radix sort is a sort", arguments: [0, 1, 255, 257, 5000])
  func sorts(count: Int) {
    var random = CounterRandom(seed: 1, stage: "sort")
    for bits in [8, 20, 64] {
      var keys = (0..<count).map { _ in random.next() >> UInt64(64 - bits) }
      let expected = keys.sorted()
      var scratch = keys
      keys.withUnsafeMutableBufferPointer { keys in
        scratch.withUnsafeMutableBufferPointer { scratch in
          // Arrays without elements have no address, and nothing to sort.
          if let base = keys.baseAddress, let room = scratch.baseAddress { sortKeys(base, count, scratch: room) }
        }
      }
      #expect(keys == expected)
    }
  }
}
