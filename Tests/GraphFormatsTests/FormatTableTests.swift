import GraphStore
import MillRuntime
import Testing

@testable import GraphFormats

/// The table of formats: names, endings, what decides, what is refused by its name.
@Suite struct FormatTableTests {
  @Test func namesAndEndingsAreUnique() {
    let formats = GraphFormat.allCases
    #expect(Set(formats.map(\.rawValue)).count == formats.count)
    let endings = formats.flatMap(\.endings) + ForeignFormat.all.flatMap(\.endings)
    let repeated = Dictionary(grouping: endings) { $0 }.filter { $0.value.count > 1 }.keys
    // What is written only is known as foreign when it is read.
    #expect(Set(repeated) == ["dot", "gv", "gexf"])
    for format in formats {
      #expect(format.isRead || format.isWritten)
      #expect(GraphFormat(rawValue: format.rawValue) == format)
      #expect(!format.title.isEmpty)
    }
    #expect(GraphFormat(rawValue: "xyz") == nil)
  }

  @Test(
    "Content decides, whatever the name says",
    arguments: [
      ("%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 2\n", GraphFormat.mtx),
      ("<?xml version='1.0'?>\n<!-- c -->\n<graphml><graph><node id='a'/></graph></graphml>", .graphml),
      ("# c\nCreator \"x\"\ngraph\n[\n node [ id 1 ]\n]\n", .gml), ("*Vertices 2\n*Edges\n1 2\n", .pajek),
      ("% c\n*network x\n*vertices 2\n*arcs\n1 2\n", .pajek), ("c x\np sp 2 1\na 1 2 3\n", .gr),
      ("{\"nodes\": [], \"links\": []}", .json), ("2,1,u,name\n1,2\n", .lg), (">>graph6<<A_\n", .graph6),
      ("1 2\n2 3\n", .el),
    ])
  func contentDecides(text: String, format: GraphFormat) throws {
    let scratch = Scratch()
    let names =
      format == .el ? ["g.dat", "g.txt", "g"] : ["g.dat", "g.txt", "g.csv", "g.graphml", "g.gml", "g.net", "g"]
    for name in names { #expect(try readGraph(scratch.file(name, text)).report.format == format, "\(name)") }
  }

  @Test(
    "The ending decides where content cannot",
    arguments: [
      ("2 1\n2\n1\n", "g.metis", GraphFormat.metis), ("2 1\n2\n1\n", "g.graph.gz", .metis),
      ("# a\nb\n", "g.lgl", .lgl), ("a b 2\n", "g.ncol", .ncol), ("A_\n", "g.g6", .graph6), ("1 2 3\n", "g.wel", .wel),
    ])
  func endingDecides(text: String, name: String, format: GraphFormat) throws {
    let scratch = Scratch()
    let path =
      name.hasSuffix(".gz")
      ? try scratch.compressed(String(name.dropLast(3)), ending: ".gz", Array(text.utf8)) : scratch.file(name, text)
    #expect(try readGraph(path).report.format == format)
  }

  @Test(
    "What is known and not read is refused by its name",
    arguments: [
      ("ARROW1\0\0", "g.x", "Arrow"), ("ORC\u{1}\u{2}", "g.x", "ORC"), ("Obj\u{1}", "g.x", "Avro"),
      ("SQLite format 3\0", "g.x", "SQLite"), ("MATLAB 5.0 MAT-file", "g.x", "MATLAB"),
      ("RDX3\nX", "g.x", "an R object"),
      ("\u{26fe} gt", "g.x", "graph-tool"), ("nkbg003", "g.x", "NetworKit"),
      ("<?xml version=\"1.0\"?>\n<gexf xmlns=\"x\"/>", "g.x", "GEXF"), ("<!DOCTYPE html><html>", "g.x", "a web page"),
      ("<html>", "g.txt", "a web page"), ("<?xml version=\"1.0\"?><kml/>", "g.x", "XML of another kind"),
      ("graph {\n a -- b\n}\n", "g.txt", "DOT"), ("digraph \"x\" { a -> b }", "g.x", "DOT"),
      ("strict graph{a--b}", "g.x", "DOT"), ("// c\ngraph {\n a -- b }", "g.x", "DOT"),
      ("a pp b\n", "g.sif", "SIF"), ("1 a\n2 b\n#\n1 2\n", "g.tgf", "TGF"), ("LEDA.GRAPH\nstring\n", "g.x", "LEDA"),
      ("DL n=3\nformat=edgelist1\n", "g.x", "UCINET"), ("PK\u{3}\u{4}abc", "g.x", "a zip archive"),
      ("%PDF-1.4\n", "g.x", "PDF"), ("a b\n", "g.xlsx", "a spreadsheet"), ("a b\n", "g.h5", "HDF5"),
      ("{\"directed\": false, \"adjacency\": []}", "g.json", "adjacency data"),
      ("{\"elements\": {\"nodes\": []}}", "g.json", "Cytoscape"), ("{\"a\": 1}", "g.json", "no node-link graph"),
      ("{\"options\": {\"type\": \"directed\"}, \"nodes\": [], \"edges\": []}", "g.json", "graphology"),
    ])
  func foreign(text: String, name: String, title: String) throws {
    let scratch = Scratch()
    let error = #expect(throws: MillError.self) { try readGraph(scratch.file(name, text)) }
    #expect(error?.kind == .unsupportedContent)
    #expect(error?.message.contains(title) == true, "\(error?.description ?? "")")
    #expect(error?.hint?.description.isEmpty == false)
  }

  @Test("Binary formats are refused by their first bytes")
  func foreignBytes() throws {
    let scratch = Scratch()
    var sheet: [UInt8] = [0x50, 0x4b, 3, 4]
    sheet += [UInt8](repeating: 0, count: 26)
    sheet += Array("[Content_Types].xml".utf8)
    let files: [(bytes: [UInt8], title: String)] = [
      ([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], "HDF5"), ([0x80, 4, 0x95, 0x10, 0, 0], "pickle"),
      ([0x80, 2, 0x63, 0x6e], "pickle"), ([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "spreadsheet"),
      (sheet, "spreadsheet"),
    ]
    for (bytes, title) in files {
      let error = #expect(throws: MillError.self) { try readGraph(scratch.file("g.bin", bytes)) }
      #expect(error?.kind == .unsupportedContent)
      #expect(error?.message.contains(title) == true, "\(error?.description ?? "")")
    }
  }

  @Test("Edge lists whose names look like other formats are still edge lists")
  func lookalikes() throws {
    let scratch = Scratch()
    for text in ["graph digraph\nstrict x\n", "c d\nd e\n", "dl x\ny z\n", "creator a\nb c\n", "ORC x\n", "p q\nq r\n"]
    {
      #expect(try readGraph(scratch.file("g.txt", text)).report.format == .el)
    }
  }

  @Test func onlyReadOrOnlyWritten() throws {
    let scratch = Scratch()
    let graph = try CSRGraph(nodeCount: 2, edges: [(0, 1)])
    var options = GraphWriteOptions()
    options.format = .lg
    let error = #expect(throws: MillError.self) { try writeGraph(graph, to: scratch.file("g.lg"), options: options) }
    #expect(error?.exitCode == 69)
    var reading = GraphReadOptions()
    reading.format = .dot
    #expect(throws: MillError.self) { try readGraph(scratch.file("g.txt", "1 2\n"), options: reading) }
    #expect(throws: MillError.self) { try writeGraph(graph, to: scratch.file("g.parquet")) }
    #expect(throws: MillError.self) { try writeGraph(graph, to: scratch.file("g.lg")) }
    #expect(throws: MillError.self) { try writeGraph(graph, to: scratch.file("g.tsv.xz")) }
  }
}
