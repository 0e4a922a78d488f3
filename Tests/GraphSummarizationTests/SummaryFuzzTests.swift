import Glibc
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphSummarization

/// Damaged files: whatever the bytes, reading ends in a typed error or in a summary that keeps its promises.
///
/// The rounds are the same in every run. `GRAPHMILL_FUZZ_SECONDS` adds a loop over fresh seeds for as long.
@Suite struct SummaryFuzzTests {
  @Test("Damaged files with checksums made good again", arguments: 0..<12) func binary(seed: Int) throws {
    let fuzzer = try BinaryFuzzer()
    var tally = FuzzTally()
    for round in 0..<400 { fuzzer.round(TestRandom(state: UInt64(seed * 1000 + round)), &tally) }
    #expect(tally.refused > 100 && tally.accepted > 0)
  }

  @Test("Damaged text files", arguments: 0..<8) func text(seed: Int) throws {
    let fuzzer = try TextFuzzer()
    var tally = FuzzTally()
    for round in 0..<60 { try fuzzer.round(TestRandom(state: UInt64(seed * 1000 + round)), &tally) }
    #expect(tally.refused > 10 && tally.accepted > 0)
  }

  private static let seconds = getenv("GRAPHMILL_FUZZ_SECONDS").flatMap { Int(String(cString: $0)) }

  @Test("For as long as asked", .enabled(if: seconds != nil, "GRAPHMILL_FUZZ_SECONDS is not set")) func loop() throws {
    let binary = try BinaryFuzzer()
    let text = try TextFuzzer()
    var tally = FuzzTally()
    let end = ContinuousClock.now + .seconds(Self.seconds ?? 0)
    var random = TestRandom(state: UInt64(time(nil)))
    while ContinuousClock.now < end {
      let seed = UInt64(random.below(1 << 30))
      for round in 0..<50 as Range<UInt64> { binary.round(TestRandom(state: seed &+ round), &tally) }
      try text.round(TestRandom(state: seed), &tally)
    }
    print("fuzzing: \(tally.refused) refused, \(tally.accepted) accepted")
    #expect(tally.refused > 0 && tally.accepted > 0)
  }
}

/// How the rounds ended.
private struct FuzzTally {
  var refused = 0
  var accepted = 0

  /// Counts an error, which must be one of bad data.
  mutating func refuse(_ error: MillError) {
    refused += 1
    #expect(error.exitCode == 65, "\(error)")
  }

  /// Counts a summary that was read, and asks it everything.
  mutating func accept(_ summary: GraphSummary) {
    accepted += 1
    let n = summary.nodeCount
    guard n <= 400, summary.edgeCount <= 100_000 else { return }
    do throws(MillError) {
      let graph = try summary.restoreSimple()
      #expect(graph.edgeCount == summary.edgeCount)
      if n <= 60 { #expect(SummaryReference(summary).faults(graph).isEmpty) }
      for v in 0..<n {
        #expect(summary.neighbors(of: v) == Array(graph.neighbors(of: v)))
        #expect(summary.degree(of: v) == graph.degree(of: v))
      }
      // What is kept beside the model either fits it or is refused.
      do throws(MillError) {
        let input = try summary.restore()
        #expect(input.nodeCount == n && input.edgeCount == summary.inputEdgeCount)
        #expect(input.isDirected == summary.isDirected && input.isWeighted == summary.isWeighted)
        try checkDeep(input)
      } catch {
        #expect(error.exitCode == 65, "\(error)")
      }
      if n > 0 {
        _ = summary.breadthFirstLevels(from: n / 2)
        _ = try summary.triangleCount()
        _ = try summary.pageRank(maximumRounds: 2)
      }
    } catch {
      // Coverage by other than 0 or 1 edges is found by restoring alone; questions must stand it.
      #expect(error.exitCode == 65, "\(error)")
      for v in 0..<n {
        _ = summary.neighbors(of: v)
        _ = summary.hasEdge(v, n - 1 - v)
      }
      if n > 0 { _ = summary.breadthFirstLevels(from: 0) }
      _ = try? summary.triangleCount()
    }
  }
}

private struct BinaryFuzzer {
  private var corpus: [[UInt8]] = []

  init() throws {
    let folder = TemporaryFolder()
    let graphs: [CSRGraph] = [
      try TestGraph.nested(45, seed: 2).frozen(), try TestGraph.clique(9).frozen(), try TestGraph.isolated.frozen(),
      try TestGraph.biclique(4, 6).frozen().named((0..<10).map { UInt64($0 * $0 * 77) }),
      try TestGraph.star(5).frozen().named(["a", "", "long name", "ä", "z"]), try TestGraph.empty.frozen(),
      try SideSample.graph(seed: 1, isDirected: true, isWeighted: true, hasLoops: true, hasCopies: true),
      try SideSample.graph(seed: 2, isDirected: false, isWeighted: true, hasLoops: true, hasCopies: true),
      try SideSample.graph(seed: 3, isDirected: true, isWeighted: false, hasLoops: false, hasCopies: false),
    ]
    for (index, graph) in graphs.enumerated() {
      for compresses in [false, true] {
        var options = SummaryFileOptions()
        options.compresses = compresses
        options.provenance = index == 1 ? "{}" : nil
        let path = folder.file("\(index)\(compresses).gms")
        try writeSummary(summarize(of: graph).summary, to: path, options: options)
        corpus.append(try fileBytes(path))
      }
    }
    corpus += VersionOneFile.all.map(\.bytes)
  }

