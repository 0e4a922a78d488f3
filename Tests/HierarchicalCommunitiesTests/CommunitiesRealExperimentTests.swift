import ExperimentSupport
import Foundation
import MillRuntime
import TestSupport
import Testing

@testable import communities_real

@Suite("The communities-real experiment")
struct CommunitiesRealExperimentTests {
  /// Three cliques of six nodes in a ring, a label a clique, one node without.
  private func folder() -> TemporaryFolder {
    let folder = TemporaryFolder()
    var edges = "# src\tdst\n"
    for clique in 0..<3 {
      for i in 0..<6 { for j in 0..<i { edges += "\(6 * clique + i)\t\(6 * clique + j)\n" } }
      edges += "\(6 * clique)\t\((6 * clique + 7) % 18)\n"
    }
    folder.file("edges.tsv", edges)
    let labels = (0..<18).map { "\($0)\t\($0 == 5 ? "NA" : "c\($0 / 6)")\t\($0 % 2)\n" }.joined()
    folder.file("labels.tsv", "# node\tclass\tparity\n" + labels)
    return folder
  }

  @Test func cliques() throws {
    let folder = folder()
    let known = try KnownGraph(folder.path, context: RunContext())
    #expect(known.groups == 3)
    #expect(try KnownGraph.named(folder.path + ":2", context: RunContext())?.groups == 2)
    #expect(try KnownGraph.named(folder.path + ":-c1", context: RunContext())?.graph.nodeCount == 12)
    #expect(try KnownGraph.named(folder.path + ":class", context: RunContext()) == nil)
    #expect(known.truth.count { $0 < 0 } == 1)
    #expect(try KnownGraph(folder.path, column: 2, context: RunContext()).groups == 2)
    #expect(try KnownGraph(folder.path, without: "c1", context: RunContext()).graph.nodeCount == 12)
    let one = try realGraphs([known], seed: 1, seeds: 2, context: RunContext(threads: 1))
    #expect(try one.csv == realGraphs([known], seed: 1, seeds: 2, context: RunContext(threads: 2)).csv)
    #expect(one.csv.split(separator: "\n").count == 1 + 2 * Contender.allCases.count)
    let given = try #require(one.csv.split(separator: "\n").first { $0.contains("K given\",1") })
    #expect(given.contains(",1.0000,1.0000,3,0"))
  }
}
