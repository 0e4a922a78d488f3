import ArgumentParser
import GraphStore
import MillRuntime
import Reporting

struct Demo: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Study graphs that this machine has, and write one HTML report.",
    discussion: """
      Builds two graphs from what is on this machine: WordNet (Debian package
      wordnet-base) and the dependencies of the packages that apt knows of; and a
      proximity graph of pictures (package dataset-fashion-mnist). What is missing is
      left out with a warning; when both graphs are, an R-MAT graph stands in.
      'study' does the same for a graph of your own. Writes report.html, report.json
      and the data sets into the folder, and replaces what an earlier demo left there.

      EXAMPLES:
        graphmill demo
        graphmill demo --out /tmp/demo --dataset wordnet
        graphmill demo --quick --json
      """)

  @Option(
    help: ArgumentHelp("The folder for the report; created when missing.", valueName: "dir"), completion: .directory)
  var out = "out/demo"

  @Option(help: "Only this data set (default: all that can be built).")
  var dataset: DemoDatasets.Name?

  @Flag(help: "Small inputs, to see whether all works: an R-MAT graph, or the first nodes of --dataset.")
  var quick = false

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  /// The builders' files are read again.
  var holdsOutputs: Bool { false }
  var defaultManifest: String? { StudyReport.manifest(in: out) }
  var usesSeed: Bool { true }

  func execute(_ run: CommandRun) throws -> Outcome {
    var report = StudyReport(run: run, folder: out)
    report.isQuick = quick
    report.fileFolder = { "datasets/" + $0.name }
    try report.refuseForeign()
    let datasets = DemoDatasets(run: run, folder: out, isQuick: quick)
    let graphs = try datasets.graphs(dataset)
    let outcome = try report.write(
      title: "Graphmill demo",
      introduction: "From an edge list to results: " + graphs.map(\.title).joined(separator: "; ") + ".",
      of: graphs + datasets.others(beside: graphs), sections: StudySections.all, isNested: true)
    // What the builders left: data sets say when they were built.
    for path in filesBelow(out + "/datasets") where !run.record.hasOutput(path) {
      run.recordOutput(.init(path: path, format: pathEnding(path), holdsTimes: pathEnding(path) == "json"))
    }
    return outcome
  }
}
