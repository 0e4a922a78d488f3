import GraphFormats
import GraphStore
import MillRuntime
import TestSupport
import Testing

/// Properties over random graphs: what is written is read back, by every format, thread count and chunk size.
@Suite struct RoundTripTests {
  /// Lines of a random multigraph with loops, as the text would hold them.
  private func lines(seed: UInt64, labels: Bool, weighted: Bool) -> String {
    var random = CounterRandom(seed: seed, stage: "round-trip")
    let nodes = 1 + random.below(60)
    let spread = [1, 1, 7, 1_000_003, 300_000_000_000_000][Int(random.below(5))] as UInt64
    return (0..<random.below(400)).map { _ in
      let ends = (0..<2).map { _ in
        let id = random.below(nodes) * spread
        return labels ? (id % 3 == 0 ? "node-with-a-long-name-\(id)" : "é\(id)") : String(id)
      }
      return ends.joined(separator: "\t") + (weighted ? "\t\(Decimal(random.below(1000)))" : "") + "\n"
    }.joined()
  }

  private func Decimal(_ value: UInt64) -> String { value % 3 == 0 ? "\(value)" : "\(Double(value) / 7)" }

  @Test("text → gmg → text → gmg is the identity", arguments: 0..<24 as Range<UInt64>)
  func identity(seed: UInt64) throws {
    let scratch = Scratch()
    let labels = seed % 3 == 0
    let weighted = seed % 2 == 0
    var options = GraphReadOptions()
    options.isDirected = seed % 4 >= 2
    options.duplicates = seed % 5 == 4 ? .keep : .sum
    options.ids = labels ? .string : .compact
    let ending = weighted ? "wel" : "el"
    let text = scratch.file("first.\(ending)", lines(seed: seed, labels: labels, weighted: weighted))
    let first = try readGraph(text, options: options).graph
    let print = first.fingerprint()
    for threads in [1, 2, 7] {
      let context = RunContext(threads: threads)
      options.chunkBytes = threads == 7 ? 13 : 1 << 20
      #expect(try readGraph(text, options: options, context: context).graph.fingerprint() == print)
      var write = GraphWriteOptions()
      write.replaces = true
      try writeGraph(first, to: scratch.file("g.gmg"), options: write, context: context)
      let mapped = try readGraph(scratch.file("g.gmg"), options: options, context: context).graph
      #expect(mapped.fingerprint() == print)
      for name in ["again.\(ending)", "again.csv", "again.\(ending).gz", "again.csv.zst"] {
        try writeGraph(mapped, to: scratch.file(name), options: write, context: context)
        let again = try readGraph(scratch.file(name), options: options, context: context).graph
        #expect(again.fingerprint() == print, "\(name), \(threads) threads")
      }
    }
  }

  @Test("Matrix Market keeps structure, isolated nodes and weights", arguments: 0..<8 as Range<UInt64>)
  func matrixMarket(seed: UInt64) throws {
    let scratch = Scratch()
    var random = CounterRandom(seed: seed, stage: "mtx")
    let edges = (0..<50).map { _ in (Int(random.below(30)), Int(random.below(30)), Double(random.below(9)) / 4) }
    let graph =
      seed % 2 == 0
      ? try CSRGraph(nodeCount: 33, weightedEdges: edges, isDirected: seed % 4 == 0)
      : try CSRGraph(nodeCount: 33, edges: edges.map { ($0.0, $0.1) }, isDirected: seed % 4 == 1)
    try writeGraph(graph, to: scratch.file("g.mtx"))
    #expect(try readGraph(scratch.file("g.mtx")).graph.fingerprint() == graph.fingerprint())
  }

  @Test("A naive reader agrees", arguments: 0..<10 as Range<UInt64>)
  func naiveReader(seed: UInt64) throws {
    let scratch = Scratch()
    let text = lines(seed: 100 + seed, labels: false, weighted: false)
    let graph = try readGraph(scratch.file("g.txt", text)).graph
    var naive: Set<[UInt64]> = []
    var nodes: Set<UInt64> = []
    for line in text.split(separator: "\n") {
      let ends = line.split(separator: "\t").map { UInt64($0)! }
      nodes.formUnion(ends)
      naive.insert(ends.sorted())
    }
    #expect(graph.nodeNames == nodes.sorted().map { String($0) })
    #expect(graph.edgeCount == naive.count)
    for edge in naive {
      let (u, v) = (graph.node(named: "\(edge[0])")!, graph.node(named: "\(edge[1])")!)
      #expect(graph.hasEdge(u, v))
      #expect(graph.hasEdge(v, u))
    }
  }

  @Test func outputIsRefusedWhereItExists() throws {
    let scratch = Scratch()
    let graph = try CSRGraph(nodeCount: 2, edges: [(0, 1)])
    let path = scratch.file("g.tsv", "keep me")
    do {
      try writeGraph(graph, to: path)
      Issue.record("was overwritten")
    } catch {
      #expect(error.exitCode == 73)
    }
    #expect(scratch.bytes(of: "g.tsv") == Array("keep me".utf8))
  }

  @Test func labelsThatTextCannotHoldAreRefusedBeforeAnythingIsWritten() throws {
    let scratch = Scratch()
    let made = try CSRGraph(nodeCount: 3, edges: [(0, 1), (1, 2)]).named(["#x", "Boston", "New\nYork"])
    for name in ["out.tsv", "out.csv"] {
      let error = #expect(throws: MillError.self) { try writeGraph(made, to: scratch.file(name)) }
      #expect(error?.kind == .labelNotWritable)
      #expect(scratch.bytes(of: name) == nil)
    }
  }

  @Test func whatIsLostIsSaid() throws {
    let scratch = Scratch()
    let graph = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 2)])
    for (format, losses) in [(GraphFormat.el, 1), (.csv, 1), (.wel, 0)] {
      let writing = try writeGraph(graph, to: scratch.file("g.\(format)"), options: GraphWriteOptions(format: format))
      #expect(writing.warnings.count == losses, "\(format): \(writing.warnings)")
    }
  }
}
