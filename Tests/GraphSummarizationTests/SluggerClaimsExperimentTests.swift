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
    settings.iterations = [5]
    let graph = ExperimentGraph(name: "nested", graph: try TestGraph.nested(60, seed: 3).frozen())
    settings.scalingEdges = 20_000
    let one = try runExperiment(on: [graph], settings, context: RunContext(threads: 1))
    let two = try runExperiment(on: [graph], settings, context: RunContext(threads: 2))
    /// Of each line what does not depend on the machine.
    func fixed(_ results: ExperimentResults) -> [String] {
      results.csv.flatMap { part, text in
        let columns = [ExperimentPart.table: 7, .ablation: 5, .scaling: 4, .queries: 3, .bits: 9]
        return text.split(separator: "\n").map {
          $0.split(separator: ",").prefix(columns[part] ?? 0).joined(separator: ",")
        }
      }
    }
    #expect(fixed(one) == fixed(two))
    #expect(one.csv.map(\.part) == ExperimentPart.allCases)
    let lines = one.csv.map { $0.text.split(separator: "\n").count }
    #expect(lines == [2, 1 + ablation(5).count, 6, 8, 2])
    #expect(!one.csv.map(\.text).joined().contains("false"))
    #expect(one.markdown.contains("| nested | 60 |") && !one.markdown.contains("NOT"))
  }

  @Test("A power comes back from its own points") func fit() {
    let fit = PowerFit([1e3, 1e4, 1e5].map { ($0, 2e-6 * $0) })
    #expect(abs(fit.exponent - 1) < 1e-9 && abs(fit.factor - 2e-6) < 1e-12 && fit.determination > 0.999_999)
    let steep = PowerFit([10.0, 100, 1000].map { ($0, $0 * $0) })
    #expect(abs(steep.exponent - 2) < 1e-9)
  }

  @Test("An adjacency list in varints is as long as worked out by hand") func varints() throws {
    // Counts 1 1 0 in three bytes, and a byte a gap.
    #expect(try deltaVarintBytes(TestGraph.path(3).frozen()) == 5)
  }
}
