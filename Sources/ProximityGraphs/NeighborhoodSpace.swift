public import GraphStore
public import VectorStore

/// How two neighbour lists are compared.
public enum NeighborhoodSimilarity: String, Sendable, CaseIterable {
  /// |both| / |any|.
  case jaccard
  /// |both| / sqrt(product of the sizes).
  case cosine
}

/// Nodes of a graph, near each other when they have the same neighbours: distance 1 - similarity of their rows. Two
/// nodes without neighbours are at distance 1, a node is at 0 from itself.
///
/// With an ``ObjectIndex`` an edge list alone gives a proximity graph. O(degrees of both) a distance; weights and
/// directions of in-arcs are not looked at.
public struct NeighborhoodSpace: ObjectSpace {
  /// A node.
  public typealias Object = UInt32
  private let graph: CSRGraph
  private let similarity: NeighborhoodSimilarity

  /// The space of a graph's nodes.
  public init(_ graph: CSRGraph, similarity: NeighborhoodSimilarity = .jaccard) {
    self.graph = graph
    self.similarity = similarity
  }

  /// All nodes as a table.
  public var nodes: ObjectTable<NeighborhoodSpace> { ObjectTable(self, (0..<UInt32(graph.nodeCount)).map { $0 }) }

  /// The distance of two objects.
  public func distance(_ a: UInt32, _ b: UInt32) -> Float {
    if a == b { return 0 }
    let (p, q) = (graph.arcs(of: Int(a)), graph.arcs(of: Int(b)))
    guard !p.isEmpty, !q.isEmpty else { return 1 }
    let targets = graph.targets
    let common: Int
    if case .narrow(let ids) = targets {
      common = commonCount(UnsafeBufferPointer(rebasing: ids[p]), UnsafeBufferPointer(rebasing: ids[q]))
    } else {
      common = Set(p.map { targets[$0] }).intersection(q.map { targets[$0] }).count
    }
    switch similarity {
    case .jaccard: return 1 - Float(common) / Float(p.count + q.count - common)
    case .cosine: return 1 - Float(common) / (Float(p.count) * Float(q.count)).squareRoot()
    }
  }
}
