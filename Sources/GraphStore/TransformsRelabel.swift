public import MillRuntime

/// An order in which ``CSRGraph/relabeled(by:context:)`` numbers the nodes anew.
public enum NodeOrder: String, Sendable, CaseIterable {
  /// Descending degree; equal degrees in the old order. Hubs share cache lines.
  case degree
  /// Breadth-first, from the node of largest degree of each component, neighbors in the old order.
  case bfs
  /// Reverse Cuthill–McKee: breadth-first from the node of smallest degree of each component, neighbors by
  /// ascending degree, all of it backwards. Neighbors get near numbers.
  case rcm
  /// Rabbit order: communities, and communities of communities, side by side. What is used together is near.
  case rabbit
}

extension CSRGraph {
  /// The same graph with its nodes in another order; names stay with their nodes, dense names become ids.
  ///
  /// Breadth-first orders follow out-arcs; what a directed graph's root does not reach gets a root of its own. Roots
  /// are taken in the order of degree (ties: the old order), so components come in the order of their roots.
  ///
  /// - Parameters:
  ///   - order: The new order.
  ///   - context: Threads, a way to stop.
  /// - Returns: The graph; in-arcs are not carried over.
  /// - Throws: `MillError`: `over-budget`, `interrupted`; `unsupported` for rabbit order beyond 2^32 - 1 nodes.
  /// - Complexity: O(n + m log d) time, 24n bytes beside the result, for rabbit order 36n and 8 to 16 bytes an arc. The
  ///   order is found by one thread, the arcs are moved by all; the same result for every thread count.
  /// - Source: Cuthill, McKee, "Reducing the bandwidth of sparse symmetric matrices", ACM National Conference 1969;
  ///   reversed after George, Stanford report STAN-CS-71-208, 1971. Arai et al., "Rabbit order: just-in-time parallel
  ///   reordering for fast graph analysis", IPDPS 2016, section III.
  public func relabeled(by order: NodeOrder, context: RunContext = .init()) throws(MillError) -> CSRGraph {
    try withRows(context: context, Permuting(graph: self, old: nodes(in: order, context)))
  }

  private func nodes(in order: NodeOrder, _ context: RunContext) throws(MillError) -> FlatBuffer<Int> {
    switch order {
    case .degree: return try nodesByDegree(isDescending: true)
    case .bfs: return try breadthFirstOrder(roots: nodesByDegree(isDescending: true), sortsByDegree: false)
    case .rcm:
      let nodes = try breadthFirstOrder(roots: nodesByDegree(), sortsByDegree: true)
      for i in 0..<nodeCount / 2 { unsafe swap(&nodes.base[i], &nodes.base[nodeCount - 1 - i]) }
      return nodes
    case .rabbit: return try rabbitOrder(context)
    }
  }

  /// Nodes by degree, ties ascending.
  func nodesByDegree(isDescending: Bool = false) throws(MillError) -> FlatBuffer<Int> {
    let degrees = try FlatBuffer<Int>(uninitializedCount: nodeCount)
    for node in nodes { unsafe degrees.base[node] = degree(of: node) }
    return try countingOrder(of: degrees, isDescending: isDescending)
  }

  private func breadthFirstOrder(roots: FlatBuffer<Int>, sortsByDegree: Bool) throws(MillError) -> FlatBuffer<Int> {
    let queue = try FlatBuffer<Int>(count: nodeCount)
    let seen = try FlatBuffer<Bool>(count: nodeCount)
    var head = 0
    var tail = 0
    for i in 0..<nodeCount {
      let root = unsafe roots.base[i]
      if unsafe seen.base[root] { continue }
      unsafe seen.base[root] = true
      unsafe queue.base[tail] = root
      tail += 1
      while head < tail {
        let node = unsafe queue.base[head]
        head += 1
        let first = tail
        for arc in arcs(of: node) where unsafe !seen.base[targets[arc]] {
          unsafe seen.base[targets[arc]] = true
          unsafe queue.base[tail] = targets[arc]
          tail += 1
        }
        if sortsByDegree, tail - first > 1 {
          var found = unsafe UnsafeMutableBufferPointer(start: queue.base + first, count: tail - first)
          unsafe found.sort { (degree(of: $0), $0) < (degree(of: $1), $1) }
        }
      }
    }
    return queue
  }
}

/// Makes the graph whose node v is the node `old[v]` of another.
private struct Permuting: RowsVisitor {
  let graph: CSRGraph
  let old: FlatBuffer<Int>

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CSRGraph {
    let nodeCount = rows.nodeCount
    let rank = try FlatBuffer<ID>(count: nodeCount)
    let offsets = try FlatBuffer<UInt64>(count: nodeCount + 1)
    for new in 0..<nodeCount {
      unsafe rank.base[old.base[new]] = ID(truncatingIfNeeded: new)
      unsafe offsets.base[new + 1] = offsets.base[new] + UInt64(rows.degree(old.base[new]))
    }
    let targets = try FlatBuffer<ID>(count: rows.arcCount)
    let weights = unsafe rows.weights == nil ? nil : try FlatBuffer<Double>(count: rows.arcCount)
    _ = try parallelSum(nodeCount, context: rows.context) { range in
      for new in range {
        let low = unsafe Int(offsets.base[new])
        let from = unsafe rows.arcs(old.base[new])
        if let weights, let oldWeights = unsafe rows.weights {
          let list = from.map { unsafe (target: rank.base[rows.target($0)], arc: $0) }
            .sorted { ($0.target, $0.arc) < ($1.target, $1.arc) }
          for (i, entry) in list.enumerated() {
            unsafe targets.base[low + i] = entry.target
            unsafe weights.base[low + i] = oldWeights[entry.arc]
          }
        } else {
          var list = unsafe UnsafeMutableBufferPointer(start: targets.base + low, count: from.count)
          for (i, arc) in from.enumerated() { unsafe list[i] = unsafe rank.base[rows.target(arc)] }
          unsafe list.sort()
        }
      }
      return 0
    }
    let built = BuiltRows(
      offsets: offsets, targets: targets, weights: weights, loops: try graph.loopCount(context: rows.context),
      repeats: graph.isMultigraph ? 1 : 0)
    let names = try graph.names.selected(count: nodeCount) { unsafe old.base[$0] }
    return built.graph(isDirected: graph.isDirected, names: names)
  }
}
