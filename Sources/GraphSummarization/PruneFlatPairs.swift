extension SummaryDraft {
  /// Step 3: pairs of trees whose edges are cheaper without the supernodes between them become one p-edge with
  /// corrections, or a list of edges; supernodes that lose all edges go.
  ///
  /// The greedy end may raise the cost; then nothing is changed.
  ///
  /// - Returns: Whether the cost fell.
  mutating func flattenPairs() -> Bool {
    let before = cost
    let savedParent = parent
    let savedEdges = edges
    let layout = ForestLayout(self)
    var flattening = PairFlattening(self, layout)
    flattening.decide()
    edges = flattening.rewritten()
    removeUseless()
    if cost < before { return true }
    parent = savedParent
    edges = savedEdges
    return false
  }
}

private struct PairFlattening {
  private enum State: UInt8 { case open, kept, sparse, dense }
  private struct Pair {
    var edges: Range<Int>
    /// Input edges between the two trees.
    var inputEdges = 0
    /// The smallest supernodes that hold all ends.
    var u: UInt32
    var v: UInt32
    /// Pairs of leaves between `u` and `v`.
    var area = 0
    /// Inner supernodes in use that need not be kept otherwise.
    var loose = 0
    var state = State.open
  }

  private let draft: SummaryDraft
  private let layout: ForestLayout
  private let sorted: RootPairEdges
  private var pairs: [Pair] = []
  private var inner: [[UInt32]] = []
  private var isFixed: [Bool]
  /// Pairs that look at a supernode: pair * 2, + 1 where it counts as loose.
  private var watchers: [UInt32: [Int]] = [:]
  private var queue: [Int] = []

  init(_ draft: SummaryDraft, _ layout: ForestLayout) {
    self.draft = draft
    self.layout = layout
    sorted = RootPairEdges(draft, root: layout.root)
    isFixed = (0..<draft.count).map { $0 < draft.leafCount || draft.parent[$0] >= SummaryDraft.gone }
    var stamp = [UInt32](repeating: 0, count: draft.count)
    for r in 0..<draft.count {
      var low = sorted.offsets[r]
      while low < sorted.offsets[r + 1] {
        let other = layout.root[Int(sorted.edges[low].y)]
        var high = low + 1
        while high < sorted.offsets[r + 1], layout.root[Int(sorted.edges[high].y)] == other { high += 1 }
        addPair(low..<high, isLoop: Int(other) == r, &stamp)
        low = high
      }
    }
  }

  private func lowestCommon(_ a: UInt32, _ b: UInt32) -> UInt32 {
    var (a, b) = (a, b)
    while a != b { if a < b { a = draft.parent[Int(a)] } else { b = draft.parent[Int(b)] } }
    return a
  }

  private func coverage(_ edge: SignedEdge) -> Int {
    let size = Int(layout.size[Int(edge.x)])
    return edge.x == edge.y ? size * (size - 1) / 2 : size * Int(layout.size[Int(edge.y)])
  }

  private mutating func addPair(_ range: Range<Int>, isLoop: Bool, _ stamp: inout [UInt32]) {
    let first = sorted.edges[range.lowerBound]
    var pair = Pair(edges: range, u: first.x, v: first.y)
    var ends: [UInt32] = []
    let mark = UInt32(pairs.count + 1)
    for i in range {
      let edge = sorted.edges[i]
      pair.inputEdges += edge.isNegative ? -coverage(edge) : coverage(edge)
      pair.u = lowestCommon(pair.u, edge.x)
      pair.v = lowestCommon(pair.v, edge.y)
      for end in [edge.x, edge.y] where stamp[Int(end)] != mark {
        stamp[Int(end)] = mark
        if !isFixed[Int(end)] { ends.append(end) }
      }
    }
    if isLoop {
      pair.u = lowestCommon(pair.u, pair.v)
      pair.v = pair.u
    }
    let size = Int(layout.size[Int(pair.u)])
    pair.area = isLoop ? size * (size - 1) / 2 : size * Int(layout.size[Int(pair.v)])
    pair.loose = ends.count
    let index = pairs.count
    if draft.leafCount > Int(pair.u), draft.leafCount > Int(pair.v) {
      pair.state = .kept
    } else {
      for end in ends { watchers[end, default: []].append(2 * index + 1) }
      for end in pair.u == pair.v ? [pair.u] : [pair.u, pair.v] where !isFixed[Int(end)] {
        watchers[end, default: []].append(2 * index)
      }
      queue.append(index)
    }
    pairs.append(pair)
    inner.append(ends)
  }

