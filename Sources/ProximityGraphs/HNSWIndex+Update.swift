import CMillKernels
import Glibc
public import MillRuntime
import VectorStore

extension HNSWIndex {
  /// Adds a vector.
  ///
  /// - Parameters:
  ///   - vector: Of the index's dimension.
  ///   - key: A key that is not taken; nil for the number of objects so far.
  ///   - replace: Whether an object that has the key is removed first.
  /// - Returns: The key.
  /// - Throws: ``ProximityError``; the index is then unchanged.
  /// - Complexity: about O(log n) distances. Not beside searches.
  @discardableResult
  public func add(_ vector: [Float], key: Int? = nil, replace: Bool = false) throws(ProximityError) -> Int {
    guard !isReadOnly else { throw .readOnly }
    let id = UInt32(core.links.count)
    guard core.links.count < 1 << 31 - 2 else { throw .tooManyObjects(core.links.count) }
    let key = key ?? freeKey(id)
    guard key >= 0 else { throw .negativeKey(key) }
    let old = number(ofKey: key)
    guard old == nil || replace else { throw .duplicateKey(key) }
    let (buffer, norm) = try encoded(vector)
    try vectorCall { () throws(VectorError) in try vectors.append(bytes: UnsafeRawPointer(buffer.base)) }
    codes = nil
    do throws(ProximityError) {
      core.points = try vectorCall { () throws(VectorError) in try PointSet(vectors, metric: metric) }
      try allocating { () throws(MillError) in try insertLast(id) }
    } catch {
      vectors.removeLast(to: Int(id))
      throw error
    }
    if metric == .cosine { norms.append(norm) }
    if keys != nil || key != Int(id) {
      if keys == nil { keys = Array(0..<Int(id)) }
      keys?.append(key)
    }
    if let old { markDead(old) }
    if !dead.isEmpty, dead.count < (core.links.count + 63) / 64 { dead.append(0) }
    numbers?[key] = id
    if let largest = largestKey { largestKey = max(largest, key) }
    return key
  }

  /// The key after the largest one so far.
  private func freeKey(_ id: UInt32) -> Int {
    guard let keys else { return Int(id) }
    let largest = largestKey ?? keys.max() ?? -1
    largestKey = largest
    return largest + 1
  }

  /// Links the last row: into the graph, or behind an equal object.
  private func insertLast(_ id: UInt32) throws(MillError) {
    let level = UInt8(LevelDraw.level(of: Int(id), seed: options.seed, thresholds: core.thresholds))
    let context = try core.acquire(ef: core.efConstruction)
    defer { core.release(context) }
    if core.entry != LinkStore.none {
      let count = core.search(core.points.object(id), ef: min(core.efConstruction, 16), over: core.view, context)
      if count > 0, HNSWCore.isEqual(core.points, mill_key_id(context.pool[0]), id) {
        try core.links.append(level: LinkStore.chained)
        core.chain(id, behind: mill_key_id(context.pool[0]))
        return
      }
    }
    try core.links.append(level: level)
    if !core.duplicateNext.isEmpty { core.duplicateNext.append(LinkStore.none) }
    let sized = try core.acquire(ef: core.efConstruction)
    core.insert(id, sized)
    core.report.search += sized.counters
    core.collectCounts(sized)
    core.release(sized)
  }

  /// Removes an object: it is still walked through, and never returned. ``compact(context:)`` gives its memory back.
  ///
  /// - Throws: ``ProximityError/unknownKey(_:)``, ``ProximityError/readOnly``.
  public func remove(key: Int) throws(ProximityError) {
    guard !isReadOnly else { throw .readOnly }
    guard let id = number(ofKey: key) else { throw .unknownKey(key) }
    if keys == nil { keys = Array(0..<core.links.count) }
    _ = number(ofKey: key)
    markDead(id)
    numbers?[key] = nil
  }

  private func markDead(_ id: UInt32) {
    let words = (core.links.count + 63) / 64
    while dead.count < words { dead.append(0) }
    dead[Int(id) >> 6] |= 1 << UInt64(id & 63)
    deadCount += 1
  }

  /// Replaces the vector of a key: removes the object and adds the vector under the same key.
  ///
  /// - Throws: ``ProximityError/unknownKey(_:)`` and what ``add(_:key:replace:)`` throws.
  public func update(_ vector: [Float], key: Int) throws(ProximityError) {
    guard contains(key: key) else { throw .unknownKey(key) }
    try add(vector, key: key, replace: true)
  }

