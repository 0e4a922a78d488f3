import GraphStore
import MillRuntime

/// What the model of a summary does not hold of its input: self-loops, directions, parallel edges, weights.
///
/// The model stands for the simple undirected graph S of the input. Four streams make it exact, each in one canonical
/// order: the leaves of the forest from left to right, for each its neighbors further left, also from left to right.
/// They are kept as coded bytes, since they can only be read beside S; ``GraphSummary/restore(context:)`` does.
struct SummarySide: Sendable, Equatable {
  /// What the bits of a file's flag word say.
  struct Flags: OptionSet, Sendable, Equatable {
    let rawValue: UInt64
    static let directed = Flags(rawValue: 1 << 2)
    static let multigraph = Flags(rawValue: 1 << 3)
    static let weighted = Flags(rawValue: 1 << 4)
    static let loops = Flags(rawValue: 1 << 5)
    static let all: Flags = [.directed, .multigraph, .weighted, .loops]
  }

  var flags: Flags
  /// Arcs of the input.
  var arcCount: Int
  /// Edges of the input: arcs where it is directed.
  var edgeCount: Int
  /// Self-loops a node; empty where there are none.
  var loops: [UInt8] = []
  /// Which of the two arcs of a pair exist; empty for an undirected input.
  var directions: [UInt8] = []
  /// Copies of each arc (of each pair in an undirected input); empty where no edge is repeated.
  var multiplicities: [UInt8] = []
  /// Empty for an unweighted input.
  var weights: [UInt8] = []

  /// What `graph` has that its simple undirected graph lacks; nil for a graph that is simple itself.
  ///
  /// - Parameters:
  ///   - simple: The simple undirected graph of the same nodes, 32-bit targets.
  ///   - order: The leaves from left to right.
  /// - Throws: `MillError`: `over-budget`; `malformed` for an undirected graph that is not symmetric.
  /// - Complexity: O(m log m), some 200 ns a decision; 20 bytes an arc. One thread.
  init?(of graph: CSRGraph, simple: CSRGraph, order: UnsafePointer<UInt32>) throws(MillError) {
    flags = []
    if graph.isDirected { flags.insert(.directed) }
    if graph.isMultigraph { flags.insert(.multigraph) }
    if graph.isWeighted { flags.insert(.weighted) }
    if graph.hasLoops { flags.insert(.loops) }
    if flags.isEmpty { return nil }
    arcCount = graph.arcCount
    edgeCount = graph.edgeCount
    let pairs = try unsafe SummaryPairs(simple, order: order)
    if flags == .loops {
      loops = Self.coded(try Self.loneLoops(of: graph, beside: simple), pairs)
      return
    }
    let rows = try SummaryRows(of: graph, pairs)
    if graph.hasLoops { loops = Self.coded(rows.loops, pairs) }
    if graph.isDirected {
      var coder = AdaptiveCoder(size: pairs.pairCount)
      unsafe pairs.codeDirections(rows.copies.base, with: &coder)
      coder.finish()
      directions = coder.bytes
    }
    if unsafe rows.copies.elements.contains(where: { $0 > 1 }) {
      var coder = AdaptiveCoder(size: pairs.pairCount)
      unsafe pairs.codeCopies(rows.copies.base, isDirected: graph.isDirected, with: &coder)
      coder.finish()
      multiplicities = coder.bytes
    }
    if let values = graph.weights {
      let coding = SummaryWeights(pairs, rows, isDirected: graph.isDirected)
      weights = try unsafe values.withUnsafeBufferPointer { bare throws(MillError) in try unsafe coding.encode(bare) }
    }
    withExtendedLifetime((graph, pairs, rows)) {}
  }

  /// The self-loops of each node, at most one, of a graph that has nothing else which its simple graph lacks.
  private static func loneLoops(
    of graph: CSRGraph, beside simple: CSRGraph
  ) throws(MillError) -> FlatBuffer<UInt32> {
    let loops = try FlatBuffer<UInt32>(count: max(1, graph.nodeCount))
    var total = 0
    for u in 0..<graph.nodeCount where graph.hasEdge(u, u) {
      unsafe loops.base[u] = 1
      total += 1
    }
    // Each arc of the input is a self-loop or an arc of S: fewer of them means that S had arcs to add.
    guard graph.arcCount == total + simple.arcCount else { throw SummaryRows.asymmetric }
    return loops
  }

