import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import EdgeSparsification

@Suite("Sparsify")
struct SparsifyTests {
  @Test func nothingAndEverything() throws {
    let graph = try karate()
    let same = try sparsify(graph, options: .init(.share(0)))
    #expect(same.graph.content == graph.content)
    #expect(same.graph.offsets.base == graph.offsets.base, "not even copied")
    #expect(same.thresholdScore == nil)
    #expect(same.shareReached == 0)
    let none = try sparsify(graph, options: .init(.share(1)))
    #expect(none.graph.nodeCount == 34)
    #expect(none.graph.edgeCount == 0)
    #expect(none.graph.arcCount == 0)
    #expect(none.shareReached == 1)
    for n in [0, 1, 5] {
      let empty = try CSRGraph(nodeCount: n, edges: [])
      for removal in [EdgeRemoval.share(0.5), .count(0), .keeping(3), .scoresBelow(1)] {
        let result = try sparsify(empty, options: .init(removal))
        #expect(result.graph.content == empty.content)
        #expect(result.edgesBefore == 0)
        #expect(result.shareReached == 0)
      }
    }
  }

  @Test("Both arcs of an edge stay or go together, kept edges are input edges", arguments: EdgeScoreMethod.allCases)
  func symmetric(method: EdgeScoreMethod) throws {
    let graph = try randomGraph(nodeCount: 70, pairs: 300, seed: 4)
    let all = Set(graph.edgeList)
    let result = try sparsify(graph, options: .init(.share(0.4), score: .init(method: method))).graph
    #expect(!result.isDirected)
    #expect(result.arcCount == 2 * result.edgeCount)
    for v in 0..<70 {
      let list = Array(result.neighbors(of: v))
      #expect(list == list.sorted())
      for w in list {
        #expect(result.hasEdge(w, v))
        #expect(all.contains(Edge(min(v, w), max(v, w))))
      }
    }
  }

  @Test("The same bytes for 1, 2 and 4 threads, any chunks and histograms", arguments: EdgeScoreMethod.allCases)
  func threads(method: EdgeScoreMethod) throws {
    let graph = try randomGraph(nodeCount: 400, pairs: 2000, seed: 11)
    for (forest, degree) in [(false, 0), (true, 0), (false, 2), (true, 1)] {
      var options = SparsifyOptions(.share(0.37), score: .init(method: method))
      options.keepsForest = forest
      options.minimumDegree = degree
      let expected = try sparsify(graph, options: options, context: .init(threads: 1))
      var tuning = tinyTuning
      tuning.chunkWork = 100
      for (threads, tuning) in [(2, SparsifyTuning()), (1, tuning), (2, tuning), (4, tuning)] {
        let result = try sparsify(graph, options: options, context: .init(threads: threads), tuning: tuning)
        #expect(result.graph.content == expected.graph.content)
        #expect(result.thresholdScore == expected.thresholdScore)
      }
    }
  }

  @Test("Default chunks on a graph that fills several", arguments: [1, 2, 4])
  func severalChunks(threads: Int) throws {
    let n = 30_000
    let graph = try CSRGraph(nodeCount: n, edges: (0..<n).flatMap { [($0, ($0 * 7 + 1) % n), ($0, ($0 * 3) % n)] })
    let result = try sparsify(graph, options: .init(.share(0.25)), context: .init(threads: threads))
    let once = try sparsify(graph, options: .init(.share(0.25)), context: .init(threads: 1))
    #expect(result.removed == result.edgesBefore / 4)
    #expect(result.graph.arcCount == 2 * result.edgesAfter)
    #expect(Array(result.graph.offsets) == Array(once.graph.offsets))
    #expect((0..<once.graph.arcCount).allSatisfy { result.graph.targets[$0] == once.graph.targets[$0] })
  }

