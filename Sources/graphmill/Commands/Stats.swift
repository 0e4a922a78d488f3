import ArgumentParser
import GraphKernels
import GraphStore
import MillRuntime
import Reporting

struct Stats: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a kernel: a figure a node, and a summary.",
    discussion: """
      degree      node, degree; of a directed graph node, out-degree, in-degree
      bfs         node, distance from --source; -1 where there is no path
      components  node, component; numbered from 0 by their smallest node
      pagerank    node, score; weights count
      kcore       node, core number
      triangles   the number of triangles, no table
      scc         node, strong component; numbered likewise
      order       node, place in the topological order, level; a cycle is refused by name
      bipartite   node, side 0 or 1; no table where there is an odd cycle
      bridges     the two ends of each bridge
      cutnodes    node, 1 for an articulation point, else 0
      paths       node, weighted distance from --source, node before it; -1 and - where there is no path
      near        node, distance; the nodes within --hops of --source
      diameter    no table: the largest distance and two nodes at it
      clustering  node, triangles, clustering coefficient
      truss       the two ends of each edge, its truss number
      onion       node, core number, layer
      betweenness node, score
      closeness   node, closeness, harmonic centrality
      hyperball   node, harmonic centrality; estimated, with average distance and effective diameter
      hits        node, hub score, authority score
      forest      the two ends of each edge of a spanning forest of least weight, its weight
      mixing      no table: degree assortativity, reciprocity
      richclub    k, nodes of more than k neighbors, edges among them, share of their pairs that are joined
      labels      node, group by label propagation
      walks       the nodes of a random walk

      The table goes to --out, else to standard output unless --json asks for the summary only. Nodes are called as in \
      the input. Kernel and graph stand in either order.

      EXAMPLES:
        graphmill stats degree graph.gmg | sort -k2,2nr | head
        graphmill stats bfs graph.gmg --source 17 --out distances.csv
        graphmill stats pagerank graph.gmg --out ranks.tsv
        graphmill stats components graph.gmg --json
        graphmill stats paths roads.wel --source 17 --target 99
        graphmill stats betweenness graph.gmg --sample 500 --out scores.tsv
      """)

  /// What is computed.
  enum Kernel: String, Question {
    case degree, bfs, components, pagerank, kcore, triangles
    case scc, order, bipartite, bridges, cutnodes
    case paths, near, diameter
    case clustering, truss, onion
    case betweenness, closeness, hyperball, hits
    case forest, mixing, richclub, labels, walks

    /// The columns of the table; none where there is no table.
    var columns: [String] {
      switch self {
      case .degree: ["node", "degree"]
      case .bfs, .near: ["node", "distance"]
      case .components, .scc: ["node", "component"]
      case .pagerank, .betweenness: ["node", "score"]
      case .kcore: ["node", "core"]
      case .order: ["node", "place", "level"]
      case .bipartite: ["node", "side"]
      case .bridges: ["source", "target"]
      case .cutnodes: ["node", "articulation"]
      case .paths: ["node", "distance", "before"]
      case .clustering: ["node", "triangles", "coefficient"]
      case .truss: ["source", "target", "truss"]
      case .onion: ["node", "core", "layer"]
      case .closeness: ["node", "closeness", "harmonic"]
      case .hyperball: ["node", "harmonic"]
      case .hits: ["node", "hub", "authority"]
      case .forest: ["source", "target", "weight"]
      case .richclub: ["k", "nodes", "edges", "share"]
      case .labels: ["node", "label"]
      case .walks: ["walk"]
      case .triangles, .diameter, .mixing: []
      }
    }
  }

  @Argument(
    help: ArgumentHelp("What to compute: \(Kernel.names.joined(separator: ", ")).", valueName: "kernel"),
    completion: .list(Kernel.names))
  var kernel: String

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Option(
    help: ArgumentHelp(
      "Where bfs, paths and near begin, by its name in the input (default: the node of highest degree).",
      valueName: "node"))
  var source: String?

  @Option(
    help: ArgumentHelp("Where the table goes, .tsv or .csv; '-' is standard output.", valueName: "file"),
    completion: .file())
  var out: String?

  @OptionGroup(title: "PageRank options")
  var rank: RankFlags

  @OptionGroup(title: "Kernel options")
  var kernelFlags: KernelFlags

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var outputs: [PlannedOutput] { [PlannedOutput(table, .table)].compactMap { $0 } }

  /// What was asked, once the words are in order.
  var asked: Kernel? { Kernel(rawValue: kernel) }

  /// Where the table goes; nil when nobody wants it.
  var table: String? { columns.isEmpty ? nil : out ?? (global.json ? nil : "-") }

  /// The columns of the table.
  var columns: [String] { asked?.columns ?? [] }

  var usesSeed: Bool {
    switch asked {
    case .betweenness, .closeness: kernelFlags.sample != nil
    case .labels, .walks, .hyperball: true
    default: false
    }
  }

  mutating func validate() throws {
    let (asked, file) = try Kernel.settle(kernel, input)
    (kernel, input) = (asked.rawValue, file)
    if source != nil, ![.bfs, .paths, .near].contains(asked) {
      throw ValidationError("'--source' is for the kernels 'bfs', 'paths' and 'near' only.")
    }
    if rank.rounds != nil, ![.pagerank, .hits, .labels, .hyperball].contains(asked) {
      throw ValidationError("'--rounds' is for the kernels 'pagerank', 'hits', 'labels' and 'hyperball' only.")
    }
    try kernelFlags.check(for: asked)
    if reading.loops == .twice, asked != .degree {
      throw ValidationError("'--loops 2' is for the kernel 'degree' only.")
    }
    if out != nil, asked.columns.isEmpty { throw ValidationError("'\(kernel)' has no table for '--out'.") }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let stored = try run.readStoredGraph(
      input, reading, countsLoopsTwice: asked == .degree, refusesNegativeWeights: asked == .pagerank
    ).graph
    func lists() throws -> CSRGraph { try stored.expanded(context: run.context) }
    return switch asked {
    // These read packed lists as they are.
    case .degree, nil: try degree(stored, run)
    case .bfs: try bfs(stored, run)
    case .components: try components(stored, run)
    case .pagerank: try pageRank(stored, run)
    case .triangles: try triangles(stored, run)
    case .kcore: try cores(lists(), run)
    case .scc: try strongComponents(lists(), run)
    case .order: try order(lists(), run)
    case .bipartite: try sides(lists(), run)
    case .bridges: try bridges(lists(), run)
    case .cutnodes: try articulationPoints(lists(), run)
    case .paths: try paths(lists(), run)
    case .near: try near(lists(), run)
    case .diameter: try longestDistance(lists(), run)
    case .clustering: try clustering(lists(), run)
    case .truss: try truss(lists(), run)
    case .onion: try onion(lists(), run)
    case .betweenness: try betweennessScores(lists(), run)
    case .closeness: try closenessScores(lists(), run)
    case .hyperball: try balls(lists(), run)
    case .hits: try hits(lists(), run)
    case .forest: try forest(lists(), run)
    case .mixing: try mixing(lists(), run)
    case .richclub: try richClubs(lists(), run)
    case .labels: try labels(lists(), run)
    case .walks: try walks(lists(), run)
    }
  }

  private func degree(_ graph: some NeighborGraph, _ run: CommandRun) throws -> Outcome {
    var choice = DegreeStatisticsOptions()
    choice.countsLoopsTwice = reading.loops == .twice
    let result = try run.stage("degree") { try degreeStatistics(of: graph, options: choice, context: run.context) }
    if let table {
      var options = DegreeOptions()
      options.countsLoopsTwice = choice.countsLoopsTwice
      var figures = [try degrees(of: graph, options: options, context: run.context)]
      if graph.isDirected {
        options.direction = .in
        figures.append(try degrees(of: graph, options: options, context: run.context))
      }
      let names = graph.isDirected ? ["node", "out_degree", "in_degree"] : columns
      try run.writeTable(to: table, of: graph, columns: names) { row, node in
        for figure in figures { unsafe row.append(column: figure.base[node]) }
      }
    }
    let degrees = result.degrees
    var keys: [String: JSONValue] = [
      "nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount),
      "min_degree": .integer(degrees.minimum), "max_degree": .integer(degrees.maximum),
      "mean_degree": .number(degrees.mean), "median_degree": .integer(degrees.percentile(50)),
      "isolated": .integer(result.isolated), "directed": .bool(graph.isDirected),
    ]
    if let entering = result.inDegrees {
      keys["min_in_degree"] = .integer(entering.minimum)
      keys["max_in_degree"] = .integer(entering.maximum)
    }
    return Outcome(
      keys: keys,
      summary: [
        "degrees \(degrees.minimum) to \(degrees.maximum), mean \(NumberText.fixed(degrees.mean, decimals: 3)), "
          + "median \(degrees.percentile(50)), \(result.isolated) isolated nodes"
      ])
  }

  private func bfs(_ graph: some NeighborGraph, _ run: CommandRun) throws -> Outcome {
    let node = try startNode(graph, run)
    let result = try run.stage("bfs") { try breadthFirstSearch(of: graph, from: node, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        unsafe row.append(column: result.distances.base[node])
      }
    }
    return outcome(
      graph,
      [
        "source": .string(graph.name(of: node)), "reached": .integer(result.reached),
        "eccentricity": .integer(result.eccentricity), "arcs_examined": .integer(result.arcsExamined),
      ],
      "from \(graph.name(of: node)): \(result.reached) of \(graph.nodeCount) nodes reached, "
        + "the farthest at distance \(result.eccentricity)")
  }

  /// Where a search begins.
  func startNode(_ graph: some NeighborGraph, _ run: CommandRun) throws -> Int {
    if let source { return try run.node(named: source, in: graph, of: input) }
    guard graph.nodeCount > 0 else {
      throw MillError(MillError.Kind("no-such-node", .badData), "the graph has no nodes to begin at", file: input)
    }
    return try highestDegreeNode(of: graph, run.context)
  }

  private func components(_ graph: some NeighborGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("components") { try connectedComponents(of: graph, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: columns) { row, node in
        unsafe row.append(column: result.labels.base[node])
      }
    }
    let largest = result.largest.map { result.sizes[$0] } ?? 0
    return outcome(
      graph,
      [
        "components": .integer(result.count), "largest_component": .integer(largest),
        "isolated": .integer(try degreeStatistics(of: graph, context: run.context).isolated),
      ],
      "\(result.count) components, the largest with \(largest) of \(graph.nodeCount) nodes")
  }
}

/// The node of highest degree, the first of several.
func highestDegreeNode(of graph: some NeighborGraph, _ context: RunContext) throws -> Int {
  let all = try degrees(of: graph, context: context)
  return unsafe all.elements.indices.max {
    unsafe all.base[$0] < all.base[$1] || (all.base[$0] == all.base[$1] && $0 > $1)
  } ?? 0
}
