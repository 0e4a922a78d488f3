public import GraphStore
import MillRuntime

/// A lossless summary of a graph: a forest of supernodes with positive and negative edges.
///
/// - Supernodes `0..<nodeCount` are the nodes of the graph (leaves); the others are sets of two or more children.
///   Children have smaller numbers than their parents.
/// - A p-edge {X, Y} covers all pairs of a leaf below X and a leaf below Y, a loop {X, X} all pairs below X. An n-edge
///   takes one p-edge away from each pair that it covers. Nodes u and v are joined in the graph exactly when p-edges
///   less n-edges over {u, v} is 1; else it is 0.
/// - The model stands for a simple undirected graph: ``edgeCount``, ``cost``, ``relativeSize`` and all questions are
///   about that. What the input had besides (loops, directions, parallel edges, weights) is kept in coded streams, and
///   ``restore(context:)`` gives the input back.
/// - The numbering is canonical: trees in the order of their smallest leaves, children likewise, inner supernodes in
///   postorder, edges sorted. So equal summaries have equal bytes.
///
/// Immutable, safe to read from many threads. Memory: about 40 bytes a supernode and 24 an edge of the summary.
public final class GraphSummary: Sendable {
  /// Nodes of the graph, n.
  public let nodeCount: Int
  /// Edges of the graph, m.
  public let edgeCount: Int
  /// Leaves and inner supernodes together.
  public let supernodeCount: Int
  /// Edges of the forest: supernodes that have a parent.
  public let hierarchyEdgeCount: Int
  /// Positive edges.
  public let positiveEdgeCount: Int
  /// Negative edges.
  public let negativeEdgeCount: Int

  /// The parent of each supernode, `noParent` for roots.
  let parents: FlatBuffer<UInt32>
  /// The first leaf of each supernode in ``leafOrder``.
  let leafBegin: FlatBuffer<UInt32>
  /// The number of leaves of each supernode.
  let leafCounts: FlatBuffer<UInt32>
  /// Leaves so that those below any supernode are neighbors.
  let leafOrder: FlatBuffer<UInt32>
  let childOffsets: FlatBuffer<UInt32>
  let childItems: FlatBuffer<UInt32>
  /// Edges sorted by (x, y), with x at most y.
  let signedEdges: FlatBuffer<SignedEdge>
  /// Edges at each supernode: the other end, with the sign in the high bit; a loop occurs once.
  let incidenceOffsets: FlatBuffer<UInt64>
  let incidences: FlatBuffer<UInt32>
  /// What the model does not hold of the input; nil where there is no more.
  let side: SummarySide?

  static let noParent = UInt32.max

  /// Size of the summary: p-edges, n-edges and edges of the forest.
  public var cost: Int { positiveEdgeCount + negativeEdgeCount + hierarchyEdgeCount }
  /// ``cost`` per edge of the graph; nil for a graph without edges.
  public var relativeSize: Double? { edgeCount > 0 ? Double(cost) / Double(edgeCount) : nil }
  /// Leaves that have a parent: what publications on flat summaries often leave out of the size.
  public let membershipCount: Int
  /// p- and n-edges per edge of the graph, without the forest: the other accounting in the literature.
  public var relativeSizeWithoutMemberships: Double? {
    edgeCount > 0 ? Double(positiveEdgeCount + negativeEdgeCount) / Double(edgeCount) : nil
  }
  /// What the nodes were called.
  public let names: NodeNames
  /// Height of the tallest tree; a lone leaf has 0.
  public let height: Int

