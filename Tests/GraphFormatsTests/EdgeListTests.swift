import Glibc
import GraphFormats
import GraphStore
import MillRuntime
import Testing

/// The lines of the format's test list that are read, and what they mean.
struct AcceptedFixture: CustomTestStringConvertible, Sendable {
  let name: String
  let text: String
  var file = "graph.txt"
  var nodes: [String]
  /// Edges as `u-v` or `u-v:weight`, u and v in node order.
  var edges: [String]
  var options: @Sendable (inout GraphReadOptions) -> Void = { _ in }
  var testDescription: String { name }

  static let all: [AcceptedFixture] = [
    .init(name: "empty file", text: "", nodes: [], edges: []),
    .init(name: "only comments", text: "# one\n% two\n\n   # three\n", nodes: [], edges: []),
    .init(name: "no final newline", text: "1\t2\n2\t3", nodes: ["1", "2", "3"], edges: ["1-2", "2-3"]),
    .init(name: "CRLF", text: "1\t2\r\n2\t3\r\n", nodes: ["1", "2", "3"], edges: ["1-2", "2-3"]),
    .init(name: "BOM", text: "\u{feff}1 2\n", nodes: ["1", "2"], edges: ["1-2"]),
    .init(name: "BOM before a comment", text: "\u{feff}# c\n1 2\n", nodes: ["1", "2"], edges: ["1-2"]),
    .init(name: "one edge", text: "5 3\n", nodes: ["3", "5"], edges: ["3-5"]),
    .init(name: "loop only", text: "4 4\n", nodes: ["4"], edges: ["4-4"]),
    .init(name: "loop dropped", text: "4 4\n", nodes: ["4"], edges: []) { $0.loops = .drop },
    .init(name: "duplicate both ways", text: "1 2\n2 1\n1 2\n", nodes: ["1", "2"], edges: ["1-2"]),
    .init(name: "multigraph", text: "1 2\n2 1\n", nodes: ["1", "2"], edges: ["1-2", "1-2"]) { $0.duplicates = .keep },
    .init(name: "directed", text: "1 2\n2 1\n1 3\n", nodes: ["1", "2", "3"], edges: ["1-2", "1-3", "2-1"]) {
      $0.isDirected = true
    },
    .init(
      name: "tabs and spaces mixed", text: "1\t \t2\n3 4\n5\t6\n", nodes: ["1", "2", "3", "4", "5", "6"],
      edges: ["1-2", "3-4", "5-6"]),
    .init(name: "blanks around", text: "  1 2  \n\t3 4\t\n \n", nodes: ["1", "2", "3", "4"], edges: ["1-2", "3-4"]) {
      $0.separator = .blanks
    },
    .init(name: "four columns", text: "1 2 9 8\n3 4 9 8\n", nodes: ["1", "2", "3", "4"], edges: ["1-2", "3-4"]),
    .init(name: "columns chosen", text: "x 1 y 2 0.5\n", nodes: ["1", "2"], edges: ["1-2:0.5"]) {
      $0.columns = ColumnRoles(source: 1, target: 3, weight: 4)
    },
    .init(
      name: "weights", text: "1 2 0.5\n2 3 -3\n3 1 1e3\n1 1 0x1p-3\n2 2 .5\n", file: "g.wel", nodes: ["1", "2", "3"],
      edges: ["1-1:0.125", "1-2:0.5", "1-3:1000.0", "2-2:0.5", "2-3:-3.0"]),
    .init(
      name: "weights added in input order", text: "1 2 0.1\n2 1 0.2\n1 2 0.3\n", file: "g.wel", nodes: ["1", "2"],
      edges: ["1-2:\(0.1 + 0.2 + 0.3)"]),
    .init(name: "first weight", text: "1 2 3\n2 1 2\n", file: "g.wel", nodes: ["1", "2"], edges: ["1-2:3.0"]) {
      $0.duplicates = .first
    },
    .init(name: "smallest weight", text: "1 2 3\n2 1 2\n", file: "g.wel", nodes: ["1", "2"], edges: ["1-2:2.0"]) {
      $0.duplicates = .min
    },
    .init(name: "largest weight", text: "1 2 2\n2 1 3\n", file: "g.wel", nodes: ["1", "2"], edges: ["1-2:3.0"]) {
      $0.duplicates = .max
    },
    .init(name: "negative zero", text: "1 2 -0\n", file: "g.wel", nodes: ["1", "2"], edges: ["1-2:0.0"]),
    .init(name: "weights of any text", text: "1 2 7\n", nodes: ["1", "2"], edges: ["1-2:7.0"]) { $0.weights = .yes },
    .init(
      name: "ids up to 2^64 - 1", text: "4294967295 4294967296\n18446744073709551615 0\n",
      nodes: ["0", "4294967295", "4294967296", "18446744073709551615"],
      edges: ["0-18446744073709551615", "4294967295-4294967296"]),
    .init(
      name: "ids of every length",
      text: "1 12\n123 1234\n12345 123456\n1234567 12345678\n123456789 1234567890\n12345678901 123456789012\n"
        + "1234567890123 12345678901234\n123456789012345 1234567890123456\n12345678901234567 123456789012345678\n",
      nodes: (1...18).map { String("123456789012345678".prefix($0)) },
      edges: stride(from: 1, to: 18, by: 2).map {
        "123456789012345678".prefix($0) + "-" + "123456789012345678".prefix($0 + 1)
      }.map { String($0) }),
    .init(name: "007 is 7", text: "007 8\n7 9\n", nodes: ["7", "8", "9"], edges: ["7-8", "7-9"]),
    .init(name: "007 as a label", text: "007 8\n7 9\n", nodes: ["007", "7", "8", "9"], edges: ["007-8", "7-9"]) {
      $0.ids = .string
    },
    .init(name: "labels", text: "b a\nc a\n", nodes: ["a", "b", "c"], edges: ["a-b", "a-c"]),
    .init(name: "labels in first-seen order", text: "b a\nc a\n", nodes: ["b", "a", "c"], edges: ["b-a", "a-c"]) {
      $0.labelOrder = .firstSeen
    },
    .init(
      name: "long labels",
      text: "abcdefghijklmnopqrstuvwxyz abcdefghijklmnop\nabcdefghijklmnopqrstuvwxya abcdefghijklmnopq\n",
      nodes: ["abcdefghijklmnop", "abcdefghijklmnopq", "abcdefghijklmnopqrstuvwxya", "abcdefghijklmnopqrstuvwxyz"],
      edges: ["abcdefghijklmnop-abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopq-abcdefghijklmnopqrstuvwxya"]),
    .init(
      name: "UTF-8 labels", text: "Zürich Genève\n東京 Zürich\n", nodes: ["Genève", "Zürich", "東京"],
      edges: ["Genève-Zürich", "Zürich-東京"]),
    .init(
      name: "integers, then labels", text: "1 2\n007 3\nx 1\n", nodes: ["007", "1", "2", "3", "x"],
      edges: ["007-3", "1-2", "1-x"]),
    .init(name: "commas", text: "1,2\n3 , 4\n", nodes: ["1", "2", "3", "4"], edges: ["1-2", "3-4"]),
    .init(name: "semicolons", text: "1;2\n3;4\n", nodes: ["1", "2", "3", "4"], edges: ["1-2", "3-4"]),
    .init(name: "csv with a header", text: "id_1,id_2\n1,2\n", file: "g.csv", nodes: ["1", "2"], edges: ["1-2"]),
    .init(
      name: "csv without a header", text: "1,2\n3,4\n", file: "g.csv", nodes: ["1", "2", "3", "4"],
      edges: ["1-2", "3-4"]),
    .init(name: "csv told by content", text: "a_node,b_node\n1,2\n", nodes: ["1", "2"], edges: ["1-2"]),
    .init(
      name: "csv of labels with a known header", text: "source,target\nx,y\n", file: "g.csv", nodes: ["x", "y"],
      edges: ["x-y"]),
    .init(
      name: "csv of labels without a header", text: "w,x\nx,y\n", file: "g.csv", nodes: ["w", "x", "y"],
      edges: ["w-x", "x-y"]),
    .init(name: "csv header declared", text: "w,x\nx,y\n", file: "g.csv", nodes: ["x", "y"], edges: ["x-y"]) {
      $0.header = .yes
    },
    .init(
      name: "csv quotes", text: "source,target\n\"a, b\",\"say \"\"hi\"\"\"\n", file: "g.csv",
      nodes: ["a, b", "say \"hi\""], edges: ["a, b-say \"hi\""]),
    .init(
      name: "csv weights by name", text: "source,target,weight\n1,2,0.5\n", file: "g.csv", nodes: ["1", "2"],
      edges: ["1-2:0.5"]),
    .init(name: "dense", text: "0 3\n", nodes: ["0", "1", "2", "3"], edges: ["0-3"]) { $0.ids = .dense },
    .init(name: "dense from 1", text: "1 3\n", nodes: ["0", "1", "2"], edges: ["0-2"]) {
      $0.ids = .dense
      $0.base = 1
    },
    .init(name: "dense with a node count", text: "0 1\n", nodes: ["0", "1", "2"], edges: ["0-1"]) {
      $0.ids = .dense
      $0.nodes = 3
    },
    .init(name: "lines skipped", text: "junk junk junk\n1 2\n", nodes: ["1", "2"], edges: ["1-2"]) { $0.skipLines = 1 },
    .init(
      name: "comments anywhere", text: "1 2\n# c\n2 3\n%c\n3 4\n", nodes: ["1", "2", "3", "4"],
      edges: ["1-2", "2-3", "3-4"]),
  ]
}

