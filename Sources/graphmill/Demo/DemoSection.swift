import Glibc
import GraphStore
import MillRuntime
import Reporting

/// What one engine adds to the demo: a section of the page, an object of the JSON, lines for the terminal.
protocol DemoSection: Sendable {
  /// The engine's key in the JSON object.
  var key: String { get }
  /// Runs the engine on the demo's data sets.
  func make(_ demo: DemoRun) throws -> DemoPart
}

/// What a section made.
struct DemoPart {
  var section: ReportSection
  var json: JSONValue
  var summary: [String]
}

/// The surroundings of the demo's sections.
struct DemoRun {
  let run: CommandRun
  /// The folder of the report.
  let folder: String
  let isQuick: Bool
  var datasets: [DemoDataset] = []

  init(run: CommandRun, folder: String, isQuick: Bool) {
    self.run = run
    self.folder = folder
    self.isQuick = isQuick
  }

  /// Draws a chart beside the page; a missing gnuplot is said once by the page itself.
  func figure(_ chart: Chart, _ caption: String, stem: String) throws -> ReportBlock {
    .figure(ReportFigure(caption, chart: try chart.draw(into: folder + "/figures", stem: stem), folder: "figures"))
  }
}

/// A whole small text file.
struct OutputFileText {
  let text: String

  init(_ text: String) { self.text = text }

  /// Writes it, replacing what is there.
  func write(to path: String) throws(MillError) {
    let file = try OutputFile(path, replaces: true)
    try file.write(text)
    try file.commit()
  }
}

/// Creates a folder and those above it.
func createFolder(_ path: String) throws(MillError) {
  var prefix = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    prefix += part + "/"
    if unsafe mkdir(prefix, 0o777) != 0, errno != EEXIST {
      throw MillError(.cannotCreate, "cannot create the folder: \(errorText())", file: path)
    }
  }
}
