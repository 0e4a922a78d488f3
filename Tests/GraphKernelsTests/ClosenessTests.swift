import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct ClosenessTests {
  /// A path of three and a node alone.
  @Test func byHand() throws {
    let graph = try CSRGraph(nodeCount: 4, edges: [(0, 1), (1, 2)])
    let result = try closeness(of: graph)
    #expect(Array(result.closeness) == [2.0 / 3, 1, 2.0 / 3, 0])
    #expect(Array(result.harmonic) == [0.5, 2.0 / 3, 0.5, 0] && result.isExact && result.targetCount == 4)
    let scaled = try closeness(of: graph, options: .init(scalesByReach: true)).closeness
    #expect(zip(scaled, [4.0 / 9, 2.0 / 3, 4.0 / 9, 0]).allSatisfy { abs($0 - $1) < 1e-15 })
    let arcs = try closeness(of: TestGraph.path(3).frozen(isDirected: true))
    #expect(Array(arcs.closeness) == [2.0 / 3, 1, 0] && Array(arcs.harmonic) == [0.75, 0.5, 0])
    #expect(try closeness(of: TestGraph.single.frozen()).harmonic.array == [0])
    #expect(try closeness(of: TestGraph.empty.frozen()).closeness.isEmpty)
  }

  @Test("Scores are those of one search a node, the same bits for 1, 2, 4 threads", arguments: TestGraph.small)
  func againstSearches(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let found = try [1, 2, 4].map { try closeness(of: graph, context: RunContext(threads: $0)) }
      #expect(found[0] == found[1] && found[1] == found[2])
      for node in graph.nodes {
        let distances = try breadthFirstSearch(of: graph, from: node).distances.filter { $0 > 0 }.map { Double($0) }
        let near = distances.isEmpty ? 0 : Double(distances.count) / distances.reduce(0, +)
        #expect(found[0].closeness[node] == near)
        let inverse = distances.reduce(0) { $0 + 1 / $1 } / Double(max(1, graph.nodeCount - 1))
        #expect(abs(found[0].harmonic[node] - inverse) < 1e-12)
      }
      #expect(try closeness(of: graph.widened()) == found[0])
      #expect(try closeness(of: graph.withInArcs()) == found[0])
    }
  }

  @Test("A sample means over its targets; a sample of all is exact") func sampling() throws {
    let graph = try TestGraph.grid(15).frozen()
    let exact = try closeness(of: graph)
    #expect(try closeness(of: graph, options: .init(sampleSize: 225)) == exact)
    let options = ClosenessOptions(sampleSize: 150, seed: 3)
    let one = try closeness(of: graph, options: options, context: RunContext(threads: 1))
    #expect(one.targetCount == 150 && !one.isExact)
    #expect(try closeness(of: graph, options: options, context: RunContext(threads: 3)) == one)
    for (estimate, score) in zip(one.closeness, exact.closeness) { #expect(abs(estimate / score - 1) < 0.15) }
    for (estimate, score) in zip(one.harmonic, exact.harmonic) { #expect(abs(estimate / score - 1) < 0.25) }
    #expect(try closeness(of: graph, options: .init(sampleSize: 150, seed: 4)) != one)
  }

  @Test func refusesAnEmptySample() throws {
    let error = #expect(throws: MillError.self) {
      try closeness(of: TestGraph.path(3).frozen(), options: .init(sampleSize: 0))
    }
    #expect(error?.kind == .badOption)
  }
}
