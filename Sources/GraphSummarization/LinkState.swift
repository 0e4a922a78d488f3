import GraphStore
import MillRuntime

/// One end of a link between two roots.
struct Link: BitwiseCopyable {
  /// The root at the other end.
  var other: UInt32
  /// Where the other end stands in that root's list.
  var twin: UInt32
  /// Edges between the two trees, final and pending.
  var cost: UInt32
  /// The pending state seen from here, see ``MergeTables``.
  var view: UInt32
}

/// A final p- or n-edge: two supernodes, and the sign in the high bit of the second.
struct SignedEdge: BitwiseCopyable {
  static let negative: UInt32 = 1 << 31
  var x: UInt32
  var signedY: UInt32

  @inline(__always) init(x: UInt32, y: UInt32, isNegative: Bool) {
    self.x = x
    signedY = y | (isNegative ? Self.negative : 0)
  }
  var y: UInt32 { @inline(__always) get { signedY & ~Self.negative } }
  var isNegative: Bool { @inline(__always) get { signedY & Self.negative != 0 } }
}

/// The forest of binary merges with its links: the state of a run.
///
/// Leaves are `0..<n`, merged supernodes follow in creation order. Each root holds an unsorted array of links in one
/// arena; both ends of a link know each other's place, so that a merge costs O(1) a link.
struct LinkState {
  static let none = UInt32.max

  let leafCount: Int
  let tables = MergeTables.shared
  /// Supernodes created so far, leaves included.
  var count: Int
  private let buffers: Buffers

  // Per supernode.
  let left: UnsafeMutablePointer<UInt32>
  let right: UnsafeMutablePointer<UInt32>
  let parent: UnsafeMutablePointer<UInt32>
  let height: UnsafeMutablePointer<UInt32>
  let total: UnsafeMutablePointer<UInt32>
  let innerState: UnsafeMutablePointer<UInt16>
  let type: UnsafeMutablePointer<UInt8>
  /// 4 for a leaf, else whether the left child is one + 2 * whether the right one is.
  let childType: UnsafeMutablePointer<UInt8>
  /// The first and last leaf of a root's list of leaves, chained by `nextLeaf`.
  let firstLeaf: UnsafeMutablePointer<UInt32>
  let lastLeaf: UnsafeMutablePointer<UInt32>
  let nextLeaf: UnsafeMutablePointer<UInt32>
  let linkStart: UnsafeMutablePointer<Int>
  let linkCount: UnsafeMutablePointer<UInt32>
  let linkCapacity: UnsafeMutablePointer<UInt32>

  // The arena of links.
  let arena: UnsafeMutablePointer<Link>
  let arenaCapacity: Int
  var arenaUsed: Int

  /// Final edges.
  let edges: UnsafeMutablePointer<SignedEdge>
  var edgeCount = 0
  let edgeCapacity: Int
  /// Final and pending p- and n-edges together.
  var cost: Int

  /// Place of a neighbour in A's list + 1, while a merge of A runs.
  private let mark: UnsafeMutablePointer<UInt32>
  private var scratch: GrowableBuffer<Link>

  /// What owns the memory.
  private final class Buffers {
    var owners: [AnyObject] = []
    func make<Element: BitwiseCopyable>(_ count: Int, _: Element.Type) throws(MillError) -> UnsafeMutablePointer<
      Element
    > {
      let buffer = try FlatBuffer<Element>(uninitializedCount: count)
      owners.append(buffer)
      return buffer.base
    }
  }

