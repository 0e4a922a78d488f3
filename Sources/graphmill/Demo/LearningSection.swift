import DatasetBuilders
import GraphLearning
import GraphStore
import MillRuntime
import Reporting

/// A graph lottery ticket beside the dense network: WordNet, whose features are the words of the glosses and whose classes
/// are the lexicographer's files; a synthetic graph where WordNet is not there.
struct LearningSection: DemoSection {
  let key = "learning"

  /// 37 % of the edges and 61 % of the weights.
  private static let round = 9

  func make(_ demo: DemoRun) throws -> DemoPart {
    let (name, title, data) = try input(demo)
    let training = TrainingOptions(hidden: 32, epochs: demo.isQuick ? 30 : 60)
    let options = TicketOptions(training: training, rounds: [Self.round], seeds: [demo.run.settings.seed])
    let rounds = try demo.run.stage("ticket \(name)") {
      try findTickets(in: data, options: options, context: demo.run.context).rounds
    }
    var section = ReportSection(
      id: key, title: "A graph lottery ticket",
      summary: """
        A network learns the classes of nodes from their features and neighbors. The ticket is trained once, on the edges \
        that TEDDY keeps, with its smallest weights set to 0 after every step, and is drawn towards the outputs of the \
        dense network.
        """)
    var table = Table(
      title,
      columns: [
        .text("network"), .init("edges removed", format: .percent(1)), .init("weights removed", format: .percent(1)),
        .init("validation accuracy", format: .percent(1)), .init("test accuracy", format: .percent(1)),
        .init("epoch"), .init("s", format: .significant(3)),
      ])
    var json: [String: JSONValue] = [:]
    for (round, name) in zip(rounds, ["dense", "ticket"]) {
      table.append([
        .text(name), .number(round.edgeShare), .number(round.weightShare), .number(round.validation),
        .number(round.test), .integer(round.epoch), .number(round.seconds),
      ])
      json[name] = TicketTable.json(round)
    }
    section.add(.table(table))
    func percent(_ share: Double) -> String { NumberText.percent(share, decimals: 1) }
    let findings =
      "\(name): test accuracy \(percent(rounds[0].test)) with all edges and weights, \(percent(rounds[1].test)) without "
      + "\(percent(rounds[1].edgeShare)) of the edges and \(percent(rounds[1].weightShare)) of the weights."
    section.add(.paragraph(findings))
    return DemoPart(section: section, json: .object([name: .object(json)]), summary: [findings])
  }

  private func input(_ demo: DemoRun) throws -> (name: String, title: String, data: AttributedGraph) {
    guard let wordnet = demo.datasets.first(where: { $0.name == .wordnet }) else {
      let options = SyntheticGraphOptions(
        graph: .init(nodeCount: 2000, edgeCount: 8000, seed: demo.run.settings.seed), validation: 300, test: 600)
      let data = try demo.run.stage("synthetic graph") {
        try syntheticAttributedGraph(options, context: demo.run.context)
      }
      return ("synthetic", "A synthetic graph of 2,000 nodes in 8 classes, 1,000 words", data)
    }
    let data = try demo.run.stage("glosses") { try glossGraph(wordnet, demo) }
    let title =
      "WordNet: \(NumberText.grouped(data.nodeCount)) synsets in \(data.classCount) classes, "
      + "\(NumberText.grouped(data.features.columnCount)) words of their glosses"
    return ("wordnet", title, data)
  }

  /// Features: the words of the glosses that are neither rare nor everywhere. Classes: the lexicographer's files that have
  /// nodes enough; of each some nodes to learn from.
  private func glossGraph(_ wordnet: DemoDataset, _ demo: DemoRun) throws -> AttributedGraph {
    let n = wordnet.graph.nodeCount
    let glosses = try WordNetBuilder.glosses(of: (0..<n).map { wordnet.code(of: $0) ?? "" })
    let groups = (0..<n).map { wordnet.group(of: $0) ?? "" }
    let trainPerClass = 40
    let counts = Dictionary(groups.map { ($0, 1) }, uniquingKeysWith: +)
    let names = counts.filter { !$0.key.isEmpty && $0.value >= 3 * trainPerClass }.map(\.key).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    let labels = groups.map { numbers[$0] ?? -1 }
    return try AttributedGraph(
      graph: wordnet.graph, features: bagOfWords(glosses), labels: SharedArray(copying: labels), classNames: names,
      split: split(labels, classCount: names.count, trainPerClass: trainPerClass, seed: demo.run.settings.seed),
      context: demo.run.context)
  }

  private func split(
    _ labels: [Int32], classCount: Int, trainPerClass: Int, seed: UInt64
  ) throws -> AttributedGraph.Split {
    var order = labels.indices.filter { labels[$0] >= 0 }.map { UInt32($0) }
    var random = CounterRandom(seed: seed, stage: "demo.split")
    random.shuffle(&order)
    var taken = [Int](repeating: 0, count: classCount)
    var train: [UInt32] = []
    var rest: [UInt32] = []
    for node in order {
      let own = Int(labels[Int(node)])
      taken[own] += 1
      if taken[own] <= trainPerClass { train.append(node) } else { rest.append(node) }
    }
    let validation = rest.count / 4
    return try AttributedGraph.Split(
      train: train, validation: Array(rest.prefix(validation)), test: Array(rest.dropFirst(validation)))
  }

  private func bagOfWords(_ texts: [String]) throws -> FeatureMatrix {
    let bags = texts.map { text in
      Set(text.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count > 2 })
    }
    var counts: [String: Int] = [:]
    for word in bags.joined() { counts[word, default: 0] += 1 }
    let frequent = counts.filter { $0.value >= 5 && $0.value <= max(5, texts.count / 10) }
    let vocabulary = frequent.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5000).map(\.key).sorted()
    let places = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0) })
    let rows = bags.map { bag in bag.compactMap { places[$0] }.sorted().map { ($0, Float(1)) } }
    return try FeatureMatrix(rowCount: texts.count, columnCount: max(1, vocabulary.count), rows: rows)
  }
}
