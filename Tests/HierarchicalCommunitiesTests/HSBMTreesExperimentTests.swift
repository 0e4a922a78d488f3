import HierarchicalCommunities
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
    #expect(row.hasPrefix("0.3,\"true labels\",1.0,1.0,"))
    #expect(one.csv.split(separator: "\n").count == 1 + Variant.allCases.count)
  }

  @Test("Matched leaves: a misplaced node does not count, a leaf in the wrong place does")
  func matching() throws {
    let parents: [Int32] = [4, 4, 5, 5, 6, 6, -1]
    func hierarchy(_ leaves: [Int32]) throws -> CommunityHierarchy {
      var sizes = [0, 0, 0, 0]
      for leaf in leaves { sizes[Int(leaf)] += 1 }
      return CommunityHierarchy(
        tree: try CommunityTree(
          leafCount: 4, parents: parents, leafSizes: sizes, similarities: [0.5, 0.5, 0.5, 0.5, 0.2, 0.2, 0.1]),
        leaves: leaves)
    }
    let truth = try hierarchy([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    func correlation(_ leaves: [Int32]) throws -> Double {
      let matched = try #require(try hierarchy(leaves).matched(to: truth))
      return try treeCorrelation(matched, truth) ?? 0
    }
    // Numbers swapped within and between the two sides, and a node astray.
    #expect(try correlation([3, 3, 3, 2, 2, 0, 0, 0, 0, 1, 1, 1]) == 1)
    #expect(try treeCorrelation(hierarchy([3, 3, 3, 2, 2, 0, 0, 0, 0, 1, 1, 1]), truth) ?? 1 < 0.95)
    #expect(try correlation([0, 0, 0, 2, 2, 2, 1, 1, 1, 3, 3, 3]) < 0.9)
    #expect(CommunityHierarchy(tree: .single(size: 12), leaves: truth.leaves.map { _ in 0 }).matched(to: truth) == nil)
  }

  @Test func multifurcationTable() throws {
    var settings = ExperimentSettings.quick
    settings.shapeSamples = 1
    let table = try multifurcation(settings, context: RunContext(threads: 2))
    #expect(table.csv.split(separator: "\n").count == 1 + 4 * 5)
  }
}
