import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

/// The code of the articles, so that it compiles and does what they say.
@Suite struct ArticleTests {
  struct Edit: ObjectSpace {
    func distance(_ a: String, _ b: String) -> Float { a == b ? 0 : Float(abs(a.count - b.count) + 1) }
  }

  @Test func buildSearchPagesGraphs() throws {
    let vectors = try Samples.uniform(200, 4)
    let query = vectors.floats(3)
    let index = try HNSWIndex(building: vectors, metric: .cosine)
    let found = try index.search(query, k: 10, options: SearchOptions(ef: 80)).neighbors
    let folder = TemporaryFolder()
    let path = folder.file("base.gmx")
    try index.write(to: path)
    let mapped = try HNSWIndex.open(path)
    #expect(try mapped.search(query, k: 10).neighbors == found)
    let pages = try index.pages(query)
    #expect(try pages.next(5) + pages.next(5) == found)
    #expect(try index.neighborGraph(k: 10, symmetry: .mutual).nodeCount == 200)
    let flat = try NSWIndex(building: vectors, metric: .cosine)
    #expect(try flat.search(query, k: 10, options: SearchOptions(restarts: 8)).neighbors == found)
    try flat.write(to: path, replaces: true)
    #expect(try ProximityIndex.open(path).method == .nsw)
  }

  @Test func names() throws {
    let folder = TemporaryFolder()
    let read = try readVectorFile(folder.file("words.csv", "word,x,y\nann,0,1\nbob,1,0\ncy,1,1\n"))
    let named = try HNSWIndex(building: read.vectors, metric: .cosine, naming: read.keys)
    let query: [Float] = [0.1, 1]
    let words = try named.search(query, k: 10).keys.compactMap { named.name(ofKey: $0) }
    #expect(words == ["ann", "cy", "bob"])
    let some = try named.search(query, k: 10, filter: named.filter(names: ["ann", "bob"]))
    #expect(some.keys == [0, 1])
  }

  @Test func ownMetric() throws {
    let words = ["graph", "graphs", "tree", "forest", "path"]
    let index = try ObjectIndex(building: ObjectTable(Edit(), words))
    #expect(try index.search("graph", k: 5).neighbors.first?.key == 0)
  }

  @Test func filterAndDelete() throws {
    let index = try HNSWIndex(building: Samples.uniform(200, 4), metric: .l2)
    let (query, vector) = (index.vectors.floats(3), index.vectors.floats(4))
    let even = try index.search(query, k: 10, options: SearchOptions(ef: 100), filter: { key in key % 2 == 0 }).keys
    #expect(even.count == 10 && even.allSatisfy { $0 % 2 == 0 })
    #expect(try index.search(query, k: 3, among: [5, 9, 777]).keys.sorted() == [5, 9])
    let filter = index.filter { key in key % 2 == 0 }
    #expect(try index.search(query, k: 10, options: SearchOptions(ef: 100), filter: filter).keys == even)
    try index.remove(key: 7)
    try index.update(vector, key: 8)
    if index.shouldCompact { try index.compact() }
    #expect(!index.contains(key: 7) && index.contains(key: 8))
  }
}
