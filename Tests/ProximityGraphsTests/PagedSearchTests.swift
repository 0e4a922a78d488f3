import MillRuntime
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct PagedSearchTests {
  @Test("Pages with the beam of all objects give the exact order of everything, none twice", arguments: [true, false])
  func wholeOrder(isExact: Bool) throws {
    let table = try Samples.uniform(300, 4)
    for _ in 0..<20 { try table.append([2, 2, 2, 2]) }
    let keys = (0..<320).map { 1000 - $0 }
    let index = try HNSWIndex(building: table, metric: .l2, keys: keys)
    for key in [1000, 985, 690] { try index.remove(key: key) }
    let query: [Float] = [0.4, 0.6, 0.5, 0.5]
    var options = graphOptions(ef: 320)
    options.exact = isExact ? .always : .never
    let whole = try index.search(query, k: 317, options: options).neighbors
    let pages = try index.pages(query, options: options)
    var found: [KeyedNeighbor] = []
    for size in [1, 7, 100, 0, 50, 500] {
      let page = try pages.next(size)
      #expect(page.count == min(size, 317 - found.count))
      found += page
    }
    #expect(found == whole)
    #expect(try pages.next(1).isEmpty)
  }

  @Test("The first page is the search; later pages repeat nothing and cost little")
  func pagesGoOn() throws {
    let index = try HNSWIndex(building: Samples.clustered(3000, 8, clusters: 30), metric: .l2)
    let query = index.vectors.floats(17)
    let pages = try index.pages(query, options: graphOptions(ef: 40))
    let once = try index.search(query, k: 20, options: graphOptions(ef: 40))
    #expect(try pages.next(20) == once.neighbors)
    let first = pages.counters.distances
    var seen = Set(once.keys)
    for _ in 0..<4 {
      let page = try pages.next(20)
      #expect(page.count == 20)
      #expect(page == page.sorted(by: precedes))
      for neighbor in page { #expect(seen.insert(neighbor.key).inserted) }
    }
    #expect(pages.counters.distances < 4 * first)
    let exact = try index.search(query, k: 100, options: SearchOptions(exact: .always))
    #expect(exact.keys.count { seen.contains($0) } >= 95)
  }

  @Test func filterAndChange() throws {
    let index = try HNSWIndex(building: Samples.uniform(400, 3), metric: .l2)
    let even = index.filter { $0 % 2 == 0 }
    let pages = try index.pages([0.5, 0.5, 0.5], options: graphOptions(ef: 30), filter: even)
    var found: [KeyedNeighbor] = []
    while let page = Optional(try pages.next(30)), !page.isEmpty { found += page }
    #expect(Set(found.map(\.key)) == Set(stride(from: 0, to: 400, by: 2)))
    try index.add([3, 3, 3])
    #expect(throws: MillError.self) { try pages.next(1) }
    #expect(throws: MillError.self) { try index.pages([1, 2]) }
    let empty = try HNSWIndex(dimension: 3, metric: .l2)
    #expect(try empty.pages([0, 0, 0]).next(5).isEmpty)
  }
}
