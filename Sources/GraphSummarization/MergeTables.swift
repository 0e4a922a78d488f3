import MillRuntime

/// What merging needs to know about every pattern of blocks, computed once a process.
///
/// A link between two roots is seen from one end as a *view*: its eight-bit state, plus 256 where this end is the wide
/// side (the one whose grandchildren are visible); 512 stands for no link. Section numbers refer to Lee, Ko, Shin,
/// "SLUGGER", ICDE 2022, whose local encodings these tables hold in full.
@safe final class MergeTables: @unchecked Sendable {
  static let shared = MergeTables()

  static let viewCount = 512
  static let noLink = 512
  /// Types of a root: 5 * type of its left child + type of its right child, and one for a root that is a leaf.
  static let leafType = 25
  static let typeCount = 26

  /// Edges needed for a link in a state; shape `[256]`.
  let pairCost: UnsafePointer<UInt8>
  /// Edges needed for the pattern of four blocks one level up; shape `[16]`.
  let pairTopCost: UnsafePointer<UInt8>
  /// Edges needed for the three blocks of one tree one level up; shape `[8]`.
  let innerTopCost: UnsafePointer<UInt8>
  /// For each view and dropped pattern (rows are children of this end) the index of an encoding plus 1, or 0; shape
  /// `[512 * 16]`. Patterns of narrow ends are transposed.
  let pairChoice: UnsafePointer<UInt16>
  /// Whether merging the ends of two views saves an edge: bit `b & 31` of word `a * 16 + b / 32`.
  private let gainBits: UnsafePointer<UInt32>
  /// The dropped patterns to choose, `qa | qb << 4`; shape `[513 * 513]`.
  let bestDrop: UnsafePointer<UInt8>
  /// Edges needed for the inside of a tree of a type; free bits are used; shape `[26 * 1024]`.
  let innerCost: UnsafePointer<UInt8>
  /// For type, state and dropped pattern the lower edges without loops on leaves, 255 where the pattern cannot be
  /// reached; shape `[26 * 1024 * 8]`.
  let innerLower: UnsafePointer<UInt8>
  /// For type, state and dropped pattern the encoding; shape as ``innerLower``.
  let innerChoice: UnsafePointer<UInt16>
  /// Encodings of links.
  let pairEncodings: UnsafePointer<Encoding>
  /// Encodings of insides.
  let innerEncodings: UnsafePointer<Encoding>
  /// Upper edges for each pattern of four blocks; shape `[16]`.
  let pairTop: UnsafePointer<Encoding>
  /// Upper edges for each pattern of three blocks; shape `[8]`.
  let innerTop: UnsafePointer<Encoding>
  /// All optimal encodings, state by state, for tests.
  let allPairEncodings: [[Encoding]]
  /// All optimal encodings, state by state, for tests.
  let allInnerEncodings: [[Encoding]]

  private static func permanent<Value>(_ values: [Value]) -> UnsafePointer<Value> {
    let base = UnsafeMutablePointer<Value>.allocate(capacity: values.count)
    unsafe base.initialize(from: values, count: values.count)
    return unsafe UnsafePointer(base)
  }

  /// Rows and columns of a 2 x 2 pattern exchanged.
  @inline(__always) static func transposed(_ pattern: Int) -> Int {
    pattern & 0b1001 | (pattern & 0b0010) << 1 | (pattern & 0b0100) >> 1
  }

  /// Blocks inside a single leaf for a root of a type: they cover no pair.
  static func freeBlocks(ofType type: Int) -> Int {
    if type == leafType { return 1023 }
    var mask = 0
    let (left, right) = (type / 5, type % 5)
    if left == 4 { mask |= 7 } else { mask |= (left & 1) | (left & 2) << 1 }
    if right == 4 { mask |= 896 } else { mask |= (right & 1) << 7 | (right & 2) << 8 }
    return mask
  }

