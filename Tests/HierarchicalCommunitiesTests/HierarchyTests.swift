import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

/// Trees: scores against scikit-network, cuts, texts, and the other methods.
@Suite struct HierarchyTests {
  /// Zachary's club in the numbering of scikit-network, whose trees it is compared with; pairs of nodes back to back.
  static let karate: TestGraph = {
    let ends = [
      0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0, 10, 0, 11, 0, 12, 0, 13, 0, 14, 0, 15, 0, 16, 1,
      2, 1, 3, 1, 7, 1, 12, 1, 13, 1, 14, 1, 15, 1, 17, 2, 3, 2, 7, 2, 8, 2, 12, 2, 18, 2, 19, 2, 20, 2, 21, 3,
      7, 3, 11, 3, 12, 4, 6, 4, 9, 5, 6, 5, 9, 5, 22, 6, 22, 8, 17, 8, 21, 8, 23, 12, 23, 14, 23, 16, 20, 16,
      21, 16, 23, 16, 30, 16, 32, 17, 21, 17, 23, 18, 23, 19, 23, 19, 29, 19, 32, 20, 23, 21, 23, 21, 24, 21,
      25, 21, 26, 21, 27, 21, 28, 21, 29, 21, 31, 23, 24, 23, 25, 23, 26, 23, 27, 23, 28, 23, 29, 23, 31, 23,
      33, 29, 30, 29, 31, 30, 32, 31, 33,
    ]
    return TestGraph(
      "karate", nodeCount: 34, pairs: stride(from: 0, to: ends.count, by: 2).map { (ends[$0], ends[$0 + 1]) })
  }()

  @Test("Cost and sampling divergence of a tree of scikit-network 0.33")
  func fit() throws {
    let graph = try Self.karate.frozen()
    #expect(graph.edgeCount == 78)
    let merges = [
      (22, 5, 2), (33, 31, 2), (9, 4, 2), (30, 32, 2), (11, 3, 2), (34, 6, 3), (10, 0, 2), (13, 1, 2),
      (
        16,
        20, 2
      ), (17, 8, 2), (18, 2, 2), (29, 19, 2), (15, 41, 3), (24, 21, 2), (42, 37, 4), (47, 25, 3),
      (
        39,
        36, 5
      ), (38, 7, 3), (49, 26, 4), (27, 23, 2), (52, 28, 5), (46, 14, 4), (45, 35, 4), (44, 12, 3),
      (
        54,
        53, 7
      ), (51, 40, 5), (55, 59, 9), (58, 43, 9), (60, 57, 12), (56, 48, 8), (63, 61, 17), (62, 50, 17),
      (64, 65, 34),
    ]
    let rows = merges.map {
      CommunityTree.LinkageRow(a: min($0.0, $0.1), b: max($0.0, $0.1), distance: 0.5, leaves: $0.2)
    }
    let tree = try CommunityTree(linkage: rows)
    let fit = try hierarchyFit(of: CommunityHierarchy(tree: tree, leaves: (0..<34).map { $0 }), in: graph)
    #expect(abs(fit.dasguptaCost - 11.37179487179487) < 1e-12)
    #expect(abs(fit.dasguptaScore - 0.6655354449472097) < 1e-12)
    #expect(abs(fit.samplingDivergence - 0.353031029806394) < 1e-12)
  }

  @Test("Paris merges the closest pair first and is at least as cheap as the published tree")
  func paris() throws {
    let graph = try Self.karate.frozen()
    let result = try parisHierarchy(of: graph)
    #expect(result.hierarchy.tree.leafCount == 34 && result.hierarchy.tree.nodeCount == 67)
    #expect(inversions(of: result.hierarchy.tree).isEmpty)
    // Ties are broken in another order than scikit-network's, whose tree costs 11.3718.
    let fit = try hierarchyFit(of: result.hierarchy, in: graph)
    #expect(fit.dasguptaCost < 11.38 && fit.dasguptaCost > 11.2)
    for input in TestGraph.small {
      let frozen = try input.frozen()
      let found = try parisHierarchy(of: frozen)
      let linked = try CommunityGraph(frozen, usesWeights: false, context: RunContext(threads: 1)).nodeCount
      #expect(found.hierarchy.tree.leafCount == max(1, linked))
      #expect(inversions(of: found.hierarchy.tree).isEmpty)
    }
  }

