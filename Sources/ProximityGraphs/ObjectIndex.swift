import CMillKernels
public import GraphStore
public import MillRuntime
public import VectorStore

/// An HNSW graph over objects of any type under a distance of your own.
///
/// Built in one go; searches may run on many threads. See `ObjectSpace`.
public final class ObjectIndex<Space: ObjectSpace>: @unchecked Sendable {
  /// The objects; answers are their positions.
  public let objects: ObjectTable<Space>
  let core: HNSWCore

  /// An index of all objects of a table.
  ///
  /// - Throws: ``ProximityError``.
  /// - Complexity: about O(n log n) distances. The same graph for every thread count.
  public convenience init(
    building objects: ObjectTable<Space>, options: HNSWOptions = .init(), context: RunContext = .init()
  ) throws(ProximityError) {
    try self.init(objects, options, hints: nil, context)
  }

  /// As above; searches start from what the hints name, too.
  init(
    _ objects: ObjectTable<Space>, _ options: HNSWOptions, hints: EntryHints?, _ context: RunContext
  ) throws(ProximityError) {
    try options.validate()
    guard objects.count < 1 << 31 - 1 else { throw .tooManyObjects(objects.count) }
    self.objects = objects
    let points = objects.points
    core = try allocating { () throws(MillError) in
      try HNSWCore.build(points, options: options, hints: hints, context: context)
    }
  }

  /// The number of objects.
  public var count: Int { objects.count }
  /// What the build cost.
  public var report: BuildReport { core.report }
  /// Nodes that no search can reach; 0 after a repair.
  public func unreachableCount() -> Int { core.unreachedCount() }

  /// The k nearest objects by (distance, position).
  ///
  /// - Parameters:
  ///   - query: The object to look for.
  ///   - k: Neighbours wanted.
  ///   - ef: Beam width, raised to k.
  /// - Throws: ``ProximityError/resource(_:)`` when memory is refused.
  public func search(_ query: Space.Object, k: Int, ef: Int = 64) throws(ProximityError) -> SearchResult {
    var query = query
    return try allocating { () throws(MillError) in
      let wanted = min(k, count)
      guard wanted > 0 else { return SearchResult(neighbors: [], counters: SearchCounters(), isExact: false) }
      let beam = min(max(ef, wanted), count)
      let context = try core.acquire(ef: beam)
      defer { core.release(context) }
      let neighbors = withUnsafePointer(to: &query) { pointer in
        let found = core.hintedSearch(UnsafeRawPointer(pointer), ef: beam, context)
        return context.answers(min(found, wanted))
      }
      return SearchResult(neighbors: neighbors, counters: context.counters, isExact: false)
    }
  }

  /// The k nearest objects by a full scan.
  public func exactSearch(_ query: Space.Object, k: Int) -> [Neighbor] {
    var query = query
    let points = objects.points
    return withUnsafePointer(to: &query) { points.exactNearest(to: UnsafeRawPointer($0), k: k) }
  }

  /// The k nearest others of every object as a graph over their positions.
  ///
  /// - Throws: ``ProximityError/resource(_:)``.
  public func neighborGraph(
    k: Int, symmetry: NeighborSymmetry = .union, isWeighted: Bool = false, ef: Int = 64,
    context run: RunContext = .init()
  ) throws(ProximityError) -> CSRGraph {
    try allocating { () throws(MillError) in
      let beam = max(1, min(max(ef, k + 1), count))
      var workers: [SearchContext] = []
      for _ in 0..<max(1, run.threads) { workers.append(try core.acquire(ef: beam)) }
      defer { for worker in workers { core.release(worker) } }
      var rows = NeighborRows(count: count, k: max(0, min(k, count - 1)))
      let view = core.view
      rows.fill(threads: workers.count, chunk: 64) { row, worker in
        if run.cancellation?.isRequested == true { return [] }
        let context = workers[worker]
        let found = core.hintedSearch(view.points.object(UInt32(row)), ef: beam, context)
        return context.answers(found).filter { $0.id != row }
      }
      try run.checkCancelled()
      return try ProximityGraphs.neighborGraph(
        rows, nodeCount: count, symmetry: symmetry, isWeighted: isWeighted, context: run)
    }
  }
}

extension SearchContext {
  /// The first keys of the pool as answers.
  func answers(_ count: Int) -> [Neighbor] {
    (0..<count).map { Neighbor(id: Int(mill_key_id(pool[$0])), distance: mill_key_distance(pool[$0])) }
  }
}
