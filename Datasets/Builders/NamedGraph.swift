internal import GraphStore
internal import MillRuntime

/// A graph as the builders collect it: nodes with a name and a label, undirected edges between them.
struct NamedGraph {
  /// What the files say about the graph, apart from its figures.
  struct Description {
    var name: String
    var title: String
    /// Lines without `#` for the head of each file.
    var remarks: [String]
    /// Names of the columns of ``NamedGraph/labels`` that follow the node, separated by TAB.
    var labelColumns: String
  }

  /// Names in strictly ascending order of their bytes.
  var names: [String]
  /// The rest of each node's row in the label file: fields separated by TAB.
  var labels: [String]
  /// Edges as (smaller node << 32 | larger node); sorted and made distinct by ``finish()``.
  var edges: [UInt64] = []

  /// Adds the undirected edge {u, v}; an edge from a node to itself is left out.
  mutating func join(_ u: Int, _ v: Int) {
    if u != v { edges.append(UInt64(min(u, v)) << 32 | UInt64(max(u, v))) }
  }

  /// Sorts the edges and removes repeated ones.
  mutating func finish() {
    edges.sort()
    var kept = 0
    for index in edges.indices where kept == 0 || edges[kept - 1] != edges[index] {
      edges[kept] = edges[index]
      kept += 1
    }
    edges.removeLast(edges.count - kept)
  }

  /// Writes `edges.tsv`, `graph.mtx`, `labels.tsv` and, last of all, the manifest of the folder.
  func write(_ about: Description, into folder: String) throws(MillError) -> DatasetSummary {
    try WholeFile.createFolder(folder)
    var files: [DatasetFile] = []
    for (name, content) in [
      ("edges.tsv", edgeList(about)), ("graph.mtx", matrix(about)), ("labels.tsv", labelTable(about)),
    ] {
      try WholeFile.write(content, to: folder + "/" + name)
      let checksum = unsafe content.withUnsafeBytes { unsafe sha256Hex($0) }
      files.append(DatasetFile(path: name, bytes: content.count, sha256: checksum))
    }
    let summary = DatasetSummary(
      name: about.name, title: about.title, nodes: names.count, edges: edges.count, loops: 0, directed: false,
      weighted: false, files: files)
    try DatasetManifest(datasets: [summary]).write(into: folder)
    return summary
  }

  /// One edge a line by name; nodes without edges do not occur.
  private func edgeList(_ about: Description) -> [UInt8] {
    var occurs = [Bool](repeating: false, count: names.count)
    for edge in edges {
      occurs[Int(edge >> 32)] = true
      occurs[Int(edge & 0xffff_ffff)] = true
    }
    let occurring = occurs.count { $0 }
    var text = head(about, "#")
    text.append("# Nodes: \(occurring) Edges: \(edges.count)\n")
    if occurring < names.count {
      text.append("# \(names.count - occurring) more nodes have no edge: see graph.mtx and labels.tsv\n")
    }
    text.append("# u\tv\n")
    for edge in edges {
      text.append(names[Int(edge >> 32)])
      text.append("\t")
      text.append(names[Int(edge & 0xffff_ffff)])
      text.append("\n")
    }
    return text.bytes
  }

  /// Matrix Market: row i is the i-th node of the label file, so nodes without edges are there too.
  private func matrix(_ about: Description) -> [UInt8] {
    var text = ByteText()
    text.append("%%MatrixMarket matrix coordinate pattern symmetric\n")
    text.append(head(about, "%"))
    text.append("% row i is the i-th node of labels.tsv\n")
    text.append("\(names.count) \(names.count) \(edges.count)\n")
    for edge in edges {
      text.append(Int(edge & 0xffff_ffff) + 1)
      text.append(" ")
      text.append(Int(edge >> 32) + 1)
      text.append("\n")
    }
    return text.bytes
  }

  private func labelTable(_ about: Description) -> [UInt8] {
    var text = head(about, "#")
    text.append("# node\t\(about.labelColumns)\n")
    for (name, label) in zip(names, labels) {
      text.append(name)
      text.append("\t")
      text.append(label)
      text.append("\n")
    }
    return text.bytes
  }

  private func head(_ about: Description, _ marker: String) -> ByteText {
    var text = ByteText()
    for line in [about.title] + about.remarks { text.append("\(marker) \(line)\n") }
    return text
  }
}

/// Text as bytes that grow at the end.
struct ByteText {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
  mutating func append(_ other: ByteText) { bytes.append(contentsOf: other.bytes) }

  /// The decimal digits of a number from 0 on.
  mutating func append(_ number: Int) { Decimal.append(number, to: &bytes) }
}
