import MillRuntime
import TestSupport
import Testing

@testable import GraphLearning

@Suite("Citation graphs")
struct CitationTests {
  /// A small version of the published runs, for debug builds: 64 hidden columns, 60 epochs.
  @Test(
    "GCN reaches the known accuracy", .needsSharedData("citations/cora/edges.tsv"),
    arguments: [("cora", 0.78), ("citeseer", 0.66)])
  func accuracy(name: String, least: Double) throws {
    let data = try readAttributedGraph(AttributedGraphFiles(folder: SharedData.path("citations/\(name)")))
    let result = try trainNetwork(on: data, options: TrainingOptions(hidden: 64, epochs: 60, seed: 1))
    #expect(result.best.test > least, "\(result.best)")
  }
}
