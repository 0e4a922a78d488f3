import MillRuntime

/// A format that is recognized so that it is refused by its name, with a way out, and never read as something else.
struct ForeignFormat: Sendable {
  let title: String
  /// Endings that nothing else has, lower case.
  let endings: [String]
  /// What to do instead.
  let hint: Hint
  /// Whether the first bytes of a file show this format.
  let recognizes: (@Sendable (FormatHead) -> Bool)?

  init(
    _ title: String, endings: [String] = [], hint: Hint, recognizes: (@Sendable (FormatHead) -> Bool)? = nil
  ) {
    self.title = title
    self.endings = endings
    self.hint = hint
    self.recognizes = recognizes
  }

  /// The refusal.
  var refusal: MillError { MillError(.unsupportedContent, "\(title) is not read", byte: 0, hint: hint) }

  /// The format that a file's content shows, or else its name.
  static func recognized(_ head: FormatHead) -> ForeignFormat? {
    all.first { $0.recognizes?(head) ?? false } ?? all.first { $0.endings.contains(head.ending) }
  }

  private static let asTable: Hint = "write its edges as tab-separated text or CSV first"
  private static let asColumns: Hint = "write source and target columns as CSV first, with pandas, polars or DuckDB"
  private static let asGraph: Hint = "write the graph as GraphML or an edge list first, with the program that made it"

