import CMillKernels
import MillRuntime
import VectorStore

/// SELECT-SIMPLE and SELECT-HEURISTIC with the settings of one graph.
struct NeighborChoice: Sendable {
  let selection: NeighborSelection
  let keepsPruned: Bool
  /// alpha for plain distances, its square for squared ones.
  let scale: Float

  init(_ options: HNSWOptions, power: Int) {
    selection = options.selection
    keepsPruned = options.keepsPruned
    scale = power == 2 ? options.alpha * options.alpha : options.alpha
  }

  /// Chooses neighbors from candidates (2016 paper, algorithms 3 and 4).
  ///
  /// - Parameters:
  ///   - candidates: Keys by (distance, id) ascending, no repeats, the node itself not among them.
  ///   - limit: Neighbors at most.
  ///   - testsAlways: Whether candidates are tested against each other even where they all fit.
  ///   - result: Receives the chosen keys; must not overlap the candidates; room for `limit` and all candidates.
  ///   - computed: Counts distances.
  /// - Returns: The number chosen.
  func choose(
    _ candidates: UnsafePointer<UInt64>, _ count: Int, limit: Int, testsAlways: Bool = false, points: PointSet,
    into result: UnsafeMutablePointer<UInt64>, _ context: SearchContext, _ computed: inout UInt64
  ) -> Int {
    if selection == .simple || (count <= limit && !testsAlways) {
      let chosen = min(count, limit)
      for i in 0..<chosen { unsafe result[i] = unsafe candidates[i] & ~1 }
      context.acceptedCount = 0
      return chosen
    }
    let accepted = unsafe context.accepted
    var chosen = 0
    var i = 0
    // Skipped candidates are remembered in `result` from the back; they are few.
    var skipped = 0
    while i < count, chosen < limit {
      let key = unsafe candidates[i] & ~1
      i &+= 1
      if unsafe covers(key, accepted, chosen, points, &computed) {
        if keepsPruned, skipped < limit {
          unsafe result[limit &+ skipped] = key
          skipped &+= 1
        }
      } else {
        unsafe accepted[chosen] = mill_key_id(key)
        unsafe result[chosen] = key
        chosen &+= 1
      }
    }
    context.acceptedCount = chosen
    return unsafe fillUp(result, chosen, skipped: skipped, limit: limit)
  }

  /// Fills a choice up with skipped candidates, which lie behind the first `limit` keys; the number of keys then.
  @inline(__always) func fillUp(
    _ result: UnsafeMutablePointer<UInt64>, _ chosen: Int, skipped: Int, limit: Int
  ) -> Int {
    guard keepsPruned else { return chosen }
    let count = min(limit, chosen &+ skipped)
    for i in chosen..<count { unsafe result[i] = unsafe result[limit &+ i &- chosen] }
    return count
  }

  /// Whether an accepted neighbor is nearer to the candidate than the node is.
  @inline(__always) func covers(
    _ key: UInt64, _ accepted: UnsafePointer<UInt32>, _ count: Int, _ points: PointSet, _ computed: inout UInt64
  ) -> Bool {
    let bound = mill_key_distance(key)
    let object = unsafe points.object(mill_key_id(key))
    if let closer = unsafe points.closer {
      return unsafe closer(points.context, object, accepted, count, scale, bound, &computed) < count
    }
    var distance: Float = 0
    for i in 0..<count {
      unsafe points.measure(points.context, object, accepted + i, 1, &distance)
      computed &+= 1
      if scale * distance < bound { return true }
    }
    return false
  }
}
