import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import EdgeSparsification

/// Sparsification of packed lists: the edges that go on arrays.
@Suite struct PackedSparsifyTests {
  private func compare(
    _ graph: CSRGraph, _ options: SparsifyOptions, tuning: SparsifyTuning = .init(), threads: [Int] = [1, 2, 4]
  ) throws {
    let packed = try PackedGraph(packing: graph)
    let raw = try sparsify(graph, options: options, context: RunContext(threads: 1), tuning: tuning)
    for threads in threads {
      let found = try sparsify(packed, options: options, context: RunContext(threads: threads), tuning: tuning)
      #expect(found.graph.isIdentical(to: raw.graph))
      #expect(found.graph.hasLoops == raw.graph.hasLoops && found.graph.edgeCount == raw.graph.edgeCount)
      #expect(found.thresholdScore == raw.thresholdScore && found.counters == raw.counters)
      #expect(found.edgesBefore == raw.edgesBefore && found.edgesAfter == raw.edgesAfter)
      #expect(found.loopsDropped == raw.loopsDropped && found.loopsKept == raw.loopsKept)
      #expect(found.parallelMerged == raw.parallelMerged && found.requested == raw.requested)
    }
  }

  @Test("The same edges stay by every score", arguments: EdgeScoreMethod.allCases, 0..<3 as Range<UInt64>)
  func scores(method: EdgeScoreMethod, seed: UInt64) throws {
    for input in [TestGraph.random(120, edges: 900, seed: seed), .star(700), .clique(40), .loopsAndRepeats, .isolated] {
      let plain = try CSRGraph(
        nodeCount: input.edges.isEmpty ? 5 : input.nodeCount, edges: input.pairs.filter { $0.0 != $0.1 })
      for graph in [plain, try input.frozen()] {
        for removal in [EdgeRemoval.share(0.3), .share(0), .share(1), .keeping(7), .scoresBelow(0.001)] {
          var options = SparsifyOptions(removal, score: .init(method: method, seed: seed))
          options.tieSeed = seed == 2 ? 9 : nil
          try compare(graph, options, threads: [2])
          try compare(graph, options, tuning: tinyTuning)
        }
      }
    }
  }

  @Test("Directions, loops, weights, forests and least degrees")
  func settings() throws {
    let input = TestGraph.random(90, edges: 700, seed: 5)
    for isDirected in [false, true] {
      for isWeighted in [false, true] {
        let signed = try input.frozen(isDirected: isDirected, isWeighted: isWeighted)
        let edges = signed.weightedEdges.map { ($0.source, $0.target, abs($0.weight) + 1) }
        let graph =
          isWeighted
          ? try CSRGraph(nodeCount: signed.nodeCount, weightedEdges: edges, isDirected: isDirected) : signed
        for keepsLoops in [false, true] {
          for selfLoops in [false, true] {
            var options = SparsifyOptions(.share(0.4))
            options.score.directed = isDirected
            options.score.weighted = isWeighted
            options.score.keepsLoops = keepsLoops
            options.score.selfLoopsInScore = selfLoops
            try compare(graph, options)
            try compare(graph, options, tuning: tinyTuning)
            options.score.method = .reverse
            try compare(graph, options)
            options.keepsForest = true
            try compare(graph, options, threads: [2])
            options.keepsForest = false
            options.minimumDegree = 2
            try compare(graph, options, threads: [2])
          }
        }
      }
    }
  }

  @Test("A graph of many chunks")
  func large() throws {
    let graph = try generateRMATGraph(.init(nodeCount: 1 << 14, edgeCount: 200_000, seed: 8))
    try compare(graph, SparsifyOptions(.share(0.3)))
    try compare(graph, SparsifyOptions(.share(0.7), score: .init(method: .degreeProduct)))
  }

  @Test func scoresOfEdgesAndNodes() throws {
    let graph = try randomGraph(nodeCount: 200, pairs: 2000, seed: 3)
    let packed = try PackedGraph(packing: graph)
    #expect(try teddyNodeScores(of: packed) == teddyNodeScores(of: graph))
    for method in EdgeScoreMethod.allCases {
      let options = EdgeScoreOptions(method: method)
      #expect(try edgeScores(of: packed, options: options) == edgeScores(of: graph, options: options))
    }
  }

  @Test func weightsAreChecked() throws {
    let graph = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 1), (1, 2, -2)])
    var options = SparsifyOptions(.share(0.5))
    options.score.weighted = true
    let error = #expect(throws: MillError.self) { try sparsify(PackedGraph(packing: graph), options: options) }
    #expect(error?.kind == .badWeight && error?.field == "-2.0")
  }
}
