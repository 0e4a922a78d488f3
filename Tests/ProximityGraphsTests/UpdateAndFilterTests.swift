import GraphStore
import MillRuntime
import Synchronization
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct UpdateAndFilterTests {
  @Test("Filtered recall in all three forms, never too few", arguments: [0.001, 0.01, 0.1, 0.5, 0.9])
  func filtered(share: Double) throws {
    let table = try Samples.uniform(6000, 6)
    var options = HNSWOptions()
    options.efConstruction = 60
    options.repair = .reach
    let index = try HNSWIndex(building: table, metric: .l2, options: options)
    var random = CounterRandom(seed: 6, stage: "filter")
    let isAllowed = (0..<6000).map { _ in random.unit() < share }
    let filter = index.filter { isAllowed[$0] }
    #expect(filter.count == isAllowed.count { $0 })
    let allowed = (0..<UInt32(6000)).filter { isAllowed[Int($0)] }
    for exact in [ExactPolicy.automatic, .never] {
      let search = SearchOptions(ef: 100, exact: exact)
      var hits = 0
      var wanted = 0
      for row in 0..<30 {
        let query = try Samples.uniform(1, 6, seed: UInt64(1000 + row)).floats(0)
        let found = try index.search(query, k: 10, options: search, filter: filter).neighbors
        let (buffer, _) = try index.vectors.encoded(query, for: index.metric)
        let best = index.core.points.exactNearest(to: UnsafeRawPointer(buffer.base), k: 10, among: allowed)
        #expect(found.count == min(10, filter.count))
        #expect(found.allSatisfy { isAllowed[$0.key] })
        hits += Set(found).intersection(keyed(best)).count
        wanted += best.count
      }
      // Never to scan for 60 of 6,000 objects is what the automatic choice is there to avoid.
      let floor = exact == .never && share == 0.01 ? 0.9 : 0.95
      #expect(Double(hits) >= floor * Double(wanted), "\(exact): \(hits) of \(wanted)")
    }
  }

  @Test func deletionAndCompaction() throws {
    let table = try Samples.clustered(1600, 8, clusters: 20)
    let index = try HNSWIndex(building: table, metric: .l2)
    var random = CounterRandom(seed: 7, stage: "deletion")
    var live: [UInt32] = []
    for id in 0..<1600 {
      if random.below(2) == 0 { try index.remove(key: id) } else { live.append(UInt32(id)) }
    }
    #expect(index.shouldCompact)
    #expect(index.count == live.count)
    let queries = try Samples.clustered(60, 8, clusters: 20, seed: 8)
    let points = try PointSet(table, metric: .l2)
    func recall(_ ef: Int) throws -> Double {
      var hits = 0
      for row in 0..<60 {
        let found = try index.search(queries.floats(row), k: 10, options: graphOptions(ef: ef)).neighbors
        let best = points.exactNearest(to: queries.row(row), k: 10, among: live)
        #expect(found.count == 10)
        hits += Set(found).intersection(keyed(best)).count
      }
      return Double(hits) / 600
    }
    #expect(try recall(128) >= 0.97)
    try index.compact()
    #expect(index.count == live.count && !index.shouldCompact)
    #expect(index.unreachableCount() == 0)
    #expect(try recall(64) >= 0.98)
    #expect(refusal { _ = try index.update(table.floats(0), key: 1700) }?.kind == .unknownKey)
    for id in live { try index.remove(key: Int(id)) }
    #expect(try index.search(table.floats(0), k: 3, options: graphOptions(ef: 30)).neighbors.isEmpty)
    try index.compact()
    #expect(index.count == 0)
    #expect(try index.search(table.floats(0), k: 3).neighbors.isEmpty)
    #expect(try index.add(table.floats(0), key: 5) == 5)
    #expect(try index.search(table.floats(0), k: 3).keys == [5])
  }

  @Test func updatesKeepKeysAndSize() throws {
    let table = try Samples.uniform(300, 4)
    var options = HNSWOptions()
    options.m = 6
    options.efConstruction = 30
    let index = try HNSWIndex(building: table, metric: .l2, options: options)
    let folder = TemporaryFolder()
    let path = folder.file("size.gmx")
    let before = try index.write(to: path)
    for round in 1...5 {
      for key in 0..<300 { try index.update(table.floats((key + round) % 300), key: key) }
      try index.compact()
    }
    #expect(index.count == 300)
    for key in stride(from: 0, to: 300, by: 17) {
      #expect(index.vector(forKey: key) == table.floats((key + 5) % 300))
      #expect(
        try index.search(table.floats((key + 5) % 300), k: 1, options: graphOptions(ef: 64)).neighbors.first?.key == key
      )
    }
    // Keys come on top: they were the row numbers.
    #expect(try index.write(to: path, replaces: true) < before * 11 / 10 + 300 * 8 + 4096)
  }

  @Test("A removed representative hands its place on") func removedRepresentative() throws {
    let table = try Samples.uniform(100, 3)
    for _ in 0..<10 { try table.append([5, 5, 5]) }
    let index = try HNSWIndex(building: table, metric: .l2)
    try index.remove(key: 100)
    #expect(
      try index.search([5, 5, 5], k: 9, options: graphOptions(ef: 20)).keys == Array(101..<110))
    try index.compact()
    #expect(
      try index.search([5, 5, 5], k: 9, options: graphOptions(ef: 20)).keys == Array(101..<110))
    #expect(index.unreachableCount() == 0)
  }

  @Test func rangeSearch() throws {
    let table = try Samples.uniform(2000, 2)
    let index = try HNSWIndex(building: table, metric: .l2)
    let query: [Float] = [0.5, 0.5]
    let exact = try exactNearest(in: table, queries: VectorTable(rows: [query]), metric: .l2, k: 2000)[0]
    for radius in [0.0001, 0.01, 0.09] as [Float] {
      let found = try index.search(query, radius: radius, options: SearchOptions(ef: 32)).neighbors
      #expect(found == keyed(exact.filter { $0.distance <= radius }))
    }
  }

  @Test("Codes with exact re-ranking", arguments: Quantization.allCases)
  func quantized(form: Quantization) throws {
    let table = try Samples.clustered(2000, 24, clusters: 15)
    let queries = try Samples.clustered(50, 24, clusters: 15, seed: 3)
    for metric in [Metric.l2, .cosine, .innerProduct] {
      let index = try HNSWIndex(building: table, metric: metric)
      try index.quantize(form)
      #expect(index.quantization == form)
      var options = graphOptions(ef: 200)
      options.rerank = form == .bit ? 200 : nil
      let found = try index.search(queries, k: 10, options: options).rows
      let exact = try exactNearest(in: table, queries: queries, metric: metric, k: 10)
      var hits = 0
      for row in 0..<50 { hits += Set(found[row]).intersection(exact[row]).count }
      #expect(Double(hits) / 500 >= (form == .bit ? 0.75 : form == .bfloat16 ? 0.9 : 0.97), "\(metric)")
    }
  }

  @Test("Searches from many threads equal the serial ones") func concurrency() async throws {
    let table = try Samples.uniform(800, 6)
    let index = try HNSWIndex(building: table, metric: .l2)
    let serial = try (0..<64).map { try index.search(table.floats($0), k: 5, options: graphOptions(ef: 30)) }
    let batch = try index.search(table, k: 5, options: graphOptions(ef: 30), context: RunContext(threads: 4)).rows
    for row in 0..<64 { #expect(keyed(batch[row]) == serial[row].neighbors) }
    let results = try await withThrowingTaskGroup(of: (Int, SearchResult).self) { group in
      for row in 0..<64 {
        group.addTask { (row, try index.search(table.floats(row), k: 5, options: graphOptions(ef: 30))) }
      }
      return try await group.reduce(into: [Int: SearchResult]()) { $0[$1.0] = $1.1 }
    }
    for row in 0..<64 { #expect(results[row] == serial[row]) }
  }

  @Test func neighborGraphs() throws {
    let table = try Samples.uniform(400, 3)
    let index = try HNSWIndex(building: table, metric: .l2)
    let exact = try exactNearest(in: table, queries: table, metric: .l2, k: 6)
    func near(_ row: Int) -> Set<Int> { Set(exact[row].map(\.id)).subtracting([row]) }
    let directed = try index.neighborGraph(k: 5, symmetry: .directed, isWeighted: true, options: graphOptions(ef: 400))
    #expect(directed.isDirected && directed.isWeighted && directed.nodeCount == 400 && directed.arcCount == 2000)
    let union = try index.neighborGraph(k: 5, symmetry: .union)
    let mutual = try index.neighborGraph(k: 5, symmetry: .mutual)
    for node in 0..<400 {
      #expect(Set(directed.neighbors(of: node)) == near(node))
      let incoming = Set((0..<400).filter { near($0).contains(node) })
      #expect(Set(union.neighbors(of: node)) == near(node).union(incoming))
      #expect(Set(mutual.neighbors(of: node)) == near(node).intersection(incoming))
    }
  }

  @Test func objectsOfAnyKind() throws {
    var random = CounterRandom(seed: 11, stage: "words")
    let words = (0..<600).map { _ in (0..<4 + Int(random.below(6))).map { _ in 97 + UInt32(random.below(4)) } }
    let index = try ObjectIndex(building: ObjectTable(LevenshteinSpace(), words))
    #expect(index.unreachableCount() == 0)
    var hits = 0
    for row in stride(from: 0, to: 600, by: 20) {
      let found = try index.search(words[row], k: 5, ef: 100).neighbors
      let exact = index.exactSearch(words[row], k: 5)
      hits += zip(found, exact).count { $0.distance <= $1.distance }
    }
    #expect(hits >= 145)
    #expect(try index.search(words[0], k: 600, ef: 600).neighbors == index.exactSearch(words[0], k: 600))
  }

  @Test func neighborhoodsOfAGraph() throws {
    // Two complete bipartite halves: nodes of one side share all neighbors.
    var edges: [(Int, Int)] = []
    for u in 0..<6 { for v in 6..<12 { edges.append((u, v)) } }
    let graph = try CSRGraph(nodeCount: 13, edges: edges)
    for similarity in NeighborhoodSimilarity.allCases {
      let space = NeighborhoodSpace(graph, similarity: similarity)
      #expect(space.distance(0, 5) == 0)
      #expect(space.distance(0, 6) == 1)
      #expect(space.distance(12, 0) == 1)
      #expect(space.distance(12, 12) == 0)
      let near = try ObjectIndex(building: space.nodes).neighborGraph(k: 5, symmetry: .mutual)
      for node in 0..<6 { #expect(Array(near.neighbors(of: node)) == (0..<6).filter { $0 != node }) }
    }
  }

  /// 300 groups of 8 nodes that share 4 of their 8 possible neighbors: nearly all pairs are at distance 1.
  @Test("Neighborhoods are found where nearly all nodes are equally far", arguments: [1, 3])
  func sparseNeighborhoods(threads: Int) throws {
    var random = CounterRandom(seed: 5, stage: "groups")
    var edges: [(Int, Int)] = []
    for group in 0..<300 {
      for member in 0..<8 {
        var free = Array(0..<8)
        for _ in 0..<4 {
          let pick = free.remove(at: Int(random.below(UInt64(free.count))))
          edges.append((group * 8 + member, 2400 + group * 8 + pick))
        }
      }
    }
    let graph = try CSRGraph(nodeCount: 4800, edges: edges)
    let nodes = (0..<UInt32(2400)).map { $0 }
    var options = HNSWOptions()
    options.efConstruction = 40
    let context = RunContext(threads: threads)
    let index = try ObjectIndex(neighborhoodsOf: graph, nodes: nodes, options: options, context: context)
    #expect(index.unreachableCount() == 0)
    var hits = 0
    for node in stride(from: UInt32(0), to: 2400, by: 24) {
      let found = try index.search(node, k: 6, ef: 32).neighbors
      let exact = index.exactSearch(node, k: 6)
      #expect(found.first?.key == Int(node))
      hits += zip(found, exact).count { $0.distance <= $1.distance }
    }
    #expect(hits >= 590, "\(hits) of 600")
    let one = try ObjectIndex(
      neighborhoodsOf: graph, nodes: nodes, options: options, context: RunContext(threads: 1))
    #expect(one.report == index.report)
    #expect(throws: MillError.self) { try ObjectIndex(neighborhoodsOf: graph, nodes: [1, 1]) }
    #expect(throws: MillError.self) { try ObjectIndex(neighborhoodsOf: graph, nodes: [9999]) }
  }
}
