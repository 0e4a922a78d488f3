public import GraphStore
public import MillRuntime

/// What ``bottomUpCommunities(of:options:context:)`` found.
public struct BottomUpResult: Sendable, Equatable {
  /// The tree of communities and the leaf of each node.
  public let hierarchy: CommunityHierarchy
  /// What the spectrum said.
  public let spectrum: SpectralSummary
  /// Edges between the leaves, in the order of the tree's leaves.
  public let links: GroupLinks
  /// Whether refinement corrected for degrees.
  public let isDegreeCorrected: Bool
  /// What the user should know, one sentence each.
  public let notes: [String]

  /// The community of each node, a leaf of the tree, shape `[n]`; -1 for nodes without edges that were dropped.
  public var labels: [Int32] { hierarchy.leaves }
}

extension BottomUpResult: CustomStringConvertible {
  /// How many communities, in how many levels.
  public var description: String {
    "\(hierarchy.tree.leafCount) communities in a tree of \(hierarchy.tree.height) levels"
  }
}

/// Finds a hierarchy of communities from the bottom up: small communities by spectral clustering, then linked by the
/// density of edges between them.
///
/// Stage 1 counts the communities in the spectrum of the Bethe-Hessian and clusters its eigenvectors; stage 2 merges the
/// densest pair of groups until one is left. Nodes are then moved where a block model's likelihood says so, leaves first,
/// then level by level below the parents. Small components take no part: each is a leaf, and they join the tree last.
///
/// ```swift
/// let found = try bottomUpCommunities(of: graph)
/// print(found, found.labels[0], found.spectrum.count)
/// ```
///
/// - Parameters:
///   - graph: Any graph; directed, weighted, with loops and parallel edges, disconnected. See the options.
///   - options: Number of communities, linkage, refinement.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `bad-weight`, `over-budget`, `interrupted`.
/// - Complexity: O((n + m) · columns) for some 100 products; two blocks of n · columns floats, columns about the number of
///   communities and a third more. The same bits for every thread count.
/// - Source: Dreveton, Kuroda, Grossglauser, Thiran, "When does bottom-up beat top-down in hierarchical community
///   detection?", JASA 2026 (arXiv 2306.00833), algorithm 1; refinement depth by depth is ours.
public func bottomUpCommunities(
  of graph: CSRGraph, options: BottomUpOptions = .init(), context: RunContext = .init()
) throws(MillError) -> BottomUpResult {
  try options.check(nodeCount: graph.nodeCount)
  let work = try CommunityGraph(
    graph, direction: options.direction, usesWeights: options.usesWeights, context: context)
  let parts = try ComponentParts(work, minimum: options.minimumComponent, context)
  return try bottomUpCommunities(of: work, parts, options: options, context: context)
}

func bottomUpCommunities(
  of work: CommunityGraph, _ parts: ComponentParts, options: BottomUpOptions, context: RunContext
) throws(MillError) -> BottomUpResult {
  var run = BottomUp(work, options, context)
  return try run.run(parts)
}

/// One run.
private struct BottomUp {
  let graph: CommunityGraph
  let options: BottomUpOptions
  let context: RunContext
  var notes: [String]
  var spectrum = SpectralSummary()

  init(_ graph: CommunityGraph, _ options: BottomUpOptions, _ context: RunContext) {
    self.graph = graph
    self.options = options
    self.context = context
    notes = graph.notes
  }

  mutating func run(_ parts: ComponentParts) throws(MillError) -> BottomUpResult {
    guard graph.nodeCount > 0 else {
      notes.append("no edges: one community")
      return withoutEdges()
    }
    if parts.smallCount > 0 {
      notes.append("\(parts.smallCount) components of fewer than \(options.minimumComponent) nodes are leaves")
    }
    let isDegreeCorrected = options.isDegreeCorrected ?? graph.isDispersed
    let refinement = options.refinement ?? (isDegreeCorrected ? .leaves : .levels)
    let split = try EdgeSplit(graph, share: options.heldOutShare, seed: options.seed, context)
    // The part that is clustered: all of its edges, those that the first stage sees, those that groups are linked by.
    let whole = try parts.core(of: graph, context)
    let seen = split.isSplit ? try parts.core(of: split.first, context) : whole
    let linked = split.isSplit && options.linkedEdges == .heldOut ? try parts.core(of: split.second, context) : whole
    var labels = try clustered(seen)
    if refinement != .none { labels = try refined(seen, labels, isDegreeCorrected) }
    if options.isRecursive, options.communities == nil {
      labels = try recounted(seen, labels, refinement != .none, isDegreeCorrected)
    }
    labels = LabelNumbering.byFirstNode(labels)
    var (links, tree) = try link(linked, labels)
    if refinement == .levels, tree.leafCount > 1 {
      let moved = try Refinement.nested(
        whole, tree: tree, leaves: labels, isDegreeCorrected: isDegreeCorrected, threads: context.threads,
        context: context)
      if moved != labels, Set(moved).count == tree.leafCount {
        labels = LabelNumbering.byFirstNode(moved)
        (links, tree) = try link(linked, labels)
      }
    }
    return try finish(parts, labels, links, isDegreeCorrected)
  }

