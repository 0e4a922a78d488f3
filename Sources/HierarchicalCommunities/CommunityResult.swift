public import MillRuntime

/// What ``communities(of:method:options:context:)`` found.
public struct CommunityResult: Sendable {
  /// The method.
  public let method: CommunityMethod
  /// The tree, and the leaf of each node.
  public private(set) var hierarchy: CommunityHierarchy
  /// What the user should know, one sentence each.
  public let notes: [String]
  /// What the spectrum said; bottom-up only, where it was asked.
  public internal(set) var spectrum: SpectralSummary?
  /// How long the graph is by one group, by the best flat partition, by the tree and by each of its levels; bottom-up
  /// only.
  public internal(set) var lengths: DescriptionLengths?
  /// Edges between the leaves of the tree; bottom-up only.
  public internal(set) var links: GroupLinks?
  /// The flat cut that the method usually gives: all leaves of the bottom-up and the top-down tree (of a graph that falls
  /// apart the bottom-up cut of the largest modularity), the last level of Louvain and Leiden, for Paris the merges that raise
  /// modularity.
  public internal(set) var usualCut: TreeCut
  /// Leaves of the tree that are small components, or of nodes without edges: they are groups of their own beside those
  /// that a cut counts. Empty where there are none, or where they are most of the graph.
  public let leavesAside: [Bool]
  var linkage: LinkageRule?
  private let work: CommunityGraph

  init(
    _ method: CommunityMethod, _ hierarchy: CommunityHierarchy, _ notes: [String], _ work: CommunityGraph,
    _ parts: ComponentParts
  ) {
    self.method = method
    self.hierarchy = hierarchy
    self.notes = notes
    self.work = work
    leavesAside = Self.leavesAside(hierarchy, work, parts)
    usualCut = hierarchy.tree.cutAtMost(.max, order: method.cutOrder, aside: leavesAside)
  }

  private static func leavesAside(
    _ hierarchy: CommunityHierarchy, _ work: CommunityGraph, _ parts: ComponentParts
  ) -> [Bool] {
    guard parts.isMostlyCore, parts.smallCount > 0 || work.nodeCount < work.inputNodeCount else { return [] }
    var isAside = [Bool](repeating: true, count: hierarchy.tree.leafCount)
    for (node, leaf) in work.restricted(hierarchy.leaves).enumerated() where leaf >= 0 && !parts.isSmall(node) {
      isAside[Int(leaf)] = false
    }
    return isAside.contains(true) && isAside.contains(false) ? isAside : []
  }

  /// The group of each node in the usual cut, shape `[n]`; -1 for nodes without edges that were set aside.
  public var labels: [Int32] { hierarchy.labels(usualCut) }

  /// The group of each node in a cut.
  public func labels(_ cut: TreeCut) -> [Int32] { hierarchy.labels(cut) }

  /// Exactly `count` groups, small components not counted.
  ///
  /// - Throws: `MillError` of kind `bad-option` when the tree has no such cut.
  public func cut(intoGroups count: Int) throws(MillError) -> TreeCut {
    try hierarchy.tree.cut(intoGroups: count, order: method.cutOrder, aside: leavesAside)
  }

  /// As many groups as possible without going over `count`, small components not counted.
  public func cutAtMost(_ count: Int) -> TreeCut {
    hierarchy.tree.cutAtMost(count, order: method.cutOrder, aside: leavesAside)
  }

  /// The best of all cuts that undo the last merges, small components left out; nil for methods other than bottom-up.
  ///
  /// - Complexity: O(K³) for K groups that are not small components.
  public func bestCut(_ criterion: CutCriterion) -> TreeCut? {
    guard let core = linked else { return nil }
    return cutAtMost(core.tree.bestCut(criterion, links: core.links).count)
  }

  /// A cut that was made without regard to small components, with its groups of them marked.
  func marking(_ cut: TreeCut) -> TreeCut { TreeCut(cut.nodes, in: hierarchy.tree, aside: leavesAside) }

  /// The modularity of a cut in the graph.
  ///
  /// - Complexity: O(n + m).
  public func modularity(_ cut: TreeCut) -> Double { work.modularity(of: hierarchy.labels(cut)) }

  /// How well the tree fits the edges of the graph.
  ///
  /// - Complexity: O(n + m log height).
  public func fit() -> HierarchyFit { work.fit(of: hierarchy) }

  /// Compares the cut into as many groups as the truth has, or all leaves where there are fewer, with the truth.
  ///
  /// - Parameter truth: The true group of each node, shape `[n]`; negative ones do not count.
  /// - Throws: `MillError` of kind `bad-option` when lengths differ.
  public func score(against truth: [Int32]) throws(MillError) -> DepthScore {
    let groups = Set(truth.lazy.filter { $0 >= 0 }).count
    return try hierarchy.score(cutAtMost(max(1, groups)), against: truth)
  }

  /// Which levels could be recovered without error, by the densities between the communities found; nil for methods other
  /// than bottom-up, for one community and for very many.
  ///
  /// - Complexity: O(K³).
  public func recoveryThresholds() -> RecoveryThresholds? {
    guard let core = linked, core.links.count > 1 else { return nil }
    return RecoveryThresholds(core.links, tree: core.tree)
  }

  /// How clearly each merge was the right one, one value a tree node; nil where groups were not linked by average
  /// or volume.
  public func mergeGaps() -> [Double]? {
    guard let links, links.count == hierarchy.tree.leafCount else { return nil }
    switch linkage {
    case .average: return links.mergeGaps(of: hierarchy.tree)
    case .volume: return links.resized(links.linkedVolumes).mergeGaps(of: hierarchy.tree)
    default: return nil
    }
  }

  /// The links and the tree of the leaves that are not aside, which join last.
  private var linked: (links: GroupLinks, tree: CommunityTree)? {
    let tree = hierarchy.tree
    guard let links, links.count == tree.leafCount else { return nil }
    let leaves = (0..<tree.leafCount).filter { leavesAside.isEmpty || !leavesAside[$0] }
    return (links.keeping(leaves), tree.spanning(leaves))
  }

  /// The same result with merges of low confidence dissolved: their children become those of the next merge above.
  public func collapsed(below confidence: Double) -> CommunityResult {
    var copy = self
    copy.hierarchy = CommunityHierarchy(tree: hierarchy.tree.collapsed(below: confidence), leaves: hierarchy.leaves)
    copy.usualCut = copy.cutAtMost(usualCut.count - usualCut.asideCount)
    return copy
  }
}

extension CommunityResult: CustomStringConvertible {
  /// The method, how many communities, in how many levels.
  public var description: String {
    "\(method.rawValue): a tree of \(hierarchy.tree.leafCount) leaves and \(hierarchy.tree.height) levels, usually cut "
      + "into \(usualCut.count - usualCut.asideCount) groups"
  }
}
