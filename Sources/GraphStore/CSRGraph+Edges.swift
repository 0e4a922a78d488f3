public import MillRuntime

extension CSRGraph {
  /// A graph of pairs of nodes; duplicates are merged, loops kept.
  ///
  /// ```swift
  /// let triangle = try CSRGraph(edges: [(0, 1), (1, 2), (2, 0)])
  /// ```
  ///
  /// For graphs in code and tests; large ones come through readers, generators and ``freeze(_:options:context:)``.
  ///
  /// - Parameters:
  ///   - nodeCount: The number of nodes; nil for the largest number + 1.
  ///   - edges: The ends of each edge, numbers from 0 on.
  ///   - isDirected: Whether each pair is an arc from the first to the second.
  /// - Throws: `MillError`: `id-out-of-range` for a number that is negative or not below `nodeCount`, `over-budget`.
  /// - Complexity: O(n + m).
  public init(nodeCount: Int? = nil, edges: [(Int, Int)], isDirected: Bool = false) throws(MillError) {
    self = try Self.graph(of: edges.map { ($0.0, $0.1, 1) }, nodeCount, isDirected, keepsWeights: false)
  }

  /// A weighted graph of pairs of nodes; weights of duplicates are added. See ``init(nodeCount:edges:isDirected:)``.
  ///
  /// - Parameters:
  ///   - nodeCount: Nodes, as of ``init(nodeCount:edges:isDirected:)``.
  ///   - weightedEdges: The ends of each edge and its weight.
  ///   - isDirected: Whether pairs are arcs.
  public init(
    nodeCount: Int? = nil, weightedEdges: [(Int, Int, Double)], isDirected: Bool = false
  ) throws(MillError) {
    self = try Self.graph(of: weightedEdges, nodeCount, isDirected, keepsWeights: true)
  }

  /// A graph of pairs of names; nodes are the names that occur, in bytewise order, and are called by them.
  ///
  /// ```swift
  /// let graph = try CSRGraph(edges: [("ann", "bob"), ("bob", "eve")])
  /// print(graph.node(named: "eve")!, graph.name(of: 0))  // 2 ann
  /// ```
  ///
  /// - Parameters:
  ///   - edges: The names of the ends of each edge; duplicates are merged, loops kept.
  ///   - isDirected: Whether each pair is an arc from the first to the second.
  /// - Throws: `MillError`: `over-budget`.
  /// - Complexity: O(m log n).
  public init(edges: [(String, String)], isDirected: Bool = false) throws(MillError) {
    self = try Self.graph(of: edges.map { ($0.0, $0.1, 1) }, isDirected, keepsWeights: false)
  }

  /// A weighted graph of pairs of names; weights of duplicates are added. See ``init(edges:isDirected:)``.
  ///
  /// - Parameters:
  ///   - weightedEdges: The names of the ends of each edge and its weight.
  ///   - isDirected: Whether pairs are arcs.
  public init(weightedEdges: [(String, String, Double)], isDirected: Bool = false) throws(MillError) {
    self = try Self.graph(of: weightedEdges, isDirected, keepsWeights: true)
  }

  private static func graph(
    of edges: [(Int, Int, Double)], _ nodeCount: Int?, _ isDirected: Bool, keepsWeights: Bool
  ) throws(MillError) -> CSRGraph {
    let ids = try FlatBuffer<UInt64>(count: 2 * edges.count)
    let weights = keepsWeights ? try FlatBuffer<Double>(count: edges.count) : nil
    for (i, edge) in edges.enumerated() {
      guard edge.0 >= 0, edge.1 >= 0 else {
        throw MillError(.idOutOfRange, "nodes are numbered from 0", field: "\(Swift.min(edge.0, edge.1))")
      }
      unsafe ids.base[2 * i] = UInt64(edge.0)
      unsafe ids.base[2 * i + 1] = UInt64(edge.1)
      unsafe weights?.base[i] = edge.2
    }
    var options = FreezeOptions()
    options.isDirected = isDirected
    options.naming = .dense(nodeCount: nodeCount)
    let block = EdgeBlock(ids: .wide(ids), weights: weights, count: edges.count)
    return try freeze([block], options: options, context: RunContext(threads: 1)).graph
  }

  private static func graph(
    of edges: [(String, String, Double)], _ isDirected: Bool, keepsWeights: Bool
  ) throws(MillError) -> CSRGraph {
    var names = Set<String>()
    for edge in edges {
      names.insert(edge.0)
      names.insert(edge.1)
    }
    let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let number = Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices))
    let numbered = edges.map { (number[$0.0] ?? 0, number[$0.1] ?? 0, $0.2) }
    return try graph(of: numbered, sorted.count, isDirected, keepsWeights: keepsWeights)
      .withNames(.labels(NodeNames.LabelTable(sorted)))
  }
}
