import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct ReorderingTests {
  @Test("A reordered index answers alike, keeps keys and states, and is the same for every thread count")
  func sameAnswers() throws {
    let table = try Samples.clustered(1500, 8, clusters: 25)
    for _ in 0..<30 { try table.append([5, 5, 5, 5, 5, 5, 5, 5]) }
    func build(_ threads: Int) throws -> HNSWIndex {
      let index = try HNSWIndex(building: table, metric: .cosine, context: RunContext(threads: threads))
      try index.remove(key: 3)
      try index.remove(key: 1510)
      try index.quantize(.uint8)
      return index
    }
    let plain = try build(1)
    let moved = try build(1)
    try moved.reorder()
    #expect(moved.names.hasKeys && moved.keys != plain.keys && Set(moved.keys) == Set(plain.keys))
    #expect(moved.unreachableCount() == 0)
    #expect(moved.count == plain.count && moved.quantization == .uint8)
    #expect(moved.levelCounts == plain.levelCounts)
    for key in stride(from: 0, to: 1530, by: 71) { #expect(moved.vector(forKey: key) == plain.vector(forKey: key)) }
    let queries = try Samples.clustered(60, 8, clusters: 25, seed: 5)
    for usesCodes in [true, false] {
      var options = graphOptions(ef: 80)
      options.usesCodes = usesCodes
      #expect(
        try moved.search(queries, k: 10, options: options).rows == plain.search(queries, k: 10, options: options).rows)
    }
    let near = try moved.search([5, 5, 5, 5, 5, 5, 5, 5], k: 29, options: graphOptions(ef: 60)).neighbors
    #expect(near.map(\.key) == (1500..<1530).filter { $0 != 1510 })
    // Neighbors lie nearer to each other than before.
    func spread(_ index: HNSWIndex) -> Int {
      let view = index.core.links.view
      return (0..<UInt32(index.core.links.count)).reduce(0) { sum, id in
        guard index.core.links.levels[Int(id)] != LinkStore.chained, let list = view.list(id, 0) else { return sum }
        return sum + (0..<view.length(list, 0)).reduce(0) { $0 + abs(Int(list[$1]) - Int(id)) }
      }
    }
    #expect(spread(moved) < spread(plain))
    let folder = TemporaryFolder()
    let path = folder.file("moved.gmx")
    let other = folder.file("other.gmx")
    try moved.write(to: path)
    let opened = try HNSWIndex.open(path, verify: .full)
    #expect(try opened.search(queries, k: 10).rows == moved.search(queries, k: 10).rows)
    #expect(refusal { _ = try opened.reorder() }?.kind == .readOnlyIndex)
    let again = try build(3)
    try again.reorder(context: RunContext(threads: 3))
    try again.write(to: other)
    let files = try [path, other].map { path in
      let file = try MappedFile(path: path)
      return withExtendedLifetime(file) { Array(file.bytes) }
    }
    #expect(files[0] == files[1])
    try moved.compact()
    #expect(moved.count == 1528 && moved.unreachableCount() == 0)
    #expect(try moved.add([1, 0, 0, 0, 0, 0, 0, 0], key: 3) == 3)
  }

  @Test func emptyIndex() throws {
    let index = try HNSWIndex(dimension: 2, metric: .l2)
    try index.reorder()
    #expect(try index.add([1, 2]) == 0)
    #expect(try index.search([1, 2], k: 1).keys == [0])
  }
}
