import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct SubgraphsTests {
  /// A triangle 0 1 2 with a tail 2-3-4.
  @Test func byHand() throws {
    let graph = try CSRGraph(weightedEdges: [(0, 1, 5), (1, 2, 6), (2, 0, 7), (2, 3, 8), (3, 4, 9)])
    let ego = try graph.egoNetwork(around: [3])
    #expect(ego.lists == [[1], [0, 2], [1]] && ego.nodes.map { ego.name(of: $0) } == ["2", "3", "4"])
    #expect(ego.arcList.map(\.weight) == [8, 8, 9, 9])
    #expect(try graph.egoNetwork(around: [0, 4], options: .init(hops: 0)).edgeCount == 0)
    #expect(try graph.egoNetwork(around: [0], options: .init(hops: 9)) == graph)
    let core = try graph.coreSubgraph(2)
    #expect(core.lists == [[1, 2], [0, 2], [0, 1]] && core.arcList.map(\.weight) == [5, 7, 5, 6, 7, 6])
    #expect(try graph.coreSubgraph(1) == graph && graph.coreSubgraph(3).nodeCount == 0)
  }

  @Test func egoOfArcs() throws {
    let graph = try CSRGraph(edges: [(0, 1), (1, 2), (3, 1)], isDirected: true)
    func names(_ direction: DegreeDirection) throws -> [String] {
      let ego = try graph.egoNetwork(around: [1], options: .init(direction: direction))
      #expect(ego.isDirected)
      return ego.nodes.map { ego.name(of: $0) }
    }
    #expect(try names(.out) == ["1", "2"])
    #expect(try names(.in) == ["0", "1", "3"])
    #expect(try names(.total) == ["0", "1", "2", "3"])
  }

  @Test("The k-core is what is left when nodes of fewer neighbors go one by one", arguments: TestGraph.small)
  func cores(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      for k in 0...4 {
        var left = neighborSets(of: graph)
        var kept = Set(graph.nodes)
        while let node = kept.first(where: { left[$0].count < k }) {
          kept.remove(node)
          for other in left[node] { left[other].remove(node) }
        }
        let expected = try graph.inducedSubgraph(nodes: kept.sorted())
        for threads in [1, 2, 4] {
          #expect(try graph.coreSubgraph(k, context: RunContext(threads: threads)) == expected)
        }
      }
    }
  }

  @Test func refusals() throws {
    let graph = try TestGraph.path(3).frozen()
    #expect((#expect(throws: MillError.self) { try graph.coreSubgraph(-1) })?.kind == .badOption)
    #expect((#expect(throws: MillError.self) { try graph.egoNetwork(around: [3]) })?.kind == .nodeOutOfRange)
  }
}