  /// All nodes as roots of their own, every edge a link.
  ///
  /// - Parameter graph: Simple, undirected, without loops, fewer than 2^30 nodes, 32-bit targets.
  init(_ graph: CSRGraph, targets: UnsafePointer<UInt32>) throws(MillError) {
    let n = graph.nodeCount
    let m = graph.edgeCount
    let capacity = max(1, 2 * n)
    let buffers = Buffers()
    self.buffers = buffers
    leafCount = n
    count = n
    left = try buffers.make(capacity, UInt32.self)
    right = try buffers.make(capacity, UInt32.self)
    parent = try buffers.make(capacity, UInt32.self)
    height = try buffers.make(capacity, UInt32.self)
    total = try buffers.make(capacity, UInt32.self)
    innerState = try buffers.make(capacity, UInt16.self)
    type = try buffers.make(capacity, UInt8.self)
    childType = try buffers.make(capacity, UInt8.self)
    firstLeaf = try buffers.make(capacity, UInt32.self)
    lastLeaf = try buffers.make(capacity, UInt32.self)
    nextLeaf = try buffers.make(max(1, n), UInt32.self)
    linkStart = try buffers.make(capacity, Int.self)
    linkCount = try buffers.make(capacity, UInt32.self)
    linkCapacity = try buffers.make(capacity, UInt32.self)
    mark = try buffers.make(capacity, UInt32.self)
    mark.update(repeating: 0, count: capacity)
    arenaCapacity = 2 * m + max(1024, m)
    arena = try buffers.make(arenaCapacity, Link.self)
    arenaUsed = 2 * m
    edgeCapacity = m + 16
    edges = try buffers.make(edgeCapacity, SignedEdge.self)
    cost = m
    scratch = GrowableBuffer(capacity: 1024)

    let offsets = graph.offsets
    for v in 0..<n {
      let low = Int(offsets[v])
      let high = Int(offsets[v + 1])
      reset(UInt32(v), children: (UInt32(v), UInt32(v)))
      type[v] = UInt8(MergeTables.leafType)
      childType[v] = 4
      firstLeaf[v] = UInt32(v)
      lastLeaf[v] = UInt32(v)
      nextLeaf[v] = Self.none
      total[v] = UInt32(high - low)
      linkStart[v] = low
      linkCount[v] = UInt32(high - low)
      linkCapacity[v] = UInt32(high - low)
      // Lists ascend and sources come in ascending order: the twins of v's larger neighbours are filled in turn.
      for arc in low..<high {
        let u = targets[arc]
        arena[arc] = Link(other: u, twin: 0, cost: 1, view: Int(u) < v ? 256 + 255 : 255)
      }
    }
    // `mark` counts how many neighbours of each node were paired.
    for v in 0..<n {
      for arc in Int(offsets[v])..<Int(offsets[v + 1]) {
        let u = Int(targets[arc])
        arena[arc].twin = mark[u]
        mark[u] += 1
      }
    }
    mark.update(repeating: 0, count: capacity)
    withExtendedLifetime(graph) {}
  }

  func deallocate() { scratch.deallocate() }

  private func reset(_ node: UInt32, children: (UInt32, UInt32)) {
    let i = Int(node)
    left[i] = children.0
    right[i] = children.1
    parent[i] = Self.none
    height[i] = 0
    innerState[i] = 0
  }

  @inline(__always) func links(of root: Int) -> UnsafeMutablePointer<Link> { arena + linkStart[root] }

  // MARK: Merging

  /// What a merge of two roots would do.
  struct Evaluation {
    var reduction: Int
    var before: Int
    var inner: MergeTables.InnerMerge
    var view: Int
  }

  /// Merges roots `a` and `b` after a check on the present state.
  ///
  /// - Returns: The new root; nil when the saving is below `threshold` or the reduction below 2.
  mutating func merge(
    _ a: Int, _ b: Int, threshold: Double, offset: Double, checks: Bool
  ) throws(MillError) -> (root: Int, evaluation: Evaluation)? {
    let listA = links(of: a)
    let countA = Int(linkCount[a])
    let listB = links(of: b)
    let countB = Int(linkCount[b])
    for i in 0..<countA { mark[Int(listA[i].other)] = UInt32(i + 1) }
    var gain = 0
    var view = MergeTables.noLink
    var between = 0
    if mark[b] != 0 {
      view = Int(listA[Int(mark[b]) - 1].view)
      between = Int(listA[Int(mark[b]) - 1].cost)
    }
    for j in 0..<countB {
      let place = mark[Int(listB[j].other)]
      if place == 0 { continue }
      let (va, vb) = (Int(listA[Int(place) - 1].view), Int(listB[j].view))
      gain += Int(tables.gainBits[va * 16 + vb >> 5] >> UInt32(vb & 31) & 1)
    }
    let mergedType = 5 * Int(childType[a]) + Int(childType[b])
    let inner = tables.innerMerge(
      typeA: Int(type[a]), stateA: Int(innerState[a]), typeB: Int(type[b]), stateB: Int(innerState[b]), view: view,
      mergedType: mergedType)
    let before = Int(total[a]) + Int(total[b]) - between
    let reduction = gain + inner.gain
    let evaluation = Evaluation(reduction: reduction, before: before, inner: inner, view: view)
    if checks, reduction < 2 || Double(reduction) - offset < threshold * Double(before) {
      for i in 0..<countA { mark[Int(listA[i].other)] = 0 }
      return nil
    }
    let root = try join(a, b, evaluation, type: mergedType)
    return (root, evaluation)
  }