  /// The slow way: always the best pair of clusters.
  @Test("Paris gives the tree that greedy merging gives", arguments: 0..<20 as Range<UInt64>)
  func greedyParis(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-paris")
    var edges: [(Int, Int, Double)] = []
    for u in 0..<24 {
      for v in 0..<u where random.unit() < 0.4 { edges.append((u, v, Double(1 + random.below(100_000)))) }
    }
    let graph = try CSRGraph(nodeCount: 24, weightedEdges: edges)
    let found = try parisHierarchy(of: graph).hierarchy.tree
    var clusters = (0..<24).map { Set([$0]) }.filter { set in
      edges.contains { set.contains($0.0) || set.contains($0.1) }
    }
    var expected = Set<Set<Int>>()
    func weight(_ a: Set<Int>, _ b: Set<Int>) -> Double {
      edges.reduce(0) {
        $0 + ((a.contains($1.0) && b.contains($1.1)) || (a.contains($1.1) && b.contains($1.0)) ? $1.2 : 0)
      }
    }
    func volume(_ a: Set<Int>) -> Double {
      edges.reduce(0) { $0 + (a.contains($1.0) ? $1.2 : 0) + (a.contains($1.1) ? $1.2 : 0) }
    }
    while clusters.count > 1 {
      var best = (0, 1, -1.0)
      for i in clusters.indices {
        for j in 0..<i {
          let score = weight(clusters[i], clusters[j]) / (volume(clusters[i]) * volume(clusters[j]))
          if score > best.2 { best = (i, j, score) }
        }
      }
      if best.2 <= 0 { break }
      let joined = clusters[best.0].union(clusters[best.1])
      clusters.remove(at: best.0)
      clusters.remove(at: best.1)
      clusters.append(joined)
      expected.insert(joined)
    }
    var members = (0..<found.nodeCount).map { $0 < found.leafCount ? Set([$0]) : Set<Int>() }
    for node in found.innerNodes {
      for child in found.children(of: node) { members[node].formUnion(members[Int(child)]) }
    }
    let sets = Set(found.innerNodes.filter { found.similarities[$0] > 0 }.map { members[$0] })
    #expect(sets == expected)
  }

  @Test("Louvain: modularity is what a recount says, levels are nested, and it is high")
  func louvain() throws {
    let graph = try Self.karate.frozen()
    let result = try louvainCommunities(of: graph)
    #expect(result.modularity > 0.41)
    #expect(abs(try modularity(of: result.labels, in: graph) - result.modularity) < 1e-12)
    for input in TestGraph.small {
      let frozen = try input.frozen()
      let found = try louvainCommunities(of: frozen)
      #expect(abs(try modularity(of: found.labels, in: frozen) - found.modularity) < 1e-12)
      #expect(found.hierarchy.leaves.count == input.nodeCount)
      var parent: [Int32: Int32] = [:]
      for (leaf, label) in zip(found.hierarchy.leaves, found.labels) {
        #expect(parent[leaf] == nil || parent[leaf] == label)
        parent[leaf] = label
      }
    }
    let ring = TestGraph.ringOfCliques(10, 6)
    #expect(try louvainCommunities(of: ring.frozen()).labels == (0..<60).map { Int32($0 / 6) })
  }

