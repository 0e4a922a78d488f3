import GraphStore
import MillRuntime

/// The names of objects, by number: a table, and what was added to it since.
struct ObjectTexts: Sendable {
  /// Nil for no names.
  private let table: NodeNames.LabelTable?
  private var added: [String] = []

  /// Names where they lie; nil for none yet.
  init(_ table: NodeNames.LabelTable? = nil) { self.table = table }

  private var tabled: Int { table?.count ?? 0 }
  var count: Int { tabled + added.count }

  /// The name of object `number`.
  subscript(number: Int) -> String {
    guard let table, number < table.count else { return added[number - tabled] }
    return String(decoding: table[number], as: UTF8.self)
  }

  mutating func append(_ text: String) { added.append(text) }

  /// All names in one table.
  ///
  /// - Throws: `over-budget`.
  func stored() throws(MillError) -> NodeNames.LabelTable {
    if let table, added.isEmpty { return table }
    return try selected((0..<UInt32(count)).map { $0 })
  }

  /// The names of the objects `order`, in that order.
  ///
  /// - Throws: `over-budget`.
  func selected(_ order: [UInt32]) throws(MillError) -> NodeNames.LabelTable {
    try NodeNames.LabelTable(order.map { self[Int($0)] })
  }
}