  static let all: [ForeignFormat] = [
    ForeignFormat("Parquet", endings: ["parquet", "pq"], hint: asColumns) { $0.starts("PAR1") && !$0.isText },
    ForeignFormat("Arrow", endings: ["arrow", "feather", "ipc"], hint: asColumns) {
      $0.starts("ARROW1") || ($0.starts("FEA1") && !$0.isText)
    },
    ForeignFormat("an Arrow stream", hint: asColumns) { $0.starts([0xff, 0xff, 0xff, 0xff]) },
    ForeignFormat("UTF-16 text", hint: "write it as UTF-8 first: iconv -f UTF-16 -t UTF-8 FILE") {
      $0.starts([0xff, 0xfe]) || $0.starts([0xfe, 0xff])
    },
    ForeignFormat("ORC", endings: ["orc"], hint: asColumns) { $0.starts("ORC") && !$0.isText },
    ForeignFormat("Avro", endings: ["avro"], hint: asColumns) { $0.starts(Array("Obj".utf8) + [1]) },
    ForeignFormat("SQLite", endings: ["sqlite", "db"], hint: asColumns) { $0.starts("SQLite format 3\0") },
    ForeignFormat("a DuckDB database", endings: ["duckdb"], hint: asColumns) {
      $0.bytes.dropFirst(8).starts(with: "DUCK".utf8) && $0.bytes.prefix(16).contains(0)
    },
    ForeignFormat("HDF5", endings: ["h5", "hdf5", "h5ad"], hint: asTable) {
      $0.starts([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
    },
    ForeignFormat("MATLAB data", endings: ["mat"], hint: "write the matrix with mmwrite as Matrix Market first") {
      $0.starts("MATLAB 5.0 MAT-file")
    },
    ForeignFormat("an R object", endings: ["rds", "rdata", "rda"], hint: asGraph) {
      $0.starts("RDX2\n") || $0.starts("RDX3\n") || $0.starts("RDA3\n") || $0.starts([0x58, 0x0a, 0, 0, 0])
    },
    ForeignFormat("a graph-tool file", endings: ["gt"], hint: asGraph) {
      $0.starts([0xe2, 0x9b, 0xbe, 0x20, 0x67, 0x74])
    },
    ForeignFormat(
      "a NetworKit binary graph", endings: ["nkb", "nkbg"], hint: "write it as METIS or an edge list first"
    ) {
      $0.starts("nkbg")
    },
    ForeignFormat("a Python pickle", endings: ["pickle", "pkl", "gpickle", "pt", "pth"], hint: asGraph) { head in
      let bytes = Array(head.bytes.prefix(3))
      return bytes.count == 3 && bytes[0] == 0x80 && (2...5).contains(bytes[1]) && bytes[2] >= 0x20
        || bytes == [0x80, 4, 0x95]
    },
    ForeignFormat("a spreadsheet", endings: ["xlsx", "xls", "ods"], hint: "save the sheet as CSV first") { head in
      head.isZip && ["[Content_Types].xml", "xl/", "mimetypeapplication/vnd"].contains { head.contains($0) }
        || head.starts([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
    },
    ForeignFormat("GEXF", endings: ["gexf"], hint: "export GraphML from Gephi, or a CSV of edges") {
      $0.xmlRoot == "gexf"
    },
    ForeignFormat("a web page", endings: ["html", "htm"], hint: "download the file itself, not the page about it") {
      $0.xmlRoot == "html" || $0.text.hasPrefix("<!doctype html")
    },
    ForeignFormat("XML of another kind than GraphML", hint: asGraph) { $0.text.hasPrefix("<?xml") },
    ForeignFormat("DOT", endings: ["dot", "gv"], hint: "convert it with gv2gml of Graphviz, which is read") {
      isDot($0.text)
    },
    ForeignFormat("a list of JSON records", hint: asColumns) { head in
      head.text.first == "[" && head.text.dropFirst().first { !$0.isWhitespace } == "{"
    },
    ForeignFormat("LEDA", endings: ["gw", "lgr"], hint: asGraph) { $0.text.hasPrefix("leda.graph") },
    ForeignFormat("UCINET DL", endings: ["dl"], hint: "write it as Pajek first") { head in
      let text = head.text
      return text.hasPrefix("dl n") || text.hasPrefix("dl\n") || text.hasPrefix("dl format")
    },
    ForeignFormat("SIF", endings: ["sif", "nnf"], hint: "cut the relation column: cut -f 1,3 FILE") { _ in false },
    ForeignFormat("TGF", endings: ["tgf"], hint: "give the lines behind '#' alone: they are an edge list") {
      isTGF($0)
    },
    ForeignFormat("WebGraph", endings: ["graph-txt", "properties", "bvgraph"], hint: "write its arcs as text first") {
      $0.starts("#BVGraph properties")
    },
    ForeignFormat("a zip archive", endings: ["zip"], hint: "unpack it, or pipe: unzip -p FILE") { $0.isZip },
    ForeignFormat("a tar archive", endings: ["tar", "tgz"], hint: "unpack it, or pipe: tar -xOf FILE MEMBER") {
      $0.bytes.count > 262 && $0.bytes.dropFirst(257).starts(with: "ustar".utf8)
    },
    ForeignFormat("PDF", endings: ["pdf"], hint: asTable) { $0.starts("%PDF-") },
  ]

  /// `graph {`, `digraph name {`, `strict graph …`; a brace must follow, since an edge list may hold these words.
  private static func isDot(_ text: String) -> Bool {
    guard ["graph", "digraph", "strict", "//", "/*"].contains(where: { text.hasPrefix($0) }) else { return false }
    var words = text.split(whereSeparator: \.isWhitespace)[...]
    if words.first?.hasPrefix("//") ?? false || words.first?.hasPrefix("/*") ?? false {
      return (text.contains("graph {") || text.contains("graph{")) && (text.contains("--") || text.contains("->"))
    }
    if words.first == "strict" { words.removeFirst() }
    guard let kind = words.first?.prefix(while: { $0 != "{" }), kind == "graph" || kind == "digraph" else {
      return false
    }
    return words.prefix(3).contains { $0.contains("{") }
  }

  /// A line that is `#` alone between nodes and edges.
  private static func isTGF(_ head: FormatHead) -> Bool {
    guard head.ending == "tgf" else { return false }
    return head.text.split(separator: "\n").contains { $0.allSatisfy { $0 == "#" } && $0.count == 1 }
  }
}

extension FormatHead {
  /// Whether this is a zip archive.
  var isZip: Bool { starts([0x50, 0x4b, 0x03, 0x04]) || starts([0x50, 0x4b, 0x05, 0x06]) }
  /// Whether the fifth byte is one that texts have.
  fileprivate var isText: Bool {
    guard bytes.count > 4 else { return true }
    let fifth = bytes[bytes.startIndex + 4]
    return fifth >= 32 || [9, 10, 13].contains(fifth)
  }
  /// Whether a text occurs anywhere in the head.
  fileprivate func contains(_ word: String) -> Bool { String(decoding: bytes, as: UTF8.self).contains(word) }
}
