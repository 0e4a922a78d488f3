import ArgumentParser
import GraphKernels
import GraphStore
import GraphSummarization
import MillRuntime
import Reporting

struct Query: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask a summary (or a graph) about nodes, paths and ranks.",
    discussion: """
      A .gms file is asked without restoring the graph; the answers are those of its simple undirected graph.

      neighbors  the neighbors of a node, a line each
      degree     the number of neighbors of a node
      hasedge    whether two nodes are joined; exit code 1 says no
      bfs        node, distance from a node; -1 where there is no path
      pagerank   node, score
      triangles  the number of triangles

      File and question stand in either order; nodes are called as in the input.

      EXAMPLES:
        graphmill query graph.gms neighbors 17
        graphmill query graph.gms hasedge 17 20
        graphmill query graph.gms pagerank --out ranks.tsv
      """)

  /// What is asked.
  enum Kind: String, Question {
    case neighbors, hasedge, degree, bfs, pagerank, triangles

    /// How many nodes it asks about.
    var nodes: Int {
      switch self {
      case .neighbors, .degree, .bfs: 1
      case .hasedge: 2
      case .pagerank, .triangles: 0
      }
    }

    /// Whether the answer is a table.
    var hasTable: Bool { [.neighbors, .bfs, .pagerank].contains(self) }
  }

  @Argument(help: "The summary (.gms) or graph to ask.", completion: .file())
  var input: String

  @Argument(help: "What to ask: \(Kind.names.joined(separator: ", ")).", completion: .list(Kind.names))
  var kind: String

  @Argument(help: ArgumentHelp("The node asked about, and the other one of 'hasedge'.", valueName: "node"))
  var about: [String] = []

  @Option(help: ArgumentHelp("The node asked about, where it does not stand behind the question.", valueName: "node"))
  var node: String?

  @Option(help: ArgumentHelp("The other node of 'hasedge', likewise.", valueName: "node"))
  var other: String?

  @Option(help: ArgumentHelp("Where bfs begins, likewise.", valueName: "node"))
  var source: String?

  @Option(
    help: ArgumentHelp("Where a table goes, .tsv or .csv; '-' is standard output.", valueName: "file"),
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
  private var asked: Kind? { Kind(rawValue: kind) }

  /// Where the table goes; nil when nobody wants it.
  private var table: String? { asked?.hasTable == true ? out ?? (global.json ? nil : "-") : nil }

  mutating func validate() throws {
    let (asked, file) = try Kind.settle(kind, input)
    (kind, input) = (asked.rawValue, file)
    if source != nil, asked != .bfs { throw ValidationError("'--source' is for 'bfs' only.") }
    if other != nil, asked != .hasedge { throw ValidationError("'--other' is for 'hasedge' only.") }
    if node != nil, asked == .bfs { throw ValidationError("'--node' is not for 'bfs': give '--source <node>'.") }
    let flags = [node, other, source].compactMap { $0 }
    guard about.isEmpty || flags.isEmpty else {
      throw ValidationError("Nodes stand behind the question or in '--node' and '--other', not in both.")
    }
    about += flags
    (node, other, source) = (nil, nil, nil)
    guard about.count == asked.nodes else {
      let wanted = ["no node", "a node", "two nodes"][asked.nodes]
      throw ValidationError("'\(kind)' asks about \(wanted), not about \(about.count).")
    }
    if out != nil, !asked.hasTable { throw ValidationError("'\(kind)' has no table for '--out'.") }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    if let asked, let graph = try packedGraph(run) { return try answer(asked, graph, run) }
    let summary = try read(run)
    if asked == .pagerank { return try ranks(summary, run) }
    return try answer(asked ?? .neighbors, summary, run)
  }

  /// All answers but ranks.
  private func answer(_ asked: Kind, _ summary: some Answering, _ run: CommandRun) throws -> Outcome {
    let nodes = try about.map { try number($0, summary) }
    switch asked {
    case .neighbors, .pagerank:
      let found = summary.neighbors(of: nodes[0])
      if let table {
        try run.writeTable(to: table, columns: ["node"]) { file in
          for v in found { try file.write(summary.names.text(of: v) + "\n") }
        }
      }
      return Outcome(
        keys: [
          "degree": .integer(found.count), "neighbors": .array(found.map { .string(summary.names.text(of: $0)) }),
        ], summary: [])
    case .degree:
      let degree = summary.degree(of: nodes[0])
      return Outcome(keys: ["degree": .integer(degree)], summary: [String(degree)])
    case .hasedge:
      let isEdge = summary.hasEdge(nodes[0], nodes[1])
      return Outcome(keys: ["edge": .bool(isEdge)], summary: [isEdge ? "yes" : "no"], isYes: isEdge)
    case .bfs:
      let levels = try run.stage("bfs") { try summary.levels(from: nodes[0], run.context) }
      try write(summary, "distance", run) { String(levels[$0]) }
      let reached = levels.count { $0 >= 0 }
      return Outcome(
        keys: ["reached": .integer(reached), "eccentricity": .integer(levels.max() ?? 0)],
        summary: ["\(reached) of \(levels.count) nodes reached, the farthest at distance \(levels.max() ?? 0)"])
    case .triangles:
      let count = try run.stage("triangles") { try summary.triangleCount(context: run.context) }
      return Outcome(keys: ["triangles": .integer(count)], summary: [String(count)])
    }
  }

  private func ranks(_ summary: GraphSummary, _ run: CommandRun) throws -> Outcome {
    let ranks = try run.stage("pagerank") {
      let options = rank.options
      return try summary.pageRank(
        damping: options.damping, tolerance: options.tolerance, maximumRounds: options.maximumRounds)
    }
    try write(summary, "score", run) { "\(ranks.scores[$0])" }
    return Outcome(
      keys: [
        "rounds": .integer(ranks.rounds), "change": .number(ranks.change), "converged": .bool(ranks.converged),
      ],
      summary: ["\(ranks.rounds) rounds, " + (ranks.converged ? "converged" : "not converged")])
  }

  /// The graph where it can be asked with its lists packed; ranks are added up as of a summary.
  private func packedGraph(_ run: CommandRun) throws -> PackedGraph? {
    guard asked != .pagerank, FileKind(path: input) == .graph, case let info = try containerInfo(input),
      info.codec == "packed", !info.isDirected, !info.hasLoops, !info.isMultigraph, info.weightBits == 0,
      case .packed(let graph) = try run.readStoredGraph(input, reading).graph
    else { return nil }
    return graph
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

  private func number(_ name: String, _ summary: some Answering) throws -> Int {
    guard let node = summary.node(named: name) else {
      throw MillError(
        MillError.Kind("no-such-node", .usage), "the graph has no node of that name",
        file: Streams.name(ofInput: input), field: name)
    }
    return node
  }

  private func write(
    _ summary: some Answering, _ name: String, _ run: CommandRun, _ column: (Int) -> String
  ) throws {
    guard let table else { return }
    try run.writeTable(to: table, columns: ["node", name]) { file in
      for v in 0..<summary.nodeCount { try file.write(summary.names.text(of: v) + "\t" + column(v) + "\n") }
    }
  }
}

/// What answers questions about a simple undirected graph.
private protocol Answering {
  var nodeCount: Int { get }
  var names: NodeNames { get }
  func node(named name: String) -> Int?
  func neighbors(of node: Int) -> [Int]
  func degree(of node: Int) -> Int
  func hasEdge(_ u: Int, _ v: Int) -> Bool
  /// The distance of every node; -1 where there is no path.
  func levels(from source: Int, _ context: RunContext) throws -> [Int]
  func triangleCount(context: RunContext) throws(MillError) -> Int
}

extension GraphSummary: Answering {
  fileprivate func levels(from source: Int, _ context: RunContext) -> [Int] { breadthFirstLevels(from: source) }
}

extension PackedGraph: Answering {
  fileprivate func levels(from source: Int, _ context: RunContext) throws -> [Int] {
    try breadthFirstSearch(of: self, from: source, context: context).distances.map { Int($0) }
  }

  fileprivate func triangleCount(context: RunContext) throws(MillError) -> Int {
    try GraphKernels.triangleCount(of: self, context: context)
  }
}
