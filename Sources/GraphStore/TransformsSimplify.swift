public import MillRuntime

/// What ``CSRGraph/simplified(duplicates:context:)`` made.
public struct SimplifyResult: Sendable {
  /// The graph without loops and parallel edges.
  public let graph: CSRGraph
  /// Loops dropped, parallel ones counted each.
  public let loops: Int
  /// Edges merged into a parallel one.
  public let duplicates: Int
}

extension CSRGraph {
  /// The undirected graph that joins u and v where this one has an arc u → v or v → u.
  ///
  /// Weights of the arcs that become one edge are combined by `duplicates`, those from the smaller to the larger node
  /// first: `sum` adds both directions, `first` takes the one from the smaller node where it exists. `keep` makes
  /// each arc an edge of its own. Loops stay, and count once. An undirected graph comes back as it is.
  ///
  /// - Throws: `MillError`: `duplicate-edge` under the policy `error`, `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time; the result's arrays, and the reversed arcs (8n + 4m bytes, 12m more when weighted)
  ///   while it runs, with twice the arcs for a moment. The same result for every thread count.
  public func symmetrized(
    duplicates: DuplicatePolicy = .sum, context: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    guard isDirected else { return self }
    switch targets {
    case .narrow(let targets): return try symmetrizing(targets, duplicates, context)
    case .wide(let targets): return try symmetrizing(targets, duplicates, context)
    }
  }

  /// The graph without loops and parallel edges.
  ///
  /// Weights of parallel edges are combined by `duplicates` in the order of the list; `keep` keeps parallel edges and
  /// only drops loops. Names stay. A graph that is simple already comes back as it is.
  ///
  /// - Throws: `MillError`: `duplicate-edge` under the policy `error`, `over-budget`, `interrupted`.
  /// - Complexity: O(n + m) time, memory of the result. The same result for every thread count.
  public func simplified(
    duplicates: DuplicatePolicy = .sum, context: RunContext = .init()
  ) throws(MillError) -> SimplifyResult {
    guard hasLoops || (isMultigraph && duplicates != .keep) else {
      return SimplifyResult(graph: self, loops: 0, duplicates: 0)
    }
    switch targets {
    case .narrow(let targets): return try simplifying(targets, duplicates, context)
    case .wide(let targets): return try simplifying(targets, duplicates, context)
    }
  }

  private func symmetrizing<ID: TargetIndex>(
    _ targets: UnsafeBufferPointer<ID>, _ policy: DuplicatePolicy, _ context: RunContext
  ) throws(MillError) -> CSRGraph {
    guard let rows = arcRows(targets) else { return try emptied(isDirected: false) }
    var reversed: ArcRows<ID>
    var owned: ReversedArcs<ID>?
    if let inArcs, !isWeighted, let sources = ID.buffer(inArcs.sources) {
      reversed = ArcRows(offsets: inArcs.offsets.baseAddress!, targets: sources.baseAddress!, weights: nil)
    } else {
      let arcs = try reversedArcs(targets, withWeights: true, context: context)
      reversed = ArcRows(offsets: arcs.offsets.base, targets: arcs.sources.base, weights: arcs.weights?.base)
      owned = arcs
    }
    let merger = RowMerger(rows: rows, reversed: reversed, policy: policy, keepsLoops: true)
    let built = try withExtendedLifetime((self, owned)) { () throws(MillError) -> BuiltRows<ID> in
      try merger.build(nodeCount, context: context).rows
    }
    return built.graph(isDirected: false, names: try OwnedNames(of: self))
  }

  private func simplifying<ID: TargetIndex>(
    _ targets: UnsafeBufferPointer<ID>, _ policy: DuplicatePolicy, _ context: RunContext
  ) throws(MillError) -> SimplifyResult {
    guard let rows = arcRows(targets) else {
      return SimplifyResult(graph: try emptied(isDirected: isDirected), loops: 0, duplicates: 0)
    }
    let merger = RowMerger(rows: rows, reversed: nil, policy: policy, keepsLoops: false)
    let (built, combined) = try withExtendedLifetime(self) { () throws(MillError) -> (BuiltRows<ID>, Int) in
      try merger.build(nodeCount, context: context)
    }
    return SimplifyResult(
      graph: built.graph(isDirected: isDirected, names: try OwnedNames(of: self)),
      loops: arcCount - built.targets.count - combined, duplicates: isDirected ? combined : combined / 2)
  }

  /// The lists as pointers; nil without arcs.
  private func arcRows<ID: NodeIndex>(_ targets: UnsafeBufferPointer<ID>) -> ArcRows<ID>? {
    guard arcCount > 0, let offsets = offsets.baseAddress, let targets = targets.baseAddress else { return nil }
    return ArcRows(offsets: offsets, targets: targets, weights: weights?.baseAddress)
  }

  /// A graph without arcs over the nodes of this one.
  private func emptied(isDirected: Bool) throws(MillError) -> CSRGraph {
    func make<ID: TargetIndex>(_: ID.Type) throws(MillError) -> CSRGraph {
      BuiltRows(
        offsets: try FlatBuffer(count: nodeCount + 1), targets: try FlatBuffer<ID>(count: 0),
        weights: isWeighted ? try FlatBuffer(count: 0) : nil, loops: 0, repeats: 0
      ).graph(isDirected: isDirected, names: try OwnedNames(of: self))
    }
    switch targets {
    case .narrow: return try make(UInt32.self)
    case .wide: return try make(UInt64.self)
    }
  }
}
