import GraphKernels
import GraphStore
import MillRuntime

/// The simple undirected graph without lone nodes on which the methods of this module work, and the way back to the
/// nodes of the input.
@safe struct CommunityGraph: @unchecked Sendable {
  /// Undirected, without loops, parallel edges and isolated nodes.
  let graph: CSRGraph
  /// The input's node of each working node; nil when they are the same.
  let original: [UInt32]?
  /// Nodes of the input.
  let inputNodeCount: Int
  /// What was changed on the way, one sentence each.
  private(set) var notes: [String]
  let offsets: UnsafePointer<UInt64>
  let targets: UnsafePointer<UInt32>
  /// Weights as integers on one scale, for exact comparisons; nil when every edge counts the same.
  private(set) var weights: FlatBuffer<UInt64>?
  /// An integer weight of 1 (without weights, an edge) means this much.
  private(set) var weightUnit: Double
  /// Whether the weights of the graph count.
  let usesWeights: Bool
  /// The integer weight of the arcs that leave each node, where links are arcs; nil where they have no direction.
  private(set) var leaving: FlatBuffer<UInt64>?

  var nodeCount: Int { graph.nodeCount }
  var arcCount: Int { graph.arcCount }

  /// Prepares a graph.
  ///
  /// - Parameters:
  ///   - input: Any graph; arcs of a directed one join nodes in either direction.
  ///   - direction: How two opposite arcs become one edge.
  ///   - usesWeights: Whether weights matter; they must then be finite and not negative, and zeros are not edges.
  init(
    _ input: CSRGraph, direction: DirectionPolicy = .union, usesWeights: Bool = true, context: RunContext
  ) throws(MillError) {
    let needs = Preparation(
      directions: direction, weights: usesWeights ? .notNegative : .ignored, dropsZeroWeights: true, dropsIsolated: true
    )
    let prepared = try input.prepared(needs, context: context)
    try self.init(
      simple: prepared.graph, original: prepared.original.map { Array($0) }, inputNodeCount: input.nodeCount,
      notes: prepared.changes.notes, usesWeights: usesWeights)
  }

  /// Prepares a graph for what a method maximizes.
  ///
  /// - Throws: also `not-bipartite`.
  init(
    _ input: CSRGraph, for quality: PartitionQuality, direction: DirectionPolicy, context: RunContext
  ) throws(MillError) {
    switch quality {
    case .modularity, .cpm, .rb: try self.init(input, direction: direction, context: context)
    case .directedModularity: try self.init(arcs: input, context: context)
    case .bipartiteModularity: try self.init(sides: input, context: context)
    }
  }

  /// Prepares a graph whose arcs stay arcs: two nodes are linked by the weight of the arcs either way, and known is the
  /// weight that leaves each node. An undirected edge is an arc either way.
  init(arcs input: CSRGraph, context: RunContext) throws(MillError) {
    guard input.isDirected else {
      try self.init(input, context: context)
      return
    }
    let arcs = try input.prepared(Preparation(directions: nil, dropsZeroWeights: true), context: context)
    let edges = try arcs.graph.withUnitWeights().prepared(
      Preparation(directions: .sum, dropsIsolated: true), context: context)
    let lone = edges.changes.isolatedDropped
    try self.init(
      simple: edges.graph, original: edges.original.map { Array($0) }, inputNodeCount: input.nodeCount,
      notes: arcs.changes.notes + ["directed: arcs that enter a group and arcs that leave it are expected apart"]
        + (lone > 0 ? ["\(lone) isolated nodes set aside"] : []))
    let leaving = try FlatBuffer<UInt64>(uninitializedCount: nodeCount)
    for node in 0..<nodeCount {
      let row = arcs.graph.arcs(of: original.map { Int($0[node]) } ?? node)
      let sum = arcs.graph.weights.map { weights in row.reduce(0.0) { $0 + weights[$1] } } ?? Double(row.count)
      unsafe leaving.base[node] = min(UInt64((sum / weightUnit).rounded()), strength(of: node))
    }
    self.leaving = leaving
  }

  /// Prepares a graph of two sides, whose links count as arcs from the first to the second.
  ///
  /// - Throws: also `not-bipartite`.
  private init(sides input: CSRGraph, context: RunContext) throws(MillError) {
    var made = try CommunityGraph(input, context: context)
    let sides = try bipartition(of: made.graph, context: context).requiredSides(of: made.graph)
    let leaving = try FlatBuffer<UInt64>(uninitializedCount: made.nodeCount)
    for node in 0..<made.nodeCount { unsafe leaving.base[node] = sides[node] == 0 ? made.strength(of: node) : 0 }
    made.leaving = leaving
    let second = sides.count { $0 == 1 }
    made.notes.append(
      "bipartite: \(made.nodeCount - second) and \(second) nodes on two sides, which are clustered together")
    self = made
  }

