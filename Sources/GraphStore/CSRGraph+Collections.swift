import MillRuntime

extension CSRGraph {
  /// The out-neighbors of `node`, ascending. O(1).
  public func neighbors(of node: Int) -> Neighbors {
    let arcs = arcs(of: node)
    return Neighbors(storage: storage, first: arcs.lowerBound, count: arcs.count)
  }

  /// The out-neighbors of `node`, ascending, each with the weight of its arc (1 in an unweighted graph). O(1).
  public func weightedNeighbors(of node: Int) -> WeightedNeighbors {
    let arcs = arcs(of: node)
    return WeightedNeighbors(storage: storage, first: arcs.lowerBound, count: arcs.count)
  }

  /// Whether there is an edge between `source` and `target`; in a directed graph, an arc from the first to the second.
  ///
  /// - Complexity: O(log degree).
  public func hasEdge(_ source: Int, _ target: Int) -> Bool {
    arc(from: source, to: target) != nil
  }

  /// The position of the first arc from `source` to `target`; nil where there is none. O(log degree).
  package func arc(from source: Int, to target: Int) -> Int? {
    let arcs = arcs(of: source)
    let place = arcs.partitionPoint { targets[$0] >= target }
    return place < arcs.upperBound && targets[place] == target ? place : nil
  }

  /// All edges, in ascending order: each edge of an undirected graph once, with its smaller end first; the arcs of a
  /// directed one. Parallel edges are listed each.
  public var edges: Edges { Edges(graph: self) }

  /// All edges as ``edges`` lists them, each with its weight (1 in an unweighted graph).
  public var weightedEdges: some Sequence<(source: Int, target: Int, weight: Double)> & Sendable {
    WeightedEdges(edges: edges)
  }

  /// A node's neighbors, numbered from 0; keeps the graph's arrays alive.
  public struct Neighbors: RandomAccessCollection, Sendable {
    let storage: CSRStorage
    let first: Int
    /// The number of neighbors.
    public let count: Int
    /// 0.
    public var startIndex: Int { 0 }
    /// ``count``.
    public var endIndex: Int { count }
    /// Neighbor `index`.
    public subscript(index: Int) -> Int {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      return storage.targets[first + index]
    }
  }

  /// A node's neighbors with the weights of the arcs to them, numbered from 0; keeps the graph's arrays alive.
  public struct WeightedNeighbors: RandomAccessCollection, Sendable {
    let storage: CSRStorage
    let first: Int
    /// The number of neighbors.
    public let count: Int
    /// 0.
    public var startIndex: Int { 0 }
    /// ``count``.
    public var endIndex: Int { count }
    /// Neighbor `index` and the weight of the arc to it.
    public subscript(index: Int) -> (node: Int, weight: Double) {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      return (storage.targets[first + index], storage.weights?[first + index] ?? 1)
    }
  }

  /// The edges of a graph in ascending order; see ``CSRGraph/edges``.
  public struct Edges: Sequence, Sendable {
    let graph: CSRGraph
    /// The number of edges.
    public var count: Int { graph.edgeCount }
    /// A lower bound of ``count``.
    public var underestimatedCount: Int { graph.edgeCount }
    /// Starts at the edges of node 0.
    public func makeIterator() -> Iterator { Iterator(graph) }

    /// Walks over the arcs, past those that an undirected edge has a second time.
    public struct Iterator: IteratorProtocol, Sendable {
      private let graph: CSRGraph
      private var node = -1
      private var end = 0
      /// The arc behind the last one that was returned.
      private(set) var arc = 0

      init(_ graph: CSRGraph) { self.graph = graph }

      /// The next edge; nil behind the last.
      public mutating func next() -> (source: Int, target: Int)? {
        while true {
          while arc >= end {
            node += 1
            guard node < graph.nodeCount else { return nil }
            end = graph.arcs(of: node).upperBound
          }
          let target = graph.targets[arc]
          arc += 1
          if graph.isDirected || target >= node { return (node, target) }
        }
      }
    }
  }

  private struct WeightedEdges: Sequence, IteratorProtocol, Sendable {
    let weights: SharedArray<Double>?
    var iterator: Edges.Iterator

    init(edges: Edges) {
      weights = edges.graph.weights
      iterator = edges.makeIterator()
    }

    mutating func next() -> (source: Int, target: Int, weight: Double)? {
      iterator.next().map { ($0.source, $0.target, weights?[iterator.arc - 1] ?? 1) }
    }
  }
}

extension CSRGraph: Equatable {
  /// Whether both graphs have the same nodes, names, arcs and weights; ``isIdentical(to:)``.
  public static func == (one: CSRGraph, other: CSRGraph) -> Bool { one.isIdentical(to: other) }
}

extension CSRGraph: CustomStringConvertible {
  /// What the graph is, in one line: `undirected graph of 34 nodes and 78 edges`.
  public var description: String {
    var text = "\(isDirected ? "directed" : "undirected") \(isMultigraph ? "multigraph" : "graph")"
    text += " of \(nodeCount) node\(nodeCount == 1 ? "" : "s") and \(edgeCount) \(isDirected ? "arc" : "edge")"
    text += edgeCount == 1 ? "" : "s"
    if isWeighted { text += ", weighted" }
    if hasLoops { text += ", with loops" }
    switch names {
    case .dense: break
    case .ids: text += ", nodes with ids"
    case .labels: text += ", nodes with labels"
    }
    return text
  }
}
