public import GraphStore
public import MillRuntime

/// The settings of ``bottomUpCommunities(of:options:context:)``.
public struct BottomUpOptions: Sendable, Equatable {
  /// Where nodes without edges go.
  public enum Isolated: String, Sendable, CaseIterable {
    /// Nowhere: their label is -1.
    case drop
    /// Into a leaf of their own that joins at similarity 0.
    case leaf
    /// Into the leaf of the most nodes (the first of several), whose densities count them.
    case largest
  }
  /// On which edges groups are linked when the graph is split.
  public enum LinkedEdges: String, Sendable, CaseIterable {
    /// On those that the first stage did not see.
    case heldOut = "held-out"
    /// On all.
    case all
  }

  /// The number of communities; nil to count them in the spectrum.
  public var communities: Int?
  /// The first stage.
  public var spectral = SpectralOptions()
  /// Whether communities are counted again inside each group, and groups that have some are split, as long as there are no
  /// more than the maximum; not where their number is given. It finds levels that the whole spectrum hides, in unbalanced
  /// trees above all, and over-splits groups of very unequal degrees; see the experiment hsbm-phases.
  public var isRecursive = false
  /// How groups are linked.
  public var linkage = LinkageRule.average
  /// Which labels are refined; nil for levels, or leaves where refinement corrects for degrees.
  public var refinement: RefinementScope?
  /// Whether refinement corrects for degrees; nil where their variance is more than 4 times their mean.
  public var isDegreeCorrected: Bool?
  /// Where nodes without edges go.
  public var isolated = Isolated.drop
  /// Components of fewer nodes than this, other than the largest, are leaves of their own; at least 1.
  public var minimumComponent = 25
  /// How a directed graph becomes undirected.
  public var direction = DirectionPolicy.union
  /// Whether weights count, in the links of groups; the first stage sees them only where `spectral.weights` says so, and
  /// refinement never.
  public var usesWeights = true
  /// The share of edges held out of the first stage, in 0..<1; 0 for none.
  public var heldOutShare = 0.0
  /// Where groups are linked when edges are held out.
  public var linkedEdges = LinkedEdges.heldOut
  /// Starts of k-means.
  public var starts = 5
  /// Resampled trees for the confidence of merges; 0 for none.
  public var replicates = 0
  /// The seed.
  public var seed: UInt64 = 42
  /// The defaults above.
  public init() {}
}

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
}

/// Finds a hierarchy of communities from the bottom up: small communities by spectral clustering, then linked by the
/// density of edges between them.
///
/// Stage 1 counts the communities in the spectrum of the Bethe-Hessian and clusters its eigenvectors; stage 2 merges the
/// densest pair of groups until one is left. Nodes are then moved where a block model's likelihood says so, leaves first,
/// then level by level below the parents.
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
  var run = BottomUp(work, options, context)
  return try run.run()
}

extension BottomUpOptions {
  fileprivate func check(nodeCount: Int) throws(MillError) {
    if let communities {
      guard communities >= 1 else {
        throw MillError(.badOption, "the number of communities must be at least 1", field: "\(communities)")
      }
      guard communities <= max(nodeCount, 1) else {
        throw MillError(
          .badOption, "more communities than the \(nodeCount) nodes of the graph", field: "\(communities)")
      }
      guard communities <= 120 else {
        throw MillError(.badOption, "at most 120 communities can be asked for", field: "\(communities)")
      }
    }
    guard spectral.maximumCount >= 1, spectral.maximumCount <= 120 else {
      throw MillError(
        .badOption, "the maximum of communities must be in 1...120", field: "\(spectral.maximumCount)")
    }
    guard spectral.weights == .none || (spectral.radius == .degrees && spectral.embedding == .oneShot) else {
      throw MillError(
        .badOption, "weights in the first stage go with the radius of degrees and the one-shot embedding only",
        field: spectral.weights.rawValue)
    }
    guard heldOutShare >= 0, heldOutShare < 1 else {
      throw MillError(.badOption, "the share of held-out edges must be in 0..<1", field: "\(heldOutShare)")
    }
    guard spectral.significance >= 0, spectral.tolerance > 0, minimumComponent >= 1, starts >= 1, replicates >= 0 else {
      throw MillError(.badOption, "an option of the bottom-up method is out of its range")
    }
  }
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

