import GraphLearning
import GraphStore
import MillRuntime
import Reporting

/// A graph lottery ticket beside the dense network, where features and classes of nodes are known.
struct LearningSection: StudySection {
  let key = "learning"
  let title = "A graph lottery ticket"
  let explanation =
    "A network learns the labels of nodes from their features and neighbors. The ticket is trained once, on the edges that "
    + "TEDDY keeps, with its smallest weights set to 0 after every step, and is drawn towards the outputs of the dense "
    + "network."

  /// 37 % of the edges and 61 % of the weights.
  private static let round = 9
  /// Entries of the features beyond which training takes minutes.
  private static let largestFeatures = 100_000_000

  func make(_ bench: Workbench) throws -> StudyPart? {
    guard let data = bench.subject.attributed else { return nil }
    guard data.features.entryCount <= Self.largestFeatures else {
      return .leftOut("more than \(NumberText.grouped(Self.largestFeatures)) entries of features take too long")
    }
    let training = TrainingOptions(hidden: 32, epochs: bench.isQuick ? 30 : 60)
    let options = TicketOptions(training: training, rounds: [Self.round], seeds: [bench.seed])
    let rounds = try bench.run.stage("ticket") {
      try findTickets(in: data, options: options, context: bench.context).rounds
    }
    var table = Table(
      "\(NumberText.grouped(data.nodeCount)) nodes, \(data.classCount) labels, "
        + "\(NumberText.grouped(data.features.columnCount)) features",
      columns: [
        .text("network"), .init("edges removed", format: .percent(1)), .init("weights removed", format: .percent(1)),
        .init("validation accuracy", format: .percent(1), winner: .highest),
        .init("test accuracy", format: .percent(1), winner: .highest), .init("epoch"),
      ])
    var part = StudyPart(finding: finding(rounds, data))
    for (round, name) in zip(rounds, ["dense", "ticket"]) {
      table.append([
        .text(name), .number(round.edgeShare), .number(round.weightShare), .number(round.validation),
        .number(round.test), .integer(round.epoch),
      ])
      part.json[name] = TicketTable.json(round).filtered { $0 != "seconds" }
    }
    part.blocks = [.table(table)]
    return part
  }

  private func finding(_ rounds: [TicketRound], _ data: AttributedGraph) -> String {
    func percent(_ share: Double) -> String { NumberText.percent(share, decimals: 1) }
    return
      "Without \(percent(rounds[1].edgeShare)) of the edges and \(percent(rounds[1].weightShare)) of the weights the "
      + "network is right for \(percent(rounds[1].test)) of the test nodes, with all of them for \(percent(rounds[0].test))."
  }
}

/// Which nodes a network learns from, is chosen by, and is measured on: drawn by a seed.
struct StudySplit {
  /// Nodes of each class to learn from at most; classes of fewer than three times as many are learnt from a third.
  var perClass: Int
  var validation: Int
  var test: Int
  var seed: UInt64

  /// Classes with fewer nodes are none.
  private static let smallestClass = 6

  /// The graph with everything that training needs.
  func graph(
    _ graph: CSRGraph, _ features: FeatureMatrix, _ classes: NodeClasses, _ context: RunContext
  ) throws -> AttributedGraph {
    var counts = [Int](repeating: 0, count: classes.names.count)
    for number in classes.numbers where number >= 0 { counts[Int(number)] += 1 }
    let kept = counts.indices.filter { counts[$0] >= Self.smallestClass }
    var places = [Int32](repeating: -1, count: counts.count)
    for (place, number) in kept.enumerated() { places[number] = Int32(place) }
    let labels = classes.numbers.map { $0 < 0 ? -1 : places[Int($0)] }
    return try AttributedGraph(
      graph: graph, features: features, labels: SharedArray(copying: labels),
      classNames: kept.map { classes.names[$0] },
      split: split(labels, sizes: kept.map { counts[$0] }), context: context)
  }

  private func split(_ labels: [Int32], sizes: [Int]) throws(MillError) -> AttributedGraph.Split {
    var order = labels.indices.filter { labels[$0] >= 0 }.map { UInt32($0) }
    var random = CounterRandom(seed: seed, stage: "study.split")
    random.shuffle(&order)
    var taken = [Int](repeating: 0, count: sizes.count)
    var train: [UInt32] = []
    var rest: [UInt32] = []
    for node in order {
      let own = Int(labels[Int(node)])
      taken[own] += 1
      if taken[own] <= min(perClass, sizes[own] / 3) { train.append(node) } else { rest.append(node) }
    }
    let chosen = min(validation, rest.count / 3)
    return try AttributedGraph.Split(
      train: train, validation: Array(rest.prefix(chosen)), test: Array(rest.dropFirst(chosen).prefix(test)))
  }
}
