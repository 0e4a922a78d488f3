import Synchronization
import Testing

@testable import MillRuntime

@Suite struct ParallelTests {
  @Test("Every chunk runs once", arguments: [0, 1, 2, 3, 100, 5000], [1, 2, 4, 9])
  func everyChunkOnce(chunks: Int, threads: Int) throws {
    let counts = try FlatBuffer<Int>(count: max(1, chunks))
    Parallel.forEach(chunks, threads: threads) { chunk, worker in
      #expect(worker >= 0 && worker < threads)
      counts.base[chunk] += 1
    }
    #expect(counts.elements.prefix(chunks).allSatisfy { $0 == 1 })
  }

  @Test func nestedLoopsRunSerially() {
    let sum = Atomic<Int>(0)
    Parallel.forEach(20, threads: 3) { outer, _ in
      Parallel.forEach(30, threads: 3) { inner, _ in sum.wrappingAdd(outer * 30 + inner, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == (0..<600).reduce(0, +))
  }

  @Test("The lowest failing chunk is reported", arguments: [1, 2, 4])
  func lowestFailure(threads: Int) {
    for _ in 0..<50 {
      do {
        try Parallel.forEachThrowing(200, threads: threads) { chunk, _ throws(MillError) in
          if chunk % 7 == 3 { throw MillError(.malformed, "chunk \(chunk)") }
        }
        Issue.record("did not throw")
      } catch {
        #expect(error.message == "chunk 3")
      }
    }
  }

  @Test func rangesCoverEverything() throws {
    let seen = try FlatBuffer<UInt8>(count: 1003)
    Parallel.forEachRange(of: 1003, size: 10, threads: 2) { range, _ in for i in range { seen.base[i] += 1 } }
    #expect(seen.elements.allSatisfy { $0 == 1 })
  }

  @Test func manyShortLoops() {
    let sum = Atomic<Int>(0)
    for _ in 0..<2000 { Parallel.forEach(4, threads: 2) { chunk, _ in sum.wrappingAdd(chunk, ordering: .relaxed) } }
    #expect(sum.load(ordering: .relaxed) == 12_000)
  }
}
