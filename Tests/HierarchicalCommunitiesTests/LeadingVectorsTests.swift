import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct LeadingVectorsTests {
  /// A hub, a ring and a few chords: the first eigenvalue settles within a few steps, long before the second, and comes
  /// twice where vectors are not kept orthogonal.
  private static func graph(_ seed: UInt64) throws -> CSRGraph {
    let n = 260
    let pairs =
      TestGraph.star(160).pairs + (0..<n).map { ($0, ($0 + 1) % n) } + TestGraph.random(n, edges: 80, seed: seed).pairs
    return try TestGraph("hub and ring", nodeCount: n, pairs: pairs).frozen()
  }

  @Test("The vectors are those of a dense solver, whatever the threads", arguments: 0..<6 as Range<UInt64>)
  func dense(seed: UInt64) throws {
    let work = try CommunityGraph(Self.graph(seed), context: RunContext(threads: 1))
    let level = try LevelGraph(work, usesWeights: false)
    let n = work.nodeCount
    let tau = 0.1 * level.total / Double(n)
    for kind in [LeadingVectors.Operator.adjacency, .regularized(share: 0.1)] {
      var matrix = [Double](repeating: 0, count: n * n)
      for i in 0..<n {
        for e in Int(work.offsets[i])..<Int(work.offsets[i + 1]) { matrix[i * n + Int(work.targets[e])] = 1 }
      }
      if case .regularized = kind {
        let scales = (0..<n).map { 1 / (level.masses.base[$0] + tau).squareRoot() }
        for i in 0..<n {
          for j in 0..<n { matrix[i * n + j] = (matrix[i * n + j] + tau / Double(n)) * scales[i] * scales[j] }
        }
      }
      let all = SymmetricEigen.decompose(matrix, size: n)
      let order = all.values.indices.sorted { abs(all.values[$0]) > abs(all.values[$1]) }
      let found = LeadingVectors(level, kind, threads: 1).run(count: 2, seed: seed)
      for (vector, place) in zip(found, order) {
        let product = (0..<n).reduce(0) { $0 + vector[$1] * all.vectors[$1 * n + place] }
        #expect(abs(abs(product) - 1) < 1e-6)
      }
      for threads in [2, 4] {
        #expect(LeadingVectors(level, kind, threads: threads).run(count: 2, seed: seed) == found)
      }
    }
  }
}
