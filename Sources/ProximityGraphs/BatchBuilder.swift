import CMillKernels
import Glibc
import MillRuntime
import VectorStore

/// The deterministic parallel build (after Manohar et al., ParlayANN, arXiv 2305.04359): points are inserted in batches
/// that double in size; every point of a batch searches the frozen graph, points that chose the same neighbor become
/// candidates for each other, then all back-links are sorted by target and applied, one target one task. No locks, and
/// no result depends on the thread count. A batch of one is plain insertion.
struct BatchBuilder {
  private let core: HNSWCore
  private let order: [UInt32]
  private let run: RunContext
  private let workers: [SearchContext]
  /// ``GraphView/lanes`` a thread, for searches.
  private let lanes: [SearchContext]
  private static let chunk = 16
  /// Targets chosen by more points of a batch than this make no candidates.
  private static let largestGroup = 64

  init(_ core: HNSWCore, _ order: [UInt32], _ run: RunContext) throws(MillError) {
    self.core = core
    self.order = order
    self.run = run
    var workers: [SearchContext] = []
    for _ in 0..<max(1, run.threads) {
      workers.append(try SearchContext(capacity: max(1, core.links.count), ef: core.efConstruction))
    }
    var lanes = workers
    for _ in workers.count..<max(1, run.threads) * GraphView.lanes {
      lanes.append(try SearchContext(capacity: max(1, core.links.count), ef: core.efConstruction))
    }
    self.workers = workers
    self.lanes = lanes
  }

  /// Inserts all points; `cap` limits the batch, 2% of the points by default.
  func run(cap: Int?) throws(MillError) {
    let cap = cap ?? max(1, min(order.count / 50, 10_000))
    run.progress?.begin("insert", total: order.count, unit: .items)
    var at = 0
    while at < order.count {
      try run.checkCancelled()
      let end = batchEnd(at, cap)
      if end - at == 1 {
        core.insert(order[at], workers[0])
      } else {
        try insertBatch(at..<end)
      }
      core.hints?.place(order[at..<end])
      run.progress?.advance(by: end - at)
      at = end
    }
    for context in lanes {
      core.report.search += context.counters
      context.counters = SearchCounters()
      core.collectCounts(context)
    }
    run.progress?.end()
  }

  /// A batch ends before a point above the top level; that point is a batch of its own.
  private func batchEnd(_ start: Int, _ cap: Int) -> Int {
    let end = min(order.count, start + min(max(1, start), cap))
    var at = start
    while at < end {
      if at > start, unsafe Int(core.links.levels[Int(order[at])]) > core.top { return at }
      at += 1
      if at == start + 1, unsafe Int(core.links.levels[Int(order[start])]) > core.top { return at }
    }
    return end
  }

  private func insertBatch(_ range: Range<Int>) throws(MillError) {
    let view = core.view
    let batch = try InsertionBatch(order[range], of: core)
    searchFrozen(batch, view)
    try shareNeighbors(batch, try BackLinks(batch, levels: 0...0), view)
    applyBackLinks(try BackLinks(batch, levels: 0...core.top), batch, view)
  }

  // MARK: (a) Points find their lists in the frozen graph

  private func searchFrozen(_ batch: InsertionBatch, _ view: GraphView) {
    Parallel.forEachRange(of: batch.count, size: Self.chunk, threads: run.threads) { chunk, worker in
      if core.hints == nil {
        let contexts = GraphView.lanes(of: worker, in: lanes)
        view.searchTogether(chunk, entry: core.entry, top: core.top, contexts) { p, _ in
          goal(p, batch, view)
        } finish: { p, level, count, context in
          choose(p, level, count, batch, view, context)
        }
      } else {
        for p in chunk { searchHinted(p, batch, view, workers[worker]) }
      }
    }
  }

  private func goal(_ p: Int, _ batch: InsertionBatch, _ view: GraphView) -> LaneGoal {
    unsafe LaneGoal(query: core.points.object(batch.id(p)), level: batch.levelCount(p) - 1, ef: core.efConstruction)
  }

  /// Chooses a point's neighbors on a level from what its search left in the pool, and writes its list: nobody can reach
  /// it yet.
  private func choose(
    _ p: Int, _ level: Int, _ count: Int, _ batch: InsertionBatch, _ view: GraphView, _ context: SearchContext
  ) {
    let id = batch.id(p)
    let chosen = unsafe core.select(core.points.object(id), count, level: level, view, context)
    unsafe batch.write(p, level, context.selected, chosen)
    core.writeChosen(id, chosen, level: level, view, context)
  }

  /// A search that starts level 0 from what the space knows, too.
  private func searchHinted(_ p: Int, _ batch: InsertionBatch, _ view: GraphView, _ context: SearchContext) {
    let goal = goal(p, batch, view)
    var count = unsafe view.descend(goal.query, entry: core.entry, top: core.top, to: goal.level, context)
    for level in stride(from: goal.level, through: 0, by: -1) {
      if level == 0 { count = unsafe core.enterHints(goal.query, entries: count, ef: goal.ef, over: view, context) }
      count = unsafe view.search(goal.query, entries: count, ef: goal.ef, level: level, context)
      choose(p, level, count, batch, view, context)
    }
  }

