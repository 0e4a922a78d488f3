import CMillKernels
import MillRuntime
import VectorStore

extension HNSWCore {
  /// Makes every object reachable and, with ``ConnectivityRepair/full``, found by a search for itself.
  ///
  /// - Throws: ``MillError``: `over-budget`, `interrupted`.
  func repair(_ run: RunContext) throws(MillError) {
    guard entry != LinkStore.none, options.repair != .none else { return }
    let context = try SearchContext(capacity: links.count, ef: max(efConstruction, 64))
    try repairReachability(run, context)
    guard options.repair == .full else { return }
    try repairFindability(run, context)
    try repairReachability(run, context)
    report.repairDistances &+= context.counters.distances
  }

  /// Nodes that level 0 reaches from the entry point and the extra ones, a bit a node; chained objects count as
  /// reached.
  func reachedNodes() -> [UInt64] {
    let n = links.count
    var reached = [UInt64](repeating: 0, count: (n + 63) / 64)
    for id in 0..<n where links.levels[id] == LinkStore.chained { reached[id >> 6] |= 1 << UInt64(id & 63) }
    if entry < UInt32(n) { spread(from: entry, &reached) }
    for extra in extraEntries where extra < UInt32(n) { spread(from: extra, &reached) }
    return reached
  }

  /// The number of nodes that a search can never reach.
  func unreachedCount() -> Int { links.count - reachedNodes().reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Marks all that level 0 reaches from a node.
  private func spread(from node: UInt32, _ reached: inout [UInt64]) {
    let view = links.view
    guard reached[Int(node) >> 6] >> UInt64(node & 63) & 1 == 0 else { return }
    reached[Int(node) >> 6] |= 1 << UInt64(node & 63)
    var queue = [node]
    reached.withUnsafeMutableBufferPointer { reached in
      while let next = queue.popLast() {
        guard let list = view.list(next, 0) else { continue }
        for i in 0..<view.length(list, 0) {
          let id = list[i]
          let bit: UInt64 = 1 << UInt64(id & 63)
          if reached[Int(id) >> 6] & bit == 0 {
            reached[Int(id) >> 6] |= bit
            queue.append(id)
          }
        }
      }
    }
  }

  /// Pass 1: a link to every unreached node from its nearest reached one that has room.
  private func repairReachability(_ run: RunContext, _ context: SearchContext) throws(MillError) {
    for round in 0..<5 {
      var reached = reachedNodes()
      let missing = (0..<UInt32(links.count)).filter { reached[Int($0) >> 6] >> UInt64($0 & 63) & 1 == 0 }
      if round == 0 { report.unreachedBefore = max(report.unreachedBefore, missing.count) }
      if missing.isEmpty { return }
      for node in missing where reached[Int(node) >> 6] >> UInt64(node & 63) & 1 == 0 {
        try run.checkCancelled()
        let count = search(points.object(node), ef: max(efConstruction, 64), over: view, context)
        var sources = (0..<count).map { mill_key_id(context.pool[$0]) }
          .filter { $0 != node && reached[Int($0) >> 6] >> UInt64($0 & 63) & 1 != 0 }
        if sources.isEmpty { sources = [entry] }
        if addRepairEdge(to: node, from: sources, context) { spread(from: node, &reached) }
      }
    }
    let reached = reachedNodes()
    for node in 0..<UInt32(links.count) where reached[Int(node) >> 6] >> UInt64(node & 63) & 1 == 0 {
      extraEntries.append(node)
    }
  }

  /// Adds the edge at the first source with room; else replaces the longest edge of one whose target has another
  /// in-edge.
  func addRepairEdge(to node: UInt32, from sources: [UInt32], _ context: SearchContext) -> Bool {
    let view = self.view
    for source in sources {
      guard let list = view.links.list(source, 0) else { continue }
      let length = view.links.length(list, 0)
      if (0..<length).contains(where: { list[$0] == node }) { return true }
      if length < view.links.baseLinks {
        list[length] = node
        report.repairEdges += 1
        return true
      }
    }
    for source in sources {
      guard let list = view.links.list(source, 0) else { continue }
      let keys = measuredList(of: source, list, view.links.length(list, 0), view, context).sorted(by: >)
      for key in keys where inDegree(of: mill_key_id(key), atLeast: 2) {
        for i in 0..<view.links.baseLinks where list[i] == mill_key_id(key) { list[i] = node }
        report.repairEdges += 1
        return true
      }
    }
    return false
  }

  private func inDegree(of node: UInt32, atLeast wanted: Int) -> Bool {
    var found = 0
    for i in 0..<links.count * links.baseLinks where links.base[i] == node {
      found += 1
      if found >= wanted { return true }
    }
    return false
  }

  /// Pass 2: every node is searched for itself at ef = 64, k = 10; one that is missed gets a link from the nearest node
  /// found, where that search ends.
  private func repairFindability(_ run: RunContext, _ context: SearchContext) throws(MillError) {
    for _ in 0..<2 {
      let missed = try selfMisses(run)
      report.missedBefore = max(report.missedBefore, missed.count)
      if missed.isEmpty { return }
      for (node, found) in missed { _ = addRepairEdge(to: node, from: found.filter { $0 != node }, context) }
      if missed.count < 1000 { return }
    }
  }

  /// Nodes that a search for themselves does not bring back among the best ten although nothing is nearer, with what it
  /// found instead; ascending.
  func selfMisses(_ run: RunContext, ef: Int = 64) throws(MillError) -> [(UInt32, [UInt32])] {
    var workers: [SearchContext] = []
    for _ in 0..<max(1, run.threads) { workers.append(try SearchContext(capacity: links.count, ef: ef)) }
    let size = 256
    let chunks = Parallel.chunkCount(links.count, size: size)
    var results = [[(UInt32, [UInt32])]](repeating: [], count: chunks)
    let view = self.view
    run.progress?.begin("repair", total: links.count, unit: .items)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      Parallel.forEach(chunks, threads: run.threads) { chunk, worker in
        if run.cancellation?.isRequested == true { return }
        let context = workers[worker]
        for id in Parallel.range(ofChunk: chunk, size: size, count: links.count)
        where links.levels[id] != LinkStore.chained {
          let node = UInt32(id)
          // Nothing is nearer to a node than itself, so the search may end where it enters the pool.
          let entries = startBase(points.object(node), over: view, ef: ef, context)
          let isThere = (0..<entries).contains { mill_key_id(context.pool[$0]) == node }
          let found =
            isThere
            ? entries
            : view.search(points.object(node), entries: entries, ef: ef, level: 0, until: node, context)
          let count = min(10, found)
          if (0..<count).contains(where: { mill_key_id(context.pool[$0]) == node }) { continue }
          context.ids[0] = node
          points.measure(points.context, points.object(node), context.ids, 1, context.distances)
          if count == 10, mill_key(context.distances[0], node) > context.pool[9] { continue }
          results[chunk].append((node, (0..<count).map { mill_key_id(context.pool[$0]) }))
        }
        run.progress?.advance(by: size)
      }
    }
    for context in workers { report.repairDistances &+= context.counters.distances }
    run.progress?.end()
    try run.checkCancelled()
    return results.flatMap { $0 }
  }
}
