public import GraphStore
public import MillRuntime

/// The settings of ``graphLayout(of:options:context:)``.
public struct GraphLayoutOptions: Sendable, Equatable, Codable {
  /// Nodes of a component to which the others keep their distances, 3 to 10,000, drawn by the seed; in a component of no
  /// more nodes each keeps them to all.
  public var pivots: Int
  /// Rounds of improvement at most, 0 or more.
  public var rounds: Int
  /// A round that moves nodes less than this, relative to the size of the drawing, is the last one.
  public var tolerance: Double
  /// The seed of the pivots, and of the tiny offsets that part nodes with the same distances.
  public var seed: UInt64

  /// 150 pivots, 60 rounds, tolerance 1e-3, unless told otherwise.
  public init(pivots: Int = 150, rounds: Int = 60, tolerance: Double = 1e-3, seed: UInt64 = 42) {
    self.pivots = pivots
    self.rounds = rounds
    self.tolerance = tolerance
    self.seed = seed
  }
}

/// Places of a graph's nodes in the plane, in units of about one edge.
public struct GraphLayout: Sendable, Equatable {
  /// The coordinates x and y of each node, shape `[n, 2]`.
  public let points: SharedArray<Double>
  /// Components, which stand beside each other, large ones first.
  public let componentCount: Int
  /// Rounds of improvement that the largest component took.
  public let rounds: Int
}

/// Places the nodes of a graph so that their distances in the plane are near those in the graph.
///
/// The distances to 50 nodes of each component, far from each other, give a first drawing by classical scaling. Rounds of
/// sparse stress majorization then move each node to where its neighbors, one edge away, and pivots drawn from all nodes
/// want it. Directions, weights, loops and parallel edges are ignored.
///
/// - Parameters:
///   - graph: Any graph.
///   - options: Pivots, rounds, seed.
///   - context: A way to stop.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`; `unsupported` beyond 2^31 - 1 nodes.
/// - Complexity: O(pivots · (n + m)) for the distances, O(pivots · n + m) a round; 4 bytes a node and pivot.
///   One thread: the same bytes for every thread count.
/// - Source: Brandes, Pich, "Eigensolver methods for progressive multidimensional scaling of large data", GD 2006;
///   Ortmann, Klimenta, Brandes, "A sparse stress model", JGAA 21(5), 2017; Gansner, Koren, North, "Graph drawing by
///   stress majorization", GD 2004, section 2.3.
public func graphLayout(
  of graph: CSRGraph, options: GraphLayoutOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GraphLayout {
  guard (3...10_000).contains(options.pivots) else {
    throw MillError(.badOption, "3 to 10000 pivots are possible", field: "\(options.pivots)")
  }
  guard options.rounds >= 0 else {
    throw MillError(.badOption, "the rounds must not be negative", field: "\(options.rounds)")
  }
  guard options.tolerance >= 0 else {
    throw MillError(.badOption, "the tolerance must not be negative", field: "\(options.tolerance)")
  }
  guard graph.nodeCount <= Int(Int32.max) else {
    throw MillError(.unsupported, "so many nodes cannot be drawn", field: "\(graph.nodeCount)")
  }
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  return try simple.withRows(context: context, LayoutRun(options: options))
}

/// Components one after the other, then beside each other.
private struct LayoutRun: RowsVisitor {
  let options: GraphLayoutOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> GraphLayout {
    let n = rows.nodeCount
    let points = try FlatBuffer<Double>(count: 2 * n)
    let places = try FlatBuffer<Int32>(count: n)
    for node in 0..<n { unsafe places.base[node] = -1 }
    var parts: [ComponentBox] = []
    var largest = 0
    var rounds = 0
    for start in 0..<n where unsafe places.base[start] < 0 {
      try rows.context.checkCancelled()
      let members = Self.component(of: start, rows, places)
      let own = unsafe ComponentLayout(rows: rows, members: members, places: places.base, points: points.base)
      let taken = try own.place(options)
      if members.count > largest { (largest, rounds) = (members.count, taken) }
      parts.append(unsafe ComponentBox(members: members, points: points.base))
    }
    unsafe ComponentBox.pack(&parts, points: points.base)
    return GraphLayout(points: SharedArray(points), componentCount: parts.count, rounds: rounds)
  }

  /// The nodes of a component in the order of a search from its first one; tells each its place in that order.
  private static func component<ID>(of start: Int, _ rows: GraphRows<ID>, _ places: FlatBuffer<Int32>) -> [Int32] {
    var members = [Int32(start)]
    unsafe places.base[start] = 0
    var next = 0
    while next < members.count {
      for arc in rows.arcs(Int(members[next])) {
        let other = rows.target(arc)
        if unsafe places.base[other] < 0 {
          unsafe places.base[other] = Int32(members.count)
          members.append(Int32(other))
        }
      }
      next += 1
    }
    return members
  }
}
