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

/// Roots and their links, wherever they lie: what deciding reads.
@safe struct RootLists {
  let roots: UnsafePointer<Root>
  let arena: UnsafePointer<Link>

  @inline(__always) func links(of root: Int) -> UnsafePointer<Link> { unsafe arena + roots[root].linkStart }
}

/// An edge that is final, by the place of its ends below two roots whose children are not at hand.
struct EdgePlace: BitwiseCopyable {
  /// Added to the place of an edge inside one root.
  static let inner: UInt8 = 32
  static let negative: UInt8 = 128

  var wide: UInt32
  var narrow: UInt32
  var place: UInt8
}

/// The forest of binary merges with its links: the state of a run.
///
/// Leaves are `0..<n`, merged supernodes follow in creation order. Each root holds an unsorted array of links in one
/// arena; both ends of a link know each other's place, so that a merge costs O(1) a link.
@safe struct LinkState {
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

  /// The list of a root in the making.
  var scratch: GrowableBuffer<Link>

  /// Where the state is part of another one: its final edges, in place of ``edges``.
  var places: GrowableBuffer<EdgePlace>?
  var placeCount = 0

  /// What owns the memory.
  private final class Buffers {
    var owners: [AnyObject] = []
    func make<Element: BitwiseCopyable>(_ count: Int, _: Element.Type) throws(MillError) -> UnsafeMutablePointer<
      Element
    > {
      let buffer = try FlatBuffer<Element>(uninitializedCount: count)
      owners.append(buffer)
      return unsafe buffer.base
    }
  }

  /// All nodes as roots of their own, every edge a link.
  ///
  /// - Parameter graph: Simple, undirected, without loops, fewer than 2^30 nodes, 32-bit targets.
  init(_ graph: CSRGraph, targets: UnsafePointer<UInt32>, threads: Int = 1) throws(MillError) {
    let m = graph.edgeCount
    try self.init(
      leafCount: graph.nodeCount, count: graph.nodeCount, capacity: 2 * graph.nodeCount, links: 2 * m,
      spareLinks: max(1024, m / 2), edgeCapacity: m + 16)
    cost = m
    unsafe fill(graph, targets, threads: threads)
    withExtendedLifetime(graph) {}
  }

  /// Room for a state whose records are still to be written.
  ///
  /// - Parameters:
  ///   - count: Supernodes that are there, of which the first `leafCount` are leaves.
  ///   - capacity: Supernodes there may be in the end.
  init(
    leafCount: Int, count: Int, capacity: Int, links: Int, spareLinks: Int, edgeCapacity: Int
  ) throws(MillError) {
    let capacity = max(1, capacity)
    let buffers = Buffers()
    self.buffers = buffers
    self.leafCount = leafCount
    self.count = count
    unsafe left = try unsafe buffers.make(capacity, UInt32.self)
    unsafe right = try unsafe buffers.make(capacity, UInt32.self)
    unsafe parent = try unsafe buffers.make(capacity, UInt32.self)
    unsafe roots = try unsafe buffers.make(capacity, Root.self)
    unsafe firstLeaf = try unsafe buffers.make(capacity, UInt32.self)
    unsafe lastLeaf = try unsafe buffers.make(capacity, UInt32.self)
    unsafe nextLeaf = try unsafe buffers.make(max(1, count), UInt32.self)
    arenaCapacity = links + spareLinks
    unsafe arena = try unsafe buffers.make(arenaCapacity, Link.self)
    arenaUsed = links
    self.edgeCapacity = edgeCapacity
    edgeOwner = try FlatBuffer<SignedEdge>(uninitializedCount: edgeCapacity)
    unsafe edges = edgeOwner.base
    cost = 0
    scratch = GrowableBuffer(capacity: 1024)
  }

  /// The records of leaves and the links of the input.
  private func fill(_ graph: CSRGraph, _ targets: UnsafePointer<UInt32>, threads: Int) {
    let n = graph.nodeCount
    let offsets = graph.offsets
    nonisolated(unsafe) let (arena, roots, targets) = unsafe (arena, roots, targets)
    Parallel.forEachRange(of: n, size: 1 << 12, threads: threads) { range, _ in
      for v in range {
        let low = Int(offsets[v])
        let high = Int(offsets[v + 1])
        begin(v)
        let degree = UInt32(high - low)
        unsafe roots[v] = Root(
          linkStart: low, linkCount: degree, linkCapacity: degree, total: degree, mark: 0,
          type: UInt8(MergeTables.leafType), childType: 4)
        for arc in low..<high {
          let u = unsafe targets[arc]
          unsafe arena[arc] = Link(other: u, twin: 0, cost: 1, view: Int(u) < v ? 256 + 255 : 255)
        }
      }
    }
    // Lists ascend and sources come in ascending order, so twins are filled in turn; `mark` counts them.
    for v in 0..<n {
      for arc in Int(offsets[v])..<Int(offsets[v + 1]) {
        let u = unsafe Int(targets[arc])
        unsafe arena[arc].twin = roots[u].mark
        unsafe roots[u].mark += 1
      }
    }
    for v in 0..<n { unsafe roots[v].mark = 0 }
  }

  /// A supernode without a parent, and with itself in place of what is below it.
  @inline(__always) func begin(_ v: Int) {
    unsafe left[v] = UInt32(v)
    unsafe right[v] = UInt32(v)
    unsafe parent[v] = Self.none
    unsafe firstLeaf[v] = UInt32(v)
    unsafe lastLeaf[v] = UInt32(v)
    unsafe nextLeaf[v] = Self.none
  }

  @inline(__always) func links(of root: Int) -> UnsafeMutablePointer<Link> { unsafe arena + roots[root].linkStart }

  var lists: RootLists { unsafe RootLists(roots: roots, arena: arena) }
}
