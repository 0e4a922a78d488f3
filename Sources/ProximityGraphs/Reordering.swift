import CMillKernels
public import MillRuntime
import VectorStore

extension HNSWCore {
  /// Objects breadth-first from the entry point over level 0, an object of a chain behind its representative, what is
  /// not reached last, by number: neighbors in the graph become neighbors in memory.
  func breadthFirstOrder() -> [UInt32] {
    let n = links.count
    let view = links.view
    var order: [UInt32] = []
    order.reserveCapacity(n)
    var isPlaced = [Bool](repeating: false, count: n)
    func place(_ node: UInt32) {
      guard !isPlaced[Int(node)] else { return }
      for member in chainMembers(node) where !isPlaced[Int(member)] {
        isPlaced[Int(member)] = true
        order.append(member)
      }
    }
    var next = 0
    func walk() {
      while next < order.count {
        let node = order[next]
        next += 1
        guard unsafe links.levels[Int(node)] != LinkStore.chained, let list = unsafe view.list(node, 0) else {
          continue
        }
        for i in unsafe 0..<view.length(list, 0) { unsafe place(list[i]) }
      }
    }
    if entry < UInt32(n) { place(entry) }
    walk()
    for node in 0..<UInt32(n) where unsafe links.levels[Int(node)] != LinkStore.chained && !isPlaced[Int(node)] {
      place(node)
      walk()
    }
    // Only a damaged file has chains that hang on nothing.
    for node in 0..<UInt32(n) where !isPlaced[Int(node)] { order.append(node) }
    return order
  }

  /// The same graph with objects renumbered: `order[new]` is the old number; `points` are in the new order.
  func renumbered(_ order: [UInt32], _ points: PointSet) throws(MillError) -> HNSWCore {
    let n = links.count
    var number = [UInt32](repeating: LinkStore.none, count: n)
    for (new, old) in order.enumerated() { number[Int(old)] = UInt32(new) }
    let target = try LinkStore(
      m: links.m, baseLinks: links.baseLinks, capacity: max(1, n), upperCapacity: max(1, links.upperLists))
    for old in order { try unsafe target.append(level: links.levels[Int(old)]) }
    let core = HNSWCore(points, options: options, links: target)
    let (from, to) = (links.view, target.view)
    for (new, old) in order.enumerated() where unsafe links.levels[Int(old)] != LinkStore.chained {
      for level in unsafe 0...Int(links.levels[Int(old)]) {
        guard let source = unsafe from.list(old, level), let list = unsafe to.list(UInt32(new), level) else { continue }
        for i in unsafe 0..<from.length(source, level) { unsafe list[i] = unsafe number[Int(source[i])] }
      }
    }
    // A file that was opened without a full check may hold any numbers here.
    core.entry = entry < UInt32(n) ? number[Int(entry)] : LinkStore.none
    core.top = top
    core.extraEntries = extraEntries.filter { $0 < UInt32(n) }.map { number[Int($0)] }
    if !duplicateNext.isEmpty {
      core.duplicateNext = order.map { old in
        let next = Int(old) < duplicateNext.count ? duplicateNext[Int(old)] : LinkStore.none
        return next < UInt32(n) ? number[Int(next)] : LinkStore.none
      }
    }
    core.report = report
    return core
  }
}

extension HNSWIndex {
  /// Renumbers the objects breadth-first, so that neighbors in the graph lie near each other in memory. Answers stay
  /// the same but for ties at the edge of the beam; keys stay, and are stored from then on: 8 bytes an object. Removed
  /// objects stay removed, codes move along.
  ///
  /// Worth it where the rows do not fit the caches; measure. Not beside searches.
  ///
  /// - Throws: `MillError`: `read-only-index`, `over-budget`.
  /// - Complexity: O(links + bytes of the vectors); memory for a second copy.
  public func reorder(context run: RunContext = .init()) throws(MillError) {
    guard !isReadOnly else { throw .readOnlyIndex }
    let order = core.breadthFirstOrder()
    let table = try vectors.copy(rows: order, context: run)
    let moved = try core.renumbered(order, try PointSet(table, metric: metric))
    let renamed = try names.reordered(order, keepsRemoved: true)
    if let old = codes {
      codes = VectorCodes(
        form: old.form, table: try old.table.copy(rows: order, context: run), metric: metric, offset: old.offset,
        scale: old.scale, means: old.means)
    }
    names = renamed
    if !norms.isEmpty { norms = order.map { norms[Int($0)] } }
    vectors = table
    core = moved
  }
}
