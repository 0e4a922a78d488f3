import GraphGenerators
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct LabelPropagationTests {
  /// Two cliques of five that one edge joins, and a node alone.
  @Test("Cliques are found for every seed", arguments: 1..<20 as Range<UInt64>)
  func cliques(seed: UInt64) throws {
    let one = (0..<5).flatMap { u in (0..<u).map { (u, $0) } }
    let graph = try CSRGraph(nodeCount: 11, edges: one + one.map { ($0.0 + 5, $0.1 + 5) } + [(4, 5)])
    let result = try labelPropagation(of: graph, options: .init(seed: seed))
    #expect(Array(result.labels) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2] && result.count == 3)
    #expect(result.isConverged && result.rounds >= 2)
  }

  @Test func edgeCases() throws {
    let none = try labelPropagation(of: TestGraph.empty.frozen())
    #expect(none.labels.isEmpty && none.count == 0 && none.isConverged)
    #expect(try labelPropagation(of: TestGraph.isolated.frozen()).labels.array == [0, 1, 2, 3, 4])
    // Weight decides, and edges of weight 0 have no say.
    let weighted = try CSRGraph(weightedEdges: [(0, 1, 5), (1, 2, 1), (2, 3, 5), (0, 3, 0)])
    for seed in 1...UInt64(10) {
      #expect(try labelPropagation(of: weighted, options: .init(seed: seed)).labels.array == [0, 0, 1, 1])
    }
  }

  @Test("A converged grouping is one: no label around a node is more frequent than its own", arguments: TestGraph.small)
  func isStable(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let simple = try graph.prepared(Preparation(weights: .ignored)).graph
      for seed in [UInt64(1), 2, 3] {
        let options = LabelPropagationOptions(seed: seed)
        let result = try labelPropagation(of: graph, options: options)
        #expect(result.isConverged || result.rounds == 100)
        if result.isConverged {
          for node in graph.nodes {
            let around = simple.neighbors(of: node).map { result.labels[$0] }
            let most = Set(around).map { label in around.count { $0 == label } }.max() ?? 0
            #expect(around.count { $0 == result.labels[node] } == most)
          }
        }
        // Numbered by the smallest nodes, and never across components.
        let labels = result.labels.array
        let firsts = (0..<result.count).compactMap { label in labels.firstIndex(of: UInt32(label)) }
        #expect(firsts == firsts.sorted() && firsts.count == Set(labels).count)
        let components = try connectedComponents(of: graph).labels
        for node in graph.nodes { #expect(components[firsts[Int(labels[node])]] == components[node]) }
        #expect(try labelPropagation(of: graph.widened(), options: options) == result)
        for threads in [2, 4] {
          #expect(try labelPropagation(of: graph, options: options, context: RunContext(threads: threads)) == result)
        }
      }
    }
  }

  @Test func refusals() throws {
    let graph = try CSRGraph(weightedEdges: [(0, 1, -1)])
    func kind(_ options: LabelPropagationOptions) -> MillError.Kind? {
      do throws(MillError) {
        _ = try labelPropagation(of: graph, options: options)
        return nil
      } catch { return error.kind }
    }
    #expect(kind(.init(maximumRounds: 0)) == .badOption)
    #expect(kind(.init()) == .badWeight)
    #expect(kind(.init(usesWeights: false)) == nil)
  }
}
