public import GraphStore
public import MillRuntime

/// What ``biconnectivity(of:context:)`` found.
public struct BiconnectivityResult: Sendable, Equatable {
  /// Edges without which their component falls apart, smaller end first, ascending. Shape `[bridges]`.
  public let bridges: SharedArray<NodePair>
  /// Nodes without which their component falls apart, ascending. Shape `[articulation points]`.
  public let articulationPoints: SharedArray<Int>
  /// The number of blocks: largest sets of edges, no loops among them, of which any two lie on a common cycle; a bridge
  /// is one.
  public let blockCount: Int
}

/// Finds the bridges and the articulation points of a graph: single edges and single nodes that hold a component
/// together.
///
/// - Parameters:
///   - graph: Any graph. Weights and loops do not matter. Parallel edges are no bridges; of a directed graph, arcs are
///     edges, and all arcs between two nodes are one.
///   - context: Threads (to forget directions; the search is serial), a way to stop.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 22n bytes (34n for wide targets). The result does not depend on threads.
/// - Source: Hopcroft, Tarjan, "Algorithm 447: efficient algorithms for graph manipulation", Communications of the ACM
///   16, 1973, without recursion.
public func biconnectivity(
  of graph: CSRGraph, context: RunContext = .init()
) throws(MillError) -> BiconnectivityResult {
  let undirected =
    graph.isDirected ? try graph.prepared(Preparation(weights: .ignored), context: context).graph : graph
  return try undirected.withRows(context: context, LowPoints())
}

private struct LowPoints: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> BiconnectivityResult {
    let n = rows.nodeCount
    // The place of each node in the search, from 1 on; 0 for nodes not seen.
    let orders = try FlatBuffer<ID>(count: n)
    // The smallest place that the node's subtree is joined to.
    let lows = try FlatBuffer<ID>(uninitializedCount: n)
    let path = try FlatBuffer<ID>(uninitializedCount: n)
    let cursors = try FlatBuffer<Int>(uninitializedCount: n)
    let isArticulation = try FlatBuffer<Bool>(count: n)
    // Whether the edge to the parent has been met once more from below; a second edge is another way round.
    let hasMetParent = try FlatBuffer<Bool>(count: n)
    let (order, low) = unsafe (orders.base, lows.base)
    var bridges: [NodePair] = []
    var next = ID(1)
    var blocks = 0
    for root in 0..<n where unsafe order[root] == 0 {
      if root & 0xfff == 0 { try rows.context.checkCancelled() }
      unsafe order[root] = next
      unsafe low[root] = next
      next &+= 1
      unsafe path.base[0] = ID(truncatingIfNeeded: root)
      unsafe cursors.base[0] = rows.begin(root)
      var (depth, node, parent, rootChildren) = (0, root, -1, 0)
      while true {
        var arc = unsafe cursors.base[depth]
        let end = rows.end(node)
        var lowest = unsafe low[node]
        var child = -1
        while arc < end {
          let other = rows.target(arc)
          arc &+= 1
          let met = unsafe order[other]
          if met == 0 {
            child = other
            break
          }
          if other == parent, unsafe !hasMetParent.base[node] {
            unsafe hasMetParent.base[node] = true
          } else {
            lowest = min(lowest, met)
          }
        }
        unsafe low[node] = lowest
        if child >= 0 {
          unsafe cursors.base[depth] = arc
          depth &+= 1
          unsafe order[child] = next
          unsafe low[child] = next
          next &+= 1
          unsafe path.base[depth] = ID(truncatingIfNeeded: child)
          unsafe cursors.base[depth] = rows.begin(child)
          (node, parent) = (child, node)
          continue
        }
        guard depth > 0 else { break }
        depth &-= 1
        unsafe low[parent] = min(low[parent], lowest)
        let above = unsafe order[parent]
        if lowest >= above {
          blocks += 1
          if depth == 0 { rootChildren += 1 } else { unsafe isArticulation.base[parent] = true }
          if lowest > above { bridges.append(NodePair(min(node, parent), max(node, parent))) }
        }
        node = parent
        parent = depth > 0 ? unsafe Int(path.base[depth &- 1]) : -1
      }
      if rootChildren > 1 { unsafe isArticulation.base[root] = true }
    }
    bridges.sort()
    let points = (0..<n).filter { unsafe isArticulation.base[$0] }
    withExtendedLifetime((orders, lows, isArticulation)) {}
    return BiconnectivityResult(
      bridges: try SharedArray(copying: bridges), articulationPoints: try SharedArray(copying: points),
      blockCount: blocks)
  }
}
