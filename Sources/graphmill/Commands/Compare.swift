import ArgumentParser
import GraphStore
import MillRuntime
import Reporting

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
    guard a.isDirected == b.isDirected else {
      throw MillError(
        .badOption, "one graph is directed and the other is not", hint: "make both undirected: transform --symmetrize")
    }
    let found = try run.stage("overlap") { try differences(between: a, and: b, limit: 0) }
    let common = a.edgeCount - found.edgesOnlyInFirst
    let all = common + found.edgesOnlyInFirst + found.edgesOnlyInSecond
    let overlap = all == 0 ? 1 : Double(common) / Double(all)
    return Outcome(
      keys: [
        "edge_overlap": .number(overlap),
        "common_edges": .integer(common),
        "edges_only_in_first": .integer(found.edgesOnlyInFirst),
        "edges_only_in_second": .integer(found.edgesOnlyInSecond),
      ],
      summary: [
        "edge overlap \(NumberText.fixed(overlap, decimals: 6)): \(common) edges in common, "
          + "\(found.edgesOnlyInFirst) only in the first, \(found.edgesOnlyInSecond) only in the second"
      ],
      isYes: expect.map { overlap >= $0.value } ?? true)
  }
}
