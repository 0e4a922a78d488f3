import CMillKernels
import MillRuntime
import VectorStore

/// How the queries of a plan walk through the graph.
private struct GraphWalk {
  /// Codes to walk on; nil for the vectors themselves.
  let codes: VectorCodes?
  let view: GraphView
  let ef: Int
  /// Candidates that are ranked again by exact distance.
  let rerank: Int

  init(_ index: HNSWIndex, k: Int, _ plan: SearchPlan) {
    let links = index.core.links
    codes = plan.usesCodes ? index.codes : nil
    view = codes.map { GraphView(points: $0.points, links: links.view) } ?? index.core.view
    rerank = codes == nil ? 0 : max(plan.rerank, plan.rerank > 0 ? k : 0)
    ef = min(max(plan.beam, k, rerank), links.count)
  }
}

extension HNSWIndex {
  /// The answers of one prepared query, by (distance, key).
  func find(
    _ query: UnsafeRawPointer, k: Int, _ plan: SearchPlan, _ context: SearchContext
  ) throws(MillError) -> [Neighbor] {
    let wanted = min(k, plan.allowedCount)
    guard wanted > 0 else { return [] }
    if plan.isExact { return scan(query, k: wanted, plan, context) }
    let answer = try throughGraph(query, k: wanted, plan, context)
    // Fewer than are allowed: the walk ran dry in a part of the graph; a scan is right, and rare.
    return answer.count < wanted ? scan(query, k: wanted, plan, context) : answer
  }

  /// The answers of many prepared queries, each as alone; plain walks take turns.
  ///
  /// - Parameters:
  ///   - lanes: ``GraphView/lanes`` contexts.
  ///   - write: Called once a query, in any order.
  func find(
    _ range: Range<Int>, in queries: VectorTable, k: Int, _ plan: SearchPlan, _ lanes: ArraySlice<SearchContext>,
    _ write: (_ row: Int, _ answers: [Neighbor]) -> Void
  ) throws(MillError) {
    guard let context = lanes.first else { return }
    let wanted = min(k, plan.allowedCount)
    let isPlain = wanted > 0 && !plan.isExact && plan.words == nil && core.extraEntries.isEmpty
    guard isPlain, core.entry < UInt32(core.links.count) else {
      for row in range { write(row, try find(queries.row(row), k: k, plan, context)) }
      return
    }
    let walk = GraphWalk(self, k: wanted, plan)
    for lane in lanes { try lane.reservePool(walk.ef) }
    let coded = try walk.codes.map { codes throws(MillError) in
      let buffer = try FlatBuffer<UInt8>(count: range.count * codes.queryStride)
      for (i, row) in range.enumerated() { codes.encode(queries.row(row), to: buffer.base + i * codes.queryStride) }
      return buffer
    }
    let stride = walk.codes?.queryStride ?? 0
    walk.view.searchTogether(range, entry: core.entry, top: core.top, lanes) { row in
      let code = coded.map { UnsafeRawPointer($0.base + (row - range.lowerBound) * stride) }
      return LaneGoal(query: code ?? queries.row(row), ef: walk.ef)
    } finish: { row, _, count, context in
      let found = answers(count, queries.row(row), wanted, walk, plan, context)
      write(row, found.count < wanted ? scan(queries.row(row), k: wanted, plan, context) : found)
    }
    withExtendedLifetime(coded) {}
  }

  private func scan(_ query: UnsafeRawPointer, k: Int, _ plan: SearchPlan, _ context: SearchContext) -> [Neighbor] {
    let ids = plan.allowedIDs
    context.counters.distances &+= UInt64(ids?.count ?? core.links.count)
    let found = core.points.exactNearest(to: query, k: k, among: ids, includingTies: keys != nil)
    return named(found, k)
  }

  /// Keys instead of numbers, in order, the first k.
  private func named(_ found: [Neighbor], _ k: Int) -> [Neighbor] {
    let answers = keys == nil ? found : found.map { Neighbor(id: key(UInt32($0.id)), distance: $0.distance) }
    return Array(answers.sorted(by: precedes).prefix(k))
  }

  private func throughGraph(
    _ query: UnsafeRawPointer, k: Int, _ plan: SearchPlan, _ context: SearchContext
  ) throws(MillError) -> [Neighbor] {
    guard core.entry < UInt32(core.links.count) else { return [] }
    let walk = GraphWalk(self, k: k, plan)
    try context.reservePool(walk.ef)
    var codeBuffer: FlatBuffer<UInt8>?
    var asked = query
    if let codes = walk.codes {
      let buffer = try FlatBuffer<UInt8>(count: codes.queryStride)
      codes.encode(query, to: buffer.base)
      codeBuffer = buffer
      asked = UnsafeRawPointer(buffer.base)
    }
    let count: Int
    if let words = plan.words {
      count = words.withUnsafeBufferPointer { words in
        let first = core.startBase(asked, over: walk.view, ef: walk.ef, context)
        return walk.view.searchAllowed(
          asked, entries: first, seeds: plan.seeds, ef: walk.ef, allowed: AllowedBits(words: words.baseAddress!),
          twoHops: plan.twoHops, context)
      }
    } else {
      count = core.search(asked, ef: walk.ef, over: walk.view, context)
    }
    withExtendedLifetime(codeBuffer) {}
    return answers(count, query, k, walk, plan, context)
  }

  /// The pool as answers: after codes, the best are ranked again by exact distance.
  private func answers(
    _ count: Int, _ query: UnsafeRawPointer, _ k: Int, _ walk: GraphWalk, _ plan: SearchPlan, _ context: SearchContext
  ) -> [Neighbor] {
    guard walk.rerank > 0 else { return emit(count, k, plan, context) }
    let count = min(count, walk.rerank)
    let pool = context.pool
    var start = 0
    while start < count {
      let width = min(SearchContext.batch, count - start)
      for i in 0..<width { context.ids[i] = mill_key_id(pool[start + i]) }
      core.points.measure(core.points.context, query, context.ids, width, context.distances)
      context.counters.distances &+= UInt64(width)
      for i in 0..<width { pool[start + i] = mill_key(context.distances[i], context.ids[i]) }
      start += width
    }
    var ranked = UnsafeMutableBufferPointer(start: pool, count: count)
    ranked.sort()
    return emit(count, k, plan, context)
  }

  /// The pool as answers: chains of equal objects are walked, what may not be returned is left out.
  private func emit(_ count: Int, _ k: Int, _ plan: SearchPlan, _ context: SearchContext) -> [Neighbor] {
    if core.duplicateNext.isEmpty, keys == nil { return context.answers(min(count, k)) }
    var found: [Neighbor] = []
    found.reserveCapacity(k)
    for i in 0..<count {
      let distance = mill_key_distance(context.pool[i])
      // Behind k answers only ties of the last one can still matter.
      if found.count >= k, distance > found[found.count - 1].distance { break }
      let id = mill_key_id(context.pool[i])
      if core.duplicateNext.isEmpty {
        found.append(Neighbor(id: Int(id), distance: distance))
      } else {
        for member in core.chainMembers(id) where plan.allows(member) {
          found.append(Neighbor(id: Int(member), distance: distance))
        }
      }
    }
    return named(found, k)
  }
}
