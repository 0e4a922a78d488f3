import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct NeighborhoodTests {
  @Test func byHand() throws {
    let graph = try CSRGraph(edges: [(3, 1), (1, 0), (0, 2), (2, 4), (4, 4)], isDirected: true)
    func found(_ nodes: [Int], _ hops: Int, _ direction: DegreeDirection = .out) throws -> [[Int]] {
      let result = try neighborhood(of: graph, around: nodes, options: .init(hops: hops, direction: direction))
      return [result.nodes.array, result.distances.map { Int($0) }]
    }
    #expect(try found([1], 0) == [[1], [0]])
    #expect(try found([1], 2) == [[1, 0, 2], [0, 1, 2]])
    #expect(try found([1], 2, .in) == [[1, 3], [0, 1]])
    #expect(try found([0], 1, .total) == [[0, 1, 2], [0, 1, 1]])
    #expect(try found([4, 3, 4], 1) == [[3, 4, 1], [0, 0, 1]])
    #expect(try found([], 3) == [[], []])
    #expect(try neighborhood(of: graph, around: [3]).nodes.array == [3, 1])
  }

  @Test("Nodes are those that a search finds near enough", arguments: TestGraph.small)
  func againstSearch(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      for start in Set([0, graph.nodeCount / 2]) where start < graph.nodeCount {
        for direction in DegreeDirection.allCases {
          let followed =
            switch direction {
            case .out: graph
            case .in: try graph.transposed()
            case .total: try graph.prepared(Preparation(weights: .ignored)).graph
            }
          let distances = try breadthFirstSearch(of: followed, from: start).distances
          for hops in [0, 1, 2, 5, 1000] {
            let near = graph.nodes.filter { distances[$0] >= 0 && distances[$0] <= hops }
            let options = NeighborhoodOptions(hops: hops, direction: direction)
            let result = try neighborhood(of: graph, around: [start], options: options)
            #expect(result.nodes.array == near.sorted { (distances[$0], $0) < (distances[$1], $1) })
            #expect(result.distances.array == result.nodes.map { distances[$0] })
            #expect(try neighborhood(of: graph.widened(), around: [start], options: options) == result)
            let two = RunContext(threads: 2)
            #expect(try neighborhood(of: graph, around: [start], options: options, context: two) == result)
          }
        }
      }
    }
  }

  @Test func refusals() throws {
    let graph = try TestGraph.path(3).frozen()
    let negative = #expect(throws: MillError.self) {
      try neighborhood(of: graph, around: [0], options: .init(hops: -1))
    }
    #expect(negative?.kind == .badOption)
    for node in [3, -1] {
      let error = #expect(throws: MillError.self) { try neighborhood(of: graph, around: [0, node]) }
      #expect(error?.kind == .nodeOutOfRange)
    }
  }
}