  @Test func inputOrderDoesNotMatter() throws {
    let pairs = TestGraph.uneven(50, pairs: 200, seed: 8).pairs
    var random = CounterRandom(seed: 1, stage: "test.order")
    let a = try sparsify(CSRGraph(nodeCount: 50, edges: pairs), options: .init(.share(0.5)))
    let shuffled = pairs.shuffled(using: &random).map { ($0.1, $0.0) }
    let b = try sparsify(CSRGraph(nodeCount: 50, edges: shuffled), options: .init(.share(0.5)))
    #expect(a.graph.content == b.graph.content)
  }

  @Test("Weights are carried and ignored by default")
  func weightsAreCarried() throws {
    let weights = Dictionary(uniqueKeysWithValues: karateEdges.map { (Edge($0.0, $0.1), Double($0.0 * 100 + $0.1)) })
    let graph = try CSRGraph(nodeCount: 34, weightedEdges: karateEdges.map { ($0.0, $0.1, weights[Edge($0.0, $0.1)]!) })
    let result = try sparsify(graph, options: .init(.share(0.3))).graph
    #expect(result.edgeList == (try sparsify(karate(), options: .init(.share(0.3)))).graph.edgeList)
    let kept = try #require(result.weights)
    for u in 0..<34 {
      for arc in result.arcs(of: u) {
        let v = result.targets[arc]
        #expect(kept[arc] == weights[Edge(min(u, v), max(u, v))])
      }
    }
    #expect(try sparsify(graph, options: .init(.share(1))).graph.isWeighted)
  }

  @Test func weightedScoresDecideTheCut() throws {
    let edges = karateEdges.enumerated().map { ($1.0, $1.1, Double($0 * 37 % 50 + 1)) }
    let graph = try CSRGraph(nodeCount: 34, weightedEdges: edges)
    for method in [EdgeScoreMethod.teddy, .reverse] {
      var score = EdgeScoreOptions(method: method)
      score.weighted = true
      let scores = try edgeScores(of: graph, options: score)
      let kept = scores.sorted { ($0.score, $0.source, $0.target) < ($1.score, $1.source, $1.target) }.dropFirst(30)
      let result = try sparsify(graph, options: .init(.count(30), score: score))
      #expect(result.graph.edgeList == kept.map { Edge($0.source, $0.target) }.sorted())
    }
  }

