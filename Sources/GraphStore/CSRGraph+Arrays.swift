package import MillRuntime
import Synchronization

extension CSRGraph {
  /// A graph over rows that came from elsewhere, checked whole; nothing is copied.
  ///
  /// - Parameters:
  ///   - offsets: Shape `[n + 1]`, from 0 to the number of targets.
  ///   - targets: Ascending in each row; equal ones make the graph a multigraph.
  ///   - weights: One a target; nil for none.
  ///   - isDirected: Whether rows are arcs; else every edge has to be in the rows of both ends.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError`: `count-mismatch`, `offsets-not-ascending`, `target-out-of-range`, `list-not-sorted`,
  ///   `not-symmetric`, `weight-not-finite`, `interrupted`.
  /// - Complexity: O(n + arcs), two parallel passes.
  package init(
    checking offsets: SharedArray<UInt64>, _ targets: Targets, weights: SharedArray<Double>?, isDirected: Bool,
    context: RunContext
  ) throws(MillError) {
    let n = offsets.count - 1
    guard n >= 0, offsets.first == 0, offsets.last == UInt64(targets.count),
      (weights?.count ?? targets.count) == targets.count
    else {
      throw MillError(.countMismatch, "offsets run from 0 to the number of targets, with a weight for each or none")
    }
    try checkAscending(offsets, last: targets.count, context: context)
    let loops = Atomic<Int>(0)
    let repeated = Atomic<Int>(0)
    Parallel.forEachRange(of: n, size: 1 << 14, threads: context.threads) { nodes, _ in
      var found = (loops: 0, repeated: 0)
      switch targets {
      case .narrow(let targets): unsafe Self.count(nodes, offsets.base, targets.base, &found)
      case .wide(let targets): unsafe Self.count(nodes, offsets.base, targets.base, &found)
      }
      loops.wrappingAdd(found.loops, ordering: .relaxed)
      repeated.wrappingAdd(found.repeated, ordering: .relaxed)
    }
    let loopCount = loops.load(ordering: .relaxed)
    var flags: GraphFlags = []
    if isDirected { flags.insert(.directed) }
    if loopCount > 0 { flags.insert(.loops) }
    if repeated.load(ordering: .relaxed) > 0 { flags.insert(.multigraph) }
    self.init(
      storage: CSRStorage(
        nodeCount: n, edgeCount: isDirected ? targets.count : (targets.count + loopCount) / 2, flags: flags,
        offsets: offsets, targets: targets, weights: weights))
    try checkDeep(self, context: context)
  }

  /// Counts the loops of some nodes, and targets that equal the one before.
  private static func count<ID: FixedWidthInteger>(
    _ nodes: Range<Int>, _ offsets: UnsafePointer<UInt64>, _ targets: UnsafePointer<ID>,
    _ found: inout (loops: Int, repeated: Int)
  ) {
    for node in nodes {
      let arcs = unsafe Int(offsets[node])..<Int(offsets[node + 1])
      for arc in arcs {
        let target = unsafe targets[arc]
        if target == ID(truncatingIfNeeded: node) { found.loops &+= 1 }
        if arc > arcs.lowerBound, unsafe targets[arc &- 1] == target { found.repeated &+= 1 }
      }
    }
  }
}
