import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct HubsAndAuthoritiesTests {
  /// Two hubs point to node 2, one of them to node 3 too: the authorities are in the golden ratio, and so are the hubs.
  @Test func byHand() throws {
    let result = try hubsAndAuthorities(of: CSRGraph(edges: [(0, 2), (1, 2), (1, 3)], isDirected: true))
    let golden = (1 + 5.0.squareRoot()) / 2
    #expect(result.isConverged)
    #expect(abs(result.hubs[1] / result.hubs[0] - golden) < 1e-6)
    #expect(abs(result.authorities[2] / result.authorities[3] - golden) < 1e-6)
    #expect(result.hubs[2] == 0 && result.authorities[0] == 0)
    #expect(abs(result.hubs.reduce(0, +) - 1) < 1e-12)
    let none = try hubsAndAuthorities(of: TestGraph.isolated.frozen())
    #expect(none.isConverged && none.rounds == 0 && none.hubs.array == [0, 0, 0, 0, 0])
    #expect(try hubsAndAuthorities(of: TestGraph.empty.frozen()).hubs.isEmpty)
  }

  /// The same rounds over a dense matrix.
  private func reference(_ graph: CSRGraph, rounds: Int) -> (hubs: [Double], authorities: [Double]) {
    let n = graph.nodeCount
    var hubs = [Double](repeating: 1 / Double(n), count: n)
    var authorities = [Double](repeating: 0, count: n)
    func normalized(_ values: [Double]) -> [Double] {
      let total = values.reduce(0, +)
      return values.map { total > 0 ? $0 / total : 0 }
    }
    for _ in 0..<rounds {
      authorities = [Double](repeating: 0, count: n)
      for arc in graph.arcList { authorities[arc.target] += arc.weight * hubs[arc.source] }
      authorities = normalized(authorities)
      hubs = [Double](repeating: 0, count: n)
      for arc in graph.arcList { hubs[arc.source] += arc.weight * authorities[arc.target] }
      hubs = normalized(hubs)
    }
    return (hubs, authorities)
  }

  @Test("Scores are those of a dense reference, the same bits for 1, 2, 4 threads", arguments: TestGraph.small)
  func againstReference(input: TestGraph) throws {
    for (isDirected, isWeighted) in [(false, false), (true, false), (true, true)] {
      let signed = try input.frozen(isDirected: isDirected, isWeighted: isWeighted)
      let arcs = signed.weightedEdges.map { ($0.source, $0.target, abs($0.weight) + 0.25) }
      let graph =
        isWeighted ? try CSRGraph(nodeCount: signed.nodeCount, weightedEdges: arcs, isDirected: isDirected) : signed
      guard graph.arcCount > 0 else {
        #expect(try hubsAndAuthorities(of: graph).rounds == 0)
        continue
      }
      let options = HubsAndAuthoritiesOptions(tolerance: 0, maximumRounds: 30)
      let found = try [1, 2, 4].map {
        try hubsAndAuthorities(of: graph, options: options, context: RunContext(threads: $0))
      }
      #expect(found[0] == found[1] && found[1] == found[2])
      let expected = reference(graph, rounds: found[0].rounds)
      for (one, other) in zip(found[0].hubs, expected.hubs) { #expect(abs(one - other) < 1e-12) }
      for (one, other) in zip(found[0].authorities, expected.authorities) { #expect(abs(one - other) < 1e-12) }
      #expect(try hubsAndAuthorities(of: graph.widened(), options: options) == found[0])
      #expect(try hubsAndAuthorities(of: graph.withInArcs(), options: options) == found[0])
    }
  }

  @Test func refusals() throws {
    let graph = try CSRGraph(weightedEdges: [(0, 1, -1)])
    func kind(_ options: HubsAndAuthoritiesOptions) -> MillError.Kind? {
      do throws(MillError) {
        _ = try hubsAndAuthorities(of: graph, options: options)
        return nil
      } catch { return error.kind }
    }
    #expect(kind(.init(tolerance: -1)) == .badOption)
    #expect(kind(.init(maximumRounds: 0)) == .badOption)
    #expect(kind(.init()) == .badWeight)
    #expect(kind(.init(usesWeights: false)) == nil)
  }
}
