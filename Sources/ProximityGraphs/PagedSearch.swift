import CMillKernels
public import MillRuntime
import VectorStore

/// A search that goes on: the nearest objects page by page, none twice.
///
/// ```swift
/// let pages = try index.pages(query)
/// let first = try pages.next(10)
/// let second = try pages.next(10)
/// ```
///
/// Everything seen so far is kept, so that the next page costs the distances to new objects only. The first page is what
/// a search with the same ``SearchOptions/ef`` finds; a later page may hold an object nearer than the last of an earlier
/// one where the graph led there late. Codes are not used. Ends with the objects that can be reached or are allowed.
///
/// For one thread at a time; valid until the index changes.
public final class PagedSearch {
  private let index: HNSWIndex
  private let core: HNSWCore
  /// Objects and removed ones when the search began.
  private let state: (objects: Int, removed: Int)
  private let query: PreparedQueries
  private let context: SearchContext
  private let plan: SearchPlan
  /// Found and not given out yet: the `beam` best, ascending, and a heap of the others.
  private var window: [UInt64] = []
  private var beyond: [UInt64] = []
  /// Nodes to expand.
  private var candidates: [UInt64] = []
  /// Answers behind the last page: the rest of a chain of equal objects, ties.
  private var pending: [KeyedNeighbor] = []
  private let beam: Int

  /// What it has cost so far.
  public var counters: SearchCounters { context.counters }

  init(
    _ index: HNSWIndex, _ query: PreparedQueries, _ options: SearchOptions, _ filter: SearchFilter?
  ) throws(MillError) {
    self.index = index
    self.query = query
    core = index.core
    state = (core.links.count, index.names.removedCount)
    beam = max(1, options.ef ?? SearchPlan.usualBeam)
    plan = try SearchPlan(index, k: 1, options, filter, query)
    context = try SearchContext(capacity: max(1, state.objects), ef: 64)
    if plan.isExact {
      offer(plan.allowedIDs ?? (0..<UInt32(state.objects)).map { $0 })
      return
    }
    guard core.entry < UInt32(state.objects) else { return }
    let count = unsafe core.startBase(query.first, over: plan.exactView, ef: 64, context)
    for key in (0..<count).map({ unsafe context.pool[$0] & ~1 }) where context.visit(mill_key_id(key)) { take(key) }
    offer(plan.seeds.filter { context.visit($0) })
  }

  /// The next nearest objects by (distance, key); fewer than `k` only at the end.
  ///
  /// - Throws: `MillError` of kind `bad-option` when the index has changed since the search began.
  /// - Complexity: O(log n) distances an answer for fixed ef, and memory for what was seen.
  public func next(_ k: Int) throws(MillError) -> [KeyedNeighbor] {
    guard index.core === core, state == (core.links.count, index.names.removedCount) else {
      throw MillError(.badOption, "the index has changed since the paged search began")
    }
    guard k > 0 else { return [] }
    while pending.count < k {
      expand(until: max(beam, k))
      guard let first = pop() else { break }
      add(first)
      // Ties of the last answer are ordered by key, so they come together.
      while let next = window.first, mill_key_distance(next) == mill_key_distance(first), let tie = pop() { add(tie) }
      pending.sort(by: precedes)
    }
    let page = Array(pending.prefix(k))
    pending.removeFirst(min(k, pending.count))
    return page
  }

  /// SEARCH-LAYER on level 0 until `width` found ones are nearer than every candidate.
  private func expand(until width: Int) {
    while let nearest = candidates.first {
      while window.count < width, let more = beyond.popHeap() { insert(more) }
      if window.count >= width, nearest > window[width - 1] { return }
      guard let key = candidates.popHeap(), let list = unsafe core.links.view.list(mill_key_id(key), 0) else { return }
      context.counters.hops &+= 1
      let length = unsafe core.links.view.length(list, 0)
      offer((0..<length).map { unsafe list[$0] }.filter { context.visit($0) })
    }
    while window.count < width, let more = beyond.popHeap() { insert(more) }
  }

  /// Computes distances to nodes that were just marked.
  private func offer(_ nodes: [UInt32]) {
    var start = 0
    while start < nodes.count {
      let width = min(SearchContext.batch, nodes.count - start)
      for i in 0..<width { unsafe context.ids[i] = nodes[start + i] }
      unsafe plan.points.measure(plan.points.context, query.first, context.ids, width, context.distances)
      context.counters.distances &+= UInt64(width)
      for i in 0..<width { unsafe take(mill_key(context.distances[i], context.ids[i])) }
      start += width
    }
  }

  private func take(_ key: UInt64) {
    if !plan.isExact {
      candidates.pushHeap(key)
      guard plan.entersResult(mill_key_id(key)) else { return }
    }
    if let last = window.last, window.count >= beam, key > last { return beyond.pushHeap(key) }
    insert(key)
    if window.count > beam, let last = window.popLast() { beyond.pushHeap(last) }
  }

  private func insert(_ key: UInt64) {
    window.insert(key, at: (0..<window.count).partitionPoint { window[$0] >= key })
  }

  private func pop() -> UInt64? { window.isEmpty ? nil : window.removeFirst() }

  private func add(_ key: UInt64) {
    let members = plan.isExact ? [mill_key_id(key)] : core.chainMembers(mill_key_id(key))
    for member in members where plan.allows(member) {
      pending.append(KeyedNeighbor(key: index.names.key(member), distance: mill_key_distance(key)))
    }
  }
}

extension HNSWIndex {
  /// Begins a search whose answers come page by page.
  ///
  /// - Parameters:
  ///   - query: A vector of the index's dimension.
  ///   - options: Beam width (the answers that are found ahead of those given out), exact policy.
  ///   - filter: Objects that may be returned; nil for all.
  /// - Throws: `MillError`: `malformed` for a vector of another dimension or with values that are not finite,
  ///   `bad-option`, `over-budget`.
  /// - Complexity: the descent; n / 8 bytes while the search lives.
  public func pages(
    _ query: [Float], options: SearchOptions = .init(), filter: SearchFilter? = nil
  ) throws(MillError) -> PagedSearch {
    try PagedSearch(self, PreparedQueries(query, to: vectors, core.points, metric), options, filter)
  }
}
