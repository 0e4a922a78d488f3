import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct ReciprocityTests {
  @Test func byHand() throws {
    let arcs = [(0, 1), (1, 0), (1, 2), (2, 2), (2, 0)]
    #expect(try reciprocity(of: CSRGraph(edges: arcs, isDirected: true)) == 0.5)
    #expect(try reciprocity(of: TestGraph.path(3).frozen()) == 1)
    #expect(try reciprocity(of: TestGraph.loop.frozen(isDirected: true)) == nil)
    #expect(try reciprocity(of: TestGraph.empty.frozen()) == nil)
  }

  @Test("Reciprocity is that of all pairs", arguments: TestGraph.small)
  func againstPairs(input: TestGraph) throws {
    let graph = try input.frozen(isDirected: true, duplicates: .keep)
    let arcs = Set(graph.arcList.filter { $0.source != $0.target }.map { NodePair($0.source, $0.target) })
    let mutual = arcs.count { arcs.contains(NodePair($0.target, $0.source)) }
    let expected = arcs.isEmpty ? nil : Double(mutual) / Double(arcs.count)
    for threads in [1, 2, 4] {
      #expect(try reciprocity(of: graph, context: RunContext(threads: threads)) == expected)
    }
    #expect(try reciprocity(of: graph.widened()) == expected)
  }
}
