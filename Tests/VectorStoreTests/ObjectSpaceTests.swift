import Testing
import VectorStore

@Suite struct ObjectSpaceTests {
  @Test(
    "Levenshtein by hand", arguments: [("kitten", "sitting", 3), ("", "abc", 3), ("flaw", "lawn", 2), ("é", "e", 1)])
  func levenshtein(a: String, b: String, expected: Int) {
    let space = LevenshteinSpace()
    #expect(space.distance(LevenshteinSpace.object(a), LevenshteinSpace.object(b)) == Float(expected))
    #expect(space.distance(LevenshteinSpace.object(b), LevenshteinSpace.object(a)) == Float(expected))
  }

  @Test func longTextsAgreeWithShortOnes() {
    // A common prefix of 70 scalars does not change the distance but takes the other path.
    let prefix = String(repeating: "x", count: 70)
    let words = ["graph", "mill", "grape", "miller", "", "path"]
    let space = LevenshteinSpace()
    for a in words {
      for b in words {
        let short = space.distance(LevenshteinSpace.object(a), LevenshteinSpace.object(b))
        #expect(space.distance(LevenshteinSpace.object(prefix + a), LevenshteinSpace.object(prefix + b)) == short)
      }
    }
  }

  @Test func sets() {
    let space = JaccardSetSpace()
    #expect(space.distance([1, 2, 3], [2, 3, 4]) == 0.5)
    #expect(space.distance([], []) == 0)
    #expect(space.distance([1], []) == 1)
  }

  @Test func sparseCosine() throws {
    let a = try #require(SparseVector([(5, 3), (1, 4)])).normalized
    let b = try #require(SparseVector([(5, 1)])).normalized
    #expect(abs(SparseCosineSpace().distance(a, b) - 0.4) < 1e-6)
    #expect(SparseVector([(1, 1), (1, 2)]) == nil)
    #expect(SparseVector([(1, .nan)]) == nil)
  }

  @Test func objectTableMeasuresBatches() {
    let table = ObjectTable(LevenshteinSpace(), ["abc", "abd", "xyz"].map { LevenshteinSpace.object($0) })
    #expect(table.count == 3)
    #expect(table.points.count == 3)
    #expect(table[1] == LevenshteinSpace.object("abd"))
  }
}
