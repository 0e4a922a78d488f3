public import GraphStore
public import MillRuntime

/// What ``trussNumbers(of:context:)`` found.
public struct TrussNumbersResult: Sendable {
  /// The edges that were looked at: the graph without directions, loops and parallel edges.
  public let graph: CSRGraph
  /// The truss number of each edge, at least 2, in the order of `CSRGraph.edges` of ``graph``. Shape `[m]`.
  public let numbers: SharedArray<UInt32>
  /// The largest truss number at each node, 0 for a node without edges. Shape `[n]`.
  public let nodeNumbers: SharedArray<UInt32>
  /// The largest of them; 0 for a graph without edges.
  public let largest: Int
}

/// Finds the truss number of every edge: the k-truss is what is left when edges in fewer than k - 2 triangles are taken
/// away until none is left, and an edge's number is the largest k whose truss holds it.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter.
///   - context: Threads for the triangles (the peeling is serial), a way to stop.
/// - Throws: `MillError`: `over-budget`, `interrupted`; `unsupported` beyond 2^32 - 1 edges.
/// - Complexity: O(m^1.5) time (times the logarithm of a degree where neighboring degrees differ much), 28m bytes. The
///   result does not depend on threads.
/// - Source: Wang, Cheng, "Truss decomposition in massive networks", PVLDB 5, 2012, algorithm 2.
public func trussNumbers(of graph: CSRGraph, context: RunContext = .init()) throws(MillError) -> TrussNumbersResult {
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  guard simple.edgeCount < Int(UInt32.max) else {
    throw MillError(.unsupported, "truss numbers of 2^32 - 1 edges or more", field: "\(simple.edgeCount)")
  }
  return try simple.withRows(context: context, TrussPeeling(graph: simple))
}

private struct TrussPeeling: RowsVisitor {
  let graph: CSRGraph

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> TrussNumbersResult {
    let n = rows.nodeCount
    let m = graph.edgeCount
    let numbers = try edgeNumbers(rows)
    let sources = try FlatBuffer<ID>(uninitializedCount: m)
    let targets = try FlatBuffer<ID>(uninitializedCount: m)
    for node in 0..<n {
      rows.forEachOwnArc(node) { other, arc in
        let edge = unsafe Int(numbers.base[arc])
        unsafe sources.base[edge] = ID(truncatingIfNeeded: node)
        unsafe targets.base[edge] = ID(truncatingIfNeeded: other)
      }
    }
    // The triangles that each edge is in, among edges not yet taken; in the end those of its truss.
    let support = try triangles(rows, numbers)
    let bins = try PeelingBins<UInt32>(keys: support)
    let isTaken = try FlatBuffer<Bool>(count: m)
    for place in 0..<m {
      if place & 0xfff == 0 { try rows.context.checkCancelled() }
      let edge = bins.item(at: place)
      let level = bins.key(of: edge)
      unsafe isTaken.base[edge] = true
      if level == 0 { continue }
      let (source, target) = unsafe (Int(sources.base[edge]), Int(targets.base[edge]))
      forEachTriangle(rows, source, target) { one, two in
        let (first, second) = unsafe (Int(numbers.base[one]), Int(numbers.base[two]))
        if unsafe isTaken.base[first] || isTaken.base[second] { return }
        if bins.key(of: first) > level { bins.lower(first) }
        if bins.key(of: second) > level { bins.lower(second) }
      }
    }
    withExtendedLifetime(bins) {}
    let nodeNumbers = try FlatBuffer<UInt32>(count: n)
    var largest: UInt32 = 0
    for edge in 0..<m {
      let number = unsafe support.base[edge] + 2
      unsafe support.base[edge] = number
      largest = max(largest, number)
      let (source, target) = unsafe (Int(sources.base[edge]), Int(targets.base[edge]))
      unsafe nodeNumbers.base[source] = max(nodeNumbers.base[source], number)
      unsafe nodeNumbers.base[target] = max(nodeNumbers.base[target], number)
    }
    return TrussNumbersResult(
      graph: graph, numbers: SharedArray(support), nodeNumbers: SharedArray(nodeNumbers), largest: Int(largest))
  }

  /// The number of the edge of every arc, in the order of the graph's edges.
  private func edgeNumbers<ID: NodeIndex>(_ rows: GraphRows<ID>) throws(MillError) -> FlatBuffer<UInt32> {
    let n = rows.nodeCount
    let numbers = try FlatBuffer<UInt32>(uninitializedCount: rows.arcCount)
    // Rows are ascending, so that smaller nodes meet the arcs back to them in order.
    let cursors = try FlatBuffer<Int>(uninitializedCount: n)
    for node in 0..<n { unsafe cursors.base[node] = rows.begin(node) }
    var next: UInt32 = 0
    for node in 0..<n {
      rows.forEachOwnArc(node) { other, arc in
        unsafe numbers.base[arc] = next
        unsafe numbers.base[cursors.base[other]] = next
        unsafe cursors.base[other] &+= 1
        next &+= 1
      }
    }
    return numbers
  }

  /// The triangles that each edge is in.
  private func triangles<ID: NodeIndex>(
    _ rows: GraphRows<ID>, _ numbers: FlatBuffer<UInt32>
  ) throws(MillError) -> FlatBuffer<UInt32> {
    let oriented = try UpwardRows(rows)
    let upward = oriented.rows
    // The edge of each upward arc.
    let edges = try FlatBuffer<UInt32>(uninitializedCount: upward.arcCount)
    try rows.forEachChunk { nodes, _, _ in
      for node in nodes {
        var place = upward.begin(node)
        for arc in rows.arcs(node) where UpwardRows.isUpward(rows, node, rows.target(arc)) {
          unsafe edges.base[place] = numbers.base[arc]
          place &+= 1
        }
      }
    }
    let support = try FlatBuffer<UInt32>(count: upward.arcCount)
    let isShared = rows.context.threads > 1
    @inline(__always) func add(_ count: UInt32, to arc: Int) {
      let place = unsafe support.base + Int(edges.base[arc])
      if isShared { unsafe SharedMemory.add(count, to: place) } else { unsafe place.pointee &+= count }
    }
    try upward.forEachChunk { nodes, _, _ in
      for node in nodes {
        for arc in upward.arcs(node) {
          var found: UInt32 = 0
          upward.forEachSharedTarget(upward.arcs(node), upward.arcs(upward.target(arc))) { one, two in
            add(1, to: one)
            add(1, to: two)
            found &+= 1
          }
          if found > 0 { add(found, to: arc) }
        }
      }
    }
    withExtendedLifetime((oriented, edges)) {}
    return support
  }

  /// Visits the neighbors that two nodes share: by both rows side by side, or by the smaller one where the other is much
  /// longer.
  @inline(__always) private func forEachTriangle<ID: NodeIndex>(
    _ rows: GraphRows<ID>, _ source: Int, _ target: Int, _ body: (_ one: Int, _ two: Int) -> Void
  ) {
    let (small, large) =
      rows.degree(source) < rows.degree(target) ? (source, target) : (target, source)
    guard rows.degree(small) < rows.degree(large) / 16 else {
      return rows.forEachSharedTarget(rows.arcs(small), rows.arcs(large), body)
    }
    for arc in rows.arcs(small) {
      if let other = rows.arc(large, rows.target(arc)) { body(arc, other) }
    }
  }
}
