public import GraphStore
public import MillRuntime

/// One iteration of a run, for logs.
public struct SummarizeIteration: Sendable, Equatable {
  /// Counted from 1.
  public let number: Int
  /// The saving that a merge had to reach.
  public let threshold: Double
  /// Candidate groups with at least two members.
  public let groups: Int
  /// Merges done.
  public let merges: Int
  /// Merges that a group had decided and the check refused.
  public let refused: Int
  /// p- and n-edges after the iteration, pending ones included.
  public let edges: Int
  /// Edges of the forest after the iteration, before pruning.
  public let hierarchyEdges: Int
  /// Pairs scored.
  public let evaluations: Int
  /// Table look-ups in scoring.
  public let lookups: Int
  /// Edges and hierarchy edges together.
  public var cost: Int { edges + hierarchyEdges }
}

/// The cost before and after each step of pruning.
public struct SummarizeStep: Sendable, Equatable {
  /// `merge`, `useless`, `lone-roots`, `flat-pairs`, `reencode` or `plain`.
  public let name: String
  /// The cost when the step was over.
  public let cost: Int
}

/// What ``summarize(of:options:context:)`` made, and how.
public struct SummarizeResult: Sendable {
  /// The summary.
  public let summary: GraphSummary
  /// Every iteration that was run.
  public let iterations: [SummarizeIteration]
  /// Cost after merging and after each pruning step.
  public let steps: [SummarizeStep]
  /// Whether all iterations were run; false after a stop on request, when the summary is that of what was reached.
  public let isComplete: Bool
  /// Loops of the input that were left out; 0 where the input is kept (``SummarizeOptions/keepsInput``).
  public let droppedLoops: Int
  /// Whether directions, weights or parallel edges of the input were left out; false where it is kept.
  public let wasSimplified: Bool
}

/// Summarizes a graph without loss: fewest edges over a forest of supernodes, found greedily.
///
/// Rounds of min-hash grouping; in each group pairs of roots are merged while the saving reaches the threshold, their
/// joint edges re-encoded optimally at the top two levels from tables; then pruning, then an exact re-encoding for the
/// final forest. The cost never exceeds the number of edges: failing all else the summary is the plain edge list.
///
/// - Parameters:
///   - graph: Any graph of fewer than 2^30 nodes. The model stands for its simple undirected graph; directions,
///     weights, parallel edges and loops are kept beside it, in streams of their own that ``GraphSummary/sideBits``
///     measures.
///   - options: The same options and seed give the same summary for any thread count.
///   - context: Threads, progress (one unit an iteration), cancellation: a run that is stopped returns the summary of
///     what was reached, marked as incomplete.
/// - Throws: `MillError`: `bad-option` when an option is out of range, `unsupported` for too many nodes, `over-budget`.
/// - Complexity: Close to O(iterations * (n + m)) time; about 100 bytes an edge, nodes included, at the peak of large graphs.
/// - Source: Lee, Ko, Shin, "SLUGGER: Lossless Hierarchical Summarization of Massive Graphs", ICDE 2022, with correct
///   tables, a score that charges for h-edges, a frozen schedule and an exact last step.
public func summarize(
  of graph: CSRGraph, options: SummarizeOptions = .init(), context: RunContext = .init()
) throws(MillError) -> SummarizeResult {
  try summarize(of: graph, options: options, context: context, keepsPartial: true)
}

/// ``summarize(of:options:context:)``, or a run that ends with `interrupted` when it is stopped, for callers who want all
/// or nothing.
///
/// - Parameter merged: What to prune, in place of merging.
package func summarize(
  of graph: CSRGraph, options: SummarizeOptions, context: RunContext, keepsPartial: Bool, merged: MergedDraft? = nil
) throws(MillError) -> SummarizeResult {
  try options.validate()
  guard graph.nodeCount < 1 << 30 else {
    throw MillError(.unsupported, "\(graph.nodeCount) nodes, a summary holds fewer than 2^30")
  }
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  let run = SummarizeRun(
    input: graph, graph: simple, options: options, context: context, keepsPartial: keepsPartial, merged: merged,
    droppedLoops: options.keepsInput ? 0 : try graph.loopCount(context: context),
    wasSimplified: !options.keepsInput && (graph.isDirected || graph.isWeighted || graph.isMultigraph))
  return try run.narrow()
}

/// The same as ``summarize(of:options:context:)``.
public func summarize(
  _ graph: CSRGraph, options: SummarizeOptions = .init(), context: RunContext = .init()
) throws(MillError) -> SummarizeResult { try summarize(of: graph, options: options, context: context) }

private struct SummarizeRun {
  let input: CSRGraph
  /// The simple undirected graph of the input.
  let graph: CSRGraph
  let options: SummarizeOptions
  let context: RunContext
  let keepsPartial: Bool
  /// What to prune, in place of merging.
  let merged: MergedDraft?
  let droppedLoops: Int
  let wasSimplified: Bool

