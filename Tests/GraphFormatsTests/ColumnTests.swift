import GraphFormats
import GraphStore
import MillRuntime
import TestSupport
import Testing

/// Tables as other programs write them, and the edges that they mean.
struct TableFixture: CustomTestStringConvertible, Sendable {
  let name: String
  let text: String
  var file = "graph.txt"
  /// Edges as `source-target` or `source-target:weight`, sorted.
  let edges: [String]
  var isDirected = false
  /// A word of each warning, in order.
  var warnings: [String] = []
  var options = GraphReadOptions()
  var testDescription: String { name }

  static let all: [TableFixture] = [
    // Header words, whatever their order, case, blanks and quotes.
    .init(name: "reversed columns", text: "target,source\n2,1\n", edges: ["1-2"], options: .init(isDirected: true)),
    .init(name: "capital letters", text: "Source;Target;Weight\n1;2;0.5\n", edges: ["1-2:0.5"]),
    .init(name: "blanks around names", text: " Source , Target \n1,2\n", edges: ["1-2"]),
    .init(name: "quoted names", text: "\"from\",\"to\"\n\"a\",\"b\"\n", edges: ["a-b"]),
    .init(name: "BOM before the header", text: "\u{feff}source,target\nx,y\n", edges: ["x-y"]),
    .init(name: "pipes", text: "src|dst|w\n1|2|3\n", edges: ["1-2:3.0"]),
    .init(
      name: "pipes of an interchange schema", text: "Person1Id|Person2Id|creationDate\n1|2|x\n", edges: ["1-2"],
      warnings: ["creationDate"]),
    .init(name: "one name of ids twice", text: "Person.id|Person.id\n7|8\n", edges: ["7-8"]),
    .init(name: "tabs", text: "head\ttail\na b\tc d\n", edges: ["a b-c d"]),
    .init(name: "node and number", text: "x,node_2,node_1\n9,2,1\n", edges: ["1-2"], warnings: ["not used: x"]),
    .init(
      name: "gene a and b", text: "gene_a\tgene_b\nTP53\tMDM2\n", edges: ["MDM2-TP53"], warnings: ["taken as a header"]),
    .init(name: "prefixes", text: "to_user_id,from_user_id\n2,1\n", edges: ["1-2"], options: .init(isDirected: true)),
    .init(
      name: "times are no ends", text: "start_date,end_date,from,to\n1,2,3,4\n", edges: ["3-4"],
      warnings: ["start_date, end_date"]),
    .init(name: "the source of a row is no end", text: "from,to,source\n1,2,9\n", edges: ["1-2"], warnings: ["source"]),
    .init(
      name: "two pairs of ends", text: "source,target,from,to\n1,2,3,4\n", edges: ["1-2"],
      warnings: ["could be the ends", "from, to"]),
    .init(name: "u and v above numbers", text: "u v\n1 2\n", edges: ["1-2"]),
    .init(name: "u and v above labels", text: "u,v\na,b\n", edges: ["a-b"], warnings: ["taken as a header"]),
    .init(name: "u and v among labels", text: "u v\nv w\n", edges: ["u-v", "v-w"]),
    .init(
      name: "node1 and node2 among their like", text: "node1 node2\nnode3 node4\nnode3 node2\n",
      edges: ["node1-node2", "node2-node3", "node3-node4"]),
    .init(
      name: "unknown words above numbers", text: "wid_a wid_x\n1 2\n", edges: ["1-2"], warnings: ["taken as a header"]),
    .init(
      name: "unknown words above words", text: "follower,followee\nann,bob\nbob,cid\n",
      edges: ["ann-bob", "bob-cid", "followee-follower"], warnings: ["may be a header"]),
    .init(
      name: "a word above a column of numbers", text: "follower,followee,since\nann,bob,2019\n", edges: ["ann-bob"],
      warnings: ["taken as a header", "since"]),
    .init(
      name: "the first edge has a name that occurs again", text: "ann,bob\nbob,cid\n", edges: ["ann-bob", "bob-cid"]),
    .init(name: "a number gone wrong is no header", text: "a,1\nb,2\n", edges: ["1-a", "2-b"], warnings: ["labels"]),
    // Columns of row numbers.
    .init(name: "data frame with an index", text: ",source,target,weight\n0,10,20,1.5\n", edges: ["10-20:1.5"]),
    .init(name: "data frame with numbers for names", text: ",0,1\n0,10,20\n", edges: ["10-20"], warnings: ["taken"]),
    .init(name: "tabs with an index", text: "\tsource\ttarget\n0\ta\tb\n", edges: ["a-b"]),
    .init(name: "row names without a header", text: "\"from\" \"to\"\n\"1\" \"a\" \"b c\"\n", edges: ["a-b c"]),
    // Quotes.
    .init(
      name: "quotes between tabs", text: "\"New York\"\tParis\nParis\t\"a \"\"b\"\" c\"\n",
      edges: ["New York-Paris", "Paris-a \"b\" c"]),
    .init(name: "quotes between semicolons", text: "\"a;b\";\"c\"\nc;d\n", edges: ["a;b-c", "c-d"]),
    .init(name: "quotes between spaces", text: "\"a b\" c\nc d\n", edges: ["a b-c", "c-d"]),
    .init(name: "a quote inside", text: "12\" 5'\n5' x\n", edges: ["12\"-5'", "5'-x"], warnings: []),
    .init(
      name: "quotes are names", text: "\"a b\nb c\n", edges: ["\"a-b", "b-c"], options: .init(honorsQuotes: false)),
    .init(
      name: "doubled quotes in a column before the first label",
      text: "source,target,note\n1,2,\"say \"\"x\"\"\"\n007,3,\"\"\"\"\n\"a \"\"b\"\"\",1,y\n",
      edges: ["007-3", "1-2", "1-a \"b\""], warnings: ["labels", "note"]),
    // Separators.
    .init(
      name: "tabs with blanks in names", text: "New York\tRome\nRome\tTokyo Bay\n",
      edges: ["New York-Rome", "Rome-Tokyo Bay"]),
    .init(name: "tabs and spaces at random", text: "1\t2\n3 4\n", edges: ["1-2", "3-4"]),
    .init(name: "runs of tabs", text: "1\t\t2\n3\t\t4\n", edges: ["1-2", "3-4"]),
    .init(
      name: "decimal commas between semicolons", text: "1;2;0,5\n3;4;1,5\n", edges: ["1-2", "3-4"],
      warnings: ["not used"]),
    .init(
      name: "commas in names between tabs", text: "Smith, J\tDoe, K\nDoe, K\tRoe, L\n",
      edges: ["Doe, K-Roe, L", "Doe, K-Smith, J"]),
    .init(name: "a trailing tab", text: "1\t2\t\n3\t4\t\n", edges: ["1-2", "3-4"], warnings: ["not used"]),
    // Roles that the caller gives.
    .init(
      name: "names by the caller", text: "time,b,a,cost\n9,2,1,0.5\n", edges: ["1-2:0.5"],
      options: .init(columns: ColumnRoles(source: "a", target: "B", weight: "cost"))),
    .init(
      name: "a name and numbers by the caller", text: "time,b,a,cost\n9,2,1,0.5\n", edges: ["1-2:0.5"],
      options: .init(columns: ColumnRoles(source: 2, target: 1, weight: "cost"))),
    .init(
      name: "a weight by the caller, the ends by the header", text: "cost,to,from\n0.5,2,1\n", edges: ["1-2:0.5"],
      options: .init(columns: ColumnRoles(weight: "cost"))),
    .init(
      name: "weights asked for take the third column left", text: "time,target,source\n4,2,1\n", edges: ["1-2:4.0"],
      options: .init(weights: .yes)),
    .init(
      name: "no weights where none are wanted", text: "source,target,weight\n1,2,3\n", edges: ["1-2"],
      warnings: ["weight"], options: .init(weights: .no)),
    .init(
      name: "a value that is no number", text: "source,target,value\n1,2,knows\n", edges: ["1-2"], warnings: ["value"]),
    // Direction by a column.
    .init(
      name: "Gephi's type", text: "Source,Target,Type,Weight\na,b,Directed,2\nb,c,Directed,3\n",
      edges: ["a-b:2.0", "b-c:3.0"], isDirected: true),
    .init(
      name: "Gephi's type against the caller", text: "Source,Target,Type\na,b,Directed\nb,c,Undirected\n",
      edges: ["a-b", "b-c"], options: .init(isDirected: false)),
    .init(
      name: "Neo4j's relations", text: "from:START_ID(P),:END_ID(P),w:float\n17,4,0.5\n", edges: ["17-4:0.5"],
      isDirected: true),
    // Direction by a comment.
    .init(
      name: "SNAP", text: "# Directed graph (each unordered pair of nodes is saved once): x.txt\n1\t2\n2\t1\n",
      edges: ["1-2", "2-1"], isDirected: true),
    .init(name: "SNAP, undirected", text: "# Undirected graph: x\n1\t2\n2\t1\n", edges: ["1-2"]),
    .init(name: "KONECT", text: "% asym unweighted\n% 2 2 2\n1 2\n2 1\n", edges: ["1-2", "2-1"], isDirected: true),
    .init(name: "KONECT, weighted", text: "% sym weighted\n1 2 7\n", edges: ["1-2:7.0"]),
    .init(
      name: "KONECT, two sides", text: "% bip unweighted\n% 4 3 2\n1 1\n1 2\n2 2\n3 1\n",
      edges: ["1-4", "1-5", "2-5", "3-4"]),
    .init(
      name: "a comment about something directed", text: "# directed by A. Smithee\n1 2\n", edges: ["1-2"],
      warnings: ["not clearly"]),
    .init(
      name: "a comment that says both", text: "# Directed graph\n# Undirected graph\n1 2\n", edges: ["1-2"],
      isDirected: true,
      warnings: ["that it is not"]),
    // Dictionaries of networkx.
    .init(
      name: "dictionaries", text: "0 1 {'weight': 0.25, 'color': 'a}b'}\n1 2 {}\n2 3 {'color': 'x', \"weight\": 2}\n",
      edges: ["0-1:0.25", "1-2:1.0", "2-3:2.0"], warnings: ["theirs is 1"]),
    .init(name: "empty dictionaries", text: "a b {}\nb c {}\n", edges: ["a-b", "b-c"]),
    .init(name: "dictionaries behind commas", text: "a,b,{'weight': 3}\n", edges: ["a-b:3.0"]),
    // Names like comments under a header.
    .init(
      name: "names with a mark", text: "source,target\n#h,a\na,b\n", file: "g.csv", edges: ["#h-a", "a-b"],
      warnings: ["'#h'"]),
    .init(name: "comments between numbers", text: "source,target\n1,2\n#3,4\n", file: "g.csv", edges: ["1-2"]),
    .init(
      name: "a weight beyond 2^53", text: "1 2 9007199254740993\n2 3 -9007199254740993\n", file: "g.wel",
      edges: ["1-2:9007199254740992.0", "2-3:-9007199254740992.0"], warnings: ["and 1 others are not exact"]),
    .init(
      name: "weights that are exact", text: "1 2 9007199254740992\n2 3 1e22\n", file: "g.wel",
      edges: ["1-2:9007199254740992.0", "2-3:1e+22"]),
  ]
}

