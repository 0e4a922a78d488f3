import MillRuntime
import VectorStore

@testable import ProximityGraphs

/// Seeded point sets.
enum Samples {
  /// Uniform points of the unit cube.
  static func uniform(_ count: Int, _ dimension: Int, seed: UInt64 = 1) throws -> VectorTable {
    let table = try VectorTable(dimension: dimension)
    var random = CounterRandom(seed: seed, stage: "uniform points")
    for _ in 0..<count { try table.append((0..<dimension).map { _ in Float(random.unit()) }) }
    return table
  }

  /// Points around `clusters` centres.
  static func clustered(_ count: Int, _ dimension: Int, clusters: Int, seed: UInt64 = 1) throws -> VectorTable {
    let centres = try uniform(clusters, dimension, seed: 99)
    let table = try VectorTable(dimension: dimension)
    var random = CounterRandom(seed: seed, stage: "clustered points")
    for i in 0..<count {
      let centre = centres.floats(i % clusters)
      try table.append(centre.map { $0 + 0.1 * Float(random.unit() + random.unit() - 1) })
    }
    return table
  }

  /// Share of the exact k nearest that were found; ties of the last one count.
  static func recall(_ found: NeighborRows, _ exact: NeighborRows, k: Int) -> Double {
    var hits = 0
    for row in 0..<exact.count {
      let limit = exact.distances[row * exact.k + k - 1] * (1 + 1e-5) + 1e-9
      for i in row * found.k..<row * found.k + k where found.ids[i] >= 0 && found.distances[i] <= limit { hits += 1 }
    }
    return Double(hits) / Double(k * exact.count)
  }
}

/// Searches through the graph, never by scan.
func graphOptions(ef: Int) -> SearchOptions {
  var options = SearchOptions(ef: ef)
  options.exact = .never
  return options
}
