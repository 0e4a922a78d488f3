import GraphKernels
import MillRuntime
import TestSupport
import Testing

@testable import GraphStore

@Suite struct TransformsTests {
  /// Transforms of one graph, in both widths and with several thread counts, must agree.
  private func forEachForm(
    of graph: CSRGraph, _ transform: (CSRGraph, RunContext) throws -> CSRGraph
  ) throws -> CSRGraph {
    let first = try transform(graph, RunContext(threads: 1))
    #expect(first.structuralFaults() == [])
    for form in [graph, try graph.widened()] {
      for threads in [1, 2, 4] {
        let other = try transform(form, RunContext(threads: threads))
        #expect(areEqual(other, first))
      }
    }
    return first
  }

  // MARK: In-arcs and transposition

  @Test("In-arcs are the arcs sorted by target", arguments: TestGraph.small)
  func inArcs(input: TestGraph) throws {
    let graph = try input.frozen(isDirected: true)
    for form in [graph, try graph.widened()] {
      let result = try form.withInArcs(context: RunContext(threads: 2))
      #expect(areEqual(result, graph))
      let inArcs = try #require(result.inArcs)
      #expect(inArcs.offsets.count == graph.nodeCount + 1)
      for v in 0..<graph.nodeCount {
        let sources = (Int(inArcs.offsets[v])..<Int(inArcs.offsets[v + 1])).map { inArcs.sources[$0] }
        #expect(sources == (0..<graph.nodeCount).filter { graph.hasEdge($0, v) })
      }
    }
    #expect(try input.frozen().withInArcs().inArcs == nil)
  }

  @Test("Transposing turns arcs round and twice gives the graph again", arguments: TestGraph.small)
  func transposed(input: TestGraph) throws {
    for (isWeighted, policy) in [(false, DuplicatePolicy.sum), (true, .sum), (true, .keep)] {
      let graph = try input.frozen(isDirected: true, isWeighted: isWeighted, duplicates: policy)
      let result = try forEachForm(of: graph) { try $0.transposed(context: $1) }
      let turned = graph.arcList.map { TestGraph.Edge($0.target, $0.source, $0.weight) }
      // Stable: parallel arcs keep their order.
      let sorted = turned.enumerated().sorted {
        ($0.element.source, $0.element.target, $0.offset) < ($1.element.source, $1.element.target, $1.offset)
      }
      #expect(result.arcList == sorted.map(\.element))
      #expect(areEqual(try result.transposed(), graph))
    }
  }

  @Test func transposedSharesInArcs() throws {
    let graph = try TestGraph.random(30, edges: 90, seed: 5).frozen(isDirected: true)
    let shared = try graph.withInArcs().transposed()
    #expect(areEqual(shared, try graph.transposed()))
    #expect(areEqual(try shared.transposed(), graph))
    let undirected = try TestGraph.grid(4).frozen()
    #expect(areEqual(try undirected.transposed(), undirected))
  }

  @Test("The arc sort is the same for every cut into chunks and blocks")
  func arcSorter() throws {
    let graph = try TestGraph.skewed(500, edges: 3000, seed: 9).frozen(
      isDirected: true, isWeighted: true, duplicates: .keep)
    let expected = try graph.transposed()
    struct Sorting: RowsVisitor {
      let arcsPerChunk: Int
      let blockBits: Int
      func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> (CSRGraph.InArcs, [Double]?) {
        var sorter = ArcSorter(rows, withWeights: true)
        sorter.arcsPerChunk = arcsPerChunk
        sorter.blockBits = blockBits
        let result = try sorter.run()
        let arcs = CSRGraph.InArcs(
          offsets: SharedArray(result.offsets), sources: ID.targets(SharedArray(result.sources)))
        return (arcs, result.weights.map { Array(SharedArray($0)) })
      }
    }
    for (arcsPerChunk, blockBits) in [(1, 0), (7, 1), (100, 3), (3000, 6), (2999, 9)] {
      let (result, weights) = try graph.withRows(
        context: RunContext(threads: 3), Sorting(arcsPerChunk: arcsPerChunk, blockBits: blockBits))
      #expect(result.offsets == expected.offsets)
      #expect(result.sources == expected.targets)
      #expect(weights == expected.weights.map { Array($0) })
    }
  }

