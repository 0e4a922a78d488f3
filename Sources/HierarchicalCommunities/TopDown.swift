public import GraphStore
public import MillRuntime

/// The settings of ``topDownCommunities(of:options:context:)``.
public struct TopDownOptions: Sendable, Equatable {
  /// How a group is split in two.
  public enum Split: String, Sendable, CaseIterable {
    /// By the sign of the second singular vector of the adjacency matrix.
    case sign
    /// By k-means on the two leading eigenvectors of the regularised normalised adjacency matrix.
    case spectral
  }
  /// When a group is not split any more.
  public enum Stopping: Sendable, Equatable {
    /// When fewer than 2 eigenvalues of its own graph lie beyond threshold and margin.
    case betheHessian
    /// When fewer than 2 real eigenvalues of the non-backtracking matrix lie outside its bulk; they are as many as the
    /// negative ones of the Bethe-Hessian without a margin, which is how they are counted.
    case nonBacktracking
    /// When a matrix of rank 2 does not predict held-out node pairs of its own graph better than one of rank 1: three times
    /// a tenth of the pairs is held out. A graph of two sides that avoid each other is of rank 2 as well.
    case edgeCrossValidation
    /// At this depth.
    case depth(Int)
  }

  /// How a group is split.
  public var split = Split.spectral
  /// When it is not.
  public var stopping = Stopping.betheHessian
  /// A group of fewer than twice this many nodes is not split; at least 1.
  public var minimumSize = 10
  /// tau of the spectral split, as a share of the mean degree.
  public var regularisation = 0.1
  /// Which labels are refined afterwards; `leaves` refines only the lowest groups.
  public var refinement = RefinementScope.none
  /// Whether refinement corrects for degrees; nil as for ``BottomUpOptions``.
  public var isDegreeCorrected: Bool?
  /// How a directed graph becomes undirected.
  public var direction = DirectionPolicy.union
  /// The seed.
  public var seed: UInt64 = 42
  /// Spectral splits, stopped by the Bethe-Hessian, no refinement.
  public init() {}
}

/// What ``topDownCommunities(of:options:context:)`` found.
public struct TopDownResult: Sendable, Equatable {
  /// A binary tree; the similarity of an inner node is the density of edges between its two sides.
  public let hierarchy: CommunityHierarchy
  /// Splits that were tried, the refused ones included.
  public let splitsTried: Int
  /// What the user should know.
  public let notes: [String]
}

/// Finds a hierarchy of communities from the top down: splits groups in two until nothing speaks for a split.
///
/// Works on the 0/1 graph. Nodes that lose all edges in a split go with the smaller side.
///
/// - Throws: `MillError`: `bad-option`, `bad-weight`, `over-budget`, `interrupted`.
/// - Complexity: O((n + m) · depth) for about 100 products a split, 100 vectors of n doubles. The same result for every
///   thread count.
/// - Source: Li, Lei, Bhattacharyya, van den Berge, Sarkar, Bickel, Levina, "Hierarchical community detection by recursive
///   partitioning", Journal of the American Statistical Association 117, 2022 (arXiv 1810.01509), section 2.
public func topDownCommunities(
  of graph: CSRGraph, options: TopDownOptions = .init(), context: RunContext = .init()
) throws(MillError) -> TopDownResult {
  guard options.minimumSize >= 1, options.regularisation >= 0 else {
    throw MillError(.badOption, "the smallest size must be at least 1", field: "\(options.minimumSize)")
  }
  if case .depth(let depth) = options.stopping, depth < 0 {
    throw MillError(.badOption, "the depth must not be negative", field: "\(depth)")
  }
  let work = try CommunityGraph(graph, direction: options.direction, context: context)
  guard work.nodeCount > 0 else {
    return TopDownResult(
      hierarchy: CommunityHierarchy(
        tree: .single(size: 0, density: 0), leaves: [Int32](repeating: -1, count: graph.nodeCount)),
      splitsTried: 0, notes: work.notes + ["no edges: one community"])
  }
  var run = TopDown(work, options, context)
  return try run.run()
}

/// One run.
private struct TopDown {
  let graph: CommunityGraph
  let options: TopDownOptions
  let context: RunContext
  var tried = 0
  /// Splits in the order in which they were made: parent's number, then the numbers of its sides.
  var splits: [(parent: Int, left: Int, right: Int)] = []
  var leafOfNode: [Int32]

  init(_ graph: CommunityGraph, _ options: TopDownOptions, _ context: RunContext) {
    self.graph = graph
    self.options = options
    self.context = context
    leafOfNode = [Int32](repeating: 0, count: graph.nodeCount)
  }

  mutating func run() throws(MillError) -> TopDownResult {
    var queue = [(number: 0, depth: 0, nodes: (0..<graph.nodeCount).map { $0 })]
    var finished: [Int] = []
    var count = 1
    var at = 0
    context.progress?.begin("communities", total: graph.nodeCount, unit: .items)
    defer { context.progress?.end() }
    while at < queue.count {
      try context.checkCancelled()
      let group = queue[at]
      queue[at].nodes = []
      at += 1
      if let (left, right) = try split(group.nodes, depth: group.depth, number: group.number) {
        splits.append((group.number, count, count + 1))
        queue.append((count, group.depth + 1, left))
        queue.append((count + 1, group.depth + 1, right))
        count += 2
      } else {
        for node in group.nodes { leafOfNode[node] = Int32(finished.count) }
        finished.append(group.number)
        context.progress?.advance(by: group.nodes.count)
      }
    }
    var (tree, leaves) = assemble(finished, count)
    let isDegreeCorrected = options.isDegreeCorrected ?? graph.isDispersed
    if options.refinement != .none, tree.leafCount > 1 {
      leaves = try refined(tree, leaves, isDegreeCorrected)
      var sizes = [Int](repeating: 0, count: tree.leafCount)
      for leaf in leaves { sizes[Int(leaf)] += 1 }
      tree = tree.resized(sizes)
      tree = tree.withSimilarities(CommunityHierarchy(tree: tree, leaves: leaves).densities(in: graph))
    }
    return TopDownResult(
      hierarchy: CommunityHierarchy(tree: tree, leaves: graph.expanded(leaves)), splitsTried: tried,
      notes: graph.notes)
  }

