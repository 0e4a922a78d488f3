import ArgumentParser
import GraphStore
import MillRuntime

struct Compare: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how alike two graphs are.",
    discussion: """
      edge_overlap is the number of edges that both have over the number that any has (Jaccard), where nodes are the \
      same when their names are.

      EXAMPLES:
        graphmill compare teddy.gmg random.gmg --what graphs --json
        graphmill compare before.gmg after.gmg --what graphs --expect 0.9 || echo "changed too much"
      """)

  /// What the two files are.
  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case graphs
  }

  @Argument(help: "The first graph; '-' is standard input.")
  var first: String

  @Argument(help: "The second graph; '-' is standard input.")
  var second: String

  @Option(help: "What the two files are.")
  var what = Subject.graphs

  @Option(help: ArgumentHelp("Exit with 1 when the overlap is below this share.", valueName: "share"))
  var expect: Share?

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [first, second] }

  func execute(_ run: CommandRun) throws -> Outcome {
    let a = try run.readGraph(first, reading).graph
    let b = try run.readGraph(second, reading).graph
    let overlap = try run.stage("overlap") { try edgeOverlap(between: a, and: b, context: run.context) }
    return Outcome(
      keys: [
        "edge_overlap": .number(overlap.jaccard),
        "common_edges": .integer(overlap.common),
        "edges_only_in_first": .integer(overlap.onlyFirst),
        "edges_only_in_second": .integer(overlap.onlySecond),
      ],
      summary: [
        "edge overlap \(decimal(overlap.jaccard, 6)): \(overlap.common) edges in common, "
          + "\(overlap.onlyFirst) only in the first, \(overlap.onlySecond) only in the second"
      ],
      isYes: expect.map { overlap.jaccard >= $0.value } ?? true)
  }
}
