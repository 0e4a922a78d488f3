import GraphStore
import MillRuntime

extension SummaryDraft {
  /// Step 4: with the forest fixed, the fewest p- and n-edges whose covered cells are nested, by dynamic programming
  /// over pairs of supernodes with an input edge between them. Pairs of trees that had fewer edges keep theirs.
  ///
  /// - Complexity: O(cells log cells), where cells are at most the sum over input edges of the product of the depths
  ///   of their ends. Parallel over trees; the result does not depend on the thread count.
  mutating func reencode(_ graph: CSRGraph, targets: UnsafePointer<UInt32>, context: RunContext) throws(MillError) {
    let layout = ForestLayout(self)
    let old = RootPairEdges(self, root: layout.root, threads: context.threads)
    let offsets = graph.offsets
    var roots: [UInt32] = []
    var chunkEnds: [Int] = []
    var work = 0
    for x in 0..<count where parent[x] == Self.none {
      roots.append(UInt32(x))
      let begin = Int(layout.begin[x])
      for leaf in layout.leaves[begin..<begin + Int(layout.size[x])] {
        work += Int(offsets[Int(leaf) + 1] - offsets[Int(leaf)])
      }
      if work >= 1 << 13 {
        chunkEnds.append(roots.count)
        work = 0
      }
    }
    if chunkEnds.last != roots.count { chunkEnds.append(roots.count) }
    let lists = (0..<chunkEnds.count).map { _ in EdgeList() }
    let workers = max(1, min(context.threads, chunkEnds.count))
    let forest = LaminarForest(layout: layout, parent: parent, leafCount: leafCount)
    var scratch: [LaminarEncoder] = []
    for _ in 0..<workers { scratch.append(LaminarEncoder()) }
    scratch.withUnsafeMutableBufferPointer { scratch in
      nonisolated(unsafe) let scratch = scratch.baseAddress!
      forest.withView { view in
        old.edges.withUnsafeBufferPointer { oldEdges in
          nonisolated(unsafe) let (view, oldEdges) = (view, oldEdges)
          Parallel.forEach(chunkEnds.count, threads: workers) { chunk, worker in
            for i in (chunk == 0 ? 0 : chunkEnds[chunk - 1])..<chunkEnds[chunk] {
              let r = Int(roots[i])
              let mine = UnsafeBufferPointer(rebasing: oldEdges[old.offsets[r]..<old.offsets[r + 1]])
              scratch[worker].encode(
                UInt32(r), view, offsets: offsets.base, targets: targets, old: mine, into: lists[chunk])
            }
          }
        }
      }
      for worker in 0..<workers { scratch[worker].deallocate() }
    }
    let result = EdgeList(capacity: lists.reduce(0) { $0 + $1.count })
    for list in lists { result.append(list.base, list.count) }
    edges = result
    withExtendedLifetime(graph) {}
  }
}

/// A forest as plain pointers, for the inner loops.
private struct LaminarForest {
  let layout: ForestLayout
  let parent: [UInt32]
  let leafCount: Int
  let childCount: [UInt32]
  let innerChildCount: [UInt32]

  init(layout: ForestLayout, parent: [UInt32], leafCount: Int) {
    self.layout = layout
    self.parent = parent
    self.leafCount = leafCount
    var childCount = [UInt32](repeating: 0, count: parent.count)
    var innerChildCount = childCount
    for (x, up) in parent.enumerated() where up < SummaryDraft.gone {
      childCount[Int(up)] += 1
      if x >= leafCount { innerChildCount[Int(up)] += 1 }
    }
    self.childCount = childCount
    self.innerChildCount = innerChildCount
  }

  struct View {
    let leafCount: UInt32
    let parent: UnsafePointer<UInt32>
    let root: UnsafePointer<UInt32>
    let size: UnsafePointer<UInt32>
    let begin: UnsafePointer<UInt32>
    let leaves: UnsafePointer<UInt32>
    let childCount: UnsafePointer<UInt32>
    let innerChildCount: UnsafePointer<UInt32>
    let childOffsets: UnsafePointer<Int>
    let children: UnsafePointer<UInt32>

