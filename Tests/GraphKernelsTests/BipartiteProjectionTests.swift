import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct BipartiteProjectionTests {
  private let parties = [("ann", "p"), ("bob", "p"), ("cy", "p"), ("ann", "q"), ("bob", "q"), ("dee", "r")]

  private func table(_ graph: CSRGraph) -> [String] {
    graph.weightedEdges.map { "\(graph.name(of: $0.source)) \(graph.name(of: $0.target)) \($0.weight)" }
  }

  @Test func byHand() throws {
    let graph = try CSRGraph(edges: parties)
    let people = try bipartiteProjection(of: graph, onto: .first)
    #expect(people.nodes.map { people.name(of: $0) } == ["ann", "bob", "cy", "dee"] && !people.isDirected)
    #expect(table(people) == ["ann bob 2.0", "ann cy 1.0", "bob cy 1.0"])
    let joint = try bipartiteProjection(of: graph, onto: .second)
    #expect(joint.nodes.map { joint.name(of: $0) } == ["p", "q", "r"] && table(joint) == ["p q 2.0"])
    let some = try bipartiteProjection(of: graph, onto: .nodes([1, 0, 1]))
    #expect(table(some) == ["ann bob 2.0"])
    let arcs = try CSRGraph(edges: parties, isDirected: true)
    #expect(try bipartiteProjection(of: arcs, onto: .first) == people)
    #expect(try bipartiteProjection(of: CSRGraph(nodeCount: 0, edges: []), onto: .first).nodeCount == 0)
    #expect(try bipartiteProjection(of: TestGraph.isolated.frozen(), onto: .second).nodeCount == 0)
  }

  @Test(
    "Weights are the sizes of common neighborhoods, for every width and 1, 2, 4 threads", arguments: [UInt64(1), 2, 3])
  func againstSets(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-bipartite")
    let pairs = (0..<300).map { _ in (Int(random.below(40)), 40 + Int(random.below(60))) }
    let graph = try TestGraph("", nodeCount: 100, pairs: pairs).frozen(duplicates: .keep)
    let sets = neighborSets(of: graph)
    let people = Array(0..<40)
    let found = try bipartiteProjection(of: graph, onto: .nodes(people))
    for u in people {
      for v in people where v > u {
        let common = sets[u].intersection(sets[v]).count
        let weight = found.weightedNeighbors(of: u).first { $0.node == v }?.weight ?? 0
        #expect(weight == Double(common))
      }
    }
    for threads in [1, 2, 4] {
      let context = RunContext(threads: threads)
      #expect(try bipartiteProjection(of: graph.widened(), onto: .nodes(people), context: context) == found)
    }
    #expect(found.structuralFaults() == [])
  }

  @Test func refusals() throws {
    let triangle = try CSRGraph(edges: [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])
    let odd = #expect(throws: MillError.self) { try bipartiteProjection(of: triangle, onto: .first) }
    #expect(odd?.kind == .notBipartite && odd?.field?.split(separator: " - ").count == 3)
    let joined = #expect(throws: MillError.self) { try bipartiteProjection(of: triangle, onto: .nodes([0, 2])) }
    #expect(joined?.kind == .notBipartite && joined?.field == "a - c")
    // An edge elsewhere does not matter.
    #expect(try table(bipartiteProjection(of: triangle, onto: .nodes([0, 3]))) == ["a d 1.0"])
    let outside = #expect(throws: MillError.self) { try bipartiteProjection(of: triangle, onto: .nodes([4])) }
    #expect(outside?.kind == .nodeOutOfRange)
    let loop = try CSRGraph(edges: [(0, 0), (0, 1)])
    #expect(
      (#expect(throws: MillError.self) { try bipartiteProjection(of: loop, onto: .first) })?.kind == .notBipartite)
  }
}
