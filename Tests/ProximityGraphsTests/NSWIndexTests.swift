import GraphStore
import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

/// Searches through the flat graph, never by scan.
func flatOptions(restarts: Int, beam: Int? = nil) -> SearchOptions {
  SearchOptions(ef: beam, restarts: restarts, exact: .never)
}

@Suite struct NSWIndexTests {
  private func lists(_ index: NSWIndex) -> [[Int]] {
    (0..<UInt32(index.count)).map { index.lists.list($0).map { Int($0) } }
  }

  /// Uniform points, the last ones equal.
  private func withCopies(_ count: Int, copies: Int) throws -> VectorTable {
    let table = try Samples.uniform(count, 4)
    for _ in 0..<copies { try table.append([0.5, 0.5, 0.5, 0.5]) }
    return table
  }

  @Test("The first f + 1 nodes are complete", arguments: [1, 2, 5, 9]) func complete(n: Int) throws {
    var options = NSWOptions()
    options.links = 8
    let index = try NSWIndex(building: Samples.uniform(n, 3), metric: .l2, options: options)
    #expect(lists(index) == (0..<n).map { id in (0..<n).filter { $0 != id } })
    #expect(index.linkCount == n * (n - 1) / 2)
  }

  /// By hand: of 0, 10, 11, 1 in this order, each is linked to the nearest one before it.
  @Test func oneLinkEach() throws {
    var options = NSWOptions()
    options.links = 1
    options.buildRestarts = 50
    options.shuffles = false
    let index = try NSWIndex(building: VectorTable(rows: [[0], [10], [11], [1]]), metric: .l1, options: options)
    #expect(lists(index) == [[1, 3], [0, 2], [1], [0]])
    #expect(index.degrees == [2, 2, 1, 1])
  }

  @Test("The graph, the answers and the costs are those of the paper's form", arguments: [1, 4, 7] as [UInt64])
  func reference(seed: UInt64) throws {
    let table = try withCopies(200, copies: 30)
    var options = NSWOptions()
    options.links = 5
    options.buildRestarts = 2
    options.seed = seed
    options.shuffles = seed != 4
    let index = try NSWIndex(building: table, metric: .l2, options: options)
    var plain = try NSWReference(building: table, options)
    #expect(lists(index) == plain.neighbors.map { $0.sorted() })
    #expect(index.buildCounters == plain.counters)
    let queries = try Samples.uniform(10, 4, seed: 5)
    let even = index.filter { $0 % 2 == 0 }
    for row in 0..<10 {
      for (restarts, k, isFiltered) in [(1, 1, false), (3, 7, false), (6, 40, false), (3, 7, true), (1, 230, true)] {
        let bytes = UnsafeRawBufferPointer(start: queries.row(row), count: 16)
        var random = RandomStream(seed: seed, stage: "nsw search").item(xxh3(bytes))
        plain.counters = SearchCounters()
        let wanted = plain.search(
          queries.row(row), k: isFiltered ? min(k, 115) : k, restarts: restarts, among: Array(0..<230), &random
        ) { !isFiltered || $0 % 2 == 0 }
        let found = try index.search(
          queries.floats(row), k: k, options: flatOptions(restarts: restarts), filter: isFiltered ? even : nil)
        #expect(found.neighbors == wanted.map { KeyedNeighbor(key: $0.id, distance: $0.distance) })
        #expect(found.counters == plain.counters)
      }
    }
  }

  @Test("Recall rises with the restarts; the stop rule looks at each restart's own results") func restarts() throws {
    let table = try Samples.uniform(2500, 8)
    let queries = try Samples.uniform(60, 8, seed: 2)
    let exact = try exactNearest(in: table, queries: queries, metric: .l2, k: 1)
    let index = try NSWIndex(building: table, metric: .l2)
    #expect(index.degrees.allSatisfy { $0 >= 16 })
    #expect(index.linkCount == 16 * 2500 - 16 * 17 / 2)
    #expect(index.unreachableCount() == 0)
    var last = 0.0
    var distances: UInt64 = 0
    for restarts in [1, 4, 16] {
      let found = try index.search(queries, k: 1, options: flatOptions(restarts: restarts))
      let recall = found.rows.recall(against: exact)
      #expect(recall >= last)
      #expect(found.counters.distances > distances)
      (last, distances) = (recall, found.counters.distances)
    }
    #expect(last >= 0.99)
  }

