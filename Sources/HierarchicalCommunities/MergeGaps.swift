public import GraphStore
public import MillRuntime

extension GroupLinks {
  /// Counts the edges of a graph between groups of its nodes.
  ///
  /// - Parameters:
  ///   - graph: Any graph; loops and parallel edges are merged away, a directed one becomes undirected.
  ///   - labels: The group of each node from 0 on, shape `[n]`; nodes with a negative label are left out.
  ///   - direction: How arcs become edges.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError`: `bad-option` when the lengths differ, `bad-weight`, `over-budget`.
  /// - Complexity: O(n + m + K²); the same for every thread count.
  public init(
    of graph: CSRGraph, labels: [Int32], direction: DirectionPolicy = .union, context: RunContext = .init()
  ) throws(MillError) {
    guard labels.count == graph.nodeCount else {
      throw MillError(.badOption, "\(labels.count) labels for the \(graph.nodeCount) nodes of the graph")
    }
    let work = try CommunityGraph(graph, direction: direction, context: context)
    let count = Int(labels.max() ?? -1) + 1
    try self.init(work, labels: work.restricted(labels), count: max(0, count), threads: context.threads)
    // Isolated nodes are in no row of the working graph, but in their groups.
    var sizes = [Int](repeating: 0, count: self.count)
    for label in labels where label >= 0 { sizes[Int(label)] += 1 }
    self.sizes = sizes
  }

  /// How clearly each merge of an average linkage was the right one: the gap between its density and the best density that
  /// either side had with a third cluster, in standard deviations of Poisson counts.
  ///
  /// - Parameter tree: The binary linkage of these counts.
  /// - Returns: One value a tree node: infinite where no third cluster was left or nothing was random, NaN for leaves and for
  ///   nodes above a node of more than two children.
  /// - Complexity: O(K²).
  public func mergeGaps(of tree: CommunityTree) -> [Double] {
    let k = count
    var gaps = [Double](repeating: .nan, count: tree.nodeCount)
    guard tree.leafCount == k else { return gaps }
    var edges = links.map { Double($0) }
    var sizes = self.sizes.map(Double.init)
    // The row of each tree node's counts; nil above a node that is not binary.
    var row: [Int?] = (0..<k).map { $0 } + [Int?](repeating: nil, count: tree.nodeCount - k)
    var active = [Bool](repeating: true, count: k)
    for node in tree.innerNodes {
      let children = tree.children(of: node).map(Int.init)
      guard children.count == 2, let a = row[children[0]], let b = row[children[1]] else { continue }
      /// Density and its variance, both in units of a weight of 1.
      func density(_ x: Int, _ y: Int) -> (value: Double, variance: Double) {
        let pairs = max(1, sizes[x] * sizes[y])
        return (edges[x * k + y] / pairs, edges[x * k + y] / (pairs * pairs))
      }
      let own = density(a, b)
      var rival: (value: Double, variance: Double)?
      for c in 0..<k where active[c] && c != a && c != b {
        for candidate in [density(a, c), density(b, c)] where candidate.value > rival?.value ?? -1 { rival = candidate }
      }
      if let rival {
        let variance = own.variance + rival.variance
        let gap = own.value - rival.value
        gaps[node] = variance > 0 ? gap / variance.squareRoot() : gap > 0 ? .infinity : 0
      } else {
        gaps[node] = .infinity
      }
      for c in 0..<k where active[c] && c != a && c != b {
        edges[a * k + c] += edges[b * k + c]
        edges[c * k + a] = edges[a * k + c]
      }
      sizes[a] += sizes[b]
      active[b] = false
      row[node] = a
    }
    return gaps
  }
}