  @Test(
    "Top-down finds separated groups by either split, and the same for every thread count",
    arguments: [
      TopDownOptions.Split.sign, .spectral,
    ])
  func topDown(split: TopDownOptions.Split) throws {
    let model = try HierarchicalBlockModel(branching: 2, depth: 2, leafSize: 150, meanDegree: 20, ratio: 0.25)
    let sample = try generateBlockModel(model)
    for stopping in [TopDownOptions.Stopping.betheHessian, .nonBacktracking, .depth(2)] {
      for refinement in RefinementScope.allCases {
        var options = TopDownOptions()
        (options.split, options.stopping, options.refinement) = (split, stopping, refinement)
        let result = try topDownCommunities(of: sample.graph, options: options, context: RunContext(threads: 1))
        #expect(result.hierarchy.tree.leafCount == 4)
        #expect(try partitionScores(result.hierarchy.leaves, sample.leaves).ami ?? -1 > 0.95)
        let again = try topDownCommunities(of: sample.graph, options: options, context: RunContext(threads: 3))
        #expect(again == result)
      }
    }
    var options = TopDownOptions()
    options.split = split
    options.minimumSize = 200
    #expect(try topDownCommunities(of: sample.graph, options: options).hierarchy.tree.leafCount == 2)
    for input in TestGraph.small {
      let found = try topDownCommunities(of: input.frozen(), options: options)
      #expect(found.hierarchy.leaves.count == input.nodeCount)
    }
  }

  /// ((0,1):.5,(2,3):.9) under .6: the second pair is tighter than nothing, the first is an inversion.
  private static let inverted = CommunityTree(
    uncheckedLeaves: 4, parents: [4, 4, 5, 5, 6, 6, -1], leafSizes: [2, 3, 4, 1],
    similarities: [1, 1, 1, 1, 0.5, 0.9, 0.6])

  @Test func inversionsAreReported() {
    let found = inversions(of: Self.inverted)
    #expect(found.count == 1 && found[0].node == 4)
    #expect(abs(found[0].relativeSize - 0.1 / 0.6) < 1e-15)
  }

