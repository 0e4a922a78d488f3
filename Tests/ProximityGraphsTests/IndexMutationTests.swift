import Glibc
import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

/// Changed bytes under right checksums: a file is refused, or what it holds is searched and changed without a crash.
///
/// The rounds are the same in every run. `GRAPHMILL_FUZZ_SECONDS` adds a loop over fresh seeds for as long.
@Suite struct IndexMutationTests {
  @Test("Hierarchical indexes") func hierarchical() throws {
    let fuzzer = try IndexFuzzer(.hnsw)
    for round in 0..<150 as Range<UInt64> { try fuzzer.round(CounterRandom(seed: 21, stage: "mutations", item: round)) }
    #expect(fuzzer.opened > 20 && fuzzer.refused > 20)
  }

  @Test("Flat indexes") func flat() throws {
    let fuzzer = try IndexFuzzer(.nsw)
    for round in 0..<300 as Range<UInt64> { try fuzzer.round(CounterRandom(seed: 22, stage: "mutations", item: round)) }
    #expect(fuzzer.opened > 50 && fuzzer.refused > 50)
  }

  private static let seconds = getenv("GRAPHMILL_FUZZ_SECONDS").flatMap { Int(String(cString: $0)) }

  @Test("For as long as asked", .enabled(if: seconds != nil, "GRAPHMILL_FUZZ_SECONDS is not set")) func loop() throws {
    let fuzzers = [try IndexFuzzer(.hnsw), try IndexFuzzer(.nsw)]
    let end = ContinuousClock.now + .seconds(Self.seconds ?? 0)
    var seed = UInt64(time(nil)) << 20
    while ContinuousClock.now < end {
      seed += 1
      // A flat index takes a fifth of the time.
      for turn in 0..<6 {
        try fuzzers[min(turn, 1)].round(CounterRandom(seed: seed, stage: "mutations", item: UInt64(turn)))
      }
    }
    for fuzzer in fuzzers {
      print("fuzzing \(fuzzer.method): \(fuzzer.refused) refused, \(fuzzer.opened) opened")
      #expect(fuzzer.refused > 0 && fuzzer.opened > 0)
    }
  }
}

/// Changes the file of one index again and again.
private final class IndexFuzzer {
  let method: IndexMethod
  private(set) var opened = 0
  private(set) var refused = 0
  private let original: [UInt8]
  private let borders: [Int]
  private let folder = TemporaryFolder()
  private let path: String
  private let query: [Float] = [0.5, 0.5, 0.5, 0.5, 0.5]

  init(_ method: IndexMethod) throws {
    path = folder.file("mutated.gmx")
    self.method = method
    let table = try Samples.uniform(120, 5)
    for _ in 0..<5 { try table.append([2, 2, 2, 2, 2]) }
    let keys = (0..<125).map { 3 * $0 }
    switch method {
    case .hnsw:
      var options = HNSWOptions()
      options.m = 4
      options.efConstruction = 20
      let names = VectorKeys.names(keys.map { "object \($0)" })
      let index = try HNSWIndex(building: table, metric: .l2, naming: names, options: options)
      try index.remove(key: 6)
      try index.quantize(.uint8)
      try index.write(to: path)
    case .nsw:
      var options = NSWOptions()
      options.links = 4
      try NSWIndex(building: table, metric: .cosine, keys: keys, options: options).write(to: path)
    }
    original = try IndexBytes.read(path)
    borders = IndexBytes.borders(original)
  }

  /// One to five changes; then one look at the file.
  func round(_ draws: CounterRandom) throws {
    var random = draws
    var bytes = original
    for _ in 0...random.below(4) { change(&bytes, &random) }
    if random.below(8) == 0 { bytes.removeLast(1 + Int(random.below(UInt64(bytes.count - 64)))) }
    if random.below(4) == 0 { IndexBytes.fixHeader(&bytes) } else { IndexBytes.fixAll(&bytes) }
    try WholeFile.write(bytes, to: path)
    let verify = random.below(3) == 0 ? IndexVerification.full : .quick
    do throws(MillError) {
      switch try ProximityIndex.open(path, verify: verify) {
      case .hnsw(let index): try look(at: index)
      case .nsw(let index): try look(at: index)
      }
      opened += 1
    } catch {
      guard error.exitCode == 65 else { throw error }
      refused += 1
    }
  }

  /// Changes a byte or a word, anywhere or where a section begins or ends.
  private func change(_ bytes: inout [UInt8], _ random: inout CounterRandom) {
    var place = Int(random.below(700))
    switch random.below(4) {
    case 0: break
    case 1:
      let border = borders[Int(random.below(UInt64(borders.count)))]
      place = min(max(0, border + 8 * Int(random.below(18)) - 16), bytes.count - 8)
    default: place = 4096 + Int(random.below(UInt64(bytes.count - 4096)))
    }
    switch random.below(4) {
    case 0: bytes[place] = 255
    case 1: bytes[place] = UInt8(random.below(256))
    case 2: IndexBytes.put(UInt32(random.below(140)), at: place, &bytes)
    default:
      let power: UInt64 = 1 << random.below(64)
      IndexBytes.put(power - random.below(2), at: place, &bytes)
    }
  }

  private func look(at mapped: HNSWIndex) throws(MillError) {
    guard mapped.dimension == 5 else { return }
    do throws(MillError) {
      let search = graphOptions(ef: 30)
      _ = try mapped.search(query, k: 10, options: search)
      _ = try mapped.search(query, radius: 1)
      _ = mapped.unreachableCount() + mapped.linkCount + mapped.levelCounts.count
      _ = mapped.keys.map { mapped.name(ofKey: $0) }
      _ = mapped.key(named: "object 9")
      let even = mapped.filter { $0 % 2 == 0 }
      #expect(try mapped.search(query, k: 10, options: search, filter: even).keys.allSatisfy { $0 % 2 == 0 })
      #expect(try mapped.pages(query, options: search, filter: even).next(7).count <= 7)
    } catch {
      throw error
    }
    let loaded = try HNSWIndex.open(path, mapped: false)
    do throws(MillError) {
      try loaded.reorder(context: RunContext(threads: 1))
      _ = try? loaded.add(query, key: 1)
      _ = try? loaded.compact(context: RunContext(threads: 1))
      _ = try loaded.search(query, k: 3, options: graphOptions(ef: 10))
    } catch {
      throw error
    }
  }

  private func look(at index: NSWIndex) throws(MillError) {
    guard index.dimension == 5 else { return }
    do throws(MillError) {
      let n = index.count
      for (restarts, beam) in [(1, 1), (3, 10), (50, 300)] {
        let search = flatOptions(restarts: restarts, beam: beam)
        #expect(try index.search(query, k: 10, options: search).neighbors.count == min(10, n))
        let even = index.filter { $0 % 2 == 0 }
        let found = try index.search(query, k: 10, options: search, filter: even).keys
        #expect(found.count == min(10, even.count) && found.allSatisfy { $0 % 2 == 0 })
      }
      #expect(try index.search(query, k: n + 1).neighbors.count == n)
      #expect((0...max(0, n - 1)).contains(index.unreachableCount()) && index.degrees.count == n)
      _ = try index.neighborGraph(k: 3, options: flatOptions(restarts: 1), context: RunContext(threads: 1))
      _ = index.contains(key: 3) ? index.vector(forKey: 3) : nil
    } catch {
      throw error
    }
    let copy = folder.file("copy.gmx")
    try index.write(to: copy, replaces: true)
    #expect(try NSWIndex.open(copy).count == index.count)
  }
}
