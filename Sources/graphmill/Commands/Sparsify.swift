import ArgumentParser
import EdgeSparsification
import GraphKernels
import GraphStore
import MillRuntime

struct Sparsify: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep the edges that matter.",
    discussion: """
      Edges are rated and the lowest go: a share of them (--remove), all but a share (--keep), all but a number \
      (--keep-edges), or all below a score (--threshold). Equal scores are ordered by node. Nodes always stay, self-loops go unless --keep-loops.

      EXAMPLES:
        graphmill sparsify graph.gmg small.gmg --method teddy --keep 30%
        graphmill sparsify graph.gmg small.gmg --remove 0.3 --keep-forest --json
        graphmill sparsify edges.txt - --method random --remove 50% > half.tsv
      """)

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Argument(help: "The file to write; '-' is standard output.", completion: .file())
  var output: String

  @Option(help: "How edges are rated.")
  var method = EdgeScoreMethod.teddy

  @Option(help: ArgumentHelp("Share of the edges to remove: 0.3 or 30%.", valueName: "share"))
  var remove: Share?

  @Option(help: ArgumentHelp("Share of the edges to keep: 0.3 or 30%.", valueName: "share"))
  var keep: Share?

  @Option(help: ArgumentHelp("Number of edges to keep.", valueName: "k"))
  var keepEdges: Count?

  @Option(help: ArgumentHelp("Remove the edges with a score below this one.", valueName: "t"))
  var threshold: Double?

  @Option(
    help: ArgumentHelp("Also write the score of every edge: u, v, score (.tsv or .csv).", valueName: "file"),
    completion: .file())
  var scores: String?

  @Flag(help: "Never disconnect anything: a maximum spanning forest stays (fewer edges may go than asked for).")
  var keepForest = false

  @Flag(help: "Never remove the last edge of a node.")
  var minDegree = false

  @Flag(help: "Put self-loops back untouched instead of dropping them.")
  var keepLoops = false

  @Flag(help: "Rate a directed graph arc by arc instead of making it undirected.")
  var keepDirection = false

  @Flag(help: "Use weights in the score (teddy and reverse).")
  var weighted = false

  @Flag(help: "Rate as if every node had a self-loop (teddy and reverse).")
  var selfLoopsInScore = false

  @Option(help: ArgumentHelp("Order equal scores by a hash with this seed instead of by node.", valueName: "u64"))
  var tieSeed: UInt64?

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var usesSeed: Bool { method == .random }
  var outputs: [PlannedOutput] { [writing.plan(output)] + [PlannedOutput(scores, .table)].compactMap { $0 } }

  func validate() throws {
    guard [remove != nil, keep != nil, keepEdges != nil, threshold != nil].count(where: { $0 }) == 1 else {
      throw ValidationError(
        "Give one of '--remove <share>', '--keep <share>', '--keep-edges <k>' and '--threshold <t>'.")
    }
    if let threshold, threshold.isNaN { throw ValidationError("'--threshold' must be a number.") }
  }

  private func options(seed: UInt64) -> SparsifyOptions {
    let removal: EdgeRemoval =
      if let remove { .share(remove.value) } else if let keep { .share(keep.complement) } else if let keepEdges {
        .keeping(keepEdges.value)
      } else {
        .scoresBelow(threshold ?? 0)
      }
    var options = SparsifyOptions(removal, score: EdgeScoreOptions(method: method, seed: seed))
    options.score.keepsLoops = keepLoops
    options.score.selfLoopsInScore = selfLoopsInScore
    options.score.directed = keepDirection
    options.score.weighted = weighted
    options.tieSeed = tieSeed
    options.keepsForest = keepForest
    options.minimumDegree = minDegree ? 1 : 0
    return options
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let countsWeights = weighted && (method == .teddy || method == .reverse)
    let reading = try run.readStoredGraph(input, reading, refusesNegativeWeights: countsWeights)
    let options = options(seed: run.settings.seed)
    let result = try run.stage("sparsify", of: input) {
      try sparsify(reading.graph, options: options, context: run.context)
    }
    if let scores { try writeScores(of: reading.graph, options.score, to: scores, run) }
    let graph = result.graph
    let components = try connectedComponents(of: graph, context: run.context)
    var outcome = try run.writeGraph(graph, to: output, writing, from: reading.report)
    let largest = components.largest.map { components.sizes[$0] } ?? 0
    let isolated = outcome.keys["isolated"] ?? .null
    outcome.keys = [
      "edges_before": .integer(result.edgesBefore),
      "edges_after": .integer(result.edgesAfter),
      "components": .integer(components.count),
      "isolated": isolated,
      "largest_component": .integer(largest),
      "fingerprint": outcome.keys["fingerprint"] ?? .null,
    ]
    if let requested = result.requested, result.removed < requested {
      run.warn("only \(result.removed) of \(requested) edges could go, the others are held by an option")
    }
    outcome.summary = [
      "\(result.edgesBefore) edges before, \(result.edgesAfter) after (\(method.rawValue))",
      "\(components.count) components, the largest with \(largest) nodes; \(isolated.text()) isolated nodes",
    ]
    return outcome
  }

  private func writeScores(
    of graph: some NeighborGraph, _ options: EdgeScoreOptions, to path: String, _ run: CommandRun
  ) throws {
    try run.writeTable(to: path, columns: ["source", "target", "score"]) { file in
      try unsafe writeEdgeScores(of: graph, options: options, context: run.context) { bytes throws(MillError) in
        try unsafe file.write(Array(bytes))
      }
    }
  }
}
