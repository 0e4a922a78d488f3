public import GraphStore
public import MillRuntime

/// Links groups that are known to a tree: the second stage of the bottom-up method alone.
///
/// - Parameters:
///   - graph: Any graph.
///   - labels: The group of each node, shape `[n]`; nodes with a negative one are left out. Groups are numbered anew, by
///     their first nodes.
///   - linkage: How densities to merged groups follow.
///   - direction: How arcs become edges.
///   - context: Threads, a way to stop.
/// - Returns: The tree, whose leaves are the groups, and the leaf of each node.
/// - Throws: `MillError`: `bad-option` when the lengths differ, `bad-weight`, `over-budget`, `interrupted`.
/// - Complexity: that of ``GroupLinks/init(of:labels:direction:context:)`` and ``GroupLinks/linkageTree(_:)``.
/// - Source: as ``GroupLinks/linkageTree(_:)``.
public func linkedGroups(
  of graph: CSRGraph, labels: [Int32], linkage: LinkageRule = .average, direction: DirectionPolicy = .union,
  context: RunContext = .init()
) throws(MillError) -> CommunityHierarchy {
  let labels = LabelNumbering.byFirstNode(labels)
  let links = try GroupLinks(of: graph, labels: labels, direction: direction, context: context)
  return CommunityHierarchy(tree: links.linkageTree(linkage), leaves: labels)
}
