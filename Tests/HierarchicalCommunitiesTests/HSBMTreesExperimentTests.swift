import MillRuntime
import Testing

@testable import hsbm_trees

@Suite("The hsbm-trees experiment")
struct HSBMTreesExperimentTests {
  @Test func smallRun() throws {
    var settings = ExperimentSettings.quick
    (settings.samples, settings.shapeSamples, settings.leafSize) = (2, 1, 60)
    settings.ratios = [0.3]
    settings.leafChance = 0.25
    let one = try robustness(settings, context: RunContext(threads: 1))
    #expect(try one.csv == robustness(settings, context: RunContext(threads: 2)).csv)
    let row = try #require(one.csv.split(separator: "\n").first { $0.contains("true labels") })
    #expect(row.hasPrefix("0.3,\"true labels\",1.0"))
    #expect(one.csv.split(separator: "\n").count == 1 + Variant.allCases.count)
  }

  @Test func multifurcationTable() throws {
    var settings = ExperimentSettings.quick
    settings.shapeSamples = 1
    let table = try multifurcation(settings, context: RunContext(threads: 2))
    #expect(table.csv.split(separator: "\n").count == 1 + 4 * 5)
  }
}