  private func link(_ graph: CommunityGraph, _ labels: [Int32]) throws(MillError) -> (GroupLinks, CommunityTree) {
    let count = Int(labels.max() ?? 0) + 1
    let links = try GroupLinks(graph, labels: labels, count: count, threads: context.threads)
    return (links, links.linkageTree(options.linkage))
  }

  /// Labels of the core's nodes by the first stage.
  private mutating func clustered(_ core: CommunityGraph) throws(MillError) -> [Int32] {
    let n = core.nodeCount
    var wanted = options.communities
    if let asked = wanted, asked > n {
      notes.append("only \(n) nodes have edges: \(asked) communities became \(n)")
      wanted = n
    }
    let stage = try SpectralStage.run(
      core, wanted: wanted, options: options.spectral, seed: options.seed, context: context)
    spectrum = stage.summary
    if !(spectrum.rho > 1) {
      notes.append("the graph is a tree or a ring (rho \(spectrum.rho)): no evidence of groups")
    }
    if spectrum.isRadiusRaised {
      notes.append("the heaviest edges outdo the mean: r was raised above their weight, and the count may be too small")
    }
    if spectrum.isCapped { notes.append("there may be more than \(options.spectral.maximumCount) communities") }
    if !spectrum.isConverged { notes.append("the eigensolver stopped at its limit; the count may be too small") }
    if let wanted, wanted > max(1, spectrum.plainCount) {
      notes.append(
        "\(wanted) communities asked for, \(max(1, spectrum.plainCount)) detectable: upper levels may suffer")
    }
    if spectrum.disassortativeCount > 0 {
      notes.append("\(spectrum.disassortativeCount) eigenvalues speak for groups that avoid each other")
    }
    context.progress?.begin("k-means", total: nil, unit: .items)
    defer { context.progress?.end() }
    return try KMeans.run(
      stage.rows, count: n, stride: stage.stride, dimensions: stage.dimensions, clusters: spectrum.count,
      starts: options.starts, seed: options.seed, threads: context.threads)
  }

  private func refined(
    _ core: CommunityGraph, _ labels: [Int32], _ isDegreeCorrected: Bool
  ) throws(MillError) -> [Int32] {
    let count = Int(labels.max() ?? 0) + 1
    guard count > 1 else { return labels }
    context.progress?.begin("refine leaves", total: nil, unit: .items)
    defer { context.progress?.end() }
    var refinement = try Refinement(
      core, labels: labels, groups: count, isDegreeCorrected: isDegreeCorrected, threads: context.threads)
    try refinement.run(context)
    return refinement.result
  }

  /// Labels after a second count inside each group.
  private mutating func recounted(
    _ core: CommunityGraph, _ labels: [Int32], _ isRefined: Bool, _ isDegreeCorrected: Bool
  ) throws(MillError) -> [Int32] {
    var recount = GroupRecount(
      core, options, isDegreeCorrected: isDegreeCorrected, isRefined: isRefined, context)
    let result = try recount.split(labels)
    spectrum.products += recount.products
    let (before, after) = (Int(labels.max() ?? -1) + 1, Int(result.max() ?? -1) + 1)
    if after > before { notes.append("\(before) groups became \(after) by counting again inside each") }
    return result
  }

  private func withoutEdges() -> BottomUpResult {
    let n = graph.inputNodeCount
    let isLeaf = options.isolated != .drop
    return BottomUpResult(
      hierarchy: CommunityHierarchy(
        tree: .single(size: isLeaf ? n : 0, density: 0), leaves: [Int32](repeating: isLeaf ? 0 : -1, count: n)),
      spectrum: spectrum, links: GroupLinks(sizes: [isLeaf ? n : 0], links: [0]), isDegreeCorrected: false,
      notes: notes)
  }

