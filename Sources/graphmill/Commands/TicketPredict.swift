import ArgumentParser
import GraphFormats
import GraphLearning
import GraphStore
import MillRuntime
import Reporting

struct TicketPredict: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict the class of every node with a ticket.",
    discussion: """
      The folder holds edges.* and features.* as for 'ticket train', with as many features. On the graph that the ticket was \
      found in its kept edges are used, on any other one those of the folder: its nodes may be new ones. The table has a \
      row a node: its number, the class, the class's share. Where labels.tsv is there, the accuracy is told.

      EXAMPLES:
        graphmill ticket predict cora.gmt cora classes.tsv --json
        graphmill ticket predict cora.gmt newer-papers - --edges given
      """)

  @Argument(help: "The ticket.", completion: .file())
  var ticket: String

  @Argument(help: "The folder with edges and features.", completion: .directory)
  var folder: String

  @Argument(help: "The table to write: node, class, share (.tsv, .csv); '-' is standard output.", completion: .file())
  var output: String

  @Option(help: "Which edges are used.")
  var edges = PredictionOptions.Edges.automatic

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [ticket] + ((try? AttributedGraphFiles(folder: folder))?.all ?? []) }
  var outputs: [PlannedOutput] { [PlannedOutput(output, .table)] }

  func execute(_ run: CommandRun) throws -> Outcome {
    let files = try AttributedGraphFiles(folder: folder)
    let path = ticket
    let ticket = try run.stage("open") { try readTicket(path, context: run.context) }
    let (graph, features) = try run.stage("read", of: folder) {
      try readGraphWithFeatures(files, context: run.context)
    }
    let (found, seconds) = try run.timed("predict") {
      try predict(
        with: ticket, graph: graph, features: features, options: PredictionOptions(edges: edges), context: run.context)
    }
    let classes = ticket.classNames.count
    try run.writeTable(to: output, columns: ["node", "class", "share"]) { file in
      for node in 0..<graph.nodeCount {
        let place = Int(found.classes[node])
        let share = found.probabilities[node * classes + place]
        try file.write("\(node)\t\(ticket.classNames[place])\t\(share)\n")
      }
    }
    let saved = found.denseMultiplications - found.multiplications
    let used = found.usedKeptEdges ? "the ticket's \(ticket.graph.edgeCount) edges" : "all edges"
    var outcome = Outcome(
      keys: [
        "nodes": .integer(graph.nodeCount), "classes": .integer(classes), "accuracy": .null,
        "used_kept_edges": .bool(found.usedKeptEdges), "multiplications": .integer(found.multiplications),
        "dense_multiplications": .integer(found.denseMultiplications), "predict_seconds": .number(seconds),
      ],
      summary: [
        "\(graph.nodeCount) nodes, \(used)",
        "\(found.multiplications) multiplications of features with weights, \(saved) fewer than with all weights",
      ])
    if files.labels != nil {
      let accuracy = try run.accuracy(of: found, ticket, files)
      outcome.keys["accuracy"] = .number(accuracy)
      outcome.summary.append("\(NumberText.fixed(100 * accuracy, decimals: 1)) % of the labeled nodes are right")
    }
    return outcome
  }
}

extension CommandRun {
  /// The share of the labeled nodes whose predicted class is right; NaN where none has a label.
  fileprivate func accuracy(
    of found: Prediction, _ ticket: Ticket, _ files: AttributedGraphFiles
  ) throws -> Double {
    let rows = try stage("labels") { try files.nodeLabels(context: context) }
    var right = 0
    var count = 0
    for row in rows {
      guard let label = row.label, let node = Int(row.name), found.classes.indices.contains(node) else { continue }
      count += 1
      if ticket.classNames[Int(found.classes[node])] == label { right += 1 }
    }
    return Double(right) / Double(count)
  }
}
