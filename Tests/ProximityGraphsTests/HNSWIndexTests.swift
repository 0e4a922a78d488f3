import GraphStore
import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct HNSWIndexTests {
  private func bytes(_ index: HNSWIndex) throws -> [UInt8] {
    let folder = TemporaryFolder()
    let path = folder.file("index.gmx")
    try index.write(to: path)
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  private func checkLists(_ index: HNSWIndex) {
    let links = index.core.links
    let view = links.view
    for id in 0..<UInt32(links.count) where links.levels[Int(id)] != LinkStore.chained {
      for level in 0...Int(links.levels[Int(id)]) {
        guard let list = view.list(id, level) else {
          Issue.record("node \(id) has no list on level \(level)")
          continue
        }
        let ids = (0..<view.length(list, level)).map { list[$0] }
        #expect(Set(ids).count == ids.count, "node \(id) repeats a link")
        #expect(!ids.contains(id), "node \(id) links to itself")
        for target in ids {
          #expect(links.levels[Int(target)] != LinkStore.chained && Int(links.levels[Int(target)]) >= level)
        }
        for slot in ids.count..<view.cap(level) { #expect(list[slot] == LinkStore.none) }
      }
    }
    #expect(Int(links.levels[Int(index.core.entry)]) == index.core.top)
  }

  @Test("Degrees, levels, reachability", arguments: [false, true])
  func structure(isSequential: Bool) throws {
    var options = HNSWOptions()
    options.m = 6
    options.efConstruction = 40
    options.isSequential = isSequential
    let index = try HNSWIndex(building: Samples.uniform(1500, 8), metric: .l2, options: options)
    checkLists(index)
    #expect(index.unreachableCount() == 0)
    #expect(try index.selfMissCount() == 0)
    #expect(index.levelCounts.first == 1500)
  }

  @Test func smallSequentialGraphIsComplete() throws {
    var options = HNSWOptions()
    options.isSequential = true
    let index = try HNSWIndex(building: Samples.uniform(17, 4), metric: .l2, options: options)
    let view = index.core.links.view
    for id in 0..<UInt32(17) { #expect(view.length(try #require(view.list(id, 0)), 0) == 16) }
  }

  @Test func levelsFollowTheirLaw() {
    let n = 100_000
    let thresholds = LevelDraw.thresholds(scale: HNSWOptions().scale)
    let levels = (0..<n).map { LevelDraw.level(of: $0, seed: 42, thresholds: thresholds) }
    for (j, power) in [(1, 16.0), (2, 256.0), (3, 4096.0)] {
      let expected = Double(n) / power
      let count = Double(levels.count { $0 >= j })
      #expect(abs(count - expected) <= 4 * expected.squareRoot(), "level \(j): \(count)")
    }
  }

  @Test("The same bytes for every thread count; other bytes for another seed")
  func threads() throws {
    let table = try Samples.clustered(1200, 10, clusters: 30)
    var options = HNSWOptions()
    options.m = 8
    options.efConstruction = 40
    let files = try [1, 2, 4].map { threads in
      try bytes(HNSWIndex(building: table, metric: .l2, options: options, context: RunContext(threads: threads)))
    }
    #expect(files[0] == files[1] && files[0] == files[2])
    options.seed = 7
    #expect(try bytes(HNSWIndex(building: table, metric: .l2, options: options)) != files[0])
  }

  @Test("ef at n gives the exact answer", arguments: [1, 2, 8, 64])
  func exactnessLimit(dimension: Int) throws {
    let table = try Samples.uniform(500, dimension)
    let queries = try Samples.uniform(10, dimension, seed: 2)
    for metric in [Metric.l2, .innerProduct, .cosine, .l1, .chebyshev, .jensenShannon] {
      let index = try HNSWIndex(building: table, metric: metric)
      let found = try index.search(queries, k: 10, options: graphOptions(ef: 500)).rows
      let exact = try exactNearest(in: table, queries: queries, metric: metric, k: 10)
      #expect(found == exact, "\(metric) d = \(dimension)")
      for row in 0..<10 {
        #expect(
          try index.search(queries.floats(row), k: 10, options: graphOptions(ef: 500)).neighbors == keyed(exact[row]))
      }
    }
  }

  @Test func bitsAndBytes() throws {
    var random = CounterRandom(seed: 3, stage: "bits")
    let bits = try VectorTable(.bit, dimension: 96)
    let octets = try VectorTable(.uint8, dimension: 20)
    for _ in 0..<400 {
      try bits.append((0..<96).map { _ in Float(random.below(2)) })
      try octets.append((0..<20).map { _ in Float(random.below(256)) })
    }
    for (table, metric) in [(bits, Metric.hamming), (bits, .jaccard), (octets, .l2)] {
      let index = try HNSWIndex(building: table, metric: metric)
      let found = try index.search(table, k: 5, options: graphOptions(ef: 400)).rows
      #expect(found == (try exactNearest(in: table, queries: table, metric: metric, k: 5)))
    }
  }

  @Test("Heap and array form give the same pool")
  func heapForm() throws {
    let table = try Samples.clustered(1500, 6, clusters: 10)
    let index = try HNSWIndex(building: table, metric: .l2)
    let view = index.core.view
    let context = try index.core.acquire(ef: 64)
    for ef in [1, 5, 64] {
      for row in stride(from: 0, to: 1500, by: 97) {
        let query = UnsafeRawPointer(table.row(row))
        var entries = view.descend(query, entry: index.core.entry, top: index.core.top, to: 0, context)
        let count = view.search(query, entries: entries, ef: ef, level: 0, context)
        let array = (0..<count).map { context.pool[$0] & ~1 }
        entries = view.descend(query, entry: index.core.entry, top: index.core.top, to: 0, context)
        let heapCount = view.searchAllowed(query, entries: entries, ef: ef, allowed: nil, context)
        #expect(array == (0..<heapCount).map { context.pool[$0] & ~1 })
      }
    }
  }

  @Test func recallAndMonotoneCost() throws {
    let table = try Samples.clustered(3000, 16, clusters: 60)
    let queries = try Samples.clustered(100, 16, clusters: 60, seed: 5)
    let exact = try exactNearest(in: table, queries: queries, metric: .l2, k: 10)
    let index = try HNSWIndex(building: table, metric: .l2)
    var last = (recall: 0.0, distances: UInt64(0))
    for ef in [10, 20, 40, 80] {
      let found = try index.search(queries, k: 10, options: graphOptions(ef: ef))
      let recall = found.rows.recall(against: exact)
      #expect(recall >= last.recall - 0.002)
      #expect(found.counters.distances > last.distances)
      last = (recall, found.counters.distances)
    }
    #expect(last.recall >= 0.98)
  }

  @Test("Floats that are whole bytes give the graph of the bytes; one fraction does not")
  func wholeFloats() throws {
    var random = CounterRandom(seed: 3, stage: "whole")
    let octets = try VectorTable(.uint8, dimension: 12)
    for _ in 0..<700 { try octets.append((0..<12).map { _ in Float(random.below(256)) }) }
    let floats = try octets.converted(to: .float32)
    #expect(try floats.wholeBytes(RunContext())?.floats(5) == octets.floats(5))
    let indexes = try [octets, floats].map { try HNSWIndex(building: $0, metric: .l2) }
    let links = indexes.map { index in (0..<700 * 32).map { index.core.links.base[$0] } }
    #expect(links[0] == links[1])
    #expect(indexes[0].report == indexes[1].report)
    #expect(indexes[1].vectors.elementType == .float32)
    #expect(try indexes[1].selfMissCount() == 0)
    try floats.append((0..<12).map { $0 == 3 ? 0.5 : 1 })
    #expect(try floats.wholeBytes(RunContext()) == nil)
  }

  @Test("Digits: recall floor, everything found", .needsSharedData("vectors/digits.fvecs"))
  func digits() throws {
    let table = try readVectors(SharedData.path("vectors/digits.fvecs"))
    let queries = try readVectors(SharedData.path("vectors/digits.queries.fvecs"))
    let index = try HNSWIndex(building: table, metric: .l2)
    let exact = try exactNearest(in: table, queries: queries, metric: .l2, k: 10)
    let found = try index.search(queries, k: 10, options: graphOptions(ef: 20)).rows
    #expect(found.recall(against: exact) >= 0.995)
    #expect(index.unreachableCount() == 0)
    #expect(try index.selfMissCount() == 0)
  }

  @Test("The batch build loses next to nothing against insertion one by one")
  func batchAgainstSequential() throws {
    let table = try Samples.clustered(2500, 12, clusters: 40)
    let queries = try Samples.clustered(200, 12, clusters: 40, seed: 5)
    let exact = try exactNearest(in: table, queries: queries, metric: .l2, k: 10)
    var sums = [0.0, 0.0]
    for seed in [1, 2, 3] as [UInt64] {
      for (i, isSequential) in [false, true].enumerated() {
        var options = HNSWOptions()
        options.seed = seed
        options.efConstruction = 100
        options.isSequential = isSequential
        let index = try HNSWIndex(building: table, metric: .l2, options: options)
        sums[i] += try index.search(queries, k: 10, options: graphOptions(ef: 20)).rows.recall(against: exact)
      }
    }
    #expect(sums[0] / 3 >= sums[1] / 3 - 0.005)
  }

  @Test("What a build remembers changes its cost, not its graph", arguments: [true, false], [1, 1.2] as [Float])
  func remembering(keepsPruned: Bool, alpha: Float) throws {
    let points = try PointSet(Samples.clustered(1000, 8, clusters: 12), metric: .l2)
    var options = HNSWOptions()
    options.m = 5
    options.efConstruction = 40
    options.keepsPruned = keepsPruned
    options.alpha = alpha
    for isSequential in [true, false] {
      options.isSequential = isSequential
      let cores = try [true, false].map {
        try HNSWCore.build(points, options: options, remembers: $0, context: RunContext(threads: 2))
      }
      let links = cores.map { core in (0..<1000 * core.links.baseLinks).map { core.links.base[$0] } }
      #expect(links[0] == links[1])
      #expect(cores[0].report.reverseDistances < cores[1].report.reverseDistances)
    }
  }

  @Test func heuristicConnectsClusters() throws {
    let table = try VectorTable(dimension: 4)
    var random = CounterRandom(seed: 9, stage: "two clusters")
    for i in 0..<600 { try table.append((0..<4).map { _ in Float(random.unit()) + (i < 300 ? 0 : 1000) }) }
    var options = HNSWOptions()
    options.m = 8
    options.baseLinks = 8
    options.efConstruction = 50
    options.repair = .none
    options.isSequential = true
    options.levelScale = 0
    options.keepsPruned = false
    #expect(try HNSWIndex(building: table, metric: .l2, options: options).unreachableCount() == 0)
    options.selection = .simple
    #expect(try HNSWIndex(building: table, metric: .l2, options: options).unreachableCount() > 0)
    options.repair = .reach
    #expect(try HNSWIndex(building: table, metric: .l2, options: options).unreachableCount() == 0)
  }

  @Test("Hard inputs stay reachable") func hardInputs() throws {
    let line = try VectorTable(rows: (0..<800).map { [Float($0)] })
    #expect(try HNSWIndex(building: line, metric: .l2).unreachableCount() == 0)
    let far = try VectorTable(rows: (0..<600).map { [Float($0 % 300), $0 < 300 ? 0 : 1e6] })
    #expect(try HNSWIndex(building: far, metric: .l2).unreachableCount() == 0)
  }

  @Test func repairReplacesALinkWhereAllListsAreFull() throws {
    var options = HNSWOptions()
    options.m = 2
    options.baseLinks = 2
    options.efConstruction = 10
    options.repair = .none
    let index = try HNSWIndex(building: Samples.uniform(40, 2), metric: .l2, options: options)
    let core = index.core
    // A ring with both slots full, node 39 without in-edges.
    for id in 0..<40 {
      core.links.base[2 * id] = UInt32((id + 1) % 39)
      core.links.base[2 * id + 1] = UInt32((id + 2) % 39)
    }
    core.entry = 0
    core.top = 0
    #expect(core.unreachedCount() == 1)
    let context = try core.acquire(ef: 64)
    #expect(core.addRepairEdge(to: 39, from: [5, 6], context))
    #expect(core.unreachedCount() == 0)
  }

  @Test func extraEntriesCatchWhatNoLinkReaches() throws {
    var options = HNSWOptions()
    options.repair = .none
    let index = try HNSWIndex(building: Samples.uniform(60, 2), metric: .l2, options: options)
    let core = index.core
    let lost: UInt32 = core.entry == 7 ? 8 : 7
    for slot in 0..<60 * core.links.baseLinks where core.links.base[slot] == lost {
      core.links.base[slot] = UInt32((slot / core.links.baseLinks + 30) % 60 == Int(lost) ? 0 : (slot / 32 + 30) % 60)
    }
    #expect(core.unreachedCount() == 1)
    core.extraEntries = [lost]
    #expect(core.unreachedCount() == 0)
    let query = index.vectors.floats(Int(lost))
    #expect(try index.search(query, k: 1, options: graphOptions(ef: 4)).neighbors.first?.key == Int(lost))
  }
}
