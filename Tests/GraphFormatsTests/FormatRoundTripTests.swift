import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphFormats

/// Every format that can hold a graph gives it back; what a format cannot hold is told or refused.
@Suite struct FormatRoundTripTests {
  static let formats = GraphFormat.allCases.filter { $0.isRead && $0.isWritten && ![.el, .wel, .csv].contains($0) }

  struct Shape: Sendable, CustomTestStringConvertible {
    var directed = false
    var weights = 0
    var labels = 0
    var loops = false
    var parallel = false
    var testDescription: String { "\(self)" }
  }

  static let shapes: [Shape] = (0..<48).map { seed in
    Shape(
      directed: seed % 2 == 1, weights: seed / 2 % 3, labels: seed / 6 % 4, loops: seed % 5 == 0,
      parallel: seed % 7 == 0)
  }

  static let awkward = [
    "New York", "a\"b", "<&>", "é ü", "#x", "%y", "'", "a,b;c", "7up", "&amp;", "\\", "日本", "]", "x=\"1\"",
  ]

  /// A random graph of a shape: names none, ids with gaps, plain or awkward labels; weights none, whole, real.
  func graph(_ shape: Shape, seed: UInt64) throws -> CSRGraph {
    var random = CounterRandom(seed: seed, stage: "formats")
    let n = 4 + Int(random.below(20))
    var edges = EdgeCollector()
    for _ in 0..<random.below(60) {
      let (u, v) = (UInt32(random.below(UInt64(n))), UInt32(random.below(UInt64(n))))
      if u == v, !shape.loops { continue }
      let weight =
        shape.weights == 0
        ? nil : shape.weights == 1 ? Double(1 + random.below(90)) : Double(random.below(1000)) / 7 - 20
      for _ in 0..<(shape.parallel && random.below(3) == 0 ? 2 : 1) { try edges.add(u, v, weight) }
    }
    var options = FreezeOptions()
    options.isDirected = shape.directed
    options.duplicates = shape.parallel ? .keep : .first
    options.naming = .dense(nodeCount: n)
    var names = NameTable()
    for node in 0..<n {
      let text =
        switch shape.labels {
        case 1: String(10 + 3 * node)
        case 2: "n\(node)"
        default: node < Self.awkward.count ? Self.awkward[node] : "name \(node)"
        }
      _ = try names.insert(Array(text.utf8))
    }
    if shape.labels >= 2 {
      let sorted = try names.sorted(byFirstSighting: false)
      options.naming = .labels(sorted.table)
    }
    let graph = try freeze(edges.finish(), options: options).graph
    guard shape.labels == 1 else { return graph }
    let ids = try FlatBuffer<UInt64>(count: n)
    for node in 0..<n { ids.base[node] = UInt64(10 + 3 * node) }
    return try graph.withNames(.ids(SharedArray(ids)))
  }

  /// What a graph needs of a format.
  func needs(_ graph: CSRGraph, _ shape: Shape) throws(MillError) -> GraphFormat.Holdings {
    var needs: GraphFormat.Holdings = graph.isDirected ? .directed : .undirected
    if graph.isWeighted { needs.insert(.weights) }
    if graph.hasLoops { needs.insert(.loops) }
    if graph.isMultigraph { needs.insert(.parallelEdges) }
    if try graph.isolatedNodeCount() > 0 { needs.insert(.isolatedNodes) }
    if shape.labels == 1 { needs.insert(.names) }
    if shape.labels >= 2 { needs.formUnion([.names, .labels]) }
    return needs
  }

  /// Warnings of writing, or the error.
  private func attempt(
    _ graph: CSRGraph, _ path: String, _ options: GraphWriteOptions
  ) -> (warnings: [String]?, error: MillError?) {
    do {
      return (try writeGraph(graph, to: path, options: options).warnings, nil)
    } catch {
      return (nil, error)
    }
  }