  /// The cost of the pair without hierarchy, whether it is dense, and how many supernodes that would add.
  private func flatCost(_ pair: Pair) -> (cost: Int, isDense: Bool, added: Int) {
    var added = isFixed[Int(pair.u)] ? 0 : 1
    if pair.v != pair.u, !isFixed[Int(pair.v)] { added += 1 }
    let dense = pair.area + added - pair.inputEdges + 1
    return dense <= pair.inputEdges ? (dense, true, added) : (pair.inputEdges, false, 0)
  }

  private mutating func fix(_ x: UInt32) {
    guard !isFixed[Int(x)] else { return }
    isFixed[Int(x)] = true
    for watcher in watchers[x] ?? [] where pairs[watcher >> 1].state == .open {
      if watcher & 1 == 1 { pairs[watcher >> 1].loose -= 1 }
      queue.append(watcher >> 1)
    }
  }

  private mutating func keep(_ index: Int) {
    pairs[index].state = .kept
    for end in inner[index] { fix(end) }
  }

  private mutating func flatten(_ index: Int, isDense: Bool) {
    pairs[index].state = isDense ? .dense : .sparse
    guard isDense else { return }
    fix(pairs[index].u)
    fix(pairs[index].v)
  }

  mutating func decide() {
    var next = 0
    while next < queue.count {
      let index = queue[next]
      next += 1
      let pair = pairs[index]
      guard pair.state == .open else { continue }
      let flat = flatCost(pair)
      if pair.edges.count + pair.loose <= flat.cost - flat.added {
        keep(index)
      } else if flat.cost <= pair.edges.count {
        flatten(index, isDense: flat.isDense)
      }
    }
    for index in pairs.indices where pairs[index].state == .open {
      let flat = flatCost(pairs[index])
      if pairs[index].edges.count + pairs[index].loose <= flat.cost {
        keep(index)
      } else {
        flatten(index, isDense: flat.isDense)
      }
    }
  }

  /// The edges after the decisions.
  func rewritten() -> EdgeList {
    let result = EdgeList(capacity: sorted.edges.count)
    for pair in pairs {
      switch pair.state {
      case .open, .kept: for i in pair.edges { result.append(sorted.edges[i]) }
      case .sparse:
        for (u, v) in inputPairs(pair) { result.append(SignedEdge(x: u, y: v, isNegative: false)) }
      case .dense:
        result.append(SignedEdge(x: pair.u, y: pair.v, isNegative: false))
        appendMissing(pair, to: result)
      }
    }
    return result
  }

  private func leaves(_ x: UInt32) -> ArraySlice<UInt32> {
    let begin = Int(layout.begin[Int(x)])
    return layout.leaves[begin..<begin + Int(layout.size[Int(x)])]
  }

  /// The input edges of a pair, decoded: ascending by (smaller leaf, larger leaf).
  private func inputPairs(_ pair: Pair) -> [(UInt32, UInt32)] {
    var covered: [UInt64] = []
    for i in pair.edges {
      let edge = sorted.edges[i]
      for u in leaves(edge.x) {
        for v in leaves(edge.y) where edge.x != edge.y || u < v {
          covered.append((UInt64(min(u, v)) << 31 | UInt64(max(u, v))) << 1 | (edge.isNegative ? 1 : 0))
        }
      }
    }
    covered.sort()
    var result: [(UInt32, UInt32)] = []
    var i = 0
    while i < covered.count {
      var net = 0
      let key = covered[i] >> 1
      while i < covered.count, covered[i] >> 1 == key {
        net += covered[i] & 1 == 0 ? 1 : -1
        i += 1
      }
      if net == 1 { result.append((UInt32(key >> 31), UInt32(key & 0x7fff_ffff))) }
    }
    return result
  }

  private func appendMissing(_ pair: Pair, to result: EdgeList) {
    var present = Set<UInt64>()
    for (u, v) in inputPairs(pair) { present.insert(UInt64(u) << 32 | UInt64(v)) }
    for u in leaves(pair.u) {
      for v in leaves(pair.v) where pair.u != pair.v || u < v {
        let (low, high) = (min(u, v), max(u, v))
        if !present.contains(UInt64(low) << 32 | UInt64(high)) {
          result.append(SignedEdge(x: low, y: high, isNegative: true))
        }
      }
    }
  }
}
