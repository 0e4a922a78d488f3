import CMillKernels
import Glibc
import MillRuntime
import VectorStore

/// An HNSW graph over objects that live elsewhere: lists, entry point, duplicate chains. Knows no keys and no files.
///
/// Searches may run on many threads while nobody changes the graph.
final class HNSWCore: @unchecked Sendable {
  let options: HNSWOptions
  let links: LinkStore
  var points: PointSet
  /// A node of the highest level; none while the graph is empty.
  var entry = LinkStore.none
  var top = 0
  /// Nodes that searches of level 0 start from besides: those that no repair could reach.
  var extraEntries: [UInt32] = []
  /// The next object of a chain of equal ones; empty while there are no duplicates.
  var duplicateNext: [UInt32] = []
  var report = BuildReport()
  /// In-edges of level 0 during a repair, once a link had to be replaced; else empty.
  var inDegrees: [UInt32] = []
  let choice: NeighborChoice
  /// Present in the core of a bulk build.
  let cache: LinkCache?
  /// Where the space knows objects that are worth starting from.
  let hints: EntryHints?
  let thresholds: [Double]
  private let contexts = ContextPool()

  init(
    _ points: PointSet, options: HNSWOptions, links: LinkStore, hints: EntryHints? = nil, cache: LinkCache? = nil
  ) {
    self.points = points
    self.options = options
    self.links = links
    self.hints = hints
    self.cache = cache
    choice = NeighborChoice(options, power: points.power)
    thresholds = LevelDraw.thresholds(scale: options.scale)
  }

  /// The same graph over another form of the same objects, without what only a build remembers.
  ///
  /// - Parameter links: The same lists elsewhere; nil for those of this core, which are then shared.
  func over(_ points: PointSet, links: LinkStore? = nil) -> HNSWCore {
    let core = HNSWCore(points, options: options, links: links ?? self.links, hints: hints)
    core.entry = entry
    core.top = top
    core.extraEntries = extraEntries
    core.duplicateNext = duplicateNext
    core.report = report
    return core
  }

  var view: GraphView { GraphView(points: points, links: links.view) }
  var efConstruction: Int { max(options.efConstruction, options.m) }

  // MARK: Contexts

  /// Takes a context that fits the present size; give it back with ``release(_:)``.
  func acquire(ef: Int) throws(MillError) -> SearchContext { try contexts.acquire(capacity: links.count, ef: ef) }

  func release(_ context: SearchContext) { contexts.release(context) }

  // MARK: Search

  /// KNN-SEARCH (2016 paper, algorithm 5): the pool's length; its keys are in the context. `over` may hold other codes
  /// of the same objects.
  func search(
    _ query: UnsafeRawPointer, ef: Int, over view: GraphView, _ context: SearchContext
  ) -> Int {
    guard entry < view.links.count else { return 0 }
    let count = unsafe startBase(query, over: view, ef: ef, context)
    return unsafe view.search(query, entries: count, ef: ef, level: 0, context)
  }

  /// Descends to level 1 and adds the extra entry points: keys in the pool to start level 0 from.
  func startBase(_ query: UnsafeRawPointer, over view: GraphView, ef: Int, _ context: SearchContext) -> Int {
    var count = unsafe view.descend(query, entry: entry, top: top, to: 0, context)
    for extra in extraEntries.prefix(SearchContext.batch) where extra < view.links.count {
      count = unsafe view.enter(extra, query, entries: count, ef: ef, context)
    }
    return count
  }

  // MARK: Duplicates

  /// Hangs `id` behind the equal object `representative`.
  func chain(_ id: UInt32, behind representative: UInt32) {
    while duplicateNext.count < links.count { duplicateNext.append(LinkStore.none) }
    duplicateNext[Int(id)] = duplicateNext[Int(representative)]
    duplicateNext[Int(representative)] = id
    report.duplicates += 1
  }

  /// The objects equal to `representative`, itself first.
  func chainMembers(_ representative: UInt32) -> [UInt32] {
    var members = [representative]
    guard !duplicateNext.isEmpty else { return members }
    var next = duplicateNext[Int(representative)]
    while next < UInt32(links.count), members.count <= links.count {
      members.append(next)
      next = duplicateNext[Int(next)]
    }
    return members
  }

  // MARK: Insertion

  /// INSERT (2016 paper, algorithm 1) of the node `id`, whose empty lists exist.
  func insert(_ id: UInt32, _ context: SearchContext) {
    let view = self.view
    let level = unsafe Int(links.levels[Int(id)])
    guard entry != LinkStore.none else {
      entry = id
      top = level
      return
    }
    let query = unsafe points.object(id)
    var count = unsafe view.descend(query, entry: entry, top: top, to: min(level, top), context)
    var at = min(level, top)
    while at >= 0 {
      if at == 0 { count = unsafe enterHints(query, entries: count, ef: efConstruction, over: view, context) }
      count = unsafe view.search(query, entries: count, ef: efConstruction, level: at, context)
      let chosen = unsafe select(query, count, level: at, view, context)
      writeChosen(id, chosen, level: at, view, context)
      let keys = (0..<chosen).map { unsafe context.selected[$0] }
      for key in keys { addBackLink(from: mill_key_id(key), to: id, key, level: at, view, context) }
      at -= 1
    }
    if level > top {
      entry = id
      top = level
    }
  }

