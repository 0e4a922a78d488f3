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
    let roots = unsafe roots
    let listA = unsafe links(of: a)
    let countA = unsafe Int(roots[a].linkCount)
    let listB = unsafe links(of: b)
    let countB = unsafe Int(roots[b].linkCount)
    for i in 0..<countA { unsafe roots[Int(listA[i].other)].mark = UInt32(i + 1) }
    var gain = 0
    var view = MergeTables.noLink
    var between = 0
    if unsafe roots[b].mark != 0 {
      view = unsafe Int(listA[Int(roots[b].mark) - 1].view)
      between = unsafe Int(listA[Int(roots[b].mark) - 1].cost)
    }
    for j in 0..<countB {
      let place = unsafe roots[Int(listB[j].other)].mark
      if place == 0 { continue }
      unsafe gain += Int(tables.gain(Int(listA[Int(place) - 1].view), Int(listB[j].view)))
    }
    let mergedType = unsafe 5 * Int(roots[a].childType) + Int(roots[b].childType)
    let inner = unsafe tables.innerMerge(
      typeA: Int(roots[a].type), stateA: Int(roots[a].innerState), typeB: Int(roots[b].type),
      stateB: Int(roots[b].innerState), view: view, mergedType: mergedType)
    let before = unsafe Int(roots[a].total) + Int(roots[b].total) - between
    let reduction = gain + inner.gain
    let evaluation = Evaluation(reduction: reduction, before: before, inner: inner, view: view)
    if let rule, !rule.accepts(reduction: reduction, before: Double(before)) {
      for i in 0..<countA { unsafe roots[Int(listA[i].other)].mark = 0 }
      return nil
    }
    let root = try join(a, b, evaluation, type: mergedType)
    return (root, evaluation)
  }

  /// Creates the root above `a` and `b`; the marks of A's list are set and are cleared here.
  private mutating func join(_ a: Int, _ b: Int, _ evaluation: Evaluation, type newType: Int) throws(MillError) -> Int {
    let root = count
    count += 1
    let roots = unsafe roots
    unsafe left[root] = UInt32(a)
    unsafe right[root] = UInt32(b)
    unsafe parent[root] = Self.none
    unsafe parent[a] = UInt32(root)
    unsafe parent[b] = UInt32(root)
    unsafe firstLeaf[root] = firstLeaf[a]
    unsafe lastLeaf[root] = lastLeaf[b]
    unsafe nextLeaf[Int(lastLeaf[a])] = firstLeaf[b]
    unsafe roots[root] = Root(
      total: UInt32(evaluation.before - evaluation.reduction), height: max(roots[a].height, roots[b].height) + 1,
      innerState: UInt16(evaluation.inner.state), type: UInt8(newType),
      childType: (a < leafCount ? 1 : 0) | (b < leafCount ? 2 : 0))
    cost -= evaluation.reduction

    emitInnerLower(a, pattern: evaluation.inner.ofA)
    emitInnerLower(b, pattern: evaluation.inner.ofB)
    if evaluation.view != MergeTables.noLink {
      emitPairLower(a, b, view: evaluation.view, pattern: evaluation.inner.between)
    }

    let listA = unsafe links(of: a)
    let countA = unsafe Int(roots[a].linkCount)
    let listB = unsafe links(of: b)
    let countB = unsafe Int(roots[b].linkCount)
    for i in 0..<countA { unsafe prefetchTwin(listA[i]) }
    for j in 0..<countB { unsafe prefetchTwin(listB[j]) }
    scratch.reserve(countA + countB)
    let list = unsafe scratch.base
    var length = 0
    unsafe roots[b].mark = 0
    for j in 0..<countB {
      let u = unsafe Int(listB[j].other)
      if u == a { continue }
      let place = unsafe Int(roots[u].mark) - 1
      unsafe roots[u].mark = 0
      if place >= 0 {
        let linkA = unsafe listA[place]
        removeLink(of: u, at: Int(linkA.twin))
        let linkB = unsafe listB[j]
        let drop = unsafe Int(tables.bestDrop[Int(linkA.view) * 513 + Int(linkB.view)])
        emitPairLower(a, u, view: Int(linkA.view), pattern: drop & 15)
        emitPairLower(b, u, view: Int(linkB.view), pattern: drop >> 4)
        let gain = tables.gain(Int(linkA.view), Int(linkB.view))
        unsafe roots[u].total -= gain
        unsafe put(root, u, drop, linkA.cost + linkB.cost - gain, twin: linkB.twin, into: list + length, place: length)
      } else {
        let linkB = unsafe listB[j]
        let drop = unsafe Int(tables.bestDrop[MergeTables.noLink * 513 + Int(linkB.view)])
        emitPairLower(b, u, view: Int(linkB.view), pattern: drop >> 4)
        unsafe put(root, u, drop, linkB.cost, twin: linkB.twin, into: list + length, place: length)
      }
      length += 1
    }
    for i in 0..<countA {
      let link = unsafe listA[i]
      let u = Int(link.other)
      if unsafe u == b || roots[u].mark == 0 { continue }
      unsafe roots[u].mark = 0
      let drop = unsafe Int(tables.bestDrop[Int(link.view) * 513 + MergeTables.noLink])
      emitPairLower(a, u, view: Int(link.view), pattern: drop & 15)
      unsafe put(root, u, drop, link.cost, twin: link.twin, into: list + length, place: length)
      length += 1
    }
    unsafe roots[a].linkCount = 0
    unsafe roots[b].linkCount = 0
    unsafe place(list, length, root, instead: a, or: b)
    return root
  }

  /// The twin of a link is about to be written, and its place is far away.
  @inline(__always) private func prefetchTwin(_ link: Link) {
    unsafe mill_prefetch(arena + (roots[Int(link.other)].linkStart &+ Int(link.twin)))
  }

  @inline(__always) private func put(
    _ root: Int, _ u: Int, _ state: Int, _ cost: UInt32, twin: UInt32, into slot: UnsafeMutablePointer<Link>,
    place: Int
  ) {
    unsafe slot.pointee = Link(other: UInt32(u), twin: twin, cost: cost, view: UInt32(256 + state))
    unsafe links(of: u)[Int(twin)] = Link(other: UInt32(root), twin: UInt32(place), cost: cost, view: UInt32(state))
  }

  /// Takes an entry out of a list: the last one moves to its place.
  @inline(__always) private func removeLink(of root: Int, at place: Int) {
    let list = unsafe links(of: root)
    let last = unsafe Int(roots[root].linkCount) - 1
    unsafe roots[root].linkCount = UInt32(last)
    if place == last { return }
    let moved = unsafe list[last]
    unsafe list[place] = moved
    unsafe links(of: Int(moved.other))[Int(moved.twin)].twin = UInt32(place)
  }

  /// Stores the list of a new root where one of its children had its own, or behind all others.
  private mutating func place(_ list: UnsafePointer<Link>, _ length: Int, _ root: Int, instead a: Int, or b: Int) {
    let (small, large) = unsafe roots[a].linkCapacity < roots[b].linkCapacity ? (a, b) : (b, a)
    unsafe roots[root].linkCount = UInt32(length)
    for child in [small, large] where unsafe length <= Int(roots[child].linkCapacity) {
      unsafe roots[root].linkStart = roots[child].linkStart
      unsafe roots[root].linkCapacity = roots[child].linkCapacity
      unsafe links(of: root).update(from: list, count: length)
      return
    }
    if arenaUsed + length > arenaCapacity { compact(except: root) }
    unsafe roots[root].linkStart = arenaUsed
    unsafe roots[root].linkCapacity = UInt32(length)
    arenaUsed += length
    unsafe links(of: root).update(from: list, count: length)
  }

  /// Moves all lists together. There is always room then: links never become more.
  private mutating func compact(except newest: Int) {
    var places: [(start: Int, root: Int)] = []
    for root in 0..<count where unsafe root != newest && parent[root] == Self.none && roots[root].linkCount > 0 {
      unsafe places.append((roots[root].linkStart, root))
    }
    places.sort { $0.start < $1.start }
    var used = 0
    for (start, root) in places {
      let length = unsafe Int(roots[root].linkCount)
      if used != start { unsafe (arena + used).update(from: arena + start, count: length) }
      unsafe roots[root].linkStart = used
      unsafe roots[root].linkCapacity = UInt32(length)
      used += length
    }
    arenaUsed = used
  }
}