/// The lines of the format's test list that are refused.
struct RefusedFixture: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]
  var file = "graph.txt"
  let kind: MillError.Kind
  let line: Int?
  var byte: Int?
  var field: String?
  var options: @Sendable (inout GraphReadOptions) -> Void = { _ in }
  var testDescription: String { name }

  static let all: [RefusedFixture] = {
    var all: [RefusedFixture] = []
    func add(
      _ name: String, _ text: String, file: String = "graph.txt", _ kind: MillError.Kind, line: Int?, byte: Int? = nil,
      field: String? = nil, options: @escaping @Sendable (inout GraphReadOptions) -> Void = { _ in }
    ) {
      all.append(
        RefusedFixture(
          name: name, bytes: Array(text.utf8), file: file, kind: kind, line: line, byte: byte, field: field,
          options: options))
    }
    func add(raw name: String, _ bytes: [UInt8], _ kind: MillError.Kind, line: Int?, byte: Int? = nil) {
      all.append(RefusedFixture(name: name, bytes: bytes, kind: kind, line: line, byte: byte))
    }
    add("lone CR", "1 2\r3 4\n", .loneCarriageReturn, line: 1, byte: 3)
    add("lone CR in a comment", "# a\r1 2\n", .loneCarriageReturn, line: 1, byte: 3)
    add("id 2^64", "1 2\n18446744073709551616 3\n", .idOutOfRange, line: 2, byte: 4, field: "18446744073709551616")
    add("id of 21 digits", "1 2\n3 100000000000000000000\n", .idOutOfRange, line: 2, byte: 6)
    add("negative id", "1 2\n-1 2\n", .notAnInteger, line: 2, byte: 4, field: "-1")
    add("fraction", "1 2\n1 1.0\n", .notAnInteger, line: 2, byte: 6, field: "1.0")
    add("signed id", "1 2\n+1 2\n", .notAnInteger, line: 2, byte: 4, field: "+1")
    add("label in compact mode", "1 2\nx 2\n", .notAnInteger, line: 2, byte: 4, field: "x") { $0.ids = .compact }
    add(raw: "NUL byte", [0x31, 0x20, 0x32, 0x0a, 0x31, 0x00, 0x32, 0x0a], .nulByte, line: 2, byte: 5)
    add(raw: "invalid UTF-8", [0x61, 0x20, 0x62, 0x0a, 0x61, 0x20, 0xff, 0x0a], .notUTF8, line: 2, byte: 6)
    add(
      raw: "line beyond 1 MiB", Array("1 2\n".utf8) + [UInt8](repeating: 0x31, count: 1 << 20 + 1), .lineTooLong,
      line: 2,
      byte: 4)
    add(
      raw: "label beyond 64 KiB", [UInt8](repeating: 0x61, count: 65_536) + Array(" b\n".utf8), .labelTooLong, line: 1)
    add("one field", "1 2\n3\n", .missingField, line: 2, byte: 4, field: "3")
    add("infinite weight", "1 2 1\n1 2 1e400\n", file: "g.wel", .badWeight, line: 2, byte: 10, field: "1e400")
    add("weight nan", "1 2 nan\n", file: "g.wel", .badWeight, line: 1, byte: 4, field: "nan")
    add("weight missing", "1 2\n", file: "g.wel", .missingField, line: 1)
    add("weight with junk", "1 2 3x\n", file: "g.wel", .badWeight, line: 1, field: "3x")
    add("another separator", "1 2\n3\t4\n", .mixedSeparators, line: 2, byte: 5)
    add("comma in a tab file", "1\t2\n3,4\n", .missingField, line: 2)
    add("comma field in a tab file", "1\t2\n3,4 5\n", .notAnInteger, line: 2, field: "3,4")
    add("empty field", "1,2\n,3\n", .emptyField, line: 2, byte: 4)
    add("open quote", "source,target\n\"a,b\n", file: "g.csv", .badQuote, line: 2, byte: 14)
    add("text behind a quote", "source,target\n\"a\"x,b\n", file: "g.csv", .badQuote, line: 2)
    add("self-loop", "1 2\n3 3\n", .selfLoop, line: 2, field: "3") { $0.loops = .error }
    add("self-loop of labels", "a b\nc c\n", .selfLoop, line: 2, field: "c") { $0.loops = .error }
    add("duplicate", "1 2\n2 1\n", .duplicateEdge, line: 2, field: "2 1") { $0.duplicates = .error }
    add("id beyond the node count", "0 1\n1 3\n", .idOutOfRange, line: 2, byte: 6, field: "3") {
      $0.ids = .dense
      $0.nodes = 3
    }
    add("id below the base", "1 2\n0 1\n", .idOutOfRange, line: 2, byte: 4, field: "0") {
      $0.ids = .dense
      $0.base = 1
    }
    add("dense ids far apart", "0 4000000000\n", .idOutOfRange, line: nil, field: "4000000000") { $0.ids = .dense }
    add("bare header, strict", "3 2\n1 2\n2 3\n", .countMismatch, line: 1) { $0.isStrict = true }
    add("wrong SNAP counts, strict", "# Nodes: 9 Edges: 1\n1 2\n", .countMismatch, line: 1) { $0.isStrict = true }
    return all
  }()
}

