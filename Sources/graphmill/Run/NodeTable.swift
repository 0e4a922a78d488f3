import Glibc
import GraphStore
import MillRuntime

/// One line of a table under construction: fields between tabs.
struct TableRow {
  /// The lines that are not written yet, and this one.
  fileprivate var bytes: [UInt8] = []
  fileprivate var lineStart = 0
  fileprivate let names: NodeNames

  private mutating func separate() { if bytes.count > lineStart { bytes.append(9) } }

  /// Appends an integer.
  mutating func append(column value: some FixedWidthInteger) {
    separate()
    Decimal.append(value, to: &bytes)
  }

  /// Appends a number by the shortest text that reads back as the same.
  mutating func append(column value: Double) {
    separate()
    bytes += Decimal.text(value).utf8
  }

  /// Appends text without tabs and line ends.
  mutating func append(text: StaticString) {
    separate()
    bytes += text.description.utf8
  }

  /// Appends what a node was called in the input.
  mutating func append(node: Int) {
    separate()
    switch names {
    case .dense: Decimal.append(node, to: &bytes)
    case .ids(let ids): Decimal.append(ids[node], to: &bytes)
    case .labels(let table): bytes += table[node]
    }
  }
}

extension CommandRun {
  /// Writes a line a node, in node order: its name, then columns.
  func writeTable(
    to path: String, of graph: some NeighborGraph, columns: [String], _ append: (inout TableRow, _ node: Int) -> Void
  ) throws {
    try writeRows(to: path, graph.nodeCount, of: graph, columns: columns) { row, node in
      row.append(node: node)
      append(&row, node)
    }
  }

  /// Writes a number of lines, in which nodes are called as in the input.
  func writeRows(
    to path: String, _ count: Int, of graph: some NeighborGraph, columns: [String],
    _ fields: (inout TableRow, _ line: Int) -> Void
  ) throws {
    try graph.names.checkForTable()
    try writeTable(to: path, columns: columns) { file in
      var row = TableRow(names: graph.names)
      for line in 0..<count {
        fields(&row, line)
        row.bytes.append(10)
        row.lineStart = row.bytes.count
        if row.lineStart >= 1 << 16 || line == count - 1 {
          try file.write(row.bytes)
          row.bytes.removeAll(keepingCapacity: true)
          row.lineStart = 0
        }
      }
    }
  }
}

/// The length of a regular file; nil for streams and missing files.
func fileSize(_ path: String) -> Int? {
  var status = stat()
  guard path != "-", unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}
