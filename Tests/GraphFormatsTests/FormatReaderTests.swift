import GraphFormats
import GraphStore
import MillRuntime
import Testing

/// Every reader by hand: what it understands, and what it refuses with its place.
@Suite struct FormatReaderTests {
  private func read(
    _ name: String, _ text: String, _ change: (inout GraphReadOptions) -> Void = { _ in }
  ) throws -> GraphReading {
    let scratch = Scratch()
    var options = GraphReadOptions()
    change(&options)
    return try readGraph(scratch.file(name, text), options: options)
  }

  /// Each edge once as `source-target weight`.
  private func edges(_ graph: CSRGraph) -> [String] {
    graph.plainArcs.filter { graph.isDirected || graph.node(named: $0.source)! <= graph.node(named: $0.target)! }
      .map { "\($0.source)-\($0.target)" + (graph.isWeighted ? " \($0.weight)" : "") }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    var directed = false
    var nodes: [String]
    var edges: [String]
    var warnings = 0
    var testDescription: String { name + " " + text.prefix(40) }
  }

  static let cases: [Case] = [
    Case(
      name: "cycle.metis", text: "5 5\n2 5\n1 3\n2 4\n3 5\n4 1\n", nodes: ["1", "2", "3", "4", "5"],
      edges: ["1-2", "1-5", "2-3", "3-4", "4-5"]),
    Case(
      name: "g.metis", text: "% c\n4 2 001\n% between\n2 7\n1 7 3 2\n2 2\n\n", nodes: ["1", "2", "3", "4"],
      edges: ["1-2 7.0", "2-3 2.0"]),
    Case(
      name: "g.graph", text: "3 2 111 2\n1 5 6 2 1.5\n1 5 6 1 1.5 3 4\r\n1 5 6 2 4", nodes: ["1", "2", "3"],
      edges: ["1-2 1.5", "2-3 4.0"], warnings: 1),
    Case(name: "g.metis", text: "2 2\n1 2\n1\n", nodes: ["1", "2"], edges: ["1-1", "1-2"]),
    Case(name: "g.metis", text: "% ids from 0\n2 1\n2\n1\n", nodes: ["0", "1"], edges: ["0-1"]),
    Case(
      name: "roads.gr", text: "c three junctions\np sp 3 4\na 1 2 7\na 2 1 7\na 2 3 4\na 3 1 9\n", directed: true,
      nodes: ["1", "2", "3"], edges: ["1-2 7.0", "2-1 7.0", "2-3 4.0", "3-1 9.0"]),
    Case(name: "g.col", text: "p edge 3 2\ne 1 2\ne 2 3\n", nodes: ["1", "2", "3"], edges: ["1-2", "2-3"]),
    Case(
      name: "g.graphml",
      text: """
        <?xml version="1.0" encoding="UTF-8"?>
        <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
         <key id="w" for="edge" attr.name="weight" attr.type="double"><default>2.0</default></key>
         <graph edgedefault="undirected">
          <node id="x"/><node id="y"/><node id="z"/>
          <edge source="x" target="y"/>
          <edge source="y" target="z"><data key="w">0.5</data></edge>
         </graph>
        </graphml>
        """, nodes: ["x", "y", "z"], edges: ["x-y 2.0", "y-z 0.5"]),
    Case(
      name: "g.xml",
      text: """
        <g:graphml xmlns:g="x"><g:key id="weight" for="node" attr.name="weight"/><g:graph edgedefault="directed">
        <g:node id="b &amp; &#34;c&#34;"><g:data key="weight">7</g:data><x:y><edge/></x:y></g:node>
        <g:edge source="a" target="b &amp; &#34;c&#34;" directed="true"/><g:node id="a"/></g:graph></g:graphml>
        """, directed: true, nodes: ["a", "b & \"c\""], edges: ["a-b & \"c\""]),
    Case(
      name: "g.graphml",
      text: "<graphml><graph edgedefault='directed'><node id='10'/><node id='9'/><node id='1'/>"
        + "<edge source='10' target='9' directed='false'/></graph></graphml>",
      nodes: ["1", "9", "10"], edges: ["9-10"]),
    Case(
      name: "g.gml",
      text: "graph [\n  directed 1\n  node [ id 0 label \"a &#233;&quot;\" graphics [ x 1.0 fill \"]\" ] ]\n"
        + "  node [\n id 1\n label \"b\"\n ]\n edge [ source 0 target 1 weight 1.5 id \"e\" ]\n]\n", directed: true,
      nodes: ["a é\"", "b"], edges: ["a é\"-b 1.5"]),
    Case(
      name: "igraph.gml",
      text:
        "Creator \"igraph\"\nVersion 1\ngraph\n[\n  directed 0\n  node\n  [\n    id 0\n    name \"q\"\n  ]\n  node\n  [\n"
        + "    id 1\n    name \"p\"\n  ]\n  edge\n  [\n    source 1\n    target 0\n  ]\n]\n",
      nodes: ["p", "q"], edges: ["p-q"]),
    Case(
      name: "g.gml",
      text: "graph [ node [ id 5 label \"a\" ] node [ id 7 label \"a\" ] edge [ source 5 target 7 value 3 ] ]",
      nodes: ["5", "7"], edges: ["5-7 3.0"], warnings: 1),
    Case(
      name: "square.net",
      text: "*Vertices 4\n1 \"north\"\n2 \"east\"\n3 \"south\"\n4 \"west\"\n*Edges\n1 2 1.5\n2 3\n3 4\n4 1\n",
      nodes: ["east", "north", "south", "west"],
      edges: ["east-north 1.5", "east-south 1.0", "north-west 1.0", "south-west 1.0"]),
    Case(
      name: "g.net",
      text:
        "*network x\n*VERTICES 3\n1 \"New York\" 0.1 0.2 ic Red\n2 b\n*Arcs :1 \"likes\"\n1 2 2 l \"x\"\n2 3 -1 [1-3]\n",
      directed: true, nodes: ["1", "2", "3"], edges: ["1-2 2.0", "2-3 -1.0"], warnings: 1),
    Case(
      name: "g.net", text: "*Vertices 4\n*Arcslist\n1 2 3\n*Edgeslist\n3 4\n", directed: true,
      nodes: ["1", "2", "3", "4"],
      edges: ["1-2", "1-3", "3-4", "4-3"], warnings: 1),
    Case(
      name: "node-link.json",
      text: """
        {"directed": false, "multigraph": false, "graph": {}, "nodes": [{"id": "p"}, {"id": "q"}, {"id": "r"}],
         "edges": [{"source": "p", "target": "q", "weight": 2.0}, {"source": "q", "target": "r", "weight": 3.0}]}
        """, nodes: ["p", "q", "r"], edges: ["p-q 2.0", "q-r 3.0"]),
    Case(
      name: "sorted.json",
      text: """
        {"directed":true,"graph":{"a":[1,{"b":null}]},"links":[{"key":0,"source":12,"target":3,"weight":null},
        {"source":3,"target":3}],"nodes":[{"id":3,"x":[[]]},{"id":12},{"id":100}]}
        """, directed: true, nodes: ["3", "12", "100"], edges: ["3-3", "12-3"]),
    Case(
      name: "d3.json",
      text:
        "{\"nodes\":[{\"name\":\"\\u00e9\\ud83d\\ude00\"},{\"name\":\"b\"}],\"links\":[{\"source\":1,\"target\":0,\"value\":4}]}",
      nodes: ["b", "é😀"], edges: ["b-é😀 4.0"], warnings: 1),
    Case(
      name: "g.lg", text: "4,2,u,name,2,Int64,simplegraph\n1,2\n4,2\n", nodes: ["1", "2", "3", "4"],
      edges: ["1-2", "2-4"]),
    Case(name: "g.lg", text: "3,2,d\n1, 2\n\n3,2\n", directed: true, nodes: ["1", "2", "3"], edges: ["1-2", "3-2"]),
    Case(
      name: "g.lgl", text: "# a\nb 2.5\nc 1\n# b\nc 7\n# d\n", nodes: ["a", "b", "c", "d"],
      edges: ["a-b 2.5", "a-c 1.0", "b-c 7.0"]),
    Case(name: "g.ncol", text: "a b 2\nb c 3\n", nodes: ["a", "b", "c"], edges: ["a-b 2.0", "b-c 3.0"]),
    // The examples of the description of the formats.
    Case(
      name: "g.g6", text: ">>graph6<<DQc\n", nodes: ["0", "1", "2", "3", "4"], edges: ["0-2", "0-4", "1-3", "3-4"]),
    Case(
      name: "g.s6", text: ":Fa@x^\n", nodes: ["0", "1", "2", "3", "4", "5", "6"], edges: ["0-1", "0-2", "1-2", "5-6"]),
    Case(
      name: "g.d6", text: "&DI?AO?\n", directed: true, nodes: ["0", "1", "2", "3", "4"],
      edges: ["0-2", "0-4", "3-1", "3-4"]),
  ]

