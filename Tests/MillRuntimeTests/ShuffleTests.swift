import Testing

@testable import MillRuntime

@Suite struct ShuffleTests {
  @Test("A shuffle draws as the loop of Fisher and Yates does", arguments: [0, 1, 2, 3, 100])
  func shuffleByHand(count: Int) {
    for seed in 0..<20 as Range<UInt64> {
      var random = CounterRandom(seed: seed, stage: "shuffle")
      var expected = Array(0..<count)
      var i = count - 1
      while i > 0 {
        let j = Int(random.below(UInt64(i + 1)))
        (expected[i], expected[j]) = (expected[j], expected[i])
        i -= 1
      }
      var again = CounterRandom(seed: seed, stage: "shuffle")
      var shuffled = Array(0..<count)
      again.shuffle(&shuffled)
      #expect(shuffled == expected)
      #expect(again.next() == random.next())
    }
  }

  @Test func shuffleIsPinned() {
    var random = CounterRandom(seed: 42, stage: "golden")
    var letters = Array("abcdefgh")
    random.shuffle(&letters)
    #expect(String(letters) == "fabdhceg")
  }

  @Test("All orders of three come about equally often")
  func shuffleIsUniform() {
    var counts: [[Int]: Int] = [:]
    for item in 0..<6000 as Range<UInt64> {
      var random = CounterRandom(seed: 1, stage: "uniform", item: item)
      var three = [0, 1, 2]
      random.shuffle(&three)
      counts[three, default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { (850...1150).contains($0) })
  }
}