  @Test("With many restarts the answers are those of a scan", arguments: [Metric.l2, .cosine, .l1, .innerProduct])
  func exhausted(metric: Metric) throws {
    let table = try withCopies(300, copies: 20)
    let queries = try Samples.uniform(12, 4, seed: 3)
    let exact = try exactNearest(in: table, queries: queries, metric: metric, k: 9)
    let index = try NSWIndex(building: table, metric: metric)
    let found = try index.search(queries, k: 9, options: flatOptions(restarts: 20_000))
    #expect(found.rows == exact)
    // Every object was looked at once, and the draws ended then.
    #expect(found.counters.distances == 12 * 320)
    let scan = try index.search(queries, k: 9)
    #expect(scan.rows == exact && scan.counters == SearchCounters(distances: 12 * 320))
  }

  @Test("A batch is its queries one at a time, for every number of threads") func batch() throws {
    let table = try Samples.clustered(900, 6, clusters: 9)
    let keys = (0..<900).map { (7 * $0) % 900 }
    let index = try NSWIndex(building: table, metric: .cosine, keys: keys)
    let queries = try Samples.uniform(100, 6, seed: 2)
    var options = flatOptions(restarts: 3, beam: 12)
    for isFiltered in [false, true] {
      let filter = isFiltered ? index.filter { $0 % 3 == 0 } : nil
      let batch = try index.search(
        queries, k: 5, options: options, filter: filter, context: RunContext(threads: 1))
      for threads in [2, 4] {
        let other = try index.search(
          queries, k: 5, options: options, filter: filter, context: RunContext(threads: threads))
        #expect(other == batch)
      }
      var counters = SearchCounters()
      for row in 0..<100 {
        let one = try index.search(queries.floats(row), k: 5, options: options, filter: filter)
        #expect(one.neighbors == batch[row] && !one.isExact)
        counters += one.counters
      }
      #expect(counters == batch.counters)
      options.ef = 60
      let wider = try index.search(queries, k: 5, options: options, filter: filter)
      options.ef = 12
      #expect(wider.counters.distances > batch.counters.distances)
    }
    // From many threads at once.
    let alone = try (0..<100).map { try index.search(queries.floats($0), k: 5, options: options).neighbors }
    var rows = NeighborRows(count: 100, k: 5)
    rows.fill(threads: 4, chunk: 1) { row, _ in
      let found = try? index.search(queries.floats(row), k: 5, options: options).neighbors
      return found?.map { Neighbor(id: $0.key, distance: $0.distance) } ?? []
    }
    #expect((0..<100).map { keyed(rows[$0]) } == alone)
  }

