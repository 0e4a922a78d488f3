/// The tree of levels of groups, each level a partition of the groups of the one before, and the groups of the last.
///
/// The similarity of an inner node is the density of edges between its children, over all pairs of nodes in different
/// children.
func levelHierarchy(
  _ partitions: [[Int32]], _ work: CommunityGraph
) -> (hierarchy: CommunityHierarchy, labels: [Int32]) {
  var leafSizes = [Int](repeating: 0, count: Int(partitions[0].max()!) + 1)
  for label in partitions[0] { leafSizes[Int(label)] += 1 }
  var parents: [Int32] = []
  var current = (0..<Int32(leafSizes.count)).map { $0 }
  var next = Int32(leafSizes.count)
  parents = [Int32](repeating: -1, count: leafSizes.count)
  var labels = partitions[0]
  for partition in partitions.dropFirst() {
    labels = labels.map { partition[Int($0)] }
    let count = Int(partition.max()!) + 1
    var members = [Int](repeating: 0, count: count)
    for group in partition { members[Int(group)] += 1 }
    // A group of one part is that part: no inner node of one child.
    var nodes = [Int32](repeating: -1, count: count)
    for (part, group) in partition.enumerated() {
      if members[Int(group)] == 1 {
        nodes[Int(group)] = current[part]
      } else {
        if nodes[Int(group)] < 0 {
          nodes[Int(group)] = next
          next += 1
          parents.append(-1)
        }
        parents[Int(current[part])] = nodes[Int(group)]
      }
    }
    current = nodes
  }
  if current.count > 1 {
    for node in current { parents[Int(node)] = next }
    parents.append(-1)
  }
  let blank = CommunityTree(
    uncheckedLeaves: leafSizes.count, parents: parents, leafSizes: leafSizes,
    similarities: [Double](repeating: 0, count: parents.count))
  let densities = CommunityHierarchy(tree: blank, leaves: partitions[0]).densities(in: work)
  let hierarchy = CommunityHierarchy(tree: blank.withSimilarities(densities), leaves: work.expanded(partitions[0]))
  return (hierarchy, labels)
}
