public import MillRuntime

/// What ``CSRGraph/largestComponent(context:)`` made.
public struct LargestComponentResult: Sendable {
  /// The subgraph of the largest component.
  public let graph: CSRGraph
  /// The number of components of the graph it came from.
  public let components: Int
}

extension CSRGraph {
  /// The subgraph of the largest weakly connected component; of several, the one with the smallest node.
  ///
  /// Nodes keep their order and their names; dense names become ids. A connected graph comes back as it is, and so
  /// does one without nodes.
  ///
  /// - Throws: `MillError`: `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time in practice; the result's arrays and 12n bytes. The same result for every thread
  ///   count.
  public func largestComponent(context: RunContext = .init()) throws(MillError) -> LargestComponentResult {
    let components = try connectedComponents(of: self, context: context)
    guard components.count > 1, let largest = components.largest else {
      return LargestComponentResult(graph: self, components: components.count)
    }
    let labels = components.labels
    let wanted = UInt32(largest)
    let graph = try inducedSubgraph(keeping: { labels.base[$0] == wanted }, context: context)
    return LargestComponentResult(graph: graph, components: components.count)
  }

  /// The subgraph of some nodes: those nodes, in ascending order, and all edges between them.
  ///
  /// Weights and names stay; dense names become ids, unless all nodes are kept: then the graph comes back as it is.
  ///
  /// - Parameters:
  ///   - nodes: The nodes to keep, in any order; repetitions do no harm.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError`: `node-out-of-range`, `over-budget`, `interrupted`.
  /// - Complexity: O(n + arcs of the kept nodes) time; the result's arrays and 4n (8n for wide targets) bytes. The
  ///   same result for every thread count.
  public func inducedSubgraph(nodes: [Int], context: RunContext = .init()) throws(MillError) -> CSRGraph {
    let kept = try FlatBuffer<Bool>(count: nodeCount)
    for node in nodes {
      guard node >= 0, node < nodeCount else {
        throw MillError(.nodeOutOfRange, "not a node of the graph, which has \(nodeCount)", field: "\(node)")
      }
      kept.base[node] = true
    }
    return try inducedSubgraph(keeping: { kept.base[$0] }, context: context)
  }

  /// The subgraph of the nodes whose entry in `mask` is true; see ``inducedSubgraph(nodes:context:)``.
  ///
  /// - Parameters:
  ///   - mask: Shape `[n]`.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError`: `bad-option` for a mask of another length, `over-budget`, `interrupted`.
  public func inducedSubgraph(mask: [Bool], context: RunContext = .init()) throws(MillError) -> CSRGraph {
    guard mask.count == nodeCount else {
      throw MillError(.badOption, "the mask needs one entry a node, \(nodeCount) in all", field: "\(mask.count)")
    }
    return try inducedSubgraph(keeping: { mask[$0] }, context: context)
  }

  private func inducedSubgraph(keeping keeps: (Int) -> Bool, context: RunContext) throws(MillError) -> CSRGraph {
    try withExtendedLifetime(self) { () throws(MillError) -> CSRGraph in
      switch targets {
      case .narrow(let targets):
        let order = try NodeSelection<UInt32>(nodeCount, keeps)
        return try order.count == nodeCount ? self : select(order, targets, UInt32.self, context)
      case .wide(let targets):
        let order = try NodeSelection<UInt64>(nodeCount, keeps)
        if order.count == nodeCount { return self }
        if order.count < Int(UInt32.max) { return try select(order, targets, UInt32.self, context) }
        return try select(order, targets, UInt64.self, context)
      }
    }
  }

  /// Copies the arcs between selected nodes, in two passes over their lists: count, then fill.
  private func select<ID: TargetIndex, New: TargetIndex>(
    _ order: NodeSelection<ID>, _ targets: UnsafeBufferPointer<ID>, _: New.Type, _ context: RunContext
  ) throws(MillError) -> CSRGraph {
    let size = 1 << 12
    let count = order.count
    let old = order.nodes.base
    let new = order.ranks.base
    let (offsets, weights) = (self.offsets, self.weights)
    let newOffsets = try FlatBuffer<UInt64>(count: count + 1)
    _ = try parallelSum(count, size: size, context: context) { range in
      for v in range {
        var degree: UInt64 = 0
        for arc in Int(offsets[Int(old[v])])..<Int(offsets[Int(old[v]) + 1]) where new[Int(targets[arc])] != ID.max {
          degree &+= 1
        }
        newOffsets.base[v + 1] = degree
      }
      return 0
    }
    for v in 0..<count { newOffsets.base[v + 1] += newOffsets.base[v] }
    let arcCount = Int(newOffsets.base[count])
    let newTargets = try FlatBuffer<New>(count: arcCount)
    let newWeights = weights == nil ? nil : try FlatBuffer<Double>(count: arcCount)
    let repeatsOfChunk = try FlatBuffer<Int>(count: Parallel.chunkCount(count, size: size))
    let loops = try parallelSum(count, size: size, context: context) { range in
      var loops = 0
      var repeated = 0
      for v in range {
        let start = Int(newOffsets.base[v])
        var place = start
        for arc in Int(offsets[Int(old[v])])..<Int(offsets[Int(old[v]) + 1]) {
          let target = new[Int(targets[arc])]
          if target == ID.max { continue }
          newTargets.base[place] = New(truncatingIfNeeded: target)
          if let newWeights { newWeights.base[place] = weights.unsafelyUnwrapped[arc] }
          if Int(target) == v { loops &+= 1 }
          if place > start, newTargets.base[place] == newTargets.base[place &- 1] { repeated &+= 1 }
          place &+= 1
        }
      }
      repeatsOfChunk.base[range.lowerBound / size] = repeated
      return loops
    }
    let rows = BuiltRows(
      offsets: newOffsets, targets: newTargets, weights: newWeights, loops: loops,
      repeats: repeatsOfChunk.elements.reduce(0, +))
    return rows.graph(isDirected: isDirected, names: try OwnedNames(of: self, count: count) { Int(old[$0]) })
  }
}

/// Some nodes of a graph in ascending order, both ways: old number of each new one, new number of each old one.
private struct NodeSelection<ID: NodeIndex> {
  /// Old numbers of the selected nodes.
  let nodes: FlatBuffer<ID>
  /// New numbers, `ID.max` for nodes left out; shape `[n]`.
  let ranks: FlatBuffer<ID>
  var count: Int { nodes.count }

  init(_ nodeCount: Int, _ keeps: (Int) -> Bool) throws(MillError) {
    ranks = try FlatBuffer(count: nodeCount)
    var next = 0
    for v in 0..<nodeCount {
      if keeps(v) {
        ranks.base[v] = ID(truncatingIfNeeded: next)
        next += 1
      } else {
        ranks.base[v] = .max
      }
    }
    nodes = try FlatBuffer(count: next)
    for v in 0..<nodeCount where ranks.base[v] != .max { nodes.base[Int(ranks.base[v])] = ID(truncatingIfNeeded: v) }
  }
}
