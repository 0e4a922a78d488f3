import Glibc
import GraphFormats
import GraphStore
import MillRuntime
import TestSupport

extension FuzzReader {
  /// One reader a format, and one for what is compressed.
  static let graphs: [FuzzReader] =
    GraphFormat.allCases.filter(\.isRead).filter { $0 != .gmg }.map { format in
      FuzzReader(
        name: format.rawValue, ending: format.endings[0], seeds: { try graphSeeds(format, $0) },
        words: graphWords[format.rawValue] ?? [],
        read: { path, number throws(MillError) in try readAnyGraph(path, format, number) })
    } + [
      FuzzReader(
        name: "compressed", ending: "txt", seeds: { try compressedSeeds($0) },
        read: { path, number throws(MillError) in try readAnyGraph(path, .el, number) })
    ]

  /// Reads a graph with options that the number picks, and checks all that a graph promises.
  static func readAnyGraph(_ path: String, _ format: GraphFormat, _ number: UInt64) throws(MillError) -> String {
    var options = GraphReadOptions()
    if number % 3 > 0 { options.format = format }
    options.isDirected = [nil, true, false][Int(number / 3 % 3)]
    options.ids = GraphReadOptions.IDMode.allCases[Int(number / 9 % 4)]
    options.duplicates = number / 36 % 2 == 0 ? .sum : .keep
    let reading = try readGraph(path, options: options, context: RunContext(threads: 1))
    try checkDeep(reading.graph)
    let graph = reading.graph
    return "\(reading.report.format) \(min(4, graph.nodeCount)) \(min(4, graph.edgeCount)) \(graph.isWeighted)"
  }

  private static func graphSeeds(_ format: GraphFormat, _ folder: String) throws -> [[UInt8]] {
    var seeds = (graphTexts[format.rawValue] ?? []).map { Array($0.utf8) }
    guard format.isWritten else { return seeds }
    for isDirected in [false, true] {
      let weighted = try CSRGraph(
        nodeCount: 6, weightedEdges: [(0, 1, 2), (1, 2, 3), (4, 2, 1), (0, 5, 7)], isDirected: isDirected)
      let named = try CSRGraph(
        nodeCount: 5, edges: [(0, 1), (1, 2), (3, 3), (0, 4)], isDirected: isDirected
      ).named(["a", "b c", "\"q\"", "é", "#x"])
      for graph in [weighted, weighted.withoutWeights(), named] {
        var options = GraphWriteOptions()
        options.format = format
        options.replaces = true
        let path = folder + "/seed." + format.endings[0]
        // What a format cannot hold is no seed of it.
        if (try? writeGraph(graph, to: path, options: options)) != nil { seeds.append(try fileBytes(path)) }
      }
    }
    return seeds
  }

  private static func compressedSeeds(_ folder: String) throws -> [[UInt8]] {
    let graph = try CSRGraph(nodeCount: 40, edges: (1..<40).map { ($0 * 7 % 40, $0) })
    var seeds: [[UInt8]] = []
    for ending in ["gz", "zst"] {
      let path = "\(folder)/seed.el.\(ending)"
      var options = GraphWriteOptions()
      options.replaces = true
      try writeGraph(graph, to: path, options: options)
      let bytes = try fileBytes(path)
      seeds += [bytes, bytes + bytes]
    }
    for program in ["bzip2", "xz"] {
      let made = try ChildProcess.run(["/bin/sh", "-c", "printf '1 2\\n2 3\\n3 1\\n' | \(program) -c"])
      if let made, made.status == 0 { seeds += [made.output, made.output + made.output] }
    }
    return seeds
  }

