public import MillRuntime

/// Turns edges into an immutable graph.
///
/// - Parameters:
///   - blocks: The edges in input order.
///   - options: Direction, duplicates, loops, naming.
///   - context: Threads, progress.
/// - Returns: The graph, and what was merged or dropped.
/// - Throws: ``MillError``: `duplicate-edge`, `self-loop`, `id-out-of-range`, `over-budget`.
public func freeze(
  _ blocks: consuming [EdgeBlock], options: FreezeOptions = .init(), context: RunContext = .init()
) throws(MillError) -> (graph: CSRGraph, report: FreezeReport) {
  // First form: right before fast.
  var report = FreezeReport()
  var edges: [(u: UInt64, v: UInt64, weight: Double)] = []
  let isWeighted = blocks.contains { $0.weights != nil }
  for block in blocks {
    for i in 0..<block.count {
      let (u, v) =
        switch block.ids {
        case .narrow(let ids): (UInt64(ids.base[2 * i]), UInt64(ids.base[2 * i + 1]))
        case .wide(let ids): (ids.base[2 * i], ids.base[2 * i + 1])
        }
      edges.append((u, v, block.weights?.base[i] ?? 1))
      if u == v { report.selfLoops += 1 }
    }
  }
  report.edges = edges.count
  report.minimumID = edges.map { min($0.u, $0.v) }.min()
  report.maximumID = edges.map { max($0.u, $0.v) }.max()
  if options.loops == .error, report.selfLoops > 0 {
    throw MillError(MillError.Kind("self-loop", .badData), "the input has a self-loop")
  }
  if options.loops == .drop { edges.removeAll { $0.u == $0.v } }
  var owners: [AnyObject] = []
  var names = NodeNames.dense
  var n = Int((report.maximumID ?? 0) + (report.maximumID == nil ? 0 : 1))
  switch options.naming {
  case .dense(let count):
    if let count {
      guard n <= count else { throw MillError(MillError.Kind("id-out-of-range", .badData), "id out of range") }
      n = count
    }
  case .labels(let table, let keep):
    n = table.offsets.count - 1
    names = .labels(table)
    owners = keep
  case .compact:
    let ids = Set(edges.flatMap { [$0.u, $0.v] }).sorted()
    let rank = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, UInt64($0)) })
    edges = edges.map { (rank[$0.u]!, rank[$0.v]!, $0.weight) }
    n = ids.count
    let buffer = try FlatBuffer<UInt64>(count: n)
    for (i, id) in ids.enumerated() { buffer.base[i] = id }
    names = .ids(buffer.elements)
    owners.append(buffer)
  }
  var arcs: [(u: UInt64, v: UInt64, weight: Double, isLast: Bool)] = []
  for e in edges {
    arcs.append((e.u, e.v, e.weight, false))
    if !options.isDirected, e.u != e.v { arcs.append((e.v, e.u, e.weight, false)) }
  }
  let order = arcs.indices.sorted { (arcs[$0].u, arcs[$0].v, $0) < (arcs[$1].u, arcs[$1].v, $1) }
  var merged: [(u: UInt64, v: UInt64, weight: Double)] = []
  var duplicateArcs = 0
  for i in order {
    let a = arcs[i]
    if options.duplicates != .keep, let last = merged.last, last.u == a.u, last.v == a.v {
      if options.isDirected || a.u <= a.v { duplicateArcs += 1 }
      switch options.duplicates {
      case .sum: merged[merged.count - 1].weight += a.weight
      case .min: merged[merged.count - 1].weight = min(last.weight, a.weight)
      case .max: merged[merged.count - 1].weight = max(last.weight, a.weight)
      case .error: throw MillError(MillError.Kind("duplicate-edge", .badData), "the input repeats an edge")
      case .first, .keep: break
      }
    } else {
      merged.append((a.u, a.v, a.weight))
    }
  }
  report.duplicates = duplicateArcs
  let offsets = try FlatBuffer<UInt64>(count: n + 1)
  let targets = try FlatBuffer<UInt32>(count: merged.count)
  let weights = isWeighted ? try FlatBuffer<Double>(count: merged.count) : nil
  var touched = [Bool](repeating: false, count: n)
  for (i, a) in merged.enumerated() {
    offsets.base[Int(a.u) + 1] += 1
    targets.base[i] = UInt32(a.v)
    weights?.base[i] = a.weight
    touched[Int(a.u)] = true
    touched[Int(a.v)] = true
  }
  for v in 0..<n { offsets.base[v + 1] += offsets.base[v] }
  report.isolated = touched.lazy.filter { !$0 }.count
  let loops = merged.lazy.filter { $0.u == $0.v }.count
  var flags: GraphFlags = []
  if options.isDirected { flags.insert(.directed) }
  if options.duplicates == .keep { flags.insert(.multigraph) }
  if loops > 0 { flags.insert(.loops) }
  if let weights { owners.append(weights) }
  let storage = CSRStorage(
    nodeCount: n, edgeCount: options.isDirected ? merged.count : (merged.count - loops) / 2 + loops, flags: flags,
    offsets: offsets.elements, targets: .narrow(targets.elements), weights: weights?.elements, names: names,
    owners: owners + [offsets, targets])
  return (CSRGraph(storage: storage), report)
}

extension CSRGraph {
  /// A graph of `nodeCount` nodes and the given edges; duplicates are merged, loops kept.
  ///
  /// For small graphs in code and tests; large ones come through readers and generators.
  public init(nodeCount: Int, edges: [(Int, Int)], isDirected: Bool = false) throws(MillError) {
    try self.init(nodeCount: nodeCount, weightedEdges: edges.map { ($0.0, $0.1, 1) }, isDirected: isDirected, keepsWeights: false)
  }

  /// A weighted graph; weights of duplicates are added.
  public init(nodeCount: Int, weightedEdges: [(Int, Int, Double)], isDirected: Bool = false) throws(MillError) {
    try self.init(nodeCount: nodeCount, weightedEdges: weightedEdges, isDirected: isDirected, keepsWeights: true)
  }

  private init(
    nodeCount: Int, weightedEdges edges: [(Int, Int, Double)], isDirected: Bool, keepsWeights: Bool
  ) throws(MillError) {
    let ids = try FlatBuffer<UInt64>(count: 2 * edges.count)
    let weights = keepsWeights ? try FlatBuffer<Double>(count: edges.count) : nil
    for (i, edge) in edges.enumerated() {
      precondition(edge.0 >= 0 && edge.1 >= 0, "node ids are not negative")
      ids.base[2 * i] = UInt64(edge.0)
      ids.base[2 * i + 1] = UInt64(edge.1)
      weights?.base[i] = edge.2
    }
    var options = FreezeOptions()
    options.isDirected = isDirected
    options.naming = .dense(nodeCount: nodeCount)
    let block = EdgeBlock(ids: .wide(ids), weights: weights, count: edges.count)
    self = try freeze([block], options: options, context: RunContext(threads: 1)).graph
  }
}
