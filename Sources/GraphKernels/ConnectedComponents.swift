public import GraphStore
public import MillRuntime

/// The settings of ``connectedComponents(of:options:context:)``. They change the work, never the result.
public struct ConnectedComponentsOptions: Sendable, Equatable, Codable {
  /// Arcs a node that are linked before the giant component is looked for, at least 0.
  public var neighborRounds: Int
  /// Nodes sampled to find the giant component; 0 skips the search, and then every arc is linked.
  public var sampleSize: Int

  /// Two rounds and 1024 samples, or other numbers.
  public init(neighborRounds: Int = 2, sampleSize: Int = 1024) {
    self.neighborRounds = neighborRounds
    self.sampleSize = sampleSize
  }
}

/// What ``connectedComponents(of:options:context:)`` found.
public struct ConnectedComponentsResult: Sendable {
  /// The component of each node, shape `[n]`. Components are numbered by their smallest node: 0 holds node 0.
  public let labels: SharedArray<UInt32>
  /// Nodes of each component.
  public let sizes: [Int]
  /// The component with most nodes, the first of several; nil for a graph without nodes.
  public let largest: Int?
  /// Arcs linked: the work done, independent of machine and thread count.
  public let arcsExamined: Int

  /// The number of components.
  public var count: Int { sizes.count }
}

/// Finds the weakly connected components.
///
/// A forest over the nodes, where parents are smaller than their children: first a few arcs of every node are linked,
/// which joins most of a giant component if there is one; a sample finds it, and the arcs inside it need no further
/// look. So a graph with a giant component costs few arcs more than nodes.
///
/// - Parameters:
///   - graph: A graph whose arrays are consistent (as `freeze` makes them; check files from strangers first). The
///     direction of arcs is ignored.
///   - options: Rounds and sample.
///   - context: Threads, progress, a way to stop.
/// - Returns: Labels of shape `[n]`, sizes, and the largest component.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`; `unsupported` beyond 2^32 - 1 components.
/// - Complexity: O(n + m) time in practice, 8n bytes (12n for wide targets) and n bits. The result and the counter are
///   the same for every thread count.
/// - Source: Sutton, Ben-Nun, Barak, "Optimizing parallel graph connectivity computation via subgraph sampling",
///   IPDPS 2018, section IV (Afforest).
public func connectedComponents(
  of graph: some NeighborGraph, options: ConnectedComponentsOptions = .init(), context: RunContext = .init()
) throws(MillError) -> ConnectedComponentsResult {
  guard options.neighborRounds >= 0, options.sampleSize >= 0 else {
    throw MillError(
      .badOption, "rounds and sample size must not be negative",
      field: "\(min(options.neighborRounds, options.sampleSize))")
  }
  context.progress?.begin("components", total: graph.nodeCount, unit: .items)
  defer { context.progress?.end() }
  return try graph.stored.withRows(context: context, Afforest(options: options))
}

private struct Afforest: SourceVisitor {
  let options: ConnectedComponentsOptions

  func visit<Rows: RowSource>(_ rows: Rows) throws(MillError) -> ConnectedComponentsResult {
    try components(rows, options, rows.context)
  }
}

private func components<Rows: RowSource>(
  _ rows: Rows, _ options: ConnectedComponentsOptions, _ context: RunContext
) throws(MillError) -> ConnectedComponentsResult {
  let n = rows.nodeCount
  let parents = try FlatBuffer<Rows.ID>(count: n)
  let parent = unsafe parents.base
  let forest = unsafe LinkForest(parents: parent, isShared: context.threads > 1)
  _ = try parallelSum(n, context: context) { range in
    for v in range { unsafe parent[v] = Rows.ID(truncatingIfNeeded: v) }
    return 0
  }
  var arcsExamined = 0
  for round in 0..<options.neighborRounds {
    arcsExamined += try parallelSum(n, context: context) { range in
      var linked = 0
      for v in range {
        if round < rows.degree(v) {
          forest.link(v, rows.target(of: v, at: round))
          linked &+= 1
        }
      }
      return linked
    }
    // Flat trees keep the climbs of the next round short.
    try forest.compress(n, context)
  }
  let giant = try giantRoot(forest, n, options, context)
  let rounds = options.neighborRounds
  // Who is in the giant component is written down before links go on, so that the arcs skipped, and with them the
  // counter, do not depend on which thread is faster.
  let giantBits = try FlatBuffer<UInt64>(count: (n + 63) / 64)
  let inGiant = unsafe giantBits.base
  if let giant {
    _ = try parallelSum(giantBits.count, context: context) { words in
      for word in words {
        var bits: UInt64 = 0
        for v in word * 64..<min(n, word * 64 + 64) where unsafe parent[v] == giant { bits |= 1 &<< UInt64(v & 63) }
        unsafe inGiant[word] = bits
      }
      return 0
    }
  }
  // An arc between the giant component and another node can be seen from both ends in undirected graphs only.
  let skipsGiantRows = !rows.isDirected
  arcsExamined += try parallelSum(n, size: 1 << 12, context: context) { range in
    var linked = 0
    for v in range {
      let isInGiant = unsafe inGiant[v &>> 6] &>> UInt64(v & 63) & 1 != 0
      if isInGiant, skipsGiantRows { continue }
      rows.forEachTarget(v, from: rounds) { u, _ in
        if isInGiant, unsafe inGiant[u &>> 6] &>> UInt64(u & 63) & 1 != 0 { return }
        forest.link(v, u)
        linked &+= 1
      }
    }
    context.progress?.advance(by: range.count)
    return linked
  }
  try forest.compress(n, context)
  withExtendedLifetime(giantBits) {}
  return try number(parents, arcsExamined: arcsExamined, context)
}

