import EdgeSparsification
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite("Options that hold edges")
struct KeepForestTests {
  /// Kruskal's algorithm on edges in descending order.
  private func kruskal(_ edges: [ScoredEdge], nodeCount: Int) -> Set<Edge> {
    var label = Array(0..<nodeCount)
    var forest: Set<Edge> = []
    for edge in edges.sorted(by: { ($0.score, $0.source, $0.target) > ($1.score, $1.source, $1.target) }) {
      let (a, b) = (label[edge.source], label[edge.target])
      if a == b { continue }
      for v in 0..<nodeCount where label[v] == a { label[v] = b }
      forest.insert(Edge(edge.source, edge.target))
    }
    return forest
  }

  @Test(
    "The maximum spanning forest stays and components do not change", arguments: EdgeScoreMethod.allCases,
    0..<4 as Range<UInt64>)
  func forest(method: EdgeScoreMethod, seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 40, pairs: 30 + 40 * Int(seed), seed: seed)
    let score = EdgeScoreOptions(method: method, seed: seed)
    let edges = try edgeScores(of: graph, options: score)
    let forest = kruskal(edges, nodeCount: 40)
    let before = components(of: graph)
    let order = edges.sorted { ($0.score, $0.source, $0.target) < ($1.score, $1.source, $1.target) }
    for k in stride(from: 0, through: edges.count, by: 5) + [edges.count] {
      var options = SparsifyOptions(.count(k), score: score)
      options.keepsForest = true
      for tuning in [SparsifyTuning(), tinyTuning] {
        let result = try sparsify(graph, options: options, context: .init(threads: 2), tuning: tuning)
        #expect(components(of: result.graph) == before)
        let expected = Set(
          order.map { Edge($0.source, $0.target) }.filter { !forest.contains($0) }.dropFirst(k)
        ).union(forest)
        #expect(Set(result.graph.edgeList) == expected)
        #expect(result.removed == min(k, edges.count - forest.count))
        #expect(result.requested == k)
        if k > 0 { #expect(result.counters.forestEdges == 40 - Set(before).count) }
      }
    }
  }

  @Test func everythingThatMayGoIsAForest() throws {
    let graph = try karate()
    var options = SparsifyOptions(.share(1))
    options.keepsForest = true
    let result = try sparsify(graph, options: options)
    #expect(result.edgesAfter == 33)
    #expect(isClose(result.shareReached, 45.0 / 78))
    #expect(Set(components(of: result.graph)) == [0])
    // A threshold respects the forest too.
    options.removal = .scoresBelow(.infinity)
    #expect(try sparsify(graph, options: options).graph.content == result.graph.content)
    // The tie seed takes part in the order of the forest.
    let cycle = try CSRGraph(nodeCount: 40, edges: (0..<40).map { ($0, ($0 + 1) % 40) })
    options.removal = .share(1)
    let plain = try sparsify(cycle, options: options)
    #expect(plain.graph.edgeList == Array(cycle.edgeList.dropFirst()))
    options.tieSeed = 5
    let seeded = try sparsify(cycle, options: options)
    #expect(seeded.removed == 1)
    #expect(seeded.graph.edgeList != plain.graph.edgeList)
  }

  @Test("A forest of arcs keeps weak components", arguments: 0..<4 as Range<UInt64>)
  func directedForest(seed: UInt64) throws {
    let graph = try CSRGraph(
      nodeCount: 30, edges: TestGraph.uneven(30, pairs: 70, seed: seed).pairs, isDirected: true)
    var options = SparsifyOptions(.share(1))
    options.score.directed = true
    options.keepsForest = true
    let result = try sparsify(graph, options: options)
    #expect(components(of: result.graph) == components(of: graph))
    #expect(result.edgesAfter == 30 - Set(components(of: graph)).count)
  }

  /// The definition of `minimumDegree`, edge by edge.
  private func greedy(_ edges: [ScoredEdge], nodeCount: Int, wanted: Int, minimum: Int) -> Set<Edge> {
    var degree = [Int](repeating: 0, count: nodeCount)
    for edge in edges {
      degree[edge.source] += 1
      degree[edge.target] += 1
    }
    var kept: Set<Edge> = []
    var removed = 0
    for edge in edges.sorted(by: { ($0.score, $0.source, $0.target) < ($1.score, $1.source, $1.target) }) {
      if removed < wanted, degree[edge.source] > minimum, degree[edge.target] > minimum {
        degree[edge.source] -= 1
        degree[edge.target] -= 1
        removed += 1
      } else {
        kept.insert(Edge(edge.source, edge.target))
      }
    }
    return kept
  }

  @Test("Minimum degrees against the definition", arguments: EdgeScoreMethod.allCases, [1, 2, 5])
  func minimumDegree(method: EdgeScoreMethod, minimum: Int) throws {
    let graph = try randomGraph(nodeCount: 50, pairs: 220, seed: UInt64(minimum))
    let score = EdgeScoreOptions(method: method)
    let edges = try edgeScores(of: graph, options: score)
    var last = Set(graph.edgeList)
    for k in stride(from: 0, through: edges.count, by: 23) + [edges.count] {
      var options = SparsifyOptions(.count(k), score: score)
      options.minimumDegree = minimum
      let expected = greedy(edges, nodeCount: 50, wanted: k, minimum: minimum)
      for tuning in [SparsifyTuning(), tinyTuning] {
        let result = try sparsify(graph, options: options, context: .init(threads: 2), tuning: tuning)
        let kept = Set(result.graph.edgeList)
        #expect(kept == expected)
        #expect(result.removed == edges.count - expected.count)
        #expect(kept.isSubset(of: last))
        for v in 0..<50 { #expect(result.graph.degree(of: v) >= min(minimum, graph.degree(of: v))) }
      }
      last = expected
    }
    var options = SparsifyOptions(.share(1), score: score)
    options.minimumDegree = minimum
    let result = try sparsify(graph, options: options)
    #expect(result.shareReached < 1)
    #expect(result.requested == edges.count)
    #expect(result.counters.skippedForDegree == result.edgesAfter)
  }

  @Test func minimumDegreeWithThresholdAndForest() throws {
    let graph = try karate()
    let edges = try edgeScores(of: graph)
    var options = SparsifyOptions(.scoresBelow(0.01))
    options.minimumDegree = 2
    let below = edges.filter { $0.score < 0.01 }
    #expect(below.count > 20)
    let result = try sparsify(graph, options: options)
    let kept = Set(result.graph.edgeList)
    #expect(edges.filter { $0.score >= 0.01 }.allSatisfy { kept.contains(Edge($0.source, $0.target)) })
    for v in 0..<34 { #expect(result.graph.degree(of: v) >= min(2, graph.degree(of: v))) }
    // Every edge below the threshold that is left has an end that could not lose one more.
    for edge in below where kept.contains(Edge(edge.source, edge.target)) {
      #expect(min(result.graph.degree(of: edge.source), result.graph.degree(of: edge.target)) <= 2)
    }
    options.removal = .share(1)
    options.keepsForest = true
    let both = try sparsify(graph, options: options)
    #expect(Set(components(of: both.graph)) == [0])
    for v in 0..<34 { #expect(both.graph.degree(of: v) >= min(2, graph.degree(of: v))) }
    #expect(both.edgesAfter < 78)
  }
}

private func + (_ a: StrideThrough<Int>, _ b: [Int]) -> [Int] { Array(a) + b }
