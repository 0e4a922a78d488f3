public import GraphStore
public import MillRuntime

/// What ``leidenCommunities(of:options:context:)`` maximizes.
public enum PartitionQuality: String, Sendable, CaseIterable, Codable {
  /// Modularity: weight inside groups beside what a graph with the same degrees would have by chance (Newman, Girvan, 2004;
  /// with a resolution Reichardt, Bornholdt, 2006).
  case modularity
  /// The same for arcs: the weight inside a group beside the product of what leaves it and what enters it (Leicht, Newman,
  /// 2008). Of an undirected graph it is ``modularity``.
  case directedModularity = "directed-modularity"
  /// The same for a graph of two sides, where links are expected between the sides only (Barber, 2007): groups hold nodes of
  /// both. The first side is that of the smallest node of every component.
  case bipartiteModularity = "bipartite-modularity"
  /// The constant Potts model: weight inside groups less the resolution for each pair of nodes in a group. It has no
  /// resolution limit: whether two groups are joined does not depend on the rest of the graph (Traag, Van Dooren,
  /// Nesterov, 2011).
  case cpm
  /// The model of Reichardt and Bornholdt beside a uniform random graph: the constant Potts model with the resolution in
  /// units of the graph's density.
  case rb

  /// Whether what is expected of two nodes is the product of their weights.
  var isModularity: Bool {
    switch self {
    case .modularity, .directedModularity, .bipartiteModularity: true
    case .cpm, .rb: false
    }
  }
}

/// The settings of ``leidenCommunities(of:options:context:)``.
public struct LeidenOptions: Sendable, Equatable, Codable {
  /// What is maximized.
  public var quality: PartitionQuality
  /// gamma: larger makes more groups; above 0. For ``PartitionQuality/cpm`` it is a density.
  public var resolution: Double
  /// Times that all levels are gone through, from what the time before has found; it ends sooner where one changes nothing.
  /// At least 1.
  public var iterations: Int
  /// How a directed graph becomes undirected; without meaning for ``PartitionQuality/directedModularity``.
  public var direction: DirectionPolicy
  /// The seed of the order in which nodes are visited.
  public var seed: UInt64

  /// Settings; without arguments modularity at resolution 1, two iterations.
  public init(
    quality: PartitionQuality = .modularity, resolution: Double = 1, iterations: Int = 2,
    direction: DirectionPolicy = .union, seed: UInt64 = 42
  ) {
    self.quality = quality
    self.resolution = resolution
    self.iterations = iterations
    self.direction = direction
    self.seed = seed
  }

  func check() throws(MillError) {
    guard resolution > 0, resolution.isFinite else {
      throw MillError(.badOption, "resolution must be above 0", field: "\(resolution)")
    }
    guard iterations >= 1 else {
      throw MillError(.badOption, "the number of iterations must be at least 1", field: "\(iterations)")
    }
  }
}

/// What ``leidenCommunities(of:options:context:)`` found.
public struct LeidenResult: Sendable, Equatable {
  /// Leaves are the refined groups of the lowest level; each level above joins groups of the one below; a root joins the
  /// last.
  public let hierarchy: CommunityHierarchy
  /// The groups, shape `[n]`, numbered by their first nodes; -1 for nodes without edges.
  public let labels: [Int32]
  /// What was maximized. Modularity; for the others the weight inside groups less the resolution (for
  /// ``PartitionQuality/rb`` times the density) for each pair of nodes in a group.
  public let quality: Double
  /// The modularity of ``labels`` at resolution 1; directed or bipartite where that was maximized.
  public let modularity: Double
  /// Iterations made.
  public let iterations: Int
  /// Whether the last iteration changed nothing: then no node, and no part of a group that Leiden can see, gains by moving.
  public let isStable: Bool
  /// What the user should know.
  public let notes: [String]
}

extension LeidenResult: CustomStringConvertible {
  /// How many groups, and their modularity.
  public var description: String {
    "\((labels.max() ?? -1) + 1) groups of modularity \(modularity), found in \(iterations) iterations"
  }
}

