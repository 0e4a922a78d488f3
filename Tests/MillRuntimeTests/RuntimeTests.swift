import Testing

@testable import MillRuntime

@Suite struct CounterRandomTests {
  @Test func drawsDependOnSeedStageItemAndCounterOnly() {
    var a = RandomStream(seed: 7, stage: "x").item(3)
    var b = CounterRandom(seed: 7, stage: "x", item: 3)
    let first = (0..<5).map { _ in a.next() }
    #expect(first == (0..<5).map { _ in b.next() })
    var others = [CounterRandom(seed: 8, stage: "x", item: 3), CounterRandom(seed: 7, stage: "y", item: 3)]
    others.append(CounterRandom(seed: 7, stage: "x", item: 4))
    for index in others.indices { #expect(others[index].next() != first[0]) }
    #expect(Set(first).count == 5)
  }

  @Test("Draws below a bound are uniform", arguments: [1, 2, 3, 10, 1000] as [UInt64])
  func below(bound: UInt64) {
    var random = CounterRandom(seed: 1, stage: "below")
    var counts = [Int](repeating: 0, count: Int(bound))
    let draws = 20_000
    for _ in 0..<draws { counts[Int(random.below(bound))] += 1 }
    let expected = Double(draws) / Double(bound)
    let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    // Mean bound - 1, standard deviation sqrt(2 (bound - 1)): six of them are never passed by a sound generator.
    let freedom = Double(bound - 1)
    #expect(chiSquare <= freedom + 6 * (2 * freedom).squareRoot() + 1)
  }

  @Test func unitsFillTheInterval() {
    var sum = 0.0
    for item in 0..<20_000 as Range<UInt64> {
      var random = CounterRandom(seed: 5, stage: "unit", item: item)
      let value = random.unit()
      #expect(value >= 0 && value < 1)
      sum += value
    }
    #expect(abs(sum / 20_000 - 0.5) < 0.02)
  }
}

@Suite(.serialized) struct FlatBufferTests {
  @Test("Buffers start as zero and are counted", arguments: [0, 1, 1000, 300_000, 3_000_000])
  func zeroed(count: Int) throws {
    let buffer = try FlatBuffer<UInt64>(count: count)
    #expect(buffer.elements.allSatisfy { $0 == 0 })
    #expect(UInt(bitPattern: buffer.base) % 64 == 0)
    if count > 0 { buffer.base[count - 1] = 5 }
    buffer.truncate(to: count / 2)
    #expect(buffer.count == count / 2)
  }

  @Test func absurdSizesAreRefused() {
    #expect(throws: MillError.self) { try FlatBuffer<UInt64>(count: Int.max / 2) }
    #expect(throws: MillError.self) { try FlatBuffer<UInt64>(count: 1 << 57) }
  }
}

@Suite struct ProgressTests {
  @Test func observerHearsTheEnd() {
    final class Box: @unchecked Sendable { var updates: [ProgressUpdate] = [] }
    let box = Box()
    let progress = RunProgress(interval: 0) { box.updates.append($0) }
    progress.begin("parse", total: 10, unit: .bytes)
    progress.advance(by: 4)
    progress.advance(by: 6)
    progress.end()
    #expect(box.updates.map(\.done) == [4, 10, 10])
    #expect(box.updates.last?.isLast == true)
    #expect(box.updates.first?.total == 10)
    #expect(box.updates.allSatisfy { $0.stage == "parse" && $0.seconds >= 0 })
  }
}

@Suite struct MillErrorTests {
  @Test func descriptionNamesThePlace() {
    let error = MillError(.malformed, "bad thing", file: "f.txt", line: 3, byte: 17, field: "x", hint: "do y")
    #expect(error.description == "f.txt:3: bad thing: 'x' (byte 17)\nhint: do y")
    #expect(error.exitCode == 65)
    #expect(MillError(.unreadable, "gone").inFile("g").description == "g: gone")
  }
}
