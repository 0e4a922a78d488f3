import GraphSummarization
import MillRuntime
import WorkerProtocol

// Merging for summaries. A root travels as a row with a negative number in place of the other end, and its figures; a link
// as a row with the other end, its edges, and how it looks from the root.
extension Worker {
  /// What is drawn for rounds: rows (round, depth, closed, salt, factor, cut) for rows (round).
  func sluggerRound(_ settings: WorkerSettings) throws -> [String: JSONValue] {
    let options = try settings.summarizeOptions()
    let reader = reader(Self.integers(1))
    try writeFrames(Self.integers(6)) { writer in
      try forEachRow(reader, columns: 1) { _, numbers in
        let round = try SpreadRound(Int(numbers[0]), options: options)
        for (depth, hash) in round.hashes.enumerated() {
          try writer.addRow(
            numbers[0], Int64(depth), round.isClosed ? 1 : 0, Int64(hash.salt), Int64(hash.factor),
            Int64(bitPattern: round.cut))
        }
      }
    }
    return ["rows": JSONValue(reader.totalRows)]
  }

  /// Decides the merges of groups: rows (group, place, first, second) for rows (group, slot, other, a, b) that ascend by
  /// the first three. The row of a member itself comes first in its slot: its number as -1 - number, its sums, its state.
  func sluggerDecide(_ settings: WorkerSettings) throws -> [String: JSONValue] {
    let round = try settings.round()
    let reader = reader(Self.integers(5))
    var decider = try SpreadDecider(round)
    var last: (Int64, Int64, Int64)?
    var (groups, merges, members) = (0, 0, Int64(0))
    try writeFrames(Self.integers(4)) { writer in
      func end() throws {
        guard let group = last?.0 else { return }
        for (place, pair) in try decider.decide(group: group).enumerated() {
          try writer.addRow(group, Int64(place), pair.first, pair.second)
          merges += 1
        }
        (groups, members) = (groups + 1, 0)
      }
      try forEachRow(reader, columns: 5) { row, numbers in
        if let group = last?.0, group != numbers[0] { try end() }
        try checkOrder(reader, row, &last, numbers)
        if numbers[2] < 0 {
          guard numbers[1] == members else { throw refuseUnsorted(reader, row: row, numbers[0], numbers[1]) }
          members += 1
          try decider.addMember(-1 - numbers[2], SpreadRoot(sums: numbers[3], state: numbers[4]))
        } else {
          guard numbers[1] == members - 1 else { throw refuseUnsorted(reader, row: row, numbers[0], numbers[1]) }
          try decider.addLink(to: numbers[2], cost: numbers[3], view: numbers[4])
        }
      }
      try end()
    }
    return ["rows": JSONValue(reader.totalRows), "groups": .integer(groups), "merges": .integer(merges)]
  }

  /// Applies decisions to the roots that they name: rows (kind, x, y, a, b) for rows (part, x, y, a, b) that ascend by the
  /// first three. Part 0 is the roots and their links, part 1 the decisions: group, place, first, second.
  ///
  /// With a stride of 0 these are all decisions of a round, and new supernodes get the numbers behind the others. Else they
  /// are those of some groups of a level: groups have numbers of their own then, a stride apart, and places theirs there.
  func sluggerApply(_ settings: WorkerSettings) throws -> [String: JSONValue] {
    let supernodes = try settings.integer("supernodes", in: 1...1 << 31)
    let stride = Int64(try settings.integer("stride", in: 0...65535))
    var merger = try SpreadMerger(
      settings.round(), nodeCount: settings.integer("nodes", in: 1...1 << 30), supernodeCount: supernodes)
    let reader = reader(Self.integers(5))
    var last: (Int64, Int64, Int64)?
    try forEachRow(reader, columns: 5) { row, numbers in
      if numbers[0] == 1, last?.0 ?? 0 == 0 { try merger.begin() }
      try checkOrder(reader, row, &last, numbers)
      switch numbers[0] {
      case 0 where numbers[2] < 0:
        try merger.addRoot(numbers[1], SpreadRoot(sums: numbers[3], state: numbers[4]))
      case 0:
        try merger.addLink(of: numbers[1], to: numbers[2], cost: numbers[3], view: numbers[4])
      case 1:
        let (group, place) = (numbers[1], numbers[2])
        guard stride == 0 || (0..<1 << 30).contains(group) && (0..<stride).contains(place) else {
          throw MillError(.malformed, "there is no decision \(place) of group \(group)")
        }
        try merger.merge(
          numbers[3], numbers[4], into: stride == 0 ? nil : Int64(supernodes) + group * stride + place)
      default: throw refuseUnsorted(reader, row: row, numbers[0])
      }
    }
    try writeFrames(Self.integers(5)) { writer in
      try merger.forEach { row in
        switch row {
        case .root(let id, let root): try writer.addRow(0, id, -1, root.sums, root.state)
        case .link(let root, let other, let cost, let view): try writer.addRow(1, root, other, cost, view)
        case .loss(let id, let edges): try writer.addRow(2, id, 0, edges, 0)
        case .merge(let id, let left, let right): try writer.addRow(3, id, 0, left, right)
        case .move(let id, let root): try writer.addRow(4, id, root, 0, 0)
        case .edge(let wide, let narrow, let place): try writer.addRow(5, wide, narrow, place, 0)
        }
      }
      try writer.addRow(6, Int64(merger.merges), Int64(merger.refused), Int64(merger.saved), 0)
    }
    return [
      "rows": JSONValue(reader.totalRows), "merges": .integer(merger.merges), "refused": .integer(merger.refused),
    ]
  }

