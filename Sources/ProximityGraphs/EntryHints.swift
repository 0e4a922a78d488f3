import CMillKernels
import MillRuntime
import VectorStore

/// Objects near a query that a space knows without the graph. Where most pairs are equally far, a walk has nothing to
/// follow until it is near its goal; it starts there instead.
///
/// Built up during a build; afterwards read from many threads.
@safe final class EntryHints: @unchecked Sendable {
  /// Lists objects for a query, those only that the last argument accepts; the same ones every time.
  typealias Finder = @Sendable (_ query: UnsafeRawPointer, _ accepts: (UInt32) -> Bool) -> [UInt32]
  private let finder: Finder
  /// 1 for every object that is in the graph.
  private let placed: FlatBuffer<UInt8>

  init(count: Int, _ finder: @escaping Finder) throws(MillError) {
    unsafe self.finder = finder
    placed = try FlatBuffer<UInt8>(count: max(1, count))
  }

  /// Objects have come into the graph; while nobody searches.
  func place(_ ids: ArraySlice<UInt32>) {
    for id in ids { unsafe placed.base[Int(id)] = 1 }
  }

  /// Objects in the graph to start from.
  func objects(near query: UnsafeRawPointer) -> [UInt32] {
    unsafe finder(query) { unsafe placed.base[Int($0)] == 1 }
  }
}

extension GraphView {
  /// Adds an object to the keys that a search of level 0 starts from, if it is among the best `ef`.
  ///
  /// - Returns: Keys in the pool.
  func enter(
    _ id: UInt32, _ query: UnsafeRawPointer, entries: Int, ef: Int, _ context: SearchContext
  ) -> Int {
    guard !(0..<entries).contains(where: { unsafe mill_key_id(context.pool[$0]) == id }) else { return entries }
    unsafe context.ids[0] = id
    unsafe points.measure(points.context, query, context.ids, 1, context.distances)
    context.counters.distances &+= 1
    let key = unsafe mill_key(context.distances[0], id)
    guard unsafe entries < ef || key < context.pool[entries - 1] else { return entries }
    _ = unsafe mill_pool_insert(context.pool, entries, ef, key)
    return min(entries + 1, ef)
  }
}

extension HNSWCore {
  /// Adds what the space knows to the keys that a search of level 0 starts from.
  func enterHints(
    _ query: UnsafeRawPointer, entries: Int, ef: Int, over view: GraphView, _ context: SearchContext
  ) -> Int {
    guard let hints else { return entries }
    return unsafe hints.objects(near: query).reduce(entries) {
      unsafe view.enter($1, query, entries: $0, ef: ef, context)
    }
  }

  /// As ``search(_:ef:over:_:)``, from the hints too.
  func hintedSearch(_ query: UnsafeRawPointer, ef: Int, _ context: SearchContext) -> Int {
    let view = self.view
    guard entry < view.links.count else { return 0 }
    var count = unsafe startBase(query, over: view, ef: ef, context)
    count = unsafe enterHints(query, entries: count, ef: ef, over: view, context)
    return unsafe view.search(query, entries: count, ef: ef, level: 0, context)
  }
}
