public import GraphStore
public import MillRuntime

/// What ``topologicalOrder(of:context:)`` found.
public struct TopologicalOrderResult: Sendable, Equatable {
  /// The nodes so that every arc leads forward: by level, then by number. Shape `[n]`.
  public let order: SharedArray<Int>
  /// The level of each node: the arcs of the longest path that ends in it. Shape `[n]`.
  public let levels: SharedArray<UInt32>
  /// The number of levels; 0 for a graph without nodes.
  public let levelCount: Int
}

/// Puts the nodes of a directed acyclic graph into an order in which every arc leads forward.
///
/// - Parameters:
///   - graph: A directed graph without cycles. Parallel arcs and weights do not matter.
///   - context: A way to stop. The walk is serial.
/// - Returns: The order and the level of every node, both unique.
/// - Throws: `MillError`: `has-cycle` with a cycle by the names of its nodes (a loop is one), `not-directed` for an
///   undirected graph with edges, `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 20n bytes (28n for wide targets). The result does not depend on threads.
/// - Source: Kahn, "Topological sorting of large networks", Communications of the ACM 5, 1962.
public func topologicalOrder(
  of graph: CSRGraph, context: RunContext = .init()
) throws(MillError) -> TopologicalOrderResult {
  guard graph.isDirected || graph.arcCount == 0 else {
    throw MillError(
      .notDirected, "a topological order needs arcs, and the graph is undirected",
      hint: "read it with \(setting: "isDirected", "true")")
  }
  return try graph.withRows(context: context, Leveling(graph: graph))
}

private struct Leveling: RowsVisitor {
  let graph: CSRGraph

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> TopologicalOrderResult {
    let n = rows.nodeCount
    // Arcs into each node that come from nodes not yet taken.
    let open = try FlatBuffer<ID>(count: n)
    let levels = try FlatBuffer<UInt32>(count: n)
    let queue = try FlatBuffer<ID>(uninitializedCount: n)
    for arc in 0..<rows.arcCount { unsafe open.base[rows.target(arc)] &+= 1 }
    var taken = 0
    for node in 0..<n where unsafe open.base[node] == 0 {
      unsafe queue.base[taken] = ID(truncatingIfNeeded: node)
      taken += 1
    }
    var place = 0
    var levelCount = taken > 0 ? 1 : 0
    while place < taken {
      if place & 0xfff == 0 { try rows.context.checkCancelled() }
      let node = unsafe Int(queue.base[place])
      place += 1
      for arc in rows.arcs(node) {
        let other = rows.target(arc)
        let left = unsafe open.base[other] &- 1
        unsafe open.base[other] = left
        guard left == 0 else { continue }
        // The queue runs level by level, so the last arc comes from the highest node before.
        let level = unsafe levels.base[node] &+ 1
        unsafe levels.base[other] = level
        levelCount = max(levelCount, Int(level) + 1)
        unsafe queue.base[taken] = ID(truncatingIfNeeded: other)
        taken += 1
      }
    }
    guard taken == n else { throw try cycleError(rows, open) }
    // Nodes by level, ascending in each.
    let starts = try FlatBuffer<Int>(count: levelCount + 1)
    for node in 0..<n { unsafe starts.base[Int(levels.base[node]) + 1] += 1 }
    for level in 0..<levelCount { unsafe starts.base[level + 1] += starts.base[level] }
    let order = try FlatBuffer<Int>(uninitializedCount: n)
    for node in 0..<n {
      let level = unsafe Int(levels.base[node])
      unsafe order.base[starts.base[level]] = node
      unsafe starts.base[level] += 1
    }
    return TopologicalOrderResult(order: SharedArray(order), levels: SharedArray(levels), levelCount: levelCount)
  }

  /// Names a cycle among the nodes that could not be taken: each has an arc from another of them, so that going back
  /// from the smallest ends in one.
  private func cycleError<ID: NodeIndex>(
    _ rows: GraphRows<ID>, _ open: FlatBuffer<ID>
  ) throws(MillError) -> MillError {
    let n = rows.nodeCount
    let before = try FlatBuffer<Int>(uninitializedCount: n)
    for node in 0..<n { unsafe before.base[node] = -1 }
    for node in 0..<n where unsafe open.base[node] > 0 {
      for arc in rows.arcs(node) where unsafe before.base[rows.target(arc)] < 0 {
        unsafe before.base[rows.target(arc)] = node
      }
    }
    let isSeen = try FlatBuffer<Bool>(count: n)
    var node = (0..<n).first { unsafe open.base[$0] > 0 } ?? 0
    while unsafe !isSeen.base[node] {
      unsafe isSeen.base[node] = true
      node = unsafe before.base[node]
    }
    var cycle = [node]
    while case let next = unsafe before.base[cycle[cycle.count - 1]], next != node { cycle.append(next) }
    cycle.reverse()
    // From the smallest node on; of a long cycle its beginning.
    let first = cycle.indices.min { cycle[$0] < cycle[$1] } ?? 0
    let turned = cycle[first...] + cycle[..<first]
    var names = turned.prefix(8).map { graph.name(of: $0) }
    if turned.count > 8 { names.append("… (\(turned.count) nodes)") }
    names.append(graph.name(of: turned[turned.startIndex]))
    return MillError(.hasCycle, "the arcs have a cycle", field: names.joined(separator: " → "))
  }
}

extension MillError.Kind {
  /// A cycle where there must be none.
  public static let hasCycle = Self("has-cycle", .badData)
  /// An undirected graph where arcs are needed.
  public static let notDirected = Self("not-directed", .badData)
}
