import GraphGenerators
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

/// Kernels on packed lists: what they find on arrays, bit for bit, for every thread count.
@Suite struct PackedGraphKernelTests {
  /// Graphs with long rows, hubs, loops, repeats, and nothing at all.
  private static let inputs =
    TestGraph.small
    + (0..<4 as Range<UInt64>).flatMap { seed in
      [
        TestGraph.random(300, edges: 6000, seed: seed), TestGraph.skewed(900, edges: 5000, seed: seed),
        TestGraph.uneven(400, pairs: 3000, seed: seed),
      ]
    } + [.star(2000, center: 700), .clique(150)]

  private func variants(_ input: TestGraph) throws -> [CSRGraph] {
    var graphs: [CSRGraph] = []
    for (isDirected, isWeighted) in [(false, false), (true, false), (false, true), (true, true)] {
      let graph = try input.frozen(isDirected: isDirected, isWeighted: isWeighted)
      graphs.append(graph)
      if isDirected { graphs.append(try graph.withInArcs()) }
    }
    graphs.append(try input.frozen(duplicates: .keep))
    return graphs
  }

  @Test("Distances, parents and work of a search", arguments: inputs)
  func search(input: TestGraph) throws {
    for graph in try variants(input) where graph.nodeCount > 0 {
      let packed = try PackedGraph(packing: graph)
      for source in Set([0, graph.nodeCount / 2, graph.nodeCount - 1]) {
        var options = BreadthFirstSearchOptions(findsParents: true)
        for divisor in [1, 15] {
          options.bottomUpDivisor = divisor
          let raw = try breadthFirstSearch(of: graph, from: source, options: options, context: RunContext(threads: 1))
          for threads in [1, 2, 4] {
            let found = try breadthFirstSearch(
              of: packed, from: source, options: options, context: RunContext(threads: threads))
            #expect(found.distances == raw.distances && found.parents == raw.parents)
            #expect(found.arcsExamined == raw.arcsExamined && found.eccentricity == raw.eccentricity)
            #expect(found.bottomUpLevels == raw.bottomUpLevels && found.topDownLevels == raw.topDownLevels)
          }
        }
      }
    }
  }

  @Test("Components, and the number of arcs linked", arguments: inputs)
  func components(input: TestGraph) throws {
    for graph in try variants(input) {
      let packed = try PackedGraph(packing: graph)
      for rounds in [0, 2, 11] {
        let options = ConnectedComponentsOptions(neighborRounds: rounds)
        let raw = try connectedComponents(of: graph, options: options, context: RunContext(threads: 1))
        for threads in [1, 2, 4] {
          let found = try connectedComponents(of: packed, options: options, context: RunContext(threads: threads))
          #expect(found.labels == raw.labels && found.sizes == raw.sizes && found.arcsExamined == raw.arcsExamined)
        }
      }
    }
  }

  @Test("Ranks have the same bits", arguments: inputs)
  func ranks(input: TestGraph) throws {
    for graph in try variants(input) {
      for usesWeights in [false, true] where !usesWeights || graph.weights?.contains(where: { $0 < 0 }) != true {
        var options = PageRankOptions(maximumRounds: 12, usesWeights: usesWeights)
        for isPersonal in [false, true] where !isPersonal || graph.nodeCount > 0 {
          options.restart = isPersonal ? graph.nodes.map { $0 == 0 ? 3 : Double($0 % 3) } : nil
          let raw = try pageRank(of: graph, options: options, context: RunContext(threads: 1))
          for threads in [1, 2, 4] {
            let packed = try PackedGraph(packing: graph)
            #expect(try pageRank(of: packed, options: options, context: RunContext(threads: threads)) == raw)
          }
        }
      }
    }
  }

  @Test("Triangles and degrees", arguments: inputs)
  func trianglesAndDegrees(input: TestGraph) throws {
    for graph in try variants(input) {
      let packed = try PackedGraph(packing: graph)
      let triangles = try triangleCount(of: graph)
      for threads in [1, 2, 4] {
        let context = RunContext(threads: threads)
        #expect(try triangleCount(of: packed, context: context) == triangles)
        for direction in DegreeDirection.allCases {
          for twice in [false, true] {
            let options = DegreeOptions(direction: direction, countsLoopsTwice: twice)
            #expect(
              try degrees(of: packed, options: options, context: context) == degrees(of: graph, options: options))
          }
        }
        #expect(try degreeStatistics(of: packed, context: context) == degreeStatistics(of: graph))
      }
    }
  }

  @Test("A graph of many chunks and the whole range of degrees")
  func large() throws {
    let graph = try generateRMATGraph(.init(nodeCount: 1 << 14, edgeCount: 200_000, seed: 5))
    let packed = try PackedGraph(packing: graph)
    #expect(packed.bitsPerArc < 20)
    let ranks = try pageRank(of: graph, options: .init(maximumRounds: 5))
    let search = try breadthFirstSearch(of: graph, from: 1)
    let labels = try connectedComponents(of: graph)
    let triangles = try triangleCount(of: graph)
    for threads in [1, 2, 4] {
      let context = RunContext(threads: threads)
      #expect(try pageRank(of: packed, options: .init(maximumRounds: 5), context: context) == ranks)
      #expect(try breadthFirstSearch(of: packed, from: 1, context: context).distances == search.distances)
      #expect(try connectedComponents(of: packed, context: context).labels == labels.labels)
      #expect(try triangleCount(of: packed, context: context) == triangles)
    }
  }

  @Test("Distances and components are those of brute force", arguments: TestGraph.small)
  func bruteForce(input: TestGraph) throws {
    let graph = try input.frozen()
    let packed = try PackedGraph(packing: graph)
    let reference = Reference(input)
    for source in graph.nodes.prefix(5) {
      let distances = try breadthFirstSearch(of: packed, from: source).distances
      #expect(distances.map(Int.init) == reference.distances(from: source))
    }
    #expect(try connectedComponents(of: packed).labels.map(Int.init) == reference.componentLabels())
    let neighbors = neighborSets(of: graph)
    var triangles = 0
    for u in graph.nodes {
      for v in neighbors[u] where v > u { triangles += neighbors[u].intersection(neighbors[v]).count { $0 > v } }
    }
    #expect(try triangleCount(of: packed) == triangles)
  }
}
