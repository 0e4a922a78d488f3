public import GraphStore
public import MillRuntime

/// Labels of nodes by name, from a text file: a line a node, its name, then columns behind tabs; `#` begins a comment.
///
/// The last comment before the first node may name the columns. A label that is empty, `NA` or `-1` (what nodes without
/// edges get) is none.
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
    let file = try MappedFile(path: path)
    var header: [Substring] = []
    var names: [String] = []
    var labels: [String?] = []
    var seen: Set<String> = []
    var place = -1
    for (index, bytes) in file.bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw MillError(.notUTF8, "a line that is not UTF-8", file: path, line: index + 1)
      }
      let line = text.last == "\r" ? text.dropLast() : Substring(text)
      if line.isEmpty { continue }
      if line.hasPrefix("#") {
        if names.isEmpty { header = line.dropFirst().drop { $0 == " " }.fields }
        continue
      }
      if place < 0 { place = try Self.place(of: column, in: header, path) }
      let fields = line.fields
      guard fields.count > place else {
        throw MillError(
          .malformed, "a line without a label in column \(place)", file: path, line: index + 1, field: String(line))
      }
      guard seen.insert(String(fields[0])).inserted else {
        throw MillError(
          .malformed, "the node has a label already", file: path, line: index + 1, field: String(fields[0]))
      }
      names.append(String(fields[0]))
      labels.append(["", "NA", "-1"].contains(fields[place]) ? nil : String(fields[place]))
    }
    self.names = names
    self.labels = labels
  }

  private static func place(
    of column: String?, in header: [Substring], _ path: String
  ) throws(MillError) -> Int {
    guard let column else { return 1 }
    if let place = header.dropFirst().firstIndex(where: { $0 == column }) { return place }
    if let number = Int(column), number >= 1 { return number }
    throw MillError(.badOption, "the label file has no such column", file: path, field: column)
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

  /// Labels of the nodes of a graph as numbers in the order of ``names``; -1 for nodes that the file does not name.
  ///
  /// - Complexity: O(nodes + names).
  public func numbers(for graph: CSRGraph) -> [Int32] {
    var result = [Int32](repeating: -1, count: graph.nodeCount)
    for (name, number) in zip(names, numbers) {
      if let node = graph.node(named: name) { result[node] = number }
    }
    return result
  }
}

extension Substring {
  fileprivate var fields: [Substring] { split(separator: "\t", omittingEmptySubsequences: false) }
}
