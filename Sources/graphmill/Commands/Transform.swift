import ArgumentParser
import GraphKernels
import GraphStore
import MillRuntime

struct Transform: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make another graph of a graph.",
    discussion: """
      Arcs that become one edge are merged as --duplicates says. Several steps can be \
      given; they are done in this order: --transpose, --symmetrize, --simplify, --lcc.

      EXAMPLES:
        graphmill transform web.gmg simple.gmg --symmetrize --simplify --lcc
        graphmill transform follows.gmg followed.gmg --transpose
      """)

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Argument(help: "The file to write; '-' is standard output.", completion: .file())
  var output: String

  @Flag(help: "Turn every arc round.")
  var transpose = false

  @Flag(help: "Make the graph undirected.")
  var symmetrize = false

  @Flag(help: "Drop self-loops and parallel edges.")
  var simplify = false

  @Flag(help: "Keep the largest component only.")
  var lcc = false

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var outputs: [PlannedOutput] { [writing.plan(output)] }

  func validate() throws {
    guard transpose || symmetrize || simplify || lcc else {
      throw ValidationError("Nothing to do: give '--transpose', '--symmetrize', '--simplify' or '--lcc'.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let input = try run.readGraph(input, reading)
    var graph = input.graph
    let context = run.context
    if transpose { graph = try run.stage("transpose") { try graph.transposed(context: context) } }
    if symmetrize {
      graph = try run.stage("symmetrize") {
        try graph.symmetrized(duplicates: reading.duplicates, context: context)
      }
    }
    if simplify {
      graph = try run.stage("simplify") {
        try graph.simplified(duplicates: reading.duplicates, context: context)
      }
    }
    if lcc { graph = try run.stage("largest component") { try graph.largestComponent(context: context).graph } }
    return try run.writeGraph(graph, to: output, writing, from: input.report)
  }
}
