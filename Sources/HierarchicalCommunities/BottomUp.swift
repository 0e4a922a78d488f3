import GraphKernels
public import GraphStore
public import MillRuntime

/// What ``bottomUpCommunities(of:options:context:)`` found.
public struct BottomUpResult: Sendable, Equatable {
  /// The tree of communities and the leaf of each node.
  public let hierarchy: CommunityHierarchy
  /// What the spectrum said; nil where the start did not ask it.
  public let spectrum: SpectralSummary?
  /// How long the graph is by one group, by the best flat partition, by the tree and by each of its levels.
  public let lengths: DescriptionLengths
  /// Edges between the leaves, in the order of the tree's leaves.
  public let links: GroupLinks
  /// How groups were linked.
  public let linkage: LinkageRule
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

/// Finds a hierarchy of communities from the bottom up: small communities first, then linked by the density of edges
/// between them.
///
/// Stage 1 looks for small communities in two ways. It counts them in the spectrum of the Bethe-Hessian and clusters its
/// eigenvectors; and it takes Leiden's groups at several resolutions, which need no count and may be thousands. Each start
/// is polished by merging groups and moving nodes as long as that shortens the description of the graph, and the start is
/// kept whose tree describes the graph best. Groups are then split again by their own edges alone, where that pays. On a
/// large graph of even degrees whose communities the spectrum could count, it is taken at its word. Stage 2 merges the
/// densest pair of groups until one is left. Where the spectrum's groups were kept and degrees are even, nodes are then
/// moved where a block model's likelihood says so, level by level below the parents. Small components take no part: each is
/// a leaf, and they join the tree last.
///
/// The spectrum is that of the 0/1 graph. Leiden's groups and the links count weights, and descriptions count their ranks:
/// which edges are heavier than which.
///
/// ```swift
/// let found = try bottomUpCommunities(of: graph)
/// print(found, found.labels[0], found.lengths.tree)
/// ```
///
/// - Parameters:
///   - graph: Any graph; directed, weighted, with loops and parallel edges, disconnected. See the options.
///   - options: Number of communities, linkage, refinement.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `bad-weight`, `over-budget`, `interrupted`.
/// - Complexity: O((n + m) · columns) for some 100 products; two blocks of n · columns floats, columns about the number of
///   communities and a third more. Then O(m) a resolution, as often as nodes are gone through. The same bits for every
///   thread count.
/// - Source: Dreveton, Kuroda, Grossglauser, Thiran, "When does bottom-up beat top-down in hierarchical community
///   detection?", JASA 2026 (arXiv 2306.00833), algorithm 1; the starts without the spectrum, their choice by description
///   length and refinement depth by depth are ours.
public func bottomUpCommunities(
  of graph: CSRGraph, options: BottomUpOptions = .init(), context: RunContext = .init()
) throws(MillError) -> BottomUpResult {
  try bottomUpCommunities(of: graph, options: options, steps: .all, context: context)
}

/// The same with some steps of the search left out, for experiments.
package func bottomUpCommunities(
  of graph: CSRGraph, options: BottomUpOptions, steps: SearchSteps, context: RunContext
) throws(MillError) -> BottomUpResult {
  try options.check(nodeCount: graph.nodeCount)
  let work = try CommunityGraph(
    graph, direction: options.direction, usesWeights: options.usesWeights, context: context)
  let parts = try ComponentParts(work, minimum: options.minimumComponent, context)
  return try bottomUpCommunities(of: work, parts, options: options, steps: steps, context: context)
}

func bottomUpCommunities(
  of work: CommunityGraph, _ parts: ComponentParts, options: BottomUpOptions, steps: SearchSteps = .all,
  context: RunContext
) throws(MillError) -> BottomUpResult {
  var run = BottomUp(work, options, steps, context)
  return try run.run(parts)
}

/// One run.
struct BottomUp {
  let graph: CommunityGraph
  let options: BottomUpOptions
  let steps: SearchSteps
  let context: RunContext
  var notes: [String]
  var spectrum: SpectralSummary?
  var linkage = LinkageRule.average
  var isDegreeCorrected = false
  /// The groups of nodes that were found before they were split to the number asked for; nil where none was split.
  var wholes: [Int32]?
  /// The same for groups of the labels.
  var wholeOfGroup: [Int32]?
  /// The shortest length by a star of all partitions that were looked at; nil where none was.
  var bestFlat: Double?

