import CIgraphShim
public import GraphKernels
public import GraphStore
import Synchronization

/// What igraph answers on a graph of ours. For tests only: igraph is under the GPL, and no product links it.
///
/// Present with the package trait `Validation`; without it ``isAvailable`` is false and every call throws.
/// Thread-safe: calls take turns, since igraph has one random number generator for all.
public enum Igraph {
  /// A call that did not work.
  public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    /// igraph's error code; -1 when igraph is not linked.
    public let code: Int
    /// What the code means.
    public var description: String { unsafe String(cString: igs_error_text(Int32(code))) }
  }

  private static let turn = Mutex(())

  /// Whether igraph is linked.
  public static let isAvailable = igs_is_available() == 1

  /// The weakly connected component of each node, numbered by igraph.
  public static func components(of graph: CSRGraph) throws(Failure) -> [Int] {
    let edges = edgeList(graph)
    var count: Int64 = 0
    return try unsafe nodeValues(graph.nodeCount) {
      unsafe igs_components(
        edges, Int64(edges.count / 2), Int64(graph.nodeCount), graph.isDirected ? 1 : 0, $0, &count)
    }
  }

  /// The degree of each node.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - direction: Which arcs count in a directed graph.
  ///   - countsLoops: Whether loops count (2 in an undirected graph) or are left out.
  public static func degrees(
    of graph: CSRGraph, direction: DegreeDirection = .out, countsLoops: Bool = true
  ) throws(Failure) -> [Int] {
    let edges = edgeList(graph)
    let mode: Int32 =
      switch direction {
      case .out: 1
      case .in: 2
      case .total: 3
      }
    return try unsafe nodeValues(graph.nodeCount) {
      unsafe igs_degrees(
        edges, Int64(edges.count / 2), Int64(graph.nodeCount), graph.isDirected ? 1 : 0, mode, countsLoops ? 1 : 0, $0)
    }
  }

  /// The distance of each node from a source along arcs; -1 where there is no path.
  public static func distances(of graph: CSRGraph, from source: Int) throws(Failure) -> [Int] {
    let edges = edgeList(graph)
    return try unsafe nodeValues(graph.nodeCount) {
      unsafe igs_distances(
        edges, Int64(edges.count / 2), Int64(graph.nodeCount), graph.isDirected ? 1 : 0, Int64(source), $0)
    }
  }

  /// Degrees of a graph grown by preferential attachment, linear in the degree, parallel edges kept.
  public static func barabasiDegrees(nodeCount: Int, edgesPerNode: Int, seed: UInt64) throws(Failure) -> [Int] {
    try unsafe nodeValues(nodeCount) { unsafe igs_barabasi_degrees(Int64(nodeCount), Int64(edgesPerNode), seed, $0) }
  }

  /// Degrees of a uniform graph G(n, m).
  public static func uniformDegrees(nodeCount: Int, edgeCount: Int, seed: UInt64) throws(Failure) -> [Int] {
    try unsafe nodeValues(nodeCount) { unsafe igs_gnm_degrees(Int64(nodeCount), Int64(edgeCount), seed, $0) }
  }

  /// The modularity of a partition, unweighted; of a directed graph that of arcs.
  public static func modularity(of labels: [Int32], in graph: CSRGraph) throws(Failure) -> Double {
    let edges = edgeList(graph)
    var result = 0.0
    let code = turn.withLock { _ in
      unsafe igs_modularity(
        edges, Int64(edges.count / 2), Int64(graph.nodeCount), graph.isDirected ? 1 : 0, labels.map(Int64.init), &result
      )
    }
    guard code == 0 else { throw Failure(code: Int(code)) }
    return result
  }

  /// The group of each node by Louvain's method, unweighted.
  public static func louvain(of graph: CSRGraph, seed: UInt64) throws(Failure) -> [Int] {
    let edges = edgeList(graph)
    return try unsafe nodeValues(graph.nodeCount) {
      unsafe igs_multilevel(edges, Int64(edges.count / 2), Int64(graph.nodeCount), seed, $0)
    }
  }

  /// Normalized mutual information and adjusted Rand index of two partitions.
  public static func compare(_ first: [Int32], _ second: [Int32]) throws(Failure) -> (nmi: Double, ari: Double) {
    let (a, b) = (first.map(Int64.init), second.map(Int64.init))
    var values = [0.0, 0.0]
    for method in 0..<2 {
      let code = turn.withLock { _ in unsafe igs_compare(a, b, Int64(a.count), Int32(method), &values[method]) }
      guard code == 0 else { throw Failure(code: Int(code)) }
    }
    return (values[0], values[1])
  }

  /// What ``answer(_:about:from:usesWeights:)`` is asked.
  public enum Question: Int32, Sendable {
    case strongComponents
    case articulationPoints
    case nodeTriangles
    case localClustering
    case betweenness
    case closeness
    case harmonic
    case hubs
    case authorities
    case weightedDistances
    case bridges
    case trussness
    case spanningForest
    case isBipartite
    case isAcyclic
    case blocks
    case transitivity
    case degreeAssortativity
    case reciprocity
    case diameter
    case averageDistance
    case largestEigenvalue
  }

  /// A value a node, a value an edge in the order of ``CSRGraph/edges``, or one value; see `igraph_shim.h`.
  public static func answer(
    _ question: Question, about graph: CSRGraph, from node: Int = 0, usesWeights: Bool = false
  ) throws(Failure) -> [Double] {
    let edges = edgeList(graph)
    let weights = usesWeights ? graph.weightedEdges.map(\.weight) : nil
    let count =
      question.rawValue < Question.bridges.rawValue
      ? graph.nodeCount : question.rawValue < Question.isBipartite.rawValue ? edges.count / 2 : 1
    var values = [Double](repeating: 0, count: max(1, count))
    let code = turn.withLock { _ in
      igs_answer(
        edges, Int64(edges.count / 2), Int64(graph.nodeCount), graph.isDirected ? 1 : 0, weights, question.rawValue,
        Int64(node), &values, Int64(count))
    }
    guard code == 0 else { throw Failure(code: Int(code)) }
    return Array(values.prefix(count))
  }

  /// How ``combine(_:_:_:)`` makes a graph of two.
  public enum Combination: Int32, Sendable {
    case union
    case difference
    case intersection
  }

  /// An edge, and how often it was found where that is counted.
  public struct FoundEdge: Hashable, Sendable {
    /// The smaller end, or the source of an arc.
    public let source: Int
    /// The other end.
    public let target: Int
    /// How often it was found, else 1.
    public let count: Int

    /// An edge.
    public init(_ source: Int, _ target: Int, count: Int = 1) {
      (self.source, self.target, self.count) = (source, target, count)
    }
  }

  /// The edges of a graph made of two with as many nodes.
  public static func combine(
    _ combination: Combination, _ first: CSRGraph, _ second: CSRGraph
  ) throws(Failure) -> Set<FoundEdge> {
    let other = edgeList(second)
    return try combine(first, other, other.count / 2, combination.rawValue, room: first.edgeCount + second.edgeCount)
  }

  /// The edges of the projection of a bipartite graph onto the nodes of side 0, numbered among these.
  public static func projection(of graph: CSRGraph, sides: [UInt8]) throws(Failure) -> Set<FoundEdge> {
    let room = graph.nodeCount * graph.nodeCount
    return try combine(graph, sides.map { Int64($0) }, sides.count, 3, room: room)
  }

  private static func combine(
    _ graph: CSRGraph, _ other: [Int64], _ count: Int, _ operation: Int32, room: Int
  ) throws(Failure) -> Set<FoundEdge> {
    let edges = edgeList(graph)
    var found = [Int64](repeating: 0, count: max(1, 2 * room))
    var times = [Int64](repeating: 0, count: max(1, room))
    var made: Int64 = 0
    let code = turn.withLock { _ in
      unsafe igs_combine(
        edges, Int64(edges.count / 2), other, Int64(count), Int64(graph.nodeCount), graph.isDirected ? 1 : 0, operation,
        &found, &times, Int64(room), &made)
    }
    guard code == 0 else { throw Failure(code: Int(code)) }
    return Set(
      (0..<Int(made)).map { i in
        let (u, v) = (Int(found[2 * i]), Int(found[2 * i + 1]))
        return graph.isDirected || u < v ? FoundEdge(u, v, count: Int(times[i])) : FoundEdge(v, u, count: Int(times[i]))
      })
  }

  private static func nodeValues(
    _ count: Int, _ fill: (UnsafeMutablePointer<Int64>) -> Int32
  ) throws(Failure) -> [Int] {
    var values = [Int64](repeating: 0, count: max(1, count))
    let code = turn.withLock { _ in unsafe values.withUnsafeMutableBufferPointer { unsafe fill($0.baseAddress!) } }
    guard code == 0 else { throw Failure(code: Int(code)) }
    return values.prefix(count).map(Int.init)
  }

  /// Each edge once, as two nodes back to back.
  private static func edgeList(_ graph: CSRGraph) -> [Int64] {
    var edges: [Int64] = []
    edges.reserveCapacity(2 * graph.edgeCount)
    for u in 0..<graph.nodeCount {
      for v in graph.neighbors(of: u) where graph.isDirected || u <= v {
        edges.append(Int64(u))
        edges.append(Int64(v))
      }
    }
    return edges
  }
}
