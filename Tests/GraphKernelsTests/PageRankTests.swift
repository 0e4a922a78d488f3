import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct PageRankTests {
  @Test("A cycle gives every node the same score", arguments: [1, 2, 7, 100])
  func cycle(n: Int) throws {
    let graph = try CSRGraph(edges: (0..<n).map { ($0, ($0 + 1) % n) }, isDirected: true)
    let result = try pageRank(of: graph)
    #expect(result.isConverged && result.danglingCount == 0)
    for score in result.scores { #expect(abs(score - 1 / Double(n)) < 1e-12) }
  }

  /// 0 → 1, node 1 dangling, damping d: the scores are 1 / (2 + d) and (1 + d) / (2 + d).
  @Test func oneArcByHand() throws {
    let result = try pageRank(of: CSRGraph(edges: [(0, 1)], isDirected: true))
    #expect(abs(result.scores[0] - 1 / 2.85) < 1e-8)
    #expect(abs(result.scores[1] - 1.85 / 2.85) < 1e-8)
    #expect(result.danglingCount == 1)
  }

  @Test func noNodes() throws {
    #expect(try pageRank(of: CSRGraph(nodeCount: 0, edges: [(Int, Int)]())).scores.isEmpty)
  }

  /// Pushes along a dense matrix of transitions.
  private func reference(_ graph: CSRGraph, _ options: PageRankOptions) -> [Double] {
    let n = graph.nodeCount
    let restart = options.restart ?? [Double](repeating: 1, count: n)
    let total = restart.reduce(0, +)
    var scores = restart.map { $0 / total }
    for _ in 0..<400 {
      var next = [Double](repeating: 0, count: n)
      var stuck = 0.0
      for u in 0..<n {
        let row = graph.weightedNeighbors(of: u).map { ($0.node, options.usesWeights ? $0.weight : 1) }
        let out = row.reduce(0) { $0 + $1.1 }
        if out == 0 { stuck += scores[u] }
        for (v, weight) in row where out > 0 { next[v] += scores[u] * weight / out }
      }
      for v in 0..<n {
        let jump = (1 - options.damping + options.damping * stuck) * restart[v] / total
        next[v] = jump + options.damping * next[v]
      }
      scores = next
    }
    return scores
  }

  @Test("Scores are those of a dense reference, the same bits for 1, 2, 4 threads", arguments: TestGraph.small)
  func againstReference(input: TestGraph) throws {
    for (isDirected, isWeighted) in [(false, false), (true, false), (false, true), (true, true)] {
      let signed = try input.frozen(isDirected: isDirected, isWeighted: isWeighted)
      let arcs = signed.weightedEdges.map { ($0.source, $0.target, abs($0.weight)) }
      let frozen =
        isWeighted
        ? try CSRGraph(nodeCount: signed.nodeCount, weightedEdges: arcs, isDirected: isDirected) : signed
      var options = PageRankOptions(tolerance: 1e-13)
      for _ in 0..<2 {
        let expected = reference(frozen, options)
        let found = try [1, 2, 4].map { try pageRank(of: frozen, options: options, context: RunContext(threads: $0)) }
        #expect(found[0].isConverged)
        #expect(found[0] == found[1] && found[1] == found[2])
        for (one, other) in zip(found[0].scores, expected) { #expect(abs(one - other) < 1e-10) }
        #expect(abs(found[0].scores.reduce(0, +) - (frozen.nodeCount > 0 ? 1 : 0)) < 1e-9)
        #expect(try pageRank(of: frozen.widened(), options: options) == found[0])
        guard frozen.nodeCount > 0 else { return }
        options.restart = (0..<frozen.nodeCount).map { $0 % 3 == 0 ? Double($0 + 1) : 0 }
        options.damping = 0.6
      }
    }
  }

  @Test func refusals() throws {
    let graph = try CSRGraph(weightedEdges: [(0, 1, -1)])
    func kind(_ options: PageRankOptions) -> MillError.Kind? {
      do throws(MillError) {
        _ = try pageRank(of: graph, options: options)
        return nil
      } catch { return error.kind }
    }
    #expect(kind(.init(damping: 1)) == .badOption)
    #expect(kind(.init(damping: .nan)) == .badOption)
    #expect(kind(.init(tolerance: -1)) == .badOption)
    #expect(kind(.init(maximumRounds: 0)) == .badOption)
    #expect(kind(.init(restart: [1])) == .badOption)
    #expect(kind(.init(restart: [0, 0])) == .badOption)
    #expect(kind(.init(restart: [-1, 2])) == .badOption)
    #expect(kind(.init()) == .badWeight)
    #expect(kind(.init(usesWeights: false)) == nil)
  }
}
