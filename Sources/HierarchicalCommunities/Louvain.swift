public import GraphStore
public import MillRuntime

/// The settings of ``louvainCommunities(of:options:context:)``.
public struct LouvainOptions: Sendable, Equatable, Codable {
  /// Which modularity is raised; the Potts models are Leiden's alone.
  public var quality: PartitionQuality
  /// gamma: larger makes more groups; above 0.
  public var resolution: Double
  /// Stop a level when a pass gains less modularity than this.
  public var tolerance: Double
  /// How a directed graph becomes undirected; without meaning for ``PartitionQuality/directedModularity``.
  public var direction: DirectionPolicy
  /// The seed of the order in which nodes are visited.
  public var seed: UInt64

  /// Settings; without arguments modularity without directions at resolution 1.
  public init(
    quality: PartitionQuality = .modularity, resolution: Double = 1, tolerance: Double = 1e-7,
    direction: DirectionPolicy = .union, seed: UInt64 = 42
  ) {
    self.quality = quality
    self.resolution = resolution
    self.tolerance = tolerance
    self.direction = direction
    self.seed = seed
  }

  func check() throws(MillError) {
    guard quality.isModularity else {
      throw MillError(
        .badOption, "Louvain raises a modularity", field: quality.rawValue, hint: "Leiden's method maximizes it")
    }
    guard resolution > 0, resolution.isFinite, tolerance >= 0 else {
      throw MillError(.badOption, "resolution must be above 0", field: "\(resolution)")
    }
  }
}

/// What ``louvainCommunities(of:options:context:)`` found.
public struct LouvainResult: Sendable, Equatable {
  /// Leaves are the groups of the first level; each level above joins groups of the one below; a root joins the last.
  public let hierarchy: CommunityHierarchy
  /// The groups of the last level, the partition that Louvain usually returns.
  public let labels: [Int32]
  /// The modularity of ``labels`` at the resolution.
  public let modularity: Double
  /// Levels found.
  public let levels: Int
  /// What the user should know.
  public let notes: [String]
}

extension LouvainResult: CustomStringConvertible {
  /// How many groups, and their modularity.
  public var description: String {
    "\((labels.max() ?? -1) + 1) groups of modularity \(modularity), found in \(levels) levels"
  }
}

/// Maximizes modularity by moving nodes, then groups, then groups of groups.
///
/// - Throws: `MillError`: `bad-option`, `bad-weight`, `not-bipartite`, `over-budget`, `interrupted`.
/// - Complexity: O(m) a pass, a few passes a level. One thread; the same result for every thread count.
/// - Source: Blondel, Guillaume, Lambiotte, Lefebvre, Journal of Statistical Mechanics P10008, 2008.
public func louvainCommunities(
  of graph: CSRGraph, options: LouvainOptions = .init(), context: RunContext = .init()
) throws(MillError) -> LouvainResult {
  try options.check()
  return try louvainCommunities(
    of: CommunityGraph(graph, for: options.quality, direction: options.direction, context: context), options: options,
    context: context)
}

func louvainCommunities(
  of work: CommunityGraph, options: LouvainOptions, context: RunContext
) throws(MillError) -> LouvainResult {
  guard work.nodeCount > 0 else {
    return LouvainResult(
      hierarchy: CommunityHierarchy(
        tree: .single(size: 0, density: 0), leaves: [Int32](repeating: -1, count: work.inputNodeCount)),
      labels: [Int32](repeating: -1, count: work.inputNodeCount), modularity: 0, levels: 0, notes: work.notes)
  }
  return options.quality == .modularity
    ? try louvainCommunities(of: work, lowest: LevelGraph<Double>(work), options: options, context: context)
    : try louvainCommunities(of: work, lowest: LevelGraph<ArcMass>(arcs: work), options: options, context: context)
}

private func louvainCommunities<Mass>(
  of work: CommunityGraph, lowest: LevelGraph<Mass>, options: LouvainOptions, context: RunContext
) throws(MillError) -> LouvainResult {
  var level = lowest
  let total = level.total
  let scale = options.resolution / max(total, 1)
  var partitions: [[Int32]] = []
  while true {
    try context.checkCancelled()
    context.progress?.begin("level \(partitions.count + 1)", total: nil, unit: .items)
    defer { context.progress?.end() }
    let labels = try FlatBuffer<UInt32>(uninitializedCount: level.nodeCount)
    let order = try FlatBuffer<UInt32>(uninitializedCount: level.nodeCount)
    for node in 0..<level.nodeCount { unsafe labels.base[node] = UInt32(truncatingIfNeeded: node) }
    for node in 0..<level.nodeCount { unsafe order.base[node] = UInt32(truncatingIfNeeded: node) }
    var random = CounterRandom(seed: options.seed, stage: "louvain-order", item: UInt64(partitions.count))
    unsafe random.shuffle(order.mutableElements)
    var moving = try LocalMoving(level, labels: labels, scale: scale)
    try moving.run(order: order, total: total, tolerance: options.tolerance, context: context)
    if moving.moves == 0, !partitions.isEmpty { break }
    let groups = LabelNumbering.byFirstNode(labels)
    let count = Int(groups.max()!) + 1
    for node in 0..<level.nodeCount { unsafe labels.base[node] = UInt32(groups[node]) }
    partitions.append(groups)
    level = try level.aggregated(labels, count: count)
    if count == groups.count { break }
  }
  let (hierarchy, labels) = levelHierarchy(partitions, work)
  return LouvainResult(
    hierarchy: hierarchy, labels: work.expanded(labels),
    modularity: level.excess(scale: scale) / total, levels: partitions.count,
    notes: work.notes)
}
