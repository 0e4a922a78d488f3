import ArgumentParser
import Graphmill
import MillRuntime

struct TicketCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ticket",
    abstract: "Find graph lottery tickets: sparse graphs and sparse weights, trained; predict with them.",
    discussion: """
      EXAMPLES:
        graphmill ticket cora rounds.tsv --model gcn --rounds 1,5,9 --seeds 1..5 --json
        graphmill ticket cora rounds.tsv --save cora.gmt
        graphmill ticket predict cora.gmt cora classes.tsv
      """,
    subcommands: [TicketTrain.self, TicketPredict.self], defaultSubcommand: TicketTrain.self)
}
