import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct DegreeStatisticsTests {
  typealias Bin = DegreeDistribution.Bin

  /// Edges 0-1, 1-2, 1-3, loop 4, node 5 alone.
  @Test func byHand() throws {
    let graph = try CSRGraph(nodeCount: 6, edges: [(0, 1), (1, 2), (1, 3), (4, 4)])
    let result = try degreeStatistics(of: graph)
    #expect(result.inDegrees == nil)
    #expect(result.isolated == 1)
    let degrees = result.degrees
    #expect(
      degrees.histogram == [Bin(degree: 0, nodes: 1), Bin(degree: 1, nodes: 4), Bin(degree: 3, nodes: 1)])
    #expect((degrees.minimum, degrees.maximum, degrees.total) == (0, 3, 7))
    #expect(degrees.mean == 7.0 / 6)
    #expect(degrees.percentile(0) == 0)
    #expect(degrees.percentile(16) == 0)
    #expect(degrees.percentile(17) == 1)
    #expect(degrees.percentile(50) == 1)
    #expect(degrees.percentile(83) == 1)
    #expect(degrees.percentile(84) == 3)
    #expect(degrees.percentile(100) == 3)
    var twice = DegreeStatisticsOptions()
    twice.countsLoopsTwice = true
    let textbook = try degreeStatistics(of: graph, options: twice).degrees
    #expect(textbook.total == 2 * graph.edgeCount)
    #expect(
      textbook.histogram == [
        Bin(degree: 0, nodes: 1), Bin(degree: 1, nodes: 3), Bin(degree: 2, nodes: 1), Bin(degree: 3, nodes: 1),
      ])
  }

  /// 0 → 1, 0 → 2, 3 → 0, loop 4, node 5 alone: node 4 has an arc, so it is not isolated.
  @Test func directedByHand() throws {
    let graph = try CSRGraph(nodeCount: 6, edges: [(0, 1), (0, 2), (3, 0), (4, 4)], isDirected: true)
    let result = try degreeStatistics(of: graph)
    #expect(result.isolated == 1)
    #expect(
      result.degrees.histogram == [Bin(degree: 0, nodes: 3), Bin(degree: 1, nodes: 2), Bin(degree: 2, nodes: 1)])
    #expect(result.inDegrees?.histogram == [Bin(degree: 0, nodes: 2), Bin(degree: 1, nodes: 4)])
    var options = DegreeOptions()
    options.direction = .total
    #expect(try degrees(of: graph, options: options).array == [3, 1, 1, 1, 2, 0])
  }

  @Test func graphWithoutNodes() throws {
    let result = try degreeStatistics(of: TestGraph.empty.frozen())
    #expect(result.degrees.histogram.isEmpty)
    #expect((result.degrees.minimum, result.degrees.maximum, result.degrees.mean) == (0, 0, 0))
    #expect(result.degrees.percentile(50) == 0)
    #expect(result.isolated == 0)
  }

  @Test("Degrees agree with lists built from the edges", arguments: TestGraph.small)
  func reference(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let reference = Reference(input, isDirected: isDirected)
      for graph in [graph, try graph.widened(), try graph.withInArcs()] {
        for threads in [1, 2, 4] {
          let context = RunContext(threads: threads)
          var options = DegreeOptions()
          #expect(
            try degrees(of: graph, options: options, context: context).array.map(Int.init)
              == reference.outDegrees())
          options.direction = .in
          let entering = try degrees(of: graph, options: options, context: context)
          #expect(entering.array.map(Int.init) == reference.inDegrees())
        }
      }
    }
  }

  @Test("Loops count twice in multigraphs too, each of them")
  func parallelLoops() throws {
    let graph = try TestGraph.loopsAndRepeats.frozen(duplicates: .keep)
    var options = DegreeOptions()
    #expect(try degrees(of: graph, options: options).array == [1, 3, 3, 2])
    options.countsLoopsTwice = true
    #expect(try degrees(of: graph, options: options).array == [2, 3, 3, 4])
  }

  /// Degrees on both sides of the border between the two counting methods, on more nodes than a chunk has.
  @Test func largeDegrees() throws {
    let n = 40_000
    var pairs: [(Int, Int)] = []
    for (hub, degree) in [(0, 1023), (1, 1024), (2, 30_000)] { pairs += (0..<degree).map { (hub, 10 + $0) } }
    let graph = try TestGraph("hubs", nodeCount: n, pairs: pairs).frozen(isDirected: true)
    let results = try [1, 2, 4].map { try degreeStatistics(of: graph, context: RunContext(threads: $0)) }
    #expect(results[0] == results[1] && results[0] == results[2])
    #expect(
      results[0].degrees.histogram == [
        Bin(degree: 0, nodes: n - 3), Bin(degree: 1023, nodes: 1), Bin(degree: 1024, nodes: 1),
        Bin(degree: 30_000, nodes: 1),
      ])
    #expect(
      results[0].inDegrees?.histogram == [
        Bin(degree: 0, nodes: 10_000), Bin(degree: 1, nodes: 28_976), Bin(degree: 2, nodes: 1),
        Bin(degree: 3, nodes: 1023),
      ])
    #expect(results[0].isolated == 9_997)
  }

  @Test("Published counts of real graphs", .needsSharedData("communities/polblogs/edges.tsv"))
  func polblogs() throws {
    let input = try SharedData.graph("communities/polblogs/edges.tsv", nodeCount: 1490)
    let undirected = try degreeStatistics(of: input.frozen())
    #expect(undirected.isolated == 266)
    #expect(undirected.degrees.total == 2 * 16_715 + 3)
    let directed = try degreeStatistics(of: input.frozen(isDirected: true))
    #expect(directed.degrees.total == directed.inDegrees?.total)
  }
}
