public import MillRuntime

/// An immutable graph in compressed sparse row form: the out-neighbors of node v are
/// `targets[offsets[v]..<offsets[v + 1]]`, in strictly ascending order (ascending when parallel edges are kept).
///
/// ```swift
/// let graph = try CSRGraph(edges: [("ann", "bob"), ("bob", "eve")])
/// for v in graph.nodes { print(graph.name(of: v), Array(graph.neighbors(of: v))) }
/// for (u, v) in graph.edges { print(u, v) }
/// ```
///
/// - An undirected graph stores both arcs of an edge {u, v}; a self-loop is one arc. ``edgeCount`` counts edges,
///   ``arcCount`` entries of the target array.
/// - Nodes are `0..<nodeCount`. What they were called in the input is kept in ``names``.
/// - Targets are 32-bit below 2^32 - 1 nodes and 64-bit from there; ``Targets`` tells which, ``neighbors(of:)``
///   hides it.
///
/// A value type around shared immutable arrays: copies cost one retain, reading from many threads is safe, and every
/// array that the graph hands out lives on without it. Node numbers out of range end the process. Memory: 8(n + 1) bytes
/// of offsets, 4 (8) bytes an arc, 8 more when weighted, plus the names.
public struct CSRGraph: Sendable {
  /// The target array in one of its two widths.
  public enum Targets: Sendable, Equatable {
    case narrow(SharedArray<UInt32>)
    case wide(SharedArray<UInt64>)

    /// The number of entries.
    @inlinable public var count: Int {
      switch self {
      case .narrow(let array): array.count
      case .wide(let array): array.count
      }
    }

    /// Entry `arc`.
    @inlinable public subscript(arc: Int) -> Int {
      switch self {
      case .narrow(let array): Int(array[arc])
      case .wide(let array): Int(array[arc])
      }
    }
  }

  package let storage: CSRStorage

  package init(storage: CSRStorage) { self.storage = storage }

  /// The number of nodes, n.
  public var nodeCount: Int { storage.nodeCount }
  /// The number of distinct edges, m (arcs when directed; parallel edges count when they were kept).
  public var edgeCount: Int { storage.edgeCount }
  /// Entries of the target array.
  public var arcCount: Int { storage.targets.count }
  /// Whether arcs have a direction.
  public var isDirected: Bool { storage.flags.contains(.directed) }
  /// Whether parallel edges were kept, so that a list may repeat a target.
  public var isMultigraph: Bool { storage.flags.contains(.multigraph) }
  /// Whether any edge joins a node to itself.
  public var hasLoops: Bool { storage.flags.contains(.loops) }

  /// Offsets of shape `[n + 1]`, from 0 to ``arcCount``.
  public var offsets: SharedArray<UInt64> { storage.offsets }
  /// Targets of shape `[arcCount]`.
  public var targets: Targets { storage.targets }
  /// Weights of shape `[arcCount]`, finite; nil for an unweighted graph.
  public var weights: SharedArray<Double>? { storage.weights }
  /// What the nodes were called in the input.
  public var names: NodeNames { storage.names }
  /// The incoming arcs, where they were built (``withInArcs(context:)``) or came with the file.
  public var inArcs: InArcs? { storage.inArcs }

  /// Incoming arcs of a directed graph: the sources of arcs into v are `sources[offsets[v]..<offsets[v + 1]]`.
  public struct InArcs: Sendable {
    /// Shape `[n + 1]`.
    public let offsets: SharedArray<UInt64>
    /// Shape `[arcCount]`, ascending in each list.
    public let sources: Targets

    package init(offsets: SharedArray<UInt64>, sources: Targets) {
      self.offsets = offsets
      self.sources = sources
    }
  }

  /// The number of arcs that leave `node`; in an undirected graph its degree, a self-loop counting 1.
  public func degree(of node: Int) -> Int { arcs(of: node).count }

  /// The positions of the arcs that leave `node` in ``targets`` and ``weights``.
  public func arcs(of node: Int) -> Range<Int> {
    let storage = storage
    precondition(UInt(bitPattern: node) < UInt(bitPattern: storage.nodeCount), "node out of range")
    let offsets = unsafe storage.offsets.base
    return unsafe Int(offsets[node])..<Int(offsets[node + 1])
  }

  /// The same graph without weights, sharing its arrays. O(1).
  public func withoutWeights() -> CSRGraph {
    CSRGraph(
      storage: CSRStorage(
        nodeCount: nodeCount, edgeCount: edgeCount, flags: storage.flags, offsets: storage.offsets,
        targets: storage.targets, names: storage.names, inArcs: storage.inArcs))
  }
}

/// Properties of a graph, with the bit positions of the container's flag word.
package struct GraphFlags: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static let directed = GraphFlags(rawValue: 1 << 0)
  package static let weighted64 = GraphFlags(rawValue: 1 << 1)
  package static let weighted32 = GraphFlags(rawValue: 1 << 2)
  package static let multigraph = GraphFlags(rawValue: 1 << 3)
  package static let loops = GraphFlags(rawValue: 1 << 4)
  package static let wideTargets = GraphFlags(rawValue: 1 << 5)
  package static let inArcs = GraphFlags(rawValue: 1 << 6)
  package static let labels = GraphFlags(rawValue: 1 << 7)
  package static let originalIDs = GraphFlags(rawValue: 1 << 8)
}

/// The arrays of a ``CSRGraph``: one object, so that copies of the graph cost one retain.
package final class CSRStorage: Sendable {
  package let nodeCount: Int
  package let edgeCount: Int
  package let flags: GraphFlags
  package let offsets: SharedArray<UInt64>
  package let targets: CSRGraph.Targets
  package let weights: SharedArray<Double>?
  package let names: NodeNames
  package let inArcs: CSRGraph.InArcs?

  /// - Parameter flags: `directed`, `multigraph` and `loops`; the other bits follow from the arguments.
  package init(
    nodeCount: Int, edgeCount: Int, flags: GraphFlags, offsets: SharedArray<UInt64>, targets: CSRGraph.Targets,
    weights: SharedArray<Double>? = nil, names: NodeNames = .dense, inArcs: CSRGraph.InArcs? = nil
  ) {
    var flags = flags.intersection([.directed, .multigraph, .loops])
    if weights != nil { flags.insert(.weighted64) }
    if case .wide = targets { flags.insert(.wideTargets) }
    if inArcs != nil { flags.insert(.inArcs) }
    switch names {
    case .dense: break
    case .ids: flags.insert(.originalIDs)
    case .labels: flags.insert(.labels)
    }
    self.nodeCount = nodeCount
    self.edgeCount = edgeCount
    self.flags = flags
    self.offsets = offsets
    self.targets = targets
    self.weights = weights
    self.names = names
    self.inArcs = inArcs
  }
}
