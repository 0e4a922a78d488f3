import MillRuntime

/// A forest and its signed edges while they are pruned. Parents have larger numbers than their children.
struct SummaryDraft {
  static let none = UInt32.max
  /// In place of the parent of a supernode that is gone.
  static let gone = UInt32.max - 1

  let leafCount: Int
  /// Supernode numbers are below; some may be gone.
  let count: Int
  /// Parent, ``none`` or ``gone``; shape `[count]`.
  var parent: [UInt32]
  var edges: EdgeList

  init(leafCount: Int, count: Int, parent: [UInt32], edges: EdgeList) {
    self.leafCount = leafCount
    self.count = count
    self.parent = parent
    self.edges = edges
  }

  var hierarchyEdgeCount: Int { parent.reduce(0) { $0 + ($1 < Self.gone ? 1 : 0) } }
  var cost: Int { edges.count + hierarchyEdgeCount }

  /// The root above each supernode; ``gone`` stays.
  func roots() -> [UInt32] {
    var roots = parent
    for x in stride(from: count - 1, through: 0, by: -1) {
      if parent[x] == Self.none {
        roots[x] = UInt32(x)
      } else if parent[x] != Self.gone {
        roots[x] = roots[Int(parent[x])]
      }
    }
    return roots
  }

  /// The number of leaves below each supernode.
  func sizes() -> [UInt32] {
    var sizes = [UInt32](repeating: 0, count: count)
    for x in 0..<count {
      if x < leafCount { sizes[x] = 1 }
      if parent[x] < Self.gone { sizes[Int(parent[x])] += sizes[x] }
    }
    return sizes
  }

  /// Pairs of nodes below p-edges less those below n-edges.
  func coverage() -> Int {
    let size = sizes()
    var sum = 0
    for i in 0..<edges.count {
      let edge = unsafe edges.base[i]
      let a = Int(size[Int(edge.x)])
      let pairs = edge.x == edge.y ? a * (a - 1) / 2 : a * Int(size[Int(edge.y)])
      sum &+= edge.isNegative ? -pairs : pairs
    }
    return sum
  }

  /// The edges at each supernode; a loop counts once.
  func edgeDegrees() -> [UInt32] {
    var degrees = [UInt32](repeating: 0, count: count)
    let base = unsafe edges.base
    for i in 0..<edges.count {
      let edge = unsafe base[i]
      degrees[Int(edge.x)] += 1
      if edge.y != edge.x { degrees[Int(edge.y)] += 1 }
    }
    return degrees
  }

  /// Brings the edges into one order, by (x, y, sign) with x at most y, whatever order they were found in.
  ///
  /// - Throws: `MillError` of kind `over-budget`.
  /// - Complexity: O(count + edges).
  mutating func orderEdges() throws(MillError) {
    let base = unsafe edges.base
    let scratch = try FlatBuffer<SignedEdge>(uninitializedCount: max(1, edges.count))
    var place = 0
    // Three stable passes: by sign here, by y and x there.
    for isNegative in [false, true] {
      for i in 0..<edges.count where unsafe base[i].isNegative == isNegative {
        let edge = unsafe base[i]
        unsafe scratch.base[place] = SignedEdge(x: min(edge.x, edge.y), y: max(edge.x, edge.y), isNegative: isNegative)
        place += 1
      }
    }
    unsafe base.update(from: scratch.base, count: edges.count)
    unsafe sortEdges(base, scratch.base, count: edges.count, keyBound: count)
  }

  /// Does one of the steps 1 to 3 of pruning; its name.
  ///
  /// - Throws: `MillError` of kind `malformed` for a draft that covers a pair twice.
  mutating func prune(step: Int, threads: Int) throws(MillError) -> String {
    switch step {
    case 1:
      removeUseless()
      return "useless"
    case 2:
      try dissolveLoneRoots()
      return "lone-roots"
    default:
      _ = flattenPairs(threads: threads)
      return "flat-pairs"
    }
  }

  /// Step 1: removes every internal supernode without an edge; its children move up.
  ///
  /// - Complexity: O(count + edges).
  mutating func removeUseless() {
    let degrees = edgeDegrees()
    // Parents come first, so a parent that stays is final when its children are looked at.
    var above = [UInt32](repeating: Self.none, count: count)
    for x in stride(from: count - 1, through: 0, by: -1) where parent[x] != Self.gone {
      var up = parent[x]
      if up != Self.none, parent[Int(up)] == Self.gone { up = above[Int(up)] }
      if x >= leafCount, degrees[x] == 0 {
        above[x] = up
        parent[x] = Self.gone
      } else {
        parent[x] = up
      }
    }
  }
}
