import CMillKernels
import MillRuntime

/// Re-encoding of the links of two roots that become one (Lee, Ko, Shin, ICDE 2022, section III-B3).
extension LinkState {
  /// What a merge of two roots would do.
  struct Evaluation {
    var reduction: Int
    var before: Int
    var inner: MergeTables.InnerMerge
    var view: Int
  }

  /// Merges roots `a` and `b` after a check on the present state.
  ///
  /// - Parameter rule: What the merge must save; nil to merge whatever it does.
  /// - Returns: The new root; nil when the rule does not accept the merge.
  mutating func merge(
    _ a: Int, _ b: Int, rule: MergeRule?
  ) throws(MillError) -> (root: Int, evaluation: Evaluation)? {
    let roots = roots
    let listA = links(of: a)
    let countA = Int(roots[a].linkCount)
    let listB = links(of: b)
    let countB = Int(roots[b].linkCount)
    for i in 0..<countA { roots[Int(listA[i].other)].mark = UInt32(i + 1) }
    var gain = 0
    var view = MergeTables.noLink
    var between = 0
    if roots[b].mark != 0 {
      view = Int(listA[Int(roots[b].mark) - 1].view)
      between = Int(listA[Int(roots[b].mark) - 1].cost)
    }
    for j in 0..<countB {
      let place = roots[Int(listB[j].other)].mark
      if place == 0 { continue }
      gain += Int(tables.gain(Int(listA[Int(place) - 1].view), Int(listB[j].view)))
    }
    let mergedType = 5 * Int(roots[a].childType) + Int(roots[b].childType)
    let inner = tables.innerMerge(
      typeA: Int(roots[a].type), stateA: Int(roots[a].innerState), typeB: Int(roots[b].type),
      stateB: Int(roots[b].innerState), view: view, mergedType: mergedType)
    let before = Int(roots[a].total) + Int(roots[b].total) - between
    let reduction = gain + inner.gain
    let evaluation = Evaluation(reduction: reduction, before: before, inner: inner, view: view)
    if let rule, !rule.accepts(reduction: reduction, before: Double(before)) {
      for i in 0..<countA { roots[Int(listA[i].other)].mark = 0 }
      return nil
    }
    let root = try join(a, b, evaluation, type: mergedType)
    return (root, evaluation)
  }

  /// Creates the root above `a` and `b`; the marks of A's list are set and are cleared here.
  private mutating func join(_ a: Int, _ b: Int, _ evaluation: Evaluation, type newType: Int) throws(MillError) -> Int {
    let root = count
    count += 1
    let roots = roots
    left[root] = UInt32(a)
    right[root] = UInt32(b)
    parent[root] = Self.none
    parent[a] = UInt32(root)
    parent[b] = UInt32(root)
    firstLeaf[root] = firstLeaf[a]
    lastLeaf[root] = lastLeaf[b]
    nextLeaf[Int(lastLeaf[a])] = firstLeaf[b]
    roots[root] = Root(
      total: UInt32(evaluation.before - evaluation.reduction), height: max(roots[a].height, roots[b].height) + 1,
      innerState: UInt16(evaluation.inner.state), type: UInt8(newType),
      childType: (a < leafCount ? 1 : 0) | (b < leafCount ? 2 : 0))
    cost -= evaluation.reduction

    emitInnerLower(a, pattern: evaluation.inner.ofA)
    emitInnerLower(b, pattern: evaluation.inner.ofB)
    if evaluation.view != MergeTables.noLink {
      emitPairLower(a, b, view: evaluation.view, pattern: evaluation.inner.between)
    }

    let listA = links(of: a)
    let countA = Int(roots[a].linkCount)
    let listB = links(of: b)
    let countB = Int(roots[b].linkCount)
    for i in 0..<countA { prefetchTwin(listA[i]) }
    for j in 0..<countB { prefetchTwin(listB[j]) }
    scratch.reserve(countA + countB)
    let list = scratch.base
    var length = 0
    roots[b].mark = 0
    for j in 0..<countB {
      let u = Int(listB[j].other)
      if u == a { continue }
      let place = Int(roots[u].mark) - 1
      roots[u].mark = 0
      if place >= 0 {
        let linkA = listA[place]
        removeLink(of: u, at: Int(linkA.twin))
        let linkB = listB[j]
        let drop = Int(tables.bestDrop[Int(linkA.view) * 513 + Int(linkB.view)])
        emitPairLower(a, u, view: Int(linkA.view), pattern: drop & 15)
        emitPairLower(b, u, view: Int(linkB.view), pattern: drop >> 4)
        let gain = tables.gain(Int(linkA.view), Int(linkB.view))
        roots[u].total -= gain
        put(root, u, drop, linkA.cost + linkB.cost - gain, twin: linkB.twin, into: list + length, place: length)
      } else {
        let linkB = listB[j]
        let drop = Int(tables.bestDrop[MergeTables.noLink * 513 + Int(linkB.view)])
        emitPairLower(b, u, view: Int(linkB.view), pattern: drop >> 4)
        put(root, u, drop, linkB.cost, twin: linkB.twin, into: list + length, place: length)
      }
      length += 1
    }
    for i in 0..<countA {
      let link = listA[i]
      let u = Int(link.other)
      if u == b || roots[u].mark == 0 { continue }
      roots[u].mark = 0
      let drop = Int(tables.bestDrop[Int(link.view) * 513 + MergeTables.noLink])
      emitPairLower(a, u, view: Int(link.view), pattern: drop & 15)
      put(root, u, drop, link.cost, twin: link.twin, into: list + length, place: length)
      length += 1
    }
    roots[a].linkCount = 0
    roots[b].linkCount = 0
    place(list, length, root, instead: a, or: b)
    return root
  }

