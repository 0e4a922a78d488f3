import Foundation
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

/// One door for all methods, on graphs that users have.
@Suite struct CommunitiesTests {
  /// Components that are paths of two nodes.
  private func disjointEdges(_ count: Int) throws -> CSRGraph {
    try CSRGraph(nodeCount: 2 * count, edges: (0..<count).map { (2 * $0, 2 * $0 + 1) })
  }

  @Test("The door gives what the methods give", arguments: CommunityMethod.allCases)
  func door(method: CommunityMethod) throws {
    let graph = try TestGraph.ringOfCliques(8, 6).frozen()
    var options = CommunityOptions().seeded(7)
    options.topDown.minimumSize = 3
    let found = try communities(of: graph, method: method, options: options)
    let (hierarchy, labels): (CommunityHierarchy, [Int32]) =
      switch method {
      case .bottomUp:
        try { ($0.hierarchy, $0.labels) }(bottomUpCommunities(of: graph, options: options.bottomUp))
      case .topDown:
        try { ($0.hierarchy, $0.labels) }(topDownCommunities(of: graph, options: options.topDown))
      case .paris: try { ($0.hierarchy, $0.labels) }(parisHierarchy(of: graph, options: options.paris))
      case .louvain: try { ($0.hierarchy, $0.labels) }(louvainCommunities(of: graph, options: options.louvain))
      case .leiden: try { ($0.hierarchy, $0.labels) }(leidenCommunities(of: graph, options: options.leiden))
      }
    #expect(found.hierarchy.tree.parents == hierarchy.tree.parents && found.hierarchy.leaves == hierarchy.leaves)
    let cliques = (0..<48).map { Int32($0 / 6) }
    #expect(try partitionScores(found.labels, labels).ami == 1)
    #expect(try partitionScores(found.labels, cliques).ami == 1)
    #expect(try found.score(against: cliques).ami == 1)
    #expect(abs(try modularity(of: labels, in: graph) - found.modularity(found.usualCut)) < 1e-12)
    #expect(try hierarchyFit(of: hierarchy, in: graph) == found.fit())
    #expect((found.spectrum != nil) == (method == .bottomUp) && "\(found)".contains("8 groups"))
  }

  @Test("Options survive JSON")
  func codable() throws {
    var options = CommunityOptions().seeded(9).directed(.mutual)
    options.topDown.stopping = .depth(3)
    options.bottomUp = BottomUpOptions(communities: 4, refinement: .leaves)
    let text = try JSONEncoder().encode(options)
    #expect(try JSONDecoder().decode(CommunityOptions.self, from: text) == options)
  }

