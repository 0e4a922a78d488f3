public import MillRuntime

extension CSRGraph {
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
      unsafe kept.base[node] = true
    }
    return try inducedSubgraph(kept, context)
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

  package func inducedSubgraph(
    keeping keeps: (Int) -> Bool, context: RunContext
  ) throws(MillError) -> CSRGraph {
    let kept = try FlatBuffer<Bool>(count: nodeCount)
    for v in 0..<nodeCount { unsafe kept.base[v] = keeps(v) }
    return try inducedSubgraph(kept, context)
  }

  private func inducedSubgraph(_ kept: FlatBuffer<Bool>, _ context: RunContext) throws(MillError) -> CSRGraph {
    try withRows(context: context, Selecting(graph: self, kept: kept)) ?? self
  }
}

/// Copies the arcs between selected nodes, in two passes over their lists: count, then fill.
private struct Selecting: RowsVisitor {
  let graph: CSRGraph
  let kept: FlatBuffer<Bool>

  /// The subgraph; nil when all nodes are kept.
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CSRGraph? {
    let order = try NodeSelection<ID>(rows.nodeCount, kept)
    if order.count == rows.nodeCount { return nil }
    if ID.bitWidth > 32, order.count < Int(UInt32.max) { return try select(order, rows, UInt32.self) }
    return try select(order, rows, ID.self)
  }

  private func select<ID: NodeIndex, New: NodeIndex>(
    _ order: NodeSelection<ID>, _ rows: GraphRows<ID>, _: New.Type
  ) throws(MillError) -> CSRGraph {
    let size = 1 << 12
    let count = order.count
    let old = unsafe order.nodes.base
    let new = unsafe order.ranks.base
    let offsets = try FlatBuffer<UInt64>(count: count + 1)
    _ = try parallelSum(count, size: size, context: rows.context) { range in
      for v in range {
        var degree: UInt64 = 0
        for arc in unsafe rows.arcs(Int(old[v])) where unsafe new[rows.target(arc)] != ID.max { degree &+= 1 }
        unsafe offsets.base[v + 1] = degree
      }
      return 0
    }
    for v in 0..<count { unsafe offsets.base[v + 1] += offsets.base[v] }
    let arcCount = unsafe Int(offsets.base[count])
    let targets = try FlatBuffer<New>(count: arcCount)
    let weights = unsafe rows.weights == nil ? nil : try FlatBuffer<Double>(count: arcCount)
    let repeatsOfChunk = try FlatBuffer<Int>(count: Parallel.chunkCount(count, size: size))
    let loops = try parallelSum(count, size: size, context: rows.context) { range in
      var loops = 0
      var repeated = 0
      for v in range {
        let start = unsafe Int(offsets.base[v])
        var place = start
        for arc in unsafe rows.arcs(Int(old[v])) {
          let target = unsafe new[rows.target(arc)]
          if target == ID.max { continue }
          unsafe targets.base[place] = New(truncatingIfNeeded: target)
          if let weights { unsafe weights.base[place] = unsafe rows.weights.unsafelyUnwrapped[arc] }
          if Int(target) == v { loops &+= 1 }
          if place > start, unsafe targets.base[place] == targets.base[place &- 1] { repeated &+= 1 }
          place &+= 1
        }
      }
      unsafe repeatsOfChunk.base[range.lowerBound / size] = repeated
      return loops
    }
    let built = unsafe BuiltRows(
      offsets: offsets, targets: targets, weights: weights, loops: loops,
      repeats: repeatsOfChunk.elements.reduce(0, +))
    let names = try graph.names.selected(count: count) { unsafe Int(old[$0]) }
    return built.graph(isDirected: graph.isDirected, names: names)
  }
}

/// Some nodes of a graph in ascending order, both ways: old number of each new one, new number of each old one.
private struct NodeSelection<ID: NodeIndex> {
  /// Old numbers of the selected nodes.
  let nodes: FlatBuffer<ID>
  /// New numbers, `ID.max` for nodes left out; shape `[n]`.
  let ranks: FlatBuffer<ID>
  var count: Int { nodes.count }

  init(_ nodeCount: Int, _ kept: FlatBuffer<Bool>) throws(MillError) {
    ranks = try FlatBuffer(count: nodeCount)
    var next = 0
    for v in 0..<nodeCount {
      if unsafe kept.base[v] {
        unsafe ranks.base[v] = ID(truncatingIfNeeded: next)
        next += 1
      } else {
        unsafe ranks.base[v] = .max
      }
    }
    nodes = try FlatBuffer(count: next)
    for v in 0..<nodeCount where unsafe ranks.base[v] != .max {
      unsafe nodes.base[Int(ranks.base[v])] = ID(truncatingIfNeeded: v)
    }
  }
}