  /// Puts a forest and its edges into canonical form.
  ///
  /// - Parameters:
  ///   - input: The input and its simple undirected graph, where more than that is to be kept.
  ///   - side: What was read in place of an input.
  init(
    _ draft: SummaryDraft, edgeCount: Int, names: NodeNames, input: (graph: CSRGraph, simple: CSRGraph)? = nil,
    side: SummarySide? = nil
  ) throws(MillError) {
    let n = draft.leafCount
    nodeCount = n
    self.edgeCount = edgeCount
    self.names = names
    let rank = SummaryNumbering(draft)
    let count = rank.count
    supernodeCount = count
    parents = try FlatBuffer<UInt32>(uninitializedCount: max(1, count))
    leafBegin = try FlatBuffer<UInt32>(uninitializedCount: max(1, count))
    leafCounts = try FlatBuffer<UInt32>(count: max(1, count))
    leafOrder = try FlatBuffer<UInt32>(uninitializedCount: max(1, n))
    childOffsets = try FlatBuffer<UInt32>(count: count + 1)
    var links = 0
    for x in 0..<draft.count where draft.parent[x] != SummaryDraft.gone {
      let up = draft.parent[x]
      unsafe parents.base[Int(rank.number[x])] = up == SummaryDraft.none ? Self.noParent : rank.number[Int(up)]
      if up != SummaryDraft.none { links += 1 }
    }
    hierarchyEdgeCount = links
    for (place, leaf) in rank.leaves.enumerated() {
      unsafe leafOrder.base[place] = leaf
      unsafe leafBegin.base[Int(leaf)] = UInt32(place)
    }
    if let input {
      self.side = try unsafe SummarySide(of: input.graph, simple: input.simple, order: leafOrder.base)
    } else {
      self.side = side
    }
    childItems = try FlatBuffer<UInt32>(uninitializedCount: max(1, links))
    var members = 0
    var heights = [UInt32](repeating: 0, count: count)
    for x in n..<max(n, count) { unsafe leafBegin.base[x] = UInt32.max }
    for x in 0..<count {
      if x < n { unsafe leafCounts.base[x] = 1 }
      let up = unsafe parents.base[x]
      if up == Self.noParent { continue }
      if x < n { members += 1 }
      unsafe leafCounts.base[Int(up)] += leafCounts.base[x]
      unsafe leafBegin.base[Int(up)] = min(leafBegin.base[Int(up)], leafBegin.base[x])
      heights[Int(up)] = max(heights[Int(up)], heights[x] + 1)
      unsafe childOffsets.base[Int(up) + 1] += 1
    }
    membershipCount = members
    height = Int(heights.max() ?? 0)
    for x in 0..<count { unsafe childOffsets.base[x + 1] += childOffsets.base[x] }
    var place = unsafe Array(childOffsets.elements.prefix(count))
    // Children in the order of their first leaves: a leaf climbs as long as it is the first one.
    for first in 0..<n {
      var x = unsafe Int(leafOrder.base[first])
      while unsafe parents.base[x] != Self.noParent {
        let up = unsafe Int(parents.base[x])
        unsafe childItems.base[Int(place[up])] = UInt32(x)
        place[up] += 1
        if unsafe Int(leafBegin.base[up]) != first { break }
        x = up
      }
    }

    let total = draft.edges.count
    signedEdges = try FlatBuffer<SignedEdge>(uninitializedCount: max(1, total))
    incidenceOffsets = try FlatBuffer<UInt64>(count: count + 1)
    var negatives = 0
    for i in 0..<total {
      let edge = unsafe draft.edges.base[i]
      let (x, y) = (rank.number[Int(edge.x)], rank.number[Int(edge.y)])
      unsafe signedEdges.base[i] = SignedEdge(x: min(x, y), y: max(x, y), isNegative: edge.isNegative)
      if edge.isNegative { negatives += 1 }
      unsafe incidenceOffsets.base[Int(x) + 1] += 1
      if x != y { unsafe incidenceOffsets.base[Int(y) + 1] += 1 }
    }
    negativeEdgeCount = negatives
    positiveEdgeCount = total - negatives
    let sorting = try FlatBuffer<SignedEdge>(uninitializedCount: max(1, total))
    unsafe sortEdges(signedEdges.base, sorting.base, count: total, keyBound: count)
    for x in 0..<count { unsafe incidenceOffsets.base[x + 1] += incidenceOffsets.base[x] }
    incidences = try unsafe FlatBuffer<UInt32>(uninitializedCount: max(1, Int(incidenceOffsets.base[count])))
    var next = unsafe Array(incidenceOffsets.elements.prefix(count))
    // Smaller ends first, so that every list ascends.
    for i in 0..<total where unsafe signedEdges.base[i].x != signedEdges.base[i].y {
      let edge = unsafe signedEdges.base[i]
      unsafe incidences.base[Int(next[Int(edge.y)])] = edge.x | edge.signedY & SignedEdge.negative
      next[Int(edge.y)] += 1
    }
    for i in 0..<total {
      let edge = unsafe signedEdges.base[i]
      unsafe incidences.base[Int(next[Int(edge.x)])] = edge.signedY
      next[Int(edge.x)] += 1
    }
    for x in 0..<count {
      var list = unsafe UnsafeMutableBufferPointer(
        start: incidences.base + Int(incidenceOffsets.base[x]),
        count: Int(incidenceOffsets.base[x + 1] - incidenceOffsets.base[x]))
      var sorted = true
      for i in 1..<max(1, list.count) where unsafe list[i] & ~SignedEdge.negative < list[i - 1] & ~SignedEdge.negative {
        sorted = false
      }
      if !sorted { unsafe list.sort { $0 & ~SignedEdge.negative < $1 & ~SignedEdge.negative } }
    }
  }
}

