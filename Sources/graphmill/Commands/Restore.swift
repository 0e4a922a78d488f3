import ArgumentParser
import GraphSummarization
import MillRuntime

struct Restore: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give back the graph that a summary stands for.",
    discussion: """
      A .gms file gives back all of it: directions, weights, self-loops and repeated edges too. The input is a .gms \
      file, or with --text the beginning of three names; the authors' own files can be given by --hierarchy, \
      --positive and --negative.

      EXAMPLES:
        graphmill restore graph.gms graph.gmg
        graphmill restore graph.gms - | graphmill check - --against graph.gmg
        graphmill restore summary edges.tsv --text
      """)

  @Argument(help: "The summary to read (.gms).", completion: .file())
  var input: String

  @Argument(help: "The graph to write; '-' is standard output.", completion: .file())
  var output: String

  @OptionGroup(title: "Summary options")
  var source: SummarySource

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { source.files(input) }
  var outputs: [PlannedOutput] { [writing.plan(output)] }

  func execute(_ run: CommandRun) throws -> Outcome {
    let summary = try source.read(input, run)
    let graph = try run.stage("restore") { try summary.restore(context: run.context) }
    return try run.writeGraph(graph, to: output, writing)
  }
}

/// Where a summary comes from, when it is text.
struct SummarySource: ParsableArguments {
  @Flag(help: "The input is three text files: INPUT.hierarchy.tsv, INPUT.positive.tsv, INPUT.negative.tsv.")
  var text = false

  @Option(
    help: ArgumentHelp("The text file of forest edges, if it has another name.", valueName: "file"),
    completion: .file())
  var hierarchy: String?

  @Option(
    help: ArgumentHelp("The text file of positive edges, if it has another name.", valueName: "file"),
    completion: .file())
  var positive: String?

  @Option(
    help: ArgumentHelp("The text file of negative edges, if it has another name.", valueName: "file"),
    completion: .file())
  var negative: String?

  private var isText: Bool { text || hierarchy != nil || positive != nil || negative != nil }

  private func paths(_ input: String) -> SummaryTextPaths {
    var paths = SummaryTextPaths(prefix: input)
    if let hierarchy { paths.hierarchy = hierarchy }
    if let positive { paths.positive = positive }
    if let negative { paths.negative = negative }
    return paths
  }

  /// The files that are read.
  func files(_ input: String) -> [String] {
    guard isText else { return [input] }
    let paths = paths(input)
    return [paths.hierarchy, paths.positive, paths.negative]
  }

  /// Reads the summary.
  func read(_ input: String, _ run: CommandRun) throws -> GraphSummary {
    try run.stage("read") {
      isText
        ? try readSummaryText(paths(input), context: run.context) : try readSummary(input, context: run.context)
    }
  }
}
