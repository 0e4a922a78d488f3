public import GraphStore
public import MillRuntime

/// What ``stronglyConnectedComponents(of:context:)`` found.
public struct StronglyConnectedComponentsResult: Sendable, Equatable {
  /// The component of each node, shape `[n]`. Components are numbered by their smallest node: 0 holds node 0.
  public let labels: SharedArray<UInt32>
  /// Nodes of each component, shape `[count]`.
  public let sizes: SharedArray<Int>
  /// The component with most nodes, the first of several; nil for a graph without nodes.
  public let largest: Int?

  /// The number of components.
  public var count: Int { sizes.count }
}

/// Finds the strongly connected components: two nodes share one when arcs lead from each to the other.
///
/// Of an undirected graph these are the connected components; ``connectedComponents(of:options:context:)`` finds them
/// faster.
///
/// - Parameters:
///   - graph: Any graph. Loops, parallel edges and weights do not matter.
///   - context: A way to stop. The search is depth-first and serial.
/// - Returns: Labels of shape `[n]`, sizes, and the largest component.
/// - Throws: `MillError`: `over-budget`, `interrupted`; `unsupported` beyond 2^32 - 1 components.
/// - Complexity: O(n + m) time, 20n bytes (28n for wide targets). The result does not depend on threads.
/// - Source: Pearce, "A space-efficient algorithm for finding strongly connected components", Information Processing
///   Letters 116, 2016, section 3: Tarjan's search with one number a node and no recursion.
public func stronglyConnectedComponents(
  of graph: CSRGraph, context: RunContext = .init()
) throws(MillError) -> StronglyConnectedComponentsResult {
  context.progress?.begin("strong components", total: graph.nodeCount, unit: .items)
  defer { context.progress?.end() }
  return try graph.withRows(context: context, StrongComponents())
}

private struct StrongComponents: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> StronglyConnectedComponentsResult {
    let n = rows.nodeCount
    // 0 for a node not seen; on the way the smallest number of the search that it leads back to, from 1 on; in the end
    // the number of its component, from the largest value down.
    let numbers = try FlatBuffer<ID>(count: n)
    // One array holds both stacks, since no node is on both: the path of the search grows from the left, nodes that
    // wait for their component from the right.
    let stacks = try FlatBuffer<ID>(uninitializedCount: n)
    let cursors = try FlatBuffer<Int>(uninitializedCount: n)
    let (number, stack, cursor) = unsafe (numbers.base, stacks.base, cursors.base)
    var (next, component) = (ID(1), ID.max)
    var waiting = n
    for start in 0..<n where unsafe number[start] == 0 {
      if start & 0xfff == 0 {
        try rows.context.checkCancelled()
        rows.context.progress?.advance(by: min(0x1000, n - start))
      }
      var depth = 0
      unsafe number[start] = next
      next &+= 1
      unsafe stack[0] = ID(truncatingIfNeeded: start)
      unsafe cursor[0] = rows.begin(start)
      var (node, ownNumber, isRoot) = (start, unsafe number[start], true)
      while true {
        var arc = unsafe cursor[depth]
        let end = rows.end(node)
        var child = -1
        while arc < end {
          let other = rows.target(arc)
          arc &+= 1
          let met = unsafe number[other]
          if met == 0 {
            child = other
            break
          }
          if met < ownNumber { (ownNumber, isRoot) = (met, false) }
        }
        if child >= 0 {
          // The lowest bit keeps whether the node may still be the first of its component.
          unsafe cursor[depth] = arc &<< 1 | (isRoot ? 1 : 0)
          unsafe number[node] = ownNumber
          depth &+= 1
          unsafe number[child] = next
          unsafe stack[depth] = ID(truncatingIfNeeded: child)
          unsafe cursor[depth] = rows.begin(child)
          (node, ownNumber, isRoot) = (child, next, true)
          next &+= 1
          continue
        }
        if isRoot {
          next &-= 1
          while waiting < n, unsafe number[Int(stack[waiting])] >= ownNumber {
            unsafe number[Int(stack[waiting])] = component
            waiting &+= 1
            next &-= 1
          }
          ownNumber = component
          component &-= 1
          unsafe number[node] = ownNumber
        } else {
          unsafe number[node] = ownNumber
          waiting &-= 1
        }
        let finished = ID(truncatingIfNeeded: node)
        if depth == 0 { break }
        depth &-= 1
        node = unsafe Int(stack[depth])
        if !isRoot { unsafe stack[waiting] = finished }
        let met = ownNumber
        ownNumber = unsafe number[node]
        isRoot = unsafe cursor[depth] & 1 == 1
        unsafe cursor[depth] &>>= 1
        if met < ownNumber { (ownNumber, isRoot) = (met, false) }
      }
    }
    withExtendedLifetime((stacks, cursors)) {}
    return try numbered(numbers, count: Int(truncatingIfNeeded: ID.max &- component), rows.context)
  }

  /// Numbers components, which count down from the largest value, by their smallest nodes.
  private func numbered<ID: NodeIndex>(
    _ numbers: FlatBuffer<ID>, count: Int, _ context: RunContext
  ) throws(MillError) -> StronglyConnectedComponentsResult {
    guard count <= Int(UInt32.max) else { throw MillError(.unsupported, "more than 2^32 - 1 components") }
    let n = numbers.count
    let labels = try FlatBuffer<UInt32>(uninitializedCount: n)
    let sizes = try FlatBuffer<Int>(count: count)
    let newLabels = try FlatBuffer<UInt32>(count: count)
    var found: UInt32 = 0
    for node in 0..<n {
      let old = unsafe Int(truncatingIfNeeded: ID.max &- numbers.base[node])
      if unsafe sizes.base[old] == 0 {
        unsafe newLabels.base[old] = found
        found &+= 1
      }
      unsafe sizes.base[old] &+= 1
      unsafe labels.base[node] = newLabels.base[old]
    }
    let sorted = try FlatBuffer<Int>(uninitializedCount: count)
    for old in 0..<count { unsafe sorted.base[Int(newLabels.base[old])] = sizes.base[old] }
    var largest: Int?
    for label in 0..<count where largest.map({ unsafe sorted.base[label] > sorted.base[$0] }) ?? true {
      largest = label
    }
    return StronglyConnectedComponentsResult(
      labels: SharedArray(labels), sizes: SharedArray(sorted), largest: largest)
  }
}
