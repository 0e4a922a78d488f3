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
  /// Entry nodes are drawn by the bytes of the query.
  let stream: RandomStream

  init(_ index: NSWIndex, k: Int, _ options: NSWSearchOptions) throws(ProximityError) {
    try options.validate()
    let total = index.count
    filter = options.filter
    if let filter, filter.words.count != (total + 63) / 64 {
      throw .badOption("the filter was made for another index")
    }
    let allowed = filter?.count ?? total
    wanted = max(0, min(k, allowed))
    beam = min(max(options.beam ?? 1, wanted), max(1, total))
    restarts = options.restarts
    stream = RandomStream(seed: index.options.seed, stage: "nsw search")
    switch options.exact {
    case .always: isExact = true
    case .never: isExact = false
    case .automatic:
      let isRare = filter != nil && (allowed <= 2_000 || Double(allowed) < 0.01 * Double(total))
      isExact = total < 5_000 || k > total / 10 || isRare
    }
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
  ///   - options: Restarts, beam, filter, exact policy.
  /// - Returns: By (distance, key).
  /// - Throws: ``ProximityError/vectors(_:)`` for a vector of another dimension or with values that are not finite;
  ///   ``ProximityError/badOption(_:)``.
  /// - Complexity: distances grow with a power of log n. Thread-safe beside other searches.
  public func search(
    _ query: [Float], k: Int, options: NSWSearchOptions = .init()
  ) throws(ProximityError) -> SearchResult {
    let (buffer, _) = try vectors.encoded(query, for: metric)
    let plan = try NSWPlan(self, k: k, options)
    let context = try acquire(plan)
    defer { contexts.release(context) }
    let found = find(UnsafeRawPointer(buffer.base), plan, context)
    withExtendedLifetime(buffer) {}
    return SearchResult(neighbors: found, counters: context.counters, isExact: plan.isExact)
  }

  /// The k nearest objects to every row of a table: the same answers as one at a time, in input order.
  ///
  /// - Parameters:
  ///   - queries: One query a row.
  ///   - k: Neighbours of a query.
  ///   - options: Restarts, beam, filter, exact policy.
  ///   - run: Threads; they do not change the answers.
  /// - Throws: ``ProximityError/vectors(_:)``: another dimension or element type, values that are not finite;
  ///   ``ProximityError/badOption(_:)``.
  public func search(
    _ queries: VectorTable, k: Int, options: NSWSearchOptions = .init(), context run: RunContext = .init()
  ) throws(ProximityError) -> BatchSearchResult {
    let asked = try vectorCall { () throws(VectorError) in try vectors.prepared(queries, for: metric, run) }
    let plan = try NSWPlan(self, k: k, options)
    let workers = try acquire(plan, threads: min(run.threads, (queries.count + 31) / 32))
    defer { for worker in workers { contexts.release(worker) } }
    var rows = NeighborRows(count: queries.count, k: min(max(0, k), count))
    rows.fill(threads: workers.count, chunk: 32) { row, worker in
      find(asked.row(row), plan, workers[worker])
    }
    return BatchSearchResult(rows: rows, counters: workers.reduce(into: SearchCounters()) { $0 += $1.counters })
  }

  /// A filter that lets those objects through whose key fulfils the predicate; for use in many searches.
  ///
  /// - Complexity: one call an object, n / 8 bytes.
  public func filter(_ isAllowed: (_ key: Int) -> Bool) -> SearchFilter {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for id in 0..<UInt32(count) where isAllowed(key(id)) { words[Int(id) >> 6] |= 1 << UInt64(id & 63) }
    return SearchFilter(words: words)
  }

  /// The k nearest others of every object, found through the graph (or exactly where that is the right choice), as a
  /// graph: node i is row i. The first search begins at the object itself, the other restarts at random nodes.
  ///
  /// - Parameters:
  ///   - k: Neighbours of an object.
  ///   - symmetry: Which pairs become edges.
  ///   - isWeighted: Whether distances become weights.
  ///   - options: Restarts, beam and exact policy; a filter is not looked at.
  ///   - run: Threads; they do not change the graph.
  /// - Throws: ``ProximityError``.
  public func neighborGraph(
    k: Int, symmetry: NeighborSymmetry = .union, isWeighted: Bool = false, options: NSWSearchOptions = .init(),
    context run: RunContext = .init()
  ) throws(ProximityError) -> CSRGraph {
    let n = count
    let k = max(0, min(k, n - 1))
    var options = options
    options.filter = nil
    let plan = try NSWPlan(self, k: k + 1, options)
    let workers = try acquire(plan, threads: run.threads)
    defer { for worker in workers { contexts.release(worker) } }
    var rows = NeighborRows(count: n, k: k)
    run.progress?.begin("neighbors", total: n, unit: .items)
    rows.fillRanges(threads: workers.count, chunk: 64) { range, worker, write in
      if run.cancellation?.isRequested == true { return }
      for row in range {
        let found = nearest(points.object(UInt32(row)), plan, first: UInt32(row), workers[worker])
        write(row, found.filter { $0.id != row })
      }
      run.progress?.advance(by: range.count)
    }
    run.progress?.end()
    return try allocating { () throws(MillError) in
      try run.checkCancelled()
      return try ProximityGraphs.neighborGraph(
        isWeighted ? rows.plain(under: metric) : rows, nodeCount: n, symmetry: symmetry, isWeighted: isWeighted,
        context: run)
    }
  }

  // MARK: Prepared queries

  private func acquire(_ plan: NSWPlan) throws(ProximityError) -> SearchContext {
    try allocating { () throws(MillError) in try contexts.acquire(capacity: count, ef: 2 * plan.beam) }
  }

  private func acquire(_ plan: NSWPlan, threads: Int) throws(ProximityError) -> [SearchContext] {
    var workers: [SearchContext] = []
    for _ in 0..<max(1, threads) { workers.append(try acquire(plan)) }
    return workers
  }

  /// The answers of one prepared query, by (distance, key).
  private func find(_ query: UnsafeRawPointer, _ plan: NSWPlan, _ context: SearchContext) -> [Neighbor] {
    let found = nearest(query, plan, first: nil, context)
    guard keys != nil else { return found }
    let named = found.map { Neighbor(id: key(UInt32($0.id)), distance: $0.distance) }
    return Array(named.sorted(by: precedes).prefix(plan.wanted))
  }

  /// The answers with numbers for keys, by (distance, number). Where there are keys, also what is as far as the last.
  private func nearest(
    _ query: UnsafeRawPointer, _ plan: NSWPlan, first: UInt32?, _ context: SearchContext
  ) -> [Neighbor] {
    guard plan.wanted > 0 else { return [] }
    guard !plan.isExact else { return scan(query, plan, context) }
    let walk = NSWWalk(points: points, lists: lists, entryCount: count)
    var random = plan.stream.item(xxh3(UnsafeRawBufferPointer(start: query, count: points.identityBytes)))
    let count: Int
    if let filter = plan.filter {
      count = filter.words.withUnsafeBufferPointer { words in
        walk.search(
          query, beam: plan.beam, restarts: plan.restarts, first: first,
          allowed: words.baseAddress.map { AllowedBits(words: $0) }, &random, context)
      }
    } else {
      count = walk.search(query, beam: plan.beam, restarts: plan.restarts, first: first, &random, context)
    }
    // Fewer than there are: a graph in parts, which only a damaged file can bring.
    return count < plan.wanted ? scan(query, plan, context) : context.answers(keys == nil ? plan.wanted : count)
  }

  private func scan(_ query: UnsafeRawPointer, _ plan: NSWPlan, _ context: SearchContext) -> [Neighbor] {
    let ids = plan.scanned ?? plan.filter.map { setBits($0.words) }
    context.counters.distances &+= UInt64(ids?.count ?? count)
    return points.exactNearest(to: query, k: plan.wanted, among: ids, includingTies: keys != nil)
  }
}
