public import GraphStore
public import MillRuntime

/// What ``topDownCommunities(of:options:context:)`` found.
public struct TopDownResult: Sendable, Equatable {
  /// A binary tree; the similarity of an inner node is the density of edges between its two sides.
  public let hierarchy: CommunityHierarchy
  /// Splits that were tried, the refused ones included.
  public let splitsTried: Int
  /// What the user should know.
  public let notes: [String]

  /// The group of each node, a leaf of the tree, shape `[n]`; -1 for nodes without edges.
  public var labels: [Int32] { hierarchy.leaves }
}

extension TopDownResult: CustomStringConvertible {
  /// How many groups, in how many levels.
  public var description: String { "\(hierarchy.tree.leafCount) groups in a tree of \(hierarchy.tree.height) levels" }
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
  try options.check()
  return try topDownCommunities(
    of: CommunityGraph(graph, direction: options.direction, context: context), options: options, context: context)
}

func topDownCommunities(
  of work: CommunityGraph, options: TopDownOptions, context: RunContext
) throws(MillError) -> TopDownResult {
  guard work.nodeCount > 0 else {
    return TopDownResult(
      hierarchy: CommunityHierarchy(
        tree: .single(size: 0, density: 0), leaves: [Int32](repeating: -1, count: work.inputNodeCount)),
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
  /// For the parts of a split, which are no stages of their own.
  private var quiet: RunContext
  var tried = 0
  /// Splits in the order in which they were made: parent's number, then the numbers of its sides.
  var splits: [(parent: Int, left: Int, right: Int)] = []
  var leafOfNode: [Int32]

  init(_ graph: CommunityGraph, _ options: TopDownOptions, _ context: RunContext) {
    self.graph = graph
    self.options = options
    self.context = context
    quiet = context
    quiet.progress = nil
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
    var notes = graph.notes
    let isRefined = options.refinement != .none && tree.leafCount > 1
    if isRefined, tree.leafCount > Refinement.largestCount {
      notes.append("more than \(Refinement.largestCount) groups: they are not refined")
    } else if isRefined {
      leaves = try refined(tree, leaves, isDegreeCorrected)
      var sizes = [Int](repeating: 0, count: tree.leafCount)
      for leaf in leaves { sizes[Int(leaf)] += 1 }
      tree = tree.resized(sizes)
      tree = tree.withSimilarities(CommunityHierarchy(tree: tree, leaves: leaves).densities(in: graph))
    }
    return TopDownResult(
      hierarchy: CommunityHierarchy(tree: tree, leaves: graph.expanded(leaves)), splitsTried: tried, notes: notes)
  }

  private func refined(
    _ tree: CommunityTree, _ leaves: [Int32], _ isDegreeCorrected: Bool
  ) throws(MillError) -> [Int32] {
    if options.refinement == .levels {
      return try Refinement.nested(
        graph, tree: tree, leaves: leaves, isDegreeCorrected: isDegreeCorrected, threads: context.threads,
        context: context)
    }
    var refinement = try Refinement(
      graph, labels: leaves, groups: tree.leafCount, isDegreeCorrected: isDegreeCorrected, threads: context.threads)
    try refinement.run(context)
    return refinement.result
  }

  /// Both sides of a split, ascending; nil where the group stays whole.
  private mutating func split(_ nodes: [Int], depth: Int, number: Int) throws(MillError) -> ([Int], [Int])? {
    if case .depth(let limit) = options.stopping, depth >= limit { return nil }
    guard nodes.count >= 2 * options.minimumSize, nodes.count > 1 else { return nil }
    let part = nodes.count == graph.nodeCount ? graph : try graph.restricted(to: nodes, quiet)
    let linked = (0..<part.nodeCount).filter { unsafe part.offsets[$0 + 1] > part.offsets[$0] }
    guard linked.count > 1 else { return nil }
    let core = linked.count == part.nodeCount ? part : try part.restricted(to: linked, quiet)
    tried += 1
    let seed = options.seed &+ UInt64(number) &* 0x9e37_79b9_7f4a_7c15
    if try !isSplittable(core, seed: seed) { return nil }
    let isLeft = try SpectralBisection(
      split: options.split, regularization: options.regularization, seed: seed, threads: context.threads
    ).sides(of: LevelGraph(core, usesWeights: false))
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
    case .edgeCrossValidation: return try EdgeCrossValidation(core, seed: seed, quiet).prefersRankTwo
    case .betheHessian, .nonBacktracking: break
    }
    let stage = try SpectralStage.run(
      core, wanted: nil, enough: 2, options: SpectralOptions(), seed: seed, context: quiet)
    return (options.stopping == .betheHessian ? stage.summary.count : stage.summary.plainCount) >= 2
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
