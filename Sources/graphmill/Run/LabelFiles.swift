import GraphFormats
import GraphStore
import Graphmill
import HierarchicalCommunities
import MillRuntime

extension CommandRun {
  /// Writes a row a node: its name and the columns of labels.
  func writeLabels(_ columns: [LabelColumn], _ graph: CSRGraph, to path: String) throws {
    try writeText(to: path, format: TableFormat.tabs.rawValue) {
      try GraphFormats.writeLabels(columns, of: graph, into: $0)
    }
  }
}

extension LabelFile {
  /// The file that `PATH:COLUMN` names.
  static func path(_ argument: String) -> String {
    guard fileSize(argument) == nil, let colon = argument.lastIndex(of: ":") else { return argument }
    return String(argument[..<colon])
  }

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
