import ExperimentSupport
import Glibc
import GraphStore
import GraphSummarization
import MillRuntime

/// The parts of the experiment, each with a table of its own.
enum ExperimentPart: String, CaseIterable {
  case table, ablation, scaling, queries, bits
}

/// What is varied.
struct ExperimentSettings {
  /// The first seed; the others follow.
  var seed: UInt64 = 1
  var seeds = 3
  /// Rounds of the table, one after the other; the other parts take the first.
  var iterations = [20]
  var parts = ExperimentPart.allCases
  /// Edges drawn for the largest graph of the scaling part.
  var scalingEdges = 10_000_000
}

/// A graph and what is known of it.
struct ExperimentGraph {
  let name: String
  let graph: CSRGraph
}

/// The report: Markdown for reading, a CSV a part.
struct ExperimentResults {
  var markdown = ""
  var csv: [(part: ExperimentPart, text: String)] = []
}

/// Relative sizes of the authors' program with 20 rounds, from five runs each where it has a spread.
let referenceSizes = [
  "protein": 0.0941, "ego-facebook": 0.4300, "as-caida20071105": 0.8344, "email-enron": 0.7416,
  "ca-astroph-cc": 0.4439, "cit-hepph": 0.6703, "ego-twitter": 0.5828,
]

/// Several runs of one setting.
struct Runs {
  var sizes = Spread()
  var seconds: [Double] = []
  /// The largest resident set of the process while a run was on, with the input graph.
  var peakBytes = 0
  var isExact = true

  var median: Double { seconds.sorted()[seconds.count / 2] }
}

/// The processor seconds that `body` takes, in all threads: they depend less than the clock's on the neighbors.
func timed<T>(_ body: () throws -> T) rethrows -> (result: T, seconds: Double) {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  let begin = now()
  let result = try body()
  return (result, now() - begin)
}

/// The largest resident set of this process, which the kernel counts and forgets on request.
enum PeakMemory {
  static func reset() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5\n", file)
    fclose(file)
  }

  static var bytes: Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
      guard text.hasPrefix("VmHWM:") else { continue }
      let digits = text.filter(\.isNumber)
      return (Int(digits) ?? 0) << 10
    }
    return 0
  }
}

/// Summarizes with every seed, restores every summary and compares it with the graph.
func measure(
  _ input: ExperimentGraph, _ options: SummarizeOptions, _ settings: ExperimentSettings, _ context: RunContext
) throws -> Runs {
  var runs = Runs()
  for i in 0..<settings.seeds {
    var options = options
    options.seed = settings.seed &+ UInt64(i)
    PeakMemory.reset()
    let (result, seconds) = try timed { try summarize(of: input.graph, options: options, context: context) }
    runs.peakBytes = max(runs.peakBytes, PeakMemory.bytes)
    runs.seconds.append(seconds)
    runs.sizes.add(result.summary.relativeSize ?? 1)
    if try !isExact(result.summary, input.graph, context) { runs.isExact = false }
  }
  return runs
}

/// Whether a summary restores to the graph.
func isExact(_ summary: GraphSummary, _ graph: CSRGraph, _ context: RunContext) throws -> Bool {
  try summary.restore(context: context).isIdentical(to: graph)
}

/// The report; sizes and bits depend on data and seeds only, seconds and bytes of memory on the machine.
func runExperiment(
  on graphs: [ExperimentGraph], _ settings: ExperimentSettings, context: RunContext
) throws -> ExperimentResults {
  var results = ExperimentResults()
  for part in ExperimentPart.allCases where settings.parts.contains(part) {
    let (markdown, csv) =
      switch part {
      case .table: try sizeTable(graphs, settings, context)
      case .ablation: try ablationTable(graphs, settings, context)
      case .scaling: try scalingTable(settings, context)
      case .queries: try queryTable(graphs, settings, context)
      case .bits: try bitTable(graphs, settings, context)
      }
    results.markdown += (results.markdown.isEmpty ? "" : "\n") + markdown
    results.csv.append((part, csv))
  }
  return results
}

/// Relative sizes of every graph, by rounds.
private func sizeTable(
  _ graphs: [ExperimentGraph], _ settings: ExperimentSettings, _ context: RunContext
) throws -> (String, String) {
  var csv = "graph,nodes,edges,rounds,mean_relative_size,deviation,exact,median_seconds,peak_bytes\n"
  var text = ""
  for rounds in settings.iterations {
    text += "\(text.isEmpty ? "" : "\n")## Relative size, \(rounds) rounds, seeds \(settings.seed) to "
    text += "\(settings.seed &+ UInt64(settings.seeds) &- 1)\n\n"
    var table = MarkdownTable([
      "graph", "nodes", "edges", "authors' program, 20 rounds", "ours, by seed", "mean", "deviation", "CPU seconds",
      "peak MiB", "bytes an edge", "restored",
    ])
    for input in graphs {
      var options = SummarizeOptions()
      options.iterations = rounds
      let runs = try measure(input, options, settings, context)
      let m = input.graph.edgeCount
      let reference = referenceSizes[input.name].map { plainDecimal($0, 4) } ?? "–"
      let sizes = runs.sizes.values.map { plainDecimal($0, 4) }.joined(separator: " ")
      table.add([
        input.name, "\(input.graph.nodeCount)", "\(m)", reference, sizes, plainDecimal(runs.sizes.mean, 4),
        plainDecimal(runs.sizes.deviation, 4), plainDecimal(runs.median, 2), "\(runs.peakBytes >> 20)",
        "\(runs.peakBytes / max(1, m))", runs.isExact ? "exactly" : "NO",
      ])
      csv += "\(input.name),\(input.graph.nodeCount),\(m),\(rounds),\(plainDecimal(runs.sizes.mean, 5)),"
      csv +=
        "\(plainDecimal(runs.sizes.deviation, 5)),\(runs.isExact),\(plainDecimal(runs.median, 3)),\(runs.peakBytes)\n"
    }
    text += table.text
  }
  return (text, csv)
}
