/// One optimal encoding of a pattern of blocks: a few signed edges at named positions.
///
/// Edges are packed eight bits each, the first lowest: the position, and 128 for a negative edge.
struct Encoding: Equatable, Sendable {
  /// Edges at lower positions: they become final when the supernode above them is merged.
  var lower: UInt64 = 0
  /// The number of edges in ``lower``.
  var lowerCount = 0
  /// Edges at upper positions.
  var upper: UInt64 = 0
  /// The number of edges in ``upper``.
  var upperCount = 0
  /// The pattern that the upper edges make one level up.
  var dropped = 0

  var count: Int { lowerCount + upperCount }

  mutating func append(position: Int, isNegative: Bool, isUpper: Bool) {
    let byte = UInt64(position) | (isNegative ? 128 : 0)
    if isUpper {
      upper |= byte << UInt64(8 * upperCount)
      upperCount += 1
    } else {
      lower |= byte << UInt64(8 * lowerCount)
      lowerCount += 1
    }
  }
}

/// Positions at which an edge may stand, and the blocks that it covers.
struct EncodingProblem: Sendable {
  struct Position: Sendable {
    let id: Int
    /// Blocks covered, one bit each.
    let mask: Int
    /// The pattern one level up that a lone edge here makes; nil at lower positions.
    let dropped: Int?
  }

  /// Positions that cover several blocks, top down.
  let positions: [Position]
  /// The number of blocks.
  let blockCount: Int
  /// The position of a single block.
  let singlePosition: @Sendable (Int) -> Int
  /// Whether single blocks are upper positions (then block k is bit k of the dropped pattern).
  let singlesAreUpper: Bool
  /// No state needs more edges.
  let maximumCost: Int

  /// All optimal encodings of every pattern.
  ///
  /// Edges are placed top down, each position used at most once; the running sum of a block stays in -1...1 and is
  /// never -1 where the block is wanted; single blocks fill the rest. No other order and no larger sums do better
  /// (checked by enumeration in the tests).
  func optimalEncodings() -> [[Encoding]] {
    let stateCount = 1 << blockCount
    var best = [Int](repeating: maximumCost, count: stateCount)
    var found = [[Encoding]](repeating: [], count: stateCount)
    var fillsByCount = [[Int]](repeating: [], count: blockCount + 1)
    for fill in 0..<stateCount { fillsByCount[fill.nonzeroBitCount].append(fill) }

    func finish(_ encoding: Encoding, plus: Int, minus: Int, everMinus: Int) {
      let forced = minus.nonzeroBitCount
      guard encoding.count + forced <= maximumCost else { return }
      for extra in 0...(maximumCost - encoding.count - forced) where extra <= blockCount {
        for fill in fillsByCount[extra] where fill & minus == 0 {
          let state = plus ^ fill
          if state & everMinus != 0 { continue }
          let cost = encoding.count + forced + extra
          if cost > best[state] { continue }
          if cost < best[state] {
            best[state] = cost
            found[state] = []
          }
          var complete = encoding
          for block in 0..<blockCount where (fill | minus) >> block & 1 == 1 {
            let isNegative = plus >> block & 1 == 1
            complete.append(position: singlePosition(block), isNegative: isNegative, isUpper: singlesAreUpper)
            if singlesAreUpper { complete.dropped ^= 1 << block }
          }
          found[state].append(complete)
        }
      }
    }
    func place(_ index: Int, _ encoding: Encoding, plus: Int, minus: Int, everMinus: Int) {
      guard index < positions.count else {
        return finish(encoding, plus: plus, minus: minus, everMinus: everMinus)
      }
      place(index + 1, encoding, plus: plus, minus: minus, everMinus: everMinus)
      guard encoding.count < maximumCost else { return }
      let position = positions[index]
      for isNegative in [false, true] {
        let (toward, away) = isNegative ? (minus, plus) : (plus, minus)
        if toward & position.mask != 0 { continue }
        let newToward = toward | position.mask & ~away
        let newAway = away & ~position.mask
        var next = encoding
        next.append(position: position.id, isNegative: isNegative, isUpper: position.dropped != nil)
        next.dropped ^= position.dropped ?? 0
        let (newPlus, newMinus) = isNegative ? (newAway, newToward) : (newToward, newAway)
        place(index + 1, next, plus: newPlus, minus: newMinus, everMinus: everMinus | newMinus)
      }
    }
    place(0, Encoding(), plus: 0, minus: 0, everMinus: 0)
    return found
  }

  /// Two trees: eight blocks, four grandchildren of the wide side by two children of the narrow one.
  static let pair: EncodingProblem = {
    let upper = [(0, 255, 15), (1, 85, 5), (2, 170, 10), (3, 5, 1), (4, 10, 2), (5, 80, 4), (6, 160, 8), (7, 15, 3)]
    var positions = upper.map { Position(id: $0.0, mask: $0.1, dropped: $0.2) }
    positions.append(Position(id: 8, mask: 240, dropped: 12))
    positions += [(9, 3), (10, 12), (11, 48), (12, 192)].map { Position(id: $0.0, mask: $0.1, dropped: nil) }
    return EncodingProblem(
      positions: positions, blockCount: 8, singlePosition: { 13 + $0 }, singlesAreUpper: false, maximumCost: 4)
  }()

  /// Two trees seen by their children alone: four blocks.
  static let pairTop = EncodingProblem(
    positions: [(0, 15), (1, 5), (2, 10), (7, 3), (8, 12)].map { Position(id: $0.0, mask: $0.1, dropped: $0.1) },
    blockCount: 4, singlePosition: { 3 + $0 }, singlesAreUpper: true, maximumCost: 2)

  /// One tree: ten blocks, pairs of its four grandchildren.
  static let inner = EncodingProblem(
    positions: [
      Position(id: 0, mask: 1023, dropped: 7), Position(id: 3, mask: 7, dropped: 1),
      Position(id: 4, mask: 896, dropped: 4), Position(id: 5, mask: 120, dropped: 2),
      Position(id: 12, mask: 40, dropped: nil), Position(id: 13, mask: 80, dropped: nil),
      Position(id: 14, mask: 24, dropped: nil), Position(id: 15, mask: 96, dropped: nil),
    ], blockCount: 10, singlePosition: { 18 + $0 }, singlesAreUpper: false, maximumCost: 5)

  /// One tree seen by its children alone: left loop, cross, right loop.
  static let innerTop = EncodingProblem(
    positions: [Position(id: 0, mask: 7, dropped: 7)], blockCount: 3, singlePosition: { [3, 5, 4][$0] },
    singlesAreUpper: true, maximumCost: 2)
}
