import GraphKernels
import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct ConnectedComponentsTests {
  @Test func byHand() throws {
    let result = try connectedComponents(of: TestGraph.twoTriangles.frozen())
    #expect(result.labels.array == [0, 1, 0, 1, 0, 1, 2])
    #expect(result.sizes == [3, 3, 1])
    #expect(result.count == 3)
    #expect(result.largest == 0)
  }

  @Test func graphWithoutNodes() throws {
    let result = try connectedComponents(of: TestGraph.empty.frozen())
    #expect(result.count == 0)
    #expect(result.largest == nil)
    #expect(result.labels.count == 0)
  }

  @Test("Labels agree with depth-first search", arguments: TestGraph.small)
  func reference(input: TestGraph) throws {
    let labels = Reference(input).componentLabels()
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      for graph in [graph, try graph.widened(), try graph.withInArcs()] {
        for (rounds, samples) in [(2, 1024), (0, 0), (0, 5), (1, 0), (100, 1)] {
          for threads in [1, 3] {
            var options = ConnectedComponentsOptions()
            (options.neighborRounds, options.sampleSize) = (rounds, samples)
            let result = try connectedComponents(of: graph, options: options, context: RunContext(threads: threads))
            #expect(result.labels.array.map(Int.init) == labels)
            #expect(result.sizes == (0..<result.count).map { label in labels.count { $0 == label } })
            #expect(result.largest == result.sizes.max().map { result.sizes.firstIndex(of: $0)! })
          }
        }
      }
    }
  }

  @Test("The direction of arcs does not matter, and the smallest node names the component")
  func direction() throws {
    let graph = try CSRGraph(nodeCount: 5, edges: [(4, 0), (3, 4), (2, 1)], isDirected: true)
    let result = try connectedComponents(of: graph)
    #expect(result.labels.array == [0, 1, 1, 0, 0])
  }

  @Test("Result and counter are the same for every thread count and width", arguments: [UInt64(1), 2, 3])
  func threads(seed: UInt64) throws {
    for isDirected in [false, true] {
      var options = try RMATOptions(scale: 15, edgeCount: 60_000, seed: seed)
      options.isDirected = isDirected
      options.scramblesNodes = seed == 2
      let graph = try generateRMATGraph(options)
      let one = try connectedComponents(of: graph, context: RunContext(threads: 1))
      #expect(one.count > 100)
      for graph in [graph, try graph.widened()] {
        for threads in [2, 4] {
          let many = try connectedComponents(of: graph, context: RunContext(threads: threads))
          #expect(many.labels.array == one.labels.array)
          #expect(many.sizes == one.sizes)
          #expect(many.arcsExamined == one.arcsExamined)
        }
      }
    }
  }

  @Test("A giant component is not looked at arc by arc")
  func savesWork() throws {
    let graph = try generateRMATGraph(RMATOptions(scale: 14, edgeCount: 200_000))
    let result = try connectedComponents(of: graph)
    #expect(result.arcsExamined < 2 * graph.nodeCount + 1000)
    #expect(graph.arcCount > 15 * graph.nodeCount)
  }

  @Test("A long path in any order is one component", arguments: 0..<4 as Range<UInt64>)
  func shuffledPath(seed: UInt64) throws {
    let graph = try TestGraph.shuffledPath(20_000, seed: seed).frozen()
    for threads in [1, 4] {
      #expect(try connectedComponents(of: graph, context: RunContext(threads: threads)).sizes == [20_000])
    }
  }

  @Test func refusesNegativeOptions() throws {
    var options = ConnectedComponentsOptions()
    options.neighborRounds = -1
    let error = #expect(throws: MillError.self) {
      try connectedComponents(of: TestGraph.single.frozen(), options: options)
    }
    #expect(error?.kind == .badOption)
  }

  @Test("Published counts of real graphs", .needsSharedData("communities/citeseer/edges.tsv"))
  func published() throws {
    for (name, nodes, count, largest) in [
      ("karate", 34, 1, 34), ("polblogs", 1490, 268, 1222), ("email-eu-core", 1005, 20, 986),
      ("citeseer", 3327, 438, 2120), ("cora", 2708, 78, 2485), ("power-us-west", 4941, 1, 4941),
    ] {
      let input = try SharedData.graph("communities/\(name)/edges.tsv", nodeCount: nodes)
      let result = try connectedComponents(of: input.frozen(isDirected: name == "polblogs"))
      #expect(result.count == count, "\(name)")
      #expect(result.sizes.max() == largest, "\(name)")
    }
  }
}
