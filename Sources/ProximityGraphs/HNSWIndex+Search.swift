import CMillKernels
public import MillRuntime
public import VectorStore

/// The answer of one search.
public struct SearchResult: Sendable, Equatable {
  /// What was found, by (distance, key); `id` is the key.
  public let neighbors: [Neighbor]
  /// What it cost.
  public let counters: SearchCounters
  /// Whether it was a full scan.
  public let isExact: Bool
}

/// The answers of a batch.
public struct BatchSearchResult: Sendable, Equatable {
  /// Keys and distances, one row a query, in the order of the queries.
  public let rows: NeighborRows
  /// What all searches cost together.
  public let counters: SearchCounters
}

extension HNSWIndex {
  /// The k nearest objects to a vector.
  ///
  /// - Parameters:
  ///   - query: A vector of the index's dimension.
  ///   - k: Answers wanted; fewer come back only when fewer are in the index or allowed.
  ///   - options: Beam width, filter, re-ranking, exact policy.
  /// - Throws: ``ProximityError/vectors(_:)`` for a vector of another dimension or with values that are not finite.
  /// - Complexity: about O(log n) distances for fixed ef. Thread-safe beside other searches.
  public func search(
    _ query: [Float], k: Int, options: SearchOptions = .init()
  ) throws(ProximityError) -> SearchResult {
    let (buffer, _) = try encoded(query)
    return try allocating { () throws(MillError) in
      let context = try core.acquire(ef: max(64, min(options.ef, core.links.count)))
      defer { core.release(context) }
      let plan = try SearchPlan(self, k: k, options)
      let answer = try find(UnsafeRawPointer(buffer.base), k: k, plan, context)
      return SearchResult(neighbors: answer, counters: context.counters, isExact: plan.isExact)
    }
  }

  /// The k nearest objects to every row of a table: the same answers as one at a time, in input order.
  ///
  /// - Parameters:
  ///   - queries: One query a row.
  ///   - k: Neighbours of a query.
  ///   - options: Beam width, filter, exact policy.
  ///   - run: Threads; they do not change the answers.
  /// - Throws: ``ProximityError/vectors(_:)``: another dimension or element type, values that are not finite.
  public func search(
    _ queries: VectorTable, k: Int, options: SearchOptions = .init(), context run: RunContext = .init()
  ) throws(ProximityError) -> BatchSearchResult {
    let asked = try vectorCall { () throws(VectorError) in try vectors.prepared(queries, for: metric, run) }
    return try allocating { () throws(MillError) in
      let plan = try SearchPlan(self, k: k, options)
      let threads = max(1, min(run.threads, (queries.count + 31) / 32))
      let lanes = try core.acquireLanes(threads, ef: max(64, plan.beam))
      defer { for lane in lanes { core.release(lane) } }
      var rows = NeighborRows(count: queries.count, k: min(max(0, k), count))
      let failed = FailureBox()
      rows.fillRanges(threads: threads, chunk: 32) { range, worker, write in
        do throws(MillError) {
          try find(
            range, in: asked, k: k, plan, lanes[worker * GraphView.lanes..<(worker + 1) * GraphView.lanes], write)
        } catch {
          failed.error = error
        }
      }
      if let error = failed.error { throw error }
      var counters = SearchCounters()
      for lane in lanes { counters += lane.counters }
      return BatchSearchResult(rows: rows, counters: counters)
    }
  }

  /// All objects within a distance that the graph finds: a search, then a walk over neighbours inside the radius.
  ///
  /// - Parameters:
  ///   - query: Shape `[dimension]`.
  ///   - radius: The largest distance (squared under `l2`).
  ///   - slack: Neighbours up to `radius · (1 + slack)` are walked through.
  ///   - options: Beam width, filter, exact policy.
  /// - Returns: By (distance, key).
  public func search(
    _ query: [Float], radius: Float, slack: Float = 0, options: SearchOptions = .init()
  ) throws(ProximityError) -> SearchResult {
    let (buffer, _) = try encoded(query)
    let pointer = UnsafeRawPointer(buffer.base)
    return try allocating { () throws(MillError) in
      let context = try core.acquire(ef: max(64, options.ef))
      defer { core.release(context) }
      let view = core.view
      let plan = try SearchPlan(self, k: 1, options)
      let beam = min(max(1, options.ef), max(1, core.links.count))
      let reach = radius >= 0 ? radius * (1 + max(0, slack)) : radius
      let count = core.search(pointer, ef: beam, over: view, context)
      var queue = (0..<count).map { context.pool[$0] & ~1 }.filter { mill_key_distance($0) <= reach }
      var inside = queue
      for key in (0..<count).map({ context.pool[$0] }) { _ = context.visit(mill_key_id(key)) }
      while let key = queue.popLast() {
        context.counters.hops &+= 1
        guard let list = view.links.list(mill_key_id(key), 0) else { continue }
        var width = 0
        for i in 0..<view.links.length(list, 0) where context.visit(list[i]) {
          context.ids[width] = list[i]
          width += 1
        }
        view.points.measure(view.points.context, pointer, context.ids, width, context.distances)
        context.counters.distances &+= UInt64(width)
        for i in 0..<width where context.distances[i] <= reach {
          inside.append(mill_key(context.distances[i], context.ids[i]))
          queue.append(inside[inside.count - 1])
        }
      }
      context.clearVisited()
      let found = inside.filter { mill_key_distance($0) <= radius }.flatMap { key in
        core.chainMembers(mill_key_id(key)).filter { plan.allows($0) }
          .map { Neighbor(id: self.key($0), distance: mill_key_distance(key)) }
      }
      return SearchResult(neighbors: found.sorted(by: precedes), counters: context.counters, isExact: false)
    }
  }

  /// A filter that lets those objects through whose key fulfils the predicate; for use in many searches.
  ///
  /// - Complexity: one call an object, n / 8 bytes. Made anew when the index changes.
  public func filter(_ isAllowed: (_ key: Int) -> Bool) -> SearchFilter {
    var words = [UInt64](repeating: 0, count: (core.links.count + 63) / 64)
    for id in 0..<UInt32(core.links.count) where !isDead(id) && isAllowed(key(id)) {
      words[Int(id) >> 6] |= 1 << UInt64(id & 63)
    }
    return SearchFilter(words: words)
  }
}

/// By (distance, key).
func precedes(_ a: Neighbor, _ b: Neighbor) -> Bool { (a.distance, a.id) < (b.distance, b.id) }

/// Where a parallel loop leaves one of its failures.
final class FailureBox: @unchecked Sendable {
  var error: MillError?
}