/// Maximizes the quality of a partition by moving nodes, splitting what they make into well-connected parts, and moving
/// those.
///
/// Every group that comes out is connected, also in the stronger sense that it can be built by joining parts that have at
/// least `gamma` times the links that the null model expects between them; and no two groups gain by merging. Louvain
/// guarantees neither: its groups may even fall apart.
///
/// ```swift
/// let found = try leidenCommunities(of: graph, options: LeidenOptions(resolution: 2))
/// print(found, found.isStable, found.labels[0])
/// ```
///
/// - Parameters:
///   - graph: Any graph; directed, weighted, with loops and parallel edges, disconnected. Weights count.
///   - options: Quality, resolution, iterations.
///   - context: Progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `bad-weight`, `not-bipartite`, `over-budget`, `interrupted`.
/// - Complexity: O(m) for each time that the nodes of a level are gone through, a few an iteration; some 60 bytes a node.
///   One thread; the same result for every thread count.
/// - Source: Traag, Waltman, van Eck, "From Louvain to Leiden: guaranteeing well-connected communities", Scientific Reports
///   9, 5233, 2019; Leicht, Newman, "Community structure in directed networks", Physical Review Letters 100, 118703, 2008;
///   Barber, "Modularity and community detection in bipartite networks", Physical Review E 76, 066102, 2007.
public func leidenCommunities(
  of graph: CSRGraph, options: LeidenOptions = .init(), context: RunContext = .init()
) throws(MillError) -> LeidenResult {
  try options.check()
  return try leidenCommunities(
    of: CommunityGraph(graph, for: options.quality, direction: options.direction, context: context), options: options,
    context: context)
}

func leidenCommunities(
  of work: CommunityGraph, options: LeidenOptions, context: RunContext
) throws(MillError) -> LeidenResult {
  guard work.nodeCount > 0 else {
    let none = [Int32](repeating: -1, count: work.inputNodeCount)
    return LeidenResult(
      hierarchy: CommunityHierarchy(tree: .single(size: 0, density: 0), leaves: none), labels: none, quality: 0,
      modularity: 0, iterations: 0, isStable: true, notes: work.notes)
  }
  switch options.quality {
  case .modularity, .cpm, .rb:
    let isModularity = options.quality.isModularity
    return try leidenCommunities(
      of: work, lowest: LevelGraph<Double>(work, countsNodes: !isModularity), options: options, context: context)
  case .directedModularity, .bipartiteModularity:
    return try leidenCommunities(of: work, lowest: LevelGraph<ArcMass>(arcs: work), options: options, context: context)
  }
}

private func leidenCommunities<Mass>(
  of work: CommunityGraph, lowest: LevelGraph<Mass>, options: LeidenOptions, context: RunContext
) throws(MillError) -> LeidenResult {
  // An integer weight of 1 is `weightUnit`.
  var run = try Leiden(
    lowest, options, resolution: options.quality == .cpm ? options.resolution / work.weightUnit : options.resolution)
  try run.run(context)
  let labels = work.expanded(LabelNumbering.byFirstNode(run.labels))
  let (hierarchy, _) = levelHierarchy(run.partitions, work)
  // A pair of a node and itself is expected by no Potts model.
  let quality =
    options.quality.isModularity
    ? run.excess / run.total : (run.excess + run.scale * Double(lowest.nodeCount)) / 2 * work.weightUnit
  return LeidenResult(
    hierarchy: hierarchy, labels: labels, quality: quality, modularity: work.modularity(of: labels),
    iterations: run.iterations, isStable: run.isStable, notes: work.notes)
}

/// One run.
struct Leiden<Mass: NullMass> {
  private let options: LeidenOptions
  private let lowest: LevelGraph<Mass>
  /// The sum of all arcs: twice the weight of the graph.
  let total: Double
  /// The expected weight of a pair of nodes over what their masses expect, times the resolution.
  let scale: Double
  /// The group of each node.
  private(set) var labels: FlatBuffer<UInt32>
  /// The partitions of the last iteration from the lowest level up, each of the groups of the one before.
  private(set) var partitions: [[Int32]] = []
  /// Twice the weight inside the groups beyond what is expected there, nodes with themselves included.
  private(set) var excess = 0.0
  private(set) var iterations = 0
  private(set) var isStable = false

