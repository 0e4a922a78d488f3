import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct BetweennessTests {
  /// On a path of five the middle lies between 2 · 2 pairs, its neighbors between 1 · 3.
  @Test func byHand() throws {
    let path = try TestGraph.path(5).frozen()
    let result = try betweenness(of: path)
    #expect(Array(result.scores) == [0, 3, 4, 3, 0] && result.isExact && result.sourceCount == 5)
    let normalized = try betweenness(of: path, options: .init(isNormalized: true)).scores
    #expect(Array(normalized) == [0, 0.5, 4.0 / 6, 0.5, 0])
    let arcs = try TestGraph.path(4).frozen(isDirected: true)
    #expect(try betweenness(of: arcs).scores.array == [0, 2, 2, 0])
    let square = try CSRGraph(edges: [(0, 1), (1, 2), (2, 3), (3, 0)])
    #expect(try betweenness(of: square).scores.array == [0.5, 0.5, 0.5, 0.5])
    let none = try betweenness(of: TestGraph.empty.frozen())
    #expect(none.scores.isEmpty && none.isExact)
  }

  /// Counts shortest paths of all pairs: those through v are those to v times those from v, where the distances fit.
  private func reference(_ graph: CSRGraph) throws -> [Double] {
    let n = graph.nodeCount
    let distances = try graph.nodes.map { try breadthFirstSearch(of: graph, from: $0).distances.array }
    var paths = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for s in 0..<n {
      paths[s][s] = 1
      for t in (0..<n).filter({ distances[s][$0] > 0 }).sorted(by: { distances[s][$0] < distances[s][$1] }) {
        for u in Set((0..<n).filter { graph.hasEdge($0, t) }) where distances[s][u] == distances[s][t] - 1 {
          paths[s][t] += paths[s][u]
        }
      }
    }
    return (0..<n).map { v in
      var sum = 0.0
      for s in 0..<n where s != v && distances[s][v] > 0 {
        for t in 0..<n where t != v && t != s && distances[v][t] > 0 {
          if distances[s][v] + distances[v][t] == distances[s][t] { sum += paths[s][v] * paths[v][t] / paths[s][t] }
        }
      }
      return graph.isDirected ? sum : sum / 2
    }
  }

  private func check(_ graph: CSRGraph) throws {
    let expected = try reference(graph)
    let found = try [1, 2, 4].map { try betweenness(of: graph, context: RunContext(threads: $0)) }
    #expect(found[0] == found[1] && found[1] == found[2])
    for (one, other) in zip(found[0].scores, expected) { #expect(abs(one - other) <= 1e-9 * max(1, other)) }
    #expect(try betweenness(of: graph.widened()) == found[0])
  }

  @Test("Scores are those of all pairs, the same bits for 1, 2, 4 threads", arguments: TestGraph.small)
  func againstPairs(input: TestGraph) throws {
    guard input.nodeCount <= 130 else {
      let graph = try input.frozen()
      let found = try [1, 2, 4].map { try betweenness(of: graph, context: RunContext(threads: $0)) }
      return #expect(found[0] == found[1] && found[1] == found[2])
    }
    for isDirected in [false, true] { try check(input.frozen(isDirected: isDirected)) }
  }

  @Test("Random graphs with loops and parallel edges", arguments: 0..<10 as Range<UInt64>)
  func random(seed: UInt64) throws {
    for isDirected in [false, true] {
      try check(
        TestGraph.random(25, edges: 30 + 4 * Int(seed), seed: seed).frozen(isDirected: isDirected, duplicates: .keep))
    }
  }

  @Test("A sample of all is exact; means over seeds come near; the same seed gives the same bits")
  func sampling() throws {
    let graph = try TestGraph.skewed(300, edges: 900, seed: 2).frozen()
    let exact = try betweenness(of: graph)
    #expect(try betweenness(of: graph, options: .init(sampleSize: 300)) == exact)
    #expect(try betweenness(of: graph, options: .init(sampleSize: 1000)) == exact)
    let hub = exact.scores.indices.max { exact.scores[$0] < exact.scores[$1] }!
    var sum = 0.0
    for seed in 1...UInt64(40) {
      let options = BetweennessOptions(sampleSize: 30, seed: seed)
      let one = try betweenness(of: graph, options: options, context: RunContext(threads: 1))
      #expect(try betweenness(of: graph, options: options, context: RunContext(threads: 3)) == one)
      #expect(one.sourceCount == 30 && !one.isExact)
      sum += one.scores[hub]
    }
    #expect(abs(sum / 40 / exact.scores[hub] - 1) < 0.1)
  }

  @Test func refusesAnEmptySample() throws {
    for size in [0, -1] {
      let error = #expect(throws: MillError.self) {
        try betweenness(of: TestGraph.path(3).frozen(), options: .init(sampleSize: size))
      }
      #expect(error?.kind == .badOption)
    }
  }

  /// Nodes without arcs are sources, too, that no path begins at.
  @Test func sourcesWithoutArcs() throws {
    let graph = try CSRGraph(nodeCount: 300, edges: (0..<9).map { ($0, $0 + 1) })
    let exact = try betweenness(of: graph)
    #expect(exact.sourceCount == 300 && exact.scores.array[0..<10] == [0, 8, 14, 18, 20, 20, 18, 14, 8, 0])
    let sampled = try betweenness(of: graph, options: .init(sampleSize: 290))
    #expect(sampled.sourceCount == 290)
    for threads in [2, 4] {
      let options = BetweennessOptions(sampleSize: 290)
      #expect(try betweenness(of: graph, options: options, context: RunContext(threads: threads)) == sampled)
    }
    #expect(try betweenness(of: CSRGraph(nodeCount: 5, edges: [(Int, Int)]())).scores.array == [0, 0, 0, 0, 0])
  }
}
