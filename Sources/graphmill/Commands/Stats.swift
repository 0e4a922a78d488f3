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

      The table goes to --out, else to standard output unless --json asks for the summary only. Nodes are called as in \
      the input.

      EXAMPLES:
        graphmill stats degree graph.gmg | sort -k2,2nr | head
        graphmill stats bfs graph.gmg --source 17 --out distances.tsv
        graphmill stats components graph.gmg --json
      """)

  /// What is computed.
  enum Kernel: String, ExpressibleByArgument, CaseIterable {
    case degree
    case bfs
    case components
  }

  @Argument(help: "What to compute.")
  var kernel: Kernel

  @Argument(help: "The graph to read; '-' is standard input.")
  var input: String

  @Option(
    help: ArgumentHelp(
      "Where bfs begins, by its name in the input (default: the node of highest degree).", valueName: "node"))
  var source: String?

  @Option(help: ArgumentHelp("Where the table goes; '-' is standard output.", valueName: "file"))
  var out: String?

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var outputs: [String] { [table].compactMap { $0 } }

  /// Where the table goes; nil when nobody wants it.
  private var table: String? { out ?? (global.json ? nil : "-") }

  func validate() throws {
    if source != nil, kernel != .bfs { throw ValidationError("'--source' is for the kernel 'bfs' only.") }
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

  private func startNode(_ graph: CSRGraph, _ run: CommandRun) throws -> Int {
    if let source {
      guard let node = graph.node(named: source) else {
        throw MillError(
          MillError.Kind("no-such-node", .usage), "the graph has no node of that name", file: input, field: source)
      }
      return node
    }
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
