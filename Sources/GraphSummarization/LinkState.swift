import CMillKernels
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

/// What merging looks up at the other end of a link, together in half a cache line.
struct Root: BitwiseCopyable {
  /// The first link in the arena.
  var linkStart = 0
  var linkCount: UInt32 = 0
  var linkCapacity: UInt32 = 0
  /// Edges at the tree, pending ones included.
  var total: UInt32 = 0
  /// Place of this root in A's list + 1, while a merge of A runs.
  var mark: UInt32 = 0
  var height: UInt32 = 0
  var innerState: UInt16 = 0
  var type: UInt8 = 0
  /// 4 for a leaf, else whether the left child is one + 2 * whether the right one is.
  var childType: UInt8 = 0
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
  let roots: UnsafeMutablePointer<Root>
  /// The first and last leaf of a root's list of leaves, chained by `nextLeaf`.
  let firstLeaf: UnsafeMutablePointer<UInt32>
  let lastLeaf: UnsafeMutablePointer<UInt32>
  let nextLeaf: UnsafeMutablePointer<UInt32>

  // The arena of links.
  let arena: UnsafeMutablePointer<Link>
  let arenaCapacity: Int
  var arenaUsed: Int

  /// Final edges.
  let edges: UnsafeMutablePointer<SignedEdge>
  let edgeOwner: FlatBuffer<SignedEdge>
  var edgeCount = 0
  let edgeCapacity: Int
  /// Final and pending p- and n-edges together.
  var cost: Int

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
  init(_ graph: CSRGraph, targets: UnsafePointer<UInt32>, threads: Int = 1) throws(MillError) {
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
    roots = try buffers.make(capacity, Root.self)
    firstLeaf = try buffers.make(capacity, UInt32.self)
    lastLeaf = try buffers.make(capacity, UInt32.self)
    nextLeaf = try buffers.make(max(1, n), UInt32.self)
    arenaCapacity = 2 * m + max(1024, m / 2)
    arena = try buffers.make(arenaCapacity, Link.self)
    arenaUsed = 2 * m
    edgeCapacity = m + 16
    edgeOwner = try FlatBuffer<SignedEdge>(uninitializedCount: edgeCapacity)
    edges = edgeOwner.base
    cost = m
    scratch = GrowableBuffer(capacity: 1024)

    fill(graph, targets, threads: threads)
    withExtendedLifetime(graph) {}
  }

  /// The records of leaves and the links of the input.
  private func fill(_ graph: CSRGraph, _ targets: UnsafePointer<UInt32>, threads: Int) {
    let n = graph.nodeCount
    let offsets = graph.offsets
    nonisolated(unsafe) let (left, right, parent, roots) = (left, right, parent, roots)
    nonisolated(unsafe) let (firstLeaf, lastLeaf, nextLeaf) = (firstLeaf, lastLeaf, nextLeaf)
    nonisolated(unsafe) let (arena, targets) = (arena, targets)
    Parallel.forEachRange(of: n, size: 1 << 12, threads: threads) { range, _ in
      for v in range {
        let low = Int(offsets[v])
        let high = Int(offsets[v + 1])
        left[v] = UInt32(v)
        right[v] = UInt32(v)
        parent[v] = Self.none
        firstLeaf[v] = UInt32(v)
        lastLeaf[v] = UInt32(v)
        nextLeaf[v] = Self.none
        let degree = UInt32(high - low)
        roots[v] = Root(
          linkStart: low, linkCount: degree, linkCapacity: degree, total: degree, mark: 0,
          type: UInt8(MergeTables.leafType), childType: 4)
        for arc in low..<high {
          let u = targets[arc]
          arena[arc] = Link(other: u, twin: 0, cost: 1, view: Int(u) < v ? 256 + 255 : 255)
        }
      }
    }
    // Lists ascend and sources come in ascending order, so twins are filled in turn; `mark` counts them.
    for v in 0..<n {
      for arc in Int(offsets[v])..<Int(offsets[v + 1]) {
        let u = Int(targets[arc])
        arena[arc].twin = roots[u].mark
        roots[u].mark += 1
      }
    }
    for v in 0..<n { roots[v].mark = 0 }
  }

  func deallocate() { scratch.deallocate() }

  @inline(__always) func links(of root: Int) -> UnsafeMutablePointer<Link> { arena + roots[root].linkStart }

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
      let (va, vb) = (Int(listA[Int(place) - 1].view), Int(listB[j].view))
      gain += Int(tables.gainBits[va * 16 + vb >> 5] >> UInt32(vb & 31) & 1)
    }
    let mergedType = 5 * Int(roots[a].childType) + Int(roots[b].childType)
    let inner = tables.innerMerge(
      typeA: Int(roots[a].type), stateA: Int(roots[a].innerState), typeB: Int(roots[b].type),
      stateB: Int(roots[b].innerState), view: view, mergedType: mergedType)
    let before = Int(roots[a].total) + Int(roots[b].total) - between
    let reduction = gain + inner.gain
    let evaluation = Evaluation(reduction: reduction, before: before, inner: inner, view: view)
    if checks, reduction < 2 || Double(reduction) - offset < threshold * Double(before) {
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
        let (va, vb) = (Int(linkA.view), Int(linkB.view))
        let gain = tables.gainBits[va * 16 + vb >> 5] >> UInt32(vb & 31) & 1
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
    let slot = (Int(roots[root].type) * 1024 + Int(roots[root].innerState)) * 8 + pattern
    let encoding = tables.innerEncodings + Int(tables.innerChoice[slot])
    emitInner(encoding.pointee.lower, encoding.pointee.lowerCount, root)
  }

  /// Makes everything final that is still pending.
  mutating func emitPending() {
    for root in 0..<count where parent[root] == Self.none {
      let slot = Int(roots[root].type) * 1024 + Int(roots[root].innerState)
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
      for i in 0..<Int(roots[root].linkCount) where list[i].view >= 256 {
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
