import GraphStore
import MillRuntime

/// Another place for a value of every node, so that what rows read most often lies together: nodes by descending degree,
/// and the targets of all arcs by these places.
///
/// A vector that does not fit the near cache is read faster so, where degrees are uneven. Rows keep the order of their
/// arcs, so that sums over them keep their bits.
struct HotColumns<ID: NodeIndex> {
  /// The place of each node, shape `[n]`.
  let places: FlatBuffer<ID>
  /// The rows, their targets by place; valid as long as this and what they were made of.
  let rows: GraphRows<ID>
  private let targets: FlatBuffer<ID>

  /// Below, a vector of doubles fits the near cache anyway.
  private static var leastCount: Int { 1 << 16 }
  /// From here on, degrees count as equal.
  private static var degreeLimit: Int { 1 << 10 }

  /// Nil where it does not pay, or where the memory budget has no room for it.
  ///
  /// - Throws: `MillError`: `over-budget` where another thread took the room meanwhile, `interrupted`.
  init?(_ given: GraphRows<ID>) throws(MillError) {
    let (n, arcs) = (given.nodeCount, given.arcCount)
    // Where arcs have a direction, a long row is not one that is read often.
    guard !given.isDirected, n >= Self.leastCount, arcs >= 4 * n else { return nil }
    guard MemoryBudget.hasRoom(for: (n + arcs) * MemoryLayout<ID>.stride) else { return nil }
    let places = try FlatBuffer<ID>(uninitializedCount: n)
    let targets = try FlatBuffer<ID>(uninitializedCount: arcs)
    // A counting sort, the highest degrees first.
    func bin(_ node: Int) -> Int { Self.degreeLimit - min(Self.degreeLimit, given.degree(node)) }
    var starts = [Int](repeating: 0, count: Self.degreeLimit + 2)
    for node in 0..<n { starts[bin(node) + 1] += 1 }
    for bin in 1..<starts.count { starts[bin] += starts[bin - 1] }
    for node in 0..<n {
      unsafe places.base[node] = ID(truncatingIfNeeded: starts[bin(node)])
      starts[bin(node)] += 1
    }
    try given.forEachChunk { nodes, _, _ in
      for arc in given.begin(nodes.lowerBound)..<given.begin(nodes.upperBound) {
        unsafe targets.base[arc] = places.base[given.target(arc)]
      }
    }
    self.places = places
    self.targets = targets
    rows = unsafe GraphRows(
      nodeCount: n, offsets: given.offsets, targets: UnsafePointer(targets.base), weights: given.weights,
      isDirected: given.isDirected, hasLoops: given.hasLoops, loopCount: given.loopCount, cuts: given.cuts,
      context: given.context)
  }
}
