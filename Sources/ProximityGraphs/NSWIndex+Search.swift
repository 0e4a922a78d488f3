import CMillKernels
public import GraphStore
public import MillRuntime
public import VectorStore

/// How searches with the same k, options and filter are carried out: decided once for a batch.
private struct NSWPlan {
  let wanted: Int
  let beam: Int
  let restarts: Int
  let isExact: Bool
  let filter: SearchFilter?
  /// The allowed numbers for scans, ascending; nil for all.
  let scanned: [UInt32]?
  /// The vectors as the queries see them.
  let points: PointSet
  /// The element type of the queries.
  let elementType: ElementType
  /// Entry nodes are drawn by the query.
  let stream: RandomStream
  /// The restarts that nobody asked for.
  static let usualRestarts = 4

  /// - Parameter queries: What is asked; nil for the index's own vectors.
  init(
    _ index: NSWIndex, k: Int, _ options: SearchOptions, _ filter: SearchFilter?, _ queries: PreparedQueries? = nil
  ) throws(MillError) {
    points = queries?.points ?? index.points
    elementType = queries?.table.elementType ?? index.vectors.elementType
    try options.validate(for: .nsw)
    let total = index.count
    try filter?.check(objects: total)
    self.filter = filter
    wanted = max(0, min(k, filter?.count ?? total))
    beam = min(max(options.ef ?? 1, wanted), max(1, total))
    restarts = options.restarts ?? Self.usualRestarts
    stream = RandomStream(seed: index.options.seed, stage: "nsw search")
    isExact = options.exact.scans(total: total, k: k, ef: beam, allowed: filter?.count)
    scanned = isExact ? filter.map { setBits($0.words) } : nil
  }

}

extension NSWIndex {
  /// The k nearest objects found in searches from random nodes. The nodes depend on the query and the index's seed
  /// alone, so that a query has the same answer wherever and whenever it is asked.
  ///
  /// - Parameters:
  ///   - query: A vector of the index's dimension.
  ///   - k: Answers wanted; fewer come back only when fewer are in the index or allowed.
  ///   - options: Restarts, beam, exact policy.
  ///   - filter: Objects that may be returned; nil for all. See ``filter(_:)``.
  /// - Returns: By (distance, key).
  /// - Throws: `MillError`: `malformed` for a vector of another dimension or with values that are not finite,
  ///   `bad-option`, `over-budget`.
  /// - Complexity: distances grow with a power of log n. Thread-safe beside other searches.
  public func search(
    _ query: [Float], k: Int, options: SearchOptions = .init(), filter: SearchFilter? = nil
  ) throws(MillError) -> SearchResult {
    let asked = try PreparedQueries(query, to: vectors, points, metric)
    let plan = try NSWPlan(self, k: k, options, filter, asked)
    let context = try acquire(plan)
    defer { contexts.release(context) }
    let found = unsafe nearest(asked.first, plan, first: nil, ties: names.hasKeys, context)
    withExtendedLifetime(asked) {}
    return SearchResult(
      neighbors: names.named(found, plan.wanted), counters: context.counters, isExact: plan.isExact)
  }

  /// The k nearest objects to every row of a table: the same answers as one at a time, in input order.
  ///
  /// - Parameters:
  ///   - queries: One query a row.
  ///   - k: Neighbors of a query.
  ///   - options: Restarts, beam, exact policy.
  ///   - filter: Objects that may be returned; nil for all.
  ///   - run: Threads; they do not change the answers.
  /// - Throws: `MillError`: `malformed` for another dimension or values that are not finite, `bad-option`,
  ///   `over-budget`.
  public func search(
    _ queries: VectorTable, k: Int, options: SearchOptions = .init(), filter: SearchFilter? = nil,
    context run: RunContext = .init()
  ) throws(MillError) -> BatchSearchResult {
    let asked = try PreparedQueries(queries, to: vectors, points, metric, run)
    let plan = try NSWPlan(self, k: k, options, filter, asked)
    let workers = try acquire(plan, threads: min(run.threads, (queries.count + 31) / 32))
    defer { for worker in workers { contexts.release(worker) } }
    var rows = NeighborRows(count: queries.count, k: min(max(0, k), count))
    rows.fill(threads: workers.count, chunk: 32) { row, worker in
      unsafe names.keyed(
        nearest(asked.table.row(row), plan, first: nil, ties: names.hasKeys, workers[worker]), plan.wanted)
    }
    return BatchSearchResult(rows: rows, counters: workers.reduce(into: SearchCounters()) { $0 += $1.counters })
  }

  /// All objects within a distance that the graph finds: a search, then a walk over neighbors inside the radius.
  ///
  /// - Parameters:
  ///   - query: Shape `[dimension]`.
  ///   - radius: The largest distance (squared under `l2`).
  ///   - slack: Neighbors up to `radius · (1 + slack)` are walked through.
  ///   - options: Restarts and beam of the search.
  ///   - filter: Objects that may be returned; nil for all.
  /// - Returns: By (distance, key).
  /// - Throws: `MillError`: `malformed` for a vector of another dimension or with values that are not finite,
  ///   `bad-option`, `over-budget`.
  public func search(
    _ query: [Float], radius: Float, slack: Float = 0, options: SearchOptions = .init(), filter: SearchFilter? = nil
  ) throws(MillError) -> SearchResult {
    let asked = try PreparedQueries(query, to: vectors, points, metric)
    var walking = options
    walking.exact = .never
    try filter?.check(objects: count)
    let plan = try NSWPlan(self, k: 1, walking, nil, asked)
    let context = try acquire(plan)
    defer { contexts.release(context) }
    let count = unsafe walk(asked.first, plan, first: nil, context)
    let inside = unsafe RadiusWalk(points: plan.points, lists: lists, slack: slack)
      .search(asked.first, radius: radius, found: count, context)
    withExtendedLifetime(asked) {}
    let found = inside.filter { filter?.allows(UInt32($0.id)) ?? true }
      .map { KeyedNeighbor(key: names.key(UInt32($0.id)), distance: $0.distance) }
    return SearchResult(neighbors: found.sorted(by: precedes), counters: context.counters, isExact: false)
  }

