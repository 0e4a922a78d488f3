public import GraphStore
public import MillRuntime

/// Reads a list of nodes by name: the first column of a ``LabelTable``, a name a line where there is no other column.
///
/// - Parameters:
///   - path: A regular file.
///   - graph: The graph that has the nodes.
/// - Returns: The nodes in the order of the file.
/// - Throws: `MillError`: `no-such-node` for a name that the graph lacks; `unreadable`; `malformed` for a name that comes
///   twice; `not-utf8`. With file and line.
/// - Complexity: O(bytes + k log n) for k names, O(n) more where names are not in ascending order.
public func readNodeList(_ path: String, of graph: CSRGraph) throws(MillError) -> [Int] {
  let table = try LabelTable(path: path)
  var nodes: [Int] = []
  for (row, node) in graph.nodes(named: table.names).enumerated() {
    guard let node else {
      throw MillError(
        .noSuchNode, "the graph has no node of that name", file: path, line: table.lines[row], field: table.names[row])
    }
    nodes.append(node)
  }
  return nodes
}
