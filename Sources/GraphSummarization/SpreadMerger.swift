package import MillRuntime

/// Merges roots that come as rows with all their links, in the order that is told, each after a check.
///
/// It holds the roots that may merge and their links, nothing else: what is at the other ends follows from the rows that it
/// gives back. Groups of which no two have roots that are linked may go to several of these in any order: none reads what
/// another one changes. A group behind them needs what they gave back.
package struct SpreadMerger {
  /// What has become of the roots and what is around them.
  package enum Row {
    /// A root that was given or made and has no parent.
    case root(Int64, SpreadRoot)
    /// One end of a link of such a root; both ends come.
    case link(from: Int64, to: Int64, cost: Int64, view: Int64)
    /// Edges that a root which was not given has lost.
    case loss(Int64, edges: Int64)
    /// A supernode that was made.
    case merge(Int64, left: Int64, right: Int64)
    /// The root above a root that was given and has a parent now.
    case move(Int64, root: Int64)
    /// A final edge by the place of its ends below two roots.
    case edge(wide: Int64, narrow: Int64, place: Int64)
  }

  private let round: SpreadRound
  private let nodeCount: Int64
  private let supernodeCount: Int64
  /// The roots that may merge.
  private var rows = SpreadRows()
  /// All roots that occur, ascending: their places are the numbers in the state.
  private var ids: [UInt64] = []
  /// Which of them were given with all their links.
  private var isOperand: [Bool] = []
  private var state: LinkState?
  /// For an operand, in the numbers of the state, the root that it has become.
  private var present: [UInt32] = []
  /// The numbers of the supernodes that were made, which ascend.
  private var made: [Int64] = []
  /// Merges done.
  package var merges: Int { made.count }
  /// Merges refused.
  package private(set) var refused = 0
  /// Edges saved.
  package var saved: Int { -(state?.cost ?? 0) }

  /// What the total of a root starts from that is only known by its links with others.
  private static let unknownTotal: UInt32 = 1 << 31

  /// - Parameters:
  ///   - nodeCount: Nodes of the graph.
  ///   - supernodeCount: Supernodes before the round, nodes included.
  /// - Throws: `MillError` of kind `bad-option`.
  package init(_ round: SpreadRound, nodeCount: Int, supernodeCount: Int) throws(MillError) {
    guard (1..<1 << 30).contains(nodeCount), (nodeCount..<2 * nodeCount).contains(supernodeCount) else {
      throw MillError(.badOption, "\(supernodeCount) supernodes over \(nodeCount) nodes")
    }
    self.round = round
    self.nodeCount = Int64(nodeCount)
    self.supernodeCount = Int64(supernodeCount)
  }

  /// Adds a root that may merge; they ascend.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func addRoot(_ id: Int64, _ root: SpreadRoot) throws(MillError) {
    guard (0..<supernodeCount).contains(id), rows.ids.last.map({ $0 < id }) ?? true else {
      throw MillError(.malformed, "root \(id) comes where it cannot")
    }
    let record = try root.record()
    guard (record.childType == 4) == (id < nodeCount) else {
      throw MillError(.malformed, "supernode \(id) is a leaf or none")
    }
    try rows.addRoot(id, record)
  }

  /// Adds a link of the last root; they ascend by the other end.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func addLink(of root: Int64, to other: Int64, cost: Int64, view: Int64) throws(MillError) {
    guard root == rows.ids.last else {
      throw MillError(.malformed, "a link to \(other) comes where it cannot")
    }
    try rows.addLink(to: other, cost: cost, view: view)
  }

  /// The number of a root in the state; it is one that occurs.
  private func number(_ id: Int64) -> Int { ids.indices.partitionPoint { ids[$0] >= UInt64(id) } }

  /// Puts the state together, once all roots and links were added.
  ///
  /// - Throws: `MillError`: `malformed` where the ends of a link differ, `over-budget`.
  /// - Complexity: O(k log k) for k links; 56 bytes each.
  package mutating func begin() throws(MillError) {
    try rows.closeRoot()
    let (operands, records, links) = (rows.ids, rows.records, rows.links)
    ids = operands.map { UInt64($0) } + links.map { UInt64($0.other) }
    sortWords(&ids)
    var kept = 0
    for (place, id) in ids.enumerated() where place == 0 || id != ids[kept - 1] {
      ids[kept] = id
      kept += 1
    }
    ids.removeLast(ids.count - kept)
    isOperand = [Bool](repeating: false, count: ids.count)
    for id in operands { isOperand[number(id)] = true }
    // The other ends of links with roots that were not given.
    var lengths = [Int](repeating: 0, count: ids.count)
    let others = links.map { UInt32(number($0.other)) }
    for operand in records.indices { lengths[number(operands[operand])] = Int(records[operand].linkCount) }
    for other in others where !isOperand[Int(other)] { lengths[Int(other)] += 1 }
    let total = lengths.reduce(0, +)
    var state = try LinkState(
      leafCount: ids.indices.partitionPoint { ids[$0] >= UInt64(nodeCount) }, count: ids.count,
      capacity: ids.count + operands.count, links: total, spareLinks: max(1024, total / 4), edgeCapacity: 1)
    state.places = GrowableBuffer()
    var used = 0
    for v in ids.indices {
      state.begin(v)
      unsafe state.roots[v] = Root(linkStart: used, linkCapacity: UInt32(lengths[v]), total: Self.unknownTotal)
      used += lengths[v]
    }
    for (operand, record) in records.enumerated() {
      let v = number(operands[operand])
      let (start, capacity) = unsafe (state.roots[v].linkStart, state.roots[v].linkCapacity)
      unsafe state.roots[v] = record
      unsafe state.roots[v].linkStart = start
      unsafe state.roots[v].linkCapacity = capacity
      for i in 0..<Int(record.linkCount) {
        let link = links[record.linkStart + i]
        let other = Int(others[record.linkStart + i])
        unsafe state.arena[start + i] = Link(other: UInt32(other), twin: 0, cost: link.cost, view: link.view)
        if isOperand[other] { continue }
        let end = unsafe state.roots[other]
        unsafe state.arena[end.linkStart + Int(end.linkCount)] = Link(
          other: UInt32(v), twin: 0, cost: link.cost, view: link.view ^ 256)
        unsafe state.roots[other].linkCount += 1
      }
    }
    try linkTwins(state)
    present = ids.indices.map { UInt32($0) }
    rows.dropLinks()
    self.state = state
  }

  /// Lists ascend and so do the roots that they are of: twins come in turn.
  private func linkTwins(_ state: LinkState) throws(MillError) {
    for v in 0..<state.count {
      let root = unsafe state.roots[v]
      for place in root.linkStart..<root.linkStart + Int(root.linkCount) {
        let link = unsafe state.arena[place]
        let other = unsafe state.roots[Int(link.other)]
        guard other.mark < other.linkCount else { throw SpreadLink.oneSided }
        let twin = unsafe state.arena[other.linkStart + Int(other.mark)]
        guard twin.other == UInt32(v), twin.cost == link.cost, twin.view == link.view ^ 256 else {
          throw SpreadLink.oneSided
        }
        unsafe state.arena[place].twin = other.mark
        unsafe state.roots[Int(link.other)].mark += 1
      }
    }
    for v in 0..<state.count { unsafe state.roots[v].mark = 0 }
  }

  /// Merges two roots, or what they have become, when the rule still accepts it.
  ///
  /// - Parameter supernode: The number of what is made, above those before the round and of what was made here; nil for
  ///   the next one.
  /// - Throws: `MillError` of kind `malformed` for roots that were not given or are one already, and for a number that
  ///   cannot be.
  package mutating func merge(_ first: Int64, _ second: Int64, into supernode: Int64? = nil) throws(MillError) {
    let supernode = supernode ?? supernodeCount + Int64(made.count)
    guard supernode > made.last ?? supernodeCount - 1, supernode < SpreadLink.numbers,
      case let place = number(supernode), place == ids.count || ids[place] != UInt64(supernode)
    else { throw MillError(.malformed, "\(supernode) is no number for a new supernode") }
    let (a, b) = (number(max(0, first)), number(max(0, second)))
    guard var state, first >= 0, second >= 0, a < ids.count, b < ids.count, isOperand[a], isOperand[b],
      ids[a] == UInt64(first), ids[b] == UInt64(second)
    else { throw MillError(.malformed, "\(first) and \(second) are no roots") }
    let (x, y) = (Int(present[a]), Int(present[b]))
    guard x != y, unsafe state.parent[x] == LinkState.none, unsafe state.parent[y] == LinkState.none,
      unsafe !state.roots[x].total.addingReportingOverflow(state.roots[y].total).overflow
    else { throw MillError(.malformed, "\(first) and \(second) cannot merge") }
    defer { self.state = state }
    if let merged = try state.merge(x, y, rule: round.rule) {
      present[b] = UInt32(merged.root)
      made.append(supernode)
    } else {
      refused += 1
    }
  }

  /// Gives all rows.
  package func forEach(_ body: (Row) throws -> Void) throws {
    guard let state else { return }
    func id(_ v: UInt32) -> Int64 {
      Int(v) < ids.count ? Int64(ids[Int(v)]) : made[Int(v) - ids.count]
    }
    var above = unsafe Array(UnsafeBufferPointer(start: state.parent, count: state.count))
    for v in stride(from: state.count - 1, through: 0, by: -1) {
      above[v] = above[v] == LinkState.none ? UInt32(v) : above[Int(above[v])]
    }
    for v in 0..<UInt32(state.count) {
      let root = unsafe state.roots[Int(v)]
      let isGiven = Int(v) < ids.count && isOperand[Int(v)]
      if Int(v) >= ids.count {
        try body(unsafe .merge(id(v), left: id(state.left[Int(v)]), right: id(state.right[Int(v)])))
      } else if !isGiven {
        if root.total < Self.unknownTotal { try body(.loss(id(v), edges: Int64(Self.unknownTotal - root.total))) }
        continue
      }
      guard above[Int(v)] == v else {
        if isGiven { try body(.move(id(v), root: id(above[Int(v)]))) }
        continue
      }
      try body(.root(id(v), SpreadRoot(root)))
      let list = unsafe state.links(of: Int(v))
      for i in 0..<Int(root.linkCount) {
        let link = unsafe list[i]
        let (cost, view) = (Int64(link.cost), Int64(link.view))
        try body(.link(from: id(v), to: id(link.other), cost: cost, view: view))
        if Int(link.other) < ids.count && !isOperand[Int(link.other)] {
          try body(.link(from: id(link.other), to: id(v), cost: cost, view: view ^ 256))
        }
      }
    }
    guard let places = state.places else { return }
    for i in 0..<state.placeCount {
      let edge = unsafe places.base[i]
      try body(.edge(wide: id(edge.wide), narrow: id(edge.narrow), place: Int64(edge.place)))
    }
  }
}
