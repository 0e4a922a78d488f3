public import MillRuntime

/// Turns edges into an immutable graph.
///
/// Steps: number the nodes (`NodeNumbering`), partition the arcs by source, sort each partition while it is in
/// cache and merge duplicates there (`PartitionedArcs`), copy the lists together.
///
/// - Parameters:
///   - blocks: The edges in input order. Their buffers are overwritten and given back as soon as possible, so pass
///     the only reference.
///   - options: Direction, duplicates, loops, naming.
///   - context: Threads, progress. Neither threads nor the cut into blocks changes the graph.
/// - Returns: The graph, and what was merged or dropped.
/// - Throws: `MillError`: `duplicate-edge`, `self-loop`, `id-out-of-range`, `over-budget`.
/// - Complexity: O(n + m) time. Memory at the peak: 8 bytes an edge of input (16 for wide ids) plus 4 to 8 bytes an
///   arc (16 when weighted), then the arcs and the finished graph.
public func freeze(
  _ blocks: consuming [EdgeBlock], options: FreezeOptions = .init(), context: RunContext = .init()
) throws(MillError) -> (graph: CSRGraph, report: FreezeReport) {
  var report = FreezeReport()
  let isWeighted = blocks.contains { $0.weights != nil }
  var edges = EdgeRuns(blocks)
  blocks = []
  report.edges = edges.count
  let extent = edges.extent(threads: context.threads)
  report.selfLoops = extent.loops
  report.minimumID = extent.ids?.lowerBound
  report.maximumID = extent.ids?.upperBound
  if options.loops == .error, report.selfLoops > 0 {
    throw MillError(
      .selfLoop, "the input has \(report.selfLoops) self-loops", hint: "drop them with \(setting: "loops", "drop")")
  }
  try context.checkCancelled()
  let numbering = try NodeNumbering(edges, options: options, largestID: report.maximumID, threads: context.threads)
  try numbering.apply(to: &edges, threads: context.threads)
  try context.checkCancelled()
  let touched = options.isDirected ? try edges.touchedNodes(numbering.nodeCount, threads: context.threads) : nil

  let layout = ArcLayout(nodeCount: numbering.nodeCount, edges: edges.count, options: options, isWeighted: isWeighted)
  let lists: FrozenLists =
    if isWeighted {
      try PartitionedArcs<WeightedArc>(edges, layout, context).assemble(releasing: &edges, options, context)
    } else if layout.keyBits <= 32 {
      try PartitionedArcs<NarrowArc>(edges, layout, context).assemble(releasing: &edges, options, context)
    } else {
      try PartitionedArcs<WideArc>(edges, layout, context).assemble(releasing: &edges, options, context)
    }

  report.duplicates = lists.duplicates
  report.isolated = isolatedCount(lists.offsets, touched: touched, nodeCount: numbering.nodeCount)
  var flags: GraphFlags = []
  if options.isDirected { flags.insert(.directed) }
  if options.duplicates == .keep { flags.insert(.multigraph) }
  if lists.loops > 0 { flags.insert(.loops) }
  let arcCount = lists.targets.count
  let storage = CSRStorage(
    nodeCount: numbering.nodeCount,
    edgeCount: options.isDirected ? arcCount : (arcCount - lists.loops) / 2 + lists.loops, flags: flags,
    offsets: SharedArray(lists.offsets), targets: lists.targets, weights: lists.weights.map { SharedArray($0) },
    names: numbering.names)
  return (CSRGraph(storage: storage), report)
}

extension MillError.Kind {
  /// A self-loop where they are refused.
  public static let selfLoop = Self("self-loop", .badData)
  /// A repeated edge where they are refused.
  public static let duplicateEdge = Self("duplicate-edge", .badData)
  /// An id beyond the range that the file or the caller gave.
  public static let idOutOfRange = Self("id-out-of-range", .badData)
}

/// Nodes without an arc; for directed graphs `touched` has a bit for each node of any arc.
private func isolatedCount(_ offsets: FlatBuffer<UInt64>, touched: FlatBuffer<UInt64>?, nodeCount: Int) -> Int {
  if let touched {
    return unsafe nodeCount - touched.elements.reduce(0) { $0 + $1.nonzeroBitCount }
  }
  var isolated = 0
  for node in 0..<nodeCount where unsafe offsets.base[node] == offsets.base[node + 1] { isolated += 1 }
  return isolated
}
