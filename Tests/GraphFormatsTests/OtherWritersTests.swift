import MillRuntime
import Testing

@testable import GraphFormats

/// Texts that other programs write and that are no lists of edges, though two fields a row would make a graph of them.
@Suite struct OtherWritersTests {
  static let refused: [(text: String, word: String)] = [
    // networkx write_multiline_adjlist, with data and without.
    ("a 2\nb {'weight': 1.5}\nc {'weight': 3.0}\nb 1\nc {}\nc 0\n", "multi-line"),
    ("1 1\n2 {}\n2 0\n", "multi-line"),
    // igraph write_adjacency; numpy savetxt of an adjacency matrix.
    ("0 1 1 0 0\n1 0 1 0 0\n1 1 0 1 0\n0 0 1 0 0\n0 0 0 0 0\n", "matrix"),
    ("0 1 1\n1 0 1\n1 1 0\n", "matrix"), ("0,2,0\n2,0,7\n0,7,0\n", "matrix"),
    ("0\t0\t0\t0\t5\n1\t0\t0\t0\t0\n0\t0\t0\t3\t0\n0\t1\t0\t0\t0\n1\t1\t1\t1\t0\n", "matrix"),
    // pandas: to_pandas_adjacency of networkx.
    (",a,b,c\na,0,1,3\nb,1,0,2\nc,3,2,0\n", "names"), (",1,2,3\n1,0,1,3\n2,1,0,2\n3,3,2,0\n", "names"),
    // NetworKit's writer for SNAP.
    ("p 5 4 u u 0\n1 0\n2 1\n4 2\n4 0\n", "p 5 4"),
    // numpy savetxt: numbers gone wrong are no labels.
    ("0.000000000000000000e+00 1.000000000000000000e+00\n1.0e+00 2.0e+00\n", "not an unsigned integer"),
    ("1e-05 2\n", "not an unsigned integer"),
  ]

  @Test("Refused as what they are", arguments: refused)
  func lookalikes(text: String, word: String) throws {
    let scratch = Scratch()
    for name in ["g.txt", "g.tsv", "g"] {
      let error = #expect(throws: MillError.self) { try readGraph(scratch.file(name, text)) }
      #expect(error?.exitCode == 65 && error?.hint != nil)
      #expect(error?.message.contains(word) == true, "\(error?.description ?? "")")
    }
  }

  @Test("A long matrix is known by its first rows")
  func longMatrix() throws {
    let scratch = Scratch()
    var text = ""
    for row in 0..<300 {
      text += (0..<300).map { ($0 + row) % 7 == 1 && $0 != row ? "1" : "0" }.joined(separator: " ") + "\n"
    }
    let error = #expect(throws: MillError.self) { try readGraph(scratch.file("g.txt", text)) }
    #expect(error?.message.contains("matrix") == true)
  }

  @Test(
    "Lists of edges that look a little like them are read",
    arguments: [
      ("0 1 2\n2 0 3\n1 2 0\n", 3), ("1 2 3\n2 3 4\n3 1 5\n", 3),
      ("0 1 1 4 5\n1 2 1 4 5\n2 3 1 4 5\n3 4 1 4 5\n4 0 1 4 5\n", 5),
      ("1e5 2b3\n2b3 1e5\n4e1 9f\n", 2), ("a b\nb c\n", 2), ("a,b,c\na,b,1\nb,c,2\n", 2),
    ])
  func edges(text: String, count: Int) throws {
    let scratch = Scratch()
    var options = GraphReadOptions()
    options.isDirected = false
    #expect(try readGraph(scratch.file("g.txt", text), options: options).graph.edgeCount == count)
  }

  @Test("A caller who names the columns is believed")
  func columns() throws {
    let scratch = Scratch()
    var options = GraphReadOptions()
    options.columns = .init(source: .number(0), target: .number(1))
    #expect(try readGraph(scratch.file("g.txt", "0 1 1\n1 0 1\n1 1 0\n"), options: options).graph.nodeCount == 2)
  }

  @Test("Bytes that are no text of ours are refused by name")
  func names() throws {
    let scratch = Scratch()
    let database = [UInt8](repeating: 0, count: 8) + Array("DUCK".utf8) + [64, 0, 0, 0, 0, 0, 0, 0]
    let files: [([UInt8], String)] = [
      ([0xff, 0xfe] + "1 2\n".utf16.flatMap { [UInt8($0), 0] }, "UTF-16"), (database, "DuckDB"),
      ([0xff, 0xff, 0xff, 0xff, 0x78, 1, 0, 0], "an Arrow stream"),
      (Array("[{\"source\":\"a\",\"target\":\"b\"}]".utf8), "JSON records"),
      (Array("[\n\t{\"a\":1},\n".utf8), "JSON records"),
      (Array("{\"source\":\"a\"}\n{\"source\":\"b\"}\n".utf8), "no node-link graph"),
    ]
    for (bytes, word) in files {
      for name in ["g.bin", "g.json", "g.csv"] {
        let error = #expect(throws: MillError.self) { try readGraph(scratch.file(name, bytes)) }
        #expect(error?.exitCode == 65 && error?.hint != nil)
        #expect(error?.message.contains(word) == true, "\(error?.description ?? "")")
      }
    }
  }
}
