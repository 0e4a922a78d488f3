import MillRuntime
import TestSupport
import Testing

@testable import GraphStore

/// Graphs over arrays that came from elsewhere.
@Suite struct GraphArraysTests {
  private func graph(
    _ offsets: [UInt64], _ targets: [UInt32], weights: [Double]? = nil, isDirected: Bool = false
  ) throws -> CSRGraph {
    try CSRGraph(
      checking: SharedArray(copying: offsets), .narrow(SharedArray(copying: targets)),
      weights: weights.map { try SharedArray(copying: $0) }, isDirected: isDirected, context: RunContext(threads: 2))
  }

  @Test(arguments: 0..<20) func theArraysOfAGraphMakeIt(seed: Int) throws {
    var random = CounterRandom(seed: UInt64(seed), stage: "graph-arrays")
    let edges = (0..<200).map { _ in (Int(random.below(40)), Int(random.below(40)), Double(random.below(9))) }
    let made = try CSRGraph(nodeCount: 45, weightedEdges: edges, isDirected: seed % 2 == 0)
    let again = try CSRGraph(
      checking: made.offsets, made.targets, weights: made.weights, isDirected: made.isDirected,
      context: RunContext(threads: 2))
    #expect(again.isIdentical(to: made) && again.edgeCount == made.edgeCount && again.hasLoops == made.hasLoops)
    let wide = try made.widened()
    let other = try CSRGraph(
      checking: wide.offsets, wide.targets, weights: wide.weights, isDirected: wide.isDirected,
      context: RunContext(threads: 1))
    #expect(other.fingerprint() == made.fingerprint())
  }

  @Test func parallelEdgesMakeAMultigraph() throws {
    let made = try graph([0, 2, 4], [1, 1, 0, 0])
    #expect(made.isMultigraph && made.edgeCount == 2)
  }

  @Test func nothing() throws {
    #expect(try graph([0], []).nodeCount == 0)
    #expect(try graph([0, 0, 0], []).nodeCount == 2)
  }

  @Test func whatIsWrongIsTold() throws {
    func kind(_ offsets: [UInt64], _ targets: [UInt32], weights: [Double]? = nil, isDirected: Bool = true) -> String? {
      #expect(throws: MillError.self) {
        try graph(offsets, targets, weights: weights, isDirected: isDirected)
      }?.kind.name
    }
    #expect(kind([], []) == "count-mismatch")
    #expect(kind([1, 1], [0]) == "count-mismatch")
    #expect(kind([0, 3], [0]) == "count-mismatch")
    #expect(kind([0, 1], [0], weights: []) == "count-mismatch")
    #expect(kind([0, 2, 1, 2], [1, 2]) == "offsets-not-ascending")
    #expect(kind([0, UInt64.max, 1], [1]) == "offsets-not-ascending")
    #expect(kind([0, 1, 1], [2]) == "target-out-of-range")
    #expect(kind([0, 2, 2, 2], [2, 1]) == "list-not-sorted")
    #expect(kind([0, 1], [0], weights: [.nan]) == "weight-not-finite")
    #expect(kind([0, 1, 1], [1], isDirected: false) == "not-symmetric")
    #expect(kind([0, 1, 2], [1, 0], weights: [1, 2], isDirected: false) == "not-symmetric")
  }
}
