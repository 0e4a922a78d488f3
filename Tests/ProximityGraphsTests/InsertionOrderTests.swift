import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

/// What a bulk build makes of data that come in order: as time series do, sorted files, one class after the other.
@Suite struct InsertionOrderTests {
  /// An order of rows that were made one after the other.
  enum Order: String, CaseIterable {
    case given, backwards, shuffled, byCoordinate, byNorm, alternating, outsideIn, inRuns

    /// The rows in this order, by number; in runs, every fifth comes five times.
    func numbers(_ points: [[Float]]) -> [Int] {
      let n = points.count
      let numbers = Array(0..<n)
      func norm(_ i: Int) -> Float { points[i].reduce(0) { $0 + $1 * $1 } }
      switch self {
      case .given: return numbers
      case .backwards: return numbers.reversed()
      case .shuffled:
        var random = CounterRandom(seed: 6, stage: "shuffled rows")
        return numbers.shuffled(using: &random)
      case .byCoordinate: return numbers.sorted { (points[$0][0], $0) < (points[$1][0], $1) }
      case .byNorm: return numbers.sorted { (norm($0), $0) < (norm($1), $1) }
      case .alternating: return (0..<n / 2).flatMap { [$0, $0 + n / 2] }
      case .outsideIn: return (0..<n / 2).flatMap { [$0, n - 1 - $0] }
      case .inRuns: return (0..<n / 5).flatMap { [Int](repeating: 5 * $0, count: 5) }
      }
    }
  }

  private struct Sample {
    let points: [[Float]]
    let queries: VectorTable

    /// A random walk in time, or clusters one after the other, far apart from each other or not.
    init(_ kind: String, count n: Int, dimension: Int = 8) throws {
      var random = CounterRandom(seed: 5, stage: "ordered data")
      func normal() -> Float { (0..<6).reduce(Float(0)) { sum, _ in sum + Float(random.unit()) - 0.5 } * 1.4 }
      var at = [Float](repeating: 0, count: dimension)
      let spread: Float = kind == "far clusters" ? 20 : 3
      let centers = (0..<40).map { _ in (0..<dimension).map { _ in spread * normal() } }
      var points: [[Float]] = []
      for i in 0..<n {
        at = kind == "walk" ? at.map { $0 + normal() } : centers[i * 40 / n].map { $0 + normal() }
        points.append(at)
      }
      self.points = points
      let asked = (0..<150).map { _ in points[Int(random.below(UInt64(n)))].map { $0 + 0.5 * normal() } }
      queries = try VectorTable(rows: asked)
    }

    /// Rows and queries of files.
    init(points: [[Float]], queries: VectorTable) {
      self.points = points
      self.queries = queries
    }
  }

  /// What a build over one order finds: distances of the answers, recall, objects unreached before the repair.
  private func measure(
    _ sample: Sample, _ order: Order, _ options: HNSWOptions, ef: Int, context: RunContext = RunContext()
  ) throws -> (rows: [Int64], distances: [Float], recall: Double, unreached: Int) {
    let numbers = order.numbers(sample.points)
    let table = try VectorTable(rows: numbers.map { sample.points[$0] })
    let exact = try exactNearest(in: table, queries: sample.queries, metric: .l2, k: 10, context: context)
    let index = try HNSWIndex(building: table, metric: .l2, options: options, context: context)
    #expect(index.unreachableCount() == 0)
    let found = try index.search(sample.queries, k: 10, options: graphOptions(ef: ef), context: context).rows
    return (
      found.ids.map { $0 < 0 ? -1 : Int64(numbers[Int($0)]) }, found.distances, found.recall(against: exact),
      index.report.unreachedBefore
    )
  }

  private var options: HNSWOptions { HNSWOptions(m: 4, efConstruction: 16, repair: .reach) }

  @Test(
    "The same vectors in any order of rows: the same answers, in batches and one by one",
    arguments: ["walk", "clusters"])
  func anyOrder(kind: String) throws {
    #expect(HNSWOptions().shuffles)
    let sample = try Sample(kind, count: 1200)
    var recalls: [Double] = []
    for isSequential in [false, true] {
      var options = options
      options.isSequential = isSequential
      let random = try measure(sample, .shuffled, options, ef: 20)
      recalls.append(random.recall)
      #expect(random.recall > 0.7 && random.unreached <= 6)
      for order in Order.allCases where order != .inRuns {
        let found = try measure(sample, order, options, ef: 20)
        #expect(found.rows == random.rows && found.distances == random.distances, "\(order)")
        #expect(found.unreached == random.unreached)
      }
    }
    #expect(recalls[0] >= recalls[1] - 0.02)
  }