  /// The twin of a link is about to be written, and its place is far away.
  @inline(__always) private func prefetchTwin(_ link: Link) {
    mill_prefetch(arena + (roots[Int(link.other)].linkStart &+ Int(link.twin)))
  }

  @inline(__always) private func put(
    _ root: Int, _ u: Int, _ state: Int, _ cost: UInt32, twin: UInt32, into slot: UnsafeMutablePointer<Link>,
    place: Int
  ) {
    slot.pointee = Link(other: UInt32(u), twin: twin, cost: cost, view: UInt32(256 + state))
    links(of: u)[Int(twin)] = Link(other: UInt32(root), twin: UInt32(place), cost: cost, view: UInt32(state))
  }

  /// Takes an entry out of a list: the last one moves to its place.
  @inline(__always) private func removeLink(of root: Int, at place: Int) {
    let list = links(of: root)
    let last = Int(roots[root].linkCount) - 1
    roots[root].linkCount = UInt32(last)
    if place == last { return }
    let moved = list[last]
    list[place] = moved
    links(of: Int(moved.other))[Int(moved.twin)].twin = UInt32(place)
  }

  /// Stores the list of a new root where one of its children had its own, or behind all others.
  private mutating func place(_ list: UnsafePointer<Link>, _ length: Int, _ root: Int, instead a: Int, or b: Int) {
    let (small, large) = roots[a].linkCapacity < roots[b].linkCapacity ? (a, b) : (b, a)
    roots[root].linkCount = UInt32(length)
    for child in [small, large] where length <= Int(roots[child].linkCapacity) {
      roots[root].linkStart = roots[child].linkStart
      roots[root].linkCapacity = roots[child].linkCapacity
      links(of: root).update(from: list, count: length)
      return
    }
    if arenaUsed + length > arenaCapacity { compact(except: root) }
    roots[root].linkStart = arenaUsed
    roots[root].linkCapacity = UInt32(length)
    arenaUsed += length
    links(of: root).update(from: list, count: length)
  }

  /// Moves all lists together. There is always room then: links never become more.
  private mutating func compact(except newest: Int) {
    var places: [(start: Int, root: Int)] = []
    for root in 0..<count where root != newest && parent[root] == Self.none && roots[root].linkCount > 0 {
      places.append((roots[root].linkStart, root))
    }
    places.sort { $0.start < $1.start }
    var used = 0
    for (start, root) in places {
      let length = Int(roots[root].linkCount)
      if used != start { (arena + used).update(from: arena + start, count: length) }
      roots[root].linkStart = used
      roots[root].linkCapacity = UInt32(length)
      used += length
    }
    arenaUsed = used
  }
}
