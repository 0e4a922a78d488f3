import GraphFormats
import GraphStore
import MillRuntime
import TestSupport
import Testing

/// What edge lists say of themselves in their first line, and that a reader takes it at its word.
@Suite struct TextStatementTests {
  private static let oddNames = [
    "New York", "#hash", "%percent", "\"quoted\"", "say \"hi\"", "a,b", "a;b", "a|b", "{brace}", "tab\there",
    " blank first",
    "blank last ", "é", "007", "7", "-1", "1.5", "source", "target", "plain", "nodes", "directed", "12 34",
    "\u{feff}bom",
  ]

  @Test("Any graph, any names, every text that can hold it", arguments: 0..<48 as Range<UInt64>)
  func thereAndBack(seed: UInt64) throws {
    let scratch = Scratch()
    var random = CounterRandom(seed: seed, stage: "statement")
    let count = 2 + Int(random.below(UInt64(Self.oddNames.count - 2)))
    let pairs = (0..<1 + random.below(30)).map { _ in
      (Int(random.below(UInt64(count))), Int(random.below(UInt64(count))))
    }
    let isDirected = seed & 1 == 1
    let weighted = pairs.map { ($0.0, $0.1, Double(1 + random.below(9)) / 4) }
    var graph =
      seed & 2 == 2
      ? try CSRGraph(nodeCount: count, weightedEdges: weighted, isDirected: isDirected)
      : try CSRGraph(nodeCount: count, edges: pairs, isDirected: isDirected)
    // Names must ascend, as those of a graph that was read do; nodes without edges are lost with names only.
    if seed % 3 != 0 {
      let touched = Set(pairs.flatMap { [$0.0, $0.1] }).sorted()
      let place = Dictionary(uniqueKeysWithValues: touched.enumerated().map { ($1, $0) })
      let names = Self.oddNames.prefix(touched.count).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      graph =
        seed & 2 == 2
        ? try CSRGraph(
          nodeCount: touched.count, weightedEdges: weighted.map { (place[$0.0]!, place[$0.1]!, $0.2) },
          isDirected: isDirected)
        : try CSRGraph(
          nodeCount: touched.count, edges: pairs.map { (place[$0.0]!, place[$0.1]!) }, isDirected: isDirected)
      graph = try graph.named(names)
    }
    for file in ["g.el", "g.wel", "g.csv", "g.tsv.gz"] {
      if file == "g.el", graph.isWeighted { continue }
      if file == "g.wel", !graph.isWeighted { continue }
      let writing = try writeGraph(graph, to: scratch.file(file))
      for chunk in [5, 1 << 20] {
        let reading = try readGraph(scratch.file(file), options: GraphReadOptions(chunkBytes: chunk))
        let isSame = reading.graph.fingerprint() == graph.fingerprint()
        // What is not the same was told.
        #expect(isSame || !writing.warnings.isEmpty, "\(file): \(reading.report)")
        if file != "g.csv" {
          #expect(isSame, "\(file): \(reading.report), \(reading.report.warnings)")
          #expect(reading.report.warnings.isEmpty, "\(reading.report.warnings)")
        }
      }
    }
  }

  @Test(
    "The first line",
    arguments: [
      ("1 2\n", [], ""), ("1 2\n", ["directed"], "# directed\n"), ("1 2 3\n", ["weighted"], "# undirected weighted\n"),
      ("1 2 3\n", ["directed", "weighted"], "# directed weighted\n"),
      ("1 2\n1 2\n", ["parallel"], "# undirected multigraph\n"),
      ("0 2\n", ["dense"], "# undirected nodes 3\n"), ("007 x\nx y\n", ["labels"], "# undirected labels\n"),
      ("source target\n", ["no header"], "# undirected\n"), ("1 1\n2 3\n", [], "# undirected\n"),
    ])
  func firstLine(text: String, words: [String], expected: String) throws {
    let scratch = Scratch()
    var options = GraphReadOptions()
    if words.contains("directed") { options.isDirected = true }
    if words.contains("weighted") { options.weights = .yes }
    if words.contains("parallel") { options.duplicates = .keep }
    if words.contains("dense") { options.ids = .dense }
    if words.contains("labels") { options.ids = .string }
    if words.contains("no header") { options.header = .no }
    let graph = try readGraph(scratch.file("in.txt", text), options: options).graph
    try writeGraph(graph, to: scratch.file("out.txt"))
    let written = try #require(scratch.text(of: "out.txt"))
    #expect(written.prefix { $0 != "\n" } + "\n" == (expected.isEmpty ? "1\t2\n" : expected))
    #expect(try readGraph(scratch.file("out.txt")).graph.fingerprint() == graph.fingerprint())
  }

  @Test func theCallerOverrulesTheFile() throws {
    let scratch = Scratch()
    let path = scratch.file("g.txt", "# directed weighted nodes 4\n0\t1\t3\n1\t0\t3\n")
    #expect(try readGraph(path).graph.nodeCount == 4)
    let options = GraphReadOptions(isDirected: false, ids: .compact, weights: .no)
    let graph = try readGraph(path, options: options).graph
    #expect((graph.nodeCount, graph.edgeCount, graph.isDirected, graph.isWeighted) == (2, 1, false, false))
    let merged = try readGraph(path, options: GraphReadOptions(isDirected: false)).graph
    #expect(merged.plainArcs.map(\.weight) == [3, 3])
    #expect(merged.nodeCount == 4)
  }
}
