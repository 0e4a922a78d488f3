import Glibc
import GraphStore
import MillRuntime
import Testing

@testable import GraphFormats

/// Input that nobody meant: never a crash, always a graph or an error with its place.
@Suite struct HostileInputTests {
  private static let pieces: [[UInt8]] =
    [
      "0", "7", "12", "4294967295", "4294967296", "18446744073709551615", "18446744073709551616", "007", "-1", "1.5",
      "x", "é",
      "\t", " ", "  ", ",", ";", "\n", "\n", "\n", "\r\n", "\r", "#", "%", "\"", "\"\"", "1e400", "nan", "0x1p-3",
      "# Nodes: 3",
      "% 1 2 3", "%%MatrixMarket matrix coordinate real general\n", "source,target\n",
    ].map { Array($0.utf8) } + [[0], [0xff], [0xef, 0xbb, 0xbf], [0x89, 0x47, 0x4d, 0x47], [0x1f, 0x8b]]

  @Test("Random texts", arguments: 0..<60 as Range<UInt64>)
  func randomTexts(seed: UInt64) throws {
    let scratch = Scratch()
    var random = CounterRandom(seed: seed, stage: "hostile")
    for round in 0..<20 {
      var bytes: [UInt8] = []
      for _ in 0..<random.below(40) { bytes += Self.pieces[Int(random.below(UInt64(Self.pieces.count)))] }
      let path = scratch.file(["g.txt", "g.csv", "g.mtx", "g.wel", "g.gmg"][round % 5], bytes)
      var options = GraphReadOptions()
      options.ids = GraphReadOptions.IDMode.allCases[Int(random.below(4))]
      options.weights = GraphReadOptions.Weights.allCases[Int(random.below(3))]
      options.isDirected = random.below(2) == 0
      options.allowsByteLabels = random.below(4) == 0
      var outcomes: Set<String> = []
      for (chunk, threads) in [(1 << 20, 1), (1, 2), (5, 1), (17, 3)] {
        options.chunkBytes = chunk
        do {
          let graph = try readGraph(path, options: options, context: RunContext(threads: threads)).graph
          try checkDeep(graph)
          outcomes.insert(graph.fingerprint())
        } catch {
          #expect([65, 66, 71].contains(error.exitCode), "\(error)")
          outcomes.insert(error.description)
        }
      }
      #expect(outcomes.count == 1, "\(outcomes) of \(bytes)")
    }
  }

  @Test("A file that shrinks or grows while it is read", arguments: [0, 10, 5000])
  func changingFile(newSize: Int) throws {
    let scratch = Scratch()
    let path = scratch.file("g.txt", String(repeating: "12 34\n", count: 500))
    let source = TextSource(try ByteStream(path), name: path, chunkBytes: 64)
    let buffer = try TextSource.Buffer()
    try source.load(0, into: buffer)
    #expect(truncate(path, newSize) == 0)
    do {
      for chunk in 0..<source.chunkCount! { try source.load(chunk, into: buffer) }
      try source.checkUnchanged()
      Issue.record("was not noticed")
    } catch {
      #expect(error.exitCode == 74)
    }
  }

  @Test("A line of 1 MiB is read, one byte more is not", arguments: [0, 1])
  func longestLine(extra: Int) throws {
    let scratch = Scratch()
    let line = "#" + String(repeating: "x", count: (1 << 20) - 1 + extra) + "\n1 2\n"
    for source in [scratch.file("g.txt", line), try scratch.compressed("g.txt", ending: ".zst", Array(line.utf8))] {
      for chunk in [64, 1 << 16, 1 << 20, 1 << 22] {
        var options = GraphReadOptions()
        options.chunkBytes = chunk
        if extra == 0 {
          #expect(try readGraph(source, options: options).graph.edgeCount == 1)
        } else {
          do {
            _ = try readGraph(source, options: options)
            Issue.record("was read at chunk \(chunk)")
          } catch {
            #expect(error.kind == .lineTooLong)
          }
        }
      }
    }
  }
}
