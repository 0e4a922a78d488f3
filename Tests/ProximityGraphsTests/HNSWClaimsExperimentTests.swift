import MillRuntime
import Testing

@testable import hnsw_claims

@Suite("The hnsw-claims experiments")
struct HNSWClaimsExperimentTests {
  private func settings(threads: Int) -> ClaimSettings {
    var settings = ClaimSettings()
    settings.isQuick = true
    settings.seeds = [1]
    settings.queries = 10
    settings.context = RunContext(threads: threads)
    return settings
  }

  @Test("A small run gives the same table for every thread count", arguments: ["choice", "build"])
  func small(stem: String) throws {
    let claim = try #require(Claim.all.first { $0.stem == stem })
    let one = try claim.run(settings(threads: 1))
    let two = try claim.run(settings(threads: 2))
    #expect(one.csv == two.csv && one.markdown == two.markdown)
    #expect(!one.chart.series.isEmpty)
    for row in one.rows { #expect(row.count == one.columns.count) }
  }

  @Test func spacesAreFoundThroughTheGraph() throws {
    let claim = try #require(Claim.all.first { $0.stem == "spaces" })
    let answer = try claim.run(settings(threads: 2))
    #expect(answer.rows.count == 9)
    let wide = answer.rows.filter { $0[2] == "256" }
    for row in wide { #expect((Double(row[3].prefix { $0 != " " }) ?? 0) >= 0.95, "\(row)") }
  }
}
