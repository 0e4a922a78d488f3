public import GraphStore
public import MillRuntime

/// The modularity of a partition; nodes with a negative label are groups of their own.
///
/// - Parameters:
///   - labels: Shape `[n]`.
///   - graph: Made undirected unless `isDirected`; loops and parallel edges are merged away.
///   - resolution: gamma.
///   - isDirected: Whether arcs keep their direction: what a group's arcs are compared with is the product of what leaves it
///     and what enters it. Without meaning for an undirected graph.
///   - context: Threads, a way to stop.
/// - Throws: `MillError`: `bad-option` when the lengths differ, `bad-weight`, `over-budget`.
/// - Complexity: O(n + m).
/// - Source: Newman, Girvan, Physical Review E 69, 026113, 2004; Reichardt, Bornholdt, Physical Review E 74, 2006 (gamma);
///   Leicht, Newman, Physical Review Letters 100, 118703, 2008 (directed).
public func modularity(
  of labels: [Int32], in graph: CSRGraph, resolution: Double = 1, isDirected: Bool = false,
  context: RunContext = .init()
) throws(MillError) -> Double {
  guard labels.count == graph.nodeCount else {
    throw MillError(.badOption, "labels of \(labels.count) nodes and a graph of \(graph.nodeCount)")
  }
  let quality = isDirected ? PartitionQuality.directedModularity : .modularity
  return try CommunityGraph(graph, for: quality, direction: .union, context: context)
    .modularity(of: labels, resolution: resolution)
}

extension CommunityGraph {
  /// The modularity of labels of the input's nodes: directed where links are arcs.
  func modularity(of labels: [Int32], resolution: Double = 1) -> Double {
    guard nodeCount > 0 else { return 0 }
    var next = (labels.max() ?? -1) + 1
    let groups = LabelNumbering.byFirstNode(
      restricted(labels).map { label -> Int32 in
        if label >= 0 { return label }
        next += 1
        return next - 1
      })
    // Twice the weight inside each group, and the sum of its nodes' weights: integers, so every sum is exact.
    let count = Int(groups.max() ?? -1) + 1
    var loops = [UInt64](repeating: 0, count: count)
    var strengths = [UInt64](repeating: 0, count: count)
    var leavings = [UInt64](repeating: 0, count: count)
    unsafe groups.withUnsafeBufferPointer { groups in
      for u in 0..<nodeCount {
        let own = unsafe groups[u]
        var (inside, all): (UInt64, UInt64) = (0, 0)
        for e in unsafe Int(offsets[u])..<Int(offsets[u &+ 1]) {
          let weight = unsafe weights?.base[e] ?? 1
          all &+= weight
          unsafe inside &+= groups[Int(targets[e])] == own ? weight : 0
        }
        loops[Int(own)] += inside
        strengths[Int(own)] += all
        if let leaving { unsafe leavings[Int(own)] += leaving.base[u] }
      }
    }
    let total = Double(strengths.reduce(0, +))
    var sum = 0.0
    for group in 0..<count {
      // Of links without direction half leaves a node and half enters it.
      let strength = Double(strengths[group])
      let out = leaving == nil ? strength / 2 : Double(leavings[group])
      sum += Double(loops[group]) / total - resolution * (2 * out / total) * (2 * (strength - out) / total)
    }
    return sum
  }
}
