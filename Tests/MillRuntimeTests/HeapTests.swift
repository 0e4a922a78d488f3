import Testing

@testable import MillRuntime

@Suite struct HeapTests {
  @Test("Elements come out in ascending order, between pushes too", arguments: [0, 1, 2, 3, 17, 300])
  func ascending(count: Int) {
    var random = CounterRandom(seed: 4, stage: "heap", item: UInt64(count))
    var heap: [UInt64] = []
    var reference: [UInt64] = []
    for _ in 0..<count {
      for _ in 0..<1 + random.below(3) {
        let value = random.below(50)
        heap.pushHeap(value)
        reference.append(value)
      }
      reference.sort(by: >)
      #expect(heap.first == reference.last)
      #expect(heap.popHeap() == reference.popLast())
    }
    while let least = reference.popLast() { #expect(heap.popHeap() == least) }
    #expect(heap.popHeap() == nil)
  }
}
