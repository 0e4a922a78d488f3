import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import EdgeSparsification

/// The cut that a sample finds is the one that counting all edges finds.
@Suite struct CutBracketTests {
  private func sampling(margin: Double) -> SparsifyTuning {
    var tuning = SparsifyTuning()
    tuning.leastSampled = 1
    tuning.sampleMargin = margin
    tuning.chunkWork = 500
    return tuning
  }

  @Test("The same edges stay, on arrays and packed", arguments: EdgeScoreMethod.allCases, 0..<2 as Range<UInt64>)
  func sameEdges(method: EdgeScoreMethod, seed: UInt64) throws {
    let input = TestGraph.skewed(3000, edges: 20_000, seed: seed)
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      for removal in [EdgeRemoval.share(0.0002), .share(0.3), .share(0.8), .keeping(3), .share(1)] {
        var options = SparsifyOptions(removal, score: .init(method: method))
        options.score.directed = isDirected && ![.localDegree, .jaccard, .triangles].contains(method)
        options.score.keepsLoops = seed == 1
        options.tieSeed = seed == 1 ? 4 : nil
        let expected = try sparsify(graph, options: options)
        for (threads, margin) in [(1, 3.0), (2, 3), (4, 3), (1, 0), (2, 0)] {
          let context = RunContext(threads: threads)
          let found = try sparsify(graph, options: options, context: context, tuning: sampling(margin: margin))
          #expect(found.graph.isIdentical(to: expected.graph))
          #expect(found.thresholdScore == expected.thresholdScore && found.edgesAfter == expected.edgesAfter)
          let packed = try sparsify(
            PackedGraph(packing: graph), options: options, context: context, tuning: sampling(margin: margin))
          #expect(packed.graph.isIdentical(to: expected.graph) && packed.counters == found.counters)
        }
      }
    }
  }

  /// A bracket that is too narrow misses, and then all edges are counted.
  @Test func hitsAndMisses() throws {
    func passes(margin: Double) throws -> [Int] {
      try (0..<8 as Range<UInt64>).map { seed in
        let graph = try TestGraph.skewed(20_000, edges: 150_000, seed: seed).frozen()
        let options = SparsifyOptions(.share(0.4))
        return try sparsify(graph, options: options, context: .init(), tuning: sampling(margin: margin))
          .counters.selectionPasses
      }
    }
    #expect(try passes(margin: 3).count { $0 == 0 } >= 7)
    let narrow = try passes(margin: 0.3)
    #expect(narrow.contains { $0 > 0 } && narrow.contains(0))
  }

  @Test("The kernel says of every edge what comparing its key says", arguments: 0..<20 as Range<UInt64>)
  func kernel(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "kernel")
    let n = 50
    let scores = try FlatBuffer<Double>(count: n)
    for node in 0..<n { scores.base[node] = random.unit() + 1e-3 }
    let buffers = NodeScoreBuffers(source: scores, target: scores)
    let targets = (0..<64).map { _ in UInt32(random.below(UInt64(n))) }
    let wide = targets.map { UInt64($0) }
    var scratch = [UInt64](repeating: 0, count: 64)
    for isNegated in [false, true] {
      let keying = ProductKeying(buffers, isNegated: isNegated)
      let keys = targets.map { keying.key(3, Int($0), 0) }.sorted()
      for range in [keys[20]...keys[40], keys[5]...keys[5], 0...UInt64.max, keys[63] + 1...UInt64.max] {
        for count in 0...64 {
          let found = targets.withUnsafeBufferPointer {
            keying.compare(3, $0.baseAddress!, 0, count, to: range, &scratch)
          }
          let expected = wide.withUnsafeBufferPointer {
            keying.compare(3, $0.baseAddress!, 0, count, to: range, &scratch)
          }
          #expect(found == expected)
          let above = targets.prefix(count).count { keying.key(3, Int($0), 0) > range.upperBound }
          #expect(found.above.nonzeroBitCount == above && found.above & found.inside == 0)
        }
      }
    }
  }
}