  @Test("Clusters far apart: the same graph before its repair, which goes by number") func farClusters() throws {
    let sample = try Sample("far clusters", count: 2000)
    let options = HNSWOptions(m: 8, efConstruction: 40, repair: .reach)
    let random = try measure(sample, .shuffled, options, ef: 20)
    for order in Order.allCases where order != .inRuns {
      let found = try measure(sample, order, options, ef: 20)
      #expect(found.unreached == random.unreached && found.recall >= random.recall - 0.005, "\(order)")
    }
  }

  @Test("Equal rows in runs are the rows without repeats, each five times", arguments: ["walk", "clusters"])
  func runs(kind: String) throws {
    let sample = try Sample(kind, count: 3000)
    let once = Sample(points: stride(from: 0, to: 3000, by: 5).map { sample.points[$0] }, queries: sample.queries)
    let found = try measure(sample, .inRuns, options, ef: 20)
    let single = try measure(once, .given, options, ef: 20)
    for row in 0..<150 {
      #expect(found.distances[10 * row] == single.distances[10 * row])
      #expect(found.distances[10 * row + 5] == single.distances[10 * row + 1])
    }
    #expect(found.recall >= single.recall - 0.005)
  }

  @Test("In the order given, batches of neighbors in time do not see each other: what the default is for")
  func orderGiven() throws {
    let sample = try Sample("walk", count: 6000)
    var given = options
    given.shuffles = false
    let kept = try measure(sample, .given, given, ef: 20)
    let built = try measure(sample, .given, options, ef: 20)
    #expect(kept.unreached > 10 * max(1, built.unreached))
    #expect(kept.recall < built.recall)
  }

  @Test("Random insertion keeps rows and keys where they are, for every number of threads") func sameRows() throws {
    let table = try VectorTable(rows: Sample("walk", count: 700).points)
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

  @Test("Levels and sequence are a function of seed and contents; without random order, of the numbers")
  func draws() throws {
    let points = try Sample("walk", count: 400).points + [[Float](repeating: 1, count: 8)]
    let rows = points + [points[400], points[7]]
    let reversed: [[Float]] = rows.reversed()
    func order(_ rows: [[Float]], _ options: HNSWOptions) throws -> InsertionOrder {
      InsertionOrder(of: try PointSet(VectorTable(rows: rows), metric: .l2), options, threads: 2)
    }
    let one = try order(rows, options)
    let other = try order(reversed, options)
    #expect(one.sequence.map { rows[Int($0)] } == other.sequence.map { reversed[Int($0)] })
    #expect(
      one.sequence.map { one.levels[Int($0)] } == other.sequence.map { other.levels[Int($0)] }
        && one.sequence.count == 401)
    #expect(one.representatives[401] == 400 && one.representatives[402] == 7 && other.representatives[395] == 0)
    #expect(one.levels[401] == LinkStore.chained && one.levels[402] == LinkStore.chained)
    var seeded = options
    seeded.seed = 43
    #expect(try order(rows, seeded).sequence != one.sequence)
    var given = options
    given.shuffles = false
    let plain = try order(rows, given)
    #expect(plain.sequence == (0..<401).map { UInt32($0) } && plain.representatives == one.representatives)
    let thresholds = LevelDraw.thresholds(scale: given.scale)
    #expect((0..<401).allSatisfy { Int(plain.levels[$0]) == LevelDraw.level(of: $0, seed: 42, thresholds: thresholds) })
  }

  @Test("Real vectors, eight orders, default links", .needsSharedData("vectors/digits.fvecs"))
  func digits() throws {
    try compare("digits", HNSWOptions(efConstruction: 60), ef: 16)
  }

  @Test("More real vectors, eight orders", .needsSharedData("vectors/wordnet-5k.fvecs"))
  func wordNet() throws {
    try compare("wordnet-5k", HNSWOptions(m: 8, efConstruction: 40, repair: .reach), ef: 16)
  }

  /// Whole or rounded numbers have equal distances, where the choice between links goes by number: recall may then
  /// differ, by less than half a percent.
  private func compare(_ name: String, _ options: HNSWOptions, ef: Int) throws {
    let table = try readVectors(SharedData.path("vectors/\(name).fvecs")).copy(rows: (0..<800).map { $0 })
    let queries = try readVectors(SharedData.path("vectors/\(name).queries.fvecs")).copy(rows: (0..<100).map { $0 })
    let sample = Sample(points: (0..<table.count).map { table[$0] }, queries: queries)
    let random = try measure(sample, .shuffled, options, ef: ef, context: RunContext(threads: 2))
    for order in Order.allCases {
      let found = try measure(sample, order, options, ef: ef, context: RunContext(threads: 2))
      let least = order == .inRuns ? random.recall - 0.02 : random.recall - 0.005
      #expect(found.recall >= least, "\(order): \(found.recall), shuffled \(random.recall)")
    }
  }
}
