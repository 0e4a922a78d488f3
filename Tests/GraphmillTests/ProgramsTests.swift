import Foundation
import Graphmill
import Testing

/// What a library user writes in ten lines, with nothing but `import Graphmill` (and Foundation beside it).
@Suite struct ProgramsTests {
  private func edges() throws -> CSRGraph { try CSRGraph(edges: [(0, 1), (1, 2), (2, 0), (2, 3)]) }

  private func path(_ name: String) -> String {
    FileManager.default.temporaryDirectory.path + "/graphmill-programs-\(UUID().uuidString)-\(name)"
  }

  @Test func graphs() throws {
    let graph = try edges()
    var seen = 0
    for (u, v) in graph.edges where u < v { seen += 1 }
    for node in graph.nodes { seen += graph.degree(of: node) }
    #expect(seen == 12)
    for (node, weight) in graph.weightedNeighbors(of: 0) { #expect(weight == 1 && graph.hasEdge(0, node)) }
    let named = try CSRGraph(edges: [("alice", "bob")])
    #expect(named.name(of: 1) == "bob")
    #expect(try graph == edges())
    #expect("\(graph)" == "undirected graph of 4 nodes and 4 edges")
    let weights = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 2.5), (1, 2, 3.5)]).weights!
    #expect(Array(weights) == [2.5, 2.5, 3.5, 3.5])
    #expect(try graph.simplified().largestComponent().graph == graph)
  }

  @Test("The ten lines of the README can be run twice")
  func tenLines() throws {
    let (edges, output) = (path("edges.tsv"), path("sparse.gmg"))
    try Data("1 2\n2 3\n3 1\n3 4\n4 5\n5 6\n6 4\n".utf8).write(to: URL(filePath: edges))
    var printed: [String] = []
    for _ in 0..<2 {
      let reading = try readGraph(edges)
      let graph = reading.graph
      let components = try connectedComponents(of: graph)
      let ranks = try pageRank(of: graph).scores
      let groups = try communities(of: graph)
      let sparse = try sparsify(graph, options: SparsifyOptions(.share(0.3)))
      printed.append("\(graph) \(components.count) \(ranks.max() ?? 0) \(groups) \(sparse.edgesAfter)")
      try writeGraph(sparse.graph, to: output, options: GraphWriteOptions(replaces: true))
    }
    #expect(printed[0] == printed[1])
    #expect(try readGraph(output).graph.edgeCount == 5)
    for file in [edges, output] { try FileManager.default.removeItem(atPath: file) }
  }

  @Test func kernels() throws {
    let graph = try edges()
    let search = try breadthFirstSearch(of: graph, from: 0)
    #expect(search.distances[3] == 2)
    #expect(try pageRank(of: graph).scores.max() == pageRank(of: graph).scores[2])
    #expect(Array(try coreNumbers(of: graph).cores) == [2, 2, 2, 1])
    #expect(try triangleCount(of: graph) == 1)
    #expect(try connectedComponents(of: graph).count == 1)
  }

  @Test func engines() throws {
    let graph = try edges()
    let sparse = try sparsify(graph, options: .init(.share(0.3), keepsForest: true))
    #expect(sparse.edgesAfter == 3)
    #expect(try summarize(of: graph).summary.restore() == graph)
    #expect(try bottomUpCommunities(of: graph).labels.count == 4)
    let found = try communities(of: graph, method: .louvain)
    let file = path("groups.tsv")
    defer { try? FileManager.default.removeItem(atPath: file) }
    try writeLabels(found, of: graph, to: file)
    try writeLabels(found, of: graph, to: file, replaces: true)
  }

  @Test func vectors() throws {
    let rows: [[Float]] = (0..<50).map { [Float($0), Float($0 % 7)] }
    let index = try HNSWIndex(building: rows, metric: .l2, options: .init(m: 8))
    let even = try index.search([3, 3], k: 2, filter: index.filter { key in key % 2 == 0 })
    #expect(even.neighbors.map(\.key).allSatisfy { $0 % 2 == 0 })
    let file = path("b.gmx")
    defer { try? FileManager.default.removeItem(atPath: file) }
    try index.write(to: file)
    try index.write(to: file, replaces: true)
    #expect(try ProximityIndex.open(file).search([3, 3], k: 1).neighbors.map(\.key) == [3])
    #expect(try neighborGraph(of: rows, metric: .l2, k: 3).nodeCount == 50)
  }

  @Test("Options go through JSON and come back equal")
  func options() throws {
    func same<Options: Codable & Equatable>(_ options: Options) throws -> Bool {
      try JSONDecoder().decode(Options.self, from: JSONEncoder().encode(options)) == options
    }
    #expect(try same(SparsifyOptions(.keeping(7), tieSeed: 3, minimumDegree: 1)))
    #expect(try same(PageRankOptions(damping: 0.5, restart: [1, 0])))
    #expect(try same(BreadthFirstSearchOptions(findsParents: true)))
    #expect(try same(HNSWOptions(m: 5)))
    #expect(try same(SearchOptions(ef: 9)))
    #expect(try same(SummarizeOptions()))
    #expect(try same(CommunityOptions()))
    #expect(try same(GraphReadOptions(isDirected: true, loops: .drop)))
    #expect(try same(Preparation(directions: .mutual, dropsIsolated: true)))
    #expect(try same(RMATOptions(edgeCount: 5, seed: 9)))
  }

  @Test func namesThatOthersHaveToo() {
    #expect("\(RunProgress.self)" == "RunProgress")
    #expect(MillError.Kind.badWeight.name == "bad-weight")
    #expect(MillError.Kind.duplicateEdge.name == "duplicate-edge")
  }
}
