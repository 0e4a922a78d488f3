import GraphFormats
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

extension LabelFile {
  /// Reads the first column of labels, or with `PATH:COLUMN` the one of that header name or number (1 is the first).
  init(_ argument: String) throws(MillError) {
    if fileSize(argument) == nil, let colon = argument.lastIndex(of: ":") {
      try self.init(
        path: String(argument[..<colon]), column: String(argument[argument.index(after: colon)...]))
    } else {
      try self.init(path: argument)
    }
  }
}