  @Test("A tree trimmed to a cut has its groups as leaves, and the rest as it was", arguments: 1...4)
  func trimmed(groups: Int) throws {
    let hierarchy = CommunityHierarchy(tree: Self.inverted, leaves: [0, 0, 1, 1, 1, 2, 2, 2, 2, 3])
    let cut = Self.inverted.cutAtMost(groups)
    let found = hierarchy.trimmed(to: cut)
    #expect(found.tree.leafCount == groups && found.tree.sizes.last == 10 && found.leaves == hierarchy.labels(cut))
    #expect(Array(found.tree.sizes.prefix(groups)) == cut.nodes.map { Self.inverted.sizes[$0] })
    #expect(found.tree.innerNodes.count == groups - 1)
    for count in 1...groups {
      let (ours, whole) = (found.labels(found.tree.cutAtMost(count)), hierarchy.labels(Self.inverted.cutAtMost(count)))
      #expect(LabelNumbering.byFirstNode(ours) == LabelNumbering.byFirstNode(whole))
    }
    if groups == 4 { #expect(found.tree == Self.inverted) }
  }

  @Test("Cuts: every count, every depth, and what cannot be")
  func cuts() throws {
    let tree = Self.inverted
    #expect(try tree.cut(intoGroups: 1).groupOfLeaf == [0, 0, 0, 0])
    #expect(try tree.cut(intoGroups: 2).nodes == [4, 5])
    #expect(try tree.cut(intoGroups: 3).nodes == [0, 1, 5])
    #expect(try tree.cut(intoGroups: 3, order: .depth).nodes == [0, 1, 5])
    #expect(try tree.cut(intoGroups: 4).nodes == [0, 1, 2, 3])
    #expect(tree.cut(atDepth: 0).count == 1 && tree.cut(atDepth: 1).count == 2 && tree.cut(atDepth: 9).count == 4)
    for k in [0, 5, -1] { #expect(throws: MillError.self) { try tree.cut(intoGroups: k) } }
    let star = CommunityTree(
      uncheckedLeaves: 3, parents: [3, 3, 3, -1], leafSizes: [1, 1, 1], similarities: [1, 1, 1, 0.2])
    let error = #expect(throws: MillError.self) { try star.cut(intoGroups: 2) }
    #expect(error?.message.contains("nearest below has 1") == true)
  }

  @Test("Automatic cuts of a clear two-level structure", arguments: CutCriterion.allCases)
  func bestCut(criterion: CutCriterion) throws {
    let model = try HierarchicalBlockModel(branching: 2, leafSize: 100, chances: [0.001, 0.05, 0.06])
    let sample = try generateBlockModel(model)
    let work = try CommunityGraph(sample.graph, context: RunContext(threads: 1))
    let links = try GroupLinks(work, labels: work.restricted(sample.leaves), count: 4, threads: 1)
    #expect(links.linkageTree().bestCut(criterion, links: links).count == 2)
    let whole = links.merged(by: [0, 0, 0, 0], count: 1)
    #expect(abs(whole.modularity) < 1e-12)
    #expect(abs(links.modularity - (try modularity(of: sample.leaves, in: sample.graph))) < 1e-12)
  }

  @Test("Newick, SciPy's table and JSON name the same tree")
  func texts() throws {
    let names = ["a", "b c", "it's", "d"]
    let text = Self.inverted.newick(names: names, distance: .complement)
    #expect(text == "((a:0.5,'b c':0.5):0.0,('it''s':0.09999999999999998,d:0.09999999999999998):0.4);\n")
    let read = try CommunityTree.newick(text)
    #expect(read.names == names)
    #expect(Set(read.tree.leafSets) == Set(Self.inverted.leafSets))
    let rows = Self.inverted.linkageRows(distance: .complement)
    #expect(rows.map(\.leaves) == [2, 2, 4])
    #expect(rows.map { [$0.a, $0.b] } == [[2, 3], [0, 1], [4, 5]])
    let back = try CommunityTree(linkage: rows)
    #expect(back.leafSets.suffix(1) == Self.inverted.leafSets.suffix(1))
    #expect(Set(back.leafSets) == Set(Self.inverted.leafSets))
    let json = Self.inverted.json(names: names).text()
    #expect(json.contains("\"leaves\":4") && json.contains("\"name\":\"b c\"") && json.contains("\"root\":6"))
  }

  @Test("Newick as others write it")
  func newick() throws {
    let tree = try CommunityTree.newick(" [c] ( (A:1 , B:1)x:2,(C:2.5e0),D );\n")
    #expect(tree.names == ["A", "B", "C", "D"])
    #expect(tree.tree.parents == [4, 4, 5, 5, 5, -1])
    #expect(tree.tree.similarities[5] == -2.0)
    #expect(try CommunityTree.newick("A;").tree.leafCount == 1)
    for bad in [
      "", ";", "(", "(A,B)", "(A,B));", "(A,B;", "(A,);", "A B;", "(A:x,B);", "(A,B);C", "('A,B);", "[x", "(A,B)C D;",
    ] {
      let error = #expect(throws: MillError.self) { try CommunityTree.newick(bad) }
      #expect(error?.kind == .malformed)
    }
    let deep = String(repeating: "(", count: 100_000) + "A" + String(repeating: ")", count: 100_000) + ";"
    #expect(try CommunityTree.newick(deep).names == ["A"])
  }

  @Test("Names as the format has them: unquoted underscores are blanks, quoted ones stay, a byte-order mark is none")
  func newickNames() throws {
    typealias Named = CommunityTree.Named
    #expect(try Named(text: "only;\n").names == ["only"] && Named(text: "'a;b';").names == ["a;b"])
    #expect(try Named(text: "((a_b:1,c_d:1):1,e:2);") == Named(text: "(('a b':1,'c d':1):1,e:2);"))
    #expect(try Named(text: "\u{feff} ('a_b',c__d);").names == ["a_b", "c  d"])
    // What we write we read back by its name.
    let tree = try CommunityTree.newick("(a,b,c);").tree
    let names = ["a_b", "a b", "it's [1]"]
    #expect(try Named(text: tree.newick(names: names)).names == names)
    let table = try Named(text: "0\t1\t0.5\t2\r\n2\t3\t0.7\t3\r\n")
    #expect(table.names == ["0", "1", "2"] && table.tree.leafCount == 3)
    #expect(throws: MillError.self) { try Named(text: "(A:1e308,(B:1e308,C:1e308):1e308);") }
  }

  @Test("A merge at an infinite height is refused by that height")
  func infiniteHeight() {
    let error = #expect(throws: MillError.self) {
      try CommunityTree.Named(text: "0\t1\t0.5\t2\n2\t3\tinf\t3\n")
    }
    #expect(error?.field == "inf" && error?.line == 2 && error?.message.contains("height") == true)
  }

  @Test func badLinkages() {
    typealias Row = CommunityTree.LinkageRow
    for rows in [
      [Row(a: 0, b: 2, distance: 1, leaves: 2)], [Row(a: 0, b: 0, distance: 1, leaves: 2)],
      [Row(a: 0, b: 1, distance: 1, leaves: 3)], [Row(a: -1, b: 1, distance: 1, leaves: 2)],
      [Row(a: 0, b: 1, distance: .nan, leaves: 2)],
      [Row(a: 0, b: 1, distance: 1, leaves: 2), Row(a: 0, b: 2, distance: 1, leaves: 2)],
    ] {
      #expect(throws: MillError.self) { try CommunityTree(linkage: rows) }
    }
    #expect(throws: MillError.self) {
      try CommunityTree(leafCount: 2, parents: [1, -1], leafSizes: [1, 1], similarities: [1, 1])
    }
  }

