import Foundation
import GraphStore
import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

/// What both methods promise, through the protocol.
@Suite struct VectorIndexTests {
  private func indexes(
    _ table: VectorTable, _ metric: Metric = .l2, keys: [Int]? = nil
  ) throws -> [any VectorIndex] {
    [
      try HNSWIndex(building: table, metric: metric, keys: keys),
      try NSWIndex(building: table, metric: metric, keys: keys),
    ]
  }

  @Test("Search, filters, keys, radius and graphs of both methods agree where they are exact")
  func alike() throws {
    let table = try Samples.uniform(400, 5)
    let keys = (0..<400).map { 5000 - 7 * $0 }
    let exact = try exactNearest(in: table, queries: table, metric: .l2, k: 12)
    for index in try indexes(table, keys: keys) {
      #expect(index.count == 400 && index.dimension == 5 && index.keys == keys)
      #expect("\(index)" == "\(index.method.rawValue) index of 400 vectors of dimension 5 under l2")
      #expect(index.contains(key: 5000) && !index.contains(key: 4999))
      #expect(index.vector(forKey: 4993) == table.floats(1) && index.vector(forKey: 1) == nil)
      for row in stride(from: 0, to: 400, by: 57) {
        let query = table.floats(row)
        let wanted = exact[row].map { KeyedNeighbor(key: keys[$0.id], distance: $0.distance) }
        let found = try index.search(query, k: 12)
        #expect(found.neighbors == wanted && found.isExact && found.keys == wanted.map(\.key))
        let even = try index.search(query, k: 5, filter: { key in key % 2 == 0 })
        #expect(even.keys.count == 5 && even.keys.allSatisfy { $0 % 2 == 0 })
        #expect(try index.search(query, k: 5, options: .init(), filter: index.filter { $0 % 2 == 0 }) == even)
        #expect(try index.search(query, k: 9, among: [keys[3], keys[8], 1]).keys.sorted() == [keys[8], keys[3]])
        let radius = wanted[7].distance
        let inside = try index.search(
          query, radius: radius, slack: 0.5, options: SearchOptions(ef: 40), filter: nil)
        let all = try index.search(query, k: 400).neighbors.filter { $0.distance <= radius }
        #expect(inside.neighbors == all)
        let few = try index.search(
          query, radius: radius, slack: 0.5, options: SearchOptions(ef: 40), filter: index.filter { $0 % 2 == 0 })
        #expect(few.neighbors == all.filter { $0.key % 2 == 0 })
      }
      let graph = try index.neighborGraph(
        k: 4, symmetry: .directed, isWeighted: false, options: .init(), context: RunContext())
      for node in 0..<400 {
        #expect(graph.name(of: node) == String(keys[node]))
        #expect(Set(graph.neighbors(of: node)) == Set(exact[node].map(\.id).prefix(5)).subtracting([node]))
      }
      #expect(graph.node(named: "4993") == 1)
    }
  }

