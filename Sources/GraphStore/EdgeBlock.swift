public import MillRuntime

/// A run of edges in input order, as readers and generators hand them to the builder.
///
/// Ids are whatever the input used (``FreezeOptions/naming`` says how they become nodes), interleaved: edge i joins
/// `ids[2i]` and `ids[2i + 1]`.
public struct EdgeBlock: Sendable {
  /// Ids in the narrowest width that holds them all.
  public enum IDs: Sendable {
    case narrow(FlatBuffer<UInt32>)
    case wide(FlatBuffer<UInt64>)
  }

  /// Interleaved ids, at least `2 * count`.
  public var ids: IDs
  /// One weight an edge, at least `count`; nil for unweighted input.
  public var weights: FlatBuffer<Double>?
  /// The number of edges.
  public var count: Int

  /// A block over filled buffers.
  public init(ids: IDs, weights: FlatBuffer<Double>? = nil, count: Int) {
    self.ids = ids
    self.weights = weights
    self.count = count
  }

  /// A block of pairs of ids, copied from an array that grew with them.
  package init(copying pairs: [UInt32]) throws(MillError) {
    let ids = try FlatBuffer<UInt32>(uninitializedCount: pairs.count)
    for i in pairs.indices { unsafe ids.base[i] = pairs[i] }
    self.init(ids: .narrow(ids), count: pairs.count / 2)
  }
}

/// What to do with edges that occur more than once.
public enum DuplicatePolicy: String, Sendable, CaseIterable, Codable {
  /// One edge; weights are added in input order. An unweighted edge stays one edge.
  case sum
  /// All kept: a multigraph.
  case keep
  /// The weight of the first.
  case first
  /// The smallest weight.
  case min
  /// The largest weight.
  case max
  /// Refused.
  case error
}

/// What to do with an edge that joins a node to itself.
public enum LoopPolicy: String, Sendable, CaseIterable, Codable {
  case keep
  case drop
  case error
}

/// How edges become a graph.
public struct FreezeOptions: Sendable, Equatable {
  /// How the ids of the edge blocks become nodes.
  public enum Naming: Sendable, Equatable {
    /// Ids are nodes; n is the largest id + 1, or the given count.
    case dense(nodeCount: Int?)
    /// Ids that occur become nodes in ascending order, and are kept as names.
    case compact
    /// Ids are nodes, below the count of labels, with these names.
    case labels(NodeNames.LabelTable)
  }

  /// Whether arcs keep their direction.
  public var isDirected: Bool
  /// What to do with repeated edges.
  public var duplicates: DuplicatePolicy
  /// What to do with self-loops.
  public var loops: LoopPolicy
  /// How ids become nodes.
  public var naming: Naming
  /// 64-bit targets even where 32 bits would do (for tests of that width).
  public var forcesWideTargets: Bool

  /// Undirected, dense, duplicates merged, loops kept, unless told otherwise.
  public init(
    isDirected: Bool = false, duplicates: DuplicatePolicy = .sum, loops: LoopPolicy = .keep,
    naming: Naming = .dense(nodeCount: nil), forcesWideTargets: Bool = false
  ) {
    self.isDirected = isDirected
    self.duplicates = duplicates
    self.loops = loops
    self.naming = naming
    self.forcesWideTargets = forcesWideTargets
  }
}

/// What ``freeze(_:options:context:)`` did to the edges.
public struct FreezeReport: Sendable, Equatable {
  /// Edges that came in.
  public var edges = 0
  /// Edges merged into an equal one.
  public var duplicates = 0
  /// Self-loops among the edges that came in.
  public var selfLoops = 0
  /// Nodes without any arc, in or out.
  public var isolated = 0
  /// The smallest id, nil without edges.
  public var minimumID: UInt64?
  /// The largest id, nil without edges.
  public var maximumID: UInt64?

  /// An empty report.
  public init() {}
}
