import GraphFormats
import Graphmill
import MillRuntime
import TreeGeometry

extension CommandRun {
  /// Reads a tree, records it.
  func readTree(_ path: String) throws -> TreeReading {
    let reading = try stage("read") { try Graphmill.readTree(path, context: context) }
    record.input(
      .init(
        path: path, format: reading.form.rawValue, bytes: fileSize(path),
        details: ["leaves": .integer(reading.tree.leafCount), "nodes": .integer(reading.tree.nodeCount)]))
    return reading
  }
}

extension TreeReading {
  /// What a leaf is called.
  func name(ofLeaf leaf: Int) -> String { tree.names?[leaf] ?? "\(leaf)" }
  /// What all leaves are called.
  var leafNames: [String] { (0..<tree.leafCount).map { name(ofLeaf: $0) } }

  /// The number behind each leaf's name in a table, from 0 on; 0 for a leaf that it does not have.
  ///
  /// - Returns: The numbers, and how many leaves the table does not have.
  /// - Throws: `MillError` of kind `malformed`, with file and line.
  func leafNumbers(from path: String) throws(MillError) -> (values: [Double], absent: Int) {
    let table = try LabelTable(path: path)
    var numbers: [String: Double] = Dictionary(minimumCapacity: table.names.count)
    for (row, name) in table.names.enumerated() {
      numbers[name] = try table.number(row, path)
    }
    var absent = 0
    let values = (0..<tree.leafCount).map { leaf -> Double in
      let value = numbers[name(ofLeaf: leaf)]
      absent += value == nil ? 1 : 0
      return value ?? 0
    }
    return (values, absent)
  }

  /// The number of each inner node by the table's rows, which begin with nodes' numbers; 0 for leaves.
  ///
  /// - Throws: `MillError` of kind `malformed`, with file and line where a row is wrong, or a node missing.
  func nodeNumbers(from path: String) throws(MillError) -> [Double] {
    let table = try LabelTable(path: path)
    var values = [Double?](repeating: nil, count: tree.nodeCount)
    for (row, name) in table.names.enumerated() {
      guard let node = Int(name), tree.parents.indices.contains(node) else {
        throw MillError(
          .malformed, "no node of the tree, which has \(tree.nodeCount)", file: path, line: table.lines[row],
          field: name)
      }
      values[node] = try table.number(row, path)
    }
    if let missing = tree.innerNodes.first(where: { values[$0] == nil }) {
      throw MillError(.malformed, "a node without a height", file: path, field: "\(missing)")
    }
    return values.map { $0 ?? 0 }
  }
}

extension LabelTable {
  /// The number in the first column of a row.
  fileprivate func number(_ row: Int, _ path: String) throws(MillError) -> Double {
    guard let field = rows[row].first, let value = Double(field), value >= 0, value < .infinity else {
      throw MillError(
        .malformed, "not a number from 0 on", file: path, line: lines[row], field: rows[row].first ?? names[row])
    }
    return value
  }
}