  /// - Parameters:
  ///   - lowest: Its masses are sums of weights for modularity, else 1.
  ///   - resolution: gamma, for the constant Potts model in units of the weights of `lowest`.
  init(_ lowest: LevelGraph<Mass>, _ options: LeidenOptions, resolution: Double) throws(MillError) {
    self.options = options
    self.lowest = lowest
    total = lowest.total
    let n = Double(lowest.nodeCount)
    let scale =
      switch options.quality {
      case .modularity, .directedModularity, .bipartiteModularity: resolution / max(total, 1)
      case .cpm: resolution
      case .rb: n > 1 ? resolution * total / (n * (n - 1)) : 0
      }
    // More than this parts all nodes in any case, and must not become infinite.
    self.scale = min(scale, max(total, 1))
    labels = try FlatBuffer(uninitializedCount: lowest.nodeCount)
    for node in 0..<lowest.nodeCount { unsafe labels.base[node] = UInt32(truncatingIfNeeded: node) }
  }

  mutating func run(_ context: RunContext) throws(MillError) {
    while iterations < options.iterations, !isStable {
      context.progress?.begin("iteration \(iterations + 1)", total: nil, unit: .items)
      defer { context.progress?.end() }
      isStable = try !iterate(context)
      iterations += 1
    }
  }

  /// Goes through all levels; returns whether a node moved.
  private mutating func iterate(_ context: RunContext) throws(MillError) -> Bool {
    var level = lowest
    var groups = labels
    let home = try FlatBuffer<UInt32>(uninitializedCount: lowest.nodeCount)
    for node in 0..<lowest.nodeCount { unsafe home.base[node] = UInt32(truncatingIfNeeded: node) }
    var moves = 0
    partitions = []
    while true {
      try context.checkCancelled()
      let order = try visitingOrder(level.nodeCount)
      var moving = try LocalMoving(level, labels: groups, scale: scale)
      try moving.run(order: order, total: total, tolerance: 0, context: context)
      moves += moving.moves
      try visitingOrder(level.nodeCount, into: order)
      let refined = try LeidenRefinement(level, labels: groups, order: order, scale: scale)
      // Where nothing merges, the nodes of this level are the groups.
      if refined.count == level.nodeCount, !partitions.isEmpty { break }
      partitions.append(unsafe refined.parts.elements.map { Int32(bitPattern: $0) })
      for node in 0..<lowest.nodeCount { unsafe home.base[node] = refined.parts.base[Int(home.base[node])] }
      level = try level.aggregated(refined.parts, count: refined.count)
      groups = refined.groups
      if refined.count == refined.parts.count { break }
    }
    labels = home
    excess = level.excess(scale: scale)
    return moves > 0
  }

  private func visitingOrder(_ count: Int) throws(MillError) -> FlatBuffer<UInt32> {
    let order = try FlatBuffer<UInt32>(uninitializedCount: count)
    try visitingOrder(count, into: order)
    return order
  }

  private func visitingOrder(_ count: Int, into order: FlatBuffer<UInt32>) throws(MillError) {
    for node in 0..<count { unsafe order.base[node] = UInt32(truncatingIfNeeded: node) }
    var random = CounterRandom(
      seed: options.seed, stage: "leiden-order", item: UInt64(iterations) << 32 | UInt64(partitions.count))
    unsafe random.shuffle(order.mutableElements)
  }
}

extension Leiden<Double> {
  /// Groups by modularity, two iterations; labels below the number of nodes.
  static func labels(
    of graph: LevelGraph<Double>, resolution: Double, seed: UInt64, _ context: RunContext
  ) throws(MillError) -> [Int32] {
    var run = try Leiden(graph, LeidenOptions(resolution: resolution, seed: seed), resolution: resolution)
    try run.run(context)
    return unsafe run.labels.elements.map { Int32(bitPattern: $0) }
  }
}
