public import MillRuntime

/// How two graphs' edge sets meet; made by ``edgeOverlap(between:and:context:)``.
public struct EdgeOverlapResult: Sendable, Equatable {
  /// Edges that both graphs have.
  public let common: Int
  /// Edges that only the first has.
  public let onlyFirst: Int
  /// Edges that only the second has.
  public let onlySecond: Int

  /// Common edges over all edges (Jaccard), in 0...1; 1 for two graphs without edges.
  public var jaccard: Double {
    let all = common + onlyFirst + onlySecond
    return all == 0 ? 1 : Double(common) / Double(all)
  }
}

/// Counts the edges that two graphs share, where nodes are the same when their names are.
///
/// Weights are ignored, parallel edges count once. A node that is called by a number and one that has the digits of
/// that number as its label are the same.
///
/// - Parameters:
///   - first: Any graph.
///   - second: A graph of the same direction.
///   - context: Threads, a way to stop.
/// - Returns: The sizes of the intersection and of both differences.
/// - Throws: ``MillError``: `bad-option` when only one graph is directed, `over-budget`, `interrupted`.
/// - Complexity: O(n₁ + n₂ + m₂ log(max degree₁)) time where names are numbers or sorted labels; 8n₂ bytes. The result
///   is the same for every thread count.
public func edgeOverlap(
  between first: CSRGraph, and second: CSRGraph, context: RunContext = .init()
) throws(MillError) -> EdgeOverlapResult {
  guard first.isDirected == second.isDirected else {
    throw MillError(
      .badOption, "one graph is directed and the other is not", hint: "make both undirected: transform --symmetrize")
  }
  let map = try nodeMap(from: second, into: first)
  let inFirst = try countEdges(of: first, context: context) { _, _ in true }
  let inSecond = try countEdges(of: second, context: context) { _, _ in true }
  let images = map.base
  let common = try withExtendedLifetime(map) { () throws(MillError) in
    try countEdges(of: second, context: context) { source, target in
      images[source] >= 0 && images[target] >= 0 && first.hasArc(images[source], images[target])
    }
  }
  return EdgeOverlapResult(common: common, onlyFirst: inFirst - common, onlySecond: inSecond - common)
}

/// Counts the distinct edges that a test accepts; an undirected edge is tested once, with its smaller node first.
private func countEdges(
  of graph: CSRGraph, context: RunContext, where accepts: (_ source: Int, _ target: Int) -> Bool
) throws(MillError) -> Int {
  let size = 4096
  let counts = try FlatBuffer<Int>(count: Parallel.chunkCount(graph.nodeCount, size: size))
  let offsets = graph.offsets
  let targets = graph.targets
  let isDirected = graph.isDirected
  try withExtendedLifetime(graph) { () throws(MillError) in
    try Parallel.forEachThrowing(counts.count, threads: context.threads) { chunk, _ throws(MillError) in
      try context.checkCancelled()
      var count = 0
      for source in Parallel.range(ofChunk: chunk, size: size, count: graph.nodeCount) {
        var last = -1
        for arc in Int(offsets[source])..<Int(offsets[source + 1]) {
          let target = targets[arc]
          if target == last || (!isDirected && target < source) { continue }
          last = target
          if accepts(source, target) { count += 1 }
        }
      }
      counts.base[chunk] = count
    }
  }
  return counts.elements.reduce(0, +)
}

/// For each node of a graph the node of another one with the same name, or -1.
private func nodeMap(from graph: CSRGraph, into other: CSRGraph) throws(MillError) -> FlatBuffer<Int> {
  let map = try FlatBuffer<Int>(count: graph.nodeCount)
  withExtendedLifetime((graph, other)) {
    switch (graph.names, other.names) {
    case (.labels, _), (_, .labels): mapLabels(graph, other, map.base)
    default: mapNumbers(graph, other, map.base)
    }
  }
  return map
}

private func number(_ names: NodeNames, _ node: Int) -> UInt64 {
  if case .ids(let ids) = names { ids[node] } else { UInt64(node) }
}

private func mapNumbers(_ graph: CSRGraph, _ other: CSRGraph, _ map: UnsafeMutablePointer<Int>) {
  let isAscending = { (graph: CSRGraph) in
    (1..<max(1, graph.nodeCount)).allSatisfy { number(graph.names, $0 - 1) < number(graph.names, $0) }
  }
  guard isAscending(graph), isAscending(other) else {
    var nodes: [UInt64: Int] = [:]
    for node in (0..<other.nodeCount).reversed() { nodes[number(other.names, node)] = node }
    for node in 0..<graph.nodeCount { map[node] = nodes[number(graph.names, node)] ?? -1 }
    return
  }
  var candidate = 0
  for node in 0..<graph.nodeCount {
    let wanted = number(graph.names, node)
    while candidate < other.nodeCount, number(other.names, candidate) < wanted { candidate += 1 }
    map[node] = candidate < other.nodeCount && number(other.names, candidate) == wanted ? candidate : -1
  }
}

private func mapLabels(_ graph: CSRGraph, _ other: CSRGraph, _ map: UnsafeMutablePointer<Int>) {
  if case .labels(let wanted) = graph.names, case .labels(let known) = other.names,
    isAscending(wanted, graph.nodeCount), isAscending(known, other.nodeCount)
  {
    var candidate = 0
    for node in 0..<graph.nodeCount {
      let label = wanted[node]
      while candidate < other.nodeCount, known[candidate].lexicographicallyPrecedes(label) { candidate += 1 }
      map[node] = candidate < other.nodeCount && known[candidate].elementsEqual(label) ? candidate : -1
    }
    return
  }
  var nodes: [[UInt8]: Int] = [:]
  for node in (0..<other.nodeCount).reversed() { nodes[nameBytes(other.names, node)] = node }
  for node in 0..<graph.nodeCount { map[node] = nodes[nameBytes(graph.names, node)] ?? -1 }
}

private func isAscending(_ table: NodeNames.LabelTable, _ count: Int) -> Bool {
  (1..<max(1, count)).allSatisfy { table[$0 - 1].lexicographicallyPrecedes(table[$0]) }
}

private func nameBytes(_ names: NodeNames, _ node: Int) -> [UInt8] {
  if case .labels(let table) = names { Array(table[node]) } else { Array(String(number(names, node)).utf8) }
}