@Suite struct EdgeListTests {
  static let chunkSizes = [1, 2, 3, 5, 7, 8, 11, 16, 31, 64, 1 << 20]

  private func expected(_ fixture: AcceptedFixture) -> [String] { fixture.edges.sorted() }

  @Test("Accepted fixtures, from every kind of source and at every chunk size", arguments: AcceptedFixture.all)
  func accepted(fixture: AcceptedFixture) throws {
    let scratch = Scratch()
    let bytes = Array(fixture.text.utf8)
    var options = GraphReadOptions()
    fixture.options(&options)
    let plain = scratch.file(fixture.file, bytes)
    let whole = try readGraph(plain, options: options)
    #expect(whole.graph.nodeNames == fixture.nodes)
    #expect(whole.graph.spelledEdges == expected(fixture))
    let sources = [
      plain, try scratch.compressed(fixture.file, ending: ".gz", bytes),
      try scratch.compressed(fixture.file, ending: ".zst", bytes),
    ]
    for source in sources {
      for chunk in Self.chunkSizes {
        options.chunkBytes = chunk
        for threads in [1, 3] {
          let reading = try readGraph(source, options: options, context: RunContext(threads: threads))
          #expect(reading.graph.fingerprint() == whole.graph.fingerprint(), "chunk \(chunk), \(source)")
          var report = reading.report
          report.compression = whole.report.compression
          #expect(report == whole.report, "chunk \(chunk), \(source)")
        }
      }
    }
  }