/// Tables that are refused, with a word of the message or the hint.
struct RefusedTable: CustomTestStringConvertible, Sendable {
  let name: String
  let text: String
  var file = "graph.txt"
  let kind: MillError.Kind
  var line: Int?
  let word: String
  var options = GraphReadOptions()
  var testDescription: String { name }

  static let all: [RefusedTable] = [
    .init(name: "lists of neighbors", text: "a,b,c\nb,a\nc,a,d\nd,c\n", kind: .malformed, word: "neighbors"),
    .init(
      name: "lists of neighbors between blanks", text: "1 2 3 4\n2 1\n3 1 4\n4 1 3\n", kind: .malformed,
      word: "neighbors"),
    .init(name: "rows longer than the first", text: "1,2\n3,4\n5,6,x\n", kind: .malformed, line: 3, word: "3 fields"),
    .init(
      name: "edges of both kinds", text: "Source,Target,Type\na,b,Directed\nb,c,Undirected\n", kind: .malformed,
      line: 3,
      word: "isDirected = true or false"),
    .init(name: "two sides without sizes", text: "% bip unweighted\n1 1\n", kind: .malformed, word: "size line"),
    .init(
      name: "a left id beyond its side", text: "% bip unweighted\n% 2 2 2\n1 1\n3 1\n", kind: .idOutOfRange, line: 4,
      word: "beyond 2"),
    .init(
      name: "an id below its side", text: "% bip unweighted\n% 2 2 2\n1 1\n1 0\n", kind: .idOutOfRange, line: 4,
      word: "below 1"),
    .init(
      name: "text behind a quote between tabs", text: "a\tb\n\"Weird Al\" Y\tb\n", kind: .badQuote, line: 2,
      word: "honorsQuotes = false"),
    .init(
      name: "a name that the header lacks", text: "a,b\n1,2\n", kind: .badOption, word: "'x'",
      options: .init(columns: ColumnRoles(source: "x"))),
    .init(
      name: "names without a header", text: "a,b\n1,2\n", kind: .badOption, word: "header",
      options: .init(header: .no, columns: ColumnRoles(source: "a"))),
    .init(
      name: "one column for both ends", text: "a,b\n1,2\n", kind: .badOption, word: "both ends",
      options: .init(columns: ColumnRoles(source: 1))),
    .init(
      name: "weights that no column is called", text: "source,a,b,target\n1,2,3,4\n", kind: .missingField,
      word: "weight=NAME",
      options: .init(weights: .yes)),
    .init(
      name: "a weight among later attributes", text: String(repeating: "0 1 {}\n", count: 300) + "1 2 {'weight': 3}\n",
      kind: .badWeight, line: 301,
      word: "weights = yes"),
    .init(name: "a name of numbers and blanks", text: "1\t2\n3 4\t5\n", kind: .notAnInteger, line: 2, word: "3 4"),
    .init(
      name: "fewer tabs after many rows", text: String(repeating: "1\t2\n", count: 300) + "3 4\n", kind: .missingField,
      line: 301,
      word: "separator = blanks"),
    .init(
      name: "a bare header of equal counts, strict", text: "4 4\n0 1\n1 2\n2 3\n3 0\n", kind: .countMismatch, line: 1,
      word: "header of counts", options: .init(isStrict: true)),
    .init(
      name: "a first row that may be a header, strict", text: "follower,followee\nann,bob\n", kind: .refusedWarning,
      word: "header = yes or no", options: .init(isStrict: true)),
    .init(
      name: "a weight beyond 2^53, strict", text: "1 2 9007199254740993\n", file: "g.wel", kind: .refusedWarning,
      word: "exact",
      options: .init(isStrict: true)),
    .init(
      name: "counts that lie, strict", text: "# Directed graph\n# Nodes: 3 Edges: 9\n1 2\n2 3\n", kind: .countMismatch,
      line: 2,
      word: "9 edges", options: .init(isStrict: true)),
    .init(
      name: "counts above a header that lie, strict", text: "# Nodes: 3 Edges: 9\nsource\ttarget\n1\t2\n2\t3\n",
      kind: .countMismatch, line: 1, word: "9 edges", options: .init(isStrict: true)),
  ]
}

