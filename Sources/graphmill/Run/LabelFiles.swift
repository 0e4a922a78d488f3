import GraphStore
import HierarchicalCommunities
import MillRuntime

/// Which labels of a hierarchy a file gets.
enum LabelColumns: Equatable {
  /// One column: a flat cut.
  case cut(TreeCut)
  /// The leaves, then every depth from the first on.
  case allDepths
}

extension CommandRun {
  /// Writes `node TAB label`, with a column a depth for all of them.
  func writeLabels(
    _ hierarchy: CommunityHierarchy, _ columns: LabelColumns, _ graph: CSRGraph, to path: String
  ) throws {
    var lists: [[Int32]]
    var header = "# node\tlabel"
    switch columns {
    case .cut(let cut): lists = [hierarchy.labels(cut)]
    case .allDepths:
      lists = [hierarchy.leaves]
      for depth in stride(from: 1, to: hierarchy.tree.height, by: 1) {
        lists.append(hierarchy.labels(atDepth: depth))
        header += "\tdepth_\(depth)"
      }
    }
    try writeTable(to: path, graph, header: header + "\n") { row, node in
      for list in lists { row.append(column: list[node]) }
    }
  }
}

/// Labels by node name, read from a tab-separated file with `#` comments.
struct LabelFile {
  /// Nodes in the order of the file.
  let names: [String]
  /// What each node's label is called; nil where it has none (empty or `NA`).
  let labels: [String?]

  /// Reads the first label column, or with `PATH:COLUMN` the one of that header name or number (1 is the first).
  init(_ argument: String) throws {
    var path = argument
    var column: String?
    if fileSize(argument) == nil, let colon = argument.lastIndex(of: ":") {
      path = String(argument[..<colon])
      column = String(argument[argument.index(after: colon)...])
    }
    let file = try MappedFile(path: path)
    var header: [Substring] = []
    var names: [String] = []
    var labels: [String?] = []
    var place: Int?
    for (index, bytes) in file.bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      var line = Substring(String(decoding: bytes, as: UTF8.self))
      if line.last == "\r" { line.removeLast() }
      if line.isEmpty { continue }
      if line.hasPrefix("#") {
        if names.isEmpty {
          header = line.dropFirst().drop { $0 == " " }.split(separator: "\t", omittingEmptySubsequences: false)
        }
        continue
      }
      if place == nil { place = try Self.place(of: column, in: header, path) }
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count > place! else {
        throw MillError(
          .malformed, "a line without a label in column \(place!)", file: path, line: index + 1, field: String(line))
      }
      names.append(String(fields[0]))
      let label = String(fields[place!])
      labels.append(label.isEmpty || label == "NA" ? nil : label)
    }
    self.names = names
    self.labels = labels
  }

  private static func place(of column: String?, in header: [Substring], _ path: String) throws -> Int {
    guard let column else { return 1 }
    if let place = header.dropFirst().firstIndex(where: { $0 == column }) { return place }
    if let number = Int(column), number >= 1 { return number }
    throw MillError(.badOption, "the label file has no such column", file: path, field: column)
  }

  /// Labels as numbers in the order in which they first occur; -1 for none.
  var numbers: [Int32] {
    var numbers: [String: Int32] = [:]
    return labels.map { label in
      guard let label else { return -1 }
      let number = numbers[label] ?? Int32(numbers.count)
      numbers[label] = number
      return number
    }
  }

  /// Labels of the nodes of a graph; -1 for nodes that the file does not name.
  func numbers(for graph: CSRGraph) -> [Int32] {
    var result = [Int32](repeating: -1, count: graph.nodeCount)
    for (name, number) in zip(names, numbers) {
      if let node = graph.node(named: name) { result[node] = number }
    }
    return result
  }
}
