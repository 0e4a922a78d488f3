import GraphStore
import MillRuntime
import Testing

@testable import communities_planted

@Suite("The communities-planted experiment")
struct CommunitiesPlantedExperimentTests {
  @Test("Drawn graphs are simple, have the share of edges outside groups that was asked for, and the mean degree")
  func model() throws {
    for (mixing, seed) in [(0.2, 1), (0.5, 2), (0.7, 3)] as [(Double, UInt64)] {
      var model = PlantedModel()
      (model.nodes, model.mixing) = (800, mixing)
      let (graph, truth) = try model.draw(seed: seed)
      #expect(graph.nodeCount == 800 && truth.allSatisfy { $0 >= 0 })
      let degree = 2 * Double(graph.edgeCount) / 800
      #expect(abs(degree - 20) < 2)
      let outside = (0..<800).reduce(0) { sum, u in
        sum + graph.neighbors(of: u).count { truth[Int($0)] != truth[u] }
      }
      #expect(abs(Double(outside) / Double(2 * graph.edgeCount) - mixing) < 0.05)
      for group in Set(truth) { #expect(model.sizes.contains(truth.count { $0 == group })) }
      #expect(try model.draw(seed: seed).graph == graph)
    }
  }

  @Test("Tables are the same for every thread count; planted groups are found, and none where there are none")
  func tables() throws {
    let kinds = [Planted.lfr(300, 15...40, 0.3), .tree(2, 2, 40, 14, 0.1)]
    let one = try plantedGraphs(kinds, seed: 1, seeds: 2, context: RunContext(threads: 1))
    #expect(try one.csv == plantedGraphs(kinds, seed: 1, seeds: 2, context: RunContext(threads: 2)).csv)
    let rows = one.csv.split(separator: "\n")
    #expect(rows.count == 1 + 2 * 2 * Contender.allCases.count)
    // AMI, groups, Dasgupta's score, sampling divergence.
    let found = rows.filter { $0.contains("\"bottom-up\"") }.map {
      $0.split(separator: ",").suffix(4).compactMap { Double($0) }
    }
    #expect(found.count == 4 && found.allSatisfy { $0[0] > 0.9 })
    #expect(found.allSatisfy { (0.2..<1).contains($0[2]) && (0.2..<1).contains($0[3]) })
    let wholes = try wholeGraphs(
      [.uniform(400, 6), .degrees(400, largest: 100)], seed: 1, seeds: 3, context: RunContext(threads: 2))
    for row in wholes.csv.split(separator: "\n") where row.contains("\"bottom-up\"") { #expect(row.hasSuffix(",3")) }
  }
}
