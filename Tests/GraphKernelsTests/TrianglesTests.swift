import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct TrianglesTests {
  @Test("A clique of k nodes has k over 3 triangles", arguments: 0..<9)
  func cliques(k: Int) throws {
    let edges = (0..<k).flatMap { u in (0..<u).map { (u, $0) } }
    #expect(try triangleCount(of: CSRGraph(nodeCount: k, edges: edges)) == k * (k - 1) * (k - 2) / 6)
  }

  @Test("Triangles are those of all triples, whatever the direction and the threads", arguments: TestGraph.small)
  func againstTriples(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let n = graph.nodeCount
      func joined(_ u: Int, _ v: Int) -> Bool { graph.hasEdge(u, v) || graph.hasEdge(v, u) }
      var expected = 0
      for u in 0..<n {
        for v in u + 1..<max(u + 1, n) where joined(u, v) {
          for w in v + 1..<max(v + 1, n) where joined(u, w) && joined(v, w) { expected += 1 }
        }
      }
      for threads in [1, 2, 4] {
        #expect(try triangleCount(of: graph, context: RunContext(threads: threads)) == expected)
      }
      #expect(try triangleCount(of: graph.widened()) == expected)
    }
  }
}
