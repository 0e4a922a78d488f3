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

  /// Points around `clusters` centers.
  static func clustered(_ count: Int, _ dimension: Int, clusters: Int, seed: UInt64 = 1) throws -> VectorTable {
    let centers = try uniform(clusters, dimension, seed: 99)
    let table = try VectorTable(dimension: dimension)
    var random = CounterRandom(seed: seed, stage: "clustered points")
    for i in 0..<count {
      let center = centers.floats(i % clusters)
      try table.append(center.map { $0 + 0.1 * Float(random.unit() + random.unit() - 1) })
    }
    return table
  }

}

/// Exact answers, whose ids are rows, as an index without keys gives them.
func keyed(_ exact: [Neighbor]) -> [KeyedNeighbor] { exact.map { KeyedNeighbor(key: $0.id, distance: $0.distance) } }

/// The error that is thrown instead of a result; its kind and message are looked at.
func refusal(_ body: () throws -> Void) -> MillError? {
  do { try body() } catch let error as MillError { return error } catch { return nil }
  return nil
}

/// Searches through the graph, never by scan.
func graphOptions(ef: Int) -> SearchOptions {
  SearchOptions(ef: ef, exact: .never)
}
