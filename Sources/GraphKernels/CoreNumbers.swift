public import GraphStore
public import MillRuntime

/// What ``coreNumbers(of:context:)`` found.
public struct CoreNumbersResult: Sendable, Equatable {
  /// The largest k for which each node is in the k-core, shape `[n]`.
  public let cores: SharedArray<UInt32>
  /// The largest of them: the degeneracy of the graph; 0 for a graph without edges.
  public let degeneracy: Int
}

/// Finds the core number of every node: the k-core is what is left when nodes of fewer than k neighbors are taken away
/// until none is left.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter: neighbors are counted.
///   - context: Threads (to make a graph simple; the peeling is serial), a way to stop.
/// - Returns: One number a node, and their largest.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 16n bytes (24n for wide targets). The result does not depend on threads.
/// - Source: Batagelj, Zaversnik, "An O(m) algorithm for cores decomposition of networks", arXiv cs/0310049, 2003.
public func coreNumbers(
  of graph: CSRGraph, context: RunContext = .init()
) throws(MillError) -> CoreNumbersResult {
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  return try simple.withRows(context: context, Peeling())
}

private struct Peeling: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> CoreNumbersResult {
    let n = rows.nodeCount
    let degrees = try FlatBuffer<UInt32>(uninitializedCount: n)
    var largest = 0
    for node in 0..<n {
      unsafe degrees.base[node] = UInt32(truncatingIfNeeded: rows.degree(node))
      largest = max(largest, rows.degree(node))
    }
    // Nodes by degree: bin d is nodes[starts[d]..<starts[d + 1]].
    let starts = try FlatBuffer<Int>(count: largest + 2)
    for node in 0..<n { unsafe starts.base[Int(degrees.base[node]) + 1] += 1 }
    for degree in 0...largest { unsafe starts.base[degree + 1] += starts.base[degree] }
    let order = try FlatBuffer<ID>(uninitializedCount: n)
    let places = try FlatBuffer<ID>(uninitializedCount: n)
    for node in 0..<n {
      let bin = unsafe Int(degrees.base[node])
      let place = unsafe starts.base[bin]
      unsafe starts.base[bin] += 1
      unsafe order.base[place] = ID(truncatingIfNeeded: node)
      unsafe places.base[node] = ID(truncatingIfNeeded: place)
    }
    for degree in stride(from: largest, to: 0, by: -1) { unsafe starts.base[degree] = unsafe starts.base[degree - 1] }
    unsafe starts.base[0] = 0
    for i in 0..<n {
      if i & 0xffff == 0 { try rows.context.checkCancelled() }
      let node = unsafe Int(order.base[i])
      let core = unsafe degrees.base[node]
      for arc in rows.arcs(node) {
        let other = rows.target(arc)
        let degree = unsafe degrees.base[other]
        guard degree > core else { continue }
        // The neighbor changes places with the first of its bin, and the bin below takes it in.
        let place = unsafe Int(places.base[other])
        let first = unsafe starts.base[Int(degree)]
        let moved = unsafe order.base[first]
        unsafe order.base[first] = ID(truncatingIfNeeded: other)
        unsafe order.base[place] = moved
        unsafe places.base[other] = ID(truncatingIfNeeded: first)
        unsafe places.base[Int(moved)] = ID(truncatingIfNeeded: place)
        unsafe starts.base[Int(degree)] = first + 1
        unsafe degrees.base[other] = degree - 1
      }
    }
    return unsafe CoreNumbersResult(cores: SharedArray(degrees), degeneracy: Int(degrees.elements.max() ?? 0))
  }
}
