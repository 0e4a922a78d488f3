import MillRuntime
import Testing

@testable import communities_steps

@Suite("The communities-steps experiment")
struct CommunitiesStepsExperimentTests {
  @Test("A line a graph, a column a step; a step that matters shows; the same table for every thread count")
  func table() throws {
    let subjects = [
      Subject.lfr(200, mixing: 0.2, largest: 30), .tree(2, 2, leafSize: 40, degree: 14, ratio: 0.1),
      .uniform(300, degree: 6), .tree(5, 3, leafSize: 14, degree: 18, ratio: 0.1),
    ]
    let one = try ablations(subjects, seed: 1, seeds: 1, context: RunContext(threads: 1))
    #expect(try one.csv == ablations(subjects, seed: 1, seeds: 1, context: RunContext(threads: 2)).csv)
    var groups: [String: [String: Int]] = [:]
    for row in one.csv.split(separator: "\n").dropFirst() {
      let cells = row.replacing("\"", with: "").split(separator: ",").map(String.init)
      let name = cells.dropLast(4).joined(separator: ",")
      groups[name, default: [:]][cells[cells.count - 4]] = Int(cells.last!)
    }
    #expect(groups.count == 4 && groups.values.allSatisfy { $0.count == Ablation.allCases.count })
    let deep = try #require(groups["tree 5^3, degree 18, ratio 0.1"])
    #expect(deep["nothing"] == 125 && deep["splitting again"]! < 125)
    #expect(groups["uniform, degree 6"]?["nothing"] == 1)
    #expect(one.markdown.contains("| mean |"))
  }
}