/// Sorts edges by (x, y) with stable counting passes.
func sortEdges(
  _ base: UnsafeMutablePointer<SignedEdge>, _ scratch: UnsafeMutablePointer<SignedEdge>, count: Int, keyBound: Int
) {
  var counts = [Int](repeating: 0, count: keyBound + 1)
  for i in 0..<count { unsafe counts[Int(base[i].y) + 1] += 1 }
  for k in 0..<keyBound { counts[k + 1] += counts[k] }
  for i in 0..<count {
    unsafe scratch[counts[Int(base[i].y)]] = base[i]
    unsafe counts[Int(base[i].y)] += 1
  }
  counts = [Int](repeating: 0, count: keyBound + 1)
  for i in 0..<count { unsafe counts[Int(scratch[i].x) + 1] += 1 }
  for k in 0..<keyBound { counts[k + 1] += counts[k] }
  for i in 0..<count {
    unsafe base[counts[Int(scratch[i].x)]] = scratch[i]
    unsafe counts[Int(scratch[i].x)] += 1
  }
}

/// The canonical numbers of a draft's supernodes.
private struct SummaryNumbering {
  /// By draft number; undefined for supernodes that are gone.
  private(set) var number: [UInt32]
  /// Leaves in the order of the trees.
  private(set) var leaves: [UInt32] = []
  private(set) var count: Int

  init(_ draft: SummaryDraft) {
    let n = draft.leafCount
    number = [UInt32](repeating: 0, count: draft.count)
    var smallest = [UInt32](repeating: UInt32.max, count: draft.count)
    for x in 0..<draft.count where draft.parent[x] != SummaryDraft.gone {
      if x < n { smallest[x] = UInt32(x) }
      let up = draft.parent[x]
      if up != SummaryDraft.none { smallest[Int(up)] = min(smallest[Int(up)], smallest[x]) }
    }
    // Children of each supernode by their smallest leaves: leaves are visited in ascending order, and each climbs as
    // long as it is the smallest one.
    let children = draft.childLists()
    var place = children.offsets
    var ordered = children.items
    var roots: [UInt32] = []
    for leaf in 0..<n {
      var x = leaf
      while true {
        let up = draft.parent[x]
        if up == SummaryDraft.none {
          roots.append(UInt32(x))
          break
        }
        ordered[place[Int(up)]] = UInt32(x)
        place[Int(up)] += 1
        if smallest[Int(up)] != UInt32(leaf) { break }
        x = Int(up)
      }
    }
    leaves.reserveCapacity(n)
    count = n
    var stack: [(node: UInt32, next: Int)] = []
    for root in roots {
      stack.append((root, children.offsets[Int(root)]))
      while let top = stack.last {
        let x = Int(top.node)
        if x < n {
          number[x] = UInt32(x)
          leaves.append(UInt32(x))
          stack.removeLast()
        } else if top.next < children.offsets[x + 1] {
          stack[stack.count - 1].next += 1
          let child = ordered[top.next]
          stack.append((child, children.offsets[Int(child)]))
        } else {
          number[x] = UInt32(count)
          count += 1
          stack.removeLast()
        }
      }
    }
  }
}
