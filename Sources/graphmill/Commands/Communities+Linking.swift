import ArgumentParser
import GraphFormats
import GraphStore
import Graphmill
import HierarchicalCommunities
import MillRuntime

// The second stage alone: groups that are known become a tree.
extension Communities {
  /// Whether groups, or counts of edges between them, are given instead of found.
  var isLinkingOnly: Bool { groups != nil || fromLinks }

  /// Refuses what only finding groups reads; fills in the default of the linkage.
  mutating func settleLinking() throws {
    let mode = groups != nil ? "--groups" : "--from-links"
    if groups != nil, fromLinks { throw ValidationError("'--groups' and '--from-links' do not go together.") }
    if fromLinks, tree == nil, dendrogram == nil { throw ValidationError("'--from-links' needs '--tree <file>'.") }
    let others: KeyValuePairs = [
      "--method": method != .bottomUp, "--refine": refine != nil, "--degree-corrected": degreeCorrected != nil,
      "--cut": cut != nil, "--truth": truth != nil, "--labels": fromLinks && labels != nil, "--lcc": fromLinks && lcc,
    ]
    if let flag = others.first(where: \.value)?.key { throw ValidationError("'\(flag)' does not go with '\(mode)'.") }
    try bottomUp.settleLinking(for: mode)
  }

  /// Links the groups that a file names; groups are numbered by their first nodes.
  func linkGroups(of graph: CSRGraph, _ file: String, _ run: CommandRun) throws -> Outcome {
    let labels = try LabelFile(file).numbers(for: graph)
    if !labels.contains(where: { $0 >= 0 }) { run.warn("the groups name no node of the graph") }
    let hierarchy = try run.stage("link", of: input) {
      try linkedGroups(
        of: graph, labels: labels, linkage: bottomUp.linkage ?? .average, direction: direction, context: run.context)
    }
    if let path = self.labels { try run.writeLabels([LabelColumn("label", hierarchy.leaves)], graph, to: path) }
    return try write(hierarchy.tree, names: leafNames(hierarchy, graph), hierarchy.leaves.count { $0 < 0 }, run)
  }

  /// Links groups by counts from a file.
  func linkCounts(_ run: CommandRun) throws -> Outcome {
    let links = try run.stage("read") { try readGroupLinks(input) }
    let tree = try run.stage("link") { links.linkageTree(bottomUp.linkage ?? .average) }
    return try write(tree, names: (0..<tree.leafCount).map(String.init), 0, run)
  }

  private func write(_ tree: CommunityTree, names: [String], _ left: Int, _ run: CommandRun) throws -> Outcome {
    if let path = self.tree { try writeTree(tree, names: names, to: path, run) }
    if let dendrogram {
      let drawing = try Self.dendrogram(CommunityHierarchy(tree: tree, leaves: []), truth: nil)
      try run.writeText(to: dendrogram, format: "svg") { try $0.write(drawing) }
    }
    let inverted = inversions(of: tree)
    return Outcome(
      keys: [
        "k": .integer(tree.leafCount), "levels": .integer(tree.height), "inversions": .integer(inverted.count),
        "linkage": .string((bottomUp.linkage ?? .average).rawValue), "without_group": .integer(left),
        "nodes": .integer(tree.root.map { tree.sizes[$0] } ?? 0),
      ], summary: ["\(tree.leafCount) groups in a tree of \(tree.height) levels, \(inverted.count) inversions"])
  }
}
