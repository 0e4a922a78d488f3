import Glibc
import GraphFormats
public import GraphStore
public import MillRuntime

/// The parts of a folder with a graph, features, labels and a split.
public struct AttributedGraphFiles: Sendable, Equatable {
  /// The edges, in any format of graphs; nodes are numbers from 0.
  public var edges: String
  /// The features, a row a node: Matrix Market, `.npz` or `.npy`.
  public var features: String
  /// A class a node, `-1` for none: `node<TAB>class`; nil where there are no labels.
  public var labels: String?
  /// `node<TAB>train`, `val` or `test`; nodes that are not listed are in no part. Nil where there is no split.
  public var splits: String?

  /// The files of a folder: `edges.*` (as tsv, csv, mtx, gmg …), `features.*` (mtx, mtx.gz, npz, npy), and, where they
  /// are there, `labels.tsv` and `splits.tsv`.
  ///
  /// - Throws: `MillError` of kind `unreadable` where edges or features are not there, and where two files could be one
  ///   part.
  public init(folder: String) throws(MillError) {
    let names = try fileNames(in: folder)
    func part(_ stem: String) throws(MillError) -> String? {
      let found = names.filter { $0.hasPrefix(stem + ".") && !$0.hasSuffix(".manifest.json") }
      guard found.count < 2 else {
        throw MillError(
          .unreadable, "the folder has more than one file \(stem).*", file: folder,
          field: found.joined(separator: ", "))
      }
      return found.first.map { "\(folder)/\($0)" }
    }
    guard let edges = try part("edges") else {
      throw MillError(
        .unreadable, "the folder has no file edges.*", file: folder, hint: "a row an edge: u<TAB>v, numbered from 0")
    }
    guard let features = try part("features") else {
      throw MillError(
        .unreadable, "the folder has no file features.*", file: folder,
        hint: "a row a node: features.mtx, features.mtx.gz, features.npz or features.npy")
    }
    self.edges = edges
    self.features = features
    labels = try part("labels")
    splits = try part("splits")
  }

  /// All files that are there.
  public var all: [String] { [edges, features] + [labels, splits].compactMap { $0 } }
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
  guard let labelsPath = files.labels, let splitsPath = files.splits else {
    throw MillError(
      .unreadable, "the folder has no file \(files.labels == nil ? "labels.*" : "splits.*")",
      hint: files.labels == nil ? "a row a node: node<TAB>class" : "a row a node: node<TAB>train, val or test")
  }
  let (graph, features) = try readGraphWithFeatures(files, context: context)
  let (labels, classNames) = try readClasses(labelsPath, nodeCount: graph.nodeCount)
  let split = try readSplit(splitsPath, nodeCount: graph.nodeCount)
  do throws(MillError) {
    return try AttributedGraph(
      graph: graph, features: features, labels: labels, classNames: classNames, split: split, context: context)
  } catch {
    throw error.kind == .badLabels ? error.inFile(splitsPath) : error
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

/// Reads a class a node, and the names of the classes.
func readClasses(
  _ path: String, nodeCount: Int
) throws(MillError) -> (labels: SharedArray<Int32>, names: [String]) {
  let file = try LabelFile(path: path)
  let table = try LabelTable(path: path)
  let groups = file.groups
  let isNumbered = groups.allSatisfy { Int($0) != nil }
  let names =
    isNumbered ? groups.sorted { Int($0)! < Int($1)! } : groups.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  let numbers = Dictionary(names.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
  let labels = try FlatBuffer<Int32>(uninitializedCount: nodeCount)
  for node in 0..<nodeCount { unsafe labels.base[node] = -1 }
  for (row, label) in file.labels.enumerated() {
    let place = try node(file.names[row], below: nodeCount, path, line: table.lines[row])
    if let label, let number = numbers[label] { unsafe labels.base[place] = number }
  }
  return (SharedArray(labels), names)
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
