/// Step 3, the greedy choice: keep the hierarchy of a pair, or go flat.
extension PairFlattening {
  /// The cost of the pair without hierarchy, whether it is dense, and how many supernodes that would add.
  private func flatCost(_ pair: Pair) -> (cost: Int, isDense: Bool, added: Int) {
    var added = isFixed[Int(pair.u)] ? 0 : 1
    if pair.v != pair.u, !isFixed[Int(pair.v)] { added += 1 }
    // Pairs of leaves between the two.
    let size = Int(layout.size[Int(pair.u)])
    let area = pair.isLoop ? size * (size - 1) / 2 : size * Int(layout.size[Int(pair.v)])
    let dense = area + added - pair.inputEdges + 1
    return dense <= pair.inputEdges ? (dense, true, added) : (pair.inputEdges, false, 0)
  }

  private mutating func fix(_ x: UInt32) {
    guard !isFixed[Int(x)] else { return }
    isFixed[Int(x)] = true
    for place in watcherOffsets[Int(x)]..<watcherOffsets[Int(x) + 1] {
      let watcher = watchers[place]
      guard pairs[watcher >> 1].state == .open else { continue }
      if watcher & 1 == 1 { pairs[watcher >> 1].loose -= 1 }
      queue.append(watcher >> 1)
    }
  }

  private mutating func keep(_ index: Int) {
    pairs[index].state = .kept
    for place in pairs[index].ends { fix(ends[place]) }
  }

  private mutating func flatten(_ index: Int, isDense: Bool) {
    pairs[index].state = isDense ? .dense : .sparse
    guard isDense else { return }
    fix(pairs[index].u)
    fix(pairs[index].v)
  }

  mutating func decide() {
    var next = 0
    while next < pairs.count + queue.count {
      let index = next < pairs.count ? next : queue[next - pairs.count]
      next += 1
      let pair = pairs[index]
      guard pair.state == .open else { continue }
      let flat = flatCost(pair)
      if pair.edges.count + Int(pair.loose) <= flat.cost - flat.added {
        keep(index)
      } else if flat.cost <= pair.edges.count {
        flatten(index, isDense: flat.isDense)
      }
    }
    for index in pairs.indices where pairs[index].state == .open {
      let flat = flatCost(pairs[index])
      if pairs[index].edges.count + Int(pairs[index].loose) <= flat.cost {
        keep(index)
      } else {
        flatten(index, isDense: flat.isDense)
      }
    }
  }
}