  /// Takes removed objects out: lists that lead to one are chosen anew from their live entries and the live neighbours
  /// of the removed ones; then the connectivity repair runs. Keys stay, codes are dropped.
  ///
  /// - Throws: ``ProximityError``.
  /// - Complexity: O(links) plus a selection for every list that changes.
  public func compact(context run: RunContext = .init()) throws(ProximityError) {
    guard !isReadOnly else { throw .readOnly }
    guard deadCount > 0 else { return }
    let old = core
    let n = old.links.count
    let live = (0..<UInt32(n)).filter { !isDead($0) }
    // A node lives on as the first live object of its chain.
    var heir = [UInt32](repeating: LinkStore.none, count: n)
    var newNumber = [UInt32](repeating: LinkStore.none, count: n)
    for (i, id) in live.enumerated() { newNumber[Int(id)] = UInt32(i) }
    var nodeOf = [UInt32](repeating: LinkStore.none, count: live.count)
    for id in 0..<UInt32(n) where old.links.levels[Int(id)] != LinkStore.chained {
      guard let member = old.chainMembers(id).filter({ !isDead($0) }).min() else { continue }
      heir[Int(id)] = newNumber[Int(member)]
      nodeOf[Int(newNumber[Int(member)])] = id
    }
    let table = try vectorCall { () throws(VectorError) in try vectors.copy(rows: live, context: run) }
    let points = try vectorCall { () throws(VectorError) in try PointSet(table, metric: metric) }
    let core = try allocating { () throws(MillError) in
      let links = try LinkStore(m: old.links.m, baseLinks: old.links.baseLinks, capacity: live.count)
      for node in nodeOf {
        try links.append(level: node == LinkStore.none ? LinkStore.chained : old.links.levels[Int(node)])
      }
      let core = HNSWCore(points, options: options, links: links)
      try Compaction(old: old, new: core, heir: heir, nodeOf: nodeOf).run(run)
      for id in 0..<UInt32(n) where heir[Int(id)] != LinkStore.none {
        for member in old.chainMembers(id).sorted(by: >)
        where !isDead(member) && newNumber[Int(member)] != heir[Int(id)] {
          core.chain(newNumber[Int(member)], behind: heir[Int(id)])
        }
      }
      try core.repair(run)
      return core
    }
    if let keys { self.keys = live.map { keys[Int($0)] } } else { keys = live.map { Int($0) } }
    if metric == .cosine { norms = live.map { norms[Int($0)] } }
    vectors = table
    self.core = core
    dead = []
    deadCount = 0
    numbers = nil
    largestKey = nil
    codes = nil
  }
}

/// Carries lists over to a graph without the removed nodes.
private struct Compaction {
  let old: HNSWCore
  let new: HNSWCore
  let heir: [UInt32]
  let nodeOf: [UInt32]

  func run(_ run: RunContext) throws(MillError) {
    var workers: [SearchContext] = []
    for _ in 0..<max(1, run.threads) {
      workers.append(try SearchContext(capacity: max(1, old.links.count), ef: new.efConstruction))
    }
    for (id, node) in nodeOf.enumerated() where node != LinkStore.none {
      let level = Int(old.links.levels[Int(node)])
      if new.entry == LinkStore.none || level > new.top {
        new.entry = UInt32(id)
        new.top = level
      }
    }
    let view = new.view
    Parallel.forEachRange(of: nodeOf.count, size: 64, threads: workers.count) { range, worker in
      for id in range where nodeOf[id] != LinkStore.none {
        for level in 0...Int(old.links.levels[Int(nodeOf[id])]) { carry(UInt32(id), level, view, workers[worker]) }
      }
    }
    for context in workers { new.collectCounts(context) }
  }

  /// One list: as it was where all its targets live on, else chosen anew.
  private func carry(_ id: UInt32, _ level: Int, _ view: GraphView, _ context: SearchContext) {
    let oldView = old.links.view
    guard let source = oldView.list(nodeOf[Int(id)], level), let list = view.links.list(id, level) else { return }
    let length = oldView.length(source, level)
    var targets: [UInt32] = []
    var isWhole = true
    _ = context.visit(id)
    for i in 0..<length {
      let target = heir[Int(source[i])]
      if target != LinkStore.none {
        if context.visit(target) { targets.append(target) }
        continue
      }
      isWhole = false
      guard let beyond = oldView.list(source[i], level) else { continue }
      for j in 0..<oldView.length(beyond, level) {
        let next = heir[Int(beyond[j])]
        if next != LinkStore.none, context.visit(next) { targets.append(next) }
      }
    }
    context.clearVisited()
    if isWhole {
      for (i, target) in targets.enumerated() { list[i] = target }
      return
    }
    var keys: [UInt64] = []
    var start = 0
    while start < targets.count {
      let width = min(SearchContext.batch, targets.count - start)
      for i in 0..<width { context.ids[i] = targets[start + i] }
      new.points.measure(new.points.context, new.points.object(id), context.ids, width, context.distances)
      context.reverseComputed &+= UInt64(width)
      for i in 0..<width { keys.append(mill_key(context.distances[i], context.ids[i])) }
      start += width
    }
    if !keys.isEmpty { new.rewrite(list, &keys, level: level, view, context) }
  }
}