  @Test("By hand, from a file, compressed and in small pieces", arguments: cases)
  func byHand(row: Case) throws {
    let reading = try read(row.name, row.text)
    #expect(reading.graph.isDirected == row.directed)
    #expect(reading.graph.nodeNames == row.nodes)
    #expect(edges(reading.graph) == row.edges)
    #expect(reading.report.warnings.count == row.warnings, "\(reading.report.warnings)")
    let scratch = Scratch()
    let packed = try scratch.compressed(row.name, ending: ".gz", Array(row.text.utf8))
    #expect(try readGraph(packed).graph.fingerprint() == reading.graph.fingerprint())
    // With a byte order mark, where the format is a text.
    if !row.name.hasSuffix("6") {
      #expect(try read(row.name, "\u{feff}" + row.text).graph.fingerprint() == reading.graph.fingerprint())
    }
  }

  @Test func options() throws {
    let metis = "3 2\n2\n1 3\n2\n"
    #expect(try read("g.metis", metis) { $0.ids = .dense }.graph.nodeNames == ["0", "1", "2"])
    #expect(try read("g.metis", "3 3\n2\n3\n1\n") { $0.isDirected = true }.graph.isDirected)
    let roads = "p sp 3 3\na 1 2 7\na 2 1 7\na 2 3 4\n"
    let joined = try read("g.gr", roads) { $0.isDirected = false }
    #expect(edges(joined.graph) == ["1-2 7.0", "2-3 4.0"])
    #expect(joined.report.warnings.isEmpty)
    #expect(try read("g.gr", roads) { $0.weights = .no }.graph.isWeighted == false)
    #expect(throws: MillError.self) {
      try read("g.gr", roads.replacing("4", with: "-4")) { $0.refusesNegativeWeights = true }
    }
    let names =
      "{\"directed\":false,\"nodes\":[{\"id\":\"7\"},{\"id\":\"10\"}],\"edges\":[{\"source\":\"10\",\"target\":\"7\"}]}"
    #expect(try read("g.json", names).graph.nodeNames == ["7", "10"])
    #expect(try read("g.json", names) { $0.ids = .string }.graph.nodeNames == ["10", "7"])
    #expect(try read("g.json", names) { $0.ids = .dense }.graph.nodeCount == 11)
    #expect(throws: MillError.self) { try read("g.json", names) { $0.weights = .yes } }
    let labels = "{\"directed\":false,\"nodes\":[{\"id\":\"b\"},{\"id\":\"a\"}],\"edges\":[]}"
    #expect(try read("g.json", labels) { $0.labelOrder = .firstSeen }.graph.nodeNames == ["b", "a"])
    #expect(throws: MillError.self) { try read("g.json", labels) { $0.ids = .compact } }
    #expect(try read("g.json", names) { $0.isBipartite = true }.report.warnings.count == 1)
  }

  @Test(
    "Refused with their place",
    arguments: [
      ("g.metis", "3 2\n2\n1 3\n", 1), ("g.metis", "3 2\n2\n", 3), ("g.metis", "3 2\n2\n1 3\n2\n1\n", 5),
      ("g.metis", "3 2\n2\n1 4\n2\n", 3),
      ("g.metis", "3 2\n0\n1 3\n2\n", 2), ("g.metis", "3 2\n2\n3\n2\n", 1), ("g.metis", "3 2\n2 3\n1\n1 x\n", 4),
      ("g.metis", "3 2\n2 3\n3\n1\n", nil), ("g.metis", "2 1 1\n2 5\n1 6\n", nil), ("g.metis", "2 1 1\n2\n1 5\n", 2),
      ("g.metis", "x\n", 1), ("g.metis", "", 1), ("g.metis", "4000000000 1\n", 2), ("g.metis", "5 5 7\n", 1),
      ("g.gr", "a 1 2 3\n", 1), ("g.gr", "p sp 2 2\na 1 2 3\n", 3), ("g.gr", "p sp 2 1\na 1 3 3\n", 2),
      ("g.gr", "p sp 2 1\na 1 2\n", 2), ("g.gr", "p sp 2 1\na 1 2 nan\n", 2), ("g.gr", "p max 2 1\na 1 2 1\n", 1),
      ("g.gr", "p sp 2 1\na 1 2 3 4\n", 2), ("g.gr", "p sp 4000000000 0\n", nil), ("g.gr", "p sp 2 1\nq\n", 2),
      ("g.graphml", "<graphml>\n<graph>\n<node id='a'/><node id='a'/></graph></graphml>", 3),
      ("g.graphml", "<graphml><graph>\n<node id='a'/><edge source='a' target='b'/></graph></graphml>", 2),
      ("g.graphml", "<graphml><graph><node id='a'>\n<graph/></node></graph></graphml>", 2),
      ("g.graphml", "<graphml><graph/>\n<graph/></graphml>", 2), ("g.graphml", "<graphml>\n</graphml>", 2),
      ("g.graphml", "<graphml><graph>\n<hyperedge/></graph></graphml>", 2),
      ("g.graphml", "<graphml><graph><node id='a'>\n<port name='p'/></node></graph></graphml>", 2),
      ("g.graphml", "<graphml>\n<graph>", 2), ("g.graphml", "<graphml>\n</graph>", 2), ("g.graphml", "a b\n", 1),
      ("g.graphml", "<!DOCTYPE graphml [\n<!ENTITY a 'b'>]><graphml><graph/></graphml>", 2),
      ("g.graphml", "<graphml><graph>\n<node/></graph></graphml>", 2),
      ("g.graphml", "<graphml><graph>\n<node id=''/></graph></graphml>", 2),
      (
        "g.graphml",
        "<graphml><key id='w' for='edge' attr.name='weight'/><graph><node id='a'/><edge source='a' target='a'>\n"
          + "<data key='w'>x</data></edge></graph></graphml>", 2
      ),
      (
        "g.graphml",
        "<graphml><graph><node id='a'/><edge source='a' target='a' directed='true'/>"
          + "<edge source='a' target='a' directed='false'/></graph></graphml>", nil
      ),
      ("g.gml", "graph [ node [ id 1 ]\n node [ id 1 ] ]", 2), ("g.gml", "graph [\n edge [ source 1 ] ]", 2),
      ("g.gml", "graph [ node [ id 1 ] edge [ source 1 target 2 ] ]", 1), ("g.gml", "graph [ node [ id 1 ]", 1),
      ("g.gml", "graph [ node [\nlabel \"a ] ]", 2), ("g.gml", "graph [ ]\ngraph [ ]", 2), ("g.gml", "a 1\n", 2),
      ("g.gml", "graph [ node [ id 1 ]\n edge [ source 1 target 1 weight x ] ]", 2),
      ("g.gml", "graph [ x " + String(repeating: "[ x ", count: 70) + "1", 1),
      ("g.net", "*Edges\n1 2\n", 1), ("g.net", "*Vertices 2\n*Edges\n1 3\n", 3),
      ("g.net", "*Vertices 2\n*Matrix\n0 1\n", 2),
      ("g.net", "*Vertices 2\n*Edges\n1 2 x\n1 a\n", 4), ("g.net", "*Vertices 2\n1 \"a\n", 2),
      ("g.net", "*Vertices\n", 1),
      ("g.net", "*Vertices 2\n*Vertices 2\n", 2), ("g.net", "*Vertices 4000000000\n", nil), ("g.net", "1 2\n", 1),
      ("g.json", "{\"nodes\": [{\"id\": 1}, {\"id\": 1}],\n\"edges\": []}", 1),
      ("g.json", "{\"nodes\": [{\"id\": 1}],\n\"edges\": [{\"source\": 1, \"target\": 2}]}", 2),
      ("g.json", "{\"nodes\": [],\n\"edges\": [{\"source\": 1}]}", 2), ("g.json", "{\"nodes\": [}", 1),
      ("g.json", "{\"nodes\": [], \"edges\": []}\nx", 2), ("g.json", "{\"nodes\": [], \"edges\": []", 1),
      ("g.json", "{\"nodes\": [{\"id\": [1, 2]}], \"edges\": []}", 1),
      ("g.json", "{\"nodes\": [{\"id\": \"\\x\"}]}", 1),
      ("g.json", "{\"nodes\": [{\"id\": \"a\nb\"}]}", 1), ("g.json", "{\"nodes\": [{\"id\": \"\\ud800\"}]}", 1),
      ("g.json", "{\"x\": " + String(repeating: "[", count: 100), 1), ("g.json", "[1]", 1),
      ("g.json", "{\"nodes\": [{\"id\": 1}], \"edges\": [{\"source\": 1, \"target\": 1, \"weight\": NaN}]}", 1),
      ("g.lg", "2,1,x,name\n1,2\n", 1), ("g.lg", "2,2,u,name\n1,2\n", 3), ("g.lg", "2,1,u,name\n1,3\n", 2),
      ("g.lg", "2,1,u,name\n1,2\n2,1,u,name\n2,1\n", 3), ("g.lgl", "a b\n", 1), ("g.lgl", "# a\nb 1 2\n", 2),
      ("g.lgl", "# a b\n", 1), ("g.g6", "DQc\nDQc\n", 2), ("g.g6", "DQ\n", 1), ("g.g6", "D!c\n", 1),
      ("g.g6", "~~~~~~~~\n", 1),
      ("g.s6", ":~~?@????\n", nil), ("g.g6", "", 1),
    ] as [(String, String, Int?)])
  func refused(name: String, text: String, line: Int?) throws {
    let scratch = Scratch()
    let error = #expect(throws: MillError.self) { try readGraph(scratch.file(name, text)) }
    #expect(error?.exitCode == 65, "\(error?.description ?? "")")
    #expect(error?.line == line, "\(error?.description ?? "")")
    #expect(error?.file?.hasSuffix(name) == true)
  }

  @Test("GAP: the 4-node example by its bytes")
  func gap() throws {
    let scratch = Scratch()
    func bytes(_ first: UInt8, _ words: [UInt64], _ ids: [UInt32]) -> [UInt8] {
      var result: [UInt8] = [first]
      for word in words { withUnsafeBytes(of: word.littleEndian) { result += $0 } }
      for id in ids { withUnsafeBytes(of: id.littleEndian) { result += $0 } }
      return result
    }
    let undirected: [UInt8] = bytes(0, [4, 3, 0, 1, 3, 4], [1, 0, 2, 1])
    #expect(edges(try readGraph(scratch.file("g.sg", undirected)).graph) == ["0-1", "1-2"])
    let incoming: [UInt8] = Array(bytes(0, [0, 0, 1, 2], [0, 1]).dropFirst())
    let whole: [UInt8] = bytes(1, [2, 3, 0, 1, 2, 2], [1, 2]) + incoming
    let graph = try readGraph(scratch.file("e.sg", whole)).graph
    #expect(graph.isDirected)
    #expect(edges(graph) == ["0-1", "1-2"])
    let weighted: [UInt8] = bytes(1, [1, 2, 0, 1, 1], [1, 5]) + Array(bytes(0, [0, 0, 1], [0, 5]).dropFirst())
    #expect(edges(try readGraph(scratch.file("d.wsg", weighted)).graph) == ["0-1 5.0"])
    var bad: [[UInt8]] = []
    bad.append(bytes(0, [4, 3, 0, 1, 3, 4], [1, 0, 2, 9]))
    bad.append(bytes(0, [4, 3, 0, 1, 3, 4], [1, 0, 2, 0]))
    bad.append(bytes(0, [4, 3, 0, 3, 1, 4], [1, 0, 2, 1]))
    bad.append(bytes(0, [4, 3, 0, 1, 3, 5], [1, 0, 2, 1]))
    bad.append(bytes(2, [4, 3, 0, 1, 3, 4], [1, 0, 2, 1]))
    bad.append(bytes(0, [1 << 62, 1 << 61], []))
    bad.append(Array(undirected.dropLast()))
    bad.append([])
    for bytes in bad {
      let error = #expect(throws: MillError.self) { try readGraph(scratch.file("b.sg", bytes)) }
      #expect(error?.exitCode == 65)
    }
  }

  @Test("numpy arrays: widths, byte orders, orders of rows and columns")
  func numpy() throws {
    let scratch = Scratch()
    func array(_ type: String, _ shape: String, fortran: Bool = false, _ data: [UInt8]) -> [UInt8] {
      let header = Array(
        "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n".utf8)
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + data
    }
    let expected = ["1-2", "2-7"]
    var good: [[UInt8]] = []
    good.append(array("|u1", "(2, 2)", [1, 2, 7, 2]))
    good.append(array("|i1", "(2, 2)", fortran: true, [1, 7, 2, 2]))
    good.append(array(">u2", "(2, 2)", [0, 1, 0, 2, 0, 7, 0, 2]))
    good.append(array("<u2", "(2, 2)", [1, 0, 2, 0, 7, 0, 2, 0]))
    good.append(array("<f4", "(2, 2)", [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0xe0, 0x40, 0, 0, 0, 0x40]))
    good.append(array("|u1", "(2, 4)", [1, 2, 1, 2, 2, 7, 2, 7]))
    for bytes in good { #expect(edges(try readGraph(scratch.file("g.npy", bytes)).graph) == expected) }
    let weighted = array("|u1", "(2, 3)", [1, 2, 5, 7, 2, 9])
    #expect(edges(try readGraph(scratch.file("g.npy", weighted)).graph) == ["1-2 5.0", "2-7 9.0"])
    var refused: [[UInt8]] = []
    refused.append(array("|u1", "(2, 2)", [1, 2, 7]))
    refused.append(array("|u1", "(2, 2)", [1, 2, 7, 2, 1]))
    refused.append(array("|i1", "(1, 2)", [1, 0xff]))
    refused.append(array("|u1", "(4,)", [1, 2, 3, 4]))
    refused.append(array("|O", "(1, 2)", [1, 2]))
    refused.append(array("<c8", "(1, 2)", [1]))
    refused.append(array("<f4", "(1, 2)", [0, 0, 0, 0x3f, 0, 0, 0, 0x40]))
    refused.append(array("<i8", "(1152921504606846976, 2)", [1]))
    refused.append(array("<i8", "(9223372036854775807, 2)", [1]))
    for bad in refused {
      let error = #expect(throws: MillError.self) { try readGraph(scratch.file("b.npy", bad)) }
      #expect(error?.exitCode == 65, "\(error?.description ?? "")")
    }
  }
}
