import Glibc
import GraphFormats
public import GraphStore
public import MillRuntime

/// The parts of a folder with a graph, features, labels and a split.
public struct AttributedGraphFiles: Sendable, Equatable {
  /// How labels and split are written.
  public enum Layout: String, Sendable, CaseIterable, Codable {
    /// Tables: `node<TAB>class` with `-1` for none, and `node<TAB>train`, `val` or `test`; nodes that are not listed are in
    /// no part.
    case tables
    /// The raw files of the Open Graph Benchmark: a class a line in the order of the nodes, and a file a part of the split.
    case ogb
  }

  /// How labels and split are written.
  public var layout: Layout
  /// The edges, in any format of graphs; nodes are numbers from 0.
  public var edges: String
  /// The features, a row a node: Matrix Market, `.npz`, `.npy` or rows of numbers.
  public var features: String
  /// The labels; nil where there are none.
  public var labels: String?
  /// The split: one file, or those of training, validation and test; empty where there is none.
  public var splits: [String]

  /// The files of a folder: `edges.*` (as tsv, csv, mtx, gmg …), `features.*` (mtx, mtx.gz, npz, npy, csv), and, where they
  /// are there, `labels.tsv` and `splits.tsv`. A folder with `raw/edge.csv` (also `.gz`) has the Open Graph Benchmark's
  /// layout: `raw/node-feat.csv`, `raw/node-label.csv`, `split/NAME/train.csv`, `valid.csv`, `test.csv`.
  ///
  /// - Throws: `MillError` of kind `unreadable` where edges or features are not there, and where two files could be one
  ///   part.
  public init(folder: String) throws(MillError) {
    let names = try fileNames(in: folder)
    if names.contains("raw") {
      let raw = folder + "/raw"
      if let edges = try part("edge", of: raw, fileNames(in: raw)) {
        self = try Self(benchmark: folder, edges: edges, hasSplit: names.contains("split"))
        return
      }
    }
    guard let edges = try part("edges", of: folder, names) else {
      throw MillError(
        .unreadable, "the folder has no file edges.*", file: folder, hint: "a row an edge: u<TAB>v, numbered from 0")
    }
    guard let features = try part("features", of: folder, names) else {
      throw MillError(
        .unreadable, "the folder has no file features.*", file: folder,
        hint: "a row a node: features.mtx, features.mtx.gz, features.npz, features.npy or features.csv")
    }
    layout = .tables
    self.edges = edges
    self.features = features
    labels = try part("labels", of: folder, names)
    splits = try [part("splits", of: folder, names)].compactMap { $0 }
  }

  private init(benchmark folder: String, edges: String, hasSplit: Bool) throws(MillError) {
    let raw = folder + "/raw"
    let names = try fileNames(in: raw)
    guard let features = try part("node-feat", of: raw, names) else {
      throw MillError(.unreadable, "the folder has no file node-feat.*", file: raw)
    }
    layout = .ogb
    self.edges = edges
    self.features = features
    labels = try part("node-label", of: raw, names)
    splits = []
    guard hasSplit else { return }
    let split = folder + "/split"
    let kinds = try fileNames(in: split).filter { !$0.hasPrefix(".") }
    guard kinds.count == 1 else {
      throw MillError(
        .unreadable, "the folder does not hold exactly one split", file: split, field: kinds.joined(separator: ", "))
    }
    let parts = try fileNames(in: "\(split)/\(kinds[0])")
    for name in ["train", "valid", "test"] {
      guard let path = try part(name, of: "\(split)/\(kinds[0])", parts) else {
        throw MillError(.unreadable, "the folder has no file \(name).*", file: "\(split)/\(kinds[0])")
      }
      splits.append(path)
    }
  }

  /// All files that are there.
  public var all: [String] { [edges, features] + [labels].compactMap { $0 } + splits }
}

/// The file of a part among the names in a folder; nil where there is none.
private func part(_ stem: String, of folder: String, _ names: [String]) throws(MillError) -> String? {
  let found = names.filter { $0.hasPrefix(stem + ".") && !$0.hasSuffix(".manifest.json") }
  guard found.count < 2 else {
    throw MillError(
      .unreadable, "the folder has more than one file \(stem).*", file: folder, field: found.joined(separator: ", "))
  }
  return found.first.map { "\(folder)/\($0)" }
}

private func fileNames(in folder: String) throws(MillError) -> [String] {
  guard let stream = unsafe opendir(folder) else {
    throw MillError(.unreadable, "cannot read the folder", file: folder)
  }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  while let entry = unsafe readdir(stream) {
    names.append(
      unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      })
  }
  return names.sorted()
}

