import CMillKernels
import VectorStore

/// The second part of a range search: from what a search found, over neighbors as long as they are inside the radius.
struct RadiusWalk<Lists: NeighborLists> {
  let points: PointSet
  let lists: Lists
  /// Neighbors up to `radius · (1 + slack)` are walked through.
  let slack: Float

  /// All nodes inside the radius that the walk reaches, in no order.
  ///
  /// - Parameter found: Keys in the context's pool, where the walk begins.
  func search(_ query: UnsafeRawPointer, radius: Float, found: Int, _ context: SearchContext) -> [Neighbor] {
    let reach = radius >= 0 ? radius * (1 + max(0, slack)) : radius
    let first = (0..<found).map { unsafe context.pool[$0] & ~1 }
    for key in first { _ = context.visit(mill_key_id(key)) }
    var queue = first.filter { mill_key_distance($0) <= reach }
    var inside = queue
    while let key = queue.popLast() {
      context.counters.hops &+= 1
      let list = unsafe lists.list(mill_key_id(key))
      var start = 0
      while start < list.count {
        let width = unsafe context.takeNew(list, from: &start, below: lists.count)
        unsafe points.measure(points.context, query, context.ids, width, context.distances)
        context.counters.distances &+= UInt64(width)
        for i in 0..<width where unsafe context.distances[i] <= reach {
          unsafe inside.append(mill_key(context.distances[i], context.ids[i]))
          queue.append(inside[inside.count - 1])
        }
      }
    }
    context.clearVisited()
    return inside.filter { mill_key_distance($0) <= radius }
      .map { Neighbor(id: Int(mill_key_id($0)), distance: mill_key_distance($0)) }
  }
}

extension SearchContext {
  /// Lists the next ids of a list that were not visited, at most a batch, and marks them.
  ///
  /// - Parameter start: Where to go on in the list; moved on.
  func takeNew(_ list: UnsafeBufferPointer<UInt32>, from start: inout Int, below count: UInt32) -> Int {
    let end = min(list.count, start + SearchContext.batch)
    var width = 0
    for i in start..<end where unsafe list[i] < count && visit(list[i]) {
      unsafe ids[width] = list[i]
      width += 1
    }
    start = end
    return width
  }
}
