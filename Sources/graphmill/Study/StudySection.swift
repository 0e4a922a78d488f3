import GraphStore
import MillRuntime
import Reporting

/// One part of a study: what an engine says of a graph.
protocol StudySection: Sendable {
  /// The word that chooses it, and its key in the JSON.
  var key: String { get }
  /// The heading.
  var title: String { get }
  /// How its figures came about and are to be read.
  var explanation: String { get }
  /// Runs the engine; nil where it has nothing to work on, and there is no section then.
  func make(_ bench: Workbench) throws -> StudyPart?
}

/// What a section made of one graph.
struct StudyPart {
  /// What was found, in one plain sentence.
  var finding: String
  /// What the reader sees.
  var blocks: [ReportBlock] = []
  /// The figures.
  var json: [String: JSONValue] = [:]

  /// Why communities of a graph are not sought; nil where they are.
  static func withoutCommunities(_ graph: CSRGraph) -> StudyPart? {
    if graph.edgeCount == 0 { return .leftOut("the graph has no edges") }
    guard graph.edgeCount > Workbench.largestGraph else { return nil }
    return .leftOut("more than \(NumberText.grouped(Workbench.largestGraph)) edges take too long")
  }

  /// A part that was not made, and why.
  static func leftOut(_ reason: String) -> StudyPart {
    StudyPart(finding: "Left out: \(reason).", json: ["left_out": .string(reason)])
  }
}

/// All sections, in reading order. A new engine adds its file and a line here.
enum StudySections {
  static let all: [any StudySection] = [
    StoreSection(), StructureSection(), CommunitiesSection(), SummarizationSection(), SparsificationSection(),
    ProximitySection(), FlowSection(), AgreementSection(), LearningSection(),
  ]

  /// The words that choose sections.
  static var keys: [String] { all.map(\.key) }
}