  /// What is pending behind the last round: rows (wide, narrow, place) for rows (root, other, a, b) in any order.
  func sluggerPending() throws -> [String: JSONValue] {
    let reader = reader(Self.integers(4))
    var pending = try SpreadPending()
    try writeFrames(Self.integers(3)) { writer in
      try forEachRow(reader, columns: 4) { _, numbers in
        let (root, other) = (numbers[0], numbers[1])
        let isInside = other < 0
        let places =
          try isInside
          ? pending.inside(SpreadRoot(sums: numbers[2], state: numbers[3]))
          : pending.between(root, other, cost: numbers[2], view: numbers[3])
        for place in places {
          try writer.addRow(root, isInside ? root : other, place)
        }
      }
    }
    return ["rows": JSONValue(reader.totalRows)]
  }
}

// Behind the last round: steps 1 to 3 of pruning for the whole draft, exact re-encoding for each pair of trees.
extension Worker {
  /// Prunes a draft: rows (0, supernode, parent or -1, root) and (1, x, y, sign) for rows (x, y, sign) in any order, with
  /// sign 0 where x lies below y.
  func sluggerPrune(_ settings: WorkerSettings, _ run: CommandRun) throws -> [String: JSONValue] {
    let edges = try settings.integer("edges", in: 1...Int.max)
    var draft = MergedDraft(nodeCount: try settings.integer("nodes", in: 1...1 << 30))
    let reader = reader(Self.integers(3))
    try forEachRow(reader, columns: 3) { _, numbers in
      try draft.add(numbers[0], numbers[1], sign: Int32(clamping: numbers[2]))
    }
    try writeFrames(Self.integers(4)) { writer in
      try draft.prune(edgeCount: edges, context: run.context) { row in
        switch row {
        case .supernode(let x, let parent, let root): try writer.addRow(0, x, parent ?? -1, root)
        case .edge(let x, let y, let sign): try writer.addRow(1, x, y, sign)
        }
      }
    }
    return ["rows": JSONValue(reader.totalRows)]
  }

  /// Encodes pairs of trees anew: edges (x, y, sign) for rows (r, s, kind, a, b, c) that ascend by the first five, all that
  /// there is of the trees r and s. Kind 0 is a supernode and its parent or -1, kind 1 an edge of the graph between the
  /// trees, the smaller node first, kind 2 an edge of the draft with its sign.
  func sluggerEncode(_ settings: WorkerSettings, _ run: CommandRun) throws -> [String: JSONValue] {
    var encoder = SpreadEncoder(nodeCount: try settings.integer("nodes", in: 1...1 << 30), context: run.context)
    let reader = reader(Self.integers(6))
    var last: ((Int64, Int64), (Int64, Int64, Int64))?
    var pairs = 0
    try writeFrames(Self.integers(3)) { writer in
      func end() throws {
        guard last != nil else { return }
        for edge in try encoder.encode() {
          try writer.addRow(edge.x, edge.y, edge.sign)
        }
        pairs += 1
      }
      try forEachRow(reader, columns: 6) { row, numbers in
        let key = ((numbers[0], numbers[1]), (numbers[2], numbers[3], numbers[4]))
        if let last {
          guard last.0 < key.0 || last.0 == key.0 && last.1 < key.1 else {
            throw refuseUnsorted(reader, row: row, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
          }
          if last.0 != key.0 { try end() }
        }
        last = key
        switch numbers[2] {
        case 0: try encoder.addSupernode(numbers[3], parent: numbers[4] < 0 ? nil : numbers[4])
        case 1: try encoder.addEdge(numbers[3], numbers[4])
        case 2: try encoder.addSignedEdge(numbers[3], numbers[4], sign: numbers[5])
        default: throw refuseUnsorted(reader, row: row, numbers[2])
        }
      }
      try end()
    }
    return ["rows": JSONValue(reader.totalRows), "pairs": .integer(pairs)]
  }
}

extension WorkerSettings {
  /// The settings of a summary that a spread run offers.
  fileprivate func summarizeOptions() throws -> SummarizeOptions {
    SummarizeOptions(
      iterations: try integer("iterations", in: 0...1 << 20), groupCap: try integer("cap", in: 2...65535),
      seed: UInt64(try integer("seed", in: 0...Int.max)))
  }

  fileprivate func round() throws -> SpreadRound {
    try SpreadRound(integer("round", in: 1...1 << 20), options: summarizeOptions())
  }
}
