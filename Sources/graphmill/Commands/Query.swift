import ArgumentParser
import GraphStore
import GraphSummarization
import MillRuntime
import Reporting

struct Query: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask a summary (or a graph) about nodes, paths and ranks.",
    discussion: """
      A .gms file is asked without restoring the graph; the answers are those of its simple undirected graph.

      neighbors  the neighbours of --node, a line each
      degree     the number of neighbours of --node
      hasedge    whether --node and --other are joined; exit code 1 says no
      bfs        node, distance from --source; -1 where there is no path
      pagerank   node, score
      triangles  the number of triangles

      EXAMPLES:
        graphmill query graph.gms neighbors --node 17
        graphmill query graph.gms pagerank --out ranks.tsv
      """)

  /// What is asked.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case neighbors
    case hasedge
    case degree
    case bfs
    case pagerank
    case triangles
  }

  @Argument(help: "The summary (.gms) or graph to ask.")
  var input: String

  @Argument(help: "What to ask.")
  var kind: Kind

  @Option(help: ArgumentHelp("The node asked about, by its name in the input.", valueName: "node"))
  var node: String?

  @Option(help: ArgumentHelp("The other node of 'hasedge'.", valueName: "node"))
  var other: String?

  @Option(help: ArgumentHelp("Where bfs begins.", valueName: "node"))
  var source: String?

  @Option(help: ArgumentHelp("Chance that the walker of pagerank follows an edge.", valueName: "p"))
  var damping = 0.85

  @Option(help: ArgumentHelp("pagerank stops when a round changes less.", valueName: "x"))
  var tolerance = 1e-9

  @Option(help: ArgumentHelp("Rounds of pagerank at most.", valueName: "n"))
  var rounds = 200

  @Option(help: ArgumentHelp("Where a table goes; '-' is standard output.", valueName: "file"))
  var out: String?

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var outputs: [String] { [table].compactMap { $0 } }

  /// Where the table goes; nil when nobody wants it.
  private var table: String? {
    switch kind {
    case .neighbors, .bfs, .pagerank: out ?? (global.json ? nil : "-")
    case .hasedge, .degree, .triangles: nil
    }
  }

  func validate() throws {
    let wantsNode = [Kind.neighbors, .degree, .hasedge].contains(kind)
    guard (node != nil) == wantsNode else {
      throw ValidationError("'--node' is \(wantsNode ? "needed" : "not used") by '\(kind.rawValue)'.")
    }
    guard (other != nil) == (kind == .hasedge) else {
      throw ValidationError("'--other' is for 'hasedge', which needs it.")
    }
    guard (source != nil) == (kind == .bfs) else { throw ValidationError("'--source' is for 'bfs', which needs it.") }
    if out != nil, [.hasedge, .degree, .triangles].contains(kind) {
      throw ValidationError("'\(kind.rawValue)' has no table for '--out'.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let summary = try read(run)
    switch kind {
    case .neighbors:
      let found = summary.neighbors(of: try number(node, summary))
      if let table {
        try run.writeText(to: table, format: "tsv") { file in
          for v in found { try file.write(summary.names.text(of: v) + "\n") }
        }
      }
      return Outcome(
        keys: [
          "degree": .integer(found.count), "neighbors": .array(found.map { .string(summary.names.text(of: $0)) }),
        ], summary: [])
    case .degree:
      let degree = summary.degree(of: try number(node, summary))
      return Outcome(keys: ["degree": .integer(degree)], summary: [String(degree)])
    case .hasedge:
      let isEdge = summary.hasEdge(try number(node, summary), try number(other, summary))
      return Outcome(keys: ["edge": .bool(isEdge)], summary: [isEdge ? "yes" : "no"], isYes: isEdge)
    case .bfs:
      let levels = try run.stage("bfs") { summary.breadthFirstLevels(from: try number(source, summary)) }
      try write(summary, run) { String(levels[$0]) }
      let reached = levels.count { $0 >= 0 }
      return Outcome(
        keys: ["reached": .integer(reached), "eccentricity": .integer(levels.max() ?? 0)],
        summary: ["\(reached) of \(levels.count) nodes reached, the farthest at distance \(levels.max() ?? 0)"])
    case .pagerank:
      let ranks = try run.stage("pagerank") {
        try summary.pageRank(damping: damping, tolerance: tolerance, maximumRounds: rounds)
      }
      try write(summary, run) { "\(ranks.scores[$0])" }
      return Outcome(
        keys: [
          "rounds": .integer(ranks.rounds), "change": .number(ranks.change), "converged": .bool(ranks.converged),
        ],
        summary: ["\(ranks.rounds) rounds, " + (ranks.converged ? "converged" : "not converged")])
    case .triangles:
      let count = try run.stage("triangles") { try summary.triangleCount(context: run.context) }
      return Outcome(keys: ["triangles": .integer(count)], summary: [String(count)])
    }
  }

  /// The summary; a graph is taken as the one that has only its edges.
  private func read(_ run: CommandRun) throws -> GraphSummary {
    if FileKind(path: input) == .summary {
      return try run.stage("read") { try readSummary(input, context: run.context) }
    }
    let graph = try run.readGraph(input, reading).graph
    var options = SummarizeOptions()
    options.iterations = 0
    options.keepsInput = false
    let result = try summarize(of: graph, options: options, context: run.context)
    if result.wasSimplified { run.warn("direction, weights and repeated edges are left aside") }
    return result.summary
  }

  private func number(_ name: String?, _ summary: GraphSummary) throws -> Int {
    guard let name, let node = summary.node(named: name) else {
      throw MillError(
        MillError.Kind("no-such-node", .usage), "the graph has no node of that name", file: input, field: name)
    }
    return node
  }

  private func write(_ summary: GraphSummary, _ run: CommandRun, _ column: (Int) -> String) throws {
    guard let table else { return }
    try run.writeText(to: table, format: "tsv") { file in
      for v in 0..<summary.nodeCount { try file.write(summary.names.text(of: v) + "\t" + column(v) + "\n") }
    }
  }
}
