public import GraphStore
public import MillRuntime

/// How a hierarchy of communities is found.
public enum CommunityMethod: String, Sendable, CaseIterable, Codable {
  /// Small communities from the spectrum, linked by density: ``bottomUpCommunities(of:options:context:)``.
  case bottomUp = "bottom-up"
  /// Splits in two: ``topDownCommunities(of:options:context:)``.
  case topDown = "top-down"
  /// Merges of nodes by the sampling of pairs: ``parisHierarchy(of:options:context:)``.
  case paris
  /// Modularity, level by level: ``louvainCommunities(of:options:context:)``.
  case louvain
  /// Modularity or another quality, level by level, with well-connected groups: ``leidenCommunities(of:options:context:)``.
  case leiden

  /// In which order a tree of this method is cut: linkages undo their last merges, the others go level by level.
  public var cutOrder: CutOrder {
    switch self {
    case .bottomUp, .paris: .similarity
    case .topDown, .louvain, .leiden: .depth
    }
  }
}

/// The settings of ``communities(of:method:options:context:)``: those of each method.
public struct CommunityOptions: Sendable, Equatable, Codable {
  /// The bottom-up method's.
  public var bottomUp: BottomUpOptions
  /// The top-down method's.
  public var topDown: TopDownOptions
  /// Paris'.
  public var paris: ParisOptions
  /// Louvain's.
  public var louvain: LouvainOptions
  /// Leiden's.
  public var leiden: LeidenOptions

  /// Settings of each method; those of the others than the one used do not matter.
  public init(
    bottomUp: BottomUpOptions = .init(), topDown: TopDownOptions = .init(), paris: ParisOptions = .init(),
    louvain: LouvainOptions = .init(), leiden: LeidenOptions = .init()
  ) {
    self.bottomUp = bottomUp
    self.topDown = topDown
    self.paris = paris
    self.louvain = louvain
    self.leiden = leiden
  }

  /// The same settings with a seed for all methods that draw.
  public func seeded(_ seed: UInt64) -> CommunityOptions {
    var copy = self
    copy.bottomUp.seed = seed
    copy.topDown.seed = seed
    copy.louvain.seed = seed
    copy.leiden.seed = seed
    return copy
  }

  /// The same settings with one rule for the arcs of directed graphs.
  public func directed(_ direction: DirectionPolicy) -> CommunityOptions {
    var copy = self
    copy.bottomUp.direction = direction
    copy.topDown.direction = direction
    copy.paris.direction = direction
    copy.louvain.direction = direction
    copy.leiden.direction = direction
    return copy
  }

  fileprivate func direction(_ method: CommunityMethod) -> DirectionPolicy {
    switch method {
    case .bottomUp: bottomUp.direction
    case .topDown: topDown.direction
    case .paris: paris.direction
    case .louvain: louvain.direction
    case .leiden: leiden.direction
    }
  }
}

/// Finds a hierarchy of communities by one of five methods.
///
/// ```swift
/// let found = try communities(of: graph)
/// print(found)                                     // how many, of how many levels
/// let four = try found.labels(found.cut(intoGroups: 4))
/// let best = try communities(of: graph, method: .louvain).labels
/// ```
///
/// The graph is prepared once, for the method and for the measures of the result: made undirected and simple, nodes
/// without edges set aside.
///
/// - Parameters:
///   - graph: Any graph; directed, weighted, with loops and parallel edges, disconnected.
///   - method: How communities are found.
///   - options: Settings of the method.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `bad-weight`, `not-bipartite`, `over-budget`, `unsupported`, `interrupted`.
/// - Complexity: That of the method. The same result for every thread count.
public func communities(
  of graph: CSRGraph, method: CommunityMethod = .bottomUp, options: CommunityOptions = .init(),
  context: RunContext = .init()
) throws(MillError) -> CommunityResult {
  switch method {
  case .bottomUp: try options.bottomUp.check(nodeCount: graph.nodeCount)
  case .topDown: try options.topDown.check()
  case .louvain: try options.louvain.check()
  case .leiden: try options.leiden.check()
  case .paris: break
  }
  let work =
    switch method {
    case .bottomUp, .topDown, .paris:
      try CommunityGraph(
        graph, direction: options.direction(method), usesWeights: method != .bottomUp || options.bottomUp.usesWeights,
        context: context)
    case .louvain, .leiden:
      try CommunityGraph(
        graph, for: method == .louvain ? options.louvain.quality : options.leiden.quality,
        direction: options.direction(method), context: context)
    }
  let minimum = method == .bottomUp ? options.bottomUp.minimumComponent : ComponentParts.usualMinimum
  let parts = try ComponentParts(work, minimum: minimum, context)
  switch method {
  case .bottomUp:
    let found = try bottomUpCommunities(of: work, parts, options: options.bottomUp, context: context)
    var result = CommunityResult(method, found.hierarchy, found.notes, work, parts)
    result.spectrum = found.spectrum
    result.lengths = found.lengths
    result.links = found.links
    result.linkage = found.linkage
    // A graph of many components is more than a hundred groups for the spectrum, whatever they are made of.
    if parts.isScattered { result.usualCut = result.bestCut(.modularity) ?? result.usualCut }
    return result
  case .topDown:
    let found = try topDownCommunities(of: work, options: options.topDown, context: context)
    return CommunityResult(method, found.hierarchy, found.notes, work, parts)
  case .paris:
    let found = try parisHierarchy(of: work, context: context)
    var result = CommunityResult(method, found.hierarchy, found.notes, work, parts)
    result.usualCut = result.marking(found.cut)
    return result
  case .louvain:
    let found = try louvainCommunities(of: work, options: options.louvain, context: context)
    return levelResult(method, found.hierarchy, labels: found.labels, found.notes, work, parts)
  case .leiden:
    let found = try leidenCommunities(of: work, options: options.leiden, context: context)
    return levelResult(method, found.hierarchy, labels: found.labels, found.notes, work, parts)
  }
}

/// The result of a method whose tree has its groups right below the root.
private func levelResult(
  _ method: CommunityMethod, _ hierarchy: CommunityHierarchy, labels: [Int32], _ notes: [String],
  _ work: CommunityGraph, _ parts: ComponentParts
) -> CommunityResult {
  var result = CommunityResult(method, hierarchy, notes, work, parts)
  let groups = Set(labels.lazy.filter { $0 >= 0 }).count
  result.usualCut = result.marking(hierarchy.tree.cutAtMost(groups, order: method.cutOrder))
  return result
}
