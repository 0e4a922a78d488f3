import Testing

@testable import MillRuntime

@Suite struct SortWordsTests {
  @Test("Words are sorted", arguments: [0, 1, 2, 32, 33, 255, 257, 5000, 9000])
  func sorts(count: Int) {
    var random = CounterRandom(seed: 1, stage: "sort")
    for bits in [1, 8, 20, 64] {
      var words = (0..<count).map { _ in random.next() >> UInt64(64 - bits) }
      let expected = words.sorted()
      sortWords(&words)
      #expect(words == expected)
    }
  }

  @Test("Words that agree in the bits keep their order", arguments: [30, 40, 9000], [32..<64, 3..<9, 60..<64, 7..<7])
  func stable(count: Int, bits: Range<Int>) {
    var random = CounterRandom(seed: 2, stage: "sort", item: UInt64(count))
    // Few different values in every part of the word.
    var words = (0..<count).map { _ in random.below(5) << 60 | random.below(5) << 33 | random.below(5) << 5 | 1 }
    words[count / 2] = .max
    let mask = bits.reduce(0 as UInt64) { $0 | 1 << UInt64($1) }
    let expected = words.enumerated().sorted { ($0.element & mask, $0.offset) < ($1.element & mask, $1.offset) }
    var scratch = words
    words.withUnsafeMutableBufferPointer { words in
      scratch.withUnsafeMutableBufferPointer { scratch in
        sortWords(words.baseAddress!, scratch.baseAddress!, count: count, by: bits)
      }
    }
    #expect(words == expected.map(\.element))
  }
}