  @Test("Of equally far others a k-NN graph takes those that came first, whatever their keys") func ties() throws {
    // A row of points: each inner one has two others at distance 1.
    let table = try VectorTable(rows: (0..<30).map { [Float($0)] })
    for keys in [nil, (0..<30).map { 100 - $0 }] {
      for index in try indexes(table, keys: keys) {
        let graph = try index.neighborGraph(
          k: 1, symmetry: .directed, isWeighted: true, options: .init(), context: RunContext())
        for node in 0..<30 { #expect(Array(graph.neighbors(of: node)) == [node == 0 ? 1 : node - 1]) }
      }
    }
  }

  @Test("An opened index of either method can be searched, asked and written again") func opened() throws {
    let folder = TemporaryFolder()
    let path = folder.file("either.gmx")
    let table = try Samples.uniform(100, 3)
    for index in try indexes(table, .cosine, keys: (0..<100).map { 3 * $0 }) {
      let copy = folder.file("copy-\(index.method).gmx")
      try index.write(to: path, replaces: true, context: RunContext())
      let opened = try ProximityIndex.open(path)
      #expect(opened.method == index.method && opened.keys == index.keys && "\(opened)" == "\(index)")
      #expect(try opened.search(table.floats(7), k: 10) == index.search(table.floats(7), k: 10))
      #expect(try opened.search(table.floats(7), k: 3) { $0 % 2 == 1 }.keys.allSatisfy { $0 % 2 == 1 })
      let batch = try opened.search(table, k: 4)
      #expect(batch.count == 100)
      #expect(try batch[7] == index.search(table.floats(7), k: 4).neighbors)
      #expect(opened.contains(key: 297) && opened.vector(forKey: 297)?.count == 3 && !opened.contains(key: 1))
      #expect(try opened.neighborGraph(k: 3).name(of: 2) == "6")
      #expect(refusal { try opened.write(to: path) }?.kind == .cannotCreate)
      try opened.write(to: copy)
      try opened.write(to: copy, replaces: true)
      #expect(try IndexBytes.read(copy) == IndexBytes.read(path))
    }
  }

  @Test("A setting of the other method is refused, and so is one out of range") func settings() throws {
    let table = try Samples.uniform(50, 3)
    let (hnsw, nsw) = (try HNSWIndex(building: table, metric: .l2), try NSWIndex(building: table, metric: .l2))
    for (index, options) in [
      (hnsw, SearchOptions(restarts: 2)), (nsw, SearchOptions(rerank: 3)), (hnsw, SearchOptions(ef: 0)),
      (nsw, SearchOptions(ef: 0)), (hnsw, SearchOptions(rerank: -1)), (nsw, SearchOptions(restarts: 0)),
    ] as [(any VectorIndex, SearchOptions)] {
      #expect(refusal { _ = try index.search([0, 0, 0], k: 1, options: options, filter: nil) }?.kind == .badOption)
      #expect(
        refusal {
          _ = try index.neighborGraph(
            k: 2, symmetry: .union, isWeighted: false, options: options, context: RunContext())
        }?.kind == .badOption)
    }
    let other = try HNSWIndex(building: Samples.uniform(70, 3), metric: .l2).filter { _ in true }
    for index in [hnsw, nsw] as [any VectorIndex] {
      #expect(
        refusal { _ = try index.search([0, 0, 0], k: 1, options: .init(), filter: other) }?.kind == .badOption)
    }
  }

  @Test("Arrays of arrays, and a k-NN graph in one call") func arrays() throws {
    let rows: [[Float]] = [[0, 0], [0, 1], [5, 5], [5, 6], [9, 0]]
    for index in [
      try HNSWIndex(building: rows, metric: .l2, options: HNSWOptions(m: 4)),
      try NSWIndex(building: rows, metric: .l2),
    ] as [any VectorIndex] {
      #expect(try index.search([5, 5.2], k: 2).keys == [2, 3])
    }
    let graph = try neighborGraph(of: rows, metric: .l2, k: 1, keys: [10, 11, 12, 13, 14], symmetry: .mutual)
    #expect(graph.edgeCount == 2 && Array(graph.neighbors(of: 2)) == [3] && graph.name(of: 2) == "12")
    #expect(try neighborGraph(of: rows, metric: .l2, k: 1).name(of: 2) == "2")
    #expect(refusal { _ = try HNSWIndex(building: [[1, 2], [3]], metric: .l2) }?.exitCode == 65)
  }

  @Test func optionsAreCodableAndPrintable() throws {
    func same<Value: Codable & Equatable>(_ value: Value) throws {
      #expect(try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value)) == value)
    }
    try same(HNSWOptions(m: 5, levelScale: 0, selection: .simple, alpha: 1.5, repair: .reach, shuffles: true))
    try same(NSWOptions(links: 3, shuffles: false))
    try same(SearchOptions(ef: 7, restarts: 3, exact: .never))
    try same(SearchCounters(distances: 5, hops: 2))
    try same(KeyedNeighbor(key: 3, distance: 0.5))
    let index = try HNSWIndex(building: [[0], [1], [4]], metric: .l1)
    #expect("\(try index.search([0.5], k: 2))" == "[0: 0.5, 1: 0.5] (exact, 3 distances, 0 hops)")
    #expect("\(index)" == "hnsw index of 3 vectors of dimension 1 under l1")
  }

  @Test("Recall from true keys is that from true distances; ties count") func recalls() throws {
    let table = try Samples.uniform(300, 4)
    let keys = (0..<300).map { 2 * $0 }
    let exact = try exactNearest(in: table, queries: table, metric: .l2, k: 9)
    let truth = IntegerRows(width: 9, values: exact.ids.map { 2 * $0 })
    for index in [
      ProximityIndex.hnsw(try HNSWIndex(building: table, metric: .l2, keys: keys)),
      .nsw(try NSWIndex(building: table, metric: .l2, keys: keys)),
    ] {
      let found = try index.search(table, k: 6, options: SearchOptions(ef: 6, exact: .never))
      let wanted = found.rows.recall(against: exact)
      #expect(wanted > 0.5)
      #expect(try index.recall(of: found, queries: table, truth: truth) == wanted)
      let other = IntegerRows(width: 9, values: truth.values.map { $0 + 1 })
      #expect(refusal { _ = try index.recall(of: found, queries: table, truth: other) }?.kind == .malformed)
      let few = IntegerRows(width: 5, values: Array(truth.values.prefix(1500)))
      #expect(refusal { _ = try index.recall(of: found, queries: table, truth: few) }?.kind == .malformed)
    }
    // Both of two equal objects are right, whichever the truth names.
    let pair = ProximityIndex.hnsw(try HNSWIndex(building: [[1], [1], [8]], metric: .l2))
    let one = try VectorTable(rows: [[1]])
    let found = try pair.search(one, k: 1)
    #expect(try pair.recall(of: found, queries: one, truth: IntegerRows(width: 1, values: [1])) == 1)
    #expect(try pair.recall(of: found, queries: one, truth: IntegerRows(width: 1, values: [2])) == 1)
    let far = try pair.search(VectorTable(rows: [[7]]), k: 1)
    #expect(try pair.recall(of: far, queries: VectorTable(rows: [[7]]), truth: IntegerRows(width: 1, values: [2])) == 1)
  }
}