  /// Chooses the neighbors of a new node from the pool, into `context.selected`.
  func select(
    _ query: UnsafeRawPointer, _ count: Int, level: Int, _ view: GraphView, _ context: SearchContext
  ) -> Int {
    var computed: UInt64 = 0
    var candidates = unsafe UnsafePointer(context.pool)
    var total = count
    var extended: [UInt64] = []
    if options.extendsCandidates {
      extended = unsafe extend(query, count, level: level, view, context)
      total = extended.count
    }
    let chosen = unsafe extended.withUnsafeBufferPointer { buffer in
      if options.extendsCandidates, let base = buffer.baseAddress { unsafe candidates = unsafe base }
      return unsafe choice.choose(
        candidates, total, limit: options.m, points: points, into: context.selected, context, &computed)
    }
    context.selectComputed &+= computed
    return chosen
  }

  /// The pool's keys and those of all their neighbors, sorted.
  private func extend(
    _ query: UnsafeRawPointer, _ count: Int, level: Int, _ view: GraphView, _ context: SearchContext
  ) -> [UInt64] {
    var keys = (0..<count).map { unsafe context.pool[$0] & ~1 }
    for key in keys { _ = context.visit(mill_key_id(key)) }
    for i in 0..<count {
      guard let list = unsafe view.links.list(mill_key_id(keys[i]), level) else { continue }
      var width = 0
      for slot in unsafe 0..<view.links.length(list, level)
      where unsafe points.object(list[slot]) != query && context.visit(list[slot]) {
        unsafe context.ids[width] = list[slot]
        width += 1
      }
      unsafe points.measure(points.context, query, context.ids, width, context.distances)
      context.counters.distances &+= UInt64(width)
      for j in 0..<width { unsafe keys.append(mill_key(context.distances[j], context.ids[j])) }
    }
    context.clearVisited()
    return keys.sorted()
  }

  /// Adds the link `from → to`; a full list is chosen anew from its entries and `to`.
  func addBackLink(
    from node: UInt32, to id: UInt32, _ key: UInt64, level: Int, _ view: GraphView, _ context: SearchContext
  ) {
    guard let list = unsafe view.links.list(node, level) else { return }
    let length = unsafe view.links.length(list, level)
    if length < view.links.cap(level) {
      unsafe list[length] = id
      if level == 0, let cache { cache.append(node, at: length, key & ~0xffff_ffff | UInt64(id) << 1) }
      return
    }
    if level == 0, let cache, choice.selection == .heuristic {
      var fresh = [mill_key(mill_key_distance(key), id)]
      rechoose(node, length: length, &fresh, cache, view, context)
      return
    }
    var keys = unsafe measuredList(of: node, list, length, view, context)
    keys.append(mill_key(mill_key_distance(key), id))
    unsafe rewrite(list, &keys, level: level, view, context)
  }

  /// Chooses a full list of level 0 anew with what the build remembers.
  func rechoose(
    _ node: UInt32, length: Int, _ fresh: inout [UInt64], _ cache: LinkCache, _ view: GraphView,
    _ context: SearchContext
  ) {
    let chosen = choice.chooseAgain(
      node, length: length, &fresh, limit: view.links.baseLinks, cache: cache, points: points, context,
      &context.reverseComputed)
    writeChosen(node, chosen, level: 0, view, context)
  }

  /// Writes the chosen keys of the context as a node's list.
  func writeChosen(_ node: UInt32, _ chosen: Int, level: Int, _ view: GraphView, _ context: SearchContext) {
    guard let list = unsafe view.links.list(node, level) else { return }
    unsafe view.links.write(context.selected, chosen, to: list, level)
    if level == 0, let cache { unsafe cache.write(node, context.selected, chosen, accepted: context.acceptedCount) }
  }

  /// The keys of a list's entries, seen from its node.
  func measuredList(
    of node: UInt32, _ list: UnsafeMutablePointer<UInt32>, _ length: Int, _ view: GraphView, _ context: SearchContext
  ) -> [UInt64] {
    unsafe points.measure(points.context, points.object(node), list, length, context.distances)
    context.reverseComputed &+= UInt64(length)
    return (0..<length).map { unsafe mill_key(context.distances[$0], list[$0]) }
  }

  /// Chooses a list anew from keys in any order.
  func rewrite(
    _ list: UnsafeMutablePointer<UInt32>, _ keys: inout [UInt64], level: Int, _ view: GraphView,
    _ context: SearchContext
  ) {
    keys.sort()
    let limit = view.links.cap(level)
    unsafe keys.withUnsafeBufferPointer { keys in
      let chosen = unsafe choice.choose(
        keys.baseAddress!, keys.count, limit: limit, points: points, into: context.selected, context,
        &context.reverseComputed)
      unsafe view.links.write(context.selected, chosen, to: list, level)
    }
  }

  /// Adds a context's selection counts to the report and clears them.
  func collectCounts(_ context: SearchContext) {
    report.selectDistances &+= context.selectComputed
    report.reverseDistances &+= context.reverseComputed
    report.batchDistances &+= context.batchComputed
    context.selectComputed = 0
    context.reverseComputed = 0
    context.batchComputed = 0
  }
}
