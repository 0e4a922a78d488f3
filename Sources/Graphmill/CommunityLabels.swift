public import GraphFormats
public import GraphStore
public import HierarchicalCommunities
public import MillRuntime

/// Writes the group of each node in the usual cut; see ``writeLabels(_:of:to:replaces:)-(_,_,String,_)``.
///
/// ```swift
/// let found = try communities(of: graph)
/// try writeLabels(found, of: graph, to: "groups.tsv")
/// ```
public func writeLabels(
  _ found: CommunityResult, of graph: CSRGraph, to path: String, replaces: Bool = false
) throws(MillError) {
  try writeLabels(found.labels, of: graph, to: path, replaces: replaces)
}

/// Columns of labels of a hierarchy: its leaves as `label`, then every depth from the first on as `depth_1`, ….
///
/// - Throws: `MillError` of kind `bad-option` for a tree so deep that the table would have more than 2^28 cells.
/// - Complexity: O(nodes · depths).
public func labelColumns(_ hierarchy: CommunityHierarchy) throws(MillError) -> [LabelColumn] {
  let height = hierarchy.tree.height
  guard height <= 1000 || height * hierarchy.leaves.count <= 1 << 28 else {
    throw MillError(
      .badOption, "the tree is too deep for a column a depth", field: "\(height)",
      hint: "cut it into a number of groups")
  }
  var columns = [LabelColumn("label", hierarchy.leaves)]
  for depth in stride(from: 1, to: height, by: 1) {
    columns.append(LabelColumn("depth_\(depth)", hierarchy.labels(atDepth: depth)))
  }
  return columns
}