/// Keys by number and back, against a dictionary.
@Suite struct ObjectNamesTests {
  @Test("Random changes, against two dictionaries", arguments: 0..<12 as Range<UInt64>)
  func changes(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "names")
    var names = ObjectNames(count: 5, keys: seed % 2 == 0 ? nil : [9, 0, 4, 70, 2])
    var live: [Int: UInt32] = [:]
    var keys: [Int] = []
    for number in 0..<UInt32(5) {
      keys.append(names.key(number))
      live[names.key(number)] = number
    }
    for _ in 0..<200 {
      switch random.below(4) {
      case 0:
        let key = Int(random.below(90))
        if let number = live.removeValue(forKey: key) {
          #expect(names.number(of: key) == number)
          names.remove(number, key: key)
        }
      case 1:
        let key = names.freeKey()
        #expect(key == (keys.max() ?? -1) + 1)
        names.append(key)
        live[key] = UInt32(keys.count)
        keys.append(key)
      case 2:
        let key = Int(random.below(90))
        names.append(key)
        live[key] = UInt32(keys.count)
        keys.append(key)
      default:
        // A copy keeps what it was when the original changes.
        let before = names
        let key = names.freeKey()
        names.append(key)
        live[key] = UInt32(keys.count)
        keys.append(key)
        #expect(before.number(of: key) == nil && before.count == names.count - 1)
      }
      #expect(names.count == keys.count && names.liveCount == live.count)
      for key in 0..<95 { #expect(names.number(of: key) == live[key]) }
    }
    for (number, key) in keys.enumerated() { #expect(names.key(UInt32(number)) == key) }
    for number in 0..<UInt32(keys.count) { #expect(names.isRemoved(number) == (live[keys[Int(number)]] != number)) }
    let order = (0..<UInt32(keys.count)).reversed().map { $0 }
    let turned = try names.reordered(order, keepsRemoved: true)
    for key in 0..<95 { #expect(turned.number(of: key) == live[key].map { UInt32(keys.count) - 1 - $0 }) }
    #expect(names.filter { _ in true }.count == live.count)
    #expect(names.filter(keys: 0..<95).count == live.keys.count { $0 < 95 })
  }

  @Test("The first look-ups from many threads at once agree") func concurrentLookUps() {
    let keys = (0..<3000).map { 7919 * $0 % 3001 + 5 }
    for round in 0..<20 {
      let names = ObjectNames(count: keys.count, keys: keys)
      var wrong = [Int](repeating: 0, count: 8)
      wrong.withUnsafeMutableBufferPointer { wrong in
        nonisolated(unsafe) let wrong = wrong
        Parallel.forEach(8, threads: 8) { chunk, _ in
          for i in stride(from: chunk + round, to: keys.count, by: 8) where names.number(of: keys[i]) != UInt32(i) {
            wrong[chunk] += 1
          }
        }
      }
      #expect(wrong == [Int](repeating: 0, count: 8))
    }
  }
}
