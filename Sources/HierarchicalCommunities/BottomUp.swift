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
/// Starts and descriptions are those of the 0/1 graph, except that Leiden's groups and the links count weights.
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
  var spectrum: SpectralSummary?
  var linkage = LinkageRule.average
  var isDegreeCorrected = false
  /// The shortest length by a star of all partitions that were looked at; nil where none was.
  var bestFlat: Double?

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
    var (links, tree) = try link(linked, labels)
    let refinement = options.refinement ?? (isDegreeCorrected ? .leaves : .levels)
    if refinement == .levels, isSpectral, tree.leafCount > 1 {
      let moved = try Refinement.nested(
        whole, tree: tree, leaves: labels, isDegreeCorrected: isDegreeCorrected, threads: context.threads,
        context: context)
      if moved != labels, Set(moved).count == tree.leafCount {
        labels = LabelNumbering.byFirstNode(moved)
        (links, tree) = try link(linked, labels)
      }
    }
    let lengths = try lengths(whole, split.isSplit ? nil : links, tree, labels)
    return try finish(parts, labels, links, lengths)
  }

  /// Labels of the core's nodes, and whether they are the spectrum's.
  private mutating func found(
    _ core: CommunityGraph, _ parts: ComponentParts, _ isDispersed: Bool
  ) throws(MillError) -> (labels: [Int32], isSpectral: Bool) {
    let n = core.nodeCount
    var wanted = options.communities
    if let asked = wanted, asked > n {
      notes.append("only \(n) nodes have edges: \(asked) communities became \(n)")
      wanted = n
    }
    if options.start == .spectral { return (try spectralLabels(core, wanted)!, true) }
    let isLarge = n > Self.largeSize
    let search = try PartitionSearch(core, isDispersed: isDispersed, seed: options.seed, context: context)
    var spectral: [Int32]?
    // On a large graph one witness is asked: of even degrees the spectrum, which near the limit of detection sees groups
    // that no description pays for; of uneven ones the descriptions, which hubs do not mislead.
    if options.start == .automatic, !(isLarge && isDispersed), wanted ?? 1 <= SpectralOptions.largestCount {
      spectral = try spectralLabels(core, wanted)
      // What only weights show is in no description of the 0/1 graph.
      let isWeighted = options.spectral.weights == .weighted && core.weights != nil
      if let spectral, isWeighted || isLarge {
        let isTrusted = try isWeighted ? true : search.pays(for: spectral)
        if isTrusted { return (spectral, true) }
      }
    }
    context.progress?.begin("describe", total: nil, unit: .items)
    defer { context.progress?.end() }
    let result: PartitionSearch.Result
    if case .labels(let given) = options.start {
      result = try search.run(from: parts.coreLabels(graph.restricted(given)), groups: wanted)
    } else if wanted == nil, core.arcCount <= 2 * n {
      // A tree or a ring falls into pieces at any edge: descriptions by pieces are short, and say nothing of communities.
      result = try search.whole()
    } else {
      let counted = spectrum.map { $0.isCapped ? 2 : $0.count } ?? 1
      result = try search.run(spectral: spectral, counted: counted, groups: wanted)
    }
    bestFlat = result.bestStar
    return (result.partition.numbered, result.isSpectral)
  }

  /// Nodes above which the spectrum and descriptions are not both asked.
  private static let largeSize = 20_000

  /// Groups by the spectrum; nil where another start is at hand and the count ended at its limit: it then says "many", and
  /// the groups are wrong ones.
  private mutating func spectralLabels(_ core: CommunityGraph, _ wanted: Int?) throws(MillError) -> [Int32]? {
    let stage = try SpectralStage.run(
      core, wanted: wanted, options: options.spectral, seed: options.seed, context: context)
    spectrum = stage.summary
    noteSpectrum(stage.summary, wanted)
    if stage.summary.isCapped, options.start != .spectral { return nil }
    var labels = try clustered(stage, core.nodeCount)
    let isRefined = options.refinement != RefinementScope.none
    if isRefined { labels = try refined(core, labels, isDegreeCorrected) }
    if options.isRecursive, wanted == nil { labels = try recounted(core, labels, isRefined, isDegreeCorrected) }
    return labels
  }

  /// How long the core is by what was found, and what that says.
  private mutating func lengths(
    _ core: CommunityGraph, _ links: GroupLinks?, _ tree: CommunityTree, _ labels: [Int32]
  ) throws(MillError) -> DescriptionLengths {
    let count = tree.leafCount
    let counts =
      try core.weights == nil && links != nil
      ? links! : GroupLinks(core.withoutWeights(), labels: labels, count: count, threads: context.threads)
    let lengths = DescriptionLengths(counts, tree: tree, bestFlat: bestFlat)
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
    return (links, links.linkageTree(linkage))
  }

  private mutating func noteSpectrum(_ spectrum: SpectralSummary, _ wanted: Int?) {
    if !(spectrum.rho > 1) {
      notes.append("the graph is a tree or a ring (rho \(spectrum.rho)): no evidence of groups")
    }
    if spectrum.isRadiusRaised {
      notes.append("the heaviest edges outdo the mean: r was raised above their weight, and the count may be too small")
    }
    if spectrum.isCapped {
      notes.append("there may be more than \(options.spectral.maximumCount) communities in the spectrum")
    }
    if !spectrum.isConverged { notes.append("the eigensolver stopped at its limit; the count may be too small") }
    if let wanted, wanted > max(1, spectrum.plainCount) {
      notes.append(
        "\(wanted) communities asked for, \(max(1, spectrum.plainCount)) detectable: upper levels may suffer")
    }
    if spectrum.disassortativeCount > 0 {
      notes.append("\(spectrum.disassortativeCount) eigenvalues speak for groups that avoid each other")
    }
  }

  /// Labels of the core's nodes by their rows of eigenvectors.
  private func clustered(_ stage: SpectralStage, _ n: Int) throws(MillError) -> [Int32] {
    context.progress?.begin("k-means", total: nil, unit: .items)
    defer { context.progress?.end() }
    return try KMeans.run(
      stage.rows, count: n, stride: stage.stride, dimensions: stage.dimensions, clusters: stage.summary.count,
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
    spectrum?.products += recount.products
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
    var tree = links.linkageTree(linkage)
    if options.replicates > 0 {
      tree.confidences = try links.mergeConfidence(
        of: tree, rule: linkage, replicates: options.replicates, seed: options.seed, context: context)
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
    for leaf in 0..<leafCount { similarities[Int(numbers[leaf])] = self.similarities[leaf] }
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
