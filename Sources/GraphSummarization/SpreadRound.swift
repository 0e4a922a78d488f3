package import MillRuntime

// Merging that is spread over machines: roots and links travel as rows of whole numbers, and each step is a function of its
// rows. Together the steps do what ``MergeEngine`` does under ``MergeSchedule/frozen``, bit for bit.

/// What all machines need to know of an iteration before its groups are made.
package struct SpreadRound: Sendable {
  /// Counted from 1.
  package let number: Int
  /// Whether a node belongs to its own neighborhood.
  package let isClosed: Bool
  /// Salt and factor of the hash of each split.
  package let hashes: [(salt: UInt32, factor: UInt32)]
  /// Roots that no hash splits are ordered by their mixed number under this mask.
  package let cut: UInt64

  let rule: MergeRule
  let draws: MergeDraws

  /// - Throws: `MillError` of kind `bad-option`.
  package init(_ number: Int, options: SummarizeOptions) throws(MillError) {
    try options.validate()
    guard (1...max(1, options.iterations)).contains(number), options.model == .hierarchical else {
      throw MillError(.badOption, "there is no iteration \(number) of \(options.iterations)")
    }
    self.number = number
    draws = MergeDraws(options)
    isClosed = draws.isClosed(number)
    let stream = draws.shingles
    hashes = (0..<options.maximumDepth).map {
      let hash = CandidateGroups.Hash(stream, iteration: number, depth: $0)
      return (hash.salt, hash.factor)
    }
    cut = CandidateGroups.cutDraw(stream, iteration: number)
    rule = options.rule(number)
  }
}

/// What is told of a root beside its number and its links.
package struct SpreadRoot {
  /// Edges at the tree in the low half, its height above.
  package let sums: Int64
  /// State, type and types of the children, and in bit 32 whether it has links.
  package let state: Int64

  static let linked: Int64 = 1 << 32

  package init(sums: Int64, state: Int64) {
    self.sums = sums
    self.state = state
  }

  init(_ root: Root) {
    sums = Int64(root.total) | Int64(root.height) << 32
    let state = Int64(root.innerState) | Int64(root.type) << 16 | Int64(root.childType) << 24
    self.state = root.linkCount > 0 ? state | Self.linked : state
  }

  /// The root, without its links.
  ///
  /// - Throws: `MillError` of kind `malformed` for numbers that no root has.
  func record() throws(MillError) -> Root {
    let (total, height) = (sums & 0xffff_ffff, sums >> 32)
    let (innerState, type, childType) = (state & 0xffff, state >> 16 & 0xff, state >> 24 & 0xff)
    let isLeaf = type == MergeTables.leafType
    guard (0..<1 << 30).contains(height), (0..<SpreadLink.none).contains(total), state >> 33 == 0, innerState < 1024,
      type < MergeTables.typeCount, isLeaf ? childType == 4 && innerState == 0 && height == 0 : childType < 4
    else { throw MillError(.malformed, "no root has these figures: \(sums), \(state)") }
    return Root(
      total: UInt32(total), height: UInt32(height), innerState: UInt16(innerState), type: UInt8(type),
      childType: UInt8(childType))
  }
}

/// One end of a link as it travels.
struct SpreadLink {
  /// What numbers of supernodes and edges stay below between rounds.
  static let none: Int64 = 1 << 31
  /// What numbers of supernodes stay below in a round, where those of groups are apart.
  static let numbers: Int64 = 1 << 47

  let other: Int64
  let cost: UInt32
  let view: UInt32

  /// - Throws: `MillError` of kind `malformed` for numbers that no link has.
  init(from root: Int64, to other: Int64, cost: Int64, view: Int64, _ tables: MergeTables) throws(MillError) {
    guard (0..<Self.numbers).contains(other), other != root, (0..<Int64(MergeTables.viewCount)).contains(view),
      (1..<Self.none).contains(cost), unsafe cost >= Int64(tables.pairCost[Int(view) & 255])
    else { throw MillError(.malformed, "no link has these figures: \(other), \(cost), \(view)") }
    self.other = other
    self.cost = UInt32(cost)
    self.view = UInt32(view)
  }

  /// Whether two links are the ends of one.
  func isTwin(cost: UInt32, view: UInt32) -> Bool { self.cost == cost && self.view == view ^ 256 }

  static let oneSided = MillError(.malformed, "the two ends of a link differ")
}

extension Root {
  /// Refuses a root that has fewer edges than its links and its inside.
  func check(linkCosts: UInt64, _ tables: MergeTables) throws(MillError) {
    let inside = unsafe tables.innerCost[Int(type) * 1024 + Int(innerState)]
    guard linkCosts + UInt64(inside) <= UInt64(total) else {
      throw MillError(.malformed, "a root of \(total) edges has \(linkCosts) with others and \(inside) inside")
    }
  }
}
