import MillRuntime

/// The nodes that a file names: which of them it declares too, and where it named the others first. For formats whose
/// nodes and edges stand in lists of their own, in any order.
struct DeclaredNodes {
  /// The line in which each node was named first; 0 for those that are declared.
  private var lines: [Int] = []

  /// Notes the next node, first named in this line.
  mutating func note(line: Int) { lines.append(line) }

  /// Declares a node; false where that was done before.
  mutating func declare(_ node: Int) -> Bool {
    if lines[node] == 0 { return false }
    lines[node] = 0
    return true
  }

  /// Refuses a file that has edges of nodes without a declaration.
  func check(_ name: (Int) -> String) throws(MillError) {
    guard let missing = lines.firstIndex(where: { $0 != 0 }) else { return }
    throw MillError(
      .noSuchNode, "an edge names a node that the file does not have", line: lines[missing], field: name(missing))
  }
}
