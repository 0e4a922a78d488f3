public import GraphStore
public import MillRuntime

/// Which arcs of a node are counted.
public enum DegreeDirection: String, Sendable, CaseIterable, Codable {
  /// Arcs that leave the node; in an undirected graph its edges.
  case out
  /// Arcs that enter the node; in an undirected graph its edges.
  case `in`
  /// Arcs that leave or enter the node; in an undirected graph its edges.
  case total
}

/// The settings of ``degrees(of:options:context:)``.
public struct DegreeOptions: Sendable, Equatable, Codable {
  /// Which arcs are counted; without influence on undirected graphs.
  public var direction: DegreeDirection
  /// Whether a loop of an undirected graph adds 2 to its node, so that degrees sum to twice the edge count. Without
  /// influence on directed graphs, where a loop is one arc out and one arc in.
  public var countsLoopsTwice: Bool
  /// Out-degrees, a loop counting 1, unless told otherwise.
  public init(
    direction: DegreeDirection = .out, countsLoopsTwice: Bool = false
  ) {
    self.direction = direction
    self.countsLoopsTwice = countsLoopsTwice
  }
}

/// The settings of ``degreeStatistics(of:options:context:)``.
public struct DegreeStatisticsOptions: Sendable, Equatable, Codable {
  /// Whether a loop of an undirected graph adds 2 to its node; see ``DegreeOptions/countsLoopsTwice``.
  public var countsLoopsTwice: Bool
  /// A loop counts 1, unless told otherwise.
  public init(
    countsLoopsTwice: Bool = false
  ) {
    self.countsLoopsTwice = countsLoopsTwice
  }
}

/// How many nodes have which degree.
public struct DegreeDistribution: Sendable, Equatable {
  /// The nodes of one degree.
  public struct Bin: Sendable, Equatable {
    /// The degree.
    public let degree: Int
    /// Nodes of that degree, at least 1.
    public let nodes: Int

    /// A bin.
    public init(degree: Int, nodes: Int) {
      self.degree = degree
      self.nodes = nodes
    }
  }

  /// The degrees that occur, ascending.
  public let histogram: [Bin]
  /// The number of nodes.
  public let nodeCount: Int
  /// The sum of all degrees.
  public let total: Int

  /// The smallest degree; 0 without nodes.
  public var minimum: Int { histogram.first?.degree ?? 0 }
  /// The largest degree; 0 without nodes.
  public var maximum: Int { histogram.last?.degree ?? 0 }
  /// The mean degree; 0 without nodes.
  public var mean: Double { nodeCount > 0 ? Double(total) / Double(nodeCount) : 0 }

  /// The smallest degree that at least `percent` of the nodes do not exceed (nearest rank); 0 without nodes.
  ///
  /// - Parameter percent: In 0...100, clamped; 50 is the lower median, 0 the minimum, 100 the maximum.
  public func percentile(_ percent: Double) -> Int {
    let wanted = max(1, (min(max(percent, 0), 100) / 100 * Double(nodeCount)).rounded(.up))
    var seen = 0
    for bin in histogram {
      seen += bin.nodes
      if Double(seen) >= wanted { return bin.degree }
    }
    return maximum
  }

  /// Counts an array of degrees.
  init(of degrees: SharedArray<UInt64>, context: RunContext) throws(MillError) {
    let n = degrees.count
    let base = unsafe degrees.base
    let smallDegrees = 1 << 10
    // Small degrees, where nearly all nodes are, are counted per thread; large ones, where threads hardly ever
    // meet, in common.
    let threads = max(1, min(context.threads, Parallel.chunkCount(n, size: nodesPerChunk)))
    let small = try FlatBuffer<UInt64>(count: threads * smallDegrees)
    var maximum: UInt64 = 0
    for v in 0..<n { maximum = unsafe max(maximum, base[v]) }
    let large = try FlatBuffer<UInt64>(count: max(0, Int(maximum) + 1 - smallDegrees))
    Parallel.forEachRange(of: n, size: nodesPerChunk, threads: threads) { range, worker in
      let own = unsafe small.base + worker * smallDegrees
      for v in range {
        let degree = unsafe Int(base[v])
        if degree < smallDegrees {
          unsafe own[degree] += 1
        } else {
          unsafe SharedMemory.add(1, to: large.base + degree - smallDegrees)
        }
      }
    }
    var histogram: [Bin] = []
    var total = 0
    func add(_ degree: Int, _ nodes: Int) {
      guard nodes > 0 else { return }
      histogram.append(Bin(degree: degree, nodes: nodes))
      total += degree * nodes
    }
    for degree in 0..<smallDegrees {
      add(degree, (0..<threads).reduce(0) { unsafe $0 + Int(small.base[$1 * smallDegrees + degree]) })
    }
    for i in 0..<large.count { unsafe add(smallDegrees + i, Int(large.base[i])) }
    self.histogram = histogram
    self.total = total
    nodeCount = n
  }
}

