import MillKernels
import MillRuntime
import Testing

@testable import VectorStore

@Suite struct VectorCheckTests {
  @Test("Inner products order short vectors, whatever their scale", arguments: [1, 1e-4, 1e-5, 1e-9, 1e-14] as [Float])
  func shortVectors(scale: Float) throws {
    let table = try VectorTable(rows: [[scale], [2 * scale], [3 * scale]])
    let found = try exactNearest(in: table, queries: VectorTable(rows: [[scale]]), metric: .innerProduct, k: 3)
    #expect(found.ids == [2, 1, 0])
    #expect(found.distances == [-3 * scale * scale, -2 * scale * scale, -scale * scale])
    let squares = try exactNearest(in: table, queries: VectorTable(rows: [[3 * scale]]), metric: .l2, k: 3)
    #expect(squares.ids == [2, 1, 0])
  }

  @Test("Recall does not depend on the scale of the data", arguments: [1, 1e-4, 1e-5, 1e-12] as [Float])
  func recall(scale: Float) throws {
    var random = CounterRandom(seed: 5, stage: "recall")
    let rows = (0..<200).map { _ in (0..<4).map { _ in (Float(random.unit()) - 0.5) * scale } }
    let table = try VectorTable(rows: rows)
    let truth = try exactNearest(in: table, queries: table, metric: .innerProduct, k: 5)
    #expect(truth.recall(against: truth) == 1)
    // The answers of the next query are mostly wrong.
    let turned = try exactNearest(
      in: table, queries: VectorTable(rows: Array(rows[1...] + rows[..<1])), metric: .innerProduct, k: 5)
    var other = NeighborRows(count: 200, k: 5)
    for row in 0..<200 {
      for i in 0..<5 {
        let id = turned.ids[5 * row + i]
        other.ids[5 * row + i] = id
        other.distances[5 * row + i] = -zip(rows[row], rows[Int(id)]).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    #expect(other.recall(against: truth) < 0.6)
  }

  @Test("Rows whose sums leave 32-bit floats are refused by number; those just below are ordered right")
  func longVectors() throws {
    func refusal(_ rows: [[Float]], _ metric: Metric, asQueries: Bool = false) throws -> String? {
      let table = try VectorTable(rows: rows)
      do throws(MillError) {
        try table.check(for: metric, areQueries: asQueries)
        return nil
      } catch {
        #expect(error.kind == .notRepresentable && error.exitCode == 65)
        return error.message
      }
    }
    for metric in [Metric.l2, .innerProduct] {
      #expect(try refusal([[1, 1], [1e19, 0]], metric)?.hasPrefix("row 1 is too long") == true)
      #expect(try refusal([[1, 1], [3e18, 0], [0, 4e18]], metric) == nil)
      #expect(try refusal([[1, 1], [4e18, 4e18]], metric)?.hasPrefix("row 1 is too long") == true)
      #expect(try refusal([[1e-20, 0], [2e-20, 0]], metric)?.hasPrefix("all rows are so short") == true)
      #expect(try refusal([[0, 0], [0, 0]], metric) == nil)
      #expect(try refusal([[1e-20, 0], [1, 0]], metric) == nil)
    }
    #expect(try refusal([[1e-20]], .l2, asQueries: true) == nil)
    #expect(try refusal([[1e-20]], .innerProduct, asQueries: true)?.hasPrefix("row 0 is so short") == true)
    #expect(try refusal([[1e38, 1e38]], .l1)?.hasPrefix("row 0 is too long") == true)
    #expect(try refusal([[1e37, 1e37]], .l1) == nil)
    #expect(try refusal([[2e38, 0]], .chebyshev)?.hasPrefix("row 0 is too long") == true)
    #expect(try refusal([[1e38, 1e38]], .cosine) == nil)
    let far = try VectorTable(rows: [[4e18], [-4e18], [3e18]])
    let found = try exactNearest(in: far, queries: far, metric: .l2, k: 3)
    #expect(found.ids == [0, 2, 1, 1, 2, 0, 2, 0, 1])
    #expect(found.distances.allSatisfy { $0.isFinite })
  }

  @Test func probabilitiesAreNotNegative() throws {
    let table = try VectorTable(rows: [[0.5, 0.5], [0.25, -0.25]])
    for metric in [Metric.jensenShannon, .jeffreys] {
      let failure = #expect(throws: MillError.self) { try table.check(for: metric) }
      #expect(failure?.message == "row 1, column 1 is negative, which no probability is")
      let query = #expect(throws: MillError.self) { try table.checkQuery([1, -1], for: metric) }
      #expect(query?.exitCode == 65)
    }
    try table.check(for: .l1)
  }

  @Test("The lowest row is named, for every thread count", arguments: [1, 2, 4])
  func lowestRow(threads: Int) throws {
    let table = try VectorTable(dimension: 2, count: 20_000)
    for row in [19_000, 9_000, 15_000] {
      table.mutableRow(row)?.storeBytes(of: Float.nan, toByteOffset: 4, as: Float.self)
    }
    #expect(throws: MillError.notFinite(row: 9_000, column: 1)) {
      try table.checkFinite(context: RunContext(threads: threads))
    }
    #expect(throws: MillError.notFinite(row: 9_000, column: 1)) {
      try table.check(for: .l2, context: RunContext(threads: threads))
    }
  }

  @Test("Cosine distances of near-duplicates are never below 0", arguments: 0..<10 as Range<UInt64>)
  func nearDuplicates(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "near duplicates")
    let center = (0..<33).map { _ in Float(random.unit()) - 0.5 }
    let rows = (0..<50).map { _ in center.map { $0 * (1 + Float(random.unit()) * 1e-6) } }
    let table = try VectorTable(rows: rows)
    for type in [ElementType.float32, .float16, .bfloat16] {
      let typed = try table.converted(to: type)
      let found = try exactNearest(in: typed, queries: typed, metric: .cosine, k: 50)
      #expect(found.distances.allSatisfy { $0 >= 0 })
    }
  }

  @Test func plainDistances() throws {
    #expect(Metric.l2.plainDistance(9) == 3 && Metric.l2.searchDistance(3) == 9 && Metric.l2.searchDistance(-1) == -1)
    #expect(Metric.l1.plainDistance(9) == 9 && Metric.innerProduct.searchDistance(-2) == -2)
    var rows = NeighborRows(count: 2, k: 1)
    rows.ids = [4, -1]
    rows.distances = [16, .infinity]
    #expect(rows.plain(under: .l2).distances == [4, .infinity])
    let wide = rows.padded(to: 3)
    #expect(wide.ids == [4, -1, -1, -1, -1, -1] && wide.k == 3 && wide.count == 2)
    #expect(wide[0] == [Neighbor(id: 4, distance: 16)] && wide[1].isEmpty)
  }

  @Test func elementsThatSuitADistance() throws {
    let sets = try VectorTable(rows: [[1, 0, 1], [0, 0, 1]])
    #expect(try sets.suited(to: .jaccard).elementType == .bit)
    #expect(try sets.converted(to: .uint8).suited(to: .hamming).dimension == 24)
    #expect(try sets.converted(to: .uint8).suited(to: .l1).elementType == .float32)
    let numbers = try VectorTable(rows: [[1, 0], [0, 0.5]])
    let failure = #expect(throws: MillError.self) { try numbers.suited(to: .jaccard) }
    #expect(failure?.message == "the distance jaccard is between sets of bits, but row 1, column 1 is 0.5")
    #expect(failure?.exitCode == 64)
  }
}
