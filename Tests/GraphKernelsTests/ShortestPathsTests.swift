import GraphKernels
import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct ShortestPathsTests {
  @Test func byHand() throws {
    let edges = [("a", "b", 4.0), ("a", "c", 1), ("c", "b", 2), ("b", "d", 5), ("e", "f", 1)]
    let graph = try CSRGraph(weightedEdges: edges)
    let result = try shortestPaths(of: graph, from: 0)
    #expect(Array(result.distances) == [0, 3, 1, 8, .infinity, .infinity])
    #expect(result.parents?.array == [0, 2, 0, 1, -1, -1])
    #expect(result.path(to: 3) == [0, 2, 1, 3] && result.path(to: 0) == [0])
    #expect(result.path(to: 4) == nil && result.path(to: 9) == nil)
    #expect(result.reached == 4 && result.eccentricity == 8)
    #expect(try shortestPaths(of: graph, from: 0, options: .init(findsParents: false)).path(to: 3) == nil)
  }

  /// Arcs that add nothing: parents still lead to the source, by the smallest nodes.
  @Test func zeroWeights() throws {
    let arcs = [(2, 1, 0.0), (1, 0, 0.0), (0, 1, 0.0), (3, 2, 1.0), (2, 4, 0.0), (4, 0, 0.0)]
    let graph = try CSRGraph(weightedEdges: arcs, isDirected: true)
    let result = try shortestPaths(of: graph, from: 3)
    #expect(Array(result.distances) == [1, 1, 1, 0, 1])
    #expect(result.parents?.array == [1, 2, 3, 3, 2])
    let absorbed = try CSRGraph(weightedEdges: [(0, 1, 1e300), (1, 2, 1e-300), (2, 3, 1)])
    #expect(try shortestPaths(of: absorbed, from: 0).path(to: 3) == [0, 1, 2, 3])
  }

  /// Relaxes all arcs until nothing changes.
  private func distances(_ graph: CSRGraph, from source: Int) -> [Double] {
    var distances = [Double](repeating: .infinity, count: graph.nodeCount)
    distances[source] = 0
    var changed = true
    while changed {
      changed = false
      for arc in graph.arcList where distances[arc.source] + arc.weight < distances[arc.target] {
        distances[arc.target] = distances[arc.source] + arc.weight
        changed = true
      }
    }
    return distances
  }

  /// The rule of the documentation, read literally.
  private func parents(_ graph: CSRGraph, _ distances: [Double], from source: Int) -> [Int] {
    var parents = [Int](repeating: -1, count: graph.nodeCount)
    parents[source] = source
    for arc in graph.arcList.sorted() {
      let (near, far) = (distances[arc.source], distances[arc.target])
      if near < far, near + arc.weight == far, parents[arc.target] < 0 { parents[arc.target] = arc.source }
    }
    while true {
      let arcs = graph.arcList.sorted().filter {
        parents[$0.source] >= 0 && parents[$0.target] < 0 && distances[$0.source] == distances[$0.target]
          && distances[$0.source] + $0.weight == distances[$0.source]
      }
      if arcs.isEmpty { return parents }
      for arc in arcs where parents[arc.target] < 0 { parents[arc.target] = arc.source }
    }
  }

  private func check(_ graph: CSRGraph, from source: Int) throws {
    let expected = distances(graph, from: source)
    let result = try shortestPaths(of: graph, from: source, context: RunContext(threads: 1))
    #expect(result.distances.array == expected)
    #expect(result.parents?.array == parents(graph, expected, from: source))
    #expect(result.reached == expected.count { $0 < .infinity })
    for threads in [2, 4] {
      #expect(try shortestPaths(of: graph, from: source, context: RunContext(threads: threads)) == result)
    }
    for width in [1e-9, 0.3, 1e9, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
      let options = ShortestPathsOptions(bucketWidth: width)
      #expect(try shortestPaths(of: graph, from: source, options: options) == result)
    }
    #expect(try shortestPaths(of: graph.widened(), from: source) == result)
    for node in stride(from: 0, to: graph.nodeCount, by: 7) {
      guard let path = result.path(to: node) else { continue }
      var length = 0.0
      for (u, v) in zip(path, path.dropFirst()) {
        length += graph.weightedNeighbors(of: u).filter { $0.node == v }.map(\.weight).min() ?? .nan
      }
      #expect(path.first == source && path.last == node && length == expected[node])
    }
  }

  @Test("Distances and parents are those of relaxing all arcs", arguments: TestGraph.small)
  func small(input: TestGraph) throws {
    for (isDirected, isWeighted) in [(false, false), (true, false), (false, true), (true, true)] {
      let signed = try input.frozen(isDirected: isDirected, isWeighted: isWeighted)
      let arcs = signed.weightedEdges.map { ($0.source, $0.target, abs($0.weight)) }
      let graph = try CSRGraph(nodeCount: signed.nodeCount, weightedEdges: arcs, isDirected: isDirected)
      for source in Set([0, graph.nodeCount / 2]) where source < graph.nodeCount { try check(graph, from: source) }
    }
  }

  @Test("Weights of every size, parallel edges and zeros among them", arguments: 0..<20 as Range<UInt64>)
  func random(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-weights")
    let edges = TestGraph.random(60, edges: 200, seed: seed).pairs.map { u, v in
      let weight =
        switch random.below(4) {
        case 0: 0.0
        case 1: random.unit()
        case 2: random.unit() * 1e-12
        default: random.unit() * 1e12
        }
      return TestGraph.Edge(u, v, weight)
    }
    let input = TestGraph("weights", nodeCount: 60, edges: edges)
    for isDirected in [false, true] {
      try check(input.frozen(isDirected: isDirected, isWeighted: true, duplicates: .keep), from: 3)
    }
  }

  @Test("A larger graph, the same bytes for every number of threads") func larger() throws {
    let plain = try generateRMATGraph(RMATOptions(scale: 14, edgeCount: 150_000))
    var random = CounterRandom(seed: 5, stage: "test-weights")
    let arcs = plain.edges.map { ($0.source, $0.target, random.unit()) }
    let graph = try CSRGraph(nodeCount: plain.nodeCount, weightedEdges: arcs)
    let one = try shortestPaths(of: graph, from: 0, context: RunContext(threads: 1))
    #expect(one.reached > 5000)
    for threads in [2, 3, 4] {
      #expect(try shortestPaths(of: graph, from: 0, context: RunContext(threads: threads)) == one)
    }
  }

  @Test func refusals() throws {
    func kind(_ graph: CSRGraph, _ source: Int, _ options: ShortestPathsOptions = .init()) -> MillError? {
      do throws(MillError) {
        _ = try shortestPaths(of: graph, from: source, options: options)
        return nil
      } catch { return error }
    }
    let negative = try CSRGraph(weightedEdges: [("a", "b", 1), ("b", "c", -2)])
    #expect(kind(negative, 0)?.kind == .badWeight)
    #expect(kind(negative, 0)?.message.contains("b - c") == true && kind(negative, 0)?.field == "-2.0")
    #expect(kind(try TestGraph.path(3).frozen(), 3)?.kind == .nodeOutOfRange)
    #expect(kind(try TestGraph.path(3).frozen(), -1)?.kind == .nodeOutOfRange)
    #expect(kind(try TestGraph.empty.frozen(), 0)?.kind == .nodeOutOfRange)
    for width in [0, -1, .nan, .infinity] {
      #expect(kind(try TestGraph.path(3).frozen(), 0, .init(bucketWidth: width))?.kind == .badOption)
    }
  }
}