  @Test("Bad weights are refused before any work", arguments: [Double.nan, -1, .infinity, -.infinity])
  func badWeights(weight: Double) throws {
    let graph = try CSRGraph(nodeCount: 9, weightedEdges: [(3, 4, 1), (5, 7, weight)])
    for method in EdgeScoreMethod.allCases {
      #expect {
        try sparsify(graph, options: .init(.share(0.5), score: .init(method: method)))
      } throws: { error in
        guard let error = error as? MillError else { return false }
        return error.kind == .badWeight && error.exitCode == 65 && error.message.contains("5 - 7")
      }
    }
  }

  @Test func zeroWeightsAreRefusedInWeightedScoresOnly() throws {
    let graph = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 1), (1, 2, 0)])
    var score = EdgeScoreOptions()
    #expect(try edgeScores(of: graph, options: score).count == 2)
    score.weighted = true
    let error = #expect(throws: MillError.self) { try edgeScores(of: graph, options: score) }
    #expect(error?.kind == .badWeight && error?.field == "0.0")
    #expect(error?.message.contains("the edge 1 - 2") == true)
  }

  @Test func extremeWeightsAreRefusedNotOverflown() throws {
    var score = EdgeScoreOptions()
    score.weighted = true
    let tiny = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 1e-300), (1, 2, 1e-300)])
    #expect(throws: MillError.weightsTooExtreme) { try sparsify(tiny, options: .init(.count(1), score: score)) }
    let large = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 1e300), (1, 2, 1e300)])
    #expect(try sparsify(large, options: .init(.count(1), score: score)).graph.edgeList == [Edge(1, 2)])
  }

  @Test func optionsOutOfRange() throws {
    let graph = try karate()
    func error(_ removal: EdgeRemoval, minimumDegree: Int = 0) -> MillError? {
      var options = SparsifyOptions(removal)
      options.minimumDegree = minimumDegree
      do {
        _ = try sparsify(graph, options: options)
        return nil
      } catch { return error }
    }
    #expect(error(.share(-0.1)) == .shareOutOfRange(-0.1))
    #expect(error(.share(1.5)) == .shareOutOfRange(1.5))
    #expect(error(.share(.nan)) == .shareOutOfRange(.nan))
    #expect(error(.count(-1)) == .countOutOfRange(-1, edges: 78))
    #expect(error(.count(79)) == .countOutOfRange(79, edges: 78))
    #expect(error(.keeping(-2)) == .keepCountNegative(-2))
    #expect(error(.scoresBelow(.nan)) == .thresholdIsNaN)
    #expect(error(.share(0.5), minimumDegree: -1) == .minimumDegreeNegative(-1))
    for refused in [MillError.shareOutOfRange(2), .thresholdIsNaN, .countOutOfRange(3, edges: 1)] {
      #expect(refused.exitCode == 64)
    }
  }

  @Test func loopsAreDroppedOrPutBackUntouched() throws {
    let edges = karateEdges + [(0, 0), (33, 33), (12, 12)]
    let looped = try CSRGraph(nodeCount: 34, edges: edges)
    let dropped = try sparsify(looped, options: .init(.share(0.25)))
    #expect(dropped.loopsDropped == 3)
    #expect(dropped.edgesBefore == 78)
    #expect(dropped.graph.content == (try sparsify(karate(), options: .init(.share(0.25)))).graph.content)
    #expect(try sparsify(looped, options: .init(.share(0))).graph.content == (try karate()).content)
    var score = EdgeScoreOptions()
    score.keepsLoops = true
    for tuning in [SparsifyTuning(), tinyTuning] {
      for k in [0, 20, 78] {
        let kept = try sparsify(
          looped, options: .init(.count(k), score: score), context: .init(threads: 2), tuning: tuning)
        #expect(kept.edgesBefore == 78)
        #expect(kept.removed == k)
        #expect(kept.loopsKept == 3)
        #expect(kept.graph.edgeCount == 78 - k + 3)
        #expect(kept.graph.hasLoops)
        for v in 0..<34 { #expect(kept.graph.hasEdge(v, v) == [0, 12, 33].contains(v)) }
      }
    }
    #expect(try sparsify(looped, options: .init(.count(0), score: score)).graph.content == looped.content)
    let only = try CSRGraph(nodeCount: 2, edges: [(0, 0), (1, 1)])
    for method in EdgeScoreMethod.allCases {
      var score = EdgeScoreOptions(method: method)
      score.keepsLoops = true
      #expect(try sparsify(only, options: .init(.share(1), score: score)).graph.content == only.content)
    }
  }

  @Test func parallelEdgesAreMerged() throws {
    let ids = try FlatBuffer<UInt64>(count: 8)
    let weights = try FlatBuffer<Double>(count: 4)
    for (i, id) in [0, 1, 1, 0, 1, 2, 0, 1].enumerated() { ids.base[i] = UInt64(id) }
    for i in 0..<4 { weights.base[i] = Double(i + 1) }
    var freezing = FreezeOptions()
    freezing.duplicates = .keep
    let multigraph = try freeze([EdgeBlock(ids: .wide(ids), weights: weights, count: 4)], options: freezing).graph
    #expect(multigraph.isMultigraph)
    let result = try sparsify(multigraph, options: .init(.share(0)))
    #expect(result.parallelMerged == 2)
    #expect(result.edgesBefore == 2)
    #expect(!result.graph.isMultigraph)
    #expect(result.graph.weights.map(Array.init) == [7, 7, 3, 3])
  }

  @Test func directedGraphsAreMadeUndirectedUnlessAsked() throws {
    let arcs = [(0, 1), (1, 0), (1, 2), (2, 3), (3, 0), (0, 2)]
    let directed = try CSRGraph(nodeCount: 5, edges: arcs, isDirected: true)
    let undirected = try CSRGraph(nodeCount: 5, edges: arcs)
    for share in [0, 0.4, 1] {
      let result = try sparsify(directed, options: .init(.share(share)))
      #expect(!result.graph.isDirected)
      #expect(result.graph.content == (try sparsify(undirected, options: .init(.share(share)))).graph.content)
      #expect(result.parallelMerged == 1)
    }
    var score = EdgeScoreOptions()
    score.directed = true
    let edges = try edgeScores(of: directed, options: score)
    for k in 0...6 {
      let result = try sparsify(directed, options: .init(.count(k), score: score))
      #expect(result.graph.isDirected)
      #expect(result.edgesBefore == 6)
      let kept = edges.sorted { ($0.score, $0.source, $0.target) < ($1.score, $1.source, $1.target) }.dropFirst(k)
      #expect(result.graph.edgeList == kept.map { Edge($0.source, $0.target) }.sorted())
    }
    // The option says nothing about undirected graphs.
    #expect(
      try sparsify(undirected, options: .init(.count(2), score: score)).graph.content
        == (try sparsify(undirected, options: .init(.count(2)))).graph.content)
  }

  @Test("Directed graphs against a sort, loops kept", arguments: 0..<5 as Range<UInt64>)
  func directedSelection(seed: UInt64) throws {
    let graph = try CSRGraph(
      nodeCount: 25, edges: TestGraph.uneven(25, pairs: 120, seed: seed).pairs, isDirected: true)
    for method in [EdgeScoreMethod.teddy, .reverse, .degreeProduct, .random] {
      var score = EdgeScoreOptions(method: method)
      score.directed = true
      score.keepsLoops = true
      let edges = try edgeScores(of: graph, options: score)
      for k in stride(from: 0, through: edges.count, by: 9) {
        let result = try sparsify(
          graph, options: .init(.count(k), score: score), context: .init(threads: 2), tuning: tinyTuning)
        let kept = edges.sorted { ($0.score, $0.source, $0.target) < ($1.score, $1.source, $1.target) }.dropFirst(k)
        #expect(result.graph.edgeList == kept.map { Edge($0.source, $0.target) }.sorted())
        #expect(result.graph.arcCount == result.edgesAfter + result.loopsKept)
      }
    }
  }

  @Test func namesAreKept() throws {
    var freezing = FreezeOptions()
    freezing.naming = .compact
    for isDirected in [false, true] {
      let ids = try FlatBuffer<UInt64>(count: 8)
      for (i, id) in [70, 10, 10, 30, 30, 70, 70, 90].enumerated() { ids.base[i] = UInt64(id) }
      freezing.isDirected = isDirected
      // The source graph is gone when the names are read.
      let result = try sparsify(
        freeze([EdgeBlock(ids: .wide(ids), count: 4)], options: freezing).graph, options: .init(.count(3)))
      #expect((0..<4).map { result.graph.name(of: $0) } == ["10", "30", "70", "90"])
      #expect(result.graph.edgeList == [Edge(2, 3)])
    }
  }

  @Test("64-bit targets give the same edges", arguments: EdgeScoreMethod.allCases)
  func wideTargets(method: EdgeScoreMethod) throws {
    let ids = try FlatBuffer<UInt64>(count: 2 * karateEdges.count)
    for (i, edge) in karateEdges.enumerated() {
      ids.base[2 * i] = UInt64(edge.0)
      ids.base[2 * i + 1] = UInt64(edge.1)
    }
    var freezing = FreezeOptions()
    freezing.forcesWideTargets = true
    let wide = try freeze([EdgeBlock(ids: .wide(ids), count: karateEdges.count)], options: freezing).graph
    let options = SparsifyOptions(.share(0.4), score: .init(method: method))
    #expect(
      try sparsify(wide, options: options).graph.edgeList == (try sparsify(karate(), options: options)).graph.edgeList)
  }

  @Test func stopsOnRequest() throws {
    let cancellation = Cancellation()
    cancellation.request()
    #expect {
      try sparsify(karate(), options: .init(.share(0.5)), context: .init(threads: 1, cancellation: cancellation))
    } throws: { error in
      (error as? MillError)?.kind == .interrupted
    }
  }
}
