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
      hits        node, hub score, authority score
      forest      the two ends of each edge of a spanning forest of least weight, its weight
      mixing      no table: degree assortativity, reciprocity
      richclub    k, nodes of more than k neighbors, edges among them, share of their pairs that are joined
      labels      node, group by label propagation
      walks       the nodes of a random walk

      The table goes to --out, else to standard output unless --json asks for the summary only. Nodes are called as in \
      the input.

      EXAMPLES:
        graphmill stats degree graph.gmg | sort -k2,2nr | head
        graphmill stats bfs graph.gmg --source 17 --out distances.tsv
        graphmill stats components graph.gmg --json
        graphmill stats paths roads.wel --source 17 --target 99
        graphmill stats betweenness graph.gmg --sample 500 --out scores.tsv
      """)

  /// What is computed.
  enum Kernel: String, ExpressibleByArgument, CaseIterable {
    case degree
    case bfs
    case components
    case scc, order, bipartite, bridges, cutnodes
    case paths, near, diameter
    case clustering, truss, onion
    case betweenness, closeness, hits
    case forest, mixing, richclub, labels, walks
  }

  @Argument(help: "What to compute.")
  var kernel: Kernel

  @Argument(help: "The graph to read; '-' is standard input.")
  var input: String

  @Option(
    help: ArgumentHelp(
      "Where bfs, paths and near begin, by its name in the input (default: the node of highest degree).",
      valueName: "node"))
  var source: String?

  @Option(help: ArgumentHelp("Where the table goes; '-' is standard output.", valueName: "file"))
  var out: String?

  @OptionGroup(title: "Kernel options")
  var kernelFlags: KernelFlags

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var outputs: [String] { [table].compactMap { $0 } }

  /// Where the table goes; nil when nobody wants it.
  var table: String? { hasTable ? out ?? (global.json ? nil : "-") : nil }

  private var hasTable: Bool { kernel != .diameter && kernel != .mixing }

  var usesSeed: Bool {
    switch kernel {
    case .betweenness, .closeness: kernelFlags.sample != nil
    case .labels, .walks: true
    default: false
    }
  }

  func validate() throws {
    if source != nil, ![.bfs, .paths, .near].contains(kernel) {
      throw ValidationError("'--source' is for the kernels 'bfs', 'paths' and 'near' only.")
    }
    if out != nil, !hasTable { throw ValidationError("The kernel '\(kernel.rawValue)' has no table for '--out'.") }
    try kernelFlags.check(for: kernel)
    if reading.loops == .twice, kernel != .degree {
      throw ValidationError("'--loops 2' is for the kernel 'degree' only.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let graph = try run.readGraph(input, reading, countsLoopsTwice: kernel == .degree).graph
    return switch kernel {
    case .degree: try degree(graph, run)
    case .bfs: try bfs(graph, run)
    case .components: try components(graph, run)
    case .scc: try strongComponents(graph, run)
    case .order: try order(graph, run)
    case .bipartite: try sides(graph, run)
    case .bridges: try bridges(graph, run)
    case .cutnodes: try articulationPoints(graph, run)
    case .paths: try paths(graph, run)
    case .near: try near(graph, run)
    case .diameter: try longestDistance(graph, run)
    case .clustering: try clustering(graph, run)
    case .truss: try truss(graph, run)
    case .onion: try onion(graph, run)
    case .betweenness: try betweennessScores(graph, run)
    case .closeness: try closenessScores(graph, run)
    case .hits: try hits(graph, run)
    case .forest: try forest(graph, run)
    case .mixing: try mixing(graph, run)
    case .richclub: try richClubs(graph, run)
    case .labels: try labels(graph, run)
    case .walks: try walks(graph, run)
    }
  }

  private func degree(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    var choice = DegreeStatisticsOptions()
    choice.countsLoopsTwice = reading.loops == .twice
    let result = try run.stage("degree") { try degreeStatistics(of: graph, options: choice, context: run.context) }
    if let table {
      var options = DegreeOptions()
      options.countsLoopsTwice = choice.countsLoopsTwice
      var columns = [try degrees(of: graph, options: options, context: run.context)]
      if graph.isDirected {
        options.direction = .in
        columns.append(try degrees(of: graph, options: options, context: run.context))
      }
      try run.writeTable(to: table, graph) { row, node in
        for column in columns { unsafe row.append(column: column.base[node]) }
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

  private func bfs(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let node = try startNode(graph, run)
    let result = try run.stage("bfs") { try breadthFirstSearch(of: graph, from: node, context: run.context) }
    if let table {
      try run.writeTable(to: table, graph) { row, node in unsafe row.append(column: result.distances.base[node]) }
    }
    return Outcome(
      keys: [
        "nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount),
        "source": .string(graph.name(of: node)), "reached": .integer(result.reached),
        "eccentricity": .integer(result.eccentricity), "arcs_examined": .integer(result.arcsExamined),
      ],
      summary: [
        "from \(graph.name(of: node)): \(result.reached) of \(graph.nodeCount) nodes reached, "
          + "the farthest at distance \(result.eccentricity)"
      ])
  }

  /// The node of a name in the input.
  func node(named name: String, in graph: CSRGraph) throws -> Int {
    guard let node = graph.node(named: name) else {
      throw MillError(
        MillError.Kind("no-such-node", .usage), "the graph has no node of that name", file: input, field: name)
    }
    return node
  }

  /// Where a search begins.
  func startNode(_ graph: CSRGraph, _ run: CommandRun) throws -> Int {
    if let source { return try node(named: source, in: graph) }
    guard graph.nodeCount > 0 else {
      throw MillError(MillError.Kind("no-such-node", .badData), "the graph has no nodes to begin at", file: input)
    }
    return try highestDegreeNode(of: graph, run.context)
  }

  private func components(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("components") { try connectedComponents(of: graph, context: run.context) }
    if let table {
      try run.writeTable(to: table, graph) { row, node in unsafe row.append(column: result.labels.base[node]) }
    }
    let largest = result.largest.map { result.sizes[$0] } ?? 0
    return Outcome(
      keys: [
        "nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount),
        "components": .integer(result.count), "largest_component": .integer(largest),
        "isolated": .integer(try degreeStatistics(of: graph, context: run.context).isolated),
      ],
      summary: ["\(result.count) components, the largest with \(largest) of \(graph.nodeCount) nodes"])
  }
}

/// The node of highest degree, the first of several.
func highestDegreeNode(of graph: CSRGraph, _ context: RunContext) throws -> Int {
  let all = try degrees(of: graph, context: context)
  return unsafe all.elements.indices.max {
    unsafe all.base[$0] < all.base[$1] || (all.base[$0] == all.base[$1] && $0 > $1)
  } ?? 0
}
