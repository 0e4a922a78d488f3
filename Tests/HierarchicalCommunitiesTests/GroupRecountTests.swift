import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct GroupRecountTests {
  /// Two sparse leaves of one half, and a dense half: its degrees hide the eigenvalue that tells the leaves apart.
  private func hidden(seed: UInt64) throws -> BlockModelSample {
    let tree = try CommunityTree(
      leafCount: 3, parents: [3, 3, 4, 4, -1], leafSizes: [300, 300, 300],
      similarities: [0.035, 0.035, 0.25, 0.01, 0.0005])
    var options = BlockModelOptions()
    options.seed = seed
    return try generateBlockModel(HierarchicalBlockModel(tree: tree), options: options)
  }

  private func settings(_ isRecursive: Bool) -> BottomUpOptions {
    var options = BottomUpOptions(start: .spectral)
    (options.isRecursive, options.isDegreeCorrected) = (isRecursive, false)
    options.refinement = .levels
    return options
  }

  @Test("Parts that a dense group hides are found inside their own group", arguments: 1...3 as ClosedRange<UInt64>)
  func hiddenParts(seed: UInt64) throws {
    let drawn = try hidden(seed: seed)
    let once = try bottomUpCommunities(of: drawn.graph, options: settings(false))
    let again = try bottomUpCommunities(of: drawn.graph, options: settings(true))
    #expect(once.hierarchy.tree.leafCount == 2)
    #expect(again.hierarchy.tree.leafCount == 3)
    #expect(try partitionScores(again.hierarchy.leaves, drawn.leaves).ami ?? -1 > 0.85)
    #expect(again.notes.contains { $0.contains("2 groups became 3") })
    // The count of the whole graph is told as it was; more products were needed.
    #expect(again.spectrum?.count == 2 && again.spectrum?.products ?? 0 > once.spectrum?.products ?? .max)
    #expect(inversions(of: again.hierarchy.tree).isEmpty)
  }

  @Test("Groups without parts stay whole, whatever their number", arguments: [1, 4])
  func wholes(groups: Int) throws {
    let model = try HierarchicalBlockModel(
      branching: 4, depth: groups == 1 ? 0 : 1, leafSize: 1200 / groups, meanDegree: 12, ratio: 0.05)
    for seed in 0..<UInt64(6) {
      var options = BlockModelOptions()
      options.seed = seed
      let graph = try generateBlockModel(model, options: options).graph
      #expect(try bottomUpCommunities(of: graph, options: settings(true)).hierarchy.tree.leafCount == groups)
    }
  }

  @Test("A number that is given is kept; the maximum holds for all groups together")
  func limits() throws {
    let drawn = try hidden(seed: 1)
    var options = settings(true)
    options.communities = 2
    #expect(try bottomUpCommunities(of: drawn.graph, options: options).hierarchy.tree.leafCount == 2)
    options = settings(true)
    options.spectral.maximumCount = 2
    #expect(try bottomUpCommunities(of: drawn.graph, options: options).hierarchy.tree.leafCount == 2)
  }

  @Test("Every thread count gives the same result")
  func threads() throws {
    let drawn = try hidden(seed: 3)
    let one = try bottomUpCommunities(of: drawn.graph, options: settings(true), context: RunContext(threads: 1))
    for threads in [2, 4] {
      #expect(
        try bottomUpCommunities(of: drawn.graph, options: settings(true), context: RunContext(threads: threads)) == one)
    }
  }

  @Test("Nodes that lose their edges, and small components, stay with the largest part")
  func strays() throws {
    // Two rings of cliques in one graph of two labels; a node of the first label has edges to the second only.
    let ring = TestGraph.ringOfCliques(4, 20)
    var pairs = ring.edges.map { ($0.source, $0.target) }
    pairs += ring.edges.map { ($0.source + 81, $0.target + 81) }
    pairs.append((80, 81))
    let work = try CommunityGraph(
      TestGraph("rings", nodeCount: 161, pairs: pairs).frozen(), context: RunContext(threads: 1))
    let labels = (0..<161).map { Int32($0 <= 80 ? 0 : 1) }
    var options = BottomUpOptions()
    options.minimumComponent = 5
    var recount = GroupRecount(work, options, isDegreeCorrected: false, isRefined: true, RunContext(threads: 1))
    let result = try recount.split(labels)
    #expect(Set(result).count == 8)
    #expect(result[80] == result[0..<80].first { label in result.prefix(81).count { $0 == label } == 21 })
    for clique in 0..<4 { #expect(Set(result[20 * clique..<20 * clique + 20]).count == 1) }
  }
}