  func round(_ random: TestRandom, _ tally: inout FuzzTally) {
    var random = random
    var bytes = corpus[random.below(corpus.count)]
    let places = Self.places(bytes)
    for _ in 0...random.below(4) {
      let at = places[random.below(places.count)]
      guard at < bytes.count else { continue }
      switch random.below(8) {
      case 0: bytes[at] = UInt8(random.below(256))
      case 1: bytes[at] = random.below(2) == 0 ? 0 : 255
      case 2:
        // A whole number in the header or its table.
        let word = 8 * random.below(min(64, bytes.count / 8))
        let values: [UInt64] = [0, 1, 2, 7, 4096, 1 << 16, 1 << 30, 1 << 31, 1 << 32, 1 << 62, .max]
        let value = values[random.below(values.count)]
        for i in 0..<8 { bytes[word + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
      case 3:
        let other = corpus[random.below(corpus.count)]
        for i in 0..<min(1 + random.below(40), bytes.count - at, max(0, other.count - at)) {
          bytes[at + i] = other[at + i]
        }
      case 4 where bytes.count > 300: bytes.removeLast(1 + random.below(bytes.count - 200))
      default: bytes[at] ^= UInt8(1 << random.below(8))
      }
    }
    if random.below(8) > 0 { Self.seal(&bytes) }
    do throws(MillError) {
      tally.accept(try read(bytes))
    } catch {
      tally.refuse(error)
    }
  }

  /// Reads from memory of just this size, so that a step beyond its end is seen by an address sanitizer.
  private func read(_ bytes: [UInt8]) throws(MillError) -> GraphSummary {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    return try readSummary(bytes: UnsafeRawBufferPointer(buffer))
  }

  private static func word(_ bytes: [UInt8], _ at: Int) -> Int {
    guard at + 8 <= bytes.count else { return 0 }
    let value = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    return Int(exactly: value) ?? -1
  }

  private static func table(_ bytes: [UInt8]) -> [(entry: Int, content: Range<Int>)] {
    let count = bytes.count < 64 ? 0 : min(20, Int(bytes[56]))
    return (0..<count).compactMap { i in
      let entry = 64 + 40 * i
      let (offset, length) = (word(bytes, entry + 8), word(bytes, entry + 16))
      guard entry + 40 <= bytes.count, offset >= 0, length >= 0, offset <= bytes.count,
        length <= bytes.count - offset
      else { return nil }
      return (entry, offset..<offset + length)
    }
  }

  /// Bytes that mean something: header, table and contents, without the padding between.
  private static func places(_ bytes: [UInt8]) -> [Int] {
    let table = table(bytes)
    return Array(0..<64 + 40 * table.count) + table.flatMap { Array($0.content) }
  }

  /// Makes length and checksums fit what was changed, so that what lies behind them is reached.
  private static func seal(_ bytes: inout [UInt8]) {
    guard bytes.count >= 64 else { return }
    func put(_ value: UInt64, _ at: Int, _ width: Int) {
      for i in 0..<width { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
    }
    put(UInt64(bytes.count), 48, 8)
    for (entry, content) in table(bytes) { put(bytes[content].withUnsafeBytes { xxh3($0) }, entry + 32, 8) }
    let header = Int(UInt32(truncatingIfNeeded: word(bytes, 8) >> 32))
    guard header >= 64, header <= bytes.count else { return }
    put(0, 60, 4)
    put(UInt64(bytes[..<header].withUnsafeBytes { crc32c($0) }), 60, 4)
  }
}

private struct TextFuzzer {
  private static let pieces: [[UInt8]] = [
    "0", "1", "7", "n45", "n46", "n50", "n", "\t", " ", "\n", "\r\n", "#", "# isolated 3\n", "% x\n", "-1", "x",
    "18446744073709551616", "n4\tn4\n", "3\tn45\n", "1\t1\n", "0\t1\n",
  ].map { Array($0.utf8) }

  private let folder = TemporaryFolder()
  private var corpus: [[[UInt8]]] = []

  init() throws {
    for graph in [TestGraph.nested(45, seed: 2), .biclique(4, 6), .clique(9), .isolated] {
      let paths = SummaryTextPaths(prefix: folder.file("c\(corpus.count)"))
      try writeSummaryText(summarize(of: graph.frozen()).summary, to: paths)
      corpus.append(try [paths.hierarchy, paths.positive, paths.negative].map { try fileBytes($0) })
    }
  }

  func round(_ random: TestRandom, _ tally: inout FuzzTally) throws {
    var random = random
    var texts = corpus[random.below(corpus.count)]
    for _ in 0...random.below(4) {
      let file = random.below(3)
      let at = random.below(texts[file].count + 1)
      switch random.below(5) {
      case 0 where at < texts[file].count: texts[file][at] = UInt8(random.below(256))
      case 1 where at < texts[file].count: texts[file].remove(at: at)
      case 2: texts[file].removeLast(min(texts[file].count, random.below(20)))
      case 3:
        let other = corpus[random.below(corpus.count)][random.below(3)]
        texts[file] += other.prefix(random.below(30))
      default: texts[file].insert(contentsOf: Self.pieces[random.below(Self.pieces.count)], at: at)
      }
    }
    let paths = SummaryTextPaths(prefix: folder.file("f"))
    for (path, text) in zip([paths.hierarchy, paths.positive, paths.negative], texts) {
      guard let file = fopen(path, "w") else { continue }
      fwrite(text, 1, text.count, file)
      fclose(file)
    }
    do throws(MillError) {
      tally.accept(try readSummaryText(paths))
    } catch {
      tally.refuse(error)
    }
  }
}
