import ArgumentParser
import Glibc
import GraphStore
import GraphSummarization
import MillRuntime
import Reporting
import WorkerProtocol

struct Summarize: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Summarize a graph without loss.",
    discussion: """
      Finds a forest of supernodes with positive and negative edges between them that stands for exactly the input's \
      edges (SLUGGER), and writes it as a .gms file: 'restore' gives the graph back, 'query' asks the summary. Direction, \
      weights, self-loops and repeated edges are kept in sections of their own, which no figure of the model counts; \
      text (--text) cannot hold them.

      Smaller summaries take more rounds: --iterations 50 or 200. A run that is interrupted writes the summary of what \
      it has reached by then.

      EXAMPLES:
        graphmill summarize graph.gmg graph.gms --verify --json
        graphmill summarize edges.txt.gz graph.gms --iterations 50 --log rounds.jsonl
        graphmill summarize graph.gmg summary --text
      """)

  /// Names of the threshold schedules.
  enum Threshold: String, ExpressibleByArgument, CaseIterable {
    case slugger
    case geometric
  }

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Argument(help: "The summary to write (.gms); with --text the beginning of three names.", completion: .file())
  var output: String

  @Option(help: ArgumentHelp("Rounds of grouping and merging.", valueName: "t"))
  var iterations = 20

  @Option(help: ArgumentHelp("Members of a candidate group at most.", valueName: "n"))
  var groupCap = 500

  @Option(help: ArgumentHelp("Height of a tree of supernodes at most (default: any).", valueName: "h"))
  var heightLimit: Int?

  @Option(help: "The saving that a merge must reach, by round: 1 / (1 + t), or falling geometrically.")
  var threshold = Threshold.geometric

  @Option(help: "Neighborhoods that candidate groups compare.")
  var neighborhood = ShingleNeighborhood.mixed

  @Option(help: "When groups see each other's merges: frozen runs them in parallel.")
  var schedule = MergeSchedule.frozen

  @Option(
    help: ArgumentHelp(
      "Pruning steps to run: 1 useless supernodes, 2 roots with one edge, 3 flat pairs, 4 exact re-encoding.",
      valueName: "0-4"))
  var prune = 4

  @Flag(inversion: .prefixedNo, help: "Whether edges are re-encoded exactly for the final forest (default: --prune 4).")
  var reencode: Bool?

  @Option(help: "Nested supernodes, or a single level of them.")
  var model = SummaryModel.hierarchical

  @Flag(help: "The algorithm as published: slugger thresholds, closed neighborhoods, plain savings, no re-encoding.")
  var published = false

  @Option(
    help: ArgumentHelp("Prune and re-encode what graphmill-spark has merged, in place of merging.", valueName: "file"),
    completion: .file())
  var fromDraft: String?

  @Flag(help: "Restore the graph from the written file and compare.")
  var verify = false

  @Flag(help: "Compress the sections of the file with zstd on top of their bit codes.")
  var compress = false

  @Flag(help: "Write three text files, OUTPUT.hierarchy.tsv, OUTPUT.positive.tsv and OUTPUT.negative.tsv.")
  var text = false

  @Option(help: ArgumentHelp("Also write a JSON object a round.", valueName: "file"), completion: .file())
  var log: String?

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] + [fromDraft].compactMap { $0 } }
  var usesSeed: Bool { true }
  /// What a stopped run has reached is kept, and what was written is read back.
  var holdsOutputs: Bool { false }
  var outputs: [PlannedOutput] {
    let files =
      text
      ? [paths.hierarchy, paths.positive, paths.negative].map { PlannedOutput($0, .text) }
      : [PlannedOutput(output, .binary)]
    return files + [PlannedOutput(log, .text)].compactMap { $0 }
  }
  private var paths: SummaryTextPaths { SummaryTextPaths(prefix: output) }

  func validate() throws {
    guard (0...4).contains(prune) else { throw ValidationError("'--prune' takes 0 to 4.") }
    if text, output == "-" { throw ValidationError("'--text' writes three files, '-' is only one.") }
    if verify, output == "-" { throw ValidationError("'--verify' reads the file again, '-' cannot be.") }
    if fromDraft != nil, model == .flat || log != nil {
      throw ValidationError("'--from-draft' is of the hierarchical model, and has no rounds to log.")
    }
    if text, compress { throw ValidationError("'--compress' is for .gms files.") }
  }

  private func options(seed: UInt64) -> SummarizeOptions {
    var options = published ? SummarizeOptions.published : SummarizeOptions()
    options.model = model
    options.iterations = iterations
    options.groupCap = groupCap
    options.heightLimit = heightLimit
    options.schedule = schedule
    options.pruningSteps = min(prune, 3)
    if !published {
      options.neighborhood = neighborhood
      if threshold == .slugger { options.threshold = .slugger }
    }
    options.reencodes = reencode ?? (prune == 4 && !published)
    options.keepsInput = !text
    options.seed = seed
    return options
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let graph = try run.readGraph(input, reading).graph
    Supervisor.shared.allowLongFinish()
    let options = options(seed: run.settings.seed)
    let result = try run.stage("summarize") {
      guard let fromDraft else { return try summarize(of: graph, options: options, context: run.context) }
      let draft = try readDraft(fromDraft, nodeCount: graph.nodeCount)
      return try summarize(draft, of: graph, options: options, context: run.context)
    }
    if let loss = loss(result) {
      if global.strict {
        throw MillError(.refusedWarning, loss, file: paths.hierarchy, hint: "a .gms file holds everything")
      }
      run.warn(loss)
    }
    if !result.isComplete { run.warn("stopped after \(result.iterations.count) of \(options.iterations) rounds") }
    // What was reached is written whole, also after a request to stop: no stage, no check for such a request.
    let context = RunContext(threads: run.context.threads, progress: run.context.progress)
    var written: SummaryFileReport?
    var bytes = 0
    if text {
      bytes = try writeSummaryText(result.summary, to: paths, replaces: run.rules.replaces(paths.hierarchy))
      for path in [paths.hierarchy, paths.positive, paths.negative] {
        run.recordOutput(.init(path: path, format: "tsv"))
      }
    } else {
      var file = SummaryFileOptions()
      file.compresses = compress
      file.replaces = run.rules.replaces(output)
      let report = try writeSummary(result.summary, to: output, options: file, context: context)
      run.recordOutput(.init(path: output, format: "gms", bytes: report.bytes))
      (written, bytes) = (report, report.bytes)
    }
    if let log { try writeRounds(result, to: log, run) }
    if !result.isComplete { try run.context.checkCancelled() }
    var outcome = outcome(result, bytes: bytes, written)
    if verify { try check(graph, run, &outcome) }
    return outcome
  }

  /// A forest and its edges: frames of rows (x, y, sign), with sign 0 where x lies below y.
  private func readDraft(_ path: String, nodeCount: Int) throws -> MergedDraft {
    let isPipe = Streams.isStandardInput(path)
    let descriptor = isPipe ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MillError.unreadable(path) }
    defer { if !isPipe { close(descriptor) } }
    let reader = ColumnFrameReader(
      descriptor, name: Streams.name(ofInput: path),
      forms: [ColumnForm(.int64), ColumnForm(.int64), ColumnForm(.int32)])
    var draft = MergedDraft(nodeCount: nodeCount)
    while try reader.next() {
      let x = unsafe reader.values(0, as: Int64.self)
      let y = unsafe reader.values(1, as: Int64.self)
      let signs = unsafe reader.values(2, as: Int32.self)
      for row in 0..<reader.rows { try draft.add(unsafe x[row], unsafe y[row], sign: unsafe signs[row]) }
    }
    return draft
  }

  /// What three text files do not hold of the input; nil for nothing.
  private func loss(_ result: SummarizeResult) -> String? {
    var lost: [String] = []
    if result.wasSimplified { lost.append("direction, weights and repeated edges") }
    if result.droppedLoops > 0 { lost.append("\(result.droppedLoops) self-loops") }
    return lost.isEmpty ? nil : "a summary in text leaves out \(lost.joined(separator: ", and "))"
  }

  /// Reads the file again and compares what it stands for with the input.
  private func check(_ graph: CSRGraph, _ run: CommandRun, _ outcome: inout Outcome) throws {
    let isEqual = try run.stage("verify") {
      guard text else {
        return try readSummary(output, context: run.context).restore(context: run.context).isIdentical(to: graph)
      }
      // Text names nodes by number, in ascending order.
      let restored = try readSummaryText(paths, context: run.context).restore(context: run.context)
      return try differences(between: restored, and: graph).isEmpty
    }
    outcome.keys["verified"] = .bool(isEqual)
    outcome.isYes = isEqual
    outcome.summary.append(isEqual ? "verified: it restores to the input" : "NOT the input when restored")
  }

  private func writeRounds(_ result: SummarizeResult, to path: String, _ run: CommandRun) throws {
    try run.writeLog(to: path, lines: result.iterations.map { Self.json($0).text() })
  }

  private static func json(_ round: SummarizeIteration) -> JSONValue {
    [
      "iteration": .integer(round.number), "threshold": .number(round.threshold), "groups": .integer(round.groups),
      "merges": .integer(round.merges), "refused": .integer(round.refused), "edges": .integer(round.edges),
      "h_edges": .integer(round.hierarchyEdges), "cost": .integer(round.cost),
      "evaluations": .integer(round.evaluations), "lookups": .integer(round.lookups),
    ]
  }

  private func outcome(_ result: SummarizeResult, bytes: Int, _ written: SummaryFileReport?) -> Outcome {
    let summary = result.summary
    func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
    let keys: [String: JSONValue] = [
      "nodes": .integer(summary.nodeCount), "edges": .integer(summary.edgeCount), "cost": .integer(summary.cost),
      "p_edges": .integer(summary.positiveEdgeCount), "n_edges": .integer(summary.negativeEdgeCount),
      "h_edges": .integer(summary.hierarchyEdgeCount), "relative_size": number(summary.relativeSize),
      "relative_size_without_memberships": number(summary.relativeSizeWithoutMemberships),
      "memberships": .integer(summary.membershipCount),
      "supernodes": .integer(summary.supernodeCount - summary.nodeCount), "height": .integer(summary.height),
      "bits_per_edge": number(written?.bitsPerEdge), "file_bits_per_edge": number(written?.fileBitsPerEdge),
      "side_bits": written.map { FileFigures.sideBits($0.sideBits) } ?? .null,
      "lossless": .bool(!result.wasSimplified && result.droppedLoops == 0), "bytes": .integer(bytes),
      "complete": .bool(result.isComplete),
      "steps": .array(result.steps.map { ["step": .string($0.name), "cost": .integer($0.cost)] }),
      "iterations_log": .array(result.iterations.map(Self.json)),
    ]
    let size = summary.relativeSize.map { NumberText.fixed($0, decimals: 4) } ?? "n/a"
    var lines = [
      "\(summary.edgeCount) edges summarized by \(summary.cost), relative size \(size)",
      "\(summary.positiveEdgeCount) positive, \(summary.negativeEdgeCount) negative, "
        + "\(summary.hierarchyEdgeCount) hierarchy edges; \(summary.supernodeCount - summary.nodeCount) supernodes, "
        + "height \(summary.height)",
    ]
    if let payload = written?.bitsPerEdge, let whole = written?.fileBitsPerEdge, let side = written?.sideBits.total {
      lines.append(
        "\(bytes) bytes: \(NumberText.fixed(whole, decimals: 3)) bits an edge in the file, "
          + "\(NumberText.fixed(payload, decimals: 3)) of the model's payload"
          + (side > 0 ? "; \(side) bits for loops, directions, copies and weights" : ""))
    }
    return Outcome(keys: keys, summary: lines)
  }
}
