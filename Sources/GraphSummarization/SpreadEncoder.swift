import GraphStore
package import MillRuntime

/// Encodes pairs of trees anew that come as rows, as the last step of ``summarize(of:options:context:)`` does it.
package struct SpreadEncoder {
  private let nodeCount: Int64
  private let context: RunContext
  private var ids: [Int64] = []
  private var parents: [Int64?] = []
  private var pairs: [(Int64, Int64)] = []
  private var edges: [(x: Int64, y: Int64, sign: Int64)] = []

  /// - Parameter nodeCount: Nodes of the graph: the first numbers are theirs.
  package init(nodeCount: Int, context: RunContext) {
    self.nodeCount = Int64(nodeCount)
    self.context = context
  }

  /// Adds a supernode of the trees; they ascend.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func addSupernode(_ id: Int64, parent: Int64?) throws(MillError) {
    guard (0..<2 * nodeCount).contains(id), parent.map({ $0 > id && $0 >= nodeCount }) ?? true,
      ids.last.map({ $0 < id }) ?? true
    else { throw MillError(.malformed, "supernode \(id) comes where it cannot, or cannot lie there") }
    ids.append(id)
    parents.append(parent)
  }

  /// Adds an edge of the graph, the smaller node first.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func addEdge(_ u: Int64, _ v: Int64) throws(MillError) {
    guard u < v, v < nodeCount else { throw MillError(.malformed, "no edge between nodes: \(u), \(v)") }
    pairs.append((u, v))
  }

  /// Adds an edge of the draft.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  package mutating func addSignedEdge(_ x: Int64, _ y: Int64, sign: Int64) throws(MillError) {
    guard sign == 1 || sign == -1, x != y || x >= nodeCount else {
      throw MillError(.malformed, "no edge of a draft: \(x), \(y), \(sign)")
    }
    edges.append((x, y, sign))
  }

  /// The place of a supernode among those that were added.
  private func place(_ id: Int64) throws(MillError) -> Int {
    let place = ids.indices.partitionPoint { ids[$0] >= id }
    guard place < ids.count, ids[place] == id else {
      throw MillError(.malformed, "supernode \(id) is not in the trees")
    }
    return place
  }

  /// The fewest edges for what was added, which is forgotten: those of the draft where they are no more.
  ///
  /// - Throws: `MillError`: `malformed` where something is not in the trees or the draft has no edges, `over-budget`.
  package mutating func encode() throws(MillError) -> [(x: Int64, y: Int64, sign: Int64)] {
    defer {
      ids.removeAll(keepingCapacity: true)
      parents.removeAll(keepingCapacity: true)
      pairs.removeAll(keepingCapacity: true)
      edges.removeAll(keepingCapacity: true)
    }
    guard !edges.isEmpty else { throw MillError(.malformed, "a pair of trees without edges") }
    // Places among the supernodes ascend as their numbers do, so all choices are the same.
    let leafCount = ids.indices.partitionPoint { ids[$0] >= nodeCount }
    var parent = [UInt32](repeating: SummaryDraft.none, count: ids.count)
    for (x, up) in parents.enumerated() { if let up { parent[x] = UInt32(try place(up)) } }
    let list = EdgeList(capacity: edges.count)
    for edge in edges {
      let (x, y) = (UInt32(try place(edge.x)), UInt32(try place(edge.y)))
      list.append(SignedEdge(x: x, y: y, isNegative: edge.sign < 0))
    }
    var ends: [(Int, Int)] = []
    for pair in pairs { ends.append((try place(pair.0), try place(pair.1))) }
    let graph = try CSRGraph(nodeCount: leafCount, edges: ends)
    var draft = SummaryDraft(leafCount: leafCount, count: ids.count, parent: parent, edges: list)
    guard let targets = UInt32.array(graph.targets) else {
      throw MillError(.unsupported, "trees of \(leafCount) nodes")
    }
    try unsafe draft.reencode(graph, targets: targets.base, context: context)
    return (0..<draft.edges.count).map {
      let edge = unsafe draft.edges.base[$0]
      return (ids[Int(edge.x)], ids[Int(edge.y)], edge.isNegative ? -1 : 1)
    }
  }
}
