import GraphStore
import GraphSummarization
import MillRuntime

/// What is varied.
struct ExperimentSettings {
  /// The first seed; the others follow.
  var seed: UInt64 = 1
  var seeds = 3
  /// Rounds of the table.
  var iterations = 20
  /// Whether the ablation is run too.
  var hasAblation = true
}

/// A graph and what is known of it.
struct ExperimentGraph {
  let name: String
  let graph: CSRGraph
}

/// Relative sizes of the authors' program with 20 rounds, from five runs each where it has a spread.
let referenceSizes = [
  "protein": 0.0941, "ego-facebook": 0.4300, "as-caida20071105": 0.8344, "email-enron": 0.7416,
  "ca-astroph-cc": 0.4439, "cit-hepph": 0.6703, "ego-twitter": 0.5828,
]

/// Several runs of one setting.
struct Runs {
  var sizes: [Double] = []
  var seconds: [Double] = []
  var isExact = true

  var mean: Double { sizes.reduce(0, +) / Double(max(1, sizes.count)) }
  var median: Double { seconds.sorted()[seconds.count / 2] }
  var deviation: Double {
    let squares = sizes.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(max(1, sizes.count - 1))).squareRoot()
  }
}

/// Summarizes with every seed, restores the first summary and compares it with the graph.
func measure(
  _ input: ExperimentGraph, _ options: SummarizeOptions, _ settings: ExperimentSettings, _ context: RunContext
) throws -> Runs {
  var runs = Runs()
  for i in 0..<settings.seeds {
    var options = options
    options.seed = settings.seed &+ UInt64(i)
    let begin = ContinuousClock.now
    let summary = try summarize(input.graph, options: options, context: context).summary
    let elapsed = (ContinuousClock.now - begin).components
    runs.seconds.append(Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
    runs.sizes.append(summary.relativeSize ?? 1)
    if i == 0 {
      let restored = try summary.restore(context: context)
      runs.isExact =
        restored.edgeCount == summary.edgeCount
        && (0..<restored.nodeCount).allSatisfy { v in
          restored.neighbors(of: v).elementsEqual(input.graph.neighbors(of: v).lazy.filter { $0 != v })
        }
    }
  }
  return runs
}

/// The settings of the ablation, each with what it changes.
func ablation(_ iterations: Int) -> [(name: String, options: SummarizeOptions)] {
  var rows: [(String, SummarizeOptions)] = []
  func add(_ name: String, _ change: (inout SummarizeOptions) -> Void) {
    var options = SummarizeOptions()
    options.iterations = iterations
    change(&options)
    rows.append((name, options))
  }
  add("defaults") { _ in }
  add("published") {
    $0 = .published
    $0.iterations = iterations
  }
  add("sequential schedule") { $0.schedule = .sequential }
  add("slugger thresholds") { $0.threshold = .slugger }
  add("plain savings") { $0.reductionOffset = 0 }
  add("closed neighbourhoods") { $0.neighborhood = .closed }
  add("no re-encoding") { $0.reencodes = false }
  for steps in [2, 1, 0] {
    add("pruning up to step \(steps), no re-encoding") {
      $0.pruningSteps = steps
      $0.reencodes = false
    }
  }
  add("group cap 100") { $0.groupCap = 100 }
  for height in [2, 5] { add("height at most \(height)") { $0.heightLimit = height } }
  for rounds in [10, 40, 80] { add("\(rounds) rounds") { $0.iterations = rounds } }
  add("flat model") { $0.model = .flat }
  return rows
}

/// The report as Markdown; sizes depend on data and seeds only, seconds on the machine.
func runExperiment(
  on graphs: [ExperimentGraph], _ settings: ExperimentSettings, context: RunContext
) throws -> (markdown: String, csv: String) {
  var csv = "graph,setting,mean_relative_size,deviation,median_seconds,exact\n"
  var text = "## Relative size, \(settings.iterations) rounds, \(settings.seeds) seeds\n\n"
  text += "| graph | nodes | edges | authors' program | ours | deviation | seconds | restored |\n"
  text += "|---|---|---|---|---|---|---|---|\n"
  for input in graphs {
    var options = SummarizeOptions()
    options.iterations = settings.iterations
    let runs = try measure(input, options, settings, context)
    let reference = referenceSizes[input.name].map { decimal($0, 4) } ?? "–"
    text += "| \(input.name) | \(input.graph.nodeCount) | \(input.graph.edgeCount) | \(reference) "
    text += "| \(decimal(runs.mean, 4)) | \(decimal(runs.deviation, 4)) | \(decimal(runs.median, 2)) "
    text += "| \(runs.isExact ? "exactly" : "NO") |\n"
    csv += row(input.name, "table", runs)
  }
  guard settings.hasAblation else { return (text, csv) }
  text += "\n## One setting changed at a time\n\n| setting |" + graphs.map { " \($0.name) |" }.joined() + "\n|---|"
  text += graphs.map { _ in "---|" }.joined() + "\n"
  for setting in ablation(settings.iterations) {
    text += "| \(setting.name) |"
    for input in graphs {
      let runs = try measure(input, setting.options, settings, context)
      text += " \(decimal(runs.mean, 4))\(runs.isExact ? "" : " NOT EXACT") |"
      csv += row(input.name, setting.name, runs)
    }
    text += "\n"
  }
  return (text, csv)
}

private func row(_ graph: String, _ setting: String, _ runs: Runs) -> String {
  "\(graph),\(setting),\(decimal(runs.mean, 5)),\(decimal(runs.deviation, 5)),\(decimal(runs.median, 3)),\(runs.isExact)\n"
}

/// A number that is not negative, with a fixed number of decimals.
func decimal(_ value: Double, _ places: Int) -> String {
  let unit = (0..<places).reduce(1) { product, _ in product * 10 }
  let scaled = Int((value * Double(unit)).rounded())
  let rest = String(scaled % unit)
  return "\(scaled / unit).\(String(repeating: "0", count: places - rest.count))\(rest)"
}