  @Test("Written, read, one fingerprint", arguments: formats, shapes)
  func roundTrip(format: GraphFormat, shape: Shape) throws {
    let scratch = Scratch()
    for seed in 0..<2 as Range<UInt64> {
      let graph = try graph(shape, seed: seed)
      var writing = GraphWriteOptions()
      writing.format = format
      writing.replaces = true
      var reading = GraphReadOptions()
      reading.duplicates = graph.isMultigraph ? .keep : .sum
      if !graph.isDirected, !graph.isWeighted, graph.arcCount == 0 { continue }
      let path = scratch.file("g." + format.endings[0])
      var holds = format.holds
      if holds.contains(.wholeWeights), shape.weights == 1 { holds.insert(.weights) }
      if !graph.isWeighted, holds.contains(.alwaysWeighted) { holds.remove(.undirected); holds.remove(.directed) }
      let lacks = try needs(graph, shape).subtracting(holds)
      let (warnings, error) = attempt(graph, path, writing)
      if lacks.isEmpty {
        // A name with characters that the format has no spelling for is refused, never changed.
        if let error, error.kind == .labelNotWritable, shape.labels == 3 { continue }
        #expect(warnings == [], "\(error?.description ?? "")")
        let again = try readGraph(path, options: reading)
        #expect(again.report.format == format)
        #expect(again.graph.fingerprint() == graph.fingerprint(), "seed \(seed)")
        let twin = scratch.file("twin." + format.endings[0])
        try writeGraph(again.graph, to: twin, options: writing, context: RunContext(threads: 4))
        #expect(scratch.bytes(of: "twin." + format.endings[0]) == scratch.bytes(of: "g." + format.endings[0]))
      } else {
        // Told, and refused where strictness is asked for; or refused at once.
        #expect(warnings?.isEmpty != true, "\(lacks)")
        if let error { #expect(error.exitCode == 65) }
        writing.isStrict = true
        #expect(throws: MillError.self) { try writeGraph(graph, to: path, options: writing) }
      }
    }
  }

  @Test("Awkward names survive GraphML, GML, Pajek and JSON", arguments: [GraphFormat.graphml, .gml, .pajek, .json])
  func awkwardNames(format: GraphFormat) throws {
    let scratch = Scratch()
    let graph = try graph(Shape(labels: 3), seed: 1)
    var writing = GraphWriteOptions()
    writing.format = format
    try writeGraph(graph, to: scratch.file("g.x"), options: writing)
    #expect(try readGraph(scratch.file("g.x")).graph.nodeNames == graph.nodeNames)
    #expect(Set(graph.nodeNames).isSuperset(of: ["New York", "a\"b", "<&>", "#x"]))
  }

  @Test("DOT and GEXF by their bytes")
  func written() throws {
    let scratch = Scratch()
    let text = "source,target,weight\n\"a \"\"b\"\"\",c<d,1.5\n"
    var options = GraphReadOptions()
    options.isDirected = true
    let graph = try readGraph(scratch.file("g.csv", text), options: options).graph
    try writeGraph(graph, to: scratch.file("g.dot"))
    #expect(
      scratch.text(of: "g.dot")
        == "digraph {\n  \"a \\\"b\\\"\";\n  \"c<d\";\n  \"a \\\"b\\\"\" -> \"c<d\" [weight=1.5];\n}\n")
    try writeGraph(graph, to: scratch.file("g.gexf"))
    #expect(
      try #require(scratch.text(of: "g.gexf")).contains(
        "<edge id=\"0\" source=\"a &quot;b&quot;\" target=\"c&lt;d\" weight=\"1.5\"/>"))
  }

  @Test("The bundled graphs, through every format", arguments: ["karate/edges.tsv", "les-miserables/edges.wel"])
  func bundled(name: String) throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    try throughAll(try readGraph("/\(root)/Datasets/\(name)").graph)
  }

  @Test(
    "Real graphs, through every format", .needsSharedData("graphs"),
    arguments: ["power", "as20000102", "email-eu-core", "pgp-giant", "wiki-squirrel"])
  func shared(name: String) throws {
    try throughAll(
      try readGraph(SharedData.path("graphs/\(name).txt.gz"), options: GraphReadOptions(isDirected: false)).graph)
  }

  /// Names as they are; for formats of numbers, the graph with numbers as names.
  private func throughAll(_ graph: CSRGraph) throws {
    let scratch = Scratch()
    for format in Self.formats where format != .graph6 || graph.nodeCount < 20_000 {
      var graph = graph
      if let first = format.numbering { graph = try graph.numbered(from: first) }
      if !format.holds.contains(.labels), graph.hasLabels { graph = try graph.numbered(from: 0) }
      if format.holds.isDisjoint(with: [.weights, .wholeWeights]) { graph = graph.withoutWeights() }
      if !format.holds.contains(.loops) { graph = try graph.simplified(duplicates: .keep) }
      if format.holds.contains(.alwaysWeighted) { continue }
      for ending in ["", format.holds.contains(.isolatedNodes) ? ".zst" : ""] {
        let path = scratch.file("g.\(format.endings[0])\(ending)")
        var writing = GraphWriteOptions()
        writing.format = format
        writing.replaces = true
        if !graph.isDirected, format == .gr { continue }
        try writeGraph(graph, to: path, options: writing)
        let again = try readGraph(path).graph
        #expect(again.fingerprint() == graph.fingerprint(), "\(format)")
      }
    }
  }
}