  private init() {
    allPairEncodings = EncodingProblem.pair.optimalEncodings()
    allInnerEncodings = EncodingProblem.inner.optimalEncodings()
    let tops = EncodingProblem.pairTop.optimalEncodings().map { $0[0] }
    let innerTops = EncodingProblem.innerTop.optimalEncodings().map { $0[0] }
    let costs = allPairEncodings.map { UInt8($0[0].count) }
    let topCosts = tops.map { UInt8($0.count) }
    unsafe pairCost = Self.permanent(costs)
    unsafe pairTopCost = Self.permanent(topCosts)
    unsafe innerTopCost = Self.permanent(innerTops.map { UInt8($0.count) })
    unsafe pairTop = Self.permanent(tops)
    unsafe innerTop = Self.permanent(innerTops)

    var choice = [UInt16](repeating: 0, count: 512 * 16)
    var flat: [Encoding] = []
    for state in 0..<256 {
      for encoding in allPairEncodings[state] {
        let wide = (256 + state) * 16 + encoding.dropped
        guard choice[wide] == 0 else { continue }
        flat.append(encoding)
        choice[wide] = UInt16(flat.count)
        choice[state * 16 + Self.transposed(encoding.dropped)] = UInt16(flat.count)
      }
    }
    unsafe pairChoice = Self.permanent(choice)
    unsafe pairEncodings = Self.permanent(flat)
    let drops = (0..<512).map { view in (0..<16).filter { choice[view * 16 + $0] != 0 } } + [[0]]
    unsafe (gainBits, bestDrop) = Self.gains(drops, costs, topCosts)

    let inner = Self.innerTables(allInnerEncodings)
    unsafe innerCost = Self.permanent(inner.cost)
    unsafe innerLower = Self.permanent(inner.lower)
    unsafe innerChoice = Self.permanent(inner.choice)
    unsafe innerEncodings = Self.permanent(allInnerEncodings.flatMap { $0 })
  }

  private static func gains(
    _ drops: [[Int]], _ costs: [UInt8], _ topCosts: [UInt8]
  ) -> (UnsafePointer<UInt32>, UnsafePointer<UInt8>) {
    let side = viewCount + 1
    let bits = UnsafeMutablePointer<UInt32>.allocate(capacity: viewCount * 16)
    unsafe bits.initialize(repeating: 0, count: viewCount * 16)
    let best = UnsafeMutablePointer<UInt8>.allocate(capacity: side * side)
    unsafe best.initialize(repeating: 0, count: side * side)
    var gain = [Int](repeating: 0, count: 256)
    for a in 0..<16 {
      for b in 0..<16 { gain[a | b << 4] = Int(topCosts[a]) + Int(topCosts[b]) - Int(costs[a | b << 4]) }
    }
    for a in 0..<side {
      for b in 0..<side {
        var top = -1
        for qa in drops[a] {
          for qb in drops[b] where gain[qa | qb << 4] > top {
            top = gain[qa | qb << 4]
            unsafe best[a * side + b] = UInt8(qa | qb << 4)
          }
        }
        if top > 0 { unsafe bits[a * 16 + b >> 5] |= 1 << UInt32(b & 31) }
      }
    }
    return unsafe (UnsafePointer(bits), UnsafePointer(best))
  }