  @Test("Many small components cost what they are large, and are told apart", arguments: [1, 2, 50, 200, 2000])
  func manyComponents(count: Int) throws {
    let graph = try disjointEdges(count)
    for method in CommunityMethod.allCases {
      let found = try communities(of: graph, method: method)
      let leaves = method == .paris ? 2 * count : count
      if method != .topDown { #expect(found.hierarchy.tree.leafCount == leaves) }
      let groups = Set(found.labels).count
      if method != .topDown { #expect(groups == count) }
      #expect(found.fit().dasguptaScore <= 1)
    }
    let found = try communities(of: graph)
    #expect(found.hierarchy.tree.innerNodes.allSatisfy { found.hierarchy.tree.similarities[$0] == 0 })
    #expect(found.links?.inside == [UInt64](repeating: 1, count: count))
    #expect(try found.labels(found.cut(intoGroups: 1)).allSatisfy { $0 == 0 })
  }

  /// Eight cliques in a ring, and pairs of nodes beside it, numbered before and behind.
  private func ringAndPairs(_ pairs: Int) throws -> CSRGraph {
    let ring = TestGraph.ringOfCliques(8, 6)
    var edges = ring.edges.map { (2 * pairs + $0.source, 2 * pairs + $0.target) }
    for pair in 0..<pairs { edges.append((2 * pair, 2 * pair + 1)) }
    return try CSRGraph(nodeCount: 2 * pairs + ring.nodeCount, edges: edges)
  }

  @Test("A cut counts groups beside small components", arguments: CommunityMethod.allCases)
  func besideComponents(method: CommunityMethod) throws {
    let pairs = 10
    let graph = try ringAndPairs(pairs)
    var options = CommunityOptions()
    options.topDown.minimumSize = 3
    let found = try communities(of: graph, method: method, options: options)
    guard method != .topDown else {
      #expect(found.hierarchy.tree.leafCount > 1)
      return
    }
    let cut = try found.cut(intoGroups: 8)
    #expect(cut.count == 8 + pairs && cut.asideCount == pairs)
    let cliques = (0..<48).map { Int32($0 / 6) }
    let labels = found.labels(cut)
    #expect(try partitionScores(Array(labels.suffix(48)), cliques).ami == 1)
    for pair in 0..<pairs { #expect(labels[2 * pair] == labels[2 * pair + 1]) }
    #expect(Set(labels).count == 8 + pairs)
    #expect(throws: MillError.self) { try found.cut(intoGroups: 49) }
    #expect(found.usualCut.asideCount == pairs || method == .paris)
    if method == .bottomUp {
      #expect(found.usualCut.count == 8 + pairs)
      let alone = try communities(of: TestGraph.ringOfCliques(8, 6).frozen())
      let core = found.hierarchy.tree.spanning((0..<18).filter { !found.leavesAside[$0] })
      #expect(core == alone.hierarchy.tree)
      #expect(found.recoveryThresholds() == alone.recoveryThresholds() && alone.recoveryThresholds() != nil)
      for criterion in CutCriterion.allCases {
        let best = try #require(found.bestCut(criterion))
        #expect(best.count - best.asideCount == alone.bestCut(criterion)?.count)
      }
    }
  }

  @Test("A graph that falls apart into parts without groups is cut into its parts")
  func scattered() throws {
    // Grids look like communities to the spectrum.
    var edges: [(Int, Int)] = []
    let (parts, side) = (6, 12)
    for part in 0..<parts {
      func node(_ x: Int, _ y: Int) -> Int { (part * side + x) * side + y }
      for x in 0..<side {
        for y in 0..<side {
          if x > 0 { edges.append((node(x - 1, y), node(x, y))) }
          if y > 0 { edges.append((node(x, y - 1), node(x, y))) }
          if x > 0, y > 0 { edges.append((node(x - 1, y - 1), node(x, y))) }
        }
      }
    }
    let graph = try CSRGraph(nodeCount: parts * side * side, edges: edges)
    let found = try communities(of: graph)
    let truth = (0..<graph.nodeCount).map { Int32($0 / (side * side)) }
    #expect(found.hierarchy.tree.leafCount > parts)
    #expect(found.modularity(found.usualCut) >= found.modularity(found.cutAtMost(parts)))
    #expect(try partitionScores(found.labels(found.cut(intoGroups: parts)), truth).ami == 1)
  }

  @Test("The scale of weights does not matter", arguments: [0x1p-1000, 1e-300, 0x1p-30, 3, 1e300, 0x1p1000, 0x1p-1070])
  func scale(factor: Double) throws {
    let ring = TestGraph.ringOfCliques(8, 6)
    func graph(_ weight: (Int) -> Double) throws -> CSRGraph {
      let edges = ring.edges.enumerated().map { ($1.source, $1.target, weight($0)) }
      return try CSRGraph(nodeCount: ring.nodeCount, weightedEdges: edges)
    }
    let isPower = factor.significand == 1
    for method in CommunityMethod.allCases {
      var options = CommunityOptions()
      options.topDown.minimumSize = 3
      options.bottomUp.spectral.weights = .weighted
      options.bottomUp.replicates = 3
      let equal = try communities(of: graph { _ in factor }, method: method, options: options)
      let one = try communities(of: ring.frozen(), method: method, options: options)
      #expect(equal.hierarchy.tree.parents == one.hierarchy.tree.parents, "\(method)")
      #expect(equal.labels == one.labels)
      #expect(abs(equal.modularity(equal.usualCut) - one.modularity(one.usualCut)) < 1e-12)
      #expect(abs(equal.fit().dasguptaCost - one.fit().dasguptaCost) < 1e-9)
      #expect(abs(equal.fit().samplingDivergence - one.fit().samplingDivergence) < 1e-9)
      let similarities = equal.hierarchy.tree.similarities.filter { !$0.isNaN }
      #expect(similarities.allSatisfy { $0.isFinite })
      // Unequal weights: the same integers at every power of two, as long as doubles hold them.
      guard isPower, factor > 0x1p-1060 else { continue }
      let scaled = try communities(of: graph { factor * Double(1 + $0 % 3) }, method: method, options: options)
      let plain = try communities(of: graph { 0.5 * Double(1 + $0 % 3) }, method: method, options: options)
      #expect(scaled.hierarchy.tree.parents == plain.hierarchy.tree.parents && scaled.labels == plain.labels)
    }
  }

  @Test("Weights that differ by all that doubles hold, and sums beyond them, end without a trap")
  func extremes() throws {
    let ring = TestGraph.ringOfCliques(4, 5)
    let weights = [1e300, 1e-300, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1]
    let edges = ring.edges.enumerated().map { ($1.source, $1.target, weights[$0 % 5]) }
    let graph = try CSRGraph(nodeCount: ring.nodeCount, weightedEdges: edges)
    for method in CommunityMethod.allCases {
      let found = try communities(of: graph, method: method)
      #expect(found.labels.count == ring.nodeCount && found.fit().samplingDivergence.isFinite)
    }
  }

  @Test("Directed weights whose sum is infinite are refused")
  func infiniteSum() throws {
    let huge = Double.greatestFiniteMagnitude
    let graph = try CSRGraph(
      nodeCount: 3, weightedEdges: [(0, 1, huge), (1, 0, huge), (1, 2, huge)], isDirected: true)
    for method in CommunityMethod.allCases {
      let error = #expect(throws: MillError.self) {
        try communities(of: graph, method: method, options: CommunityOptions().directed(.sum))
      }
      #expect(error?.kind == .weightNotFinite)
    }
  }
}
