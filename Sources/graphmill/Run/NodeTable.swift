import Glibc
import GraphStore
import MillRuntime

/// One line of a table under construction: the node's name, then columns behind tabs.
struct TableRow {
  fileprivate(set) var bytes: [UInt8] = []

  /// Appends an integer.
  mutating func append(column value: some FixedWidthInteger) {
    bytes.append(9)
    Decimal.append(value, to: &bytes)
  }

  /// Appends what a node was called in the input.
  fileprivate mutating func append(_ node: Int, _ names: NodeNames) {
    switch names {
    case .dense: Decimal.append(node, to: &bytes)
    case .ids(let ids): Decimal.append(ids[node], to: &bytes)
    case .labels(let table): bytes += table[node]
    }
  }
}

extension CommandRun {
  /// Writes a line a node, tab-separated, in node order.
  func writeTable(
    to path: String, _ graph: CSRGraph, header: String = "", _ columns: (inout TableRow, _ node: Int) -> Void
  ) throws {
    if case .labels(let table) = graph.names, table.bytes.contains(where: { $0 == 9 || $0 == 10 || $0 == 13 }) {
      throw MillError(
        MillError.Kind("label-not-writable", .badData), "a node's name holds a tab or a line end",
        hint: "a table separates names by tabs")
    }
    try writeText(to: path, format: "tsv") { file in
      var row = TableRow()
      try file.write(header)
      try withExtendedLifetime(graph) {
        for node in 0..<graph.nodeCount {
          row.append(node, graph.names)
          columns(&row, node)
          row.bytes.append(10)
          if row.bytes.count >= 1 << 16 || node == graph.nodeCount - 1 {
            try unsafe row.bytes.withUnsafeBytes { bytes in try unsafe file.write(bytes) }
            row.bytes.removeAll(keepingCapacity: true)
          }
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
