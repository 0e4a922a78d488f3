import Glibc
public import GraphStore
public import MillRuntime

/// An inner node that is looser than its parent: the order of merges and the densities contradict each other.
public struct Inversion: Sendable, Equatable {
  /// The tree node.
  public let node: Int
  /// (parent - node) / parent in similarity, above 0.
  public let relativeSize: Double
}

/// The inversions of a tree, by ascending node. Bottom-up linkage has none.
public func inversions(of tree: CommunityTree) -> [Inversion] {
  var found: [Inversion] = []
  for node in tree.innerNodes where tree.parents[node] >= 0 {
    let (own, parent) = (tree.similarities[node], tree.similarities[Int(tree.parents[node])])
    if own < parent { found.append(Inversion(node: node, relativeSize: (parent - own) / parent)) }
  }
  return found
}

/// How well a hierarchy fits the edges of a graph.
public struct HierarchyFit: Sendable, Equatable {
  /// Dasgupta's cost over the total weight: the mean number of nodes below the common ancestor of an edge's ends.
  public let dasguptaCost: Double
  /// 1 - cost / n: larger is better.
  public let dasguptaScore: Double
  /// Tree sampling divergence over the mutual information of the graph, in 0...1: larger is better.
  public let samplingDivergence: Double
}

/// Measures a hierarchy against the edges of its graph; nodes that it leaves out, with their edges, do not count.
///
/// - Parameters:
///   - hierarchy: A hierarchy of the nodes of the graph.
///   - graph: Undirected; a directed one is made so. Loops and parallel edges are merged away.
///   - context: Threads, a way to stop.
/// - Throws: `MillError`: `bad-option` when the hierarchy is of other nodes, `bad-weight`, `over-budget`.
/// - Complexity: O(n + m log height).
/// - Source: Dasgupta, "A cost function for similarity-based hierarchical clustering", STOC 2016, section 2; Charpentier,
///   Bonald, "Tree sampling divergence", IJCAI 2019, section 3.
public func hierarchyFit(
  of hierarchy: CommunityHierarchy, in graph: CSRGraph, context: RunContext = .init()
) throws(MillError) -> HierarchyFit {
  guard hierarchy.leaves.count == graph.nodeCount else {
    throw MillError(.badOption, "a hierarchy of \(hierarchy.leaves.count) nodes and a graph of \(graph.nodeCount)")
  }
  return try CommunityGraph(graph, context: context).fit(of: hierarchy)
}

extension CommunityGraph {
  /// How well a hierarchy of the input's nodes fits.
  func fit(of hierarchy: CommunityHierarchy) -> HierarchyFit {
    let leaves = restricted(hierarchy.leaves)
    let tree = hierarchy.tree
    let ancestors = CommonAncestors(tree)
    // Weights are integers, so sums of them are exact.
    var edges = [Double](repeating: 0, count: tree.nodeCount)
    var volumes = [Double](repeating: 0, count: tree.nodeCount)
    var degrees = [Double](repeating: 0, count: nodeCount)
    // The mutual information is a sum over arcs of w ln(w total / (d d)): logarithms of degrees once a node.
    var (total, weightLogs) = (0.0, 0.0)
    unsafe leaves.withUnsafeBufferPointer { leaves in
      for u in 0..<nodeCount where unsafe leaves[u] >= 0 {
        let own = unsafe Int(leaves[u])
        var degree = 0.0
        for e in unsafe Int(offsets[u])..<Int(offsets[u &+ 1]) {
          let v = unsafe Int(targets[e])
          guard unsafe leaves[v] >= 0 else { continue }
          let weight = weights.map { unsafe Double($0.base[e]) } ?? 1
          degree += weight
          if u < v {
            unsafe edges[ancestors.deepest(own, Int(leaves[v]))] += weight
            if weight != 1 { weightLogs += 2 * weight * log(weight) }
          }
        }
        degrees[u] = degree
        total += degree
        volumes[own] += degree
      }
    }
    guard total > 0 else { return HierarchyFit(dasguptaCost: 0, dasguptaScore: 1, samplingDivergence: 0) }
    let n = leaves.count { $0 >= 0 }
    var cost = 0.0
    for node in 0..<tree.nodeCount { cost += 2 * edges[node] / total * Double(tree.sizes[node]) }
    // Pairs below a child are the child's. The pair of a node with itself, drawn but never linked, counts for the parent of
    // a leaf of one node.
    var squares = [Double](repeating: 0, count: tree.nodeCount)
    for node in 0..<tree.nodeCount {
      let parent = Int(tree.parents[node])
      if parent >= 0 {
        volumes[parent] += volumes[node]
        if node >= tree.leafCount || tree.sizes[node] > 1 { squares[parent] += volumes[node] * volumes[node] }
      }
    }
    var divergence = 0.0
    for node in 0..<tree.nodeCount where edges[node] > 0 {
      let p = 2 * edges[node] / total
      let q = (volumes[node] * volumes[node] - squares[node]) / (total * total)
      if q > 0 { divergence += p * log(p / q) }
    }
    var degreeLogs = 0.0
    for degree in degrees where degree > 0 { degreeLogs += degree * log(degree) }
    let information = log(total) + (weightLogs - 2 * degreeLogs) / total
    return HierarchyFit(
      dasguptaCost: cost, dasguptaScore: 1 - cost / Double(max(1, n)),
      samplingDivergence: information > 0 ? divergence / information : 0)
  }
}

