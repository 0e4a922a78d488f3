import ExperimentSupport
import GraphStore
import GraphSummarization
import MillRuntime

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
  add("published, sequential schedule") {
    $0 = .published
    $0.iterations = iterations
    $0.schedule = .sequential
  }
  add("sequential schedule") { $0.schedule = .sequential }
  add("slugger thresholds") { $0.threshold = .slugger }
  add("plain savings") { $0.reductionOffset = 0 }
  add("closed neighborhoods") { $0.neighborhood = .closed }
  add("open neighborhoods") { $0.neighborhood = .open }
  add("no re-encoding") { $0.reencodes = false }
  for steps in [2, 1, 0] {
    add("pruning up to step \(steps), no re-encoding") {
      $0.pruningSteps = steps
      $0.reencodes = false
    }
  }
  for steps in [2, 1] { add("pruning up to step \(steps), re-encoding") { $0.pruningSteps = steps } }
  for cap in [50, 100, 2000] { add("group cap \(cap)") { $0.groupCap = cap } }
  for height in [2, 5, 7, 10] { add("height at most \(height)") { $0.heightLimit = height } }
  for rounds in [10, 20, 40, 80] where rounds != iterations { add("\(rounds) rounds") { $0.iterations = rounds } }
  add("flat model") { $0.model = .flat }
  return rows
}

/// Mean relative sizes, one setting changed at a time.
func ablationTable(
  _ graphs: [ExperimentGraph], _ settings: ExperimentSettings, _ context: RunContext
) throws -> (String, String) {
  var csv = "graph,setting,mean_relative_size,deviation,exact,median_seconds\n"
  var text = "## One setting changed at a time, \(settings.iterations[0]) rounds, \(settings.seeds) seeds\n\n"
  text += "Mean relative size, and what it is above that of the defaults.\n\n"
  var table = MarkdownTable(["setting"] + graphs.map(\.name))
  var defaults: [Double] = []
  for setting in ablation(settings.iterations[0]) {
    var cells = [setting.name]
    for (index, input) in graphs.enumerated() {
      let runs = try measure(input, setting.options, settings, context)
      if defaults.count == index { defaults.append(runs.sizes.mean) }
      let change = (runs.sizes.mean / max(defaults[index], 1e-9) - 1) * 100
      let sign = change < 0 ? "−" : "+"
      var cell = plainDecimal(runs.sizes.mean, 4)
      if setting.name != "defaults" { cell += " (\(sign)\(plainDecimal(abs(change), 1)) %)" }
      cells.append(cell + (runs.isExact ? "" : " NOT EXACT"))
      csv += "\(input.name),\(setting.name.filter { $0 != "," }),\(plainDecimal(runs.sizes.mean, 5)),"
      csv += "\(plainDecimal(runs.sizes.deviation, 5)),\(runs.isExact),\(plainDecimal(runs.median, 3))\n"
    }
    table.add(cells)
  }
  return (text + table.text, csv)
}
