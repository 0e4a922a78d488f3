import ArgumentParser

/// The root: global flags, the list of commands.
struct GraphmillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphmill",
    abstract: "A graph algorithms workbench: store, sparsify, summarize, cluster, measure and compare graphs.",
    discussion: """
      Data goes to files or, as '-', to standard output; messages go to standard error. The same input, options and \
      seed give the same bytes for any number of threads.

      EXAMPLES:
        graphmill study edges.txt.gz --out report
        graphmill convert edges.txt.gz graph.gmg --json
        graphmill stats degree graph.gmg | sort -k2,2nr | head
        graphmill sparsify graph.gmg small.gmg --method teddy --remove 30%
        graphmill summarize graph.gmg graph.gms --verify
        graphmill communities graph.gmg --labels groups.tsv --tree tree.nwk

      EXIT CODES:
        0 done, 1 done and the answer is no, 64 usage, 65 bad data, 66 no input,
        69 not in this build, 70 internal error, 71 over the memory budget,
        73 cannot create, 74 input/output error, 124 time limit, 130 SIGINT,
        141 broken pipe, 143 SIGTERM
      """,
    subcommands: commands)

  /// All commands, in the order of the help text.
  static let commands: [any ParsableCommand.Type] = [
    Study.self, Demo.self, Convert.self, Info.self, Check.self, Generate.self, Stats.self, Transform.self,
    Sparsify.self,
    TicketCommand.self, Summarize.self, Restore.self, Query.self, Communities.self, Draw.self, Embed.self, Knn.self,
    Compare.self, Worker.self, Completions.self, Version.self,
  ]

  /// The names of all commands.
  static var commandNames: [String] { commands.map { $0._commandName } + ["help"] }

  @Flag(help: "Print the version; with --json as an object.")
  var version = false

  @OptionGroup(title: "Global options", visibility: .hidden)
  var global: GlobalOptions
}