  init(_ graph: CommunityGraph, _ options: BottomUpOptions, _ steps: SearchSteps, _ context: RunContext) {
    self.graph = graph
    self.options = options
    self.steps = steps
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
    try noteSides()
    let isDispersed = graph.isDispersed
    isDegreeCorrected = options.isDegreeCorrected ?? isDispersed
    linkage = options.linkage ?? (isDispersed ? .volume : .average)
    let split = try EdgeSplit(graph, share: options.heldOutShare, seed: options.seed, context)
    // The part that is clustered: all of its edges, those that the first stage sees, those that groups are linked by.
    let whole = try parts.core(of: graph, context)
    let seen = split.isSplit ? try parts.core(of: split.first, context) : whole
    let linked = split.isSplit && options.linkedEdges == .heldOut ? try parts.core(of: split.second, context) : whole
    var (labels, isSpectral) = try found(seen, parts, isDispersed)
    labels = LabelNumbering.byFirstNode(labels)
    wholeOfGroup = wholes.map { Self.ofGroups(labels, LabelNumbering.byFirstNode($0)) }
    var (links, tree) = try link(linked, labels)
    let refinement = options.refinement ?? (isDegreeCorrected ? .leaves : .levels)
    if refinement == .levels, isSpectral, tree.leafCount > 1 {
      let moved = try Refinement.nested(
        whole, tree: tree, leaves: labels, isDegreeCorrected: isDegreeCorrected, threads: context.threads,
        context: context)
      if moved != labels, Set(moved).count == tree.leafCount {
        labels = LabelNumbering.byFirstNode(moved)
        if let known = wholeOfGroup { wholeOfGroup = Self.ofGroups(labels, moved.map { known[Int($0)] }) }
        (links, tree) = try link(linked, labels)
      }
    }
    let lengths = try lengths(whole, split.isSplit ? nil : links, tree, labels)
    return try finish(parts, labels, links, lengths)
  }

  /// Says where a graph that is more than a tree or a ring has two sides.
  private mutating func noteSides() throws(MillError) {
    guard graph.arcCount > 2 * graph.nodeCount else { return }
    if try bipartition(of: graph.graph, context: context).isBipartite {
      notes.append("bipartite: nodes of both sides are clustered together; a projection has groups of one side alone")
    }
  }

  /// How long the core is by what was found, and what that says.
  private mutating func lengths(
    _ core: CommunityGraph, _ links: GroupLinks?, _ tree: CommunityTree, _ labels: [Int32]
  ) throws(MillError) -> DescriptionLengths {
    let count = tree.leafCount
    func counted(_ graph: CommunityGraph) throws(MillError) -> GroupLinks {
      try GroupLinks(graph, labels: labels, count: count, threads: context.threads)
    }
    let counts = try core.weights == nil && links != nil ? links! : counted(core.withoutWeights())
    let ranked = try core.rankedByWeight().map { (graph) throws(MillError) in try counted(graph) }
    let lengths = DescriptionLengths(counts, ranked: ranked, tree: tree, bestFlat: bestFlat)
    if count == 1, bestFlat != nil {
      notes.append("one group is the shortest description of the graph: no communities")
    } else if count > 1, lengths.oneGroup <= lengths.tree {
      notes.append("one group would be a shorter description: it is the spectrum that speaks for communities")
    }
    return lengths
  }

  private func link(_ graph: CommunityGraph, _ labels: [Int32]) throws(MillError) -> (GroupLinks, CommunityTree) {
    let count = Int(labels.max() ?? 0) + 1
    let links = try GroupLinks(graph, labels: labels, count: count, threads: context.threads)
    return (links, links.linkageTree(linkage, partsOf: wholeOfGroup))
  }

  /// A figure of each group from the same figure of its nodes.
  private static func ofGroups(_ labels: [Int32], _ figures: [Int32]) -> [Int32] {
    var result = [Int32](repeating: 0, count: Int(labels.max() ?? -1) + 1)
    for (label, figure) in zip(labels, figures) { result[Int(label)] = figure }
    return result
  }

  private func withoutEdges() -> BottomUpResult {
    let n = graph.inputNodeCount
    let isLeaf = options.isolated != .drop
    return BottomUpResult(
      hierarchy: CommunityHierarchy(
        tree: .single(size: isLeaf ? n : 0, density: 0), leaves: [Int32](repeating: isLeaf ? 0 : -1, count: n)),
      spectrum: SpectralSummary(), lengths: DescriptionLengths(),
      links: GroupLinks(sizes: [isLeaf ? n : 0], links: [0]), linkage: .average, isDegreeCorrected: false, notes: notes)
  }

  /// Puts the small components and the nodes without edges beside the groups of the core.
  private func finish(
    _ parts: ComponentParts, _ core: [Int32], _ coreLinks: GroupLinks, _ lengths: DescriptionLengths
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
      hierarchy: CommunityHierarchy(tree: tree, leaves: leaves), spectrum: spectrum, lengths: lengths, links: placed,
      linkage: linkage, isDegreeCorrected: isDegreeCorrected, notes: notes)
  }

  private func coreTree(_ links: GroupLinks) throws(MillError) -> CommunityTree {
    var tree = links.linkageTree(linkage, partsOf: wholeOfGroup)
    if options.replicates > 0 {
      tree.confidences = try links.mergeConfidence(
        of: tree, rule: linkage, replicates: options.replicates, seed: options.seed, context: context)
    }
    return tree
  }
}