  /// The k nearest others of every object, found through the graph (or exactly where that is the right choice), as a
  /// graph: node i is row i, called by its key where keys were given. The first search begins at the object itself, the
  /// other restarts at random nodes. Of others that are equally far, those that came first are taken.
  ///
  /// - Parameters:
  ///   - k: Neighbors of an object.
  ///   - symmetry: Which pairs become edges.
  ///   - isWeighted: Whether distances become weights.
  ///   - options: Restarts, beam and exact policy.
  ///   - run: Threads, which do not change the graph; progress; a way to stop.
  /// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
  public func neighborGraph(
    k: Int, symmetry: NeighborSymmetry = .union, isWeighted: Bool = false, options: SearchOptions = .init(),
    context run: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    let n = count
    let k = max(0, min(k, n - 1))
    let plan = try NSWPlan(self, k: k + 1, options, nil)
    let workers = try acquire(plan, threads: run.threads)
    defer { for worker in workers { contexts.release(worker) } }
    var rows = NeighborRows(count: n, k: k)
    run.progress?.begin("neighbors", total: n, unit: .items)
    rows.fillRanges(threads: workers.count, chunk: 64) { range, worker, write in
      if run.cancellation?.isRequested == true { return }
      for row in range {
        let found = unsafe nearest(points.object(UInt32(row)), plan, first: UInt32(row), ties: false, workers[worker])
        write(row, found.filter { $0.id != row })
      }
      run.progress?.advance(by: range.count)
    }
    run.progress?.end()
    try run.checkCancelled()
    return try ProximityGraphs.neighborGraph(
      isWeighted ? rows.plain(under: metric) : rows, names: names, symmetry: symmetry, isWeighted: isWeighted,
      context: run)
  }

  // MARK: Prepared queries

  private func acquire(_ plan: NSWPlan) throws(MillError) -> SearchContext {
    try contexts.acquire(capacity: count, ef: 2 * plan.beam)
  }

  private func acquire(_ plan: NSWPlan, threads: Int) throws(MillError) -> [SearchContext] {
    var workers: [SearchContext] = []
    for _ in 0..<max(1, threads) { workers.append(try acquire(plan)) }
    return workers
  }

  /// The answers of one prepared query, by (distance, number).
  ///
  /// - Parameter ties: Whether more comes where there is more, all that is as far as the last answer for one.
  private func nearest(
    _ query: UnsafeRawPointer, _ plan: NSWPlan, first: UInt32?, ties: Bool, _ context: SearchContext
  ) -> [Neighbor] {
    guard plan.wanted > 0 else { return [] }
    guard !plan.isExact else { return unsafe scan(query, plan, ties: ties, context) }
    let count = unsafe walk(query, plan, first: first, context)
    // Fewer than there are: a graph in parts, which only a damaged file can bring.
    return unsafe count < plan.wanted
      ? scan(query, plan, ties: ties, context) : context.answers(ties ? count : min(count, plan.wanted))
  }

  /// All restarts of a query; keys in the context's pool.
  private func walk(_ query: UnsafeRawPointer, _ plan: NSWPlan, first: UInt32?, _ context: SearchContext) -> Int {
    let walk = unsafe NSWWalk(points: plan.points, lists: lists, entryCount: count)
    var random = unsafe plan.stream.item(drawn(by: query, plan.elementType))
    guard let filter = plan.filter else {
      return unsafe walk.search(query, beam: plan.beam, restarts: plan.restarts, first: first, &random, context)
    }
    return unsafe filter.words.withUnsafeBufferPointer { words in
      unsafe walk.search(
        query, beam: plan.beam, restarts: plan.restarts, first: first,
        allowed: words.baseAddress.map { unsafe AllowedBits(words: $0) }, &random, context)
    }
  }

  /// The item that a query draws its entry nodes by: a hash of its elements as floats, however they are written.
  private func drawn(by query: UnsafeRawPointer, _ type: ElementType) -> UInt64 {
    let bytes = unsafe UnsafeRawBufferPointer(start: query, count: type.rowBytes(dimension: dimension))
    if type == .float32 || type == .bit { return unsafe xxh3(bytes) }
    return unsafe type.floats(bytes, count: dimension).withUnsafeBytes { unsafe xxh3($0) }
  }

  private func scan(_ query: UnsafeRawPointer, _ plan: NSWPlan, ties: Bool, _ context: SearchContext) -> [Neighbor] {
    let ids = plan.scanned ?? plan.filter.map { setBits($0.words) }
    context.counters.distances &+= UInt64(ids?.count ?? count)
    return unsafe plan.points.exactNearest(to: query, k: plan.wanted, among: ids, includingTies: ties)
  }
}
