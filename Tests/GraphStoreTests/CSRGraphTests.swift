import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct CSRGraphTests {
  @Test func fromNumbers() throws {
    let path = try CSRGraph(edges: [(0, 1), (1, 2)])
    #expect(path.nodeCount == 3 && path.edgeCount == 2)
    #expect(path.edges.map { [$0.source, $0.target] } == [[0, 1], [1, 2]])
    #expect(Array(path.neighbors(of: 1)) == [0, 2])
    #expect(path.neighbors(of: 2)[0] == 1)
    #expect(try CSRGraph(nodeCount: 5, edges: [(0, 1)]).nodes == 0..<5)
    let error = #expect(throws: MillError.self) { try CSRGraph(edges: [(0, -1)]) }
    #expect(error?.kind == .idOutOfRange && error?.field == "-1")
    #expect(throws: MillError.self) { try CSRGraph(nodeCount: 2, edges: [(0, 2)]) }
  }

  @Test func fromNames() throws {
    let graph = try CSRGraph(weightedEdges: [("eve", "bob", 2), ("bob", "ann", 0.5)], isDirected: true)
    #expect((0..<3).map { graph.name(of: $0) } == ["ann", "bob", "eve"])
    #expect(
      graph.weightedEdges.map { [graph.name(of: $0.source), graph.name(of: $0.target), "\($0.weight)"] }
        == [["bob", "ann", "0.5"], ["eve", "bob", "2.0"]])
    #expect(graph.weightedNeighbors(of: 1).map(\.node) == [0])
    #expect(graph.node(named: "eve") == 2 && graph.node(named: "dan") == nil)
    #expect(
      try CSRGraph(edges: [("ann", "bob")]).description == "undirected graph of 2 nodes and 1 edge, nodes with labels")
  }

  @Test("Edges and neighbors tell the same of every graph", arguments: TestGraph.small)
  func edges(input: TestGraph) throws {
    for (isDirected, isWeighted) in [(false, true), (true, false)] {
      let graph = try input.frozen(isDirected: isDirected, isWeighted: isWeighted, duplicates: .keep)
      let expected = graph.arcList.filter { isDirected || $0.target >= $0.source }
      #expect(graph.weightedEdges.map { TestGraph.Edge($0.source, $0.target, $0.weight) } == expected)
      #expect(graph.edges.map { [$0.source, $0.target] } == expected.map { [$0.source, $0.target] })
      #expect(graph.edges.count == graph.edgeCount)
      for (u, v) in graph.edges { #expect(graph.hasEdge(u, v)) }
    }
  }

  @Test("Weights, names and rows of a temporary graph live on without it", arguments: [3, 200_000])
  func temporaries(n: Int) throws {
    func made() throws -> CSRGraph {
      try CSRGraph(weightedEdges: (1..<n).map { ($0 - 1, $0, Double($0)) }).withNames(
        .ids(SharedArray(copying: (0..<n).map { UInt64(10 * $0) })))
    }
    let weights = try #require(made().weights)
    let neighbors = try made().neighbors(of: 1)
    let names = try made().names
    #expect(weights[0] == 1 && weights[weights.count - 1] == Double(n - 1))
    #expect(Array(neighbors) == [0, 2])
    #expect(names.text(of: n - 1) == "\(10 * (n - 1))")
  }

  @Test func equality() throws {
    let one = try CSRGraph(edges: [(0, 1), (1, 2)])
    #expect(try one == CSRGraph(edges: [(2, 1), (1, 0), (0, 1)]))
    #expect(try one != CSRGraph(edges: [(0, 1)]))
    #expect(try one != CSRGraph(edges: [("0", "1"), ("1", "2")]))
    #expect(throws: MillError.self) { try one.withNames(.labels(.init(["a"]))) }
  }

  @Test("A node or neighbor out of range ends the process", arguments: 0..<4)
  func checked(access: Int) async {
    await #expect(processExitsWith: .failure) { [access] in
      let path = try CSRGraph(edges: [(0, 1), (1, 2)])
      switch access {
      case 0: _ = path.degree(of: 3)
      case 1: _ = path.neighbors(of: 2)[1]
      case 2: _ = path.name(of: -1)
      default: _ = path.arcs(of: 6)
      }
    }
  }
}
