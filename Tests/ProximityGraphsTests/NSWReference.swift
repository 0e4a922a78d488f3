import MillRuntime
import VectorStore

@testable import ProximityGraphs

/// The flat graph of 2014 as its paper words it: sets, sorted arrays, a queue of candidates apart from the results.
/// Squared Euclidean distance; ties by number.
struct NSWReference {
  struct Found: Comparable {
    let distance: Float
    let id: Int
    static func < (a: Found, b: Found) -> Bool { (a.distance, a.id) < (b.distance, b.id) }
  }

  let points: PointSet
  var neighbors: [[Int]]
  var counters = SearchCounters()

  /// The graph without links.
  init(_ table: VectorTable) throws {
    points = try PointSet(table, metric: .l2)
    neighbors = [[Int]](repeating: [], count: table.count)
  }

  /// The graph that the options ask for.
  init(building table: VectorTable, _ options: NSWOptions) throws {
    try self.init(table)
    var order = Array(0..<table.count)
    if options.shuffles {
      var random = CounterRandom(seed: options.seed, stage: "nsw order")
      random.shuffle(&order)
    }
    for (at, id) in order.enumerated() {
      var random = CounterRandom(seed: options.seed, stage: "nsw build", item: UInt64(id))
      let found = search(
        table.row(id), k: options.links, restarts: options.buildRestarts, among: Array(order[..<at]), &random)
      for other in found {
        neighbors[id].append(other.id)
        neighbors[other.id].append(id)
      }
    }
  }

  mutating func search(
    _ query: UnsafeRawPointer, k: Int, restarts: Int, among nodes: [Int], _ random: inout CounterRandom,
    isAllowed: (Int) -> Bool = { _ in true }
  ) -> [Found] {
    var visited = Set<Int>()
    var all: [Found] = []
    func distance(_ id: Int) -> Found {
      var (number, result) = (UInt32(id), Float(0))
      points.measure(points.context, query, &number, 1, &result)
      return Found(distance: result, id: id)
    }
    for _ in 0..<restarts where !nodes.isEmpty && visited.count < nodes.count {
      let entry = nodes[Int(random.below(UInt64(nodes.count)))]
      guard visited.insert(entry).inserted else { continue }
      var candidates = [distance(entry)]
      var results = candidates.filter { isAllowed($0.id) }
      while let nearest = candidates.min() {
        results.sort()
        if results.count >= k, nearest > results[k - 1] { break }
        candidates.removeAll { $0 == nearest }
        counters.hops += 1
        for id in neighbors[nearest.id] where visited.insert(id).inserted {
          candidates.append(distance(id))
          if isAllowed(id) { results.append(candidates[candidates.count - 1]) }
        }
      }
      all += results
    }
    counters.distances += UInt64(visited.count)
    return Array(all.sorted().prefix(k))
  }
}