  @Test("Filters: allowed objects alone, never fewer than there are") func filters() throws {
    let table = try Samples.uniform(1500, 6)
    let index = try NSWIndex(building: table, metric: .l2, keys: (0..<1500).map { 2 * $0 })
    let points = try PointSet(table, metric: .l2)
    for step in [2, 10, 300, 1500] {
      var options = flatOptions(restarts: 1)
      let filter = index.filter { $0 % (2 * step) == 0 }
      let allowed = (0..<UInt32(1500)).filter { Int($0) % step == 0 }
      #expect(filter.count == allowed.count)
      for row in 0..<10 {
        let query = table.floats(row).map { $0 + 0.02 }
        let exact = try query.withUnsafeBytes { bytes in
          points.exactNearest(to: try #require(bytes.baseAddress), k: 10, among: allowed)
        }
        options.restarts = 1
        let found = try index.search(query, k: 10, options: options, filter: filter)
        #expect(found.neighbors.count == min(10, allowed.count) && !found.isExact)
        #expect(found.keys.allSatisfy { $0 % (2 * step) == 0 })
        for policy in [ExactPolicy.never, .automatic] {
          options.restarts = 30_000
          options.exact = policy
          let all = try index.search(query, k: 10, options: options, filter: filter)
          #expect(all.neighbors == exact.map { KeyedNeighbor(key: 2 * $0.id, distance: $0.distance) })
          #expect(all.isExact == (policy == .automatic))
        }
        options.exact = .never
      }
    }
    let other = try NSWIndex(building: Samples.uniform(10, 6), metric: .l2)
    #expect(throws: MillError.self) { try index.search(table.floats(0), k: 1, filter: other.filter { _ in true }) }
  }

  @Test func duplicatesStayConnected() throws {
    let table = try Samples.uniform(400, 4)
    for _ in 0..<600 { try table.append([9, 9, 9, 9]) }
    for isShuffled in [true, false] {
      var options = NSWOptions()
      options.shuffles = isShuffled
      let index = try NSWIndex(building: table, metric: .l2, options: options)
      #expect(index.unreachableCount() == 0)
      let found = try index.search([9, 9, 9, 9], k: 700, options: flatOptions(restarts: 1)).neighbors
      #expect(found.count == 700)
      #expect(found.prefix(600).map(\.key) == Array(400..<1000))
    }
  }

  @Test("Threads and kernels do not change the graph") func sameGraph() throws {
    let table = try Samples.clustered(400, 12, clusters: 5)
    let first = try NSWIndex(building: table, metric: .cosine, context: RunContext(threads: 1))
    for threads in [2, 4] {
      let index = try NSWIndex(building: table, metric: .cosine, context: RunContext(threads: threads))
      #expect(lists(index) == lists(first) && index.buildCounters == first.buildCounters)
    }
    var options = NSWOptions()
    options.seed = 43
    #expect(lists(try NSWIndex(building: table, metric: .cosine, options: options)) != lists(first))
  }

  @Test func neighborGraphs() throws {
    let table = try withCopies(300, copies: 12)
    let keys = (0..<312).map { 1000 - $0 }
    let index = try NSWIndex(building: table, metric: .l2, keys: keys)
    let exact = try HNSWIndex(building: table, metric: .l2, keys: keys)
    for symmetry in NeighborSymmetry.allCases {
      let graph = try index.neighborGraph(k: 5, symmetry: symmetry, isWeighted: true)
      let wanted = try exact.neighborGraph(k: 5, symmetry: symmetry, isWeighted: true)
      #expect(graph.fingerprint() == wanted.fingerprint())
    }
    let walked = try index.neighborGraph(
      k: 5, symmetry: .directed, options: flatOptions(restarts: 1), context: RunContext(threads: 1))
    #expect(walked.nodeCount == 312 && walked.arcCount == 5 * 312)
    let again = try index.neighborGraph(
      k: 5, symmetry: .directed, options: flatOptions(restarts: 1), context: RunContext(threads: 4))
    #expect(walked.fingerprint() == again.fingerprint())
    // A walk that begins at the object itself finds nearly all of its neighbors.
    let all = try index.neighborGraph(k: 5, symmetry: .directed)
    let hits = (0..<312).reduce(0) { sum, node in
      sum + Set(walked.neighbors(of: node)).intersection(all.neighbors(of: node)).count
    }
    #expect(hits >= 5 * 312 * 95 / 100)
    #expect(try index.neighborGraph(k: 0).edgeCount == 0)
    #expect(try index.neighborGraph(k: 5000, symmetry: .directed).arcCount == 311 * 312)
    let empty = try NSWIndex(building: VectorTable(dimension: 2), metric: .l2)
    #expect(try empty.neighborGraph(k: 3).nodeCount == 0)
    let stop = Cancellation()
    stop.request()
    #expect(throws: MillError.self) { try index.neighborGraph(k: 3, context: RunContext(cancellation: stop)) }
    #expect(throws: MillError.self) {
      try NSWIndex(building: table, metric: .l2, context: RunContext(cancellation: stop))
    }
  }

