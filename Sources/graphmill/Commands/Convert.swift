import ArgumentParser
import GraphFormats
import GraphKernels
import GraphStore
import MillRuntime

struct Convert: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert a graph from any format to any.",
    discussion: """
      Reads \(GraphFormat.list(where: \.isRead)), plain or compressed with gzip, zstd, bzip2 or xz; the format is \
      guessed from the content, then from the name. Writes \(GraphFormat.list(where: \.isWritten)); the format is \
      that of the name, else an edge list.

      EXAMPLES:
        graphmill convert edges.txt.gz graph.gmg
        graphmill convert follows.csv graph.gmg --directed --ids string --json
        graphmill convert graph.gmg - --to el | head
        graphmill convert graph.gmg small.gmg --codec packed --relabel rabbit
        zstdcat big.tsv.zst | graphmill convert - big.gmg --progress json
      """)

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Argument(help: "The file to write; '-' is standard output.", completion: .file())
  var output: String

  @Flag(help: "Keep the largest component only.")
  var lcc = false

  @Option(help: Relabeling.help)
  var relabel = Relabeling.none

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var outputs: [PlannedOutput] { [writing.plan(output)] }

  func execute(_ run: CommandRun) throws -> Outcome {
    let reading = try run.readGraph(input, reading)
    var graph = reading.graph
    if lcc { graph = try run.stage("largest component") { try graph.largestComponent(context: run.context).graph } }
    graph = try relabel.apply(to: graph, run)
    var outcome = try run.writeGraph(graph, to: output, writing, from: reading.report)
    outcome.describeInput(reading.report)
    return outcome
  }
}