  /// Creates the root above `a` and `b`; the marks of A's list are set and are cleared here.
  private mutating func join(_ a: Int, _ b: Int, _ evaluation: Evaluation, type newType: Int) throws(MillError) -> Int {
    let root = count
    count += 1
    reset(UInt32(root), children: (UInt32(a), UInt32(b)))
    parent[a] = UInt32(root)
    parent[b] = UInt32(root)
    height[root] = max(height[a], height[b]) + 1
    type[root] = UInt8(newType)
    childType[root] = (a < leafCount ? 1 : 0) | (b < leafCount ? 2 : 0)
    firstLeaf[root] = firstLeaf[a]
    lastLeaf[root] = lastLeaf[b]
    nextLeaf[Int(lastLeaf[a])] = firstLeaf[b]
    innerState[root] = UInt16(evaluation.inner.state)
    total[root] = UInt32(evaluation.before - evaluation.reduction)
    cost -= evaluation.reduction

    emitInnerLower(a, pattern: evaluation.inner.ofA)
    emitInnerLower(b, pattern: evaluation.inner.ofB)
    if evaluation.view != MergeTables.noLink {
      emitPairLower(a, b, view: evaluation.view, pattern: evaluation.inner.between)
    }

    let listA = links(of: a)
    let countA = Int(linkCount[a])
    let listB = links(of: b)
    let countB = Int(linkCount[b])
    scratch.reserve(countA + countB)
    let list = scratch.base
    var length = 0
    mark[b] = 0
    for j in 0..<countB {
      let u = Int(listB[j].other)
      if u == a { continue }
      let place = Int(mark[u]) - 1
      mark[u] = 0
      if place >= 0 {
        let linkA = listA[place]
        removeLink(of: u, at: Int(linkA.twin))
        let linkB = listB[j]
        let drop = Int(tables.bestDrop[Int(linkA.view) * 513 + Int(linkB.view)])
        emitPairLower(a, u, view: Int(linkA.view), pattern: drop & 15)
        emitPairLower(b, u, view: Int(linkB.view), pattern: drop >> 4)
        let (va, vb) = (Int(linkA.view), Int(linkB.view))
        let gain = tables.gainBits[va * 16 + vb >> 5] >> UInt32(vb & 31) & 1
        total[u] -= gain
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
      if u == b || mark[u] == 0 { continue }
      mark[u] = 0
      let drop = Int(tables.bestDrop[Int(link.view) * 513 + MergeTables.noLink])
      emitPairLower(a, u, view: Int(link.view), pattern: drop & 15)
      put(root, u, drop, link.cost, twin: link.twin, into: list + length, place: length)
      length += 1
    }
    linkCount[a] = 0
    linkCount[b] = 0
    place(list, length, root, instead: a, or: b)
    return root
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
    let last = Int(linkCount[root]) - 1
    linkCount[root] = UInt32(last)
    if place == last { return }
    let moved = list[last]
    list[place] = moved
    links(of: Int(moved.other))[Int(moved.twin)].twin = UInt32(place)
  }

  /// Stores the list of a new root where one of its children had its own, or behind all others.
  private mutating func place(_ list: UnsafePointer<Link>, _ length: Int, _ root: Int, instead a: Int, or b: Int) {
    let (small, large) = linkCapacity[a] < linkCapacity[b] ? (a, b) : (b, a)
    linkCount[root] = UInt32(length)
    for child in [small, large] where length <= Int(linkCapacity[child]) {
      linkStart[root] = linkStart[child]
      linkCapacity[root] = linkCapacity[child]
      links(of: root).update(from: list, count: length)
      return
    }
    if arenaUsed + length > arenaCapacity { compact(except: root) }
    linkStart[root] = arenaUsed
    linkCapacity[root] = UInt32(length)
    arenaUsed += length
    links(of: root).update(from: list, count: length)
  }

  /// Moves all lists together. There is always room then: links never become more.
  private mutating func compact(except newest: Int) {
    var roots: [(start: Int, root: Int)] = []
    for root in 0..<count where root != newest && parent[root] == Self.none && linkCount[root] > 0 {
      roots.append((linkStart[root], root))
    }
    roots.sort { $0.start < $1.start }
    var used = 0
    for (start, root) in roots {
      let length = Int(linkCount[root])
      if used != start { (arena + used).update(from: arena + start, count: length) }
      linkStart[root] = used
      linkCapacity[root] = UInt32(length)
      used += length
    }
    arenaUsed = used
  }

  // MARK: Emission

  @inline(__always) private mutating func emit(_ x: UInt32, _ y: UInt32, _ byte: UInt64) {
    edges[edgeCount] = SignedEdge(x: x, y: y, isNegative: byte & 128 != 0)
    edgeCount += 1
  }

  /// Makes the lower edges of a link final. `pattern` has the children of `a` as rows.
  @inline(__always) private mutating func emitPairLower(_ a: Int, _ u: Int, view: Int, pattern: Int) {
    let choice = Int(tables.pairChoice[view * 16 + pattern])
    let encoding = tables.pairEncodings + (choice - 1)
    let lowerCount = encoding.pointee.lowerCount
    if lowerCount == 0 { return }
    let (wide, narrow) = view >= 256 ? (a, u) : (u, a)
    emitPair(encoding.pointee.lower, lowerCount, wide, narrow)
  }

  private mutating func emitPair(_ packed: UInt64, _ number: Int, _ wide: Int, _ narrow: Int) {
    var packed = packed
    for _ in 0..<number {
      let (x, y) = pairPosition(Int(packed & 127), wide, narrow)
      emit(x, y, packed)
      packed >>= 8
    }
  }

  private func grandchild(_ root: Int, _ index: Int) -> UInt32 {
    let child = Int(index & 2 == 0 ? left[root] : right[root])
    return index & 1 == 0 ? left[child] : right[child]
  }

  private func pairPosition(_ position: Int, _ wide: Int, _ narrow: Int) -> (UInt32, UInt32) {
    switch position {
    case 0: (UInt32(wide), UInt32(narrow))
    case 1: (UInt32(wide), left[narrow])
    case 2: (UInt32(wide), right[narrow])
    case 3: (left[wide], left[narrow])
    case 4: (left[wide], right[narrow])
    case 5: (right[wide], left[narrow])
    case 6: (right[wide], right[narrow])
    case 7: (left[wide], UInt32(narrow))
    case 8: (right[wide], UInt32(narrow))
    case 9...12: (grandchild(wide, position - 9), UInt32(narrow))
    default:
      (grandchild(wide, (position - 13) >> 1), (position - 13) & 1 == 0 ? left[narrow] : right[narrow])
    }
  }

  private func innerPosition(_ position: Int, _ root: Int) -> (UInt32, UInt32) {
    func g(_ i: Int) -> UInt32 { grandchild(root, i) }
    switch position {
    case 0: return (UInt32(root), UInt32(root))
    case 3: return (left[root], left[root])
    case 4: return (right[root], right[root])
    case 5: return (left[root], right[root])
    case 12: return (left[root], g(2))
    case 13: return (left[root], g(3))
    case 14: return (right[root], g(0))
    case 15: return (right[root], g(1))
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
      let (x, y) = innerPosition(Int(packed & 127), root)
      // A loop on a leaf covers no pair and was not counted.
      if x != y || x >= UInt32(leafCount) { emit(x, y, packed) }
      packed >>= 8
    }
  }

  private mutating func emitInnerLower(_ root: Int, pattern: Int) {
    let slot = (Int(type[root]) * 1024 + Int(innerState[root])) * 8 + pattern
    let encoding = tables.innerEncodings + Int(tables.innerChoice[slot])
    emitInner(encoding.pointee.lower, encoding.pointee.lowerCount, root)
  }

  /// Makes everything final that is still pending.
  mutating func emitPending() {
    for root in 0..<count where parent[root] == Self.none {
      let slot = Int(type[root]) * 1024 + Int(innerState[root])
      if tables.innerCost[slot] > 0 {
        var best = 0
        for q in 0..<8 where tables.innerLower[slot * 8 + q] != 255 {
          let after = tables.innerLower[slot * 8 + q] + tables.innerTopCost[q]
          if after == tables.innerCost[slot] { best = q }
        }
        emitInnerLower(root, pattern: best)
        emitInner(tables.innerTop[best].upper, tables.innerTop[best].upperCount, root)
      }
      let list = links(of: root)
      for i in 0..<Int(linkCount[root]) where list[i].view >= 256 {
        let view = Int(list[i].view)
        let encoding = tables.pairEncodings[Int(tables.pairChoice[view * 16 + firstPattern(view)]) - 1]
        emitPair(encoding.lower, encoding.lowerCount, root, Int(list[i].other))
        emitPair(encoding.upper, encoding.upperCount, root, Int(list[i].other))
      }
    }
  }

  private func firstPattern(_ view: Int) -> Int {
    for q in 0..<16 where tables.pairChoice[view * 16 + q] != 0 { return q }
    return 0
  }
}