  mutating func run() throws(MillError) -> BottomUpResult {
    let n = graph.nodeCount
    guard n > 0 else {
      notes.append("no edges: one community")
      return try withoutEdges()
    }
    context.progress?.begin("communities", total: 4, unit: .items)
    defer { context.progress?.end() }
    let parts = try ComponentParts(graph, minimum: options.minimumComponent, context)
    if parts.smallCount > 0 {
      notes.append("\(parts.smallCount) components of fewer than \(options.minimumComponent) nodes are leaves")
    }
    let isDegreeCorrected = options.isDegreeCorrected ?? graph.isDispersed
    let refinement = options.refinement ?? (isDegreeCorrected ? .leaves : .levels)
    let seen = try EdgeSplit(graph, share: options.heldOutShare, seed: options.seed, context)
    var core = try clustered(parts.core(of: seen.first, context))
    context.progress?.advance(by: 1)
    if refinement != .none {
      core = try refined(parts.core(of: seen.first, context), core, isDegreeCorrected)
    }
    if options.isRecursive, options.communities == nil {
      core = try recounted(parts.core(of: seen.first, context), core, refinement != .none, isDegreeCorrected)
    }
    var labels = parts.labels(core: core)
    labels = LabelNumbering.byFirstNode(labels)
    context.progress?.advance(by: 1)
    let linked = options.linkedEdges == .all ? graph : seen.second
    var (links, tree) = try link(linked, labels)
    context.progress?.advance(by: 1)
    if refinement == .levels, tree.leafCount > 1 {
      let moved = try Refinement.nested(
        graph, tree: tree, leaves: labels, isDegreeCorrected: isDegreeCorrected, threads: context.threads,
        context: context)
      if moved != labels, Set(moved).count == tree.leafCount {
        labels = LabelNumbering.byFirstNode(moved)
        (links, tree) = try link(linked, labels)
      }
    }
    context.progress?.advance(by: 1)
    return finish(labels, links, tree, isDegreeCorrected)
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
    return try KMeans.run(
      stage.rows, count: n, stride: stage.stride, dimensions: stage.dimensions, clusters: spectrum.count,
      starts: options.starts, seed: options.seed, threads: context.threads)
  }

  private func refined(
    _ core: CommunityGraph, _ labels: [Int32], _ isDegreeCorrected: Bool
  ) throws(MillError) -> [Int32] {
    let count = Int(labels.max() ?? 0) + 1
    guard count > 1 else { return labels }
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

  private func withoutEdges() throws(MillError) -> BottomUpResult {
    let n = graph.inputNodeCount
    let isLeaf = options.isolated != .drop
    return BottomUpResult(
      hierarchy: CommunityHierarchy(
        tree: .single(size: isLeaf ? n : 0, density: 0), leaves: [Int32](repeating: isLeaf ? 0 : -1, count: n)),
      spectrum: spectrum, links: GroupLinks(sizes: [isLeaf ? n : 0], links: [0]), isDegreeCorrected: false,
      notes: notes)
  }

  private func finish(
    _ labels: [Int32], _ links: GroupLinks, _ tree: CommunityTree, _ isDegreeCorrected: Bool
  ) -> BottomUpResult {
    var (links, tree) = (links, tree)
    var leaves = graph.expanded(labels)
    let lone = graph.inputNodeCount - graph.nodeCount
    if options.isolated != .drop, lone > 0 {
      let home = options.isolated == .leaf ? links.count : links.sizes.firstIndex(of: links.sizes.max()!)!
      if options.isolated == .leaf { links = links.withLeaf }
      links.sizes[home] += lone
      for i in leaves.indices where leaves[i] < 0 { leaves[i] = Int32(home) }
      tree = links.linkageTree(options.linkage)
    }
    if options.replicates > 0 {
      tree.confidences = links.mergeConfidence(
        of: tree, rule: options.linkage, replicates: options.replicates, seed: options.seed)
    }
    return BottomUpResult(
      hierarchy: CommunityHierarchy(tree: tree, leaves: leaves), spectrum: spectrum, links: links,
      isDegreeCorrected: isDegreeCorrected, notes: notes)
  }
}

extension GroupLinks {
  /// The same counts and one more group, without nodes and edges.
  fileprivate var withLeaf: GroupLinks {
    var table = [UInt64](repeating: 0, count: (count + 1) * (count + 1))
    for a in 0..<count {
      for b in 0..<count { table[a * (count + 1) + b] = links[a * count + b] }
    }
    return GroupLinks(sizes: sizes + [0], links: table, unit: unit)
  }
}

extension CommunityGraph {
  /// Whether degrees vary so much that densities alone mislead: a variance of more than 4 times the mean, where a block
  /// model of equal groups has about the mean. A rule of thumb, chosen on half a dozen real graphs.
  var isDispersed: Bool {
    var squares = 0.0
    for i in 0..<nodeCount {
      let d = Double(offsets[i + 1] - offsets[i])
      squares += d * d
    }
    let mean = Double(arcCount) / Double(max(1, nodeCount))
    return squares / Double(max(1, nodeCount)) - mean * mean > 4 * mean
  }
}

/// Numbers for labels that do not depend on how they were found.
enum LabelNumbering {
  /// Labels renumbered in the order of their first nodes; negative ones stay.
  static func byFirstNode(_ labels: [Int32]) -> [Int32] {
    var numbers = [Int32](repeating: -1, count: Int(labels.max() ?? -1) + 1)
    var count: Int32 = 0
    return labels.map { label in
      guard label >= 0 else { return label }
      if numbers[Int(label)] < 0 {
        numbers[Int(label)] = count
        count += 1
      }
      return numbers[Int(label)]
    }
  }
}
