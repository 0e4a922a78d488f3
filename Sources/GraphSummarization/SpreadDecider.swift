package import MillRuntime

/// Decides the merges of groups that come as rows.
package struct SpreadDecider {
  private let round: SpreadRound
  private var merger: GroupMerger
  /// The members.
  private var rows = SpreadRows()
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
    guard (0..<SpreadLink.none).contains(id), rows.ids.count < 65535 else {
      throw MillError(.malformed, "member \(rows.ids.count) of a group is \(id)")
    }
    try rows.addRoot(id, root.record())
  }

  /// Adds a link of the last member; they ascend by the other end.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func addLink(to other: Int64, cost: Int64, view: Int64) throws(MillError) {
    try rows.addLink(to: other, cost: cost, view: view)
  }

  /// The place of the link from a member to a root among all links.
  private func place(_ member: Int, to other: Int64) -> Int? {
    let record = rows.records[member]
    let list = record.linkStart..<record.linkStart + Int(record.linkCount)
    let place = list.partitionPoint { rows.links[$0].other >= other }
    return list.contains(place) && rows.links[place].other == other ? place : nil
  }

  /// Decides the group whose members and links were added, and forgets them: pairs of members in the order in which they
  /// are to merge. What was merged goes on under the second one's number.
  ///
  /// - Throws: `MillError`: `malformed` where the ends of a link differ or a member comes twice, `over-budget`.
  package mutating func decide(group: Int64) throws(MillError) -> [(first: Int64, second: Int64)] {
    try rows.closeRoot()
    defer { rows.clear() }
    guard (0..<SpreadLink.none).contains(group) else { throw MillError(.malformed, "there is no group \(group)") }
    // Members have the first numbers, other roots the next ones.
    var numbers: [Int64: UInt32] = [:]
    numbers.reserveCapacity(rows.links.count)
    for (slot, id) in rows.ids.enumerated() {
      guard numbers.updateValue(UInt32(slot), forKey: id) == nil else {
        throw MillError(.malformed, "root \(id) is in a group twice")
      }
    }
    arena.reserve(rows.links.count)
    for member in rows.records.indices {
      let start = rows.records[member].linkStart
      for i in start..<start + Int(rows.records[member].linkCount) {
        let link = rows.links[i]
        let number = numbers[link.other] ?? UInt32(numbers.count)
        if number >= rows.ids.count {
          numbers[link.other] = number
        } else {
          guard let twin = place(Int(number), to: rows.ids[member]),
            rows.links[twin].isTwin(cost: link.cost, view: link.view)
          else { throw SpreadLink.oneSided }
        }
        unsafe arena.base[i] = Link(other: number, twin: 0, cost: link.cost, view: link.view)
      }
    }
    roots.reserve(rows.records.count)
    for (slot, record) in rows.records.enumerated() { unsafe roots.base[slot] = record }
    try merger.reserve(nodeCapacity: numbers.count)
    decisions.removeAll(keepingCapacity: true)
    var random = round.draws.picks(round.number, group: Int(group))
    let members = (0..<UInt32(rows.ids.count)).map { $0 }
    unsafe members.withUnsafeBufferPointer { members in
      unsafe merger.decide(
        members, lists: RootLists(roots: roots.base, arena: arena.base), rule: round.rule, random: &random,
        into: &decisions)
    }
    return decisions.map { (rows.ids[Int($0.first)], rows.ids[Int($0.second)]) }
  }
}