  private func refined(
    _ tree: CommunityTree, _ leaves: [Int32], _ isDegreeCorrected: Bool
  ) throws(MillError) -> [Int32] {
    if options.refinement == .levels {
      return try Refinement.nested(
        graph, tree: tree, leaves: leaves, isDegreeCorrected: isDegreeCorrected, threads: context.threads,
        context: context)
    }
    guard tree.leafCount < Int(Refinement.none) else { return leaves }
    var refinement = try Refinement(
      graph, labels: leaves, groups: tree.leafCount, isDegreeCorrected: isDegreeCorrected, threads: context.threads)
    try refinement.run(context)
    return refinement.result
  }

  /// Both sides of a split, ascending; nil where the group stays whole.
  private mutating func split(_ nodes: [Int], depth: Int, number: Int) throws(MillError) -> ([Int], [Int])? {
    if case .depth(let limit) = options.stopping, depth >= limit { return nil }
    guard nodes.count >= 2 * options.minimumSize, nodes.count > 1 else { return nil }
    let part = nodes.count == graph.nodeCount ? graph : try graph.restricted(to: nodes, context)
    let linked = (0..<part.nodeCount).filter { part.offsets[$0 + 1] > part.offsets[$0] }
    guard linked.count > 1 else { return nil }
    let core = linked.count == part.nodeCount ? part : try part.restricted(to: linked, context)
    tried += 1
    let seed = options.seed &+ UInt64(number) &* 0x9e37_79b9_7f4a_7c15
    if try !isSplittable(core, seed: seed) { return nil }
    let isLeft = try sides(core, seed: seed)
    var left: [Int] = []
    var right: [Int] = []
    for (i, node) in linked.enumerated() {
      if isLeft[i] { left.append(nodes[node]) } else { right.append(nodes[node]) }
    }
    guard !left.isEmpty, !right.isEmpty else { return nil }
    if linked.count < part.nodeCount {
      let isLinked = Set(linked)
      let lone = (0..<part.nodeCount).filter { !isLinked.contains($0) }.map { nodes[$0] }
      if left.count <= right.count { left = (left + lone).sorted() } else { right = (right + lone).sorted() }
    }
    return left[0] < right[0] ? (left, right) : (right, left)
  }

  private func isSplittable(_ core: CommunityGraph, seed: UInt64) throws(MillError) -> Bool {
    switch options.stopping {
    case .depth: return true
    case .edgeCrossValidation: return try EdgeCrossValidation(core, seed: seed, context).prefersRankTwo
    case .betheHessian, .nonBacktracking: break
    }
    let stage = try SpectralStage.run(core, wanted: nil, options: SpectralOptions(), seed: seed, context: context)
    return (options.stopping == .betheHessian ? stage.summary.count : stage.summary.plainCount) >= 2
  }

  private func sides(_ core: CommunityGraph, seed: UInt64) throws(MillError) -> [Bool] {
    let n = core.nodeCount
    switch options.split {
    case .sign:
      let vectors = LeadingVectors(core, .adjacency, threads: context.threads).run(count: 2, seed: seed)
      return vectors.count < 2 ? [Bool](repeating: true, count: n) : vectors[1].map { $0 <= 0 }
    case .spectral:
      let kind = LeadingVectors.Operator.regularised(share: options.regularisation)
      let vectors = LeadingVectors(core, kind, threads: context.threads).run(count: 2, seed: seed)
      guard vectors.count == 2 else { return [Bool](repeating: true, count: n) }
      let rows = try FlatBuffer<Float>(count: n * 8)
      for i in 0..<n {
        rows.base[i * 8] = Float(vectors[0][i])
        rows.base[i * 8 + 1] = Float(vectors[1][i])
      }
      return try KMeans.run(
        rows, count: n, stride: 8, dimensions: 2, clusters: 2, starts: 5, seed: seed, threads: context.threads
      ).map { $0 == 0 }
    }
  }

  /// The tree of the splits, with leaves in the order of their first node.
  private func assemble(_ finished: [Int], _ count: Int) -> (CommunityTree, [Int32]) {
    let leaves = LabelNumbering.byFirstNode(leafOfNode)
    var numbers = [Int32](repeating: -1, count: count)
    for (node, leaf) in leafOfNode.enumerated() { numbers[finished[Int(leaf)]] = leaves[node] }
    var next = Int32(finished.count)
    // Later splits are deeper, so going backwards puts every node before its parent.
    for split in splits.reversed() {
      numbers[split.parent] = next
      next += 1
    }
    var parents = [Int32](repeating: -1, count: count)
    for split in splits {
      parents[Int(numbers[split.left])] = numbers[split.parent]
      parents[Int(numbers[split.right])] = numbers[split.parent]
    }
    var sizes = [Int](repeating: 0, count: finished.count)
    for leaf in leaves { sizes[Int(leaf)] += 1 }
    let blank = CommunityTree(
      uncheckedLeaves: finished.count, parents: parents, leafSizes: sizes,
      similarities: [Double](repeating: 0, count: count))
    return (
      blank.withSimilarities(CommunityHierarchy(tree: blank, leaves: leaves).densities(in: graph)), leaves
    )
  }
}
