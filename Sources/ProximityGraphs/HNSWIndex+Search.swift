public import MillRuntime
public import VectorStore

extension HNSWIndex {
  /// The k nearest objects to a vector.
  ///
  /// - Parameters:
  ///   - query: A vector of the index's dimension.
  ///   - k: Answers wanted; fewer come back only when fewer are in the index or allowed.
  ///   - options: Beam width, re-ranking, exact policy.
  ///   - filter: Objects that may be returned; nil for all. See ``filter(_:)``.
  /// - Throws: `MillError`: `malformed` for a vector of another dimension or with values that are not finite,
  ///   `bad-option`, `over-budget`.
  /// - Complexity: about O(log n) distances for fixed ef. Thread-safe beside other searches.
  public func search(
    _ query: [Float], k: Int, options: SearchOptions = .init(), filter: SearchFilter? = nil
  ) throws(MillError) -> SearchResult {
    let asked = try PreparedQueries(query, to: vectors, core.points, metric)
    let plan = try SearchPlan(self, k: k, options, filter, asked)
    let context = try acquire(plan)
    defer { core.release(context) }
    let found = unsafe find(asked.first, plan, ties: names.hasKeys, context)
    withExtendedLifetime(asked) {}
    return SearchResult(
      neighbors: names.named(found, plan.wanted), counters: context.counters, isExact: plan.isExact)
  }

  /// The k nearest objects to every row of a table: the same answers as one at a time, in input order.
  ///
  /// - Parameters:
  ///   - queries: One query a row.
  ///   - k: Neighbors of a query.
  ///   - options: Beam width, re-ranking, exact policy.
  ///   - filter: Objects that may be returned; nil for all.
  ///   - run: Threads; they do not change the answers.
  /// - Throws: `MillError`: `malformed` for another dimension or values that are not finite, `bad-option`,
  ///   `over-budget`.
  public func search(
    _ queries: VectorTable, k: Int, options: SearchOptions = .init(), filter: SearchFilter? = nil,
    context run: RunContext = .init()
  ) throws(MillError) -> BatchSearchResult {
    let asked = try PreparedQueries(queries, to: vectors, core.points, metric, run)
    let plan = try SearchPlan(self, k: k, options, filter, asked)
    let threads = max(1, min(run.threads, (queries.count + 31) / 32))
    let lanes = try acquireLanes(plan, threads: threads)
    defer { for lane in lanes { core.release(lane) } }
    var rows = NeighborRows(count: queries.count, k: min(max(0, k), count))
    rows.fillRanges(threads: threads, chunk: 32) { range, worker, write in
      find(range, in: asked.table, plan, ties: names.hasKeys, GraphView.lanes(of: worker, in: lanes)) { row, found in
        write(row, names.keyed(found, plan.wanted))
      }
    }
    return BatchSearchResult(rows: rows, counters: lanes.reduce(into: SearchCounters()) { $0 += $1.counters })
  }

  /// All objects within a distance that the graph finds: a search, then a walk over neighbors inside the radius.
  ///
  /// - Parameters:
  ///   - query: Shape `[dimension]`.
  ///   - radius: The largest distance (squared under `l2`).
  ///   - slack: Neighbors up to `radius · (1 + slack)` are walked through.
  ///   - options: Beam width.
  ///   - filter: Objects that may be returned; nil for all.
  /// - Returns: By (distance, key).
  /// - Throws: `MillError`: `malformed` for a vector of another dimension or with values that are not finite,
  ///   `bad-option`, `over-budget`.
  public func search(
    _ query: [Float], radius: Float, slack: Float = 0, options: SearchOptions = .init(), filter: SearchFilter? = nil
  ) throws(MillError) -> SearchResult {
    let asked = try PreparedQueries(query, to: vectors, core.points, metric)
    let plan = try SearchPlan(self, k: 1, options, filter, asked)
    let beam = min(max(1, options.ef ?? SearchPlan.usualBeam), max(1, core.links.count))
    let context = try core.acquire(ef: max(64, beam))
    defer { core.release(context) }
    let count = unsafe core.search(asked.first, ef: beam, over: plan.exactView, context)
    let inside = unsafe RadiusWalk(
      points: plan.points, lists: LevelLists(links: core.links.view, level: 0), slack: slack
    )
    .search(asked.first, radius: radius, found: count, context)
    withExtendedLifetime(asked) {}
    let found = inside.flatMap { node in
      core.chainMembers(UInt32(node.id)).filter { plan.allows($0) }
        .map { KeyedNeighbor(key: names.key($0), distance: node.distance) }
    }
    return SearchResult(neighbors: found.sorted(by: precedes), counters: context.counters, isExact: false)
  }
}
