import EdgeSparsification
import ExperimentSupport
import GraphLearning
import MillRuntime

/// What is varied.
struct ExperimentSettings {
  /// The parts that are run.
  var parts = Part.allCases
  /// The network and its training.
  var training = TrainingOptions()
  /// Rounds i: the shares removed are 1 - 0.95^i and 1 - 0.9^i.
  var rounds = [2, 5, 9, 20]
  /// A run a seed.
  var seeds: [UInt64] = [1, 2, 3, 4, 5]

  /// One question.
  enum Part: String, CaseIterable {
    /// Edges alone, by every score: no weights removed, no teacher.
    case edges
    /// The whole method, by TEDDY and at random.
    case whole
    /// What each half of the method does.
    case halves
    /// One shot against trained factors, in accuracy and processor time.
    case rival
  }
}

/// A graph and what it is called.
struct NamedData {
  let name: String
  let data: AttributedGraph
}

/// The files of a run, as text.
struct ExperimentResults {
  let csv: String
  let markdown: String
}

/// Runs all parts on all graphs. Everything but the processor time is the same for any number of threads.
func runExperiment(
  on graphs: [NamedData], _ settings: ExperimentSettings, context: RunContext
) throws(MillError) -> ExperimentResults {
  var csv = "graph,part,method,round,seed,edge_share,weight_share,test,validation,epoch\n"
  var markdown = ""
  for input in graphs {
    markdown +=
      "\n### \(input.name): \(input.data.nodeCount) nodes, \(input.data.graph.edgeCount) edges, "
      + "\(settings.training.model.rawValue)\n"
    for part in settings.parts {
      let runs = try runs(of: part, on: input.data, settings, context)
      markdown += "\n\(part.title)\n\n" + table(runs, showsTime: part == .rival)
      for run in runs {
        for record in run.rounds {
          csv += "\(input.name),\(part.rawValue),\(run.name),\(record.round),\(record.seed),\(record.edgeShare),"
          csv += "\(record.weightShare),\(record.test),\(record.validation),\(record.epoch)\n"
        }
      }
    }
  }
  return ExperimentResults(csv: csv, markdown: markdown)
}

/// The rounds of one method, and the processor seconds that they took.
private struct MethodRuns {
  let name: String
  let rounds: [TicketRound]
  let seconds: Double
}

extension ExperimentSettings.Part {
  fileprivate var title: String {
    switch self {
    case .edges: "Edges alone: test accuracy without removed weights and without teacher."
    case .whole: "The whole method: edges and weights removed together, drawn towards the dense network (lambda 10)."
    case .halves: "Its halves: edges alone and weights alone, both drawn towards the dense network."
    case .rival: "One shot against trained factors; processor time of all seeds and rounds, dense network included."
    }
  }
}

private func runs(
  of part: ExperimentSettings.Part, on data: AttributedGraph, _ settings: ExperimentSettings, _ context: RunContext
) throws(MillError) -> [MethodRuns] {
  var plain = TicketOptions(training: settings.training, rounds: settings.rounds, seeds: settings.seeds)
  func tickets(_ name: String, _ options: TicketOptions) throws(MillError) -> MethodRuns {
    let start = ResourceUsage.current().cpuSeconds
    let rounds = try findTickets(in: data, options: options, context: context).rounds
    return MethodRuns(name: name, rounds: rounds, seconds: ResourceUsage.current().cpuSeconds - start)
  }
  func scored(_ score: EdgeScoreMethod, _ options: TicketOptions) throws(MillError) -> MethodRuns {
    var options = options
    options.score = score
    return try tickets(score.rawValue, options)
  }
  var found: [MethodRuns] = []
  switch part {
  case .edges:
    plain.weightRate = 0
    plain.lambda = 0
    for score in [EdgeScoreMethod.teddy, .random, .reverse, .degreeProduct, .localDegree] {
      found.append(try scored(score, plain))
    }
  case .whole:
    for score in [EdgeScoreMethod.teddy, .random] { found.append(try scored(score, plain)) }
  case .halves:
    var (edges, weights) = (plain, plain)
    edges.weightRate = 0
    weights.edgeRate = 0
    found = [try tickets("edges alone", edges), try tickets("weights alone", weights)]
  case .rival:
    guard settings.training.model == .gcn, let last = settings.rounds.max() else { return [] }
    // A user who wants the last round pays for one training by TEDDY, and for all rounds before it by factors.
    var one = plain
    one.rounds = [last]
    let factors = IterativeTicketOptions(training: settings.training, rounds: last, seeds: settings.seeds)
    let start = ResourceUsage.current().cpuSeconds
    let rounds = try findTicketsIteratively(in: data, options: factors, context: context)
    let kept = rounds.filter { settings.rounds.contains($0.round) }
    let seconds = ResourceUsage.current().cpuSeconds - start
    found = [
      try tickets("teddy", plain), try tickets("teddy (last round alone)", one),
      MethodRuns(name: "trained factors", rounds: kept, seconds: seconds),
    ]
  }
  return found
}

private func table(_ runs: [MethodRuns], showsTime: Bool) -> String {
  let rounds = Set(runs.flatMap { $0.rounds.map(\.round) }).sorted()
  var table = MarkdownTable(["method"] + rounds.map(head) + (showsTime ? ["processor seconds"] : []))
  func head(_ round: Int) -> String {
    let records = runs.flatMap(\.rounds).filter { $0.round == round }
    if round == 0 { return "dense" }
    // What a method leaves alone counts 0 there.
    let (edges, weights) = (records.map(\.edgeShare).max() ?? 0, records.map(\.weightShare).max() ?? 0)
    return "\(plainDecimal(100 * edges, 1))% / \(plainDecimal(100 * weights, 1))%"
  }
  for run in runs {
    let cells = rounds.map { round in
      let tests = Spread(run.rounds.filter { $0.round == round }.map { 100 * $0.test })
      return tests.values.isEmpty ? "" : tests.text(1)
    }
    table.add([run.name] + cells + (showsTime ? [plainDecimal(run.seconds, 1)] : []))
  }
  return table.text
}
