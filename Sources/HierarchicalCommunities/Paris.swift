public import GraphStore
public import MillRuntime

/// The settings of ``parisHierarchy(of:options:context:)``.
public struct ParisOptions: Sendable, Equatable, Codable {
  /// How a directed graph becomes undirected.
  public var direction: DirectionPolicy

  /// Settings; without arguments an arc either way is an edge.
  public init(direction: DirectionPolicy = .union) { self.direction = direction }
}

/// What ``parisHierarchy(of:options:context:)`` found.
public struct ParisResult: Sendable, Equatable {
  /// A binary tree whose leaves are the nodes with edges.
  public let hierarchy: CommunityHierarchy
  /// What the user should know.
  public let notes: [String]

  /// The usual flat cut: it keeps the merges that raise modularity, which are those of a similarity above 1.
  public var cut: TreeCut { hierarchy.tree.parisCut }
  /// The group of each node in ``cut``, shape `[n]`; -1 for nodes without edges.
  public var labels: [Int32] { hierarchy.labels(cut) }
}

extension ParisResult: CustomStringConvertible {
  /// How many nodes, and into how many groups they are usually cut.
  public var description: String { "a tree of \(hierarchy.tree.leafCount) nodes, usually cut into \(cut.count) groups" }
}

extension CommunityTree {
  /// The cut that keeps the merges of a similarity above 1.
  var parisCut: TreeCut { cutAtMost(1 + innerNodes.count { similarities[$0] <= 1 }) }
}

/// Merges the two clusters that an edge joins most often compared with two nodes drawn by degree, until one is left.
///
/// The similarity of two clusters is the weight between them times the total weight over both volumes, compared in exact
/// integers. Components join last, at similarity 0.
///
/// - Parameters:
///   - graph: Any graph; weights count, loops do not.
///   - options: How arcs become edges.
///   - context: Progress (a step a merge), a way to stop.
/// - Throws: `MillError`: `bad-weight`, `over-budget`, `unsupported`, `interrupted`.
/// - Complexity: O(m log n) expected in practice, also where a few nodes have most of the edges. One thread.
/// - Source: Bonald, Charpentier, Galland, Hollocou, "Hierarchical graph clustering using node pair sampling", MLG 2018,
///   sections 3 and 4.
public func parisHierarchy(
  of graph: CSRGraph, options: ParisOptions = .init(), context: RunContext = .init()
) throws(MillError) -> ParisResult {
  try parisHierarchy(of: CommunityGraph(graph, direction: options.direction, context: context), context: context)
}

func parisHierarchy(of work: CommunityGraph, context: RunContext) throws(MillError) -> ParisResult {
  let n = work.nodeCount
  guard n > 0 else {
    return ParisResult(
      hierarchy: CommunityHierarchy(
        tree: .single(size: 0, density: 0), leaves: [Int32](repeating: -1, count: work.inputNodeCount)),
      notes: work.notes + ["no edges: one community"])
  }
  context.progress?.begin("merge nodes", total: n - 1, unit: .items)
  defer { context.progress?.end() }
  var volumes = [UInt64](repeating: 0, count: n)
  for u in 0..<n {
    for e in unsafe Int(work.offsets[u])..<Int(work.offsets[u + 1]) { unsafe volumes[u] += work.weights?.base[e] ?? 1 }
  }
  var total = volumes.reduce(0, +)
  // Volumes must fit into 32 bits each way for exact products of two.
  let shift = total < 1 << 32 || work.weights == nil ? 0 : UInt64(32 - total.leadingZeroBitCount)
  func reduced(_ value: UInt64) -> UInt64 { shift == 0 ? value : max(1, value >> shift) }
  let rows = (0..<n).map { u in
    var row: [Int32: UInt64] = [:]
    let arcs = unsafe Int(work.offsets[u])..<Int(work.offsets[u + 1])
    row.reserveCapacity(arcs.count)
    for e in arcs { unsafe row[Int32(bitPattern: work.targets[e])] = unsafe reduced(work.weights?.base[e] ?? 1) }
    return row
  }
  total >>= shift
  var chain = ChainLinkage(rows: rows, sizes: volumes.map(reduced))
  let merges = try chain.merges(context)
  let tree = CommunityTree.fromMerges(
    merges, sizes: [Int](repeating: 1, count: n), inside: [Double](repeating: .nan, count: n), unit: Double(total))
  return ParisResult(
    hierarchy: CommunityHierarchy(tree: tree, leaves: work.expanded((0..<Int32(n)).map { $0 })), notes: work.notes)
}
