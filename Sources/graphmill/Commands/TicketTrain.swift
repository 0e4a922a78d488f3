import ArgumentParser
import EdgeSparsification
import GraphLearning
import GraphStore
import MillRuntime
import Reporting

struct TicketTrain: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train networks on ever sparser graphs with ever sparser weights.",
    discussion: """
      The folder holds edges.* (u TAB v, from 0), features.* (a row a node: mtx, mtx.gz, npz or npy), labels.tsv (node TAB \
      class, -1 for none) and splits.tsv (node TAB train, val or test).

      Round i removes the share 1 - (1 - edge rate)^i of the edges, lowest scores first, and 1 - (1 - weight rate)^i of \
      the weights, smallest first, after every step; it is drawn towards the outputs of the dense network, which is round \
      0. The table has a row a round and seed. Of all epochs the one with the best validation accuracy counts.

      EXAMPLES:
        graphmill ticket train cora rounds.tsv --rounds 1,5,9,14,20 --seeds 1..5 --json
        graphmill ticket train cora rounds.tsv --model gat --hidden 8 --save cora.gmt
        graphmill ticket train cora rounds.tsv --score random --checkpoint rounds.done
      """)

  @Argument(help: "The folder with edges, features, labels and splits.", completion: .directory)
  var folder: String

  @Argument(
    help: "The table to write: round, seed, shares, accuracies, epoch (.tsv); '-' is standard output.",
    completion: .file())
  var output: String

  @OptionGroup(title: "Network options")
  var network: NetworkFlags

  @Option(help: ArgumentHelp("The rounds, such as 1,5,9 or 1..20; none: the dense network alone.", valueName: "list"))
  var rounds = NumberList([1, 5, 9, 14, 20])

  @Option(help: ArgumentHelp("Share of the edges that a round removes of what the last one left.", valueName: "share"))
  var edgeRate = 0.05

  @Option(help: ArgumentHelp("The same for weights.", valueName: "share"))
  var weightRate = 0.1

  @Option(help: ArgumentHelp("Weight of the distance to the dense network's outputs; 0 for none.", valueName: "x"))
  var lambda = 10.0

  @Option(help: ArgumentHelp("The seeds, a run each, such as 1..5.", valueName: "list"))
  var seeds = NumberList([1, 2, 3, 4, 5])

  @Option(help: "How edges are rated.")
  var score = EdgeScoreMethod.teddy

  @Flag(help: "Train the dense network alone.")
  var denseOnly = false

  @Option(
    help: ArgumentHelp("Write the ticket of the best validation accuracy (.gmt).", valueName: "file"),
    completion: .file())
  var save: String?

  @Option(
    help: ArgumentHelp(
      "Keep the rounds that are done in a file; a run that finds them there goes on behind them.", valueName: "file"),
    completion: .file())
  var checkpoint: String?

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { (try? AttributedGraphFiles(folder: folder))?.all ?? [] }
  var outputs: [PlannedOutput] {
    [PlannedOutput(output, .labels)] + [PlannedOutput(save, .binary)].compactMap { $0 }
  }

  private var options: TicketOptions {
    TicketOptions(
      training: network.options, score: score, rounds: denseOnly ? [] : rounds.values.map { Int(clamping: $0) },
      edgeRate: edgeRate, weightRate: weightRate, lambda: lambda, seeds: seeds.values)
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let files = try AttributedGraphFiles(folder: folder)
    let data = try run.stage("read", of: folder) { try readAttributedGraph(files, context: run.context) }
    let options = options
    let head = try TicketTable.head(data, options, files)
    let known = try checkpoint.map { try TicketTable.read($0, head: head) } ?? []
    if !known.isEmpty { run.inform("\(known.count) rounds are done already") }
    var rounds: [TicketRound] = []
    let found = try run.stage("train", of: folder) {
      try findTickets(in: data, options: options, known: known, context: run.context) { round throws(MillError) in
        rounds.append(round)
        if let checkpoint { try WholeFile.write(TicketTable.text(head, rounds), to: checkpoint) }
        run.inform(TicketTable.line(round))
      }
    }
    try run.writeText(to: output, format: "tsv") { try $0.write(TicketTable.text(head, rounds)) }
    if let save {
      let bytes = try run.stage("save") {
        try writeTicket(found.best, to: save, replaces: run.rules.replaces(save), context: run.context)
      }
      run.recordOutput(.init(path: save, format: "gmt", bytes: bytes))
    }
    return outcome(data, rounds, found.best)
  }

  private func outcome(_ data: AttributedGraph, _ rounds: [TicketRound], _ best: Ticket) -> Outcome {
    let summaries = TicketSummary.all(of: rounds)
    return Outcome(
      keys: [
        "nodes": .integer(data.nodeCount), "edges": .integer(data.graph.edgeCount),
        "features": .integer(data.features.columnCount), "classes": .integer(data.classCount),
        "model": .string(network.model.rawValue), "parameters": .integer(best.shape.parameterCount),
        "rounds": .array(rounds.map(TicketTable.json)),
        "summary": .array(
          summaries.map {
            [
              "round": .integer($0.round), "seeds": .integer($0.count), "edge_share": .number($0.edgeShare),
              "weight_share": .number($0.weightShare), "test": .number($0.test),
              "test_deviation": .number($0.testDeviation), "val": .number($0.validation),
            ]
          }),
      ],
      summary: [
        "\(data.nodeCount) nodes, \(data.graph.edgeCount) edges, \(data.features.columnCount) features, "
          + "\(data.classCount) classes; \(best.shape.parameterCount) parameters"
      ]
        + summaries.map {
          "round \($0.round): \(percent($0.edgeShare)) of the edges and \(percent($0.weightShare)) of the weights "
            + "removed, test accuracy \(percent($0.test)) ± \(percent($0.testDeviation))"
        })
  }

  private func percent(_ share: Double) -> String {
    share.isNaN ? "unknown" : NumberText.fixed(100 * share, decimals: 1) + " %"
  }
}