  /// Files that our writers do not write.
  private static let graphTexts: [String: [String]] = [
    "el": [
      "1 2\n2 3\n3 1\n", "# Nodes: 3 Edges: 3\n0\t1\n1\t2\n2\t0\n", "% bip unweighted\n% 4 3 2\n1 1\n1 2\n2 2\n3 1\n",
      "0 1 {'weight': 0.3}\n1 2 {}\n", "from\tto\tsince\nNew York\tParis\t1\nParis\t\"a \"\"b\"\"\"\t2\n",
      "4 4\n0 1\n1 2\n2 3\n3 0\n", "a|b\nc|d\n",
    ],
    "wel": ["1 2 0.5\n2 3 1e-3\n", "# directed weighted\n1\t2\t7\n"],
    "csv": [
      "time,target,source,weight\n100,1,2,0.5\n101,2,3,1.5\n", ":START_ID,since:int,:END_ID,:TYPE\n17,2001,4,K\n",
      "Source,Target,Type,Id,Label,timeset,Weight\na,b,Undirected,0,,,2.0\n", "\"a\",\"b,c\"\n\"d\"\"e\",f\n",
      "1;2\n3;4\n",
    ],
    "mtx": [
      "%%MatrixMarket matrix coordinate real general\n% c\n3 3 3\n1 2 7\n2 3 9.5\n3 1 -4\n",
      "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n",
      "%%MatrixMarket matrix coordinate integer skew-symmetric\n3 3 1\n3 1 4\n",
      "%%MatrixMarket matrix coordinate unsigned-integer general\n2 3 1\n1 3 4\n",
    ],
    "metis": ["5 5\n2 5\n1 3\n2 4\n3 5\n4 1\n", "3 2 011 1\n7 2 3\n1 1 3 3 4\n2 2 4\n", "% c\n3 1\n2\n1\n\n"],
    "graphml": [
      """
      <?xml version="1.0"?><graphml><key id="w" for="edge" attr.name="weight" attr.type="double"><default>2</default>
      </key><graph edgedefault="undirected"><node id="x"/><node id="y"/><edge source="x" target="y"><data key="w">.5</data>
      </edge></graph></graphml>
      """
    ],
    "gml": [
      "graph [ directed 1 node [ id 1 label \"a\" ] node [ id 2 ] edge [ source 1 target 2 value 0.5 ] ]\n",
      "Creator \"x\"\ngraph\n[\n node [ id 5 ]\n edge [ source 5 target 5 ]\n]\n",
    ],
    "pajek": [
      "*Vertices 4\n1 \"north\" 0.1 0.2\n2 \"east\"\n*Edges\n1 2 1.5\n3 4\n*Arcs\n4 1 2\n",
      "*network x\n*vertices 3\n*arcslist\n1 2 3\n", "*Vertices 2\n*Matrix\n0 1\n1 0\n",
    ],
    "gr": ["c three\np sp 3 4\na 1 2 7\na 2 1 7\na 2 3 4\na 3 1 9\n"],
    "json": [
      "{\"directed\": false, \"nodes\": [{\"id\": \"p\"}, {\"id\": \"q\"}], \"edges\": [{\"source\": \"p\", \"target\": \"q\", \"weight\": 2}]}",
      "{\"nodes\": [{\"id\": 1}, {\"id\": 2}], \"links\": [{\"source\": 1, \"target\": 2}], \"multigraph\": true}",
    ],
    "ncol": ["a b 2\nb c 3\n"], "lgl": ["# a\nb 2\nc\n# b\nc 1\n"],
    "lg": ["3,2,d,name\n1,2\n2,3\n", "3,1,u\n1,3\n"],
    "graph6": ["A_\n", ">>graph6<<D?{\n", ":Fa@x^\n", ">>sparse6<<:An\n"],
  ]

  private static let graphWords: [String: [String]] = [
    "el": [
      "# Nodes: 9 Edges: 9\n", "% asym weighted\n", "# directed weighted\n", "{'weight': 2}", "\t", "source", "target",
    ],
    "csv": ["source,target\n", "weight", "directed", "Type", "\"\"", ",,"],
    "mtx": [
      "%%MatrixMarket matrix coordinate ", "pattern", "real", "integer", "symmetric", "general", "array", "3 3 3\n",
    ],
    "metis": ["100", "011", "\n\n", "%\n"],
    "graphml": [
      "<graph>", "</graph>", "<node id='a'/>", "<edge source='a' target='b'/>", "<data key='w'>", "&#0;", "&amp;",
      "&x;",
      "<!DOCTYPE x [<!ENTITY e 'v'>]>", "<![CDATA[", "<!--", "directed='true'", "<hyperedge>", "<port/>",
    ],
    "gml": ["edge [", "node [", " id 7", " source 1", " target 2", " label \"x\"", "&quot;", "directed 1", "graph ["],
    "pajek": ["*Vertices 9\n", "*Arcs\n", "*Edges\n", "*Matrix\n", "*Edgeslist\n", "*vertices 4 2\n", "x_fact"],
    "gr": ["p sp 3 1\n", "a 1 2 3\n", "c\n"],
    "json": [
      "{\"id\": 1}", "\"links\"", "\"edges\"", "\"nodes\"", "null", "true", "\\u0000", "\\ud800", "[[[[", "{\"a\":",
    ],
    "lg": ["3,1,u\n", ",d,", "\n"], "graph6": ["~~", "~", ":", ">>graph6<<", ">>sparse6<<", "&"],
    "npy": ["'shape': (9, 2)", "'descr': '<u8'", "True", "False", "'>f8'", "(3,)"],
    "npz": ["indptr.npy", "indices.npy", "data.npy", "shape.npy", "format.npy", "PK\u{3}\u{4}", "PK\u{1}\u{2}"],
  ]
}
