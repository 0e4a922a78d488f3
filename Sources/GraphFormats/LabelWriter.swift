public import GraphStore
public import MillRuntime

/// One column of labels: a number a node, -1 for none.
public struct LabelColumn: Sendable, Equatable {
  /// What the header calls it.
  public let name: String
  /// The label of each node, shape `[n]`.
  public let labels: [Int32]

  /// A column.
  public init(_ name: String = "label", _ labels: [Int32]) {
    self.name = name
    self.labels = labels
  }
}

/// Writes the labels of nodes as a text table: a header `node<TAB>label`, then a row a node in node order.
///
/// What ``LabelFile`` reads back, and pandas by `read_csv(path, sep="\t")`.
///
/// - Parameters:
///   - labels: The label of each node, shape `[n]`; -1 for none.
///   - graph: Whose nodes the labels are of; rows begin with their names.
///   - path: The file; `-` is standard output.
///   - replaces: Whether an existing file may be replaced.
/// - Throws: `MillError`: `bad-option` for labels of another length; `label-not-writable` for a name with a tab or a line
///   end; `cannot-create`, `input-output`. Nothing is written then.
/// - Complexity: O(bytes written).
public func writeLabels(
  _ labels: [Int32], of graph: CSRGraph, to path: String, replaces: Bool = false
) throws(MillError) {
  try writeLabels([LabelColumn("label", labels)], of: graph, to: path, replaces: replaces)
}

/// Writes several columns of labels; see ``writeLabels(_:of:to:replaces:)``.
public func writeLabels(
  _ columns: [LabelColumn], of graph: CSRGraph, to path: String, replaces: Bool = false
) throws(MillError) {
  try checkLabelColumns(columns, of: graph)
  let file = try OutputFile(path, replaces: replaces)
  try writeLabels(columns, of: graph, into: file)
  try file.commit()
}

/// Writes several columns of labels into an open file, which is left open.
///
/// - Throws: `MillError`: `bad-option`, `label-not-writable`, `input-output`.
public func writeLabels(_ columns: [LabelColumn], of graph: CSRGraph, into file: OutputFile) throws(MillError) {
  try checkLabelColumns(columns, of: graph)
  try file.write((["node"] + columns.map(\.name)).joined(separator: "\t") + "\n")
  var bytes: [UInt8] = []
  let n = graph.nodeCount
  for node in 0..<n {
    switch graph.names {
    case .dense: appendDecimal(node, to: &bytes)
    case .ids(let ids): appendDecimal(ids[node], to: &bytes)
    case .labels(let table): bytes += table[node]
    }
    for column in columns {
      bytes.append(9)
      appendDecimal(column.labels[node], to: &bytes)
    }
    bytes.append(10)
    if bytes.count >= 1 << 16 || node == n - 1 {
      try unsafe bytes.withUnsafeBufferPointer { bytes throws(MillError) in
        try unsafe file.write(UnsafeRawBufferPointer(bytes))
      }
      bytes.removeAll(keepingCapacity: true)
    }
  }
}

private func checkLabelColumns(_ columns: [LabelColumn], of graph: CSRGraph) throws(MillError) {
  for column in columns where column.labels.count != graph.nodeCount {
    throw MillError(.badOption, "\(column.labels.count) labels for the \(graph.nodeCount) nodes of the graph")
  }
  try graph.names.checkForTable()
}

private func appendDecimal(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
  if value < 0 { bytes.append(UInt8(ascii: "-")) }
  let begin = bytes.count
  var rest = value.magnitude
  repeat {
    let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
    bytes.append(48 + UInt8(digit))
    rest = quotient
  } while rest > 0
  bytes[begin...].reverse()
}
