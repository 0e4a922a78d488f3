import GraphFormats
import GraphStore
import MillRuntime
import TestSupport
import Testing

/// Real graphs with known counts: nodes, edge lines, self-loop lines, distinct undirected edges without loops.
@Suite struct SharedGraphsTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let nodes: Int
    let lines: Int
    let loops: Int
    let simple: Int
    /// Whether the file says so.
    var isDirected = false
    var testDescription: String { name }
    var path: String { "graphs/\(name).txt.gz" }
  }

  static let rows: [Row] = [
    Row(name: "power", nodes: 4_941, lines: 6_594, loops: 0, simple: 6_594),
    Row(name: "as20000102", nodes: 6_474, lines: 26_467, loops: 1_323, simple: 12_572, isDirected: true),
    Row(name: "email-eu-core", nodes: 1_005, lines: 25_571, loops: 642, simple: 16_064, isDirected: true),
    Row(name: "pgp-giant", nodes: 10_680, lines: 24_316, loops: 0, simple: 24_316),
    Row(name: "lastfm-asia", nodes: 7_624, lines: 27_806, loops: 0, simple: 27_806),
    Row(name: "4elt-mesh", nodes: 15_606, lines: 45_878, loops: 0, simple: 45_878),
    Row(name: "as-caida20071105", nodes: 26_475, lines: 53_381, loops: 0, simple: 53_381),
    Row(name: "ego-facebook", nodes: 4_039, lines: 88_234, loops: 0, simple: 88_234),
    Row(name: "wiki-vote", nodes: 7_115, lines: 103_689, loops: 0, simple: 100_762, isDirected: true),
    Row(name: "luxembourg-osm", nodes: 114_599, lines: 119_666, loops: 0, simple: 119_666),
    Row(name: "protein", nodes: 6_229, lines: 146_160, loops: 0, simple: 146_160),
    Row(name: "p2p-gnutella31", nodes: 62_586, lines: 147_892, loops: 0, simple: 147_892, isDirected: true),
    Row(name: "email-enron", nodes: 36_692, lines: 183_831, loops: 0, simple: 183_831),
    Row(name: "ca-astroph-cc", nodes: 17_903, lines: 197_031, loops: 59, simple: 196_972),
    Row(name: "wiki-squirrel", nodes: 5_201, lines: 217_073, loops: 140, simple: 198_353),
    Row(name: "deezer-hu", nodes: 47_538, lines: 222_887, loops: 0, simple: 222_887),
    Row(name: "musae-github", nodes: 37_700, lines: 289_003, loops: 0, simple: 289_003),
    Row(name: "cit-hepth", nodes: 27_770, lines: 352_807, loops: 39, simple: 352_285, isDirected: true),
    Row(name: "soc-epinions1", nodes: 75_879, lines: 508_837, loops: 0, simple: 405_740, isDirected: true),
    Row(name: "cit-hepph", nodes: 34_546, lines: 421_578, loops: 44, simple: 420_877, isDirected: true),
    Row(name: "soc-slashdot0902", nodes: 82_168, lines: 948_464, loops: 78_303, simple: 504_230, isDirected: true),
    Row(name: "web-notredame", nodes: 325_729, lines: 1_497_134, loops: 27_455, simple: 1_090_108, isDirected: true),
    Row(name: "ego-twitter", nodes: 81_306, lines: 1_342_310, loops: 14, simple: 1_342_296),
  ]

  @Test("Published counts come out exactly", .needsSharedData("graphs"), arguments: rows)
  func counts(row: Row) throws {
    let asWritten = try readGraph(SharedData.path(row.path))
    #expect(asWritten.graph.isDirected == row.isDirected)
    #expect(asWritten.report.warnings.isEmpty)
    let reading = try readGraph(SharedData.path(row.path), options: GraphReadOptions(isDirected: false))
    #expect(reading.graph.nodeCount == row.nodes)
    #expect(reading.report.edges.edges == row.lines)
    #expect(reading.report.edges.selfLoops == row.loops)
    #expect(try reading.graph.edgeCount - reading.graph.loopCount() == row.simple)
    #expect(reading.report.warnings.isEmpty)
  }

  @Test(
    "Text, its compressed forms and the container hold one graph", .needsSharedData("graphs"),
    arguments: ["as20000102", "wiki-squirrel", "soc-epinions1"])
  func oneGraph(name: String) throws {
    let scratch = Scratch()
    let graph = try readGraph(SharedData.path("graphs/\(name).txt.gz")).graph
    let print = graph.fingerprint()
    for file in ["g.tsv", "g.tsv.gz", "g.tsv.zst", "g.csv", "g.gmg"] {
      for threads in [1, 2, 4] {
        var options = GraphWriteOptions()
        options.replaces = true
        let context = RunContext(threads: threads)
        try writeGraph(graph, to: scratch.file(file), options: options, context: context)
        #expect(try readGraph(scratch.file(file), context: context).graph.fingerprint(context: context) == print)
      }
    }
  }
}