/// The network and its training.
struct NetworkFlags: ParsableArguments {
  @Option(help: "The network.")
  var model = GraphModel.gcn

  @Option(help: ArgumentHelp("Hidden columns (of gat: of a head); default 512, of gat 8.", valueName: "n"))
  var hidden: Int?

  @Option(help: ArgumentHelp("Heads of gat's first layer.", valueName: "n"))
  var heads = 8

  @Option(help: ArgumentHelp("Epochs.", valueName: "n"))
  var epochs = 200

  @Option(help: ArgumentHelp("Adam's rate.", valueName: "x"))
  var rate = 0.01

  @Option(help: ArgumentHelp("Weight decay.", valueName: "x"))
  var weightDecay = 5e-4

  @Option(help: ArgumentHelp("Chance of dropout; default 0.5 (gcn, sage), 0.6 (gat).", valueName: "share"))
  var dropout: Double?

  @Option(help: "What is done with the features of a node.")
  var scaling = FeatureScaling.rowSum

  @Option(
    help: ArgumentHelp("sage: train on samples, so many nodes a step; memory is that of a batch.", valueName: "n"))
  var batch: Int?

  @Option(
    help: ArgumentHelp(
      "sage: neighbors that a node takes at most in the first and in the second layer, with --batch.", valueName: "n,n")
  )
  var neighbors = NumberList([10, 10])

  mutating func validate() throws {
    guard neighbors.values.count == 2 else {
      throw ValidationError("'--neighbors' takes two numbers, such as 10,10.")
    }
  }

  private var sampling: SamplingOptions? {
    let counts = neighbors.values.map { Int(clamping: $0) }
    return batch.map { SamplingOptions(batch: $0, first: counts[0], second: counts[1]) }
  }

  var options: TrainingOptions {
    TrainingOptions(
      model: model, hidden: hidden ?? (model == .gat ? 8 : 512), heads: heads, epochs: epochs, rate: rate,
      weightDecay: weightDecay, dropout: dropout, scaling: scaling,
      sampling: sampling)
  }
}
