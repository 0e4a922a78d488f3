public import GraphStore
public import MillRuntime
public import VectorStore

/// An HNSW graph over objects of any type under a distance of your own.
///
/// ```swift
/// let index = try ObjectIndex(building: ObjectTable(LevenshteinSpace(), words))
/// let found = try index.search(word, k: 5).neighbors
/// try index.write(to: "words.gmx") { Array($0.utf8) }
/// ```
///
/// Built in one go; searches may run on many threads. The keys of answers are the objects' positions. See `ObjectSpace`.
public final class ObjectIndex<Space: ObjectSpace>: CustomStringConvertible, @unchecked Sendable {
  /// The objects; answers are their positions.
  public let objects: ObjectTable<Space>
  /// What files call the space, so that an index is not opened under another distance.
  public let spaceName: String
  let core: HNSWCore

  /// An index of all objects of a table.
  ///
  /// - Parameters:
  ///   - objects: The objects and their space.
  ///   - options: The graph's settings.
  ///   - spaceName: What files call the space; nil for the name of its type. Name its parameters where it has some.
  ///   - context: Threads, progress, cancellation. The same graph for every thread count.
  /// - Throws: `MillError`: `bad-option`, `too-many-objects`, `over-budget`, `interrupted`.
  /// - Complexity: about O(n log n) distances.
  public convenience init(
    building objects: ObjectTable<Space>, options: HNSWOptions = .init(), spaceName: String? = nil,
    context: RunContext = .init()
  ) throws(MillError) {
    try self.init(objects, options, spaceName: spaceName ?? Self.usualSpaceName, hints: nil, context)
  }

  /// As above; searches start from what the hints name, too.
  convenience init(
    _ objects: ObjectTable<Space>, _ options: HNSWOptions, spaceName: String, hints: EntryHints?,
    _ context: RunContext
  ) throws(MillError) {
    try options.validate()
    try checkObjectCount(objects.count)
    let core = try HNSWCore.build(objects.points, options: options, hints: hints, context: context)
    self.init(objects, spaceName: spaceName, core)
  }

  init(_ objects: ObjectTable<Space>, spaceName: String, _ core: HNSWCore) {
    self.objects = objects
    self.spaceName = spaceName
    self.core = core
  }

  /// The name of a space that was given none.
  static var usualSpaceName: String { String(describing: Space.self) }

  /// The number of objects.
  public var count: Int { objects.count }
  /// How the graph was built.
  public var options: HNSWOptions { core.options }
  /// What the build cost.
  public var report: BuildReport { core.report }
  /// Nodes that no search can reach; 0 after a repair.
  public func unreachableCount() -> Int { core.unreachedCount() }
  /// Size and space.
  public var description: String { "hnsw index of \(count) objects of \(spaceName)" }

  /// The k nearest objects by (distance, position); their keys are positions.
  ///
  /// - Parameters:
  ///   - query: The object to look for.
  ///   - k: Neighbors wanted.
  ///   - ef: Beam width, raised to k.
  /// - Throws: `MillError` of kind `over-budget` when memory is refused.
  public func search(_ query: Space.Object, k: Int, ef: Int = 64) throws(MillError) -> SearchResult {
    var query = query
    let wanted = min(k, count)
    guard wanted > 0 else { return SearchResult(neighbors: [], counters: SearchCounters(), isExact: false) }
    let beam = min(max(ef, wanted), count)
    let context = try core.acquire(ef: beam)
    defer { core.release(context) }
    let neighbors = unsafe withUnsafePointer(to: &query) { pointer in
      let found = unsafe core.hintedSearch(UnsafeRawPointer(pointer), ef: beam, context)
      return context.answers(min(found, wanted))
    }
    return SearchResult(neighbors: keyed(neighbors), counters: context.counters, isExact: false)
  }

  /// The k nearest objects by a full scan; their keys are positions.
  public func exactSearch(_ query: Space.Object, k: Int) -> [KeyedNeighbor] {
    var query = query
    let points = objects.points
    return unsafe keyed(withUnsafePointer(to: &query) { unsafe points.exactNearest(to: UnsafeRawPointer($0), k: k) })
  }

  private func keyed(_ found: [Neighbor]) -> [KeyedNeighbor] {
    found.map { KeyedNeighbor(key: $0.id, distance: $0.distance) }
  }

  /// The k nearest others of every object as a graph over their positions.
  ///
  /// - Throws: `MillError`: `over-budget`, `interrupted`.
  public func neighborGraph(
    k: Int, symmetry: NeighborSymmetry = .union, isWeighted: Bool = false, ef: Int = 64,
    context run: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    let beam = max(1, min(max(ef, k + 1), count))
    var workers: [SearchContext] = []
    for _ in 0..<max(1, run.threads) { workers.append(try core.acquire(ef: beam)) }
    defer { for worker in workers { core.release(worker) } }
    var rows = NeighborRows(count: count, k: max(0, min(k, count - 1)))
    let view = core.view
    rows.fill(threads: workers.count, chunk: 64) { row, worker in
      if run.cancellation?.isRequested == true { return [] }
      let context = workers[worker]
      let found = unsafe core.hintedSearch(view.points.object(UInt32(row)), ef: beam, context)
      return context.answers(found).filter { $0.id != row }
    }
    try run.checkCancelled()
    return try ProximityGraphs.neighborGraph(
      rows, names: ObjectNames(count: count), symmetry: symmetry, isWeighted: isWeighted, context: run)
  }
}
