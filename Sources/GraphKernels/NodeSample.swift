import GraphStore
import MillRuntime

/// Which nodes a centrality looks from.
enum NodeSample {
  /// All nodes, or `count` different ones drawn by the seed, ascending; every set has the same chance.
  ///
  /// - Throws: `MillError`: `bad-option` for a count below 1, `over-budget`.
  static func nodes(
    of count: Int?, from nodeCount: Int, seed: UInt64, stage: StaticString
  ) throws(MillError) -> [Int] {
    guard let count else { return Array(0..<nodeCount) }
    guard count >= 1 else { throw MillError(.badOption, "a sample needs a node", field: "\(count)") }
    guard count < nodeCount else { return Array(0..<nodeCount) }
    // Floyd's method: one draw a node, whatever the size of the graph.
    var random = RandomStream(seed: seed, stage: stage).item(0)
    var chosen = Set<Int>()
    for last in nodeCount - count..<nodeCount {
      let drawn = Int(random.below(UInt64(last + 1)))
      if !chosen.insert(drawn).inserted { chosen.insert(last) }
    }
    return chosen.sorted()
  }
}
