import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

/// What a bulk build makes of data that come in order: as time series do, sorted files, one class after the other.
@Suite struct InsertionOrderTests {
  private static let count = 6000
  private static let dimension = 8

  /// An order of the points of a random walk (or of clusters), as row numbers.
  enum Order: String, CaseIterable {
    case time, backwards, shuffled, byCoordinate, byNorm, interleaved, outsideIn, clusters
  }

  private func rows(_ order: Order) -> (base: [[Float]], queries: [[Float]]) {
    let n = Self.count
    var random = CounterRandom(seed: 5, stage: "ordered data")
    func normal() -> Float { (0..<6).reduce(Float(0)) { sum, _ in sum + Float(random.unit()) - 0.5 } * 1.4 }
    var points: [[Float]] = []
    var at = [Float](repeating: 0, count: Self.dimension)
    let centers = (0..<40).map { _ in (0..<Self.dimension).map { _ in 3 * normal() } }
    for i in 0..<n {
      at = order == .clusters ? centers[i * 40 / n].map { $0 + normal() } : at.map { $0 + normal() }
      points.append(at)
    }
    let queries = (0..<150).map { _ in points[Int(random.below(UInt64(n)))].map { $0 + 0.5 * normal() } }
    let numbers = Array(0..<n)
    func norm(_ i: Int) -> Float { points[i].reduce(0) { $0 + $1 * $1 } }
    let sorted: [Int]
    switch order {
    case .time, .clusters: sorted = numbers
    case .backwards: sorted = numbers.reversed()
    case .shuffled: sorted = numbers.shuffled(using: &random)
    case .byCoordinate: sorted = numbers.sorted { (points[$0][0], $0) < (points[$1][0], $1) }
    case .byNorm: sorted = numbers.sorted { (norm($0), $0) < (norm($1), $1) }
    case .interleaved: sorted = (0..<n / 2).flatMap { [$0, $0 + n / 2] }
    case .outsideIn: sorted = (0..<n / 2).flatMap { [$0, n - 1 - $0] }
    }
    return (sorted.map { points[$0] }, queries)
  }

  private func measure(_ order: Order, _ options: HNSWOptions) throws -> (recall: Double, unreached: Int) {
    let (base, queries) = rows(order)
    let (table, asked) = (try VectorTable(rows: base), try VectorTable(rows: queries))
    let exact = try exactNearest(in: table, queries: asked, metric: .l2, k: 10)
    let index = try HNSWIndex(building: table, metric: .l2, options: options)
    #expect(index.unreachableCount() == 0)
    let found = try index.search(asked, k: 10, options: graphOptions(ef: 20)).rows
    return (found.recall(against: exact), index.report.unreachedBefore)
  }

  private var options: HNSWOptions { HNSWOptions(m: 4, efConstruction: 16, repair: .reach) }

  @Test("The default build finds as much in every order, as one by one and as in random order")
  func eightOrders() throws {
    #expect(HNSWOptions().shuffles)
    var sums = [0.0, 0.0]
    var walks: [Order: Double] = [:]
    for order in Order.allCases {
      let built = try measure(order, options)
      var single = options
      single.isSequential = true
      let sequential = try measure(order, single)
      #expect(built.recall >= 0.8, "\(order): \(built.recall)")
      #expect(built.recall >= sequential.recall - 0.03, "\(order): \(built.recall), one by one \(sequential.recall)")
      #expect(built.unreached <= Self.count / 200, "\(order): \(built.unreached)")
      sums[0] += built.recall
      if order != .clusters { walks[order] = built.recall }
      sums[1] += sequential.recall
    }
    #expect(sums[0] >= sums[1] - 8 * 0.01)
    // The same points in time order and in another: their graphs find as much.
    let random = try #require(walks[.shuffled])
    for (order, recall) in walks { #expect(abs(recall - random) <= 0.03, "\(order): \(recall), shuffled \(random)") }
  }

  @Test("In the order given, batches of neighbors in time do not see each other: what the default is for")
  func orderGiven() throws {
    var given = options
    given.shuffles = false
    let kept = try measure(.time, given)
    let built = try measure(.time, options)
    #expect(kept.unreached > 10 * max(1, built.unreached))
    #expect(kept.recall < built.recall)
  }

  @Test("Random insertion keeps rows and keys where they are, for every number of threads") func sameRows() throws {
    let table = try VectorTable(rows: Array(rows(.time).base.prefix(700)))
    let keys = (0..<700).map { 3 * $0 }
    let folder = TemporaryFolder()
    let paths = [1, 2, 4].map { folder.file("order-\($0).gmx") }
    for (threads, path) in zip([1, 2, 4], paths) {
      let index = try HNSWIndex(
        building: table, metric: .l2, keys: keys, options: options, context: RunContext(threads: threads))
      #expect(index.keys == keys && index.vector(forKey: 21) == table.floats(7))
      try index.write(to: path)
    }
    let files = try paths.map { try IndexBytes.read($0) }
    #expect(files[0] == files[1] && files[0] == files[2])
  }
}
