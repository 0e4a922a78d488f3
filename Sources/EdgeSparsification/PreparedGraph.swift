import GraphStore
import MillRuntime

/// The graph that is scored: no parallel edges, loops only where they stay, undirected unless arcs are rated.
struct PreparedGraph {
  let graph: CSRGraph
  let loopsDropped: Int
  let parallelMerged: Int

  /// Checks the weights, then makes `graph` undirected, simple and free of loops as far as `options` ask for it.
  ///
  /// A graph that needs none of this is used as it is, without a copy.
  init(_ graph: CSRGraph, options: EdgeScoreOptions, context: RunContext) throws(SparsifyError) {
    try Self.check(options, isDirected: graph.isDirected)
    try Self.checkWeights(of: graph, allowsZero: !options.weighted, threads: context.threads)
    let mergesDirections = graph.isDirected && !options.directed
    let dropsLoops = graph.hasLoops && !options.keepsLoops
    if mergesDirections || graph.isMultigraph {
      (self.graph, loopsDropped, parallelMerged) = try storing { () throws(MillError) in
        try Self.rebuilt(graph, isDirected: graph.isDirected && options.directed, dropsLoops: dropsLoops, context)
      }
    } else if dropsLoops, graph.arcCount > 0 {
      let simple = try graph.visitArcs(DroppedLoops(source: graph), tuning: .init(), context: context)
      self.graph = simple
      loopsDropped = graph.arcCount - simple.arcCount
      parallelMerged = 0
    } else {
      self.graph = graph
      loopsDropped = 0
      parallelMerged = 0
    }
  }

  private static func check(_ options: EdgeScoreOptions, isDirected: Bool) throws(SparsifyError) {
    switch options.method {
    case .teddy, .reverse: return
    case .random, .degreeProduct:
      if options.weighted { throw .unweightedOnly(options.method) }
    case .localDegree, .jaccard, .triangles:
      if options.weighted { throw .unweightedOnly(options.method) }
      if isDirected, options.directed { throw .undirectedOnly(options.method) }
    }
  }

  private static func checkWeights(of graph: CSRGraph, allowsZero: Bool, threads: Int) throws(SparsifyError) {
    guard let weights = graph.weights, weights.count > 0 else { return }
    let size = 1 << 16
    var firstBad = [Int](repeating: Int.max, count: Parallel.chunkCount(weights.count, size: size))
    firstBad.withUnsafeMutableBufferPointer { firstBad in
      let firstBad = firstBad
      Parallel.forEachRange(of: weights.count, size: size, threads: threads) { range, _ in
        for arc in range {
          let weight = weights[arc]
          if !(weight >= 0 && weight < .infinity && (allowsZero || weight > 0)) {
            firstBad[range.lowerBound / size] = arc
            return
          }
        }
      }
    }
    guard let arc = firstBad.first(where: { $0 != Int.max }) else { return }
    let source = (0..<graph.nodeCount).partitionPoint { Int(graph.offsets[$0 + 1]) > arc }
    throw .badWeight(
      source: graph.name(of: source), target: graph.name(of: graph.targets[arc]), weight: "\(weights[arc])")
  }

  /// The same nodes and names with merged edges: weights of parallel edges and of both directions are added.
  private static func rebuilt(
    _ graph: CSRGraph, isDirected: Bool, dropsLoops: Bool, _ context: RunContext
  ) throws(MillError) -> (CSRGraph, loopsDropped: Int, parallelMerged: Int) {
    let ids = try FlatBuffer<UInt64>(count: 2 * graph.arcCount)
    let weights = graph.isWeighted ? try FlatBuffer<Double>(count: graph.arcCount) : nil
    var count = 0
    let targets = graph.targets
    for node in 0..<graph.nodeCount {
      for arc in graph.arcs(of: node) where graph.isDirected || targets[arc] >= node {
        ids.base[2 * count] = UInt64(node)
        ids.base[2 * count + 1] = UInt64(targets[arc])
        if let weights, let source = graph.weights { weights.base[count] = source[arc] }
        count += 1
      }
    }
    var options = FreezeOptions()
    options.isDirected = isDirected
    options.loops = dropsLoops ? .drop : .keep
    options.naming = .dense(nodeCount: graph.nodeCount)
    if case .wide = targets { options.forcesWideTargets = true }
    let (merged, report) = try freeze(
      [EdgeBlock(ids: .wide(ids), weights: weights, count: count)], options: options, context: context)
    let stored = merged.storage
    let named = CSRStorage(
      nodeCount: stored.nodeCount, edgeCount: stored.edgeCount, flags: stored.flags, offsets: stored.offsets,
      targets: stored.targets, weights: stored.weights, names: graph.names,
      owners: stored.sharedOwners + graph.storage.sharedOwners)
    return (CSRGraph(storage: named), dropsLoops ? report.selfLoops : 0, report.duplicates)
  }
}

/// Copies a graph without its loops.
private struct DroppedLoops: ArcVisitor {
  let source: CSRGraph

  struct Filter: ArcFilter {
    @inline(__always) func decide<Target: TargetInteger>(
      _ view: ArcView<Target>, _ node: Int, _ arc: Int, _ count: Int, _ scratch: UnsafeMutablePointer<UInt64>
    ) -> UInt64 {
      var bits: UInt64 = 0
      for i in 0..<count { bits |= (view.target(arc &+ i) != node ? 1 : 0) &<< UInt64(truncatingIfNeeded: i) }
      return bits
    }
  }

  func visit<Target>(_ view: ArcView<Target>) throws(SparsifyError) -> CSRGraph {
    try storing { () throws(MillError) in
      let filtering = try ArcFiltering(view)
      try filtering.decide(Filter())
      return try filtering.build(from: source, keptLoops: 0)
    }
  }
}
