import CMillKernels
import MillRuntime
import VectorStore

extension HNSWCore {
  /// Makes every object reachable and, with ``ConnectivityRepair/full``, found by a search for itself.
  ///
  /// - Throws: ``MillError``: `over-budget`, `interrupted`.
  func repair(_ run: RunContext) throws(MillError) {
    guard entry != LinkStore.none, options.repair != .none else { return }
    defer { inDegrees = [] }
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
    for id in 0..<n where unsafe links.levels[id] == LinkStore.chained { reached[id >> 6] |= 1 << UInt64(id & 63) }
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
    unsafe reached.withUnsafeMutableBufferPointer { reached in
      while let next = queue.popLast() {
        guard let list = unsafe view.list(next, 0) else { continue }
        for i in unsafe 0..<view.length(list, 0) {
          let id = unsafe list[i]
          let bit: UInt64 = 1 << UInt64(id & 63)
          if unsafe reached[Int(id) >> 6] & bit == 0 {
            unsafe reached[Int(id) >> 6] |= bit
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
        let count = unsafe search(points.object(node), ef: max(efConstruction, 64), over: view, context)
        var sources = (0..<count).map { unsafe mill_key_id(context.pool[$0]) }
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
      guard let list = unsafe view.links.list(source, 0) else { continue }
      let length = unsafe view.links.length(list, 0)
      if (0..<length).contains(where: { unsafe list[$0] == node }) { return true }
      if length < view.links.baseLinks {
        unsafe list[length] = node
        if !inDegrees.isEmpty { inDegrees[Int(node)] += 1 }
        report.repairEdges += 1
        return true
      }
    }
    if inDegrees.isEmpty { countInDegrees() }
    for source in sources {
      guard let list = unsafe view.links.list(source, 0) else { continue }
      let keys = unsafe measuredList(of: source, list, view.links.length(list, 0), view, context).sorted(by: >)
      for key in keys where inDegrees[Int(mill_key_id(key))] >= 2 {
        for i in 0..<view.links.baseLinks where unsafe list[i] == mill_key_id(key) { unsafe list[i] = node }
        inDegrees[Int(mill_key_id(key))] -= 1
        inDegrees[Int(node)] += 1
        report.repairEdges += 1
        return true
      }
    }
    return false
  }

  /// Counts the in-edges on level 0 of every node, once a repair.
  private func countInDegrees() {
    inDegrees = [UInt32](repeating: 0, count: links.count)
    let view = links.view
    for node in 0..<UInt32(links.count) where unsafe links.levels[Int(node)] != LinkStore.chained {
      guard let list = unsafe view.list(node, 0) else { continue }
      for i in unsafe 0..<view.length(list, 0) { unsafe inDegrees[Int(list[i])] += 1 }
    }
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
    var lanes: [SearchContext] = []
    for _ in 0..<max(1, run.threads) * GraphView.lanes {
      lanes.append(try SearchContext(capacity: links.count, ef: ef))
    }
    let size = 256
    let chunks = Parallel.chunkCount(links.count, size: size)
    var results = [[(UInt32, [UInt32])]](repeating: [], count: chunks)
    let view = self.view
    run.progress?.begin("repair", total: links.count, unit: .items)
    unsafe results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = unsafe results
      Parallel.forEach(chunks, threads: run.threads) { chunk, worker in
        if run.cancellation?.isRequested == true { return }
        let contexts = GraphView.lanes(of: worker, in: lanes)
        unsafe results[chunk] = misses(
          Parallel.range(ofChunk: chunk, size: size, count: links.count), ef: ef, over: view, contexts)
        run.progress?.advance(by: size)
      }
    }
    for context in lanes { report.repairDistances &+= context.counters.distances }
    run.progress?.end()
    try run.checkCancelled()
    return results.flatMap { $0 }
  }
  /// The misses among the nodes of a range.
  private func misses(
    _ range: Range<Int>, ef: Int, over view: GraphView, _ contexts: ArraySlice<SearchContext>
  ) -> [(UInt32, [UInt32])] {
    let nodes = range.map { UInt32($0) }.filter { unsafe links.levels[Int($0)] != LinkStore.chained }
    var missed: [(UInt32, [UInt32])] = []
    func look(_ node: UInt32, _ found: Int, _ context: SearchContext) {
      let count = min(10, found)
      if (0..<count).contains(where: { unsafe mill_key_id(context.pool[$0]) == node }) { return }
      unsafe context.ids[0] = node
      unsafe points.measure(points.context, points.object(node), context.ids, 1, context.distances)
      if count == 10, unsafe mill_key(context.distances[0], node) > context.pool[9] { return }
      missed.append((node, (0..<count).map { unsafe mill_key_id(context.pool[$0]) }))
    }
    // Nothing is nearer to a node than itself, so the search may end where it enters the pool.
    if extraEntries.isEmpty {
      view.searchTogether(nodes.indices, entry: entry, top: top, contexts) { item, _ in
        unsafe LaneGoal(query: points.object(nodes[item]), ef: ef, target: nodes[item])
      } finish: { item, _, count, context in
        look(nodes[item], count, context)
      }
      return missed.sorted { $0.0 < $1.0 }
    }
    guard let context = contexts.first else { return [] }
    for node in nodes {
      let entries = unsafe startBase(points.object(node), over: view, ef: ef, context)
      unsafe look(
        node, view.search(points.object(node), entries: entries, ef: ef, level: 0, until: node, context), context)
    }
    return missed
  }
}
