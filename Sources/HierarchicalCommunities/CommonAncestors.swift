/// The deepest common ancestors of tree nodes, also in trees as deep as they have nodes: climbs along the tops of heavy
/// paths.
struct CommonAncestors {
  private let parents: [Int32]
  /// The top of the path of each tree node.
  private let tops: [Int32]
  /// The answers for all pairs of leaves, row-major; empty for many leaves.
  private let table: [Int32]
  private let leafCount: Int

  private static let largestTable = 512

  /// - Complexity: O(tree nodes); for up to 512 leaves their square.
  init(_ tree: CommunityTree) {
    let count = tree.nodeCount
    parents = tree.parents
    leafCount = tree.leafCount
    var weights = [Int32](repeating: 1, count: count)
    var heavy = [Int32](repeating: -1, count: count)
    for node in 0..<count {
      let parent = Int(tree.parents[node])
      guard parent >= 0 else { continue }
      weights[parent] += weights[node]
      if heavy[parent] < 0 || weights[Int(heavy[parent])] < weights[node] { heavy[parent] = Int32(node) }
    }
    var tops = (0..<Int32(count)).map { $0 }
    for node in stride(from: count - 1, through: 0, by: -1) {
      let parent = Int(tree.parents[node])
      if parent >= 0, heavy[parent] == Int32(node) { tops[node] = tops[parent] }
    }
    self.tops = tops
    var table: [Int32] = []
    if leafCount <= Self.largestTable {
      table.reserveCapacity(leafCount * leafCount)
      for a in 0..<leafCount {
        for b in 0..<leafCount { table.append(Int32(Self.climb(a, b, tree.parents, tops))) }
      }
    }
    self.table = table
  }

  /// The deepest common ancestor of two leaves.
  @inline(__always) func deepest(_ a: Int, _ b: Int) -> Int {
    table.isEmpty ? Self.climb(a, b, parents, tops) : Int(table[a &* leafCount &+ b])
  }

  /// Parents have larger numbers than children, so of two path tops the smaller is not above the other.
  private static func climb(_ a: Int, _ b: Int, _ parents: [Int32], _ tops: [Int32]) -> Int {
    var (a, b) = (a, b)
    while tops[a] != tops[b] {
      if tops[a] < tops[b] { a = Int(parents[Int(tops[a])]) } else { b = Int(parents[Int(tops[b])]) }
    }
    return max(a, b)
  }
}