@Suite struct ColumnTests {
  @Test("Tables of other programs, from file and stream, at any chunk size", arguments: TableFixture.all)
  func read(fixture: TableFixture) throws {
    let scratch = Scratch()
    let bytes = Array(fixture.text.utf8)
    let plain = scratch.file(fixture.file, bytes)
    let packed = try scratch.compressed(fixture.file, ending: ".gz", bytes)
    var seen: GraphReadReport?
    for (path, chunk) in [(plain, 1 << 20), (plain, 1), (plain, 9), (packed, 3), (packed, 1 << 20)] {
      var options = fixture.options
      options.chunkBytes = chunk
      let reading = try readGraph(path, options: options, context: RunContext(threads: chunk == 9 ? 3 : 1))
      #expect(reading.graph.spelledEdges == fixture.edges.sorted())
      #expect(reading.graph.isDirected == (fixture.options.isDirected ?? fixture.isDirected))
      #expect(reading.report.warnings.count == fixture.warnings.count, "\(reading.report.warnings)")
      for (warning, word) in zip(reading.report.warnings, fixture.warnings) {
        #expect(warning.contains(word), "\(warning)")
      }
      var report = reading.report
      report.compression = .none
      #expect(seen == nil || seen == report)
      seen = report
    }
  }

  @Test("Tables that hold another graph than they seem to", arguments: RefusedTable.all)
  func refused(table: RefusedTable) throws {
    let scratch = Scratch()
    let path = scratch.file(table.file, table.text)
    for chunk in [1, 7, 1 << 20] {
      var options = table.options
      options.chunkBytes = chunk
      let error = #expect(throws: MillError.self) { try readGraph(path, options: options) }
      #expect(error?.kind == table.kind)
      if let line = table.line { #expect(error?.line == line) }
      let told = [error?.description ?? "", error?.hint?.description ?? ""].joined(separator: " ")
      #expect(told.contains(table.word))
    }
  }

  @Test func whatWasUnderstood() throws {
    let scratch = Scratch()
    let report = try readGraph(scratch.file("g.csv", "time,target,source,weight\n100,1,2,0.5\n")).report
    #expect(
      report.description
        == "read as csv, separated by commas, with a header row, source 'source', target 'target', undirected as nothing "
        + "says otherwise, compact ids, weights from 'weight'")
    #expect(report.separator == .comma)
    #expect(report.columns?.source == .init(number: 2, name: "source"))
    #expect(report.columns?.weight?.number == 3)
    #expect(report.direction == .init(isDirected: false, source: .convention))
    let konect = try readGraph(scratch.file("k.txt", "% bip unweighted\n% 1 3 2\n1 1\n")).report
    #expect(konect.sides == .init(left: 3, right: 2))
    #expect(konect.description.contains("nodes 1 to 3 are left, 4 to 5 right"))
  }

  @Test func optionsAreValues() throws {
    let options = GraphReadOptions(
      isDirected: true, columns: ColumnRoles(source: "from", target: 2), weights: .yes, duplicates: .max)
    var same = GraphReadOptions()
    same.isDirected = true
    same.columns = ColumnRoles(source: .name("from"), target: .number(2))
    same.weights = .yes
    same.duplicates = .max
    #expect(options == same)
  }
}