  /// Puts the small components and the nodes without edges beside the groups of the core.
  private func finish(
    _ parts: ComponentParts, _ core: [Int32], _ coreLinks: GroupLinks, _ isDegreeCorrected: Bool
  ) throws(MillError) -> BottomUpResult {
    let coreCount = coreLinks.count
    let all = parts.labels(core: core)
    let labels = LabelNumbering.byFirstNode(all)
    // The leaf of each group of the core, ascending since both count by first nodes.
    var numbers = [Int32](repeating: -1, count: coreCount)
    for (node, label) in all.enumerated() where label < coreCount { numbers[Int(label)] = labels[node] }
    var sizes = [Int](repeating: 0, count: coreCount + parts.smallCount)
    for label in labels { sizes[Int(label)] += 1 }
    var inside = [UInt64](repeating: 0, count: sizes.count)
    if parts.smallCount > 0 {
      for node in 0..<graph.nodeCount where all[node] >= coreCount {
        for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node + 1])
        where unsafe Int(graph.targets[e]) > node {
          unsafe inside[Int(labels[node])] += graph.weights?.base[e] ?? 1
        }
      }
    }
    var leaves = graph.expanded(labels)
    let lone = graph.inputNodeCount - graph.nodeCount
    if options.isolated != .drop, lone > 0 {
      let home = options.isolated == .leaf ? sizes.count : sizes.firstIndex(of: sizes.max()!)!
      if options.isolated == .leaf {
        sizes.append(0)
        inside.append(0)
      }
      sizes[home] += lone
      for i in leaves.indices where leaves[i] < 0 { leaves[i] = Int32(home) }
    }
    let placed = coreLinks.placed(at: numbers, sizes: sizes, inside: inside)
    context.progress?.begin("link", total: options.replicates, unit: .items)
    defer { context.progress?.end() }
    let tree = try coreTree(coreLinks.resized(numbers.map { sizes[Int($0)] })).beside(placed, at: numbers)
    return BottomUpResult(
      hierarchy: CommunityHierarchy(tree: tree, leaves: leaves), spectrum: spectrum, links: placed,
      isDegreeCorrected: isDegreeCorrected, notes: notes)
  }

  private func coreTree(_ links: GroupLinks) throws(MillError) -> CommunityTree {
    var tree = links.linkageTree(options.linkage)
    if options.replicates > 0 {
      tree.confidences = try links.mergeConfidence(
        of: tree, rule: options.linkage, replicates: options.replicates, seed: options.seed, context: context)
    }
    return tree
  }
}

extension CommunityTree {
  /// This tree of some groups, and all other groups joined to it one by one at similarity 0.
  ///
  /// - Parameters:
  ///   - links: Sizes and densities of all groups.
  ///   - numbers: The number of each leaf of this tree among all groups.
  fileprivate func beside(_ links: GroupLinks, at numbers: [Int32]) -> CommunityTree {
    let count = links.count
    let others = count - leafCount
    guard others > 0, let root else { return self }
    var isOwn = [Bool](repeating: false, count: count)
    for number in numbers { isOwn[Int(number)] = true }
    /// The number of a node of this tree.
    func moved(_ node: Int) -> Int { node < leafCount ? Int(numbers[node]) : node + others }
    let inner = nodeCount - leafCount
    var parents = [Int32](repeating: -1, count: count + inner + others)
    var similarities = (0..<count).map { links.density($0, $0) }
    for node in 0..<nodeCount where self.parents[node] >= 0 {
      parents[moved(node)] = Int32(moved(Int(self.parents[node])))
    }
    for node in innerNodes { similarities.append(self.similarities[node]) }
    var top = moved(root)
    var next = count + inner
    for group in 0..<count where !isOwn[group] {
      parents[top] = Int32(next)
      parents[group] = Int32(next)
      similarities.append(0)
      top = next
      next += 1
    }
    var tree = CommunityTree(
      uncheckedLeaves: count, parents: parents, leafSizes: links.sizes, similarities: similarities)
    if let confidences {
      var all = [Double](repeating: 1, count: tree.nodeCount)
      for node in 0..<nodeCount { all[moved(node)] = confidences[node] }
      tree.confidences = all
    }
    return tree
  }
}
