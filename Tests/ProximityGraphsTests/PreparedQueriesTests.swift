import MillRuntime
import Testing
import VectorStore

@testable import ProximityGraphs

/// Queries of another element type than the rows: they are compared as they are, not rounded first.
@Suite struct PreparedQueriesTests {
  private static let pairs: [(Metric, ElementType)] = [
    (.l2, .float16), (.l2, .bfloat16), (.l2, .uint8), (.innerProduct, .float16), (.innerProduct, .bfloat16),
    (.cosine, .float16), (.cosine, .bfloat16),
  ]

  /// Whole numbers, which every element type holds, so that rows are the same everywhere.
  private func rows(_ count: Int, _ dimension: Int) throws -> VectorTable {
    var random = CounterRandom(seed: 31, stage: "whole rows")
    return try VectorTable(rows: (0..<count).map { _ in (0..<dimension).map { _ in Float(random.below(100) + 1) } })
  }

  @Test("As exact as against rows of 32-bit floats, one at a time or many, in both kinds of index", arguments: pairs)
  func exactness(metric: Metric, type: ElementType) throws {
    let wide = try rows(400, 70)
    let queries = try Samples.uniform(40, 70, seed: 32)
    let asked = try VectorTable(rows: (0..<40).map { row in queries[row].map { 100 * $0 } })
    let narrow = try wide.converted(to: type)
    let exact = SearchOptions(exact: .always)
    let expected = try HNSWIndex(building: wide, metric: metric).search(asked, k: 5, options: exact)
    let indexes: [any VectorIndex] = [
      try HNSWIndex(building: narrow, metric: metric), try NSWIndex(building: narrow, metric: metric),
    ]
    for index in indexes {
      for options in [exact, SearchOptions(ef: 64, exact: .never)] {
        let found = try index.search(asked, k: 5, options: options, filter: nil, context: RunContext(threads: 2))
        for row in 0..<40 {
          let single = try index.search(asked[row], k: 5, options: options, filter: nil)
          #expect(single.neighbors == found[row])
          // Under the cosine distance the stored rows are rounded once they are scaled.
          if metric != .cosine, options == exact {
            #expect(found[row].map(\.key) == expected[row].map(\.key))
            for (mine, theirs) in zip(found[row], expected[row]) {
              #expect(abs(mine.distance - theirs.distance) <= 1e-5 * abs(theirs.distance))
            }
          }
        }
      }
      let radius = try #require(expected[0].last).distance
      if metric == .l2 {
        let inside = try index.search(
          asked[0], radius: radius * (1 + 1e-6), slack: 0.5, options: SearchOptions(ef: 100), filter: nil)
        #expect(inside.keys.prefix(5) == expected[0].map(\.key).prefix(5))
      }
    }
    let hnsw = try #require(indexes[0] as? HNSWIndex)
    let pages = try hnsw.pages(asked[3], options: exact)
    #expect(try pages.next(5) == hnsw.search(asked[3], k: 5, options: exact).neighbors)
  }

  @Test("Near 1000 halves are half a unit apart: a query between two rows finds the nearer one") func grid() throws {
    let table = try VectorTable(rows: (0..<64).map { [1000 + 0.5 * Float($0 % 8), 1000 + 0.5 * Float($0 / 8)] })
    let index = try HNSWIndex(building: table.converted(to: .float16), metric: .l2)
    var random = CounterRandom(seed: 33, stage: "grid")
    for _ in 0..<200 {
      let query = (0..<2).map { _ in 1000 + 3.5 * Float(random.unit()) }
      let found = try index.search(query, k: 1).neighbors[0]
      let best = (0..<64).map { row in zip(table[row], query).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      #expect(best[found.key] == best.min() && found.distance == best[found.key])
    }
  }

  @Test("Queries that the element type of the rows cannot hold") func outside() throws {
    let table = try VectorTable(rows: [[0, 0], [60_000, 0], [255, 255]])
    let half = try HNSWIndex(building: table.converted(to: .float16), metric: .l2)
    #expect(try half.search([1e6, 0], k: 1).neighbors == [KeyedNeighbor(key: 1, distance: 940_000 * 940_000)])
    let bytes = try HNSWIndex(building: VectorTable(rows: [[0, 0], [255, 255], [10, 20]], as: .uint8), metric: .l2)
    #expect(try bytes.search([-3.5, 300], k: 3).keys == [1, 2, 0])
    #expect(try bytes.search([10.5, 20], k: 1).neighbors == [KeyedNeighbor(key: 2, distance: 0.25)])
    // Whole queries as bytes, and as floats beside one that is not whole: the same distances to the last bit.
    let many = try VectorTable(rows: [[200, 7], [10.5, 20]])
    let found = try bytes.search(many, k: 3)
    #expect(try bytes.search(VectorTable(rows: [[200, 7]], as: .uint8), k: 3)[0] == found[0])
    #expect(refusal { _ = try bytes.search([.nan, 0], k: 1) }?.kind == .notFinite)
    let bits = try HNSWIndex(building: VectorTable(rows: [[0, 1], [1, 1]], as: .bit), metric: .hamming)
    #expect(try bits.search([1, 1], k: 1).keys == [1])
    #expect(refusal { _ = try bits.search([0.5, 1], k: 1) }?.kind == .notRepresentable)
    #expect(refusal { _ = try bits.search(many, k: 1) }?.kind == .notRepresentable)
  }
}
