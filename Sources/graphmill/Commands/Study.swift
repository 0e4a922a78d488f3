import ArgumentParser
import GraphFormats
import GraphLearning
import GraphStore
import Graphmill
import MillRuntime

struct Study: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run every engine on a graph and write one report.",
    discussion: """
      Writes DIR/report.html, one page that needs nothing else, report.json with the figures, and below DIR/files what \
      other commands can take up: the graph (.gmg), its summary (.gms), its communities (.tsv), the graph of nearest \
      neighbors (.gmg). A folder that an earlier study filled is filled again.

      Sections: \(StudySections.keys.joined(separator: ", ")). --only and --skip choose among them.

      --labels gives classes of nodes, which color pictures and rate communities. --vectors gives objects of their own; \
      what they are called (a key column, else the numbers of their rows) joins them to nodes of the same name. \
      --features (a row a node, counted from 0; mtx, npz, npy) with --labels adds a graph lottery ticket.

      The page tells when, where and how long it was made; --undated leaves that out: then the same graph, options and \
      seed give the same bytes.

      EXAMPLES:
        graphmill study edges.tsv.gz --out report
        graphmill study graph.gmg --out report --only structure,communities
        graphmill study edges.tsv --out report --labels classes.tsv --features words.mtx
        graphmill study edges.tsv --out report --vectors embeddings.npy --metric cosine
      """)

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Option(
    help: ArgumentHelp("The folder for the report; created when missing.", valueName: "dir"), completion: .directory)
  var out = "out/study"

  @Option(
    help: ArgumentHelp("Sections to make, with commas between them (default: all).", valueName: "sections"),
    completion: .list(StudySections.keys))
  var only: SectionList?

  @Option(
    help: ArgumentHelp("Sections to leave out.", valueName: "sections"), completion: .list(StudySections.keys))
  var skip: SectionList?

  @Option(
    help: ArgumentHelp("Classes of nodes: node, label; FILE:COLUMN takes another column.", valueName: "file"),
    completion: .file())
  var labels: String?

  @Option(help: ArgumentHelp("Vectors whose nearest neighbors are sought.", valueName: "file"), completion: .file())
  var vectors: String?

  @Option(help: "The distance of vectors (default: l2).")
  var metric: Metric?

  @Option(
    help: ArgumentHelp("Features of nodes, a row a node: .mtx, .mtx.gz, .npz, .npy.", valueName: "file"),
    completion: .file())
  var features: String?

  @Option(help: ArgumentHelp("The page's title (default: the file's name).", valueName: "text"))
  var title: String?

  @Flag(help: "Leave out date, machine and times: the same bytes for the same graph.")
  var undated = false

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] {
    [input] + [labels.map(LabelFile.path), vectors.map { splittingDataset($0).path }, features].compactMap { $0 }
  }
  var defaultManifest: String? { StudyReport.manifest(in: out) }
  var usesSeed: Bool { true }

  func validate() throws {
    if features != nil, labels == nil { throw ValidationError("'--features' needs '--labels'.") }
    if metric != nil, vectors == nil { throw ValidationError("'--metric' needs '--vectors'.") }
    if chosen.isEmpty { throw ValidationError("'--only' and '--skip' leave no section.") }
  }

  /// The sections that were asked for.
  private var chosen: [any StudySection] {
    StudySections.all.filter { section in
      (only?.keys.contains(section.key) ?? true) && !(skip?.keys.contains(section.key) ?? false)
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    var report = StudyReport(run: run, folder: out)
    report.isUndated = undated
    try report.refuseForeign()
    let subject = try subject(run)
    return try report.write(
      title: title ?? subject.title, introduction: "", of: [subject], sections: chosen, isNested: false)
  }

  /// Reads everything, so that bad data are refused before anything is written.
  private func subject(_ run: CommandRun) throws -> StudySubject {
    let features = try features.map { path in
      try run.stage("read features") { try FeatureMatrix(path: path, context: run.context) }
    }
    var flags = reading
    // Rows count nodes from 0: nodes are then numbers, also those without an edge.
    if let features, flags.nodes == nil, flags.ids == .auto { flags.nodes = Count(features.rowCount) }
    let result = try run.readGraph(input, flags, refusesNegativeWeights: true)
    let reading = StudySubject.Reading(path: input, result: result)
    var subject = StudySubject(name: "graph", title: reading.fileName, graph: result.graph)
    subject.readings = [reading]
    if let labels {
      let file = try LabelFile(labels)
      subject.classes = NodeClasses(numbers: file.numbers(for: result.graph), names: file.groups)
      if subject.classes?.numbers.contains(where: { $0 >= 0 }) != true {
        run.warn("the labels name no node of the graph")
      }
    }
    if let vectors {
      let metric = metric ?? .l2
      let read = try run.readVectors(vectors, for: metric, VectorReadOptions())
      subject.vectors = StudyVectors(table: read.vectors, metric: metric, keys: read.keys)
    }
    if let features, let classes = subject.classes {
      subject.attributed = try StudySplit(
        perClass: 20, validation: 500, test: 1000, seed: run.settings.seed
      ).graph(result.graph, features, classes, run.context)
    }
    return subject
  }
}

/// Sections by their words, with commas between them.
struct SectionList: ExpressibleByArgument, Equatable, CustomStringConvertible {
  let keys: [String]

  init?(argument: String) {
    keys = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard keys.allSatisfy(StudySections.keys.contains) else { return nil }
  }

  var description: String { keys.joined(separator: ",") }
  static var allValueStrings: [String] { StudySections.keys }
}
