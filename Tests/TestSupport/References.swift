public import GraphStore
public import MillRuntime

/// Answers found the slow and obvious way, on lists that are built from edges and not from a CSR graph.
public struct Reference: Sendable {
  /// Out-neighbors with their weights, in input order; an undirected edge appears at both ends, a loop once.
  public let outgoing: [[TestGraph.Edge]]

  /// The lists of a test graph.
  public init(_ graph: TestGraph, isDirected: Bool = false) {
    var outgoing = [[TestGraph.Edge]](repeating: [], count: graph.nodeCount)
    for edge in graph.edges {
      outgoing[edge.source].append(edge)
      if !isDirected, edge.source != edge.target {
        outgoing[edge.target].append(TestGraph.Edge(edge.target, edge.source, edge.weight))
      }
    }
    self.outgoing = outgoing
  }

  /// Distances from `source`, -1 where there is no path: relaxes all arcs until nothing changes.
  public func distances(from source: Int) -> [Int] {
    var distances = [Int](repeating: -1, count: outgoing.count)
    distances[source] = 0
    var level = 0
    var changed = true
    while changed {
      changed = false
      for u in outgoing.indices where distances[u] == level {
        for arc in outgoing[u] where distances[arc.target] < 0 {
          distances[arc.target] = level + 1
          changed = true
        }
      }
      level += 1
    }
    return distances
  }

  /// The smallest node of each node's weakly connected component, by depth-first search.
  public func componentMinima() -> [Int] {
    var undirected = outgoing.map { $0.map(\.target) }
    for arc in outgoing.joined() { undirected[arc.target].append(arc.source) }
    var minima = [Int](repeating: -1, count: outgoing.count)
    for root in outgoing.indices where minima[root] < 0 {
      var stack = [root]
      minima[root] = root
      while let node = stack.popLast() {
        for next in undirected[node] where minima[next] < 0 {
          minima[next] = root
          stack.append(next)
        }
      }
    }
    return minima
  }

  /// Component labels in the order of their smallest nodes.
  public func componentLabels() -> [Int] {
    let minima = componentMinima()
    let roots = Set(minima).sorted()
    return minima.map { roots.firstIndex(of: $0)! }
  }

  /// Distinct out-neighbors of each node.
  public func outDegrees() -> [Int] { outgoing.map { Set($0.map(\.target)).count } }

  /// Nodes with an arc to each node.
  public func inDegrees() -> [Int] {
    outgoing.indices.map { v in outgoing.count { $0.contains { $0.target == v } } }
  }
}

extension CSRGraph {
  /// The lists as arrays.
  public var lists: [[Int]] { (0..<nodeCount).map { Array(neighbors(of: $0)) } }

  /// Edges without loops and weights: smaller end first, or arcs of a directed graph.
  public var edgeList: [TestGraph.Edge] {
    (0..<nodeCount).flatMap { u in
      neighbors(of: u).filter { isDirected ? $0 != u : $0 > u }.map { TestGraph.Edge(u, $0) }
    }
  }

  /// All arcs with their weights (1 where there are none).
  public var arcList: [TestGraph.Edge] {
    (0..<nodeCount).flatMap { v in arcs(of: v).map { TestGraph.Edge(v, targets[$0], weights?[$0] ?? 1) } }
  }

  /// The same graph with 64-bit targets, in-arcs included.
  public func widened() throws -> CSRGraph {
    func widen(_ targets: Targets) throws -> Targets {
      let wide = try FlatBuffer<UInt64>(count: targets.count)
      for arc in 0..<targets.count { wide.base[arc] = UInt64(targets[arc]) }
      return .wide(SharedArray(wide))
    }
    var entering: InArcs?
    if let inArcs { entering = InArcs(offsets: inArcs.offsets, sources: try widen(inArcs.sources)) }
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: nodeCount, edgeCount: edgeCount, flags: storage.flags, offsets: offsets, targets: try widen(targets),
        weights: weights, names: names, inArcs: entering))
  }

  /// The same graph with other names.
  public func named(_ labels: [String]) throws -> CSRGraph { try withNames(.labels(.init(labels))) }

  /// The same graph with numbers as names.
  public func named(_ ids: [UInt64]) throws -> CSRGraph { try withNames(.ids(SharedArray(copying: ids))) }

  /// What is wrong with the arrays of the graph, flags and counts included; empty for a sound graph.
  public func structuralFaults() -> [String] {
    var faults: [String] = []
    if offsets.count != nodeCount + 1 { return ["offsets.count"] }
    if offsets[0] != 0 || Int(offsets[nodeCount]) != arcCount { return ["offset ends"] }
    for v in 0..<nodeCount where offsets[v] > offsets[v + 1] { return ["offsets fall at \(v)"] }
    if let weights, weights.count != arcCount { faults.append("weights.count") }
    var loops = 0
    var repeats = 0
    for v in 0..<nodeCount {
      let list = Array(neighbors(of: v))
      if list.contains(where: { $0 < 0 || $0 >= nodeCount }) { return ["target out of range at \(v)"] }
      if list != list.sorted() { faults.append("list of \(v) is not sorted") }
      loops += list.count { $0 == v }
      repeats += zip(list, list.dropFirst()).count { $0 == $1 }
    }
    if hasLoops != (loops > 0) { faults.append("loop flag is \(hasLoops), loops are \(loops)") }
    if !isMultigraph, repeats > 0 { faults.append("\(repeats) repeats in a simple graph") }
    let edges = isDirected ? arcCount : (arcCount - loops) / 2 + loops
    if edgeCount != edges { faults.append("edgeCount is \(edgeCount), not \(edges)") }
    if !isDirected {
      func key(_ e: TestGraph.Edge) -> [Double] { [Double(e.source), Double(e.target), e.weight] }
      let forth = arcList.map(key).sorted { $0.lexicographicallyPrecedes($1) }
      let back = arcList.map { key(.init($0.target, $0.source, $0.weight)) }
        .sorted { $0.lexicographicallyPrecedes($1) }
      if forth != back { faults.append("arcs are not symmetric") }
    }
    return faults
  }
}

extension FlatBuffer {
  /// A copy of the elements. Unlike ``elements``, it may be asked of a buffer that nobody holds.
  public var array: [Element] { withExtendedLifetime(self) { Array(elements) } }
}

extension SharedArray {
  /// A copy of the elements.
  public var array: [Element] { Array(self) }
}

/// Whether two graphs have equal contents, in whatever width.
public func areEqual(_ a: CSRGraph, _ b: CSRGraph) -> Bool {
  a.nodeCount == b.nodeCount && a.edgeCount == b.edgeCount && a.isDirected == b.isDirected
    && a.isWeighted == b.isWeighted && a.isMultigraph == b.isMultigraph && a.hasLoops == b.hasLoops
    && a.arcList == b.arcList && (0..<a.nodeCount).allSatisfy { a.name(of: $0) == b.name(of: $0) }
}

/// The other nodes that each node shares an edge with, in either direction.
public func neighborSets(of graph: CSRGraph) -> [Set<Int>] {
  var neighbors = [Set<Int>](repeating: [], count: graph.nodeCount)
  for (u, v) in graph.edges where u != v {
    neighbors[u].insert(v)
    neighbors[v].insert(u)
  }
  return neighbors
}