  @Test func emptyTinyAndBad() throws {
    let empty = try NSWIndex(building: VectorTable(dimension: 2), metric: .l2)
    #expect(empty.degrees.isEmpty && empty.count == 0 && empty.unreachableCount() == 0)
    for exact in [ExactPolicy.automatic, .never, .always] {
      var options = SearchOptions()
      options.exact = exact
      #expect(try empty.search([0, 0], k: 3, options: options).neighbors.isEmpty)
      let index = try NSWIndex(building: VectorTable(rows: [[1, 2], [3, 4]]), metric: .l2, keys: [8, 5])
      #expect(try index.search([0, 0], k: 0, options: options).neighbors.isEmpty)
      #expect(try index.search([0, 0], k: -1, options: options).neighbors.isEmpty)
      #expect(try index.search([0, 0], k: .max, options: options).keys == [8, 5])
      let queries = try VectorTable(rows: [[9, 9], [0, 0]])
      #expect(try index.search(queries, k: 9, options: options).rows[0].map(\.id) == [5, 8])
      // Equally far: the lower key first.
      #expect(try index.search([2, 3], k: 2, options: options).keys == [5, 8])
      #expect(try index.search([0, 0], k: 3, options: options) { _ in false }.neighbors.isEmpty)
    }
    let table = try Samples.uniform(50, 3)
    let index = try NSWIndex(building: table, metric: .l2)
    #expect(refusal { _ = try index.search([1, 2], k: 1) }?.exitCode == 65)
    #expect(refusal { _ = try index.search(VectorTable(rows: [[1, 2]]), k: 1) }?.exitCode == 65)
    #expect(refusal { _ = try index.search([1, .nan, 0], k: 1) }?.exitCode == 65)
    for options in [flatOptions(restarts: 0), flatOptions(restarts: 1 << 21), flatOptions(restarts: 1, beam: 0)] {
      #expect(throws: MillError.self) { try index.search([1, 2, 3], k: 1, options: options) }
    }
    #expect(
      refusal { _ = try NSWIndex(building: Samples.uniform(3, 2), metric: .l2, keys: [1, 2, 1]) }?.kind == .duplicateKey
    )
    #expect(refusal { _ = try NSWIndex(building: table, metric: .l2, keys: [1]) }?.kind == .keyCount)
    #expect(refusal { _ = try NSWIndex(building: table, metric: .hamming) }?.exitCode == 64)
    for (links, restarts) in [(0, 4), (1025, 4), (16, 0), (16, 1001)] {
      var options = NSWOptions()
      options.links = links
      options.buildRestarts = restarts
      #expect(throws: MillError.self) { try NSWIndex(building: table, metric: .l2, options: options) }
    }
  }

  @Test func keysAndVectors() throws {
    let index = try NSWIndex(
      building: VectorTable(rows: [[0, 0], [1, 0], [3, 4], [0, 0]]), metric: .cosine, keys: [5, 9, 7, 6])
    #expect(index.contains(key: 7) && !index.contains(key: 2))
    #expect(index.vector(forKey: 7) == [3, 4] && index.vector(forKey: 0) == nil)
    // Zero vectors are at distance 1 from everything.
    let found = try index.search([0, 0], k: 4, options: flatOptions(restarts: 2)).neighbors
    #expect(found.map(\.key) == [5, 6, 7, 9] && found.allSatisfy { $0.distance == 1 })
    let plain = try NSWIndex(building: VectorTable(rows: [[0], [2]]), metric: .l2)
    #expect(plain.contains(key: 1) && !plain.contains(key: 2) && !plain.contains(key: -1))
    #expect(plain.vector(forKey: 1) == [2])
  }

  @Test("A shared set", .needsSharedData("vectors/digits.fvecs")) func digits() throws {
    let base = try readVectors(SharedData.path("vectors/digits.fvecs"))
    let queries = try readVectors(SharedData.path("vectors/digits.queries.fvecs"))
    let exact = try exactNearest(in: base, queries: queries, metric: .l2, k: 10)
    let index = try NSWIndex(building: base, metric: .l2)
    #expect(index.unreachableCount() == 0)
    let found = try index.search(queries, k: 10, options: flatOptions(restarts: 4))
    #expect(found.rows.recall(against: exact) >= 0.98)
  }
}
