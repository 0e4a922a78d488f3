import EdgeSparsification
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite("TEDDY scores")
struct TeddyScoreTests {
  /// Worked by hand.
  struct Golden: Sendable, CustomStringConvertible {
    let name: String
    let n: Int
    let edges: [(Int, Int)]
    let nodes: [Double]
    let scores: [Double]
    var description: String { name }
  }

  static let golden: [Golden] = {
    let (root2, root3) = (0.5.squareRoot(), (1.0 / 3).squareRoot())
    let inner = (1 + root2) / 4
    let (corner, joint) = ((root2 + root3) / 4, (2 * root2 + 1) / 9)
    return [
      Golden(name: "single edge", n: 2, edges: [(0, 1)], nodes: [1, 1], scores: [1]),
      Golden(
        name: "path", n: 4, edges: [(0, 1), (1, 2), (2, 3)], nodes: [root2, inner, inner, root2],
        scores: [0.30177669529663687, 0.18213834764831843, 0.30177669529663687]),
      Golden(
        name: "star", n: 5, edges: [(0, 1), (0, 2), (0, 3), (0, 4)], nodes: [0.25, 0.5, 0.5, 0.5, 0.5],
        scores: [0.125, 0.125, 0.125, 0.125]),
      Golden(
        name: "K4", n: 4, edges: [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)],
        nodes: [Double](repeating: root3 / 3, count: 4), scores: [Double](repeating: 1.0 / 27, count: 6)),
      Golden(
        name: "paw", n: 4, edges: [(0, 1), (0, 2), (1, 2), (2, 3)], nodes: [corner, corner, joint, root3],
        scores: [corner * corner, corner * joint, corner * joint, joint * root3]),
    ]
  }()

  @Test("Hand-checked graphs", arguments: golden)
  func handChecked(_ golden: Golden) throws {
    let graph = try CSRGraph(nodeCount: golden.n, edges: golden.edges)
    let nodes = try teddyNodeScores(of: graph)
    #expect(nodes.source == nodes.target)
    #expect(nodes.source.count == golden.n)
    for (found, expected) in zip(nodes.source, golden.nodes) { #expect(isClose(found, expected, 1e-14)) }
    let edges = try edgeScores(of: graph)
    #expect(edges.map { Edge($0.source, $0.target) } == golden.edges.map { Edge($0.0, $0.1) })
    for (found, expected) in zip(edges, golden.scores) { #expect(isClose(found.score, expected, 1e-14)) }
  }

  @Test("A d-regular circulant graph has d^(-3/2) at nodes and d^-3 at edges", arguments: [2, 4, 6, 10])
  func regular(degree: Int) throws {
    let n = 31
    let edges = (0..<n).flatMap { v in (1...degree / 2).map { (v, (v + $0) % n) } }
    let graph = try CSRGraph(nodeCount: n, edges: edges)
    let nodes = try teddyNodeScores(of: graph).source
    #expect(Set(nodes).count == 1, "all scores are equal bit for bit")
    #expect(isClose(nodes[0], 1 / (Double(degree) * Double(degree).squareRoot()), 1e-15))
    for edge in try edgeScores(of: graph) { #expect(isClose(edge.score, 1 / Double(degree * degree * degree), 1e-14)) }
  }

  @Test func zachary() throws {
    let graph = try karate()
    #expect(graph.edgeCount == 78)
    let nodes = try teddyNodeScores(of: graph).source
    #expect(isClose(nodes.reduce(0, +), 3.94825673326, 1e-11))
    let edges = try edgeScores(of: graph)
    #expect(isClose(edges.reduce(0) { $0 + $1.score }, 0.527036167444, 1e-11))
    let sorted = edges.sorted { ($0.score, $0.source, $0.target) < ($1.score, $1.source, $1.target) }
    #expect(sorted.prefix(4).map { Edge($0.source, $0.target) } == [Edge(32, 33), Edge(0, 2), Edge(0, 1), Edge(2, 32)])
    let lowest = [0.0014822685184150872, 0.001517824713108916, 0.0018545744331587681, 0.0019809030271378788]
    for (edge, expected) in zip(sorted, lowest) { #expect(isClose(edge.score, expected)) }
    #expect(sorted.suffix(2).map { Edge($0.source, $0.target) } == [Edge(5, 16), Edge(6, 16)])
    for edge in sorted.suffix(2) { #expect(isClose(edge.score, 0.031788391412127706)) }
  }

  @Test("Equal to the definition on random graphs", arguments: 0..<20 as Range<UInt64>)
  func definition(seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 40, pairs: 20 + 6 * Int(seed), seed: seed)
    let expected = naiveTeddy(nodeCount: 40, graph.edgeList)
    let found = try teddyNodeScores(of: graph).source
    for (a, b) in zip(found, expected) { #expect(isClose(a, b, 1e-13)) }
    for edge in try edgeScores(of: graph) {
      #expect(edge.score == found[edge.source] * found[edge.target])
      let bound = 1 / Double(graph.degree(of: edge.source) * graph.degree(of: edge.target))
      #expect(edge.score > 0)
      #expect(edge.score <= bound * (1 + 1e-14))
      if edge.score == 1 { #expect(bound == 1) }
    }
  }

  @Test("Permuted node ids permute the scores", arguments: 0..<8 as Range<UInt64>)
  func permutation(seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 50, pairs: 160, seed: seed)
    var random = CounterRandom(seed: seed, stage: "test.permutation")
    let order = Array(0..<50).shuffled(using: &random)
    let permuted = try CSRGraph(nodeCount: 50, edges: graph.edgeList.map { (order[$0.source], order[$0.target]) })
    let (a, b) = (try teddyNodeScores(of: graph).source, try teddyNodeScores(of: permuted).source)
    for v in 0..<50 { #expect(isClose(a[v], b[order[v]], 1e-14)) }
    // The kept sets agree when no two scores straddle the cut closely.
    let scores = try edgeScores(of: graph).map(\.score).sorted()
    for k in stride(from: 1, to: scores.count, by: 11) where !isClose(scores[k - 1], scores[k], 1e-12) {
      let kept = try sparsify(graph, options: .init(.count(k))).graph.edgeList
      let other = try sparsify(permuted, options: .init(.count(k))).graph.edgeList
      #expect(
        Set(kept.map { Edge(min(order[$0.source], order[$0.target]), max(order[$0.source], order[$0.target])) })
          == Set(other))
    }
  }

  @Test func disjointUnionLeavesScoresAlone() throws {
    let (a, b) = (try karate(), try randomGraph(nodeCount: 20, pairs: 50, seed: 3))
    let union = try CSRGraph(
      nodeCount: 54,
      edges: (a.edgeList + b.edgeList.map { Edge($0.source + 34, $0.target + 34) }).map { ($0.source, $0.target) })
    let scores = try teddyNodeScores(of: union).source
    #expect(Array(scores[..<34]) == (try teddyNodeScores(of: a).source))
    #expect(Array(scores[34...]) == (try teddyNodeScores(of: b).source))
  }

  @Test func isolatedNodesAndEmptyGraphs() throws {
    #expect(try teddyNodeScores(of: CSRGraph(nodeCount: 3, edges: [])).source == [0, 0, 0])
    #expect(try teddyNodeScores(of: CSRGraph(nodeCount: 0, edges: [])).source == [])
    #expect(try edgeScores(of: CSRGraph(nodeCount: 0, edges: [])) == [])
    #expect(try teddyNodeScores(of: CSRGraph(nodeCount: 3, edges: [(0, 2)])).source == [1, 0, 1])
  }

  @Test("Loops are dropped before scoring by default, counted on request")
  func loops() throws {
    let plain = try CSRGraph(nodeCount: 4, edges: [(0, 1), (1, 2), (2, 3)])
    let looped = try CSRGraph(nodeCount: 4, edges: [(0, 1), (1, 2), (2, 3), (1, 1), (3, 3)])
    #expect(try edgeScores(of: looped) == (try edgeScores(of: plain)))
    var options = EdgeScoreOptions()
    options.keepsLoops = true
    // Degrees 1, 3, 2, 2 with the loops at 1 and 3 counted once.
    let r = [1, 1 / 3.0.squareRoot(), 0.5.squareRoot(), 0.5.squareRoot()]
    let expected = [r[1], (r[0] + r[1] + r[2]) / 9, (r[1] + r[3]) / 4, (r[2] + r[3]) / 4]
    for (a, b) in zip(try teddyNodeScores(of: looped, options: options).source, expected) {
      #expect(isClose(a, b, 1e-15))
    }
    #expect(try edgeScores(of: looped, options: options).count == 3)
  }

  @Test("Every node as its own neighbor", arguments: 0..<6 as Range<UInt64>)
  func selfLoopsInScore(seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 25, pairs: 60, seed: seed)
    let looped = try CSRGraph(
      nodeCount: 25, edges: graph.edgeList.map { ($0.source, $0.target) } + (0..<25).map { ($0, $0) })
    var withTerm = EdgeScoreOptions()
    withTerm.selfLoopsInScore = true
    var withLoops = EdgeScoreOptions()
    withLoops.keepsLoops = true
    let expected = try teddyNodeScores(of: looped, options: withLoops)
    #expect(try teddyNodeScores(of: graph, options: withTerm) == expected)
    // A loop that is there already is not added a second time.
    withTerm.keepsLoops = true
    #expect(try teddyNodeScores(of: looped, options: withTerm) == expected)
  }

  @Test("Directed scores of symmetric arcs are the undirected ones, bit for bit", arguments: 0..<6 as Range<UInt64>)
  func symmetricArcs(seed: UInt64) throws {
    let graph = try randomGraph(nodeCount: 30, pairs: 80, seed: seed)
    let both = graph.edgeList.flatMap { [($0.source, $0.target), ($0.target, $0.source)] }
    let arcs = try CSRGraph(nodeCount: 30, edges: both, isDirected: true)
    var options = EdgeScoreOptions()
    options.directed = true
    let expected = try teddyNodeScores(of: graph)
    #expect(try teddyNodeScores(of: arcs, options: options) == expected)
    options.selfLoopsInScore = true
    var undirected = options
    undirected.directed = false
    let scores = try teddyNodeScores(of: arcs, options: options)
    #expect(scores == (try teddyNodeScores(of: graph, options: undirected)))
    #expect(scores != expected)
    // Without the option the arcs are merged first.
    #expect(try teddyNodeScores(of: arcs) == expected)
  }

  @Test func directedByHand() throws {
    // 0 → 1, 0 → 2, 1 → 2: out-degrees 2, 1, 0; in-degrees 0, 1, 2.
    let graph = try CSRGraph(nodeCount: 3, edges: [(0, 1), (0, 2), (1, 2)], isDirected: true)
    var options = EdgeScoreOptions()
    options.directed = true
    let half = 0.5.squareRoot()
    let scores = try teddyNodeScores(of: graph, options: options)
    #expect(zip(scores.source, [(1 + half) / 4, half, 0]).allSatisfy { isClose($0, $1, 1e-15) })
    #expect(zip(scores.target, [0, half, (half + 1) / 4]).allSatisfy { isClose($0, $1, 1e-15) })
    let edges = try edgeScores(of: graph, options: options)
    #expect(edges.map { Edge($0.source, $0.target) } == [Edge(0, 1), Edge(0, 2), Edge(1, 2)])
    #expect(edges.allSatisfy { $0.score == scores.source[$0.source] * scores.target[$0.target] })
  }

  @Test("Weights of 1 give the plain score, bit for bit", arguments: [EdgeScoreMethod.teddy, .reverse])
  func unitWeights(method: EdgeScoreMethod) throws {
    let graph = try karate()
    let weighted = try CSRGraph(nodeCount: 34, weightedEdges: karateEdges.map { ($0.0, $0.1, 1) })
    var options = EdgeScoreOptions(method: method)
    let expected = try edgeScores(of: graph, options: options)
    options.weighted = true
    #expect(try edgeScores(of: weighted, options: options) == expected)
    #expect(try edgeScores(of: graph, options: options) == expected)
    options.selfLoopsInScore = true
    options.directed = true
    #expect(try edgeScores(of: weighted, options: options).count == 78)
  }

  @Test func weightedByHand() throws {
    // Weights 4 on 0-1 and 5 on 1-2: d = 4, 9, 5.
    let graph = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 4), (1, 2, 5)])
    var options = EdgeScoreOptions()
    options.weighted = true
    let a = [4 * (1.0 / 3) / 4, (4 * 0.5 + 5 / 5.0.squareRoot()) / 9, 5 * (1.0 / 3) / 5]
    let edges = try edgeScores(of: graph, options: options)
    #expect(isClose(edges[0].score, 4 * a[0] * a[1] / (4 * 9), 1e-14))
    #expect(isClose(edges[1].score, 5 * a[1] * a[2] / (9 * 5), 1e-14))
    // Weights are ignored by default.
    #expect(try edgeScores(of: graph) == (try edgeScores(of: CSRGraph(nodeCount: 3, edges: [(0, 1), (1, 2)]))))
  }
}