  @Test("Tree correlation: 1 for the same tree under other names, less for another one")
  func correlation() throws {
    let leaves: [Int32] = [0, 0, 1, 1, 2, 2, 3, 3]
    func balanced(_ parents: [Int32]) -> CommunityTree {
      CommunityTree(
        uncheckedLeaves: 4, parents: parents, leafSizes: [2, 2, 2, 2], similarities: [1, 1, 1, 1, 0.5, 0.4, 0.1])
    }
    let a = CommunityHierarchy(tree: balanced([4, 4, 5, 5, 6, 6, -1]), leaves: leaves)
    let renamed = CommunityHierarchy(
      tree: balanced([4, 5, 4, 5, 6, 6, -1]), leaves: leaves.map { [0, 2, 1, 3][Int($0)] })
    let other = CommunityHierarchy(tree: balanced([4, 5, 4, 5, 6, 6, -1]), leaves: leaves)
    #expect(abs((try treeCorrelation(a, renamed) ?? .nan) - 1) < 1e-12)
    #expect(try treeCorrelation(a, other) ?? 1 < 0.9)
    #expect(try treeCorrelation(a, other) == treeCorrelation(other, a))
    // By hand: distances 0 (4 pairs), 2 or 4 (8 pairs), 4 (16 pairs); the trees agree on 0 and on 8 pairs of 4.
    let mean = (8.0 * 2 + 16 * 4) / 28
    let variance = (8.0 * 4 + 16 * 16) / 28 - mean * mean
    let covariance = (8.0 * 2 * 4 * 2 + 8 * 4 * 4) / 28 - mean * mean
    #expect(abs((try treeCorrelation(a, other) ?? .nan) - covariance / variance) < 1e-12)
  }

  @Test("Purity is what counting pairs gives", arguments: 0..<10 as Range<UInt64>)
  func purity(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-purity")
    let graph = try TestGraph.random(40, edges: 120, seed: seed).frozen()
    let simple = try CSRGraph(nodeCount: 40, edges: (0..<40).flatMap { u in graph.neighbors(of: u).map { (u, $0) } })
    let hierarchy = try parisHierarchy(of: simple).hierarchy
    let classes = (0..<40).map { _ in Int32(random.below(4)) - 1 }
    var (sum, pairs) = (0.0, 0.0)
    for i in 0..<40 {
      for j in 0..<i
      where classes[i] >= 0 && classes[i] == classes[j] && hierarchy.leaves[i] >= 0 && hierarchy.leaves[j] >= 0 {
        let ancestor = hierarchy.tree.commonAncestor(Int(hierarchy.leaves[i]), Int(hierarchy.leaves[j]))
        let below = (0..<40).filter { v in
          guard classes[v] >= 0, hierarchy.leaves[v] >= 0 else { return false }
          return hierarchy.tree.commonAncestor(Int(hierarchy.leaves[v]), ancestor) == ancestor
        }
        sum += Double(below.count { classes[$0] == classes[i] }) / Double(below.count)
        pairs += 1
      }
    }
    let expected = pairs > 0 ? sum / pairs : 1
    #expect(abs((try dendrogramPurity(of: hierarchy, classes: classes) ?? .nan) - expected) < 1e-12)
  }
}
