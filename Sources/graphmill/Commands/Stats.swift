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

      The table goes to --out, else to standard output unless --json asks for the summary only. Nodes are called as in \
      the input. Kernel and graph stand in either order.

      EXAMPLES:
        graphmill stats degree graph.gmg | sort -k2,2nr | head
        graphmill stats bfs graph.gmg --source 17 --out distances.csv
        graphmill stats pagerank graph.gmg --out ranks.tsv
        graphmill stats components graph.gmg --json
      """)

  /// What is computed.
  enum Kernel: String, Question {
    case degree, bfs, components, pagerank, kcore, triangles

    /// Whether there is a figure a node.
    var hasTable: Bool { self != .triangles }
  }

  @Argument(
    help: ArgumentHelp("What to compute: \(Kernel.names.joined(separator: ", ")).", valueName: "kernel"),
    completion: .list(Kernel.names))
  var kernel: String

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Option(
    help: ArgumentHelp(
      "Where bfs begins, by its name in the input (default: the node of highest degree).", valueName: "node"))
  var source: String?

  @Option(
    help: ArgumentHelp("Where the table goes, .tsv or .csv; '-' is standard output.", valueName: "file"),
    completion: .file())
  var out: String?

  @OptionGroup(title: "PageRank options")
  var rank: RankFlags

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var outputs: [PlannedOutput] { [PlannedOutput(table, .table)].compactMap { $0 } }

  /// What was asked, once the words are in order.
  private var asked: Kernel? { Kernel(rawValue: kernel) }

  /// Where the table goes; nil when nobody wants it.
  private var table: String? { asked?.hasTable == true ? out ?? (global.json ? nil : "-") : nil }

  mutating func validate() throws {
    let (asked, file) = try Kernel.settle(kernel, input)
    (kernel, input) = (asked.rawValue, file)
    if source != nil, asked != .bfs { throw ValidationError("'--source' is for the kernel 'bfs' only.") }
    if reading.loops == .twice, asked != .degree {
      throw ValidationError("'--loops 2' is for the kernel 'degree' only.")
    }
    if out != nil, !asked.hasTable { throw ValidationError("'\(kernel)' has no table for '--out'.") }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let graph = try run.readGraph(
      input, reading, countsLoopsTwice: asked == .degree, refusesNegativeWeights: asked == .pagerank
    ).graph
    var outcome =
      switch asked {
      case .degree, nil: try degree(graph, run)
      case .bfs: try bfs(graph, run)
      case .components: try components(graph, run)
      case .pagerank: try pageRank(graph, run)
      case .kcore: try cores(graph, run)
      case .triangles: try triangles(graph, run)
      }
    outcome.keys["nodes"] = .integer(graph.nodeCount)
    outcome.keys["edges"] = .integer(graph.edgeCount)
    return outcome
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
      let names = graph.isDirected ? ["out_degree", "in_degree"] : ["degree"]
      try run.writeTable(to: table, of: graph, columns: names) { row, node in
        for column in columns { unsafe row.append(column: column.base[node]) }
      }
    }
    let degrees = result.degrees
    var keys: [String: JSONValue] = [
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
      try run.writeTable(to: table, of: graph, columns: ["distance"]) { row, node in
        unsafe row.append(column: result.distances.base[node])
      }
    }
    return Outcome(
      keys: [
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
          MillError.Kind("no-such-node", .usage), "the graph has no node of that name",
          file: Streams.name(ofInput: input), field: source)
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
      try run.writeTable(to: table, of: graph, columns: ["component"]) { row, node in
        unsafe row.append(column: result.labels.base[node])
      }
    }
    let largest = result.largest.map { result.sizes[$0] } ?? 0
    return Outcome(
      keys: [
        "components": .integer(result.count), "largest_component": .integer(largest),
        "isolated": .integer(try degreeStatistics(of: graph, context: run.context).isolated),
      ],
      summary: ["\(result.count) components, the largest with \(largest) of \(graph.nodeCount) nodes"])
  }

  private func pageRank(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("pagerank", of: input) {
      try GraphKernels.pageRank(of: graph, options: rank.options, context: run.context)
    }
    if let table {
      try run.writeTable(to: table, of: graph, columns: ["score"]) { row, node in
        unsafe row.append(column: result.scores.base[node])
      }
    }
    return Outcome(
      keys: [
        "rounds": .integer(result.rounds), "change": .number(result.change), "converged": .bool(result.isConverged),
        "dangling": .integer(result.danglingCount),
      ],
      summary: ["\(result.rounds) rounds, " + (result.isConverged ? "converged" : "not converged")])
  }

  private func cores(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let result = try run.stage("kcore") { try coreNumbers(of: graph, context: run.context) }
    if let table {
      try run.writeTable(to: table, of: graph, columns: ["core"]) { row, node in
        unsafe row.append(column: result.cores.base[node])
      }
    }
    let top = unsafe result.cores.elements.count { Int($0) == result.degeneracy }
    return Outcome(
      keys: ["degeneracy": .integer(result.degeneracy), "top_core": .integer(top)],
      summary: ["degeneracy \(result.degeneracy), \(top) nodes in the innermost core"])
  }

  private func triangles(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    let count = try run.stage("triangles") { try triangleCount(of: graph, context: run.context) }
    return Outcome(keys: ["triangles": .integer(count)], summary: [String(count)])
  }
}

/// The node of highest degree, the first of several.
func highestDegreeNode(of graph: CSRGraph, _ context: RunContext) throws -> Int {
  let all = try degrees(of: graph, context: context)
  return unsafe all.elements.indices.max {
    unsafe all.base[$0] < all.base[$1] || (all.base[$0] == all.base[$1] && $0 > $1)
  } ?? 0
}