/// Reads a graph with features, labels and a split from the files of a folder.
///
/// Classes are ordered by number where all are whole numbers, else by their bytes.
///
/// - Throws: `MillError` with the file, of texts with the line: `unreadable`, `bad-features`, `bad-labels`, or what is
///   wrong with the content.
/// - Complexity: O(bytes).
public func readAttributedGraph(
  _ files: AttributedGraphFiles, context: RunContext = .init()
) throws(MillError) -> AttributedGraph {
  guard let labelsPath = files.labels, let splitPath = files.splits.first else {
    throw MillError(
      .unreadable, "the folder has no file \(files.labels == nil ? "labels.*" : "splits.*")",
      hint: files.labels == nil ? "a row a node: node<TAB>class" : "a row a node: node<TAB>train, val or test")
  }
  let (graph, features) = try readGraphWithFeatures(files, context: context)
  let n = graph.nodeCount
  let (labels, classNames) = try classes(of: files.nodeLabels(context: context), labelsPath, nodeCount: n)
  let split = try files.splits.count == 1 ? readSplit(splitPath, nodeCount: n) : readParts(files.splits, nodeCount: n)
  do throws(MillError) {
    return try AttributedGraph(
      graph: graph, features: features, labels: labels, classNames: classNames, split: split, context: context)
  } catch {
    throw error.kind == .badLabels ? error.inFile(splitPath) : error
  }
}

extension AttributedGraphFiles {
  /// The name and the label of each node that the labels list, with its line; a nil label is none.
  ///
  /// - Throws: `MillError` with file and line; `unreadable` where there are no labels.
  public func nodeLabels(
    context: RunContext = .init()
  ) throws(MillError) -> [(name: String, label: String?, line: Int)] {
    guard let path = labels else { throw MillError(.unreadable, "there are no labels") }
    switch layout {
    case .tables:
      let (file, table) = (try LabelFile(path: path), try LabelTable(path: path))
      return file.names.indices.map { (file.names[$0], file.labels[$0], table.lines[$0]) }
    case .ogb:
      return try readLines(path, context: context).enumerated().map { row, line in
        ("\(row)", ["nan", "-1"].contains(line.text) ? nil : line.text, line.line)
      }
    }
  }
}

/// Reads a graph and features of its nodes; labels and split are not looked at. Nodes are called by their numbers.
///
/// - Throws: As ``readAttributedGraph(_:context:)``.
/// - Complexity: O(bytes).
public func readGraphWithFeatures(
  _ files: AttributedGraphFiles, context: RunContext = .init()
) throws(MillError) -> (graph: CSRGraph, features: FeatureMatrix) {
  let features = try FeatureMatrix(path: files.features, context: context)
  let n = features.rowCount
  let options = GraphReadOptions(isDirected: false, ids: .dense, nodes: n)
  let graph = try readGraph(files.edges, options: options, context: context).graph
  guard graph.nodeCount == n else {
    throw MillError(.badFeatures, "\(n) rows of features for \(graph.nodeCount) nodes", file: files.features)
  }
  return (graph.withDenseNames(), features)
}

extension CSRGraph {
  /// The same graph, whose nodes are called by their numbers.
  fileprivate func withDenseNames() -> CSRGraph {
    CSRGraph(
      storage: CSRStorage(
        nodeCount: nodeCount, edgeCount: edgeCount, flags: storage.flags, offsets: offsets, targets: targets,
        weights: weights, inArcs: inArcs))
  }
}

private func node(_ name: String, below count: Int, _ path: String, line: Int) throws(MillError) -> Int {
  guard let node = Int(name), node >= 0, node < count else {
    throw MillError(
      .badLabels, "the node is none of the numbers 0 to \(count - 1)", file: path, line: line, field: name)
  }
  return node
}

private func classes(
  of rows: [(name: String, label: String?, line: Int)], _ path: String, nodeCount: Int
) throws(MillError) -> (labels: SharedArray<Int32>, names: [String]) {
  let groups = Set(rows.compactMap(\.label))
  let isNumbered = groups.allSatisfy { Int($0) != nil }
  let names = groups.sorted {
    if isNumbered, let one = Int($0), let other = Int($1) { return one < other }
    return $0.utf8.lexicographicallyPrecedes($1.utf8)
  }
  let numbers = Dictionary(names.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
  let labels = try FlatBuffer<Int32>(uninitializedCount: nodeCount)
  for node in 0..<nodeCount { unsafe labels.base[node] = -1 }
  for row in rows {
    let place = try node(row.name, below: nodeCount, path, line: row.line)
    if let label = row.label, let number = numbers[label] { unsafe labels.base[place] = number }
  }
  return (SharedArray(labels), names)
}

/// The parts of a split from a file each, a node a line.
private func readParts(_ paths: [String], nodeCount: Int) throws(MillError) -> AttributedGraph.Split {
  var parts: [[UInt32]] = []
  for path in paths {
    parts.append(
      try readLines(path).map { line throws(MillError) in
        UInt32(try node(line.text, below: nodeCount, path, line: line.line))
      })
  }
  return try AttributedGraph.Split(train: parts[0], validation: parts[1], test: parts[2])
}

private func readSplit(_ path: String, nodeCount: Int) throws(MillError) -> AttributedGraph.Split {
  let table = try LabelTable(path: path)
  var parts: [String: [UInt32]] = ["train": [], "val": [], "test": []]
  for (row, name) in table.names.enumerated() {
    let place = try node(name, below: nodeCount, path, line: table.lines[row])
    let word = table.rows[row].first ?? ""
    let part = ["valid", "validation"].contains(word) ? "val" : word
    guard parts[part] != nil else {
      throw MillError(
        .badLabels, "a node is train, val or test", file: path, line: table.lines[row], field: word)
    }
    parts[part]!.append(UInt32(place))
  }
  return try AttributedGraph.Split(train: parts["train"]!, validation: parts["val"]!, test: parts["test"]!)
}
