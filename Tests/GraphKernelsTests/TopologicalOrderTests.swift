import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct TopologicalOrderTests {
  @Test func byHand() throws {
    let arcs = [(3, 0), (0, 1), (3, 1), (4, 1)]
    let result = try topologicalOrder(of: CSRGraph(nodeCount: 6, edges: arcs, isDirected: true))
    #expect(Array(result.order) == [2, 3, 4, 5, 0, 1])
    #expect(Array(result.levels) == [1, 2, 0, 0, 0, 0])
    #expect(result.levelCount == 3)
    let none = try topologicalOrder(of: TestGraph.empty.frozen())
    #expect(none.order.isEmpty && none.levelCount == 0)
    #expect(try topologicalOrder(of: TestGraph.isolated.frozen()).order.array == [0, 1, 2, 3, 4])
  }

  @Test("Levels are longest paths, and the order sorts by them", arguments: 0..<30 as Range<UInt64>)
  func againstLongestPaths(seed: UInt64) throws {
    let input = TestGraph.random(25, edges: 10 + 2 * Int(seed), seed: seed)
    // Arcs from small to large by a permutation of the nodes: no cycle.
    var random = CounterRandom(seed: seed, stage: "test-order")
    var rank = Array(0..<25)
    random.shuffle(&rank)
    let arcs = input.pairs.filter { $0.0 != $0.1 }.map { rank[$0.0] < rank[$0.1] ? $0 : ($0.1, $0.0) }
    let graph = try CSRGraph(nodeCount: 25, edges: arcs, isDirected: true)
    var levels = [UInt32](repeating: 0, count: 25)
    for _ in 0..<25 { for (u, v) in arcs { levels[v] = max(levels[v], levels[u] + 1) } }
    let result = try topologicalOrder(of: graph)
    #expect(Array(result.levels) == levels)
    #expect(Array(result.order) == graph.nodes.sorted { (levels[$0], $0) < (levels[$1], $1) })
    #expect(result.levelCount == Int(levels.max() ?? 0) + 1)
    #expect(try topologicalOrder(of: graph.widened()) == result)
    for threads in [2, 4] { #expect(try topologicalOrder(of: graph, context: RunContext(threads: threads)) == result) }
  }

  private func failure(_ graph: CSRGraph) -> MillError? {
    do throws(MillError) {
      _ = try topologicalOrder(of: graph)
      return nil
    } catch { return error }
  }

  @Test("A cycle is named from its smallest node, by the nodes' names") func cycles() throws {
    let arcs = [(0, 3), (3, 5), (5, 1), (1, 3), (5, 4)]
    let found = failure(try CSRGraph(edges: arcs, isDirected: true))
    #expect(found?.kind == .hasCycle && found?.exitCode == 65)
    #expect(found?.field == "1 → 3 → 5 → 1")
    let named = try CSRGraph(edges: [("x", "b"), ("b", "b")], isDirected: true)
    #expect(failure(named)?.field == "b → b")
    let long = try CSRGraph(edges: (0..<20).map { ($0, ($0 + 1) % 20) }, isDirected: true)
    #expect(failure(long)?.field == "0 → 1 → 2 → 3 → 4 → 5 → 6 → 7 → … (20 nodes) → 0")
  }

  @Test("The cycle that is named is one", arguments: 0..<30 as Range<UInt64>)
  func cyclesAreReal(seed: UInt64) throws {
    let graph = try TestGraph.random(12, edges: 24, seed: seed).frozen(isDirected: true)
    guard let error = failure(graph) else {
      #expect(try stronglyConnectedComponents(of: graph).count == 12)
      return
    }
    let text = try #require(error.field)
    let nodes = text.split(separator: " → ").compactMap { Int($0) }
    #expect(nodes.count > 1 && nodes.first == nodes.last)
    if !text.contains("…") { for (u, v) in zip(nodes, nodes.dropFirst()) { #expect(graph.hasEdge(u, v)) } }
  }

  @Test func refusesEdgesWithoutDirection() throws {
    #expect(failure(try TestGraph.path(3).frozen())?.kind == .notDirected)
  }
}
