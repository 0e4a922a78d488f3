import CMillKernels
import Glibc
import MillRuntime
import VectorStore

/// The deterministic parallel build (after Manohar et al., ParlayANN, arXiv 2305.04359): points are inserted in batches
/// that double in size; every point of a batch searches the frozen graph, points that chose the same neighbour become
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
      if at > start, Int(core.links.levels[Int(order[at])]) > core.top { return at }
      at += 1
      if at == start + 1, Int(core.links.levels[Int(order[start])]) > core.top { return at }
    }
    return end
  }

  private func insertBatch(_ range: Range<Int>) throws(MillError) {
    let view = core.view
    let m = core.options.m
    let size = range.count
    // Lists of the batch: point p's list of level l is number firstList[p] + l.
    var firstList = [0]
    firstList.reserveCapacity(size + 1)
    for i in range {
      let lists = min(Int(view.links.levels[Int(order[i])]), core.top) + 1
      firstList.append(firstList[firstList.count - 1] + lists)
    }
    let listCount = firstList[size]
    let keyBuffer = try FlatBuffer<UInt64>(uninitializedCount: listCount * m)
    let lengthBuffer = try FlatBuffer<UInt32>(count: listCount)
    let keys = keyBuffer.base
    let lengths = lengthBuffer.base
    let points = order[range]
    points.withUnsafeBufferPointer { points in
      firstList.withUnsafeBufferPointer { firstList in
        nonisolated(unsafe) let (points, firstList) = (points, firstList)
        Parallel.forEachRange(of: size, size: Self.chunk, threads: run.threads) { chunk, worker in
          searchFrozen(chunk, points, firstList, keys, lengths, view, worker)
        }
        let links = backLinks(points, firstList, lengths, keys, levels: 0...0)
        shareNeighbors(points, firstList, keys, lengths, links, view)
        let all = backLinks(points, firstList, lengths, keys, levels: 0...core.top)
        applyBackLinks(all, points, firstList, keys, lengths, view)
      }
    }
    withExtendedLifetime((keyBuffer, lengthBuffer)) {}
  }

  /// Step (a): points find their lists in the frozen graph.
  private func searchFrozen(
    _ chunk: Range<Int>, _ points: UnsafeBufferPointer<UInt32>, _ firstList: UnsafeBufferPointer<Int>,
    _ keys: UnsafeMutablePointer<UInt64>, _ lengths: UnsafeMutablePointer<UInt32>, _ view: GraphView, _ worker: Int
  ) {
    let core = self.core
    let contexts = lanes[worker * GraphView.lanes..<(worker + 1) * GraphView.lanes]
    func goal(_ p: Int, _: SearchContext) -> LaneGoal {
      LaneGoal(
        query: core.points.object(points[p]), level: min(Int(view.links.levels[Int(points[p])]), core.top),
        ef: core.efConstruction)
    }
    func finish(_ p: Int, _ level: Int, _ count: Int, _ context: SearchContext) {
      let id = points[p]
      let list = firstList[p] + level
      let chosen = core.select(core.points.object(id), count, level: level, view, context)
      memcpy(keys + list * core.options.m, context.selected, 8 * chosen)
      lengths[list] = UInt32(chosen)
      core.writeChosen(id, chosen, level: level, view, context)
    }
    guard core.hints != nil else {
      view.searchTogether(chunk, entry: core.entry, top: core.top, contexts, start: goal, finish: finish)
      return
    }
    let context = workers[worker]
    for p in chunk {
      let goal = goal(p, context)
      var count = view.descend(goal.query, entry: core.entry, top: core.top, to: goal.level, context)
      for level in stride(from: goal.level, through: 0, by: -1) {
        if level == 0 { count = core.enterHints(goal.query, entries: count, ef: goal.ef, over: view, context) }
        count = view.search(goal.query, entries: count, ef: goal.ef, level: level, context)
        finish(p, level, count, context)
      }
    }
  }

  /// All back-links of the batch as level (5 bits), target (31), position in the batch (28), ascending.
  private func backLinks(
    _ points: UnsafeBufferPointer<UInt32>, _ firstList: UnsafeBufferPointer<Int>,
    _ lengths: UnsafeMutablePointer<UInt32>, _ keys: UnsafeMutablePointer<UInt64>, levels: ClosedRange<Int>
  ) -> [UInt64] {
    var links: [UInt64] = []
    links.reserveCapacity(points.count * core.options.m * 9 / 8)
    for p in 0..<points.count {
      for level in levels where level < firstList[p + 1] - firstList[p] {
        let list = firstList[p] + level
        for i in 0..<Int(lengths[list]) {
          let target = UInt64(mill_key_id(keys[list * core.options.m + i]))
          links.append(UInt64(level) << 59 | target << 28 | UInt64(p))
        }
      }
    }
    sortWords(&links)
    return links
  }

  /// Starts of the runs with equal level and target, and the end.
  private func groups(_ links: [UInt64]) -> [Int] {
    var starts: [Int] = []
    links.withUnsafeBufferPointer { links in
      for i in 0..<links.count where i == 0 || links[i] >> 28 != links[i - 1] >> 28 { starts.append(i) }
    }
    starts.append(links.count)
    return starts
  }

  /// Step (b): points that chose the same target are candidates for each other.
  private func shareNeighbors(
    _ points: UnsafeBufferPointer<UInt32>, _ firstList: UnsafeBufferPointer<Int>, _ keys: UnsafeMutablePointer<UInt64>,
    _ lengths: UnsafeMutablePointer<UInt32>, _ links: [UInt64], _ view: GraphView
  ) {
    let m = core.options.m
    let starts = groups(links)
    var memberships = [Int32](repeating: -1, count: points.count * m)
    var used = [UInt16](repeating: 0, count: points.count)
    for group in 0..<starts.count - 1 where (2...Self.largestGroup).contains(starts[group + 1] - starts[group]) {
      for i in starts[group]..<starts[group + 1] {
        let p = Int(links[i] & 0xfff_ffff)
        memberships[p * m + Int(used[p])] = Int32(group)
        used[p] += 1
      }
    }
    let core = self.core
    memberships.withUnsafeBufferPointer { memberships in
      links.withUnsafeBufferPointer { links in
        starts.withUnsafeBufferPointer { starts in
          used.withUnsafeBufferPointer { used in
            nonisolated(unsafe) let (memberships, links, starts, used) = (memberships, links, starts, used)
            nonisolated(unsafe) let (points, firstList) = (points, firstList)
            Parallel.forEachRange(of: points.count, size: Self.chunk, threads: run.threads) { chunk, worker in
              let context = workers[worker]
              var all: [UInt64] = []
              for p in chunk where used[p] > 0 {
                let id = points[p]
                let own = keys + firstList[p] * m
                let length = Int(lengths[firstList[p]])
                all.removeAll(keepingCapacity: true)
                for i in 0..<length { all.append(own[i]) }
                _ = context.visit(id)
                for slot in 0..<Int(used[p]) {
                  let group = Int(memberships[p * m + slot])
                  var width = 0
                  for i in starts[group]..<starts[group + 1] {
                    let other = points[Int(links[i] & 0xfff_ffff)]
                    if context.visit(other) {
                      context.ids[width] = other
                      width += 1
                    }
                  }
                  core.points.measure(
                    core.points.context, core.points.object(id), context.ids, width, context.distances)
                  context.batchComputed &+= UInt64(width)
                  for i in 0..<width { all.append(mill_key(context.distances[i], context.ids[i])) }
                }
                context.clearVisited()
                if all.count == length { continue }
                if let cache = core.cache, core.choice.selection == .heuristic {
                  all.removeFirst(length)
                  let chosen = core.choice.chooseAgain(
                    id, length: length, &all, limit: m, cache: cache, points: core.points, context,
                    &context.batchComputed)
                  memcpy(own, context.selected, 8 * chosen)
                  lengths[firstList[p]] = UInt32(chosen)
                  core.writeChosen(id, chosen, level: 0, view, context)
                  continue
                }
                all.sort()
                let chosen = all.withUnsafeBufferPointer { all in
                  core.choice.choose(
                    all.baseAddress!, all.count, limit: m, testsAlways: true, points: core.points,
                    into: context.selected, context, &context.batchComputed)
                }
                memcpy(own, context.selected, 8 * chosen)
                lengths[firstList[p]] = UInt32(chosen)
                core.writeChosen(id, chosen, level: 0, view, context)
              }
            }
          }
        }
      }
    }
  }

  /// Step (d): every target takes its new sources, in order; a list that would overflow is chosen anew once.
  private func applyBackLinks(
    _ links: [UInt64], _ points: UnsafeBufferPointer<UInt32>, _ firstList: UnsafeBufferPointer<Int>,
    _ keys: UnsafeMutablePointer<UInt64>, _ lengths: UnsafeMutablePointer<UInt32>, _ view: GraphView
  ) {
    let m = core.options.m
    let starts = groups(links)
    let core = self.core
    links.withUnsafeBufferPointer { links in
      starts.withUnsafeBufferPointer { starts in
        nonisolated(unsafe) let (links, starts, points, firstList) = (links, starts, points, firstList)
        Parallel.forEachRange(of: starts.count - 1, size: 64, threads: run.threads) { chunk, worker in
          let context = workers[worker]
          var fresh: [UInt64] = []
          for group in chunk {
            let first = links[starts[group]]
            let level = Int(first >> 59)
            let target = UInt32(truncatingIfNeeded: first >> 28 & 0x7fff_ffff)
            guard let list = view.links.list(target, level) else { continue }
            let length = view.links.length(list, level)
            fresh.removeAll(keepingCapacity: true)
            for i in starts[group]..<starts[group + 1] {
              let p = Int(links[i] & 0xfff_ffff)
              let id = points[p]
              if (0..<length).contains(where: { list[$0] == id }) { continue }
              let own = keys + (firstList[p] + level) * m
              var slot = 0
              while mill_key_id(own[slot]) != target { slot += 1 }
              fresh.append(mill_key(mill_key_distance(own[slot]), id))
            }
            if length + fresh.count <= view.links.cap(level) {
              for (i, key) in fresh.enumerated() {
                list[length + i] = mill_key_id(key)
                if level == 0, let cache = core.cache { cache.append(target, at: length + i, key) }
              }
              continue
            }
            if level == 0, let cache = core.cache, core.choice.selection == .heuristic {
              core.rechoose(target, length: length, &fresh, cache, view, context)
              continue
            }
            var all = core.measuredList(of: target, list, length, view, context)
            all += fresh
            core.rewrite(list, &all, level: level, view, context)
          }
        }
      }
    }
  }
}