  @Test("Refused fixtures, with the same place at every chunk size", arguments: RefusedFixture.all)
  func refused(fixture: RefusedFixture) throws {
    let scratch = Scratch()
    var options = GraphReadOptions()
    fixture.options(&options)
    let plain = scratch.file(fixture.file, fixture.bytes)
    let packed = try scratch.compressed(fixture.file, ending: ".gz", fixture.bytes)
    var seen: MillError?
    for source in [plain, packed] {
      for chunk in Self.chunkSizes where fixture.bytes.count < 1000 || chunk > 1000 {
        options.chunkBytes = chunk
        for threads in [1, 2] {
          do {
            _ = try readGraph(source, options: options, context: RunContext(threads: threads))
            Issue.record("was read at chunk \(chunk)")
          } catch {
            #expect(error.kind == fixture.kind)
            #expect(error.exitCode == 65)
            #expect(error.line == fixture.line)
            #expect(error.file == source)
            if let byte = fixture.byte { #expect(error.byte == byte) }
            if let field = fixture.field { #expect(error.field == field) }
            var error = error
            error.file = plain
            if let seen { #expect(seen == error) } else { seen = error }
          }
        }
      }
    }
  }

  @Test func reportCountsEveryKindOfLine() throws {
    let scratch = Scratch()
    let path = scratch.file("g.txt", "# Nodes: 4 Edges: 5\n1 2\n\n2 1 7\n3 3\n% x\n3 3\n4 1\n")
    let report = try readGraph(path).report
    #expect(report.lines == 8)
    #expect(report.comments == 2)
    #expect(report.blanks == 1)
    #expect(report.extraColumnLines == 1)
    #expect(report.edges.edges == 5)
    #expect(report.edges.duplicates == 2)
    #expect(report.edges.selfLoops == 2)
    #expect(report.edges.minimumID == 1)
    #expect(report.edges.maximumID == 4)
    #expect(report.warnings.count == 1)
  }

  @Test(
    "Headers that lie are warned about, not obeyed",
    arguments: [
      ("# Nodes: 9 Edges: 1\n1 2\n", "9 nodes"), ("% 5 2 2\n1 2\n", "5 edges"), ("3 2\n1 2\n2 3\n", "header of counts"),
      ("1 2\nx 3\n", "'x' on line 2"), ("# c\n1 x\n", "'x' on line 2"),
    ])
  func warnings(text: String, word: String) throws {
    let scratch = Scratch()
    let report = try readGraph(scratch.file("g.txt", text)).report
    #expect(report.warnings.contains { $0.contains(word) }, "\(report.warnings)")
  }

  @Test func anyBytesAsLabels() throws {
    let scratch = Scratch()
    let path = scratch.file("g.txt", [0x61, 0x20, 0xff, 0x0a])
    var options = GraphReadOptions()
    options.allowsByteLabels = true
    let graph = try readGraph(path, options: options).graph
    guard case .labels(let table) = graph.names else {
      Issue.record("no labels")
      return
    }
    #expect(Array(table[1]) == [0xff])
  }

  @Test func fifoGivesTheSameGraph() throws {
    let scratch = Scratch()
    let text = (0..<2000).map { "\($0 % 97)\t\($0 * 7 % 89)\n" }.joined()
    let plain = try readGraph(scratch.file("g.txt", text)).graph
    let fifo = scratch.file("pipe")
    #expect(mkfifo(fifo, 0o600) == 0)
    let child = fork_writer(fifo, text)
    let piped = try readGraph(fifo).graph
    pthread_join(child, nil)
    #expect(piped.fingerprint() == plain.fingerprint())
  }

  @Test func emptyPathAndFolderAreRefused() {
    for path in ["/nonexistent/graph.txt", "/tmp"] {
      do {
        _ = try readGraph(path)
        Issue.record("was read")
      } catch {
        #expect(error.exitCode == 66)
      }
    }
  }
}

/// Writes `text` into a FIFO from a thread of its own.
private func fork_writer(_ path: String, _ text: String) -> pthread_t {
  final class Job {
    let path: String
    let text: String
    init(_ path: String, _ text: String) { (self.path, self.text) = (path, text) }
  }
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { argument in
      let job = Unmanaged<Job>.fromOpaque(argument!).takeRetainedValue()
      let file = fopen(job.path, "w")!
      fputs(job.text, file)
      fclose(file)
      return nil
    }, Unmanaged.passRetained(Job(path, text)).toOpaque())
  return thread
}
