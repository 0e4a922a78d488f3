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
}
