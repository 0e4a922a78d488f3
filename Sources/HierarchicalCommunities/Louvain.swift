public import GraphStore
public import MillRuntime

/// The settings of ``louvainCommunities(of:options:context:)``.
public struct LouvainOptions: Sendable, Equatable, Codable {
  /// gamma: larger makes more groups; above 0.
  public var resolution: Double
  /// Stop a level when a pass gains less modularity than this.
  public var tolerance: Double
  /// How a directed graph becomes undirected.
  public var direction: DirectionPolicy
  /// The seed of the order in which nodes are visited.
  public var seed: UInt64

  /// Settings; without arguments the resolution is 1.
  public init(
    resolution: Double = 1, tolerance: Double = 1e-7, direction: DirectionPolicy = .union, seed: UInt64 = 42
  ) {
    self.resolution = resolution
    self.tolerance = tolerance
    self.direction = direction
    self.seed = seed
  }

  func check() throws(MillError) {
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

/// Maximises modularity by moving nodes, then groups, then groups of groups.
///
/// - Throws: `MillError`: `bad-option`, `bad-weight`, `over-budget`, `interrupted`.
/// - Complexity: O(m) a pass, a few passes a level. One thread; the same result for every thread count.
/// - Source: Blondel, Guillaume, Lambiotte, Lefebvre, Journal of Statistical Mechanics P10008, 2008.
public func louvainCommunities(
  of graph: CSRGraph, options: LouvainOptions = .init(), context: RunContext = .init()
) throws(MillError) -> LouvainResult {
  try options.check()
  return try louvainCommunities(
    of: CommunityGraph(graph, direction: options.direction, context: context), options: options, context: context)
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
  var level = LouvainLevel(work)
  var partitions: [[Int32]] = []
  var modularity = 0.0
  while true {
    try context.checkCancelled()
    context.progress?.begin("level \(partitions.count + 1)", total: nil, unit: .items)
    let groups = try level.move(options, round: UInt64(partitions.count), context)
    context.progress?.end()
    let count = Int(groups.max()!) + 1
    if count == level.nodeCount, !partitions.isEmpty { break }
    partitions.append(groups)
    level = level.aggregated(groups, count: count)
    modularity = level.modularity(resolution: options.resolution)
    if count == groups.count { break }
  }
  let (tree, labels) = assemble(partitions, work, level)
  return LouvainResult(
    hierarchy: CommunityHierarchy(tree: tree, leaves: work.expanded(partitions[0])), labels: work.expanded(labels),
    modularity: modularity, levels: partitions.count, notes: work.notes)
}

/// The tree of the levels. The similarity of an inner node is the density of edges between its children, over all pairs
/// of nodes in different children.
private func assemble(
  _ partitions: [[Int32]], _ work: CommunityGraph, _ top: LouvainLevel
) -> (CommunityTree, [Int32]) {
  var leafSizes = [Int](repeating: 0, count: Int(partitions[0].max()!) + 1)
  for label in partitions[0] { leafSizes[Int(label)] += 1 }
  var parents: [Int32] = []
  var current = (0..<Int32(leafSizes.count)).map { $0 }
  var next = Int32(leafSizes.count)
  parents = [Int32](repeating: -1, count: leafSizes.count)
  var labels = partitions[0]
  for partition in partitions.dropFirst() {
    labels = labels.map { partition[Int($0)] }
    let count = Int(partition.max()!) + 1
    var members = [Int](repeating: 0, count: count)
    for group in partition { members[Int(group)] += 1 }
    // A group of one part is that part: no inner node of one child.
    var nodes = [Int32](repeating: -1, count: count)
    for (part, group) in partition.enumerated() {
      if members[Int(group)] == 1 {
        nodes[Int(group)] = current[part]
      } else {
        if nodes[Int(group)] < 0 {
          nodes[Int(group)] = next
          next += 1
          parents.append(-1)
        }
        parents[Int(current[part])] = nodes[Int(group)]
      }
    }
    current = nodes
  }
  if current.count > 1 {
    for node in current { parents[Int(node)] = next }
    parents.append(-1)
  }
  let blank = CommunityTree(
    uncheckedLeaves: leafSizes.count, parents: parents, leafSizes: leafSizes,
    similarities: [Double](repeating: 0, count: parents.count))
  let hierarchy = CommunityHierarchy(tree: blank, leaves: partitions[0])
  return (blank.withSimilarities(hierarchy.densities(in: work)), labels)
}

/// A weighted graph with loops, on which one level works. Weights are integers, so every sum is exact.
private struct LouvainLevel {
  let offsets: [Int]
  let targets: [Int32]
  let weights: [Int64]
  /// Twice the weight inside each node.
  let loops: [Int64]
  let strengths: [Int64]
  let total: Int64

  var nodeCount: Int { loops.count }

  init(_ graph: CommunityGraph) {
    offsets = (0...graph.nodeCount).map { unsafe Int(graph.offsets[$0]) }
    targets = (0..<graph.arcCount).map { unsafe Int32(bitPattern: graph.targets[$0]) }
    weights = (0..<graph.arcCount).map { e in graph.weights.map { unsafe Int64($0.base[e]) } ?? 1 }
    loops = [Int64](repeating: 0, count: graph.nodeCount)
    (strengths, total) = Self.sums(offsets, weights, loops)
  }

  private init(offsets: [Int], targets: [Int32], weights: [Int64], loops: [Int64]) {
    self.offsets = offsets
    self.targets = targets
    self.weights = weights
    self.loops = loops
    (strengths, total) = Self.sums(offsets, weights, loops)
  }

  private static func sums(_ offsets: [Int], _ weights: [Int64], _ loops: [Int64]) -> ([Int64], Int64) {
    let strengths = loops.indices.map { v in
      loops[v] + weights[offsets[v]..<offsets[v + 1]].reduce(0, +)
    }
    return (strengths, strengths.reduce(0, +))
  }

  /// Moves nodes to neighbouring groups as long as modularity grows; groups numbered by first node.
  func move(
    _ options: LouvainOptions, round: UInt64, _ context: RunContext
  ) throws(MillError) -> [Int32] {
    let n = nodeCount
    var groups = (0..<Int32(n)).map { $0 }
    var groupStrengths = strengths
    var links = [Int64](repeating: 0, count: n)
    var touched: [Int32] = []
    var order = (0..<n).map { $0 }
    var random = CounterRandom(seed: options.seed, stage: "louvain-order", item: round)
    random.shuffle(&order)
    let scale = options.resolution / Double(total)
    for _ in 0..<1000 {
      try context.checkCancelled()
      context.progress?.advance(by: n)
      var gain = 0.0
      for v in order {
        let own = Int(groups[v])
        for e in offsets[v]..<offsets[v + 1] {
          let group = groups[Int(targets[e])]
          if links[Int(group)] == 0 { touched.append(group) }
          links[Int(group)] += weights[e]
        }
        groupStrengths[own] -= strengths[v]
        let strength = Double(strengths[v])
        let stay = Double(links[own]) - scale * strength * Double(groupStrengths[own])
        var (best, bestScore) = (own, stay)
        for group in touched.map(Int.init) {
          let score = Double(links[group]) - scale * strength * Double(groupStrengths[group])
          if score > bestScore || (score == bestScore && best != own && group < best) {
            (best, bestScore) = (group, score)
          }
        }
        groupStrengths[best] += strengths[v]
        if best != own {
          groups[v] = Int32(best)
          gain += 2 * (bestScore - stay) / Double(total)
        }
        for group in touched { links[Int(group)] = 0 }
        touched.removeAll(keepingCapacity: true)
      }
      if gain <= options.tolerance { break }
    }
    return LabelNumbering.byFirstNode(groups)
  }

  /// The graph of the groups.
  func aggregated(_ groups: [Int32], count: Int) -> LouvainLevel {
    var members = [Int](repeating: 0, count: count + 1)
    for group in groups { members[Int(group) + 1] += 1 }
    for g in 0..<count { members[g + 1] += members[g] }
    var place = members
    var sorted = [Int](repeating: 0, count: nodeCount)
    for v in 0..<nodeCount {
      sorted[place[Int(groups[v])]] = v
      place[Int(groups[v])] += 1
    }
    var newOffsets = [0]
    var newTargets: [Int32] = []
    var newWeights: [Int64] = []
    var newLoops = [Int64](repeating: 0, count: count)
    var links = [Int64](repeating: 0, count: count)
    for g in 0..<count {
      var touched: [Int32] = []
      for v in sorted[members[g]..<members[g + 1]] {
        newLoops[g] += loops[v]
        for e in offsets[v]..<offsets[v + 1] {
          let other = groups[Int(targets[e])]
          if links[Int(other)] == 0 { touched.append(other) }
          links[Int(other)] += weights[e]
        }
      }
      touched.sort()
      for other in touched {
        if Int(other) == g {
          newLoops[g] += links[g]
        } else {
          newTargets.append(other)
          newWeights.append(links[Int(other)])
        }
        links[Int(other)] = 0
      }
      newOffsets.append(newTargets.count)
    }
    return LouvainLevel(offsets: newOffsets, targets: newTargets, weights: newWeights, loops: newLoops)
  }

  /// The modularity when every node is a group.
  func modularity(resolution: Double) -> Double {
    var sum = 0.0
    for v in 0..<nodeCount {
      let share = Double(strengths[v]) / Double(total)
      sum += Double(loops[v]) / Double(total) - resolution * share * share
    }
    return sum
  }
}