  private static func coded(_ loops: FlatBuffer<UInt32>, _ pairs: SummaryPairs) -> [UInt8] {
    var coder = AdaptiveCoder(size: pairs.nodeCount)
    unsafe pairs.codeLoops(loops.base, with: &coder)
    coder.finish()
    return coder.bytes
  }

  /// The parts as a file has them.
  init(flags: Flags, arcCount: Int, edgeCount: Int) {
    self.flags = flags
    self.arcCount = arcCount
    self.edgeCount = edgeCount
  }

  /// The input, from the simple graph of the summary.
  ///
  /// - Throws: `MillError`: `malformed` for streams that do not fit the graph, `over-budget`.
  /// - Complexity: As ``init(of:simple:order:)``.
  func applied(to simple: CSRGraph, order: UnsafePointer<UInt32>, names: NodeNames) throws(MillError) -> CSRGraph {
    let pairs = try unsafe SummaryPairs(simple, order: order)
    let isDirected = flags.contains(.directed)
    let rows = try SummaryRows(pairs)
    if flags.contains(.loops) {
      var coder = AdaptiveCoder(loops, size: pairs.nodeCount)
      unsafe pairs.codeLoops(rows.loops.base, with: &coder)
      guard coder.isAtEnd else { throw Self.malformed("self-loops") }
    }
    if isDirected {
      var coder = AdaptiveCoder(directions, size: pairs.pairCount)
      unsafe pairs.codeDirections(rows.copies.base, with: &coder)
      guard coder.isAtEnd else { throw Self.malformed("directions") }
    } else {
      unsafe rows.copies.mutableElements.update(repeating: 1)
    }
    if !multiplicities.isEmpty {
      var coder = AdaptiveCoder(multiplicities, size: pairs.pairCount)
      unsafe pairs.codeCopies(rows.copies.base, isDirected: isDirected, with: &coder)
      guard coder.isAtEnd else { throw Self.malformed("parallel edges") }
    }
    return try assemble(simple, pairs, rows, names)
  }

  /// Puts the rows together and places the weights.
  private func assemble(
    _ simple: CSRGraph, _ pairs: SummaryPairs, _ rows: SummaryRows, _ names: NodeNames
  ) throws(MillError) -> CSRGraph {
    let n = pairs.nodeCount
    let total = try rows.place(pairs, limit: arcCount)
    guard total == arcCount else { throw Self.malformed("arcs") }
    let isDirected = flags.contains(.directed)
    let targets = try FlatBuffer<UInt32>(uninitializedCount: total)
    unsafe rows.fill(targets.base, pairs)
    var values: SharedArray<Double>?
    if flags.contains(.weighted) {
      let weights = try FlatBuffer<Double>(count: total)
      try unsafe SummaryWeights(pairs, rows, isDirected: isDirected).decode(self.weights, into: weights.mutableElements)
      values = SharedArray(weights)
    }
    let loopTotal = unsafe rows.loops.elements.reduce(0) { $0 + Int($1) }
    guard unsafe flags.contains(.multigraph) || rows.loops.elements.allSatisfy({ $0 < 2 }) else {
      throw Self.malformed("self-loops")
    }
    guard loopTotal > 0 || !flags.contains(.loops) else { throw Self.malformed("self-loops") }
    let edges = isDirected ? total : (total - loopTotal) / 2 + loopTotal
    guard edges == edgeCount else { throw Self.malformed("arcs") }
    var graphFlags: GraphFlags = []
    if isDirected { graphFlags.insert(.directed) }
    if flags.contains(.multigraph) { graphFlags.insert(.multigraph) }
    if loopTotal > 0 { graphFlags.insert(.loops) }
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: n, edgeCount: edges, flags: graphFlags,
        offsets: SharedArray(rows.offsets), targets: .narrow(SharedArray(targets)), weights: values, names: names))
  }

  static func malformed(_ what: String) -> MillError {
    MillError(.malformed, "the summary's section of \(what) does not fit its graph")
  }
}
