import Testing

@testable import GraphSummarization

/// The tables against the published counts, and against a search that knows nothing of how they were made.
@Suite struct MergeTablesTests {
  let tables = MergeTables.shared

  private func histogram(_ values: [Int]) -> [Int: Int] { values.reduce(into: [:]) { $0[$1, default: 0] += 1 } }

  @Test func pairCosts() {
    #expect(histogram(tables.allPairEncodings.map { $0[0].count }) == [0: 1, 1: 21, 2: 106, 3: 108, 4: 20])
    #expect(tables.allPairEncodings.reduce(0) { $0 + $1.count } == 536)
    #expect((0..<256).allSatisfy { Int(tables.pairCost[$0]) == tables.allPairEncodings[$0][0].count })
    #expect(tables.pairCost[255] == 1 && tables.pairCost[0] == 0)
    #expect((0..<16).map { tables.pairTopCost[$0] } == [0, 1, 1, 1, 1, 1, 2, 2, 1, 2, 1, 2, 1, 2, 2, 1])
    #expect(
      histogram(tables.allPairEncodings.map { Set($0.map(\.dropped)).count }) == [1: 144, 2: 32, 3: 32, 4: 32, 5: 16])
  }

  @Test func innerCosts() {
    #expect(
      histogram(tables.allInnerEncodings.map { $0[0].count }) == [0: 1, 1: 18, 2: 114, 3: 324, 4: 405, 5: 162])
    #expect(tables.allInnerEncodings.reduce(0) { $0 + $1.count } == 2637)
    #expect((0..<8).map { tables.innerTopCost[$0] } == [0, 1, 1, 2, 1, 2, 2, 1])
    #expect(
      histogram(tables.allInnerEncodings.map { Set($0.map(\.dropped)).count })
        == [1: 459, 2: 358, 3: 66, 4: 33, 5: 108])
  }

  @Test("The upper part of every optimal encoding is optimal for the pattern that it drops")
  func upperParts() {
    for encoding in tables.allPairEncodings.joined() {
      #expect(encoding.upperCount == Int(tables.pairTopCost[encoding.dropped]))
    }
    for encoding in tables.allInnerEncodings.joined() {
      #expect(encoding.upperCount == Int(tables.innerTopCost[encoding.dropped]))
    }
  }

  /// Blocks that an edge at a position covers, written down apart from the tables.
  private static let pairMasks: [Int] =
    [255, 85, 170, 5, 10, 80, 160, 15, 240, 3, 12, 48, 192] + (0..<8).map { 1 << $0 }
  private static let innerMasks: [Int: Int] = {
    var masks = [0: 1023, 3: 7, 4: 896, 5: 120, 12: 40, 13: 80, 14: 24, 15: 96]
    for block in 0..<10 { masks[18 + block] = 1 << block }
    return masks
  }()

  private func net(_ encoding: Encoding, _ mask: (Int) -> Int, blocks: Int) -> [Int] {
    var net = [Int](repeating: 0, count: blocks)
    func add(_ packed: UInt64, _ count: Int) {
      for i in 0..<count {
        let byte = Int(packed >> UInt64(8 * i) & 255)
        for block in 0..<blocks where mask(byte & 127) >> block & 1 == 1 { net[block] += byte & 128 == 0 ? 1 : -1 }
      }
    }
    add(encoding.lower, encoding.lowerCount)
    add(encoding.upper, encoding.upperCount)
    return net
  }

  @Test func encodingsGiveTheirStates() {
    for (state, encodings) in tables.allPairEncodings.enumerated() {
      for encoding in encodings {
        #expect(net(encoding, { Self.pairMasks[$0] }, blocks: 8) == (0..<8).map { state >> $0 & 1 })
      }
    }
    for (state, encodings) in tables.allInnerEncodings.enumerated() {
      for encoding in encodings {
        #expect(net(encoding, { Self.innerMasks[$0]! }, blocks: 10) == (0..<10).map { state >> $0 & 1 })
      }
    }
  }

  /// States that some choice of at most `most` signed edges reaches, in any order and with any sums on the way.
  private func reachable(_ masks: [Int], blocks: Int, most: Int) -> [Int: Int] {
    var found: [Int: Int] = [:]
    var net = [Int](repeating: 0, count: blocks)
    func search(_ position: Int, _ used: Int) {
      if net.allSatisfy({ $0 == 0 || $0 == 1 }) {
        let state = net.enumerated().reduce(0) { $0 | $1.element << $1.offset }
        found[state] = min(found[state] ?? Int.max, used)
      }
      guard used < most else { return }
      for next in position..<masks.count {
        for sign in [1, -1] {
          for block in 0..<blocks where masks[next] >> block & 1 == 1 { net[block] += sign }
          search(next + 1, used + 1)
          for block in 0..<blocks where masks[next] >> block & 1 == 1 { net[block] -= sign }
        }
      }
    }
    search(0, 0)
    return found
  }

  @Test("No choice of edges, in whatever order, is smaller than the table says")
  func optimality() {
    for (state, cost) in reachable(Self.pairMasks, blocks: 8, most: 3) {
      #expect(cost == Int(tables.pairCost[state]))
    }
    let inner = Self.innerMasks.values.sorted()
    for (state, cost) in reachable(inner, blocks: 10, most: 3) {
      #expect(cost == tables.allInnerEncodings[state][0].count)
    }
  }

  @Test("Gains occur for as many pairs of states as published")
  func gains() {
    func gain(_ a: Int, _ b: Int) -> Int { Int(tables.gain(a, b)) }
    func count(_ a: Range<Int>, _ b: Range<Int>) -> Int {
      a.reduce(0) { sum, a in sum + b.reduce(0) { $0 + gain(a, $1) } }
    }
    #expect(count(256..<512, 256..<512) == 8323)
    #expect(count(256..<512, 0..<256) == 8971)
    #expect(count(0..<256, 256..<512) == 8971)
    #expect(count(0..<256, 0..<256) == 9779)
    for view in 0..<512 { #expect(gain(view, 0) == 0 && gain(256, view) == 0) }
  }

  @Test("Without a link between them two roots save nothing inside")
  func unlinkedInsides() {
    for typeA in stride(from: 0, to: 26, by: 5) {
      for typeB in stride(from: 4, to: 26, by: 7) {
        for stateA in stride(from: 0, to: 1024, by: 93) {
          for stateB in stride(from: 0, to: 1024, by: 101) {
            let inner = tables.innerMerge(
              typeA: typeA, stateA: typeA == 25 ? 0 : stateA, typeB: typeB, stateB: typeB == 25 ? 0 : stateB,
              view: MergeTables.noLink, mergedType: 0)
            #expect(inner.gain <= 0)
          }
        }
      }
    }
  }

  @Test func freeBlocksCoverNoPair() {
    #expect(MergeTables.freeBlocks(ofType: 24) == 7 | 896)
    #expect(MergeTables.freeBlocks(ofType: 0) == 0)
    #expect(MergeTables.freeBlocks(ofType: 5 * 1 + 2) == 1 | 512)
    #expect(MergeTables.freeBlocks(ofType: 5 * 3 + 4) == 5 | 896)
  }
}
