import MillRuntime
import Testing
import TreeGeometry

@Suite struct HeightRuleTests {
  private static func tree(_ similarities: [Double]?) throws -> RootedTree {
    try RootedTree(leafCount: 3, parents: [3, 3, 4, 4, -1], similarities: similarities)
  }

  @Test("By hand: 1 - s, 1 / s, levels, and what is chosen by itself")
  func rules() throws {
    let tight = try Self.tree([.nan, .nan, .nan, 0.75, 0.5])
    #expect(try tight.nodeHeights() == [0, 0, 0, 0.25, 0.5])
    #expect(try tight.nodeHeights(.inverse) == [0, 0, 0, 4 / 3, 2])
    #expect(try tight.nodeHeights(.levels) == [0, 0, 0, 1, 2])
    #expect(try Self.tree([.nan, .nan, .nan, 4, 0.5]).nodeHeights() == [0, 0, 0, 0.25, 2])
    #expect(try Self.tree(nil).nodeHeights() == [0, 0, 0, 1, 2])
    #expect(try Self.tree([.nan, .nan, .nan, 1, 1]).nodeHeights() == [0, 0, 0, 1, 2])
    // Without a similarity, twice the largest height.
    #expect(try Self.tree([.nan, .nan, .nan, 4, 0]).nodeHeights() == [0, 0, 0, 0.25, 0.5])
    #expect(try Self.tree([.nan, .nan, .nan, .nan, .nan]).nodeHeights() == [0, 0, 0, 1, 1])
  }

  @Test("Rules that do not go with the similarities are refused")
  func refusals() throws {
    #expect(throws: MillError.self) { try Self.tree(nil).nodeHeights(.inverse) }
    #expect(throws: MillError.self) { try Self.tree([0, 0, 0, 2, 1]).nodeHeights(.similarity) }
    #expect(throws: MillError.self) { try Self.tree([0, 0, 0, -2, 3]).nodeHeights(.inverse) }
  }
}
