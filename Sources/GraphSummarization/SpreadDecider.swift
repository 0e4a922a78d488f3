package import MillRuntime

/// Decides the merges of groups that come as rows.
package struct SpreadDecider {
  private let round: SpreadRound
  private let tables = MergeTables.shared
  private var merger: GroupMerger
  private var ids: [Int64] = []
  private var records: [Root] = []
  /// Links of all members back to back; each list ascends.
  private var links: [SpreadLink] = []
  private var roots = GrowableBuffer<Root>()
  private var arena = GrowableBuffer<Link>(capacity: 1024)
  private var decisions: [GroupMerger.Decision] = []

  /// - Throws: `MillError` of kind `over-budget`.
  package init(_ round: SpreadRound) throws(MillError) {
    self.round = round
    merger = try GroupMerger(nodeCapacity: 1024)
  }

  /// Adds the next member of the group.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func addMember(_ id: Int64, _ root: SpreadRoot) throws(MillError) {
    guard (0..<SpreadLink.none).contains(id), ids.count < 65535 else {
      throw MillError(.malformed, "member \(ids.count) of a group is \(id)")
    }
    try closeMember()
    var record = try root.record()
    record.linkStart = links.count
    ids.append(id)
    records.append(record)
  }

  /// Adds a link of the last member; they ascend by the other end.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func addLink(to other: Int64, cost: Int64, view: Int64) throws(MillError) {
    guard let id = ids.last, let record = records.last,
      links.count == record.linkStart || links[links.count - 1].other < other
    else { throw MillError(.malformed, "a link to \(other) comes where it cannot") }
    links.append(try SpreadLink(from: id, to: other, cost: cost, view: view, tables))
  }

  private mutating func closeMember() throws(MillError) {
    guard let last = records.indices.last else { return }
    let list = links[records[last].linkStart...]
    try records[last].check(linkCosts: list.reduce(0) { $0 + UInt64($1.cost) }, tables)
    records[last].linkCount = UInt32(list.count)
  }

  /// The place of the link from a member to a root in ``links``.
  private func place(_ member: Int, to other: Int64) -> Int? {
    let list = records[member].linkStart..<records[member].linkStart + Int(records[member].linkCount)
    let place = list.partitionPoint { links[$0].other >= other }
    return list.contains(place) && links[place].other == other ? place : nil
  }

  /// Decides the group whose members and links were added, and forgets them: pairs of members in the order in which they
  /// are to merge. What was merged goes on under the second one's number.
  ///
  /// - Throws: `MillError`: `malformed` where the ends of a link differ or a member comes twice, `over-budget`.
  package mutating func decide(group: Int64) throws(MillError) -> [(first: Int64, second: Int64)] {
    try closeMember()
    defer {
      ids.removeAll(keepingCapacity: true)
      records.removeAll(keepingCapacity: true)
      links.removeAll(keepingCapacity: true)
    }
    guard (0..<SpreadLink.none).contains(group) else { throw MillError(.malformed, "there is no group \(group)") }
    // Members have the first numbers, other roots the next ones.
    var numbers: [Int64: UInt32] = [:]
    numbers.reserveCapacity(links.count)
    for (slot, id) in ids.enumerated() {
      guard numbers.updateValue(UInt32(slot), forKey: id) == nil else {
        throw MillError(.malformed, "root \(id) is in a group twice")
      }
    }
    arena.reserve(links.count)
    for member in records.indices {
      let start = records[member].linkStart
      for i in start..<start + Int(records[member].linkCount) {
        let link = links[i]
        let number = numbers[link.other] ?? UInt32(numbers.count)
        if number >= ids.count {
          numbers[link.other] = number
        } else {
          guard let twin = place(Int(number), to: ids[member]), links[twin].isTwin(cost: link.cost, view: link.view)
          else { throw SpreadLink.oneSided }
        }
        unsafe arena.base[i] = Link(other: number, twin: 0, cost: link.cost, view: link.view)
      }
    }
    roots.reserve(records.count)
    for (slot, record) in records.enumerated() { unsafe roots.base[slot] = record }
    try merger.reserve(nodeCapacity: numbers.count)
    decisions.removeAll(keepingCapacity: true)
    var random = round.draws.picks(round.number, group: Int(group))
    let members = (0..<UInt32(ids.count)).map { $0 }
    unsafe members.withUnsafeBufferPointer { members in
      unsafe merger.decide(
        members, lists: RootLists(roots: roots.base, arena: arena.base), rule: round.rule, random: &random,
        into: &decisions)
    }
    return decisions.map { (ids[Int($0.first)], ids[Int($0.second)]) }
  }
}
