import GraphStore
import Graphmill
import MillRuntime

/// The graph of the ten nearest of each object, and how well an index finds them.
struct Neighborhood {
  /// How surely the nearest are found at one width of the beam.
  struct Quality {
    var ef: Int
    var recall: Double
    /// Distances that a search takes.
    var distances: Double
  }

  /// Nodes are the objects.
  var graph: CSRGraph
  /// The node of the studied graph that each object is; nil for none.
  var nodes: [Int?]
  /// What the objects are, in a word or two.
  var objects: String
  /// By ascending beam.
  var curve: [Quality]
  /// Objects whose recall was measured.
  var rated: Int
  var unreachable: Int
  /// What the reader must know of how it was measured.
  var note: String?
  /// The most alike, by names.
  var pairs: [(one: String, other: String, similarity: Double)] = []
  /// The share of the edges between objects of one class; nil without classes.
  var sameClass: Double?

  /// Neighbors of an object.
  static let k = 10
}

extension Workbench {
  /// Nodes in the index by neighborhoods at most: those of the highest degree.
  private static let indexedNodes = 10_000

  /// Nodes by what they are linked to.
  func neighborhoodOfNodes() throws -> Neighborhood {
    let whole = try simple()
    let limit = isQuick ? 300 : Self.indexedNodes
    let ranked = (0..<whole.nodeCount).filter { whole.degree(of: $0) > 0 }
      .sorted { (whole.degree(of: $1), $0) < (whole.degree(of: $0), $1) }
    let nodes = ranked.prefix(limit).sorted().map { UInt32($0) }
    var options = HNSWOptions()
    options.efConstruction = isQuick ? 32 : 100
    options.seed = seed
    let index = try run.stage("index of neighborhoods") {
      try ObjectIndex(neighborhoodsOf: whole, nodes: nodes, options: options, context: context)
    }
    let near = try run.stage("nearest neighborhoods") {
      try index.neighborGraph(k: Neighborhood.k, isWeighted: true, context: context)
    }
    // At distance 1 are all that share no neighbor: there it is chance who is among the ten.
    let graph = try near.keepingArcs(context: context) { _, _, arc in near.weights.map { $0[arc] < 1 } ?? true }
      .withoutWeights().withNames(.labels(.init(nodes.map { whole.name(of: Int($0)) })))
    var result = Neighborhood(
      graph: graph, nodes: nodes.map { Int($0) },
      objects: nodes.count < ranked.count ? "nodes of highest degree" : "nodes", curve: [], rated: 0,
      unreachable: index.unreachableCount())
    try run.stage("recall") { try rate(index, nodes, &result) }
    result.sameClass = subject.classes.flatMap { sameClass(graph, $0.restricted(to: nodes.map { Int($0) })) }
    return result
  }

  /// Asks for the neighbors of a hundred nodes, and compares with a scan.
  private func rate(
    _ index: ObjectIndex<NeighborhoodSpace>, _ nodes: [UInt32], _ result: inout Neighborhood
  ) throws {
    let sample = stride(from: 0, to: nodes.count, by: max(1, nodes.count / 100)).map { nodes[$0] }
    var (hits, wanted, distances) = (0, 0, UInt64(0))
    var closest: [(node: UInt32, other: UInt32, distance: Float)] = []
    for node in sample {
      try context.checkCancelled()
      let found = try index.search(node, k: Neighborhood.k, ef: 64)
      let exact = index.exactSearch(node, k: Neighborhood.k)
      distances += found.counters.distances
      // Where fewer than ten share a neighbor with the node, any answer would be right.
      if let limit = exact.last?.distance, limit < 1 {
        hits += found.neighbors.count { $0.distance <= limit }
        wanted += exact.count
        result.rated += 1
      }
      if let other = found.neighbors.first(where: { nodes[$0.key] != node && $0.distance < 1 }) {
        closest.append((node, nodes[other.key], other.distance))
      }
    }
    result.curve = [
      Neighborhood.Quality(
        ef: 64, recall: wanted == 0 ? 1 : Double(hits) / Double(wanted),
        distances: Double(distances) / Double(max(1, sample.count)))
    ]
    result.note =
      "Many pairs are equally far, so an answer counts as right when it is no farther than the exact tenth, and only nodes "
      + "whose exact tenth shares a neighbor with them are rated: \(result.rated) of \(sample.count)."
    let order = closest.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
    result.pairs = order.prefix(8).map(\.element).map {
      (subject.nodeTitle(Int($0.node)), subject.nodeTitle(Int($0.other)), Double(1 - $0.distance))
    }
  }

  /// Objects by their vectors.
  func neighborhood(of vectors: StudyVectors) throws -> Neighborhood {
    var options = HNSWOptions()
    options.seed = seed
    options.efConstruction = isQuick ? 32 : 200
    let table = vectors.table
    let index = try run.stage("index of vectors") {
      try HNSWIndex(
        building: table, metric: vectors.metric, naming: vectors.keys, options: options, context: context)
    }
    let own = stride(from: 0, to: table.count, by: max(1, table.count / 200)).map { UInt32($0) }
    let queries = try vectors.queries ?? table.copy(rows: own, context: context)
    let exact = try run.stage("scan") {
      try exactNearest(in: table, queries: queries, metric: vectors.metric, k: Neighborhood.k, context: context)
    }
    var curve: [Neighborhood.Quality] = []
    for ef in [10, 20, 40, 80, 160] {
      let found = try run.stage("search, beam \(ef)") {
        try index.search(queries, k: Neighborhood.k, options: SearchOptions(ef: ef, exact: .never), context: context)
      }
      curve.append(
        Neighborhood.Quality(
          ef: ef, recall: found.rows.recall(against: exact),
          distances: Double(found.counters.distances) / Double(max(1, queries.count))))
    }
    let graph = try run.stage("nearest vectors") {
      try index.neighborGraph(k: Neighborhood.k, options: SearchOptions(ef: 40), context: context)
    }
    return Neighborhood(
      graph: graph, nodes: subject.graph.nodes(named: (0..<graph.nodeCount).map { graph.name(of: $0) }),
      objects: "vectors", curve: curve, rated: queries.count, unreachable: index.unreachableCount(),
      sameClass: vectors.classes.flatMap { sameClass(graph, $0) })
  }

  /// The share of the edges between two nodes of one class, of those between nodes that have one; nil for no such edge.
  private func sameClass(_ graph: CSRGraph, _ classes: NodeClasses) -> Double? {
    var (same, all) = (0, 0)
    for (u, v) in graph.edges where classes.numbers[u] >= 0 && classes.numbers[v] >= 0 {
      all += 1
      if classes.numbers[u] == classes.numbers[v] { same += 1 }
    }
    return all > 0 ? Double(same) / Double(all) : nil
  }
}