/// The purity of a hierarchy: over all pairs of nodes of one class, the mean share of that class below their common
/// ancestor; 1 when every class is a subtree, nil where no two nodes have a class in common.
///
/// - Parameters:
///   - hierarchy: The hierarchy.
///   - classes: The true class of each node, shape `[n]`; nodes with a negative class or leaf do not count.
/// - Throws: `MillError` of kind `bad-option` when the lengths differ.
/// - Complexity: O(tree nodes · classes) time and memory.
/// - Source: Heller, Ghahramani, "Bayesian hierarchical clustering", ICML 2005, section 5.
public func dendrogramPurity(of hierarchy: CommunityHierarchy, classes: [Int32]) throws(MillError) -> Double? {
  guard hierarchy.leaves.count == classes.count else {
    throw MillError(.badOption, "a hierarchy of \(hierarchy.leaves.count) nodes and classes of \(classes.count)")
  }
  let tree = hierarchy.tree
  let width = Int(classes.max() ?? -1) + 1
  guard width > 0 else { return nil }
  var counts = [Int](repeating: 0, count: tree.nodeCount * width)
  for (leaf, group) in zip(hierarchy.leaves, classes) where leaf >= 0 && group >= 0 {
    counts[Int(leaf) * width + Int(group)] += 1
  }
  var pairsBelow = [Double](repeating: 0, count: tree.nodeCount * width)
  var (sum, pairs) = (0.0, 0.0)
  for node in 0..<tree.nodeCount {
    let total = Double(counts[node * width..<(node + 1) * width].reduce(0, +))
    let parent = Int(tree.parents[node])
    for group in 0..<width {
      let place = node * width + group
      let count = Double(counts[place])
      let together = count * (count - 1) / 2
      let own = together - pairsBelow[place]
      if own > 0 {
        sum += own * count / total
        pairs += own
      }
      if parent >= 0 {
        counts[parent * width + group] += counts[place]
        pairsBelow[parent * width + group] += together
      }
    }
  }
  return pairs > 0 ? sum / pairs : nil
}

/// The Pearson correlation of tree distances over all pairs of nodes: edges from node to node in one tree against the
/// other. At 0.9999 or above the trees are the same.
///
/// Two trees without any distance (one group each) correlate 1, one such against another tree 0; nil where no node is in
/// both.
///
/// - Throws: `MillError` of kind `bad-option` when the hierarchies are of different nodes, or there are more than 5,000
///   pairs of a leaf here and a leaf there.
/// - Complexity: O(n + c² · height) for c non-empty pairs of leaves.
public func treeCorrelation(_ a: CommunityHierarchy, _ b: CommunityHierarchy) throws(MillError) -> Double? {
  guard a.leaves.count == b.leaves.count else {
    throw MillError(.badOption, "hierarchies of \(a.leaves.count) and \(b.leaves.count) nodes cannot be compared")
  }
  struct Pair: Hashable {
    var a: Int32
    var b: Int32
  }
  var counts: [Pair: Int] = [:]
  for (x, y) in zip(a.leaves, b.leaves) where x >= 0 && y >= 0 { counts[Pair(a: x, b: y), default: 0] += 1 }
  guard counts.count <= 5000 else {
    throw MillError(.badOption, "trees of so many leaves are not compared; cut them first", field: "\(counts.count)")
  }
  guard !counts.isEmpty else { return nil }
  let cells = counts.sorted { ($0.key.a, $0.key.b) < ($1.key.a, $1.key.b) }
  let (depthsA, depthsB) = (a.tree.depths, b.tree.depths)
  var (w, sx, sy, sxx, syy, sxy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
  for i in cells.indices {
    for j in 0...i {
      let (p, q) = (cells[i], cells[j])
      let weight = i == j ? Double(p.value) * Double(p.value - 1) / 2 : Double(p.value) * Double(q.value)
      let x = Double(
        depthsA[Int(p.key.a)] + depthsA[Int(q.key.a)]
          - 2 * depthsA[a.tree.commonAncestor(Int(p.key.a), Int(q.key.a))])
      let y = Double(
        depthsB[Int(p.key.b)] + depthsB[Int(q.key.b)]
          - 2 * depthsB[b.tree.commonAncestor(Int(p.key.b), Int(q.key.b))])
      w += weight
      sx += weight * x
      sy += weight * y
      sxx += weight * x * x
      syy += weight * y * y
      sxy += weight * x * y
    }
  }
  guard w > 0 else { return 1 }
  let (vx, vy) = (sxx - sx * sx / w, syy - sy * sy / w)
  if vx <= 0 || vy <= 0 { return vx <= 0 && vy <= 0 ? 1 : 0 }
  return (sxy - sx * sy / w) / (vx * vy).squareRoot()
}
