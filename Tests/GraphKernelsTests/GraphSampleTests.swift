import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GraphSampleTests {
  typealias Options = GraphSampleOptions

  @Test(
    "A sample is a part of the graph of the size asked for, the same for 1, 2, 4 threads", arguments: TestGraph.small)
  func parts(input: TestGraph) throws {
    for (isDirected, duplicates) in [(false, DuplicatePolicy.sum), (true, .sum), (false, .keep), (true, .keep)] {
      let graph = try input.frozen(isDirected: isDirected, isWeighted: true, duplicates: duplicates)
      for method in Options.Method.allCases {
        let all = method == .edges ? graph.edgeCount : graph.nodeCount
        for count in Set([0, 1, all / 2, all]) where count <= all {
          let options = Options(method, .count(count), backwardRatio: 0.5, seed: 3)
          let sample = try graph.sampled(options)
          #expect(sample.structuralFaults() == [] && sample.isDirected == isDirected && sample.isWeighted)
          #expect((method == .edges ? sample.edgeCount : sample.nodeCount) == count)
          let left = try differences(between: graph, and: sample)
          #expect(left.edgesOnlyInSecond == 0 && left.nodesOnlyInSecond == 0 && left.weightDifferences == 0)
          if method != .edges {
            let nodes = sample.nodes.compactMap { graph.node(named: sample.name(of: $0)) }
            #expect(try graph.inducedSubgraph(nodes: nodes) == sample)
          } else {
            #expect(
              try sample.prepared(
                Preparation(directions: nil, keepsLoops: true, weights: .ignored, dropsIsolated: true)
              ).original == nil)
          }
          for threads in [1, 2, 4] {
            #expect(try graph.sampled(options, context: RunContext(threads: threads)) == sample)
          }
          #expect(try areEqual(graph.widened().sampled(options), sample))
        }
      }
    }
  }

  @Test("Every edge and every node is as likely as any other", arguments: [Options.Method.edges, .nodes])
  func uniform(method: Options.Method) throws {
    let graph = try CSRGraph(edges: [(0, 1), (1, 2), (2, 3), (3, 0), (0, 0), (0, 2)])
    let trials = 3000
    var counts: [String: Int] = [:]
    for seed in 0..<UInt64(trials) {
      let sample = try graph.sampled(Options(method, .count(2), seed: seed), context: RunContext(threads: 1))
      let names = sample.nodes.map { sample.name(of: $0) }
      for name in method == .nodes ? names : sample.edges.map({ "\(names[$0.source]) \(names[$0.target])" }) {
        counts[name, default: 0] += 1
      }
    }
    let chance = method == .nodes ? 0.5 : 1.0 / 3
    #expect(counts.count == (method == .nodes ? 4 : 6))
    let mean = chance * Double(trials)
    let deviation = (mean * (1 - chance)).squareRoot()
    for (name, count) in counts { #expect(abs(Double(count) - mean) < 5 * deviation, "\(name)") }
  }

  @Test func shares() throws {
    let graph = try TestGraph.grid(10).frozen()
    #expect(try graph.sampled(Options(.nodes, .share(0.25))).nodeCount == 25)
    #expect(try graph.sampled(Options(.edges, .share(0.5))).edgeCount == 90)
    #expect(try graph.sampled(Options(.forestFire, .share(1))) == graph)
  }

  @Test("A fire stays together where a random choice of nodes does not, and goes backward only when told")
  func fire() throws {
    let grid = try TestGraph.grid(40).frozen()
    let burned = try grid.sampled(Options(.forestFire, .count(200), burning: 0.9))
    let drawn = try grid.sampled(Options(.nodes, .count(200)))
    #expect(burned.edgeCount > 2 * drawn.edgeCount)
    // All arcs lead to node 0: along them every fire has two nodes at most.
    let star = try CSRGraph(edges: (1..<200).map { ($0, 0) }, isDirected: true)
    let forward = try star.sampled(Options(.forestFire, .count(20), burning: 0.99, seed: 5))
    let backward = try star.sampled(Options(.forestFire, .count(20), burning: 0.99, backwardRatio: 1, seed: 5))
    #expect(forward.edgeCount <= 19 && backward.edgeCount == 19)
    // A fire that never spreads is a choice of nodes.
    #expect(try grid.sampled(Options(.forestFire, .count(200), burning: 0)).nodeCount == 200)
  }

  @Test func seeds() throws {
    let graph = try TestGraph.grid(20).frozen()
    for method in Options.Method.allCases {
      let first = try graph.sampled(Options(method, .count(50), seed: 1))
      #expect(try graph.sampled(Options(method, .count(50), seed: 1)) == first)
      #expect(try graph.sampled(Options(method, .count(50), seed: 2)) != first)
    }
  }

  @Test func refusals() throws {
    let graph = try TestGraph.path(4).frozen()
    for bad in [
      Options(.nodes, .count(5)), Options(.edges, .count(4)), Options(.nodes, .count(-1)), Options(.nodes, .share(1.5)),
      Options(.edges, .share(.nan)), Options(.forestFire, .count(2), burning: 1),
      Options(.forestFire, .count(2), burning: .nan), Options(.forestFire, .count(2), backwardRatio: -1),
    ] {
      #expect((#expect(throws: MillError.self) { try graph.sampled(bad) })?.kind == .badOption)
    }
  }
}
