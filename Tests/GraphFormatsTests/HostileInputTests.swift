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

  @Test("Blanks count towards a line's length, from every source and at every chunk size")
  func longBlanks() throws {
    let scratch = Scratch()
    for (first, second) in [("3", "4"), ("a", "b")] {
      let text = "1\t2\n\(first)" + String(repeating: " ", count: 1 << 20) + "\(second)\n"
      let bytes = Array((first == "a" ? "x\ty\n" + text : text).utf8)
      for source in [scratch.file("g.txt", bytes), try scratch.compressed("g.txt", ending: ".gz", bytes)] {
        for chunk in [64, 1 << 16, 1 << 22] {
          var options = GraphReadOptions()
          options.chunkBytes = chunk
          let error = #expect(throws: MillError.self) { try readGraph(source, options: options) }
          #expect(error?.kind == .lineTooLong)
        }
      }
    }
  }

  @Test("Counts at the end of their range", arguments: ["18446744073709551615 0\n", "18446744073709551615 1\n1 2\n"])
  func largestID(text: String) throws {
    let scratch = Scratch()
    let graph = try readGraph(scratch.file("g.txt", text)).graph
    #expect(graph.node(named: "18446744073709551615") == graph.nodeCount - 1)
  }

  @Test("Options beyond all measure are refused", arguments: [Int.max, Int.max / 2, 1 << 41, -1])
  func absurdOptions(value: Int) throws {
    let scratch = Scratch()
    let path = scratch.file("g.txt", "1 2\n")
    var options = GraphReadOptions()
    options.ids = .dense
    options.nodes = value
    #expect(throws: MillError.self) { try readGraph(path, options: options) }
    options = GraphReadOptions()
    options.columns = ColumnRoles(source: .number(value))
    #expect(throws: MillError.self) { try readGraph(path, options: options) }
  }

  @Test func sumsOfWeightsStayFinite() throws {
    let scratch = Scratch()
    let path = scratch.file("g.wel", "1 2 1e308\n2 1 1e308\n")
    let error = #expect(throws: MillError.self) { try readGraph(path) }
    #expect(error?.exitCode == 65)
    var options = GraphReadOptions()
    options.duplicates = .max
    let graph = try readGraph(path, options: options).graph
    #expect(graph.weights?[0] == 1e308)
  }

  @Test(
    "Only a first line that counts the others is taken for a header",
    arguments: [
      ("1 2 0.5\n2 2 1\n2 3 2\n", false, GraphReadOptions.IDMode.auto), ("1 2\n2 1\n1 2\n", false, .auto),
      ("3 2\n1 2\n2 3\n", true, .auto), ("5 9\n0 1\n0 2\n0 3\n0 4\n1 2\n1 3\n1 4\n2 3\n2 4\n", true, .dense),
    ])
  func bareHeader(text: String, isHeader: Bool, ids: GraphReadOptions.IDMode) throws {
    let scratch = Scratch()
    var options = GraphReadOptions()
    options.ids = ids
    let warnings = try readGraph(scratch.file("g.txt", text), options: options).report.warnings
    #expect(warnings.contains { $0.contains("header of counts") } == isHeader)
  }

  @Test func optionsOfAContainer() throws {
    let scratch = Scratch()
    let graph = try readGraph(scratch.file("g.wel", "1 2 3\n2 2 1\n")).graph
    try writeGraph(graph, to: scratch.file("g.gmg"))
    var options = GraphReadOptions()
    options.loops = .drop
    options.weights = .no
    options.nodes = 10
    let reading = try readGraph(scratch.file("g.gmg"), options: options)
    #expect(reading.graph.edgeCount == 1)
    #expect(!reading.graph.isWeighted)
    #expect(reading.report.warnings.count == 1)
    options.loops = .error
    #expect(throws: MillError.self) { try readGraph(scratch.file("g.gmg"), options: options) }
  }

  @Test("A repeated edge is refused with its place", arguments: [7, 64, 1 << 20])
  func repeatedEdge(chunkBytes: Int) throws {
    let scratch = Scratch()
    var options = GraphReadOptions()
    options.duplicates = .error
    options.chunkBytes = chunkBytes
    for text in ["# x\n1 2\n\n2 3\n2 1\n1 2\n", "% x\nb a\n\n3 2\na b\n3 2\n"] {
      let bytes = Array(text.utf8)
      for path in [scratch.file("g.txt", bytes), try scratch.compressed("g.txt", ending: ".zst", bytes)] {
        let error = #expect(throws: MillError.self) { try readGraph(path, options: options) }
        #expect(error?.kind == .duplicateEdge)
        #expect(error?.line == 5)
        #expect(error?.byte == 13)
      }
    }
    options.isDirected = true
    let error = #expect(throws: MillError.self) {
      try readGraph(scratch.file("h.txt", "1 2\n2 1\n3 1\n2 1\n"), options: options)
    }
    #expect(error?.line == 4)
    var repeatsAreErrors = GraphReadOptions()
    repeatsAreErrors.duplicates = .error
    let matrix = "%%MatrixMarket matrix coordinate real general\n3 3 3\n1 2 1\n2 3 1\n1 2 4\n"
    let inMatrix = #expect(throws: MillError.self) { try readGraph(scratch.file("h.mtx", matrix), options: options) }
    #expect(inMatrix?.line == 5)
    // A general matrix is directed: (2, 1) is no repeat of (1, 2); a skew-symmetric one is mirrored after the count.
    for (kind, entries) in [
      ("general", "1 2 1\n2 1 1\n2 3 1\n2 3 1\n"), ("skew-symmetric", "2 1 1\n3 1 1\n3 2 1\n3 1 1\n"),
    ] {
      let text = "%%MatrixMarket matrix coordinate real \(kind)\n3 3 4\n" + entries
      let error = #expect(throws: MillError.self) {
        try readGraph(scratch.file("i.mtx", text), options: repeatsAreErrors)
      }
      #expect(error?.line == 6)
    }
  }

  @Test(
    "Strictness refuses every warning",
    arguments: [
      ("# Nodes: 5 Edges: 1\n1 2\n", 1), ("1 2\n# Nodes: 2 Edges: 4\n", 2), ("# a\n3 2\n1 2\n2 3\n", 2),
      ("1 2 9 9\n", nil), ("1 x\n2 3\n", nil), ("# nothing\n", nil),
    ] as [(String, Int?)])
  func strict(text: String, line: Int?) throws {
    let scratch = Scratch()
    let path = scratch.file("g.txt", text)
    #expect(try !readGraph(path).report.warnings.isEmpty)
    var options = GraphReadOptions()
    options.isStrict = true
    let error = #expect(throws: MillError.self) { try readGraph(path, options: options) }
    #expect(error?.exitCode == 65)
    #expect(error?.file == path)
    #expect(error?.line == line)
  }

  @Test func lossyOutputs() throws {
    let scratch = Scratch()
    let graph = try readGraph(scratch.file("g.mtx", "%%MatrixMarket matrix coordinate real general\n3 3 1\n1 2 1\n"))
      .graph
    var options = GraphWriteOptions()
    options.isStrict = true
    #expect(throws: MillError.self) { try writeGraph(graph, to: scratch.file("g.csv"), options: options) }
    #expect(throws: MillError.self) { try writeGraph(graph, to: scratch.file("g.parquet")) }
    #expect(try writeGraph(graph, to: scratch.file("g2.mtx"), options: options).warnings.isEmpty)
    #expect(try writeGraph(graph, to: scratch.file("g.wel"), options: options).warnings.isEmpty)
    #expect(try !writeGraph(graph, to: scratch.file("g.csv")).warnings.isEmpty)
  }
}