  // MARK: Symmetrizing

  /// 0 → 1 (1), 1 → 0 (2), 1 → 2 (4), 2 → 2 (8).
  @Test func symmetrizedByHand() throws {
    let arcs = [(0, 1, 1.0), (1, 0, 2.0), (1, 2, 4.0), (2, 2, 8.0)]
    let graph = try CSRGraph(nodeCount: 3, weightedEdges: arcs, isDirected: true)
    func weights(_ directions: DirectionPolicy, _ duplicates: DuplicatePolicy = .sum) throws -> [Double] {
      let result = try graph.symmetrized(directions, duplicates: duplicates)
      #expect(result.structuralFaults() == [])
      #expect(!result.isDirected)
      return Array(try #require(result.weights))
    }
    // Arcs 0-1, 1-0, 1-2, 2-1, 2-2.
    #expect(try weights(.union) == [2, 2, 4, 4, 8])
    #expect(try weights(.min) == [1, 1, 4, 4, 8])
    #expect(try weights(.sum) == [3, 3, 4, 4, 8])
    #expect(try weights(.mutual) == [1, 1, 8])
    #expect(try weights(.union, .keep) == [1, 2, 1, 2, 4, 4, 8])
    let multigraph = try graph.symmetrized(duplicates: .keep)
    #expect(multigraph.isMultigraph && multigraph.edgeCount == 4)
    #expect(!(try graph.symmetrized().isMultigraph))
    let error = #expect(throws: MillError.self) { try graph.symmetrized(duplicates: .error) }
    #expect(error?.kind.name == "duplicate-edge")
  }

  @Test("Two directions of equal weight are one edge of that weight, after parallel arcs were merged")
  func directionsAfterDuplicates() throws {
    let arcs = [(0, 1, 1.5), (0, 1, 1.0), (1, 0, 2.5), (1, 2, 4.0), (2, 1, 4.0)]
    var options = FreezeOptions()
    options.isDirected = true
    options.duplicates = .keep
    let ids = try FlatBuffer<UInt64>(count: 2 * arcs.count)
    let weights = try FlatBuffer<Double>(count: arcs.count)
    for (i, arc) in arcs.enumerated() {
      (ids.base[2 * i], ids.base[2 * i + 1], weights.base[i]) = (UInt64(arc.0), UInt64(arc.1), arc.2)
    }
    let graph = try freeze([EdgeBlock(ids: .wide(ids), weights: weights, count: arcs.count)], options: options).graph
    #expect(graph.isMultigraph)
    for directions in [DirectionPolicy.union, .min, .mutual] {
      #expect(Array(try #require(graph.symmetrized(directions).weights)) == [2.5, 2.5, 4, 4])
    }
    let prepared = try graph.prepared()
    #expect(Array(try #require(prepared.graph.weights)) == [2.5, 2.5, 4, 4])
    #expect(prepared.changes.merged == 3)
    #expect(prepared.changes.unequalDirections == 0)
  }

  @Test("Symmetrizing equals reading the edges as undirected", arguments: TestGraph.small)
  func symmetrized(input: TestGraph) throws {
    for isWeighted in [false, true] {
      let graph = try input.frozen(isDirected: true, isWeighted: isWeighted)
      let expected = try input.frozen(isWeighted: isWeighted)
      let result = try forEachForm(of: graph) { try $0.symmetrized(.sum, context: $1) }
      // Weights of the test graphs are quarters: their sums are exact in any order.
      #expect(areEqual(result, expected))
      #expect(areEqual(try graph.withInArcs().symmetrized(.sum), expected))
      #expect(areEqual(try expected.symmetrized(.sum), expected))
    }
    let multigraph = try input.frozen(isDirected: true, isWeighted: true, duplicates: .keep)
    let kept = try forEachForm(of: multigraph) { try $0.symmetrized(duplicates: .keep, context: $1) }
    #expect(kept.edgeCount == input.edges.count)
    let merged = try forEachForm(of: multigraph) { try $0.symmetrized(.sum, context: $1) }
    #expect(areEqual(merged, try input.frozen(isWeighted: true)))
  }

  // MARK: Simplifying

  @Test("Simplifying drops loops and merges parallel edges", arguments: TestGraph.small)
  func simplified(input: TestGraph) throws {
    let plain = TestGraph("", nodeCount: input.nodeCount, edges: input.edges.filter { $0.source != $0.target })
    for isDirected in [false, true] {
      for isWeighted in [false, true] {
        let graph = try input.frozen(isDirected: isDirected, isWeighted: isWeighted, duplicates: .keep)
        let result = try forEachForm(of: graph) { try $0.simplified(context: $1) }
        let expected = try plain.frozen(isDirected: isDirected, isWeighted: isWeighted)
        #expect(areEqual(result, expected))
        let counts = try graph.rewritten(directions: nil, duplicates: .sum, keepsLoops: false, context: .init())
        #expect(counts.loopsDropped == input.edges.count - plain.edges.count)
        #expect(counts.merged == plain.edges.count - expected.edgeCount)
        #expect(try areEqual(result.simplified(), result))
      }
    }
  }

  @Test func simplifiedPolicies() throws {
    let edges = [(0, 1, 4.0), (0, 0, 1.0), (1, 0, -2.0), (0, 1, 1.0)].map { TestGraph.Edge($0.0, $0.1, $0.2) }
    let graph = try TestGraph("", nodeCount: 2, edges: edges).frozen(isWeighted: true, duplicates: .keep)
    func weights(_ policy: DuplicatePolicy) throws -> [Double] {
      try graph.simplified(duplicates: policy).arcList.map(\.weight)
    }
    #expect(try weights(.sum) == [3, 3])
    #expect(try weights(.first) == [4, 4])
    #expect(try weights(.min) == [-2, -2])
    #expect(try weights(.max) == [4, 4])
    #expect(try weights(.keep) == [4, -2, 1, 4, -2, 1])
    #expect(try graph.simplified(duplicates: .keep).structuralFaults() == [])
    #expect(throws: MillError.self) { try graph.simplified(duplicates: .error) }
  }

  // MARK: Subgraphs

  @Test func subgraphByHand() throws {
    let graph = try CSRGraph(
      nodeCount: 5, weightedEdges: [(0, 1, 1), (1, 2, 2), (2, 3, 3), (3, 4, 4), (4, 0, 5), (1, 3, 6), (3, 3, 7)])
    let result = try graph.inducedSubgraph(nodes: [3, 1, 4, 3])
    #expect(result.structuralFaults() == [])
    #expect(result.lists == [[1], [0, 1, 2], [1]])
    #expect(result.weights.map { Array($0) } == [6, 6, 7, 4, 4])
    #expect((0..<3).map { result.name(of: $0) } == ["1", "3", "4"])
    #expect(result.hasLoops)
    let withoutLoop = try graph.inducedSubgraph(nodes: [0, 1])
    #expect(!withoutLoop.hasLoops)
    let none = try graph.inducedSubgraph(nodes: [])
    #expect((none.nodeCount, none.arcCount, none.offsets.count) == (0, 0, 1))
    #expect(none.isWeighted)
    #expect(areEqual(try graph.inducedSubgraph(nodes: [0, 1, 2, 3, 4]), graph))
  }

  @Test("A subgraph has the arcs between its nodes", arguments: TestGraph.small, [UInt64(1), 2])
  func subgraph(input: TestGraph, seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-mask")
    let mask = (0..<input.nodeCount).map { _ in random.below(3) > 0 }
    let kept = mask.indices.filter { mask[$0] }
    let rank = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    for isDirected in [false, true] {
      for policy in [DuplicatePolicy.sum, .keep] {
        let graph = try input.frozen(isDirected: isDirected, isWeighted: true, duplicates: policy)
        let result = try forEachForm(of: graph) { try $0.inducedSubgraph(mask: mask, context: $1) }
        let expected = graph.arcList.filter { mask[$0.source] && mask[$0.target] }
          .map { TestGraph.Edge(rank[$0.source]!, rank[$0.target]!, $0.weight) }
        #expect(result.arcList == expected)
        let hasRepeats = zip(expected, expected.dropFirst())
          .contains { $0.source == $1.source && $0.target == $1.target }
        if kept.count < mask.count { #expect(result.isMultigraph == hasRepeats) }
        #expect(areEqual(try graph.inducedSubgraph(nodes: kept.shuffled(using: &random)), result))
      }
    }
  }

  @Test func namesFollowTheirNodes() throws {
    let graph = try TestGraph.path(4).frozen(isDirected: true)
    let labeled = try graph.named(["anna", "", "café", "zoe"])
    let numbered = try graph.named([7, 90, 91, 1 << 60])
    func names(_ graph: CSRGraph) -> [String] { (0..<graph.nodeCount).map { graph.name(of: $0) } }
    #expect(names(try labeled.inducedSubgraph(nodes: [1, 2, 3])) == ["", "café", "zoe"])
    #expect(names(try numbered.inducedSubgraph(nodes: [0, 3])) == ["7", "1152921504606846976"])
    for named in [labeled, numbered] {
      #expect(names(try named.transposed()) == names(named))
      #expect(names(try named.symmetrized()) == names(named))
      #expect(names(try named.withInArcs()) == names(named))
      #expect(names(try named.withInArcs().transposed()) == names(named))
    }
    let looped = try CSRGraph(nodeCount: 2, edges: [(0, 0), (0, 1)]).named(["x", "y"])
    #expect(names(try looped.simplified()) == ["x", "y"])
  }

  @Test func refusesNodesOutside() throws {
    let graph = try TestGraph.path(3).frozen()
    for node in [-1, 3] {
      let error = #expect(throws: MillError.self) { try graph.inducedSubgraph(nodes: [0, node]) }
      #expect(error?.kind == .nodeOutOfRange)
    }
    let error = #expect(throws: MillError.self) { try graph.inducedSubgraph(mask: [true]) }
    #expect(error?.kind == .badOption)
  }

  // MARK: Largest component

  @Test func largestComponentOfEqualOnes() throws {
    let result = try TestGraph.twoTriangles.frozen().largestComponent()
    #expect(result.components == 3)
    #expect(result.graph.lists == [[1, 2], [0, 2], [0, 1]])
    #expect((0..<3).map { result.graph.name(of: $0) } == ["0", "2", "4"])
  }

  @Test("The largest component is connected and as large as any", arguments: TestGraph.small)
  func largestComponent(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected, isWeighted: true)
      let result = try forEachForm(of: graph) { try $0.largestComponent(context: $1).graph }
      let labels = Reference(input).componentLabels()
      let sizes = (0...(labels.max() ?? 0)).map { label in labels.count { $0 == label } }
      let wanted = sizes.firstIndex(of: sizes.max()!)!
      #expect((0..<result.nodeCount).map { Int(result.name(of: $0)) } == labels.indices.filter { labels[$0] == wanted })
      #expect(try connectedComponents(of: result).count == min(1, input.nodeCount))
      if input.nodeCount > 0 { #expect(try graph.largestComponent().components == sizes.count) }
    }
  }

  @Test("Usual evaluation form of a real graph", .needsSharedData("communities/polblogs/edges.tsv"))
  func polblogs() throws {
    let input = try SharedData.graph("communities/polblogs/edges.tsv", nodeCount: 1490)
    let directed = try input.frozen(isDirected: true)
    let simple = try directed.symmetrized().simplified()
    let result = try simple.largestComponent().graph
    #expect((result.nodeCount, result.edgeCount) == (1222, 16_714))
  }
}
