import GraphFormats
import GraphStore
import MillRuntime
import Testing

@Suite("Files of node labels")
struct LabelFileTests {
  let scratch = Scratch()

  private func labels(_ text: String, column: String? = nil) throws(MillError) -> LabelFile {
    try LabelFile(path: scratch.file("labels.tsv", text), column: column)
  }

  @Test("Columns by header, by number, or the first")
  func columns() throws {
    let text = "# a comment\n# node\tclass\ttrack\r\na\tx\t1\r\nb\ty\t1\n\nc\tx\t2"
    #expect(try labels(text).labels == ["x", "y", "x"])
    #expect(try labels(text, column: "track").labels == ["1", "1", "2"])
    #expect(try labels(text, column: "2").numbers == [0, 0, 1])
    #expect(try labels(text).names == ["a", "b", "c"])
    #expect(try labels("").names.isEmpty)
  }

  @Test("Empty, NA and -1 are no labels; nodes that are not in the graph are passed over")
  func missing() throws {
    let file = try labels("3\t7\n1\tNA\n0\t-1\n2\t\n9\t8\n")
    #expect(file.numbers == [0, -1, -1, -1, 1])
    let graph = try readGraph(scratch.file("graph.tsv", "0 1\n1 2\n2 3\n")).graph
    #expect(file.numbers(for: graph) == [-1, -1, -1, 0])
  }

  @Test(
    "Bad files are refused with the line",
    arguments: [
      ("a\tx\nb\n", nil, MillError.Kind.malformed, 2), ("a\tx\nb\ty\na\tx\n", nil, .malformed, 3),
      ("a\tx\n", "2", .malformed, 1), ("# node\tclass\na\tx\n", "track", .badOption, nil),
      ("a\tx\n", "0", .badOption, nil),
    ] as [(String, String?, MillError.Kind, Int?)])
  func refused(_ text: String, _ column: String?, _ kind: MillError.Kind, _ line: Int?) throws {
    let error = try #require(throws: MillError.self) { try labels(text, column: column) }
    #expect(error.kind == kind && error.line == line && error.file != nil)
  }

  @Test("Bytes that are not UTF-8 are refused")
  func encoding() throws {
    let path = scratch.file("labels.tsv", Array("a\tx\nb\t".utf8) + [0xFF, 10])
    let error = try #require(throws: MillError.self) { try LabelFile(path: path) }
    #expect(error.kind == .notUTF8 && error.line == 2)
  }

  @Test("A header row, and names that begin with # behind it")
  func headerRow() throws {
    let file = try labels("node\tlabel\tdepth_1\n#h\t0\t5\na\t1\t5\n#x\t-1\t6\n")
    #expect(file.names == ["#h", "a", "#x"] && file.labels == ["0", "1", nil])
    #expect(try labels("node\tlabel\n#h\t0\n", column: "label").names == ["#h"])
    // Another first column, known by the column that is asked for.
    #expect(try labels("name\tclub\na\tx\n", column: "club").names == ["a"])
    // Files of an older kind: the header is a comment, and so are lines that do not look like rows.
    #expect(try labels("# node\tlabel\n#h\t0\na\t1\n# the end\n").names == ["#h", "a"])
    #expect(try labels("a\tx\n#b\ty\n").names == ["a"])
  }

  @Test("What is written is read: names with #, quotes, blanks; -1; several columns", arguments: [false, true])
  func roundTrip(isNamed: Bool) throws {
    var options = GraphReadOptions()
    options.ids = isNamed ? .string : .dense
    let text = isNamed ? "a,#h\na,node\nnode,b c\n" : "0 1\n1 2\n2 3\n"
    let graph = try readGraph(scratch.file(isNamed ? "g.csv" : "g.txt", text), options: options).graph
    let (first, second): ([Int32], [Int32]) = ([3, -1, 3, 0], [1, 1, 2, 2])
    let path = scratch.file("written.tsv", "old")
    #expect(throws: MillError.self) { try writeLabels(first, of: graph, to: path) }
    #expect(throws: MillError.self) { try writeLabels([1], of: graph, to: path, replaces: true) }
    try writeLabels([LabelColumn("label", first), LabelColumn("depth_1", second)], of: graph, to: path, replaces: true)
    let table = try LabelTable(path: path)
    #expect(table.header == ["node", "label", "depth_1"])
    #expect(table.names == (0..<4).map { graph.name(of: $0) })
    #expect(try LabelFile(path: path).labels == ["3", nil, "3", "0"])
    #expect(try LabelFile(path: path, column: "depth_1").numbers(for: graph) == [0, 0, 1, 1])
    #expect(try LabelFile(path: path).groups == ["3", "0"])
  }

  @Test("Names in any order, with strangers among them")
  func byName() throws {
    var options = GraphReadOptions()
    (options.ids, options.labelOrder) = (.string, .firstSeen)
    let graph = try readGraph(scratch.file("g.csv", "z,a\na,m\n"), options: options).graph
    let file = try labels("m\tx\nq\ty\nz\ty\n")
    #expect(file.numbers(for: graph) == (0..<3).map { ["m": 0, "z": 1][graph.name(of: $0)] ?? -1 })
  }
}
