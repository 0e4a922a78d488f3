import GraphFormats
import GraphLearning
import GraphStore
import MillRuntime

/// The table of rounds: a comment with settings and checksums, the columns' names, a row a round and seed. No times, so
/// that the same run gives the same bytes.
enum TicketTable {
  private static let columns = ["round", "seed", "edge_share", "weight_share", "test", "val", "epoch"]

  /// What stands in front of the rows.
  static func head(
    _ data: AttributedGraph, _ options: TicketOptions, _ files: AttributedGraphFiles
  ) throws(MillError) -> String {
    let training = options.training
    let settings: JSONValue = [
      "model": .string(training.model.rawValue), "hidden": .integer(training.hidden), "heads": .integer(training.heads),
      "epochs": .integer(training.epochs), "rate": .number(training.rate),
      "weight_decay": .number(training.weightDecay), "dropout": .number(training.usedDropout),
      "scaling": .string(training.scaling.rawValue), "score": .string(options.score.rawValue),
      "edge_rate": .number(options.edgeRate), "weight_rate": .number(options.weightRate),
      "lambda": .number(options.lambda),
      "samples": training.sampling.map { .array([$0.batch, $0.first, $0.second].map { .integer($0) }) } ?? .null,
    ]
    let sums = try files.all.map { path throws(MillError) in try fileFingerprint(path) }
    return "# ticket \(settings.text())\n# graph \(data.graph.fingerprint()), files \(sums.joined(separator: " "))\n"
      + columns.joined(separator: "\t") + "\n"
  }

  /// The whole table.
  static func text(_ head: String, _ rounds: [TicketRound]) -> String {
    rounds.reduce(into: head) { $0 += line($1) + "\n" }
  }

  /// One row.
  static func line(_ round: TicketRound) -> String {
    "\(round.round)\t\(round.seed)\t\(round.edgeShare)\t\(round.weightShare)\t\(round.test)\t\(round.validation)\t"
      + "\(round.epoch)"
  }

  /// The same as an object.
  static func json(_ round: TicketRound) -> JSONValue {
    [
      "round": .integer(round.round), "seed": JSONValue(round.seed), "edge_share": .number(round.edgeShare),
      "weight_share": .number(round.weightShare), "test": .number(round.test), "val": .number(round.validation),
      "epoch": .integer(round.epoch), "seconds": .number(round.seconds),
    ]
  }

  /// The rounds of a checkpoint; none where there is no such file. Their seconds are not known (NaN).
  ///
  /// - Throws: `MillError`: `malformed` for a row that is none; `bad-option` for a checkpoint of other settings or files.
  static func read(_ path: String, head: String) throws(MillError) -> [TicketRound] {
    guard fileSize(path) != nil else { return [] }
    let file = try MappedFile(path: path, mapped: false)
    let text = unsafe String(decoding: file.bytes, as: UTF8.self)
    withExtendedLifetime(file) {}
    guard text.hasPrefix(head) else {
      throw MillError(
        .badOption, "the checkpoint is of other settings or other data", file: path,
        hint: "name another file, or remove this one")
    }
    let before = head.split(separator: "\n").count
    var rounds: [TicketRound] = []
    for (row, line) in text.dropFirst(head.count).split(separator: "\n").enumerated() {
      let fields = line.split(separator: "\t")
      guard fields.count == columns.count, let round = Int(fields[0]), let seed = UInt64(fields[1]),
        let edges = Double(fields[2]), let weights = Double(fields[3]), let test = Double(fields[4]),
        let validation = Double(fields[5]), let epoch = Int(fields[6])
      else {
        throw MillError(.malformed, "not a row of rounds", file: path, line: before + row + 1, field: String(line))
      }
      rounds.append(
        TicketRound(
          round: round, seed: seed, edgeShare: edges, weightShare: weights, test: test, validation: validation,
          epoch: epoch, seconds: .nan))
    }
    return rounds
  }
}

extension FileFigures {
  /// The figures of a ticket.
  static func ticket(_ path: String, _ run: CommandRun) throws -> Outcome {
    let ticket = try run.stage("read") { try readTicket(path, context: run.context) }
    let bytes = fileSize(path) ?? 0
    return Outcome(
      keys: [
        "format": .string(FileKind.ticket.rawValue), "bytes": .integer(bytes),
        "model": .string(ticket.options.model.rawValue), "nodes": .integer(ticket.graph.nodeCount),
        "edges": .integer(ticket.graph.edgeCount), "features": .integer(ticket.shape.featureCount),
        "classes": .integer(ticket.classNames.count), "parameters": .integer(ticket.weights.count),
        "weights": .integer(ticket.weightCount), "round": .integer(ticket.round),
        "seed": JSONValue(ticket.options.seed), "edge_share": .number(ticket.edgeShare),
        "weight_share": .number(ticket.weightShare), "val": .number(ticket.best.validation),
        "test": .number(ticket.best.test), "epoch": .integer(ticket.best.epoch),
      ],
      summary: [
        "format gmt, a \(FileKind.ticket.title), \(ByteSize.text(bytes))",
        "\(ticket.options.model.rawValue), round \(ticket.round): \(ticket.graph.edgeCount) edges of "
          + "\(ticket.graph.nodeCount) nodes, \(ticket.weightCount) of \(ticket.weights.count) weights",
        "\(ticket.shape.featureCount) features, classes \(ticket.classNames.joined(separator: ", "))",
        "accuracy \(ticket.best.validation) on validation nodes, \(ticket.best.test) on test nodes",
      ])
  }
}
