/// The costs of all cells, parts before wholes.
extension LaminarEncoder {
  /// Costs below a cell of two supernodes for net 0 and 1, by split; infinite where a leaf cannot be split.
  @inline(__always) func splits(
    _ cell: Cell, _ x: UInt32, _ y: UInt32, _ forest: LaminarForest.View
  ) -> (x: (UInt32, UInt32), y: (UInt32, UInt32)) {
    let xCosts =
      unsafe forest.isLeaf(x)
      ? (Self.infinite, Self.infinite)
      : (cell.xSum.0, cell.xSum.1 &+ forest.childCount[Int(x)] &- cell.pieces.x)
    let yCosts =
      unsafe forest.isLeaf(y)
      ? (Self.infinite, Self.infinite)
      : (cell.ySum.0, cell.ySum.1 &+ forest.childCount[Int(y)] &- cell.pieces.y)
    return (xCosts, yCosts)
  }

  @inline(__always) func isFull(_ cell: Cell, _ x: UInt32, _ y: UInt32, _ forest: LaminarForest.View) -> Bool {
    let count = forest.isLeaf(x) ? cell.count.y : cell.count.x
    return unsafe UInt64(count) == UInt64(forest.size[Int(x)]) * UInt64(forest.size[Int(y)])
  }

  private func solve(_ index: Int, _ x: UInt32, _ y: UInt32, _ forest: LaminarForest.View) {
    let cell = unsafe cells.base[index]
    if isFull(cell, x, y, forest) {
      unsafe cells.base[index].result = (1, 0)
      return
    }
    let (xCosts, yCosts) = splits(cell, x, y, forest)
    let zero = min(xCosts.0, yCosts.0)
    let one = min(xCosts.1, yCosts.1)
    unsafe cells.base[index].result = (min(zero, 1 &+ one), min(one, 1 &+ zero))
  }

  @inline(__always) private func push(_ index: Int, _ count: UInt32, toX key: UInt64) {
    guard let up = find(key) else { return }
    let result = unsafe cells.base[index].result
    unsafe cells.base[up].xSum.0 &+= result.0
    unsafe cells.base[up].xSum.1 &+= result.1
    unsafe cells.base[up].pieces.x &+= 1
    unsafe cells.base[up].count.x &+= count
  }

  @inline(__always) private func push(_ index: Int, _ count: UInt32, toY key: UInt64) {
    guard let up = find(key) else { return }
    let result = unsafe cells.base[index].result
    unsafe cells.base[up].ySum.0 &+= result.0
    unsafe cells.base[up].ySum.1 &+= result.1
    unsafe cells.base[up].pieces.y &+= 1
    unsafe cells.base[up].count.y &+= count
  }

  func solveBetween(_ index: Int, _ forest: LaminarForest.View) {
    let key = unsafe cells.base[index].key
    let (x, y) = (UInt32(key >> 32), UInt32(truncatingIfNeeded: key))
    solve(index, x, y, forest)
    let count = unsafe forest.isLeaf(x) ? cells.base[index].count.y : cells.base[index].count.x
    let (px, py) = unsafe (forest.parent[Int(x)], forest.parent[Int(y)])
    if px < SummaryDraft.gone { push(index, count, toX: Self.key(px, y)) }
    if py < SummaryDraft.gone { push(index, count, toY: Self.key(x, py)) }
  }

  func solveInside(_ index: Int, _ forest: LaminarForest.View) {
    let key = unsafe cells.base[index].key
    let (x, y) = (UInt32(key >> 32), UInt32(truncatingIfNeeded: key))
    if x == y {
      let cell = unsafe cells.base[index]
      let count = cell.count.x &+ cell.count.y
      if isFullInside(cell, x, forest) {
        unsafe cells.base[index].result = (1, 0)
      } else {
        let (zero, one) = insideCosts(cell, x, forest)
        unsafe cells.base[index].result = (min(zero, 1 &+ one), min(one, 1 &+ zero))
      }
      let up = unsafe forest.parent[Int(x)]
      if up < SummaryDraft.gone { push(index, count, toY: Self.key(up, up)) }
      return
    }
    solve(index, x, y, forest)
    let count = unsafe forest.isLeaf(x) ? cells.base[index].count.y : cells.base[index].count.x
    let (px, py) = unsafe (forest.parent[Int(x)], forest.parent[Int(y)])
    if px == py {
      push(index, count, toX: Self.key(px, px))
      return
    }
    if !forest.contains(px, y) { push(index, count, toX: Self.key(px, y)) }
    if !forest.contains(py, x) {
      if py > x { push(index, count, toX: Self.key(py, x)) } else { push(index, count, toY: Self.key(x, py)) }
    }
  }

  @inline(__always) func isFullInside(_ cell: Cell, _ x: UInt32, _ forest: LaminarForest.View) -> Bool {
    let size = unsafe UInt64(forest.size[Int(x)])
    return UInt64(cell.count.x) + UInt64(cell.count.y) == size * (size - 1) / 2
  }

  /// Costs inside one supernode for net 0 and 1, its own loop left out.
  func insideCosts(_ cell: Cell, _ x: UInt32, _ forest: LaminarForest.View) -> (UInt32, UInt32) {
    let children = unsafe UInt64(forest.childCount[Int(x)])
    let missing = children * (children - 1) / 2 - UInt64(cell.pieces.x)
    let missingInside = unsafe UInt64(forest.innerChildCount[Int(x)]) - UInt64(cell.pieces.y)
    let one = UInt64(cell.xSum.1) + UInt64(cell.ySum.1) + missing + missingInside
    return (cell.xSum.0 &+ cell.ySum.0, UInt32(min(one, UInt64(Self.infinite))))
  }
}
