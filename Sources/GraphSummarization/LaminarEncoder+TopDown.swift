/// The edges of the cheapest choice, wholes before parts.
extension LaminarEncoder {
  func trace(_ index: Int, isTop: Bool, isInside: Bool, _ forest: LaminarForest.View) {
    let cell = unsafe cells.base[index]
    let (x, y) = (UInt32(cell.key >> 32), UInt32(truncatingIfNeeded: cell.key))
    guard let net = isTop ? 0 : inherited(x, y, isInside: isInside, forest) else { return }
    if x == y {
      if isFullInside(cell, x, forest) {
        if net == 0 { found.append(SignedEdge(x: x, y: x, isNegative: false)) }
        return
      }
      let costs = insideCosts(cell, x, forest)
      let inner = choose(net, costs, x, x)
      unsafe cells.base[index].trace = 6 | UInt32(inner)
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
    unsafe cells.base[index].trace = (isX ? 2 : 4) | UInt32(inner)
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
      guard let cell = find(key), unsafe cells.base[cell].trace >> 1 == split else { return nil }
      return unsafe Int(cells.base[cell].trace & 1)
    }
    let (px, py) = unsafe (forest.parent[Int(x)], forest.parent[Int(y)])
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
    for place in unsafe forest.childOffsets[Int(whole)]..<forest.childOffsets[Int(whole) + 1] {
      let child = unsafe forest.children[place]
      let isSwapped = isInside ? child < other : !isX
      let key = isSwapped ? Self.key(other, child) : Self.key(child, other)
      if find(key) == nil { found.append(SignedEdge(x: child, y: other, isNegative: true)) }
    }
  }

  /// n-edges between and on children of `x` without input edges.
  private func appendAbsentInside(_ x: UInt32, _ forest: LaminarForest.View) {
    let range = unsafe forest.childOffsets[Int(x)]..<forest.childOffsets[Int(x) + 1]
    for i in range {
      let a = unsafe forest.children[i]
      if !forest.isLeaf(a), find(Self.key(a, a)) == nil { found.append(SignedEdge(x: a, y: a, isNegative: true)) }
      for j in range.lowerBound..<i where unsafe find(Self.key(a, forest.children[j])) == nil {
        unsafe found.append(SignedEdge(x: a, y: forest.children[j], isNegative: true))
      }
    }
  }
}
