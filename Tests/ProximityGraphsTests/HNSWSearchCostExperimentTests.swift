import MillRuntime
import Testing

@testable import hnsw_search_cost

@Suite("The hnsw-search-cost experiment")
struct HNSWSearchCostExperimentTests {
  @Test("A small run gives the same files for every thread count") func small() throws {
    var settings = ExperimentSettings()
    settings.sizes = [300]
    settings.seeds = [1, 2]
    settings.queries = 20
    let one = try runExperiment(settings, context: RunContext(threads: 1))
    let two = try runExperiment(settings, context: RunContext(threads: 2))
    #expect(one.csv == two.csv && one.markdown == two.markdown)
    let rows = one.csv.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.count == 6)
    for row in rows { #expect((Double(row[4]) ?? 0) >= settings.recall) }
  }
}
