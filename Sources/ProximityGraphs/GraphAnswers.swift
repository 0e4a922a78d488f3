import CMillKernels
import Glibc
import MillRuntime
import VectorStore

/// Answers of prepared queries, as numbers; their names are given at the door.
extension HNSWIndex {
  /// A context with room for all that a plan's searches need; give it back to the core.
  func acquire(_ plan: SearchPlan) throws(MillError) -> SearchContext {
    let context = try core.acquire(ef: max(64, plan.ef))
    try context.reserveCode(plan.codes?.queryStride ?? 0)
    return context
  }

  /// Contexts for ``GraphView/lanes`` searches on each of some threads.
  func acquireLanes(_ plan: SearchPlan, threads: Int) throws(MillError) -> [SearchContext] {
    var lanes: [SearchContext] = []
    for _ in 0..<max(1, threads) * GraphView.lanes { lanes.append(try acquire(plan)) }
    return lanes
  }

  /// The answers of one prepared query, by (distance, number).
  ///
  /// - Parameter ties: Whether all that is as far as the last answer comes too, as is needed to order by key.
  func find(_ query: UnsafeRawPointer, _ plan: SearchPlan, ties: Bool, _ context: SearchContext) -> [Neighbor] {
    guard plan.wanted > 0 else { return [] }
    if plan.isExact { return unsafe scan(query, plan, ties: ties, context) }
    return unsafe orScan(throughGraph(query, plan, ties: ties, context), query, plan, ties: ties, context)
  }

  /// The answers of many prepared queries, each as alone; plain walks take turns.
  ///
  /// - Parameters:
  ///   - lanes: ``GraphView/lanes`` contexts.
  ///   - write: Called once a query, in any order.
  func find(
    _ range: Range<Int>, in queries: VectorTable, _ plan: SearchPlan, ties: Bool, _ lanes: ArraySlice<SearchContext>,
    _ write: (_ row: Int, _ answers: [Neighbor]) -> Void
  ) {
    guard let context = lanes.first else { return }
    let isPlain = plan.wanted > 0 && !plan.isExact && plan.words == nil && core.extraEntries.isEmpty
    guard isPlain, core.entry < UInt32(core.links.count) else {
      for row in range { unsafe write(row, find(queries.row(row), plan, ties: ties, context)) }
      return
    }
    plan.view.searchTogether(range, entry: core.entry, top: core.top, lanes) { row, context in
      unsafe LaneGoal(query: context.coded(queries.row(row), plan.codes), ef: plan.ef)
    } finish: { row, _, count, context in
      let found = unsafe answers(count, queries.row(row), plan, ties: ties, context)
      unsafe write(row, orScan(found, queries.row(row), plan, ties: ties, context))
    }
  }

  /// What was found; a scan where it is less than is allowed: the walk ran dry in a part of the graph, which is rare.
  private func orScan(
    _ found: [Neighbor], _ query: UnsafeRawPointer, _ plan: SearchPlan, ties: Bool, _ context: SearchContext
  ) -> [Neighbor] {
    unsafe found.count < plan.wanted ? scan(query, plan, ties: ties, context) : found
  }

  private func scan(
    _ query: UnsafeRawPointer, _ plan: SearchPlan, ties: Bool, _ context: SearchContext
  ) -> [Neighbor] {
    let ids = plan.allowedIDs
    context.counters.distances &+= UInt64(ids?.count ?? core.links.count)
    return unsafe plan.points.exactNearest(to: query, k: plan.wanted, among: ids, includingTies: ties)
  }

  private func throughGraph(
    _ query: UnsafeRawPointer, _ plan: SearchPlan, ties: Bool, _ context: SearchContext
  ) -> [Neighbor] {
    guard core.entry < UInt32(core.links.count) else { return [] }
    let asked = unsafe context.coded(query, plan.codes)
    let count: Int
    if let words = plan.words {
      count = unsafe words.withUnsafeBufferPointer { words in
        let first = unsafe core.startBase(asked, over: plan.view, ef: plan.ef, context)
        return unsafe plan.view.searchAllowed(
          asked, entries: first, seeds: plan.seeds, ef: plan.ef, allowed: AllowedBits(words: words.baseAddress!),
          twoHops: plan.twoHops, context)
      }
    } else {
      count = unsafe core.search(asked, ef: plan.ef, over: plan.view, context)
    }
    return unsafe answers(count, query, plan, ties: ties, context)
  }

  /// The pool as answers: after codes, the best are ranked again by exact distance.
  private func answers(
    _ count: Int, _ query: UnsafeRawPointer, _ plan: SearchPlan, ties: Bool, _ context: SearchContext
  ) -> [Neighbor] {
    guard plan.rerank > 0 else { return emit(count, plan, ties: ties, context) }
    let count = min(count, plan.rerank)
    let pool = unsafe context.pool
    var start = 0
    while start < count {
      let width = min(SearchContext.batch, count - start)
      for i in 0..<width { unsafe context.ids[i] = unsafe mill_key_id(pool[start + i]) }
      unsafe plan.points.measure(plan.points.context, query, context.ids, width, context.distances)
      context.counters.distances &+= UInt64(width)
      for i in 0..<width { unsafe pool[start + i] = unsafe mill_key(context.distances[i], context.ids[i]) }
      start += width
    }
    var ranked = unsafe UnsafeMutableBufferPointer(start: pool, count: count)
    unsafe ranked.sort()
    return emit(count, plan, ties: ties, context)
  }

  /// The pool as answers: chains of equal objects are walked, what may not be returned is left out.
  private func emit(_ count: Int, _ plan: SearchPlan, ties: Bool, _ context: SearchContext) -> [Neighbor] {
    let k = plan.wanted
    if core.duplicateNext.isEmpty, !ties { return context.answers(min(count, k)) }
    var found: [Neighbor] = []
    found.reserveCapacity(k)
    for i in 0..<count {
      let distance = unsafe mill_key_distance(context.pool[i])
      // Behind k answers only ties of the last one can still matter.
      if found.count >= k, distance > found[found.count - 1].distance { break }
      let id = unsafe mill_key_id(context.pool[i])
      if core.duplicateNext.isEmpty {
        found.append(Neighbor(id: Int(id), distance: distance))
      } else {
        for member in core.chainMembers(id) where plan.allows(member) {
          found.append(Neighbor(id: Int(member), distance: distance))
        }
      }
    }
    found.sort(by: precedes)
    return ties ? found : Array(found.prefix(k))
  }
}

extension SearchContext {
  /// Makes room for the code of a query.
  func reserveCode(_ bytes: Int) throws(MillError) {
    if bytes > code?.count ?? 0 { code = try FlatBuffer<UInt8>(count: bytes) }
  }

  /// The query as codes see it, in room that was reserved; the query itself without codes.
  func coded(_ query: UnsafeRawPointer, _ codes: VectorCodes?) -> UnsafeRawPointer {
    guard let codes, let code else { return unsafe query }
    unsafe memset(code.base, 0, codes.queryStride)
    unsafe codes.encode(query, to: code.base)
    return unsafe UnsafeRawPointer(code.base)
  }
}
