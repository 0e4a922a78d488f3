import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct EdgeCrossValidationTests {
  private let context = RunContext(threads: 1)

  private func blocks(_ depth: Int, _ degree: Double, _ ratio: Double, seed: UInt64) throws -> BlockModelSample {
    var options = BlockModelOptions()
    options.seed = seed
    return try generateBlockModel(
      HierarchicalBlockModel(branching: 2, depth: depth, leafSize: 150, meanDegree: degree, ratio: ratio),
      options: options)
  }

  @Test("Losses are those of dense eigenvectors, with every pair without an edge looked at")
  func losses() throws {
    let graph = try CommunityGraph(TestGraph.ringOfCliques(3, 8).frozen(), context: context)
    let n = graph.nodeCount
    var expected = [0.0, 0.0]
    for fold in 0..<EdgeCrossValidation.repeats {
      let split = try EdgeSplit(graph, share: 0.1, seed: 5 &+ fold &* 0xd1b5_4a32_d192_ed03, context)
      var matrix = [Double](repeating: 0, count: n * n)
      for u in 0..<n { for v in split.first.graph.neighbors(of: u) { matrix[u * n + v] = 1 } }
      let spectrum = SymmetricEigen.decompose(matrix, size: n)
      let order = (0..<n).sorted { abs(spectrum.values[$0]) > abs(spectrum.values[$1]) }
      for rank in 1...2 {
        for i in 0..<n {
          for j in 0..<i {
            let fit = order.prefix(rank).reduce(0.0) {
              $0 + spectrum.values[$1] / 0.9 * spectrum.vectors[i * n + $1] * spectrum.vectors[j * n + $1]
            }
            if split.second.graph.hasEdge(i, j) {
              expected[rank - 1] += (1 - fit) * (1 - fit)
            } else if !graph.graph.hasEdge(i, j) {
              expected[rank - 1] += 0.1 * fit * fit
            }
          }
        }
      }
    }
    let found = try EdgeCrossValidation(graph, seed: 5, context)
    for (a, b) in zip(found.losses, expected) { #expect(abs(a - b) < 1e-9 * b) }
    #expect(found.prefersRankTwo == (expected[1] < expected[0]))
  }

  @Test("Two blocks are split and no more, uniform graphs are not", arguments: 1...6 as ClosedRange<UInt64>)
  func stopping(seed: UInt64) throws {
    var options = TopDownOptions()
    (options.stopping, options.seed) = (.edgeCrossValidation, seed)
    let two = try blocks(1, 16, 0.2, seed: seed)
    let found = try topDownCommunities(of: two.graph, options: options)
    #expect(found.hierarchy.tree.leafCount == 2)
    #expect(try partitionScores(found.hierarchy.leaves, two.leaves).ami ?? -1 > 0.9)
    for degree in [4.0, 16] {
      let uniform = try blocks(0, degree, 1, seed: seed)
      let whole = try topDownCommunities(of: uniform.graph, options: options)
      #expect(whole.hierarchy.tree.leafCount == 1)
      #expect(whole.splitsTried == 1)
    }
  }

  @Test("Every thread count gives the same tree of four blocks")
  func threads() throws {
    let four = try blocks(2, 30, 0.2, seed: 3)
    var options = TopDownOptions()
    options.stopping = .edgeCrossValidation
    let one = try topDownCommunities(of: four.graph, options: options, context: context)
    #expect(one.hierarchy.tree.leafCount == 4)
    for threads in [2, 4] {
      #expect(try topDownCommunities(of: four.graph, options: options, context: RunContext(threads: threads)) == one)
    }
  }

  @Test("Small and odd graphs end", arguments: TestGraph.small)
  func small(input: TestGraph) throws {
    var options = TopDownOptions()
    (options.stopping, options.minimumSize) = (.edgeCrossValidation, 1)
    let found = try topDownCommunities(of: input.frozen(), options: options)
    #expect(found.hierarchy.leaves.count == input.nodeCount)
  }
}