    @inline(__always) func isLeaf(_ x: UInt32) -> Bool { x < leafCount }
    /// Whether `x` is `y` or above it, both in one tree.
    @inline(__always) func contains(_ x: UInt32, _ y: UInt32) -> Bool {
      begin[Int(x)] <= begin[Int(y)] && begin[Int(y)] < begin[Int(x)] &+ size[Int(x)] && size[Int(y)] <= size[Int(x)]
    }
  }

  func withView(_ body: (View) -> Void) {
    parent.withUnsafeBufferPointer { parent in
      layout.root.withUnsafeBufferPointer { root in
        layout.size.withUnsafeBufferPointer { size in
          layout.begin.withUnsafeBufferPointer { begin in
            layout.leaves.withUnsafeBufferPointer { leaves in
              childCount.withUnsafeBufferPointer { childCount in
                innerChildCount.withUnsafeBufferPointer { innerChildCount in
                  layout.children.offsets.withUnsafeBufferPointer { childOffsets in
                    layout.children.items.withUnsafeBufferPointer { children in
                      guard let parent = parent.baseAddress, let leaves = leaves.baseAddress else { return }
                      // A forest without inner nodes has no children; any address will do.
                      let items = children.baseAddress ?? leaves
                      body(
                        View(
                          leafCount: UInt32(leafCount), parent: parent, root: root.baseAddress!,
                          size: size.baseAddress!, begin: begin.baseAddress!, leaves: leaves,
                          childCount: childCount.baseAddress!, innerChildCount: innerChildCount.baseAddress!,
                          childOffsets: childOffsets.baseAddress!, children: items))
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Solves one pair of trees after the other; memory is kept.
private struct LaminarEncoder {
  /// Two supernodes with input edges between them (or one supernode with edges inside).
  private struct Cell: BitwiseCopyable {
    var key: UInt64
    /// Input edges, counted over the split of the first or the second supernode. Inside one supernode: across children,
    /// inside children.
    var count: (x: UInt32, y: UInt32) = (0, 0)
    /// Costs of the sub-cells for inherited net 0 and 1, by split, and how many there are.
    var xSum: (UInt32, UInt32) = (0, 0)
    var ySum: (UInt32, UInt32) = (0, 0)
    var pieces: (x: UInt32, y: UInt32) = (0, 0)
    var result: (UInt32, UInt32) = (0, 0)
    /// How the trace went on: 0 not at all, else the split (1 x, 2 y, 3 inside) * 2 + net.
    var trace: UInt32 = 0
  }
  private static let infinite: UInt32 = 1 << 30
  /// Pairs of trees beyond this many cells keep their edges.
  private static let maximumCells = 1 << 27

  private var cells = GrowableBuffer<Cell>(capacity: 256)
  private var cellCount = 0
  private var table = GrowableBuffer<UInt32>(capacity: 1024)
  private var mask = 63
  private var keys = GrowableBuffer<UInt64>(capacity: 256)
  private var order = GrowableBuffer<UInt64>(capacity: 256)
  private var ends = GrowableBuffer<(UInt32, UInt32)>(capacity: 256)
  private var found = EdgeList()

  func deallocate() {
    cells.deallocate()
    table.deallocate()
    keys.deallocate()
    order.deallocate()
    ends.deallocate()
  }

  // MARK: Cells

  private mutating func clear(expecting count: Int) {
    var size = 64
    while size < 4 * count { size *= 2 }
    table.reserve(size)
    table.base.update(repeating: 0, count: size)
    mask = size - 1
    cellCount = 0
  }

  @inline(__always) private static func slot(_ key: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> 32) & mask
  }

  @inline(__always) private func find(_ key: UInt64) -> Int? {
    var slot = Self.slot(key, mask)
    while true {
      let entry = Int(table.base[slot])
      if entry == 0 { return nil }
      if cells.base[entry &- 1].key == key { return entry &- 1 }
      slot = (slot &+ 1) & mask
    }
  }

  /// The cell of a key, and whether it is new.
  @inline(__always) private mutating func insert(_ key: UInt64) -> (cell: Int, isNew: Bool) {
    var slot = Self.slot(key, mask)
    while true {
      let entry = Int(table.base[slot])
      if entry == 0 { break }
      if cells.base[entry &- 1].key == key { return (entry &- 1, false) }
      slot = (slot &+ 1) & mask
    }
    cells.reserve(cellCount + 1)
    cells.base[cellCount] = Cell(key: key)
    cellCount += 1
    table.base[slot] = UInt32(cellCount)
    if 2 * cellCount > mask { grow() }
    return (cellCount - 1, true)
  }

  private mutating func grow() {
    let size = 2 * (mask + 1)
    table.reserve(size)
    table.base.update(repeating: 0, count: size)
    mask = size - 1
    for i in 0..<cellCount {
      var slot = Self.slot(cells.base[i].key, mask)
      while table.base[slot] != 0 { slot = (slot &+ 1) & mask }
      table.base[slot] = UInt32(i + 1)
    }
  }

  @inline(__always) private static func key(_ x: UInt32, _ y: UInt32) -> UInt64 { UInt64(x) << 32 | UInt64(y) }

  /// Keys of all cells, ascending: parts come before wholes.
  private mutating func sortKeys() {
    order.reserve(cellCount)
    for i in 0..<cellCount { order.base[i] = cells.base[i].key }
    var list = UnsafeMutableBufferPointer(start: order.base, count: cellCount)
    list.sort()
  }

  // MARK: One tree against all larger ones

  mutating func encode(
    _ root: UInt32, _ forest: LaminarForest.View, offsets: UnsafePointer<UInt64>, targets: UnsafePointer<UInt32>,
    old: UnsafeBufferPointer<SignedEdge>, into result: EdgeList
  ) {
    var count = 0
    let begin = Int(forest.begin[Int(root)])
    for place in begin..<begin + Int(forest.size[Int(root)]) {
      let u = forest.leaves[place]
      let (low, high) = (Int(offsets[Int(u)]), Int(offsets[Int(u) + 1]))
      keys.reserve(count + high - low)
      ends.reserve(count + high - low)
      for arc in low..<high {
        let v = targets[arc]
        let other = forest.root[Int(v)]
        if other < root || (other == root && v < u) { continue }
        keys.base[count] = UInt64(other) << 32 | UInt64(count)
        ends.base[count] = (u, v)
        count += 1
      }
    }
    var sorted = UnsafeMutableBufferPointer(start: keys.base, count: count)
    sorted.sort()
    var low = 0
    var oldLow = 0
    while low < count {
      let other = UInt32(keys.base[low] >> 32)
      var high = low + 1
      while high < count, keys.base[high] >> 32 == UInt64(other) { high += 1 }
      while oldLow < old.count, forest.root[Int(old[oldLow].y)] < other { oldLow += 1 }
      var oldHigh = oldLow
      while oldHigh < old.count, forest.root[Int(old[oldHigh].y)] == other { oldHigh += 1 }
      let existing = UnsafeBufferPointer(rebasing: old[oldLow..<oldHigh])
      if existing.count <= 1 || !improve(root, other, low..<high, existing.count, forest, into: result) {
        result.append(existing.baseAddress!, existing.count)
      }
      oldLow = oldHigh
      low = high
    }
  }

  /// Appends a smaller encoding of the pair; false when there is none.
  private mutating func improve(
    _ r: UInt32, _ s: UInt32, _ range: Range<Int>, _ existing: Int, _ forest: LaminarForest.View,
    into result: EdgeList
  ) -> Bool {
    clear(expecting: range.count)
    for i in range {
      let (u, v) = ends.base[Int(keys.base[i] & 0xffff_ffff)]
      if r == s { insertInside(u, v, forest) } else { insertBetween(u, v, forest) }
      if cellCount > Self.maximumCells { return false }
    }
    sortKeys()
    for i in 0..<cellCount {
      guard let cell = find(order.base[i]) else { continue }
      if r == s { solveInside(cell, forest) } else { solveBetween(cell, forest) }
    }
    guard let top = find(Self.key(r, s)), Int(cells.base[top].result.0) < existing else { return false }
    found.truncate(to: 0)
    for i in stride(from: cellCount - 1, through: 0, by: -1) {
      guard let cell = find(order.base[i]) else { continue }
      trace(cell, isTop: cell == top, isInside: r == s, forest)
    }
    result.append(found.base, found.count)
    return true
  }

  private mutating func insertBetween(_ u: UInt32, _ v: UInt32, _ forest: LaminarForest.View) {
    var x = u
    while x < SummaryDraft.gone {
      var y = v
      while y < SummaryDraft.gone {
        let (cell, isNew) = insert(Self.key(x, y))
        if x == u, y == v { cells.base[cell].count = (1, 1) }
        if !isNew {
          if y == v { return }
          break
        }
        y = forest.parent[Int(y)]
      }
      x = forest.parent[Int(x)]
    }
  }

  private mutating func insertInside(_ u: UInt32, _ v: UInt32, _ forest: LaminarForest.View) {
    var x = u
    outer: while !forest.contains(x, v) {
      var y = v
      while !forest.contains(y, u) {
        let (cell, isNew) = insert(Self.key(max(x, y), min(x, y)))
        if x == u, y == v { cells.base[cell].count = (1, 1) }
        if !isNew {
          if y == v { break outer }
          break
        }
        y = forest.parent[Int(y)]
      }
      x = forest.parent[Int(x)]
    }
    while !forest.contains(x, v) { x = forest.parent[Int(x)] }
    while x < SummaryDraft.gone, insert(Self.key(x, x)).isNew { x = forest.parent[Int(x)] }
  }

  // MARK: Bottom up

  /// Costs below a cell of two supernodes for net 0 and 1, by split; infinite where a leaf cannot be split.
  @inline(__always) private func splits(
    _ cell: Cell, _ x: UInt32, _ y: UInt32, _ forest: LaminarForest.View
  ) -> (x: (UInt32, UInt32), y: (UInt32, UInt32)) {
    let xCosts =
      forest.isLeaf(x)
      ? (Self.infinite, Self.infinite)
      : (cell.xSum.0, cell.xSum.1 &+ forest.childCount[Int(x)] &- cell.pieces.x)
    let yCosts =
      forest.isLeaf(y)
      ? (Self.infinite, Self.infinite)
      : (cell.ySum.0, cell.ySum.1 &+ forest.childCount[Int(y)] &- cell.pieces.y)
    return (xCosts, yCosts)
  }

  @inline(__always) private func isFull(_ cell: Cell, _ x: UInt32, _ y: UInt32, _ forest: LaminarForest.View) -> Bool {
    let count = forest.isLeaf(x) ? cell.count.y : cell.count.x
    return UInt64(count) == UInt64(forest.size[Int(x)]) * UInt64(forest.size[Int(y)])
  }

  private func solve(_ index: Int, _ x: UInt32, _ y: UInt32, _ forest: LaminarForest.View) {
    let cell = cells.base[index]
    if isFull(cell, x, y, forest) {
      cells.base[index].result = (1, 0)
      return
    }
    let (xCosts, yCosts) = splits(cell, x, y, forest)
    let zero = min(xCosts.0, yCosts.0)
    let one = min(xCosts.1, yCosts.1)
    cells.base[index].result = (min(zero, 1 &+ one), min(one, 1 &+ zero))
  }

  @inline(__always) private func push(_ index: Int, _ count: UInt32, toX key: UInt64) {
    guard let up = find(key) else { return }
    let result = cells.base[index].result
    cells.base[up].xSum.0 &+= result.0
    cells.base[up].xSum.1 &+= result.1
    cells.base[up].pieces.x &+= 1
    cells.base[up].count.x &+= count
  }

  @inline(__always) private func push(_ index: Int, _ count: UInt32, toY key: UInt64) {
    guard let up = find(key) else { return }
    let result = cells.base[index].result
    cells.base[up].ySum.0 &+= result.0
    cells.base[up].ySum.1 &+= result.1
    cells.base[up].pieces.y &+= 1
    cells.base[up].count.y &+= count
  }

  private func solveBetween(_ index: Int, _ forest: LaminarForest.View) {
    let key = cells.base[index].key
    let (x, y) = (UInt32(key >> 32), UInt32(truncatingIfNeeded: key))
    solve(index, x, y, forest)
    let count = forest.isLeaf(x) ? cells.base[index].count.y : cells.base[index].count.x
    let (px, py) = (forest.parent[Int(x)], forest.parent[Int(y)])
    if px < SummaryDraft.gone { push(index, count, toX: Self.key(px, y)) }
    if py < SummaryDraft.gone { push(index, count, toY: Self.key(x, py)) }
  }

  private func solveInside(_ index: Int, _ forest: LaminarForest.View) {
    let key = cells.base[index].key
    let (x, y) = (UInt32(key >> 32), UInt32(truncatingIfNeeded: key))
    if x == y {
      let cell = cells.base[index]
      let count = cell.count.x &+ cell.count.y
      if isFullInside(cell, x, forest) {
        cells.base[index].result = (1, 0)
      } else {
        let (zero, one) = insideCosts(cell, x, forest)
        cells.base[index].result = (min(zero, 1 &+ one), min(one, 1 &+ zero))
      }
      let up = forest.parent[Int(x)]
      if up < SummaryDraft.gone { push(index, count, toY: Self.key(up, up)) }
      return
    }
    solve(index, x, y, forest)
    let count = forest.isLeaf(x) ? cells.base[index].count.y : cells.base[index].count.x
    let (px, py) = (forest.parent[Int(x)], forest.parent[Int(y)])
    if px == py {
      push(index, count, toX: Self.key(px, px))
      return
    }
    if !forest.contains(px, y) { push(index, count, toX: Self.key(px, y)) }
    if !forest.contains(py, x) {
      if py > x { push(index, count, toX: Self.key(py, x)) } else { push(index, count, toY: Self.key(x, py)) }
    }
  }

  @inline(__always) private func isFullInside(_ cell: Cell, _ x: UInt32, _ forest: LaminarForest.View) -> Bool {
    let size = UInt64(forest.size[Int(x)])
    return UInt64(cell.count.x) + UInt64(cell.count.y) == size * (size - 1) / 2
  }

  /// Costs inside one supernode for net 0 and 1, its own loop left out.
  private func insideCosts(_ cell: Cell, _ x: UInt32, _ forest: LaminarForest.View) -> (UInt32, UInt32) {
    let children = UInt64(forest.childCount[Int(x)])
    let missing = children * (children - 1) / 2 - UInt64(cell.pieces.x)
    let missingInside = UInt64(forest.innerChildCount[Int(x)]) - UInt64(cell.pieces.y)
    let one = UInt64(cell.xSum.1) + UInt64(cell.ySum.1) + missing + missingInside
    return (cell.xSum.0 &+ cell.ySum.0, UInt32(min(one, UInt64(Self.infinite))))
  }

  // MARK: Top down

  private func trace(_ index: Int, isTop: Bool, isInside: Bool, _ forest: LaminarForest.View) {
    let cell = cells.base[index]
    let (x, y) = (UInt32(cell.key >> 32), UInt32(truncatingIfNeeded: cell.key))
    guard let net = isTop ? 0 : inherited(x, y, isInside: isInside, forest) else { return }
    if x == y {
      if isFullInside(cell, x, forest) {
        if net == 0 { found.append(SignedEdge(x: x, y: x, isNegative: false)) }
        return
      }
      let costs = insideCosts(cell, x, forest)
      let inner = choose(net, costs, x, x)
      cells.base[index].trace = 6 | UInt32(inner)
      if inner == 1 { appendAbsentInside(x, forest) }
      return
    }
    if isFull(cell, x, y, forest) {
      if net == 0 { found.append(SignedEdge(x: x, y: y, isNegative: false)) }
      return
    }
    let (xCosts, yCosts) = splits(cell, x, y, forest)
    let inner = choose(net, (min(xCosts.0, yCosts.0), min(xCosts.1, yCosts.1)), x, y)
    let isX = inner == 0 ? xCosts.0 <= yCosts.0 : xCosts.1 <= yCosts.1
    cells.base[index].trace = (isX ? 2 : 4) | UInt32(inner)
    if inner == 1 { appendAbsent(isX ? x : y, isX ? y : x, isX: isX, isInside: isInside, forest) }
  }

  /// Appends the edge of a cell where that pays; the net that its parts inherit.
  private func choose(_ net: Int, _ costs: (UInt32, UInt32), _ x: UInt32, _ y: UInt32) -> Int {
    let (stay, toggle) = net == 0 ? (costs.0, 1 &+ costs.1) : (costs.1, 1 &+ costs.0)
    if stay <= toggle { return net }
    found.append(SignedEdge(x: x, y: y, isNegative: net == 1))
    return 1 - net
  }

  /// The net that reaches a cell from the one that it is a part of in the chosen splits; nil when none reaches it.
  private func inherited(_ x: UInt32, _ y: UInt32, isInside: Bool, _ forest: LaminarForest.View) -> Int? {
    func net(_ key: UInt64, _ split: UInt32) -> Int? {
      guard let cell = find(key), cells.base[cell].trace >> 1 == split else { return nil }
      return Int(cells.base[cell].trace & 1)
    }
    let (px, py) = (forest.parent[Int(x)], forest.parent[Int(y)])
    if !isInside {
      if px < SummaryDraft.gone, let value = net(Self.key(px, y), 1) { return value }
      return py < SummaryDraft.gone ? net(Self.key(x, py), 2) : nil
    }
    if x == y { return px < SummaryDraft.gone ? net(Self.key(px, px), 3) : nil }
    if px == py { return net(Self.key(px, px), 3) }
    if !forest.contains(px, y), let value = net(Self.key(px, y), 1) { return value }
    if forest.contains(py, x) { return nil }
    return py > x ? net(Self.key(py, x), 1) : net(Self.key(x, py), 2)
  }

  /// n-edges from the children of `whole` that have no input edge to `other`.
  private func appendAbsent(
    _ whole: UInt32, _ other: UInt32, isX: Bool, isInside: Bool, _ forest: LaminarForest.View
  ) {
    for place in forest.childOffsets[Int(whole)]..<forest.childOffsets[Int(whole) + 1] {
      let child = forest.children[place]
      let isSwapped = isInside ? child < other : !isX
      let key = isSwapped ? Self.key(other, child) : Self.key(child, other)
      if find(key) == nil { found.append(SignedEdge(x: child, y: other, isNegative: true)) }
    }
  }

  /// n-edges between and on children of `x` without input edges.
  private func appendAbsentInside(_ x: UInt32, _ forest: LaminarForest.View) {
    let range = forest.childOffsets[Int(x)]..<forest.childOffsets[Int(x) + 1]
    for i in range {
      let a = forest.children[i]
      if !forest.isLeaf(a), find(Self.key(a, a)) == nil { found.append(SignedEdge(x: a, y: a, isNegative: true)) }
      for j in range.lowerBound..<i where find(Self.key(a, forest.children[j])) == nil {
        found.append(SignedEdge(x: a, y: forest.children[j], isNegative: true))
      }
    }
  }
}
