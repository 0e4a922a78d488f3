import ArgumentParser
import Glibc
import MillRuntime
import Reporting

struct Demo: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run every engine on real data and write one HTML report.",
    discussion: """
      Builds two graphs from what is on this machine: WordNet (Debian package
      wordnet-base) and the dependencies of the packages that apt knows of; and a
      proximity graph of pictures (package dataset-fashion-mnist). What is missing is
      left out with a warning; when both graphs are, an R-MAT graph stands in.
      Writes report.html, report.json, figures and the data sets into the folder, and
      replaces what an earlier demo left there.

      EXAMPLES:
        graphmill demo
        graphmill demo --out /tmp/demo --dataset wordnet
        graphmill demo --quick --json
      """)

  @Option(
    help: ArgumentHelp("The folder for the report; created when missing.", valueName: "dir"), completion: .directory)
  var out = "out/demo"

  @Option(help: "Only this data set (default: all that can be built).")
  var dataset: DemoDataset.Name?

  @Flag(help: "Small inputs, to see whether all works: an R-MAT graph, or the first nodes of --dataset.")
  var quick = false

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  /// Sections read what others wrote.
  var holdsOutputs: Bool { false }
  var defaultManifest: String? { out + "/report.manifest.json" }

  /// The engines' sections, in reading order. A new engine adds its file and a line here.
  static let sections: [any DemoSection] = [
    StoreSection(), SparsificationSection(), LearningSection(), SummarizationSection(), ProximitySection(),
    CommunitiesSection(),
  ]

  func execute(_ run: CommandRun) throws -> Outcome {
    try createFolder(out)
    if !global.force, unsafe access(out + "/report.html", F_OK) == 0,
      unsafe access(out + "/report.manifest.json", F_OK) != 0
    {
      throw MillError(
        .cannotCreate, "the file exists, and no earlier demo made it", file: out + "/report.html",
        hint: "--force replaces it")
    }
    var demo = DemoRun(run: run, folder: out, isQuick: quick)
    try demo.loadDatasets(dataset)
    var page = ReportPage(
      title: "Graphmill demo",
      introduction: "From an edge list to results: " + demo.datasets.map(\.title).joined(separator: "; ") + ".")
    page.keyNumbers = demo.datasets.flatMap {
      [
        KeyNumber($0.graph.nodeCount, "nodes, \($0.name.rawValue)"),
        KeyNumber($0.graph.edgeCount, "edges, \($0.name.rawValue)"),
      ]
    }
    let report = out + "/report.html"
    var keys: [String: JSONValue] = ["report": .string(report)]
    var summary: [String] = []
    for section in Self.sections {
      let part = try section.make(demo)
      page.sections.append(part.section)
      keys[section.key] = part.json
      summary += part.summary
    }
    page.details = details(run, demo)
    try page.write(to: report)
    run.recordOutput(.init(path: report, format: "html", holdsTimes: true))
    let json = OutputFileText(JSONValue.object(keys).text(pretty: true) + "\n")
    try json.write(to: out + "/report.json")
    run.recordOutput(.init(path: out + "/report.json", format: "json", holdsTimes: true))
    for path in filesBelow(out) where !run.record.hasOutput(path) && path != defaultManifest {
      // Figures may show times, and data sets say when they were built.
      let holdsTimes = path.hasPrefix(out + "/figures/") || pathEnding(path) == "json"
      run.recordOutput(.init(path: path, format: pathEnding(path), holdsTimes: holdsTimes))
    }
    return Outcome(keys: keys, summary: summary + ["report: \(report)"])
  }

  private func details(_ run: CommandRun, _ demo: DemoRun) -> [KeyNumber] {
    [
      KeyNumber(
        "graphmill demo" + (quick ? " --quick" : "") + (dataset.map { " --dataset \($0.rawValue)" } ?? ""), "command"),
      KeyNumber("\(BuildInfo.version), \(BuildInfo.revision), \(BuildInfo.configuration)", "version"),
      KeyNumber(String(run.settings.seed), "seed"),
      KeyNumber(String(run.settings.threads), "threads"),
    ]
  }
}
