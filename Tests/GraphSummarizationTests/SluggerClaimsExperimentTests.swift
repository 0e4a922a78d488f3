import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import slugger_claims

@Suite("The slugger-claims experiment")
struct SluggerClaimsExperimentTests {
  @Test func smallRun() throws {
    var settings = ExperimentSettings()
    settings.seeds = 2
    settings.iterations = 5
    let graph = ExperimentGraph(name: "nested", graph: try TestGraph.nested(60, seed: 3).frozen())
    let one = try runExperiment(on: [graph], settings, context: RunContext(threads: 1))
    let two = try runExperiment(on: [graph], settings, context: RunContext(threads: 2))
    /// Graph, setting, size and deviation; seconds differ.
    func sizes(_ csv: String) -> [String] {
      csv.split(separator: "\n").map { $0.split(separator: ",").prefix(4).joined(separator: ",") }
    }
    #expect(sizes(one.csv) == sizes(two.csv))
    #expect(one.csv.split(separator: "\n").count == 2 + ablation(5).count)
    #expect(one.csv.split(separator: "\n").dropFirst().allSatisfy { $0.hasSuffix(",true") })
    #expect(one.markdown.contains("| nested | 60 |"))
  }
}
