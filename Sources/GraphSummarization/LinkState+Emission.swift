/// Edges that become final: the lower ones with each merge, all that is pending at the end.
extension LinkState {
  @inline(__always) private mutating func emit(_ x: UInt32, _ y: UInt32, _ byte: UInt64) {
    unsafe edges[edgeCount] = SignedEdge(x: x, y: y, isNegative: byte & 128 != 0)
    edgeCount += 1
  }

  /// The same where children are not at hand: false where they are.
  @inline(__always) private mutating func emitPlace(_ wide: Int, _ narrow: Int, _ byte: UInt64, offset: UInt8) -> Bool {
    if places == nil { return false }
    places?.reserve(placeCount + 1)
    let place = UInt8(truncatingIfNeeded: byte) + offset
    unsafe places?.base[placeCount] = EdgePlace(wide: UInt32(wide), narrow: UInt32(narrow), place: place)
    placeCount += 1
    return true
  }

  /// Makes the lower edges of a link final. `pattern` has the children of `a` as rows.
  @inline(__always) mutating func emitPairLower(_ a: Int, _ u: Int, view: Int, pattern: Int) {
    let choice = unsafe Int(tables.pairChoice[view * 16 + pattern])
    let encoding = unsafe tables.pairEncodings + (choice - 1)
    let lowerCount = unsafe encoding.pointee.lowerCount
    if lowerCount == 0 { return }
    let (wide, narrow) = view >= 256 ? (a, u) : (u, a)
    unsafe emitPair(encoding.pointee.lower, lowerCount, wide, narrow)
  }

  private mutating func emitPair(_ packed: UInt64, _ number: Int, _ wide: Int, _ narrow: Int) {
    var packed = packed
    for _ in 0..<number {
      if !emitPlace(wide, narrow, packed, offset: 0) {
        let (x, y) = pairPosition(Int(packed & 127), wide, narrow)
        emit(x, y, packed)
      }
      packed >>= 8
    }
  }

  private func grandchild(_ root: Int, _ index: Int) -> UInt32 {
    let child = unsafe Int(index & 2 == 0 ? left[root] : right[root])
    return unsafe index & 1 == 0 ? left[child] : right[child]
  }

  private func pairPosition(_ position: Int, _ wide: Int, _ narrow: Int) -> (UInt32, UInt32) {
    switch position {
    case 0: (UInt32(wide), UInt32(narrow))
    case 1: unsafe (UInt32(wide), left[narrow])
    case 2: unsafe (UInt32(wide), right[narrow])
    case 3: unsafe (left[wide], left[narrow])
    case 4: unsafe (left[wide], right[narrow])
    case 5: unsafe (right[wide], left[narrow])
    case 6: unsafe (right[wide], right[narrow])
    case 7: unsafe (left[wide], UInt32(narrow))
    case 8: unsafe (right[wide], UInt32(narrow))
    case 9...12: (grandchild(wide, position - 9), UInt32(narrow))
    default:
      unsafe (grandchild(wide, (position - 13) >> 1), (position - 13) & 1 == 0 ? left[narrow] : right[narrow])
    }
  }

  private func innerPosition(_ position: Int, _ root: Int) -> (UInt32, UInt32) {
    func g(_ i: Int) -> UInt32 { grandchild(root, i) }
    switch position {
    case 0: return (UInt32(root), UInt32(root))
    case 3: return unsafe (left[root], left[root])
    case 4: return unsafe (right[root], right[root])
    case 5: return unsafe (left[root], right[root])
    case 12: return unsafe (left[root], g(2))
    case 13: return unsafe (left[root], g(3))
    case 14: return unsafe (right[root], g(0))
    case 15: return unsafe (right[root], g(1))
    case 18: return (g(0), g(0))
    case 19: return (g(0), g(1))
    case 20: return (g(1), g(1))
    case 21: return (g(0), g(2))
    case 22: return (g(0), g(3))
    case 23: return (g(1), g(2))
    case 24: return (g(1), g(3))
    case 25: return (g(2), g(2))
    case 26: return (g(2), g(3))
    default: return (g(3), g(3))
    }
  }

  private mutating func emitInner(_ packed: UInt64, _ number: Int, _ root: Int) {
    var packed = packed
    for _ in 0..<number {
      if !emitPlace(root, root, packed, offset: EdgePlace.inner) {
        let (x, y) = innerPosition(Int(packed & 127), root)
        // A loop on a leaf covers no pair and was not counted.
        if x != y || x >= UInt32(leafCount) { emit(x, y, packed) }
      }
      packed >>= 8
    }
  }

  mutating func emitInnerLower(_ root: Int, pattern: Int) {
    let slot = unsafe (Int(roots[root].type) * 1024 + Int(roots[root].innerState)) * 8 + pattern
    let encoding = unsafe tables.innerEncodings + Int(tables.innerChoice[slot])
    unsafe emitInner(encoding.pointee.lower, encoding.pointee.lowerCount, root)
  }

  /// Makes everything final that is still pending.
  mutating func emitPending() {
    for root in 0..<count where unsafe parent[root] == Self.none {
      emitPendingInner(root)
      let list = unsafe links(of: root)
      for i in unsafe 0..<Int(roots[root].linkCount) where unsafe list[i].view >= 256 {
        unsafe emitPendingPair(root, Int(list[i].other), view: Int(list[i].view))
      }
    }
  }

  /// What is pending inside a root.
  mutating func emitPendingInner(_ root: Int) {
    let slot = unsafe Int(roots[root].type) * 1024 + Int(roots[root].innerState)
    if unsafe tables.innerCost[slot] == 0 { return }
    var best = 0
    for q in 0..<8 where unsafe tables.innerLower[slot * 8 + q] != 255 {
      let after = unsafe tables.innerLower[slot * 8 + q] + tables.innerTopCost[q]
      if unsafe after == tables.innerCost[slot] { best = q }
    }
    emitInnerLower(root, pattern: best)
    unsafe emitInner(tables.innerTop[best].upper, tables.innerTop[best].upperCount, root)
  }

  /// What is pending in a link, seen from its wide end.
  mutating func emitPendingPair(_ wide: Int, _ narrow: Int, view: Int) {
    let encoding = unsafe tables.pairEncodings[Int(tables.pairChoice[view * 16 + firstPattern(view)]) - 1]
    emitPair(encoding.lower, encoding.lowerCount, wide, narrow)
    emitPair(encoding.upper, encoding.upperCount, wide, narrow)
  }

  private func firstPattern(_ view: Int) -> Int {
    for q in 0..<16 where unsafe tables.pairChoice[view * 16 + q] != 0 { return q }
    return 0
  }
}
