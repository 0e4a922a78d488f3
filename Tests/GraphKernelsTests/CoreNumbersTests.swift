import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct CoreNumbersTests {
  /// A clique of four with a tail, and a node alone.
  @Test func byHand() throws {
    let edges = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 4), (4, 5)]
    let result = try coreNumbers(of: CSRGraph(nodeCount: 7, edges: edges))
    #expect(Array(result.cores) == [3, 3, 3, 3, 1, 1, 0])
    #expect(result.degeneracy == 3)
    let none = try coreNumbers(of: CSRGraph(nodeCount: 0, edges: [(Int, Int)]()))
    #expect(none.cores.isEmpty && none.degeneracy == 0)
  }

  @Test("Core numbers are those of peeling k by k, whatever the direction", arguments: TestGraph.small)
  func againstPeeling(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let neighbors = neighborSets(of: graph)
      var expected = [UInt32](repeating: 0, count: graph.nodeCount)
      var left = Set(graph.nodes)
      var k = 0
      while !left.isEmpty {
        while let node = left.first(where: { neighbors[$0].intersection(left).count <= k }) {
          expected[node] = UInt32(k)
          left.remove(node)
        }
        k += 1
      }
      let result = try coreNumbers(of: graph)
      #expect(Array(result.cores) == expected)
      #expect(result.degeneracy == Int(expected.max() ?? 0))
      #expect(try coreNumbers(of: graph.widened()) == result)
      for threads in [2, 4] { #expect(try coreNumbers(of: graph, context: RunContext(threads: threads)) == result) }
    }
  }

  @Test("Where many nodes fall at once, threads find what peeling node by node does", arguments: [1, 2, 3] as [UInt64])
  func manyNodes(seed: UInt64) throws {
    let graph = try TestGraph.skewed(20_000, edges: 150_000, seed: seed).frozen()
    let neighbors = neighborSets(of: graph)
    var degrees = neighbors.map(\.count)
    var expected = [UInt32?](repeating: nil, count: graph.nodeCount)
    for k in 0... {
      var stack = graph.nodes.filter { expected[$0] == nil && degrees[$0] <= k }
      for node in stack { expected[node] = UInt32(k) }
      while let node = stack.popLast() {
        for other in neighbors[node] where expected[other] == nil {
          degrees[other] -= 1
          guard degrees[other] <= k else { continue }
          expected[other] = UInt32(k)
          stack.append(other)
        }
      }
      if !expected.contains(nil) { break }
    }
    for threads in [1, 2, 4] {
      let result = try coreNumbers(of: graph, context: RunContext(threads: threads))
      #expect(result.cores.array == expected)
      #expect(result.degeneracy > 20)
    }
  }
}