/// The root that most sampled nodes have, the smallest of several; nil without a sample.
private func giantRoot<ID: NodeIndex>(
  _ forest: LinkForest<ID>, _ n: Int, _ options: ConnectedComponentsOptions, _ context: RunContext
) throws(MillError) -> ID? {
  guard n > 0, options.sampleSize > 0 else { return nil }
  let stream = RandomStream(seed: 0, stage: "components")
  var roots = (0..<min(options.sampleSize, n)).map { item in
    var random = stream.item(UInt64(item))
    return unsafe forest.parents[Int(random.below(UInt64(n)))]
  }
  roots.sort()
  var best = roots[0]
  var bestCount = 0
  var start = 0
  for i in 1...roots.count where i == roots.count || roots[i] != roots[start] {
    if i - start > bestCount { (best, bestCount) = (roots[start], i - start) }
    start = i
  }
  return best
}

/// Turns roots, each the smallest node of its tree, into consecutive labels, and counts.
private func number<ID: NodeIndex>(
  _ parents: FlatBuffer<ID>, arcsExamined: Int, _ context: RunContext
) throws(MillError) -> ConnectedComponentsResult {
  let n = parents.count
  let parent = unsafe parents.base
  let size = nodesPerChunk
  let chunks = Parallel.chunkCount(n, size: size)
  let starts = try FlatBuffer<Int>(count: chunks + 1)
  Parallel.forEachRange(of: n, size: size, threads: context.threads) { range, _ in
    unsafe starts.base[range.lowerBound / size + 1] = range.reduce(0) { unsafe $0 + (Int(parent[$1]) == $1 ? 1 : 0) }
  }
  for chunk in 0..<chunks { unsafe starts.base[chunk + 1] += starts.base[chunk] }
  let count = unsafe starts.base[chunks]
  guard count <= Int(UInt32.max) else { throw MillError(.unsupported, "more than 2^32 - 1 components") }
  let labels = try FlatBuffer<UInt32>(count: n)
  let label = unsafe labels.base
  Parallel.forEachRange(of: n, size: size, threads: context.threads) { range, _ in
    var next = unsafe UInt32(starts.base[range.lowerBound / size])
    for v in range where unsafe Int(parent[v]) == v {
      unsafe label[v] = next
      next &+= 1
    }
  }
  Parallel.forEachRange(of: n, size: size, threads: context.threads) { range, _ in
    for v in range where unsafe Int(parent[v]) != v { unsafe label[v] = unsafe label[Int(parent[v])] }
  }
  var sizes = [Int](repeating: 0, count: count)
  unsafe sizes.withUnsafeMutableBufferPointer { sizes in
    var v = 0
    while v < n {
      let start = v
      let current = unsafe label[v]
      while v < n, unsafe label[v] == current { v &+= 1 }
      unsafe sizes[Int(current)] &+= v &- start
    }
  }
  var largest: Int?
  for component in 0..<count where largest.map({ sizes[component] > sizes[$0] }) ?? true { largest = component }
  return ConnectedComponentsResult(
    labels: SharedArray(labels), sizes: sizes, largest: largest, arcsExamined: arcsExamined)
}

/// A union-find forest in which every parent is smaller than its child, so that a root is its tree's smallest node.
@safe private struct LinkForest<ID: NodeIndex> {
  let parents: UnsafeMutablePointer<ID>
  /// Whether several threads link at once.
  let isShared: Bool

  /// Joins the trees of two nodes: the larger root gets a parent in the other tree.
  @inline(__always) func link(_ u: Int, _ v: Int) {
    var a = unsafe SharedMemory.load(parents + u)
    var b = unsafe SharedMemory.load(parents + v)
    while a != b {
      let high = max(a, b)
      let low = min(a, b)
      let above = unsafe SharedMemory.load(parents + Int(high))
      if above == low { return }
      if above == high {
        if !isShared {
          unsafe parents[Int(high)] = low
          return
        }
        if unsafe SharedMemory.replace(high, by: low, at: parents + Int(high)) { return }
      }
      a = unsafe SharedMemory.load(parents + Int(SharedMemory.load(parents + Int(high))))
      b = unsafe SharedMemory.load(parents + Int(low))
    }
  }

  /// Makes every node point at its root.
  func compress(_ count: Int, _ context: RunContext) throws(MillError) {
    _ = try parallelSum(count, context: context) { range in
      for v in range {
        let start = unsafe SharedMemory.load(parents + v)
        var root = start
        while true {
          let above = unsafe SharedMemory.load(parents + Int(root))
          if above == root { break }
          root = above
        }
        if root != start { unsafe SharedMemory.store(root, to: parents + v) }
      }
      return 0
    }
  }
}
