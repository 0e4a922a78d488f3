public import GraphStore
public import MillRuntime

/// Labels of nodes by name, from a text file with a row a node: its name, then columns behind tabs.
///
/// Header and comments are those of ``LabelTable``. A label that is empty, `NA` or `-1` (what nodes without edges get) is
/// none. ``writeLabels(_:of:to:replaces:)-([LabelColumn],_,_,_)`` writes such files.
public struct LabelFile: Sendable, Equatable {
  /// Nodes in the order of the file.
  public let names: [String]
  /// The label of each node; nil where it has none.
  public let labels: [String?]

  /// Reads one column.
  ///
  /// - Parameters:
  ///   - path: A regular file.
  ///   - column: A name from the header, or a number, 1 for the first column of labels; nil for the first.
  /// - Throws: `MillError`: `unreadable`; `bad-option` for a column that the header does not have; `malformed` for a line
  ///   without the column and for a node that comes twice; `not-utf8`. With file and line.
  /// - Complexity: O(bytes).
  public init(path: String, column: String? = nil) throws(MillError) {
    let table = try LabelTable(path: path, column: column)
    var labels: [String?] = []
    labels.reserveCapacity(table.names.count)
    let place = table.names.isEmpty ? 0 : try table.place(of: column, path)
    for (row, fields) in table.rows.enumerated() {
      guard fields.count > place else {
        throw MillError(
          .malformed, "a line without a label in column \(place + 1)", file: path, line: table.lines[row],
          field: ([table.names[row]] + fields).joined(separator: "\t"))
      }
      labels.append(["", "NA", "-1"].contains(fields[place]) ? nil : fields[place])
    }
    names = table.names
    self.labels = labels
  }

  /// Labels as numbers in the order in which they first occur; -1 for none.
  public var numbers: [Int32] {
    var numbers: [String: Int32] = [:]
    return labels.map { label in
      guard let label else { return -1 }
      let number = numbers[label] ?? Int32(numbers.count)
      numbers[label] = number
      return number
    }
  }

  /// The labels in the order of their ``numbers``.
  public var groups: [String] {
    var seen: Set<String> = []
    return labels.compactMap { $0 }.filter { seen.insert($0).inserted }
  }

  /// Labels of the nodes of a graph as numbers in the order of ``names``; -1 for nodes that the file does not name.
  ///
  /// - Complexity: O(nodes + names), by a hash table of the names.
  public func numbers(for graph: CSRGraph) -> [Int32] {
    values(numbers, for: (0..<graph.nodeCount).lazy.map { graph.name(of: $0) }).map { $0 ?? -1 }
  }

  /// Labels of nodes of these names as numbers, as ``numbers(for:)``.
  package func numbers(for nodes: [String]) -> [Int32] { values(numbers, for: nodes).map { $0 ?? -1 } }

  /// The labels of nodes of these names; nil for those that the file does not name and those without a label.
  package func labels(for nodes: [String]) -> [String?] { values(labels, for: nodes).map { $0 ?? nil } }

  /// What each of these names has in a list along ``names``; nil for names that the file does not have.
  private func values<Value>(_ values: [Value], for nodes: some Sequence<String>) -> [Value?] {
    let rows = Dictionary(zip(names, names.indices)) { first, _ in first }
    return nodes.map { rows[$0].map { values[$0] } }
  }
}
