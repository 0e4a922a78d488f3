import GraphStore
import GraphSummarization
import HierarchicalCommunities
import MillRuntime
import Reporting

/// Two trees of one graph: do communities and supernodes put the same nodes together?
struct AgreementSection: StudySection {
  let key = "agreement"
  let title = "Communities and supernodes"
  let explanation =
    "The bottom-up tree of communities joins nodes that are linked; the summary's forest joins nodes that are linked to the "
    + "same others. Only nodes in a tree of two or more are compared: by AMI at each cut, and by the correlation of the "
    + "distances of pairs in both trees, over a sample of nodes."

  /// A cut of the community tree beside each depth of the forest.
  private struct Row {
    var groups: Int
    var ami: [Double?]

    var json: JSONValue {
      ["groups": .integer(groups), "ami": .array(ami.map { $0.map(JSONValue.number) ?? .null })]
    }
  }

  /// Nodes whose pairs are compared at most.
  private static let sampledNodes = 1000
  /// Cuts of the community tree, and depths of the forest.
  private static let (cuts, depths) = ([2, 4, 8, 16, 32, 64, 128], 4)

  func make(_ bench: Workbench) throws -> StudyPart? {
    let (core, nodes) = try bench.core()
    if let reason = StudyPart.withoutCommunities(core) { return reason }
    let found = try bench.communities(.bottomUp)
    guard found.hierarchy.tree.leafCount > 1 else { return .leftOut("there is one community") }
    let summary = try bench.summary().summary
    let roots = summary.roots.filter { summary.leafCount(of: $0) > 1 }
    let (tree, leaves) = try summary.tree().below(roots)
    // Places of the largest component's nodes among the leaves of the forest.
    var leafOf = [Int32](repeating: -1, count: bench.subject.graph.nodeCount)
    for (leaf, node) in leaves.enumerated() { leafOf[node] = Int32(leaf) }
    let places = nodes.map { leafOf[$0] }
    let joined = places.indices.filter { places[$0] >= 0 && found.hierarchy.leaves[$0] >= 0 }
    guard joined.count > 2 else { return .leftOut("the summary joins no nodes of the largest component") }

    let forest = try CommunityHierarchy(tree: .init(tree.withDepths()), leaves: places)
    let step = max(1, (joined.count + Self.sampledNodes - 1) / Self.sampledNodes)
    let sample = Set(stride(from: 0, to: joined.count, by: step).map { joined[$0] })
    func sampled(_ labels: [Int32]) -> [Int32] { labels.enumerated().map { sample.contains($0) ? $1 : -1 } }
    let correlation = try bench.run.stage("tree correlation") {
      try treeCorrelation(
        CommunityHierarchy(tree: found.hierarchy.tree, leaves: sampled(found.hierarchy.leaves)),
        CommunityHierarchy(tree: forest.tree, leaves: sampled(forest.leaves)))
    }
    let (grid, columns): ([Row], [Int]) = try bench.run.stage("agreement by depth") {
      try compare(found, forest, tree, joined, bench)
    }
    let best = grid.flatMap(\.ami).compactMap { $0 }.max()
    var part = StudyPart(finding: finding(correlation, best))
    part.blocks = [
      .keyNumbers([
        KeyNumber(correlation.map { NumberText.fixed($0, decimals: 3) } ?? "none", "correlation of the two trees"),
        KeyNumber(best.map { NumberText.fixed($0, decimals: 3) } ?? "none", "highest AMI of two cuts"),
        KeyNumber(joined.count, "nodes in both trees"), KeyNumber(roots.count, "trees of supernodes"),
      ]),
      .table(table(grid, columns)),
    ]
    part.json = [
      "tree_correlation": correlation.map(JSONValue.number) ?? .null, "sampled_nodes": .integer(sample.count),
      "nodes": .integer(joined.count), "trees": .integer(roots.count),
      "highest_ami": best.map(JSONValue.number) ?? .null,
      "by_depth": .array(grid.map(\.json)),
    ]
    return part
  }

  private func finding(_ correlation: Double?, _ best: Double?) -> String {
    guard let correlation, let best else { return "The two trees have too little in common to be compared." }
    let figures =
      " (correlation \(NumberText.fixed(correlation, decimals: 2)), AMI at most \(NumberText.fixed(best, decimals: 2)))."
    if correlation >= 0.5 { return "Supernodes and communities tell much the same tree" + figures }
    if correlation >= 0.15 { return "Supernodes lie within communities more often than not" + figures }
    return "Supernodes and communities are different things here: the summary groups roles, not neighborhoods" + figures
  }

  /// AMI of each cut of the community tree with each depth of the forest.
  private func compare(
    _ found: CommunityResult, _ forest: CommunityHierarchy, _ tree: RootedTree, _ joined: [Int], _ bench: Workbench
  ) throws -> (rows: [Row], depths: [Int]) {
    // Depth 0 of the joined forest is its root.
    let columns = Array(1...max(1, min(Self.depths, tree.height)))
    let levels = try columns.map { depth -> [Int32] in
      try bench.context.checkCancelled()
      let labels = forest.labels(atDepth: depth)
      return joined.map { labels[$0] }
    }
    var rows: [Row] = []
    for count in Self.cuts {
      let cut = found.cutAtMost(count)
      let groups = cut.count - cut.asideCount
      guard groups > (rows.last?.groups ?? 1) else { continue }
      let labels = found.labels(cut)
      let own = joined.map { labels[$0] }
      rows.append(Row(groups: groups, ami: try levels.map { try adjustedMutualInformation(own, $0) }))
    }
    return (rows, columns)
  }

  private func table(_ grid: [Row], _ depths: [Int]) -> Table {
    var table = Table(
      "Agreement by depth, AMI",
      columns: [.init("groups of communities")]
        + depths.map {
          .init($0 == 1 ? "trees" : "supernodes, depth \($0 - 1)", format: .decimals(3), winner: .highest)
        })
    for row in grid {
      table.append([.integer(row.groups)] + row.ami.map { $0.map(Table.Cell.number) ?? .missing })
    }
    return table
  }
}

extension RootedTree {
  /// The same shape as a tree of communities: children by number, similarities that grow with the depth.
  fileprivate func withDepths() throws(MillError) -> RootedTree {
    try RootedTree(
      leafCount: leafCount, parents: parents, leafSizes: Array(sizes.prefix(leafCount)),
      similarities: depths.map { Double($0) }, names: names)
  }
}
