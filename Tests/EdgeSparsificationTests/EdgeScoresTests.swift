import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import EdgeSparsification

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Comparison scores")
struct EdgeScoresTests {
  private func sum(_ method: EdgeScoreMethod) throws -> Double {
    try edgeScores(of: karate(), options: .init(method: method)).reduce(0) { $0 + $1.score }
  }

  /// Sums over the karate club's edges from an independent program on another graph library.
  @Test func zachary() throws {
    #expect(isClose(try sum(.jaccard), 10.903886129350521, 1e-12))
    #expect(try sum(.triangles) == 135)
    #expect(isClose(try sum(.degreeProduct), 2.8663684640522864, 1e-12))
    #expect(isClose(try sum(.localDegree), 47.303375554657649, 1e-12))
    #expect(isClose(try sum(.reverse), -0.52703616744396264, 1e-12))
  }

  @Test("Definitions on random graphs", arguments: 0..<12 as Range<UInt64>)
  func definitions(seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 30, pairs: 15 + 25 * Int(seed), seed: seed)
    let lists = (0..<30).map { Set(graph.neighbors(of: $0)) }
    func localValue(_ u: Int, _ v: Int) -> Double {
      if lists[u].count == 1 { return 1 }
      let rank = 1 + lists[u].filter { lists[$0].count > lists[v].count }.count
      return 1 - log(Double(rank)) / log(Double(lists[u].count))
    }
    let reference: [EdgeScoreMethod: (Int, Int) -> Double] = [
      .triangles: { Double(lists[$0].intersection(lists[$1]).count) },
      .jaccard: { Double(lists[$0].intersection(lists[$1]).count) / Double(lists[$0].union(lists[$1]).count) },
      .degreeProduct: { 1 / Double(lists[$0].count * lists[$1].count) },
      .localDegree: { max(localValue($0, $1), localValue($1, $0)) },
    ]
    for (method, score) in reference {
      let edges = try edgeScores(of: graph, options: .init(method: method))
      #expect(edges.map { Edge($0.source, $0.target) } == graph.edgeList)
      for edge in edges { #expect(edge.score == score(edge.source, edge.target), "\(method)") }
    }
    let teddy = try edgeScores(of: graph)
    let reverse = try edgeScores(of: graph, options: .init(method: .reverse))
    #expect(zip(teddy, reverse).allSatisfy { $0.score == -$1.score })
  }

  @Test("Hubs beside short lists: binary search finds the same neighbors")
  func skewed() throws {
    var edges = (1..<400).map { (0, $0) }
    edges += [(1, 2), (2, 3), (1, 3), (399, 1), (200, 201)]
    let graph = try CSRGraph(nodeCount: 400, edges: edges)
    let scores = try edgeScores(of: graph, options: .init(method: .triangles))
    let found = Dictionary(uniqueKeysWithValues: scores.map { (Edge($0.source, $0.target), $0.score) })
    #expect(found[Edge(0, 1)] == 3)
    #expect(found[Edge(0, 2)] == 2)
    #expect(found[Edge(0, 399)] == 1)
    #expect(found[Edge(0, 5)] == 0)
    #expect(found[Edge(1, 2)] == 2)
    #expect(found[Edge(200, 201)] == 1)
  }

  @Test(
    "Loops are invisible to local degree, Jaccard and triangles",
    arguments: [
      EdgeScoreMethod.localDegree, .jaccard, .triangles, .random,
    ])
  func loops(method: EdgeScoreMethod) throws {
    let graph = try randomGraph(nodeCount: 20, pairs: 70, seed: 1)
    let looped = try CSRGraph(
      nodeCount: 20, edges: graph.edgeList.map { ($0.source, $0.target) } + [(0, 0), (3, 3), (7, 7), (19, 19)])
    var options = EdgeScoreOptions(method: method)
    options.keepsLoops = true
    #expect(try edgeScores(of: looped, options: options) == (try edgeScores(of: graph, options: options)))
  }

  @Test func randomDependsOnSeedAndEdgeOnly() throws {
    let graph = try randomGraph(nodeCount: 60, pairs: 400, seed: 5)
    let part = try CSRGraph(nodeCount: 200, edges: graph.edgeList.prefix(100).map { ($0.source, $0.target) })
    let scores = try edgeScores(of: graph, options: .init(method: .random, seed: 1))
    #expect(Array(scores.prefix(100)) == (try edgeScores(of: part, options: .init(method: .random, seed: 1))))
    #expect(scores != (try edgeScores(of: graph, options: .init(method: .random, seed: 2))))
    #expect(scores.allSatisfy { $0.score >= 0 && $0.score < 1 })
    #expect(Set(scores.map(\.score)).count == scores.count)
    let mean = scores.reduce(0) { $0 + $1.score } / Double(scores.count)
    #expect(abs(mean - 0.5) < 0.06)
  }

  @Test("Directed degree products", arguments: [EdgeScoreMethod.degreeProduct, .random])
  func directed(method: EdgeScoreMethod) throws {
    let graph = try CSRGraph(nodeCount: 4, edges: [(0, 1), (1, 0), (0, 2), (3, 2)], isDirected: true)
    var options = EdgeScoreOptions(method: method)
    options.directed = true
    let scores = try edgeScores(of: graph, options: options)
    #expect(scores.map { Edge($0.source, $0.target) } == [Edge(0, 1), Edge(0, 2), Edge(1, 0), Edge(3, 2)])
    if method == .degreeProduct { #expect(scores.map(\.score) == [0.5, 0.25, 1, 0.5]) }
    if method == .random { #expect(scores[0].score != scores[2].score) }
  }

  @Test func refusesWhatHasNoForm() throws {
    let graph = try CSRGraph(nodeCount: 2, edges: [(0, 1)], isDirected: true)
    for method in [EdgeScoreMethod.localDegree, .jaccard, .triangles] {
      var options = EdgeScoreOptions(method: method)
      options.directed = true
      #expect(throws: MillError.undirectedOnly(method)) { try edgeScores(of: graph, options: options) }
    }
    for method in EdgeScoreMethod.allCases where method != .teddy && method != .reverse {
      var options = EdgeScoreOptions(method: method)
      options.weighted = true
      #expect(throws: MillError.unweightedOnly(method)) { try edgeScores(of: graph, options: options) }
    }
  }

  @Test func namesOfTheCommandLine() {
    #expect(
      EdgeScoreMethod.allCases.map(\.rawValue) == [
        "teddy", "random", "reverse", "degree-product", "local-degree", "jaccard", "triangles",
      ])
  }
}