  private static func innerTables(
    _ encodings: [[Encoding]]
  ) -> (cost: [UInt8], lower: [UInt8], choice: [UInt16]) {
    var cost = [UInt8](repeating: 255, count: typeCount * 1024)
    var lower = [UInt8](repeating: 255, count: typeCount * 1024 * 8)
    var choice = [UInt16](repeating: 0, count: typeCount * 1024 * 8)
    for type in 0..<typeCount where type != leafType {
      let free = freeBlocks(ofType: type)
      var index = 0
      for state in 0..<1024 {
        // Free bits do not count: the entry of the state without them stands for all.
        let fixed = state & ~free
        for encoding in encodings[state] {
          cost[type * 1024 + fixed] = min(cost[type * 1024 + fixed], UInt8(encoding.count))
          var real = encoding.lowerCount
          for i in 0..<encoding.lowerCount {
            let position = Int(encoding.lower >> UInt64(8 * i) & 127)
            if position >= 18, free >> (position - 18) & 1 == 1 { real -= 1 }
          }
          let slot = (type * 1024 + fixed) * 8 + encoding.dropped
          if real < lower[slot] {
            lower[slot] = UInt8(real)
            choice[slot] = UInt16(index)
          }
          index += 1
        }
      }
      for state in 0..<1024 where state & free != 0 {
        let fixed = state & ~free
        cost[type * 1024 + state] = cost[type * 1024 + fixed]
        for q in 0..<8 {
          lower[(type * 1024 + state) * 8 + q] = lower[(type * 1024 + fixed) * 8 + q]
          choice[(type * 1024 + state) * 8 + q] = choice[(type * 1024 + fixed) * 8 + q]
        }
      }
    }
    // A leaf has no inside: nothing to encode, only the empty pattern.
    for state in 0..<1024 {
      cost[leafType * 1024 + state] = 0
      lower[(leafType * 1024 + state) * 8] = 0
      choice[(leafType * 1024 + state) * 8] = 0
    }
    return (cost, lower, choice)
  }

  /// The gains of one view against all others, for loops that keep the first view.
  @safe struct Gains {
    fileprivate let bits: UnsafePointer<UInt32>
    /// 1 where merging the ends of the two views saves an edge, else 0.
    @inline(__always) subscript(view: UInt32) -> UInt32 { unsafe bits[Int(view &>> 5)] &>> (view & 31) & 1 }
  }

  /// The gains of a view, which must not be ``noLink``: a missing link gains nothing.
  @inline(__always) func gains(of view: Int) -> Gains { unsafe Gains(bits: gainBits + view &* 16) }

  /// The edges that merging the ends of two views saves at their common root: 1 or 0.
  @inline(__always) func gain(_ a: Int, _ b: Int) -> UInt32 { gains(of: a)[UInt32(truncatingIfNeeded: b)] }

  /// What merging a pair of roots does to the edges inside the two trees and between them.
  struct InnerMerge {
    /// Edges saved, 0 to 2.
    var gain = 0
    /// The chosen patterns: inside A, between (rows are A's children), inside B.
    var (ofA, between, ofB) = (0, 0, 0)
    /// The state of the merged root.
    var state: Int { ofA | between << 3 | ofB << 7 }
  }

  /// The best joint encoding; `view` is that of A's end of the link A–B, or ``noLink``.
  func innerMerge(
    typeA: Int, stateA: Int, typeB: Int, stateB: Int, view: Int, mergedType: Int
  ) -> InnerMerge {
    let lowerA = unsafe innerLower + (typeA * 1024 + stateA) * 8
    let lowerB = unsafe innerLower + (typeB * 1024 + stateB) * 8
    let top = unsafe innerCost + mergedType * 1024
    var result = InnerMerge()
    let between = unsafe view == Self.noLink ? 0 : Int(pairCost[view & 255])
    let before = unsafe Int(innerCost[typeA * 1024 + stateA]) + Int(innerCost[typeB * 1024 + stateB]) + between
    var best = Int.max
    for q in 0..<16 {
      let lower: Int
      if view == Self.noLink {
        if q > 0 { break }
        lower = 0
      } else {
        if unsafe pairChoice[view * 16 + q] == 0 { continue }
        lower = unsafe between - Int(pairTopCost[q])
      }
      for a in 0..<8 where unsafe lowerA[a] != 255 {
        for b in 0..<8 where unsafe lowerB[b] != 255 {
          let after = unsafe lower + Int(lowerA[a]) + Int(lowerB[b]) + Int(top[a | q << 3 | b << 7])
          if after < best {
            best = after
            (result.ofA, result.between, result.ofB) = (a, q, b)
          }
        }
      }
    }
    result.gain = before - best
    return result
  }
}
