import MillRuntime

/// Roots that come as rows, each with its links behind it.
struct SpreadRows {
  private(set) var ids: [Int64] = []
  /// The figures of each root; its links begin at `linkStart` of ``links``.
  private(set) var records: [Root] = []
  /// The links of all roots back to back; each list ascends.
  private(set) var links: [SpreadLink] = []
  private let tables = MergeTables.shared

  /// Adds a root, behind the last link of the one before.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  mutating func addRoot(_ id: Int64, _ record: Root) throws(MillError) {
    try closeRoot()
    var record = record
    record.linkStart = links.count
    ids.append(id)
    records.append(record)
  }

  /// Adds a link of the last root; they ascend by the other end.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  mutating func addLink(to other: Int64, cost: Int64, view: Int64) throws(MillError) {
    guard let id = ids.last, let record = records.last,
      links.count == record.linkStart || links[links.count - 1].other < other
    else { throw MillError(.malformed, "a link to \(other) comes where it cannot") }
    links.append(try SpreadLink(from: id, to: other, cost: cost, view: view, tables))
  }

  /// Ends the list of the last root.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  mutating func closeRoot() throws(MillError) {
    guard let last = records.indices.last else { return }
    let list = links[records[last].linkStart...]
    try records[last].check(linkCosts: list.reduce(0) { $0 + UInt64($1.cost) }, tables)
    records[last].linkCount = UInt32(list.count)
  }

  /// Forgets all links.
  mutating func dropLinks() { links = [] }

  /// Forgets all, and keeps the memory.
  mutating func clear() {
    ids.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    links.removeAll(keepingCapacity: true)
  }
}
