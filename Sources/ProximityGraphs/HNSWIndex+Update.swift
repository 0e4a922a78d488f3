import CMillKernels
import Glibc
public import MillRuntime
import VectorStore

extension HNSWIndex {
  /// Adds a vector.
  ///
  /// - Parameters:
  ///   - vector: Of the index's dimension.
  ///   - key: A key that is not taken; nil for one more than the largest so far.
  ///   - replace: Whether an object that has the key is removed first.
  /// - Returns: The key.
  /// - Throws: `MillError`: `read-only-index`, `duplicate-key`, `negative-key`, `too-many-objects`, `malformed` for
  ///   another dimension or values that are not finite, `over-budget`; the index is then unchanged.
  /// - Complexity: about O(log n) distances. Not beside searches.
  @discardableResult
  public func add(_ vector: [Float], key: Int? = nil, replace: Bool = false) throws(MillError) -> Int {
    guard !isNamed else {
      throw MillError(.badOption, "the objects of the index have names", hint: "the new one needs a name, too")
    }
    return try add(vector, key: key, name: nil, replace: replace)
  }

  /// Adds a vector under a name, to an index whose objects have names, or which is empty.
  ///
  /// - Parameters:
  ///   - vector: Of the index's dimension.
  ///   - name: A name that is not taken.
  ///   - replace: Whether an object that has the name is removed first; the new one gets its key.
  /// - Returns: The key.
  /// - Throws: `MillError`, as ``add(_:key:replace:)``; `empty-name`; `bad-option` where objects have no names.
  @discardableResult
  public func add(_ vector: [Float], name: String, replace: Bool = false) throws(MillError) -> Int {
    guard isNamed || names.count == 0 else { throw MillError(.badOption, "the objects of the index have no names") }
    guard !name.isEmpty else { throw MillError(.emptyName, "the name is empty") }
    let key = key(named: name)
    guard replace || key == nil else { throw MillError(.duplicateKey, "the key '\(name.prefix(40))' occurs twice") }
    return try add(vector, key: key, name: name, replace: replace)
  }

  private func add(_ vector: [Float], key: Int?, name: String?, replace: Bool) throws(MillError) -> Int {
    guard !isReadOnly else { throw .readOnlyIndex }
    try checkObjectCount(names.count + 1)
    let key = key ?? names.freeKey()
    guard key >= 0 else { throw .negativeKey(key) }
    guard replace || names.number(of: key) == nil else { throw .duplicateKey(key) }
    let (row, norm) = try vectors.encoded(vector, for: metric)
    let id = UInt32(names.count)
    try unsafe vectors.append(bytes: UnsafeRawPointer(row.base))
    codes = nil
    do throws(MillError) {
      core.points = try PointSet(vectors, metric: metric)
      try insertLast(id)
    } catch {
      vectors.removeLast(to: Int(id))
      throw error
    }
    if metric == .cosine { norms.append(norm) }
    names.append(key, text: name)
    return key
  }