  /// The integer weight of a node's links.
  private func strength(of node: Int) -> UInt64 {
    let row = unsafe Int(offsets[node])..<Int(offsets[node + 1])
    guard let weights else { return UInt64(row.count) }
    return row.reduce(0) { unsafe $0 + weights.base[$1] }
  }

  /// A graph that is simple and undirected already; lone nodes stay.
  init(
    simple graph: CSRGraph, original: [UInt32]? = nil, inputNodeCount: Int? = nil, notes: [String] = [],
    usesWeights: Bool = true
  ) throws(MillError) {
    guard case .narrow(let targets) = graph.targets else {
      throw MillError(
        .unsupported, "community detection needs fewer than 2^32 - 1 nodes", field: "\(graph.nodeCount)")
    }
    self.graph = graph
    self.original = original
    self.inputNodeCount = inputNodeCount ?? graph.nodeCount
    self.notes = notes
    unsafe offsets = graph.offsets.base
    unsafe self.targets = targets.base
    self.usesWeights = usesWeights && graph.isWeighted
    if usesWeights, let values = graph.weights {
      (weights, weightUnit) = try Self.integers(values)
    } else {
      (weights, weightUnit) = (nil, 1)
    }
  }

  /// The same graph, where every edge counts the same.
  func withoutWeights() throws(MillError) -> CommunityGraph {
    weights == nil ? self : try CommunityGraph(simple: graph, original: original, usesWeights: false)
  }

  /// The same graph with other weights, one an arc.
  func reweighted(_ weights: FlatBuffer<UInt64>) -> CommunityGraph {
    var copy = self
    (copy.weights, copy.weightUnit, copy.leaving) = (weights, 1, nil)
    return copy
  }

  /// Weights as integers: themselves where they all are, 1 where they are all the same, else multiples of a power of two
  /// so fine that the sum of all stays below 2^52. A power of two as a common factor changes nothing, however small or
  /// large.
  private static func integers(
    _ weights: some RandomAccessCollection<Double>
  ) throws(MillError) -> (FlatBuffer<UInt64>?, Double) {
    var (total, largest, smallest) = (0.0, 0.0, Double.infinity)
    var areIntegers = true
    for weight in weights {
      total += weight
      if weight != weight.rounded() { areIntegers = false }
      (largest, smallest) = (max(largest, weight), min(smallest, weight))
    }
    guard largest.isFinite else { throw MillError(.badWeight, "the weights of parallel edges add up to infinity") }
    var exponent = 0
    if !areIntegers || total >= 0x1p52 {
      if smallest == largest, largest > 0 { return (nil, largest) }
      exponent = 51 - Self.exponent(ofSum: weights, total, largest)
      // Below the least positive double there is nothing to tell apart.
      exponent = min(exponent, 1074)
    }
    let result = try FlatBuffer<UInt64>(count: weights.count)
    for (i, weight) in weights.enumerated() {
      // An edge stays an edge, however light beside the others.
      unsafe result.base[i] = max(1, UInt64(Double(sign: .plus, exponent: exponent, significand: weight).rounded()))
    }
    return (result, Double(sign: .plus, exponent: -exponent, significand: 1))
  }

  /// The binary exponent of a sum that may itself be too large for a double.
  private static func exponent(
    ofSum weights: some RandomAccessCollection<Double>, _ total: Double, _ largest: Double
  ) -> Int {
    if total.isFinite { return Int(total.exponent) }
    let shift = Int(largest.exponent)
    let scaled = weights.reduce(0.0) { $0 + Double(sign: .plus, exponent: -shift, significand: $1) }
    return Int(scaled.exponent) + shift
  }

  /// Labels for all nodes of the input; -1 where a node was set aside.
  func expanded(_ labels: [Int32]) -> [Int32] {
    guard let original else { return labels }
    var result = [Int32](repeating: -1, count: inputNodeCount)
    for (i, node) in original.enumerated() { result[Int(node)] = labels[i] }
    return result
  }

  /// Labels of the working nodes from those of the input.
  func restricted(_ labels: [Int32]) -> [Int32] {
    guard let original else { return labels }
    return original.map { labels[Int($0)] }
  }
}

extension CommunityGraph {
  /// The subgraph of some working nodes, ascending; nodes without edges stay.
  func restricted(to nodes: [Int], _ context: RunContext) throws(MillError) -> CommunityGraph {
    try CommunityGraph(
      simple: try graph.inducedSubgraph(nodes: nodes, context: context), usesWeights: usesWeights)
  }
}

extension CSRGraph {
  /// The same graph where every arc of one without weights has the weight 1.
  fileprivate func withUnitWeights() throws(MillError) -> CSRGraph {
    guard !isWeighted else { return self }
    let ones = try FlatBuffer<Double>(uninitializedCount: arcCount)
    unsafe ones.base.update(repeating: 1, count: arcCount)
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: nodeCount, edgeCount: edgeCount, flags: storage.flags, offsets: offsets, targets: targets,
        weights: SharedArray(ones), names: storage.names))
  }
}