  // MARK: (b) Points that chose the same target are candidates for each other

  private func shareNeighbors(_ batch: InsertionBatch, _ links: BackLinks, _ view: GraphView) throws(MillError) {
    let shared = try SharedTargets(batch, links, m: core.options.m, largest: Self.largestGroup)
    Parallel.forEachRange(of: batch.count, size: Self.chunk, threads: run.threads) { chunk, worker in
      var fresh: [UInt64] = []
      for p in chunk {
        fresh.removeAll(keepingCapacity: true)
        unsafe measureOthers(p, shared.of(p), batch, links, into: &fresh, workers[worker])
        if !fresh.isEmpty { chooseAgain(p, &fresh, batch, view, workers[worker]) }
      }
    }
  }

  /// The keys of all points that share a target with a point.
  private func measureOthers(
    _ p: Int, _ groups: UnsafeBufferPointer<Int32>, _ batch: InsertionBatch, _ links: BackLinks,
    into fresh: inout [UInt64], _ context: SearchContext
  ) {
    if groups.isEmpty { return }
    _ = context.visit(batch.id(p))
    for i in groups.indices {
      let group = unsafe groups[i]
      var width = 0
      for i in 0..<links.size(Int(group)) {
        let other = batch.id(links.position(Int(group), i))
        guard context.visit(other) else { continue }
        unsafe context.ids[width] = other
        width += 1
      }
      unsafe core.points.measure(
        core.points.context, core.points.object(batch.id(p)), context.ids, width, context.distances)
      context.batchComputed &+= UInt64(width)
      for i in 0..<width { unsafe fresh.append(mill_key(context.distances[i], context.ids[i])) }
    }
    context.clearVisited()
  }

  /// Chooses a point's list of level 0 anew from its entries and others of the batch, which are tested against each
  /// other even where all would fit.
  private func chooseAgain(
    _ p: Int, _ fresh: inout [UInt64], _ batch: InsertionBatch, _ view: GraphView, _ context: SearchContext
  ) {
    let id = batch.id(p)
    let own = unsafe batch.chosen(p, 0)
    let m = core.options.m
    let chosen: Int
    if let cache = core.cache, core.choice.selection == .heuristic {
      chosen = core.choice.chooseAgain(
        id, length: own.count, &fresh, limit: m, cache: cache, points: core.points, context, &context.batchComputed)
    } else {
      unsafe fresh.append(contentsOf: own)
      fresh.sort()
      chosen = unsafe core.choice.choose(
        fresh, fresh.count, limit: m, testsAlways: true, points: core.points, into: context.selected, context,
        &context.batchComputed)
    }
    unsafe batch.write(p, 0, context.selected, chosen)
    core.writeChosen(id, chosen, level: 0, view, context)
  }

  // MARK: (c), (d) Back-links in order; every target takes its new sources

  private func applyBackLinks(_ links: BackLinks, _ batch: InsertionBatch, _ view: GraphView) {
    Parallel.forEachRange(of: links.groupCount, size: 64, threads: run.threads) { chunk, worker in
      var fresh: [UInt64] = []
      for group in chunk { link(group, links, batch, &fresh, view, workers[worker]) }
    }
  }

  /// Appends a group's points to the list of their target; a list that would overflow is chosen anew once.
  private func link(
    _ group: Int, _ links: BackLinks, _ batch: InsertionBatch, _ fresh: inout [UInt64], _ view: GraphView,
    _ context: SearchContext
  ) {
    let (level, target) = (links.level(group), links.target(group))
    guard let list = unsafe view.links.list(target, level) else { return }
    let length = unsafe view.links.length(list, level)
    fresh.removeAll(keepingCapacity: true)
    for i in 0..<links.size(group) {
      let p = links.position(group, i)
      let id = batch.id(p)
      // Two points of a batch may have chosen each other.
      if (0..<length).contains(where: { unsafe list[$0] == id }) { continue }
      let own = unsafe batch.chosen(p, level)
      var slot = 0
      while unsafe mill_key_id(own[slot]) != target { slot += 1 }
      unsafe fresh.append(mill_key(mill_key_distance(own[slot]), id))
    }
    if length + fresh.count <= view.links.cap(level) {
      for (i, key) in fresh.enumerated() {
        unsafe list[length + i] = mill_key_id(key)
        if level == 0, let cache = core.cache { cache.append(target, at: length + i, key) }
      }
    } else if level == 0, let cache = core.cache, core.choice.selection == .heuristic {
      core.rechoose(target, length: length, &fresh, cache, view, context)
    } else {
      var all = unsafe core.measuredList(of: target, list, length, view, context)
      all += fresh
      unsafe core.rewrite(list, &all, level: level, view, context)
    }
  }
}