  /// Links the last row: into the graph, or behind an equal object.
  private func insertLast(_ id: UInt32) throws(MillError) {
    let level = UInt8(LevelDraw.level(of: Int(id), seed: options.seed, thresholds: core.thresholds))
    let context = try core.acquire(ef: core.efConstruction)
    defer { core.release(context) }
    if core.entry != LinkStore.none {
      let count = unsafe core.search(core.points.object(id), ef: min(core.efConstruction, 16), over: core.view, context)
      if count > 0, unsafe HNSWCore.isEqual(core.points, mill_key_id(context.pool[0]), id) {
        try core.links.append(level: LinkStore.chained)
        unsafe core.chain(id, behind: mill_key_id(context.pool[0]))
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
  /// - Throws: `MillError`: `unknown-key`, `read-only-index`.
  public func remove(key: Int) throws(MillError) {
    guard !isReadOnly else { throw .readOnlyIndex }
    guard let number = names.number(of: key) else { throw .unknownKey(key) }
    names.remove(number, key: key)
  }

  /// Replaces the vector of a key: removes the object and adds the vector under the same key.
  ///
  /// - Throws: `MillError`: `unknown-key`, and what ``add(_:key:replace:)`` throws.
  public func update(_ vector: [Float], key: Int) throws(MillError) {
    guard contains(key: key) else { throw .unknownKey(key) }
    _ = try add(vector, key: key, name: name(ofKey: key), replace: true)
  }

  /// Takes removed objects out: lists that lead to one are chosen anew from their live entries and the live neighbors
  /// of the removed ones; then the connectivity repair runs. Keys stay, codes are dropped.
  ///
  /// - Throws: `MillError`: `read-only-index`, `over-budget`, `interrupted`; the index is then unchanged.
  /// - Complexity: O(links) plus a selection for every list that changes.
  public func compact(context run: RunContext = .init()) throws(MillError) {
    guard !isReadOnly else { throw .readOnlyIndex }
    guard names.removedCount > 0 else { return }
    let old = core
    let n = old.links.count
    let live = (0..<UInt32(n)).filter { !names.isRemoved($0) }
    // A node lives on as the first live object of its chain.
    var heir = [UInt32](repeating: LinkStore.none, count: n)
    var newNumber = [UInt32](repeating: LinkStore.none, count: n)
    for (i, id) in live.enumerated() { newNumber[Int(id)] = UInt32(i) }
    var nodeOf = [UInt32](repeating: LinkStore.none, count: live.count)
    for id in 0..<UInt32(n) where unsafe old.links.levels[Int(id)] != LinkStore.chained {
      guard let member = old.chainMembers(id).filter({ !names.isRemoved($0) }).min() else { continue }
      heir[Int(id)] = newNumber[Int(member)]
      nodeOf[Int(newNumber[Int(member)])] = id
    }
    let table = try vectors.copy(rows: live, context: run)
    let links = try LinkStore(m: old.links.m, baseLinks: old.links.baseLinks, capacity: live.count)
    for node in nodeOf {
      try unsafe links.append(level: node == LinkStore.none ? LinkStore.chained : old.links.levels[Int(node)])
    }
    let core = HNSWCore(try PointSet(table, metric: metric), options: options, links: links)
    try Compaction(old: old, new: core, heir: heir, nodeOf: nodeOf).run(run)
    for id in 0..<UInt32(n) where heir[Int(id)] != LinkStore.none {
      for member in old.chainMembers(id).sorted(by: >)
      where !names.isRemoved(member) && newNumber[Int(member)] != heir[Int(id)] {
        core.chain(newNumber[Int(member)], behind: heir[Int(id)])
      }
    }
    try core.repair(run)
    names = try names.reordered(live, keepsRemoved: false)
    if metric == .cosine { norms = live.map { norms[Int($0)] } }
    vectors = table
    self.core = core
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
      let level = unsafe Int(old.links.levels[Int(node)])
      if new.entry == LinkStore.none || level > new.top {
        new.entry = UInt32(id)
        new.top = level
      }
    }
    let view = new.view
    Parallel.forEachRange(of: nodeOf.count, size: 64, threads: workers.count) { range, worker in
      for id in range where nodeOf[id] != LinkStore.none {
        for level in unsafe 0...Int(old.links.levels[Int(nodeOf[id])]) {
          carry(UInt32(id), level, view, workers[worker])
        }
      }
    }
    for context in workers { new.collectCounts(context) }
  }

  /// One list: as it was where all its targets live on, else chosen anew.
  private func carry(_ id: UInt32, _ level: Int, _ view: GraphView, _ context: SearchContext) {
    let oldView = old.links.view
    guard let source = unsafe oldView.list(nodeOf[Int(id)], level), let list = unsafe view.links.list(id, level) else {
      return
    }
    let length = unsafe oldView.length(source, level)
    var targets: [UInt32] = []
    var isWhole = true
    _ = context.visit(id)
    for i in 0..<length {
      let target = unsafe heir[Int(source[i])]
      if target != LinkStore.none {
        if context.visit(target) { targets.append(target) }
        continue
      }
      isWhole = false
      guard let beyond = unsafe oldView.list(source[i], level) else { continue }
      for j in unsafe 0..<oldView.length(beyond, level) {
        let next = unsafe heir[Int(beyond[j])]
        if next != LinkStore.none, context.visit(next) { targets.append(next) }
      }
    }
    context.clearVisited()
    if isWhole {
      for (i, target) in targets.enumerated() { unsafe list[i] = target }
      return
    }
    var keys: [UInt64] = []
    var start = 0
    while start < targets.count {
      let width = min(SearchContext.batch, targets.count - start)
      for i in 0..<width { unsafe context.ids[i] = targets[start + i] }
      unsafe new.points.measure(new.points.context, new.points.object(id), context.ids, width, context.distances)
      context.reverseComputed &+= UInt64(width)
      for i in 0..<width { unsafe keys.append(mill_key(context.distances[i], context.ids[i])) }
      start += width
    }
    if !keys.isEmpty { unsafe new.rewrite(list, &keys, level: level, view, context) }
  }
}
