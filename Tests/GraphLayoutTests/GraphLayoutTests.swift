import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphLayout

@Suite struct GraphLayoutTests {
  private static func grid(_ side: Int) throws -> CSRGraph {
    var edges: [(Int, Int)] = []
    for x in 0..<side {
      for y in 0..<side {
        if x + 1 < side { edges.append((x * side + y, (x + 1) * side + y)) }
        if y + 1 < side { edges.append((x * side + y, x * side + y + 1)) }
      }
    }
    return try CSRGraph(nodeCount: side * side, edges: edges)
  }

  private static func distance(_ points: SharedArray<Double>, _ a: Int, _ b: Int) -> Double {
    let (dx, dy) = (points[2 * a] - points[2 * b], points[2 * a + 1] - points[2 * b + 1])
    return (dx * dx + dy * dy).squareRoot()
  }

  @Test("A path comes out straight, one unit an edge")
  func path() throws {
    let graph = try CSRGraph(nodeCount: 20, edges: (0..<19).map { ($0, $0 + 1) })
    let found = try graphLayout(of: graph)
    #expect(found.componentCount == 1)
    #expect(abs(Self.distance(found.points, 0, 19) - 19) < 0.5)
    for node in 0..<19 { #expect(abs(Self.distance(found.points, node, node + 1) - 1) < 0.1) }
    #expect(try #require(try layoutStress(of: found.points, in: graph)) < 1e-3)
  }

  @Test("A ring is round, a grid is flat: little stress; the start alone has more")
  func shapes() throws {
    let ring = try CSRGraph(nodeCount: 40, edges: (0..<40).map { ($0, ($0 + 1) % 40) })
    let round = try graphLayout(of: ring).points
    let across = (0..<20).map { Self.distance(round, $0, $0 + 20) }
    #expect((across.max() ?? 9) / (across.min() ?? 1) < 1.05)
    let grid = try Self.grid(15)
    let improved = try #require(try layoutStress(of: graphLayout(of: grid).points, in: grid))
    let start = try #require(
      try layoutStress(of: graphLayout(of: grid, options: GraphLayoutOptions(rounds: 0)).points, in: grid))
    #expect(improved < 0.05 && improved <= start)
  }

  @Test("Components stand apart; isolated nodes have places of their own")
  func components() throws {
    let edges = (0..<9).map { ($0, ($0 + 1) % 10) } + [(10, 11), (11, 12), (12, 10), (13, 14)]
    let graph = try CSRGraph(nodeCount: 18, edges: edges)
    let found = try graphLayout(of: graph)
    #expect(found.componentCount == 6)
    let groups = [Array(0..<10), [10, 11, 12], [13, 14], [15], [16], [17]]
    for (i, one) in groups.enumerated() {
      for other in groups[..<i] {
        for (a, b) in one.flatMap({ a in other.map { (a, $0) } }) { #expect(Self.distance(found.points, a, b) > 0.9) }
      }
    }
    #expect(found.points.allSatisfy { $0.isFinite })
  }

  @Test("Any graph has finite places; directions, loops, parallel edges and weights make no difference")
  func small() throws {
    for input in TestGraph.small {
      let graph = try input.frozen()
      let found = try graphLayout(of: graph)
      #expect(found.points.count == 2 * graph.nodeCount && found.points.allSatisfy { $0.isFinite }, "\(input)")
    }
    let plain = try CSRGraph(nodeCount: 4, edges: [(0, 1), (1, 2), (2, 3)])
    let odd = try CSRGraph(
      nodeCount: 4, weightedEdges: [(1, 0, 5), (1, 2, 1), (2, 1, 7), (2, 3, 2), (3, 3, 1)], isDirected: true)
    #expect(try graphLayout(of: plain) == graphLayout(of: odd))
  }

  @Test("The same bytes for 1, 2 and 4 threads; another seed gives another drawing of about the same stress")
  func threads() throws {
    let graph = try Self.grid(12)
    let found = try [1, 2, 4].map { try graphLayout(of: graph, context: RunContext(threads: $0)) }
    #expect(found[0] == found[1] && found[0] == found[2])
    let other = try graphLayout(of: graph, options: GraphLayoutOptions(seed: 7))
    #expect(other != found[0])
    let (a, b) = (
      try #require(try layoutStress(of: other.points, in: graph)),
      try #require(try layoutStress(of: found[0].points, in: graph))
    )
    #expect(abs(a - b) < 0.02)
  }

  @Test("Stress by hand: 0 for a path drawn straight, a quarter turn costs; other lengths make no difference")
  func stress() throws {
    let graph = try CSRGraph(nodeCount: 3, edges: [(0, 1), (1, 2)])
    let straight = try SharedArray(copying: [0.0, 0, 5, 0, 10, 0])
    #expect(try layoutStress(of: straight, in: graph) == 0)
    // Ratios 1, 1 and √2 / 2, each twice: 1 - (2 + √½)² / (2.5 · 3).
    let bent = try SharedArray(copying: [0.0, 0, 1, 0, 1, 1])
    let wanted = 1 - (2 + 0.5.squareRoot()) * (2 + 0.5.squareRoot()) / 7.5
    #expect(abs(try #require(try layoutStress(of: bent, in: graph)) - wanted) < 1e-12)
    #expect(try layoutStress(of: SharedArray(copying: [0.0, 0]), in: CSRGraph(nodeCount: 1, edges: [(0, 0)])) == nil)
  }

  @Test("Wrong options are refused")
  func refusals() throws {
    let graph = try Self.grid(2)
    for bad in [
      GraphLayoutOptions(pivots: 2), GraphLayoutOptions(pivots: 10_001), GraphLayoutOptions(rounds: -1),
      GraphLayoutOptions(tolerance: -1),
    ] { #expect(throws: MillError.self) { try graphLayout(of: graph, options: bad) } }
    #expect(throws: MillError.self) { try layoutStress(of: .empty, in: graph) }
    #expect(throws: MillError.self) {
      try layoutStress(of: SharedArray(copying: [Double](repeating: 0, count: 8)), in: graph, sources: 0)
    }
  }
}