  /// Runs on 32-bit targets, copied where the graph has wide ones.
  func narrow() throws(MillError) -> SummarizeResult {
    switch graph.targets {
    case .narrow(let targets):
      guard targets.count > 0 else { return try emptyResult() }
      return try unsafe run(targets.base)
    case .wide(let targets):
      let copy = try FlatBuffer<UInt32>(uninitializedCount: max(1, targets.count))
      for arc in 0..<targets.count { unsafe copy.base[arc] = UInt32(truncatingIfNeeded: targets[arc]) }
      let result = try unsafe run(UnsafePointer(copy.base))
      withExtendedLifetime(copy) {}
      return result
    }
  }

  private func emptyResult() throws(MillError) -> SummarizeResult {
    let plain = unsafe plainDraft(nil)
    return try finish(plain, iterations: [], steps: [SummarizeStep(name: "plain", cost: 0)], isComplete: true)
  }

  private func finish(
    _ draft: SummaryDraft, iterations: [SummarizeIteration], steps: [SummarizeStep], isComplete: Bool
  ) throws(MillError) -> SummarizeResult {
    let summary = try GraphSummary(
      draft, edgeCount: graph.edgeCount, names: graph.names,
      input: options.keepsInput ? (graph: input, simple: graph) : nil)
    return SummarizeResult(
      summary: summary, iterations: iterations, steps: steps, isComplete: isComplete, droppedLoops: droppedLoops,
      wasSimplified: wasSimplified)
  }

  /// The edge list as a summary.
  private func plainDraft(_ targets: UnsafePointer<UInt32>?) -> SummaryDraft {
    let n = graph.nodeCount
    let edges = EdgeList(capacity: graph.edgeCount)
    if let targets = unsafe targets {
      let offsets = graph.offsets
      for u in 0..<n {
        for arc in Int(offsets[u])..<Int(offsets[u + 1]) where unsafe Int(targets[arc]) > u {
          unsafe edges.append(SignedEdge(x: UInt32(u), y: targets[arc], isNegative: false))
        }
      }
    }
    return SummaryDraft(
      leafCount: n, count: n, parent: [UInt32](repeating: SummaryDraft.none, count: n), edges: edges)
  }

  private func run(_ targets: UnsafePointer<UInt32>) throws(MillError) -> SummarizeResult {
    var iterations: [SummarizeIteration] = []
    var isComplete = true
    var draft: SummaryDraft
    switch options.model {
    case .hierarchical:
      if let merged {
        draft = try merged.draft(edgeCount: graph.edgeCount)
      } else {
        (draft, iterations, isComplete) = try unsafe mergeHierarchically(targets)
      }
    case .flat:
      (draft, iterations, isComplete) = try unsafe mergeFlat(targets)
    }
    if !keepsPartial { try context.checkCancelled() }
    var steps = [SummarizeStep(name: "merge", cost: draft.cost)]
    context.progress?.begin("prune", total: 4, unit: .items)
    if options.model == .hierarchical {
      try unsafe prune(&draft, targets, &steps)
    } else {
      draft.removeUseless()
      steps.append(SummarizeStep(name: "useless", cost: draft.cost))
    }
    context.progress?.end()
    try draft.edges.checkBudget()
    if draft.cost > graph.edgeCount {
      draft = unsafe plainDraft(targets)
      steps.append(SummarizeStep(name: "plain", cost: draft.cost))
    }
    let result = try finish(draft, iterations: iterations, steps: steps, isComplete: isComplete)
    withExtendedLifetime(graph) {}
    return result
  }

  private func prune(
    _ draft: inout SummaryDraft, _ targets: UnsafePointer<UInt32>, _ steps: inout [SummarizeStep]
  ) throws(MillError) {
    func done(_ name: String) {
      steps.append(SummarizeStep(name: name, cost: draft.cost))
      context.progress?.advance(by: 1)
    }
    for step in 1..<options.pruningSteps + 1 { done(try draft.prune(step: step, threads: context.threads)) }
    if options.reencodes {
      try unsafe draft.reencode(graph, targets: targets, context: context)
      draft.removeUseless()
      done("reencode")
    }
  }

  private func mergeHierarchically(
    _ targets: UnsafePointer<UInt32>
  ) throws(MillError) -> (SummaryDraft, [SummarizeIteration], Bool) {
    var engine = try unsafe MergeEngine(graph, targets: targets, options: options, context: context)
    let isComplete = try engine.run()
    engine.state.emitPending()
    var draft = unsafe SummaryDraft(
      leafCount: graph.nodeCount, count: engine.state.count,
      parent: Array(UnsafeBufferPointer(start: engine.state.parent, count: engine.state.count)),
      edges: EdgeList(adopting: engine.state.edgeOwner, count: engine.state.edgeCount))
    // The draft was copied out of the engine's memory.
    withExtendedLifetime(engine) {}
    try draft.orderEdges()
    return (draft, engine.iterations, isComplete)
  }

  private func mergeFlat(
    _ targets: UnsafePointer<UInt32>
  ) throws(MillError) -> (SummaryDraft, [SummarizeIteration], Bool) {
    var engine = unsafe FlatEngine(graph, targets: targets, options: options, context: context)
    let isComplete = engine.run()
    return (engine.draft(), engine.iterations, isComplete)
  }
}
