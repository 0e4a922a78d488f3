import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct OnionLayersTests {
  /// A clique of four with a tail of two, and a node alone: the node, the end of the tail, its middle, the clique.
  @Test func byHand() throws {
    let edges = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 4), (4, 5)]
    let result = try onionLayers(of: CSRGraph(nodeCount: 7, edges: edges))
    #expect(Array(result.layers) == [4, 4, 4, 4, 3, 2, 1])
    #expect(Array(result.cores) == [3, 3, 3, 3, 1, 1, 0])
    #expect(result.layerCount == 4)
    let none = try onionLayers(of: TestGraph.empty.frozen())
    #expect(none.layers.isEmpty && none.layerCount == 0)
    #expect(try onionLayers(of: TestGraph.path(65).frozen()).layerCount == 33)
  }

  @Test("Layers are those of taking skins away", arguments: TestGraph.small)
  func againstSkins(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let neighbors = neighborSets(of: graph)
      var expected = [UInt32](repeating: 0, count: graph.nodeCount)
      var left = Set(graph.nodes)
      var (k, layer) = (0, UInt32(0))
      while !left.isEmpty {
        let degrees = left.map { ($0, neighbors[$0].intersection(left).count) }
        k = max(k, degrees.map(\.1).min() ?? 0)
        layer += 1
        for (node, degree) in degrees where degree <= k {
          expected[node] = layer
          left.remove(node)
        }
      }
      let result = try onionLayers(of: graph)
      #expect(Array(result.layers) == expected)
      #expect(try result.cores == coreNumbers(of: graph).cores)
      #expect(result.layerCount == Int(layer))
      #expect(try onionLayers(of: graph.widened()) == result)
      for threads in [2, 4] { #expect(try onionLayers(of: graph, context: RunContext(threads: threads)) == result) }
    }
  }
}
