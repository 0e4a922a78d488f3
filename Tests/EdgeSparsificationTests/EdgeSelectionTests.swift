import EdgeSparsification
import GraphStore
import MillRuntime
import TestSupport
import Testing

/// The cut against a sort of all edges.
@Suite("Selection")
struct EdgeSelectionTests {
  /// Kept edges by the definition: sort by (score, u, v), drop the first k.
  private func expected(_ edges: [ScoredEdge], removing k: Int) -> [Edge] {
    edges.sorted { ($0.score, $0.source, $0.target) < ($1.score, $1.source, $1.target) }
      .dropFirst(k).map { Edge($0.source, $0.target) }.sorted()
  }

  @Test("Equal to a sort, for every score and number", arguments: EdgeScoreMethod.allCases, 0..<6 as Range<UInt64>)
  func againstSort(method: EdgeScoreMethod, seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 30, pairs: 20 + 20 * Int(seed), seed: seed)
    let score = EdgeScoreOptions(method: method, seed: seed)
    let edges = try edgeScores(of: graph, options: score)
    for k in 0...edges.count {
      let result = try sparsify(
        graph, options: .init(.count(k), score: score), context: .init(threads: 1), tuning: tinyTuning)
      #expect(result.graph.edgeList == expected(edges, removing: k))
      #expect(result.removed == k)
      if k > 0 {
        let removed = Set(graph.edgeList).subtracting(result.graph.edgeList)
        let highest = edges.filter { removed.contains(Edge($0.source, $0.target)) }.map(\.score).max()
        #expect(result.thresholdScore == highest)
      }
    }
    for k in stride(from: 0, through: edges.count, by: 7) {
      let result = try sparsify(graph, options: .init(.count(k), score: score))
      #expect(result.graph.edgeList == expected(edges, removing: k))
    }
  }

  /// Samples so small that they often miss the cut.
  private func sampling(_ size: Int) -> SparsifyTuning {
    var tuning = tinyTuning
    (tuning.sampledEdges, tuning.sampleSize, tuning.edgesPerSampledEntry) = (1, size, 1)
    return tuning
  }

  @Test("A sample that shows where the cut is changes nothing", arguments: EdgeScoreMethod.allCases, [10, 60, 400])
  func sampled(method: EdgeScoreMethod, size: Int) throws {
    for isDirected in [false, method == .teddy] {
      let graph = try TestGraph.skewed(200, edges: 900, seed: UInt64(size)).frozen(isDirected: isDirected)
      var options = SparsifyOptions(score: EdgeScoreOptions(method: method, keepsLoops: true, directed: isDirected))
      let m = try sparsify(graph, options: options).edgesBefore
      for k in [0, 1, 2, m / 3, m / 2, m - 1, m] {
        options.removal = .count(k)
        for (keepsForest, tieSeed) in [(false, nil), (true, UInt64(3))] {
          (options.keepsForest, options.tieSeed) = (keepsForest, tieSeed)
          let plain = try sparsify(graph, options: options)
          for threads in [1, 2, 4] {
            let result = try sparsify(
              graph, options: options, context: .init(threads: threads), tuning: sampling(size))
            #expect(result.graph == plain.graph && result.thresholdScore == plain.thresholdScore)
            #expect(result.edgesAfter == plain.edgesAfter)
          }
        }
      }
    }
  }

  @Test("A threshold of any sign compares as scores do") func thresholds() throws {
    let graph = try randomGraph(nodeCount: 30, pairs: 90, seed: 1)
    let edges = try edgeScores(of: graph)
    for threshold in [-Double.infinity, -1, -Double.leastNonzeroMagnitude, -0.0, 0, 0.01, 0.1, 1, 2, .infinity] {
      let result = try sparsify(graph, options: .init(.scoresBelow(threshold)))
      #expect(result.removed == edges.count { $0.score < threshold })
    }
  }

  @Test("Ties on a regular graph are broken by the ends", arguments: [0, 1, 2, 17, 59, 60])
  func regularGraph(k: Int) throws {
    let graph = try CSRGraph(nodeCount: 30, edges: (0..<30).flatMap { [($0, ($0 + 1) % 30), ($0, ($0 + 2) % 30)] })
    let all = graph.edgeList
    for tuning in [tinyTuning, SparsifyTuning()] {
      let result = try sparsify(graph, options: .init(.count(k)), context: .init(threads: 2), tuning: tuning)
      #expect(result.graph.edgeList == Array(all.dropFirst(k)))
    }
  }

  @Test("A tie seed shuffles equal scores, and only those", arguments: 0..<5 as Range<UInt64>)
  func tieSeed(seed: UInt64) throws {
    let graph = try CSRGraph(nodeCount: 60, edges: (0..<60).flatMap { [($0, ($0 + 1) % 60), ($0, ($0 + 2) % 60)] })
    var options = SparsifyOptions(.count(40))
    let plain = try sparsify(graph, options: options).graph.edgeList
    options.tieSeed = seed
    let seeded = try sparsify(graph, options: options)
    #expect(seeded.removed == 40)
    #expect(seeded.graph.edgeList != plain)
    let small = try sparsify(graph, options: options, context: .init(threads: 2), tuning: tinyTuning)
    #expect(small.graph.edgeList == seeded.graph.edgeList)
    var last = Set(graph.edgeList)
    for k in stride(from: 1, through: 120, by: 13) {
      options.removal = .count(k)
      let kept = Set(
        try sparsify(graph, options: options, context: .init(threads: 1), tuning: tinyTuning).graph.edgeList)
      #expect(kept.isSubset(of: last))
      #expect(kept.count == 120 - k)
      last = kept
    }
    options.tieSeed = seed + 100
    options.removal = .count(40)
    #expect(try sparsify(graph, options: options).graph.edgeList != seeded.graph.edgeList)
    // Scores that differ keep their order.
    let star = try CSRGraph(nodeCount: 9, edges: (1..<6).map { (0, $0) } + [(6, 7), (7, 8)])
    options.removal = .count(5)
    #expect(try sparsify(star, options: options).graph.edgeList == [Edge(6, 7), Edge(7, 8)])
  }

  @Test("Shares give floor(p m) edges, nested", arguments: 0..<4 as Range<UInt64>)
  func shares(seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 80, pairs: 300, seed: seed)
    var last = Set(graph.edgeList)
    for step in 0...40 {
      let share = Double(step) / 40
      let result = try sparsify(graph, options: .init(.share(share)))
      #expect(result.edgesBefore == graph.edgeCount)
      #expect(result.removed == Int((share * Double(graph.edgeCount)).rounded(.down)))
      #expect(result.edgesAfter == graph.edgeCount - result.removed)
      #expect(result.requested == result.removed)
      #expect(result.graph.nodeCount == 80)
      let kept = Set(result.graph.edgeList)
      #expect(kept.isSubset(of: last))
      last = kept
    }
    #expect(last.isEmpty)
  }

  /// The schedule of the paper on a graph of 5278 edges: shares 1 - 0.95^i as doubles.
  @Test(arguments: [(1, 263), (2, 514), (5, 1193), (9, 1951), (14, 2704), (20, 3385)])
  func schedule(round: Int, removed: Int) throws {
    let cycle = try CSRGraph(nodeCount: 5278, edges: (0..<5278).map { ($0, ($0 + 1) % 5278) })
    let share = 1 - (0..<round).reduce(1.0) { product, _ in product * 0.95 }
    #expect(try sparsify(cycle, options: .init(.share(share))).removed == removed)
  }

  @Test("A threshold removes what is below it and keeps what is equal", arguments: EdgeScoreMethod.allCases)
  func thresholds(method: EdgeScoreMethod) throws {
    let graph = try karate()
    let score = EdgeScoreOptions(method: method)
    let edges = try edgeScores(of: graph, options: score)
    var thresholds = edges.prefix(20).map(\.score) + [-.infinity, -1, -0.0, 0, 0.25, 1, 2, .infinity]
    thresholds += edges.prefix(5).flatMap { [$0.score.nextUp, $0.score.nextDown] }
    for threshold in thresholds {
      let result = try sparsify(graph, options: .init(.scoresBelow(threshold), score: score))
      let expected = edges.filter { $0.score >= threshold }.map { Edge($0.source, $0.target) }
      #expect(result.graph.edgeList == expected, "\(threshold)")
      #expect(result.requested == nil)
      #expect(result.thresholdScore == (expected.count == edges.count ? nil : threshold))
    }
  }

  @Test func keepingANumberOfEdges() throws {
    let graph = try karate()
    for keep in [0, 1, 40, 77, 78, 79, 1000] {
      let result = try sparsify(graph, options: .init(.keeping(keep)))
      #expect(result.edgesAfter == min(78, keep))
      #expect(result.graph.edgeList == (try sparsify(graph, options: .init(.count(78 - min(78, keep))))).graph.edgeList)
    }
  }

  @Test("The lowest kept edge is behind the highest removed one", arguments: 0..<6 as Range<UInt64>)
  func cutIsClean(seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 100, pairs: 400, seed: seed)
    let scores = try edgeScores(of: graph)
    for share in [0.1, 0.35, 0.5, 0.9] {
      let kept = Set(try sparsify(graph, options: .init(.share(share))).graph.edgeList)
      let order = scores.map { (score: $0.score, edge: Edge($0.source, $0.target)) }
      let low = order.filter { kept.contains($0.edge) }.min { ($0.score, $0.edge) < ($1.score, $1.edge) }!
      let high = order.filter { !kept.contains($0.edge) }.max { ($0.score, $0.edge) < ($1.score, $1.edge) }!
      #expect((low.score, low.edge) > (high.score, high.edge))
    }
  }

  /// Two passes find the cut of a graph with many scores: one histogram, and the bucket with the decision.
  @Test func counters() throws {
    let graph = try randomGraph(nodeCount: 3000, pairs: 12_000, seed: 9)
    let result = try sparsify(graph, options: .init(.share(0.3)))
    #expect(result.counters.edgesScored == graph.edgeCount)
    #expect(result.counters.selectionPasses == 1)
    #expect(result.counters.bucketEdges > 0)
    #expect(result.counters.bucketEdges < graph.edgeCount / 20)
    let untouched = try sparsify(graph, options: .init(.share(0)))
    #expect(untouched.counters.selectionPasses == 0)
    // All scores equal: histograms go down to the last bit of the score, then rows are counted. No edge is pulled out.
    let cycle = try CSRGraph(nodeCount: 6000, edges: (0..<6000).map { ($0, ($0 + 1) % 6000) })
    let ties = try sparsify(cycle, options: .init(.share(0.5)))
    #expect(ties.removed == 3000)
    #expect(ties.counters.bucketEdges == 0)
    #expect(ties.counters.selectionPasses == 2)
  }
}
