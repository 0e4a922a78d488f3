import GraphFormats
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphSummarization

/// Queries on the summary against the graph itself.
@Suite struct SummaryQueriesTests {
  static let graphs: [TestGraph] =
    TestGraph.small + [.nested(90, seed: 4), .hypercube(6), .biclique(9, 14), .clique(40)]

  private func simple(_ graph: TestGraph) throws -> (CSRGraph, GraphSummary) {
    let frozen = try graph.frozen()
    return (try frozen.simplified(), try summarize(of: frozen).summary)
  }

  @Test(arguments: graphs) func neighborsDegreesAndEdges(test: TestGraph) throws {
    let (graph, summary) = try simple(test)
    for v in 0..<graph.nodeCount {
      #expect(summary.neighbors(of: v) == graph.lists[v])
      #expect(summary.degree(of: v) == graph.degree(of: v))
      for u in 0..<min(40, graph.nodeCount) { #expect(summary.hasEdge(v, u) == graph.hasEdge(v, u)) }
    }
  }

  @Test(arguments: graphs) func levelsAndTriangles(test: TestGraph) throws {
    let (graph, summary) = try simple(test)
    let reference = Reference(test)
    for source in stride(from: 0, to: graph.nodeCount, by: 17) {
      #expect(summary.breadthFirstLevels(from: source) == reference.distances(from: source))
    }
    let lists = graph.lists.map { Set($0) }
    var triangles = 0
    for u in 0..<graph.nodeCount {
      for v in lists[u] where v > u { triangles += lists[u].intersection(lists[v]).count { $0 > v } }
    }
    #expect(try summary.triangleCount() == triangles)
    #expect(try summary.triangleCount(context: RunContext(threads: 3)) == triangles)
  }

  private func plainPageRank(_ graph: CSRGraph, rounds: Int) -> [Double] {
    let n = graph.nodeCount
    var scores = [Double](repeating: 1 / Double(n), count: n)
    for _ in 0..<rounds {
      let stuck = (0..<n).reduce(0.0) { graph.degree(of: $1) == 0 ? $0 + scores[$1] : $0 }
      var next = [Double](repeating: (1 - 0.85 + 0.85 * stuck) / Double(n), count: n)
      for v in 0..<n {
        for u in graph.neighbors(of: v) { next[u] += 0.85 * scores[v] / Double(graph.degree(of: v)) }
      }
      scores = next
    }
    return scores
  }

  @Test(arguments: graphs) func productAndPageRank(test: TestGraph) throws {
    let (graph, summary) = try simple(test)
    guard graph.nodeCount > 0 else {
      #expect(try summary.pageRank().scores.isEmpty)
      return
    }
    let x = (0..<graph.nodeCount).map { Double(($0 * 7919) % 101) }
    let product = summary.multiplyAdjacency(x)
    for v in 0..<graph.nodeCount { #expect(product[v] == graph.neighbors(of: v).reduce(0) { $0 + x[$1] }) }
    let ranks = try summary.pageRank(tolerance: 1e-300, maximumRounds: 60)
    let wanted = plainPageRank(graph, rounds: ranks.rounds)
    for v in 0..<graph.nodeCount { #expect(abs(ranks.scores[v] - wanted[v]) < 1e-12) }
    #expect(try summary.pageRank().converged)
  }

  /// Graphs that come with the package, so that this runs everywhere.
  static let committed = ["fly-mushroom-body/edges.wel", "les-miserables/edges.wel", "karate/edges.tsv"]

  @Test("On real graphs every answer is the graph's", arguments: committed) func committedGraphs(file: String) throws {
    let graph = try readGraph(SharedData.committed(file)).graph.symmetrized().simplified()
    let n = graph.nodeCount
    #expect(graph.edgeCount > 70)
    for model in SummaryModel.allCases {
      var options = SummarizeOptions()
      options.model = model
      let summary = try summarize(of: graph, options: options).summary
      #expect(summary.cost < graph.edgeCount && summary.supernodeCount > n)
      for v in 0..<n {
        #expect(summary.neighbors(of: v) == Array(graph.neighbors(of: v)))
        #expect(summary.degree(of: v) == graph.degree(of: v))
        for u in 0..<n { #expect(summary.hasEdge(v, u) == graph.hasEdge(v, u)) }
        let distances = try breadthFirstSearch(of: graph, from: v).distances
        #expect(summary.breadthFirstLevels(from: v) == distances.map(Int.init))
      }
      var triangles = 0
      for u in 0..<n {
        for v in graph.neighbors(of: u) where v > u {
          for w in graph.neighbors(of: v) where w > v && graph.hasEdge(u, w) { triangles += 1 }
        }
      }
      #expect(try summary.triangleCount() == triangles)
      let ranks = try summary.pageRank(tolerance: 1e-300, maximumRounds: 100)
      let wanted = plainPageRank(graph, rounds: ranks.rounds)
      for v in 0..<n { #expect(abs(ranks.scores[v] - wanted[v]) < 1e-12) }
    }
  }

  @Test func refusesBadPageRank() throws {
    let summary = try summarize(of: TestGraph.path(3).frozen()).summary
    #expect(throws: MillError.self) { try summary.pageRank(damping: 1) }
    #expect(throws: MillError.self) { try summary.pageRank(tolerance: 0) }
    #expect(throws: MillError.self) { try summary.pageRank(maximumRounds: 0) }
  }

  @Test func visitsTheHierarchy() throws {
    let summary = try summarize(of: TestGraph.nested(90, seed: 6).frozen()).summary
    var visits: [GraphSummary.Visit] = []
    summary.visitHierarchy {
      visits.append($0)
      return true
    }
    #expect(visits.map(\.supernode).sorted() == Array(0..<summary.supernodeCount))
    #expect(visits.filter { $0.depth == 0 }.map(\.supernode) == summary.roots)
    #expect(visits.map(\.depth).max() == summary.height)
    #expect(summary.roots.reduce(0) { $0 + summary.leafCount(of: $1) } == summary.nodeCount)
    var roots = 0
    summary.visitHierarchy { _ in
      roots += 1
      return false
    }
    #expect(roots == summary.roots.count)
  }

  static let real = ["protein", "ego-facebook", "as-caida20071105", "email-enron", "4elt-mesh", "wiki-vote"]

  @Test(.needsSharedData(graphs: real), arguments: real)
  func realGraphs(name: String) throws {
    // Some of them are directed.
    let graph = try readGraph(SharedData.path("graphs/\(name).txt.gz")).graph
    let simple = try graph.symmetrized().simplified()
    var options = SummarizeOptions()
    options.iterations = 3
    let summary = try summarize(of: graph, options: options).summary
    try summary.validate()
    let restored = try summary.restore()
    #expect(restored.isIdentical(to: graph))
    #expect(try summary.restoreSimple().isIdentical(to: simple))
    #expect(summary.cost <= simple.edgeCount)
    for v in stride(from: 0, to: graph.nodeCount, by: 211) {
      #expect(summary.degree(of: v) == simple.degree(of: v))
      for u in simple.neighbors(of: v).prefix(5) { #expect(summary.hasEdge(u, v)) }
    }
  }
}