/// What ``degreeStatistics(of:options:context:)`` found.
public struct DegreeStatisticsResult: Sendable, Equatable {
  /// Degrees of an undirected graph, out-degrees of a directed one.
  public let degrees: DegreeDistribution
  /// In-degrees of a directed graph; nil for an undirected one.
  public let inDegrees: DegreeDistribution?
  /// Nodes without any arc, in or out; a node with only a loop is not isolated.
  public let isolated: Int
}

/// Counts how many nodes have which degree.
///
/// - Parameters:
///   - graph: Any graph; parallel edges count as often as they occur.
///   - options: How loops count.
///   - context: Threads, a way to stop.
/// - Returns: The exact histogram with minimum, maximum, mean and percentiles, and the number of isolated nodes.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n) time for undirected graphs and those with in-arcs, else O(n + m); 8n bytes and 8 bytes a value
///   up to the largest degree (twice for directed graphs). The result is the same for every thread count.
public func degreeStatistics(
  of graph: some NeighborGraph, options: DegreeStatisticsOptions = .init(), context: RunContext = .init()
) throws(MillError) -> DegreeStatisticsResult {
  var choice = DegreeOptions()
  choice.countsLoopsTwice = options.countsLoopsTwice
  let out = try degrees(of: graph, options: choice, context: context)
  var entering: SharedArray<UInt64>?
  if graph.isDirected {
    choice.direction = .in
    entering = try degrees(of: graph, options: choice, context: context)
  }
  let a = unsafe out.base
  let b = unsafe (entering ?? out).base
  let isolated = try parallelSum(graph.nodeCount, context: context) { range in
    range.reduce(0) { unsafe $0 + (a[$1] | b[$1] == 0 ? 1 : 0) }
  }
  let distribution = try DegreeDistribution(of: out, context: context)
  var inDistribution: DegreeDistribution?
  if let entering { inDistribution = try DegreeDistribution(of: entering, context: context) }
  return DegreeStatisticsResult(degrees: distribution, inDegrees: inDistribution, isolated: isolated)
}

/// The degree of every node.
///
/// - Returns: Shape `[n]`.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n) time, O(n + m) for in-degrees of a directed graph without in-arcs; O(n log(max degree)) where
///   loops count twice. 8n bytes. The result is the same for every thread count.
public func degrees(
  of graph: some NeighborGraph, options: DegreeOptions = .init(), context: RunContext = .init()
) throws(MillError) -> SharedArray<UInt64> {
  let graph = graph.stored
  return try graph.withRows(context: context, DegreeCounting(graph: graph, options: options))
}

private struct DegreeCounting: SourceVisitor {
  let graph: StoredGraph
  let options: DegreeOptions

  func visit<Rows: RowSource>(_ rows: Rows) throws(MillError) -> SharedArray<UInt64> {
    let counts = try FlatBuffer<UInt64>(count: rows.nodeCount)
    if !rows.isDirected || options.direction != .in { try unsafe addListLengths(rows, to: counts.base) }
    if rows.isDirected, options.direction != .out {
      if let incoming = rows.incoming(of: graph) {
        try unsafe addListLengths(incoming, to: counts.base)
      } else {
        try unsafe addOccurrences(of: rows, to: counts.base)
      }
    }
    if !rows.isDirected, options.countsLoopsTwice, rows.hasLoops { try unsafe addLoops(rows, to: counts.base) }
    return SharedArray(counts)
  }
}

private func addListLengths(
  _ rows: some RowSource, to counts: UnsafeMutablePointer<UInt64>
) throws(MillError) {
  _ = try parallelSum(rows.nodeCount, context: rows.context) { range in
    for v in range { unsafe counts[v] &+= UInt64(rows.degree(v)) }
    return 0
  }
}

private func addOccurrences(
  of rows: some RowSource, to counts: UnsafeMutablePointer<UInt64>
) throws(MillError) {
  let isShared = rows.context.threads > 1
  try rows.forEachChunk { nodes, _, _ in
    unsafe rows.forEachPiece(of: nodes) { targets, _, count in
      if isShared {
        for i in 0..<count { unsafe SharedMemory.add(1, to: counts + Int(truncatingIfNeeded: targets[i])) }
      } else {
        for i in 0..<count { unsafe counts[Int(truncatingIfNeeded: targets[i])] &+= 1 }
      }
    }
  }
}

/// Adds 1 for each loop, found by binary search in its ascending list.
private func addLoops(_ rows: some RowSource, to counts: UnsafeMutablePointer<UInt64>) throws(MillError) {
  _ = try parallelSum(rows.nodeCount, context: rows.context) { range in
    for v in range { unsafe counts[v] &+= UInt64(rows.loops(at: v)) }
    return 0
  }
}
