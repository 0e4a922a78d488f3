import Glibc
public import MillRuntime
public import VectorStore

/// An index of vectors for nearest-neighbor search: a hierarchical navigable small world graph.
///
/// ```swift
/// let vectors = try readVectors("base.fvecs")
/// let index = try HNSWIndex(building: vectors, metric: .l2)
/// let found = try index.search(query, k: 10).neighbors
/// ```
///
/// Objects have keys, by default their numbers in the order they came, and may have names; answers are sorted by
/// (distance, key).
/// Searches may run on many threads at once; ``add(_:key:replace:)``, ``remove(key:)``, ``compact(context:)``,
/// ``reorder(context:)`` and ``quantize(_:context:)`` need the index to themselves. The same vectors, options and seed
/// give the same graph and the same file for every thread count, kernel variant and machine.
///
/// Source: Malkov, Yashunin, arXiv 1603.09320.
public final class HNSWIndex: VectorIndex, @unchecked Sendable {
  /// The distance.
  public let metric: Metric
  /// The stored vectors; under the cosine distance of unit length.
  public internal(set) var vectors: VectorTable
  var core: HNSWCore
  /// Keys, and which objects were removed.
  var names: ObjectNames
  /// Lengths that vectors had, under the cosine distance.
  var norms: [Float]
  var codes: VectorCodes?

  init(
    metric: Metric, vectors: VectorTable, core: HNSWCore, names: ObjectNames, norms: [Float], codes: VectorCodes? = nil
  ) {
    self.metric = metric
    self.vectors = vectors
    self.core = core
    self.names = names
    self.norms = norms
    self.codes = codes
  }

  /// An index of all rows of a table.
  ///
  /// Floats that are all whole numbers 0...255 are built as bytes under `l2`: exact distances, a quarter of the memory
  /// traffic. Points are inserted in batches that search a frozen graph in parallel, or one by one
  /// (``HNSWOptions/isSequential``); then the connectivity repair runs.
  ///
  /// - Parameters:
  ///   - table: The vectors; copied, and normalized under the cosine distance.
  ///   - metric: The distance.
  ///   - keys: One key a row, distinct and not negative; nil for the row numbers.
  ///   - options: The graph's settings.
  ///   - context: Threads, progress, cancellation. The result does not depend on the threads.
  /// - Throws: `MillError`: `bad-option` for settings out of range and for a distance that the elements do not have,
  ///   `malformed` for values that are not finite, `key-count`, `negative-key`, `duplicate-key`, `too-many-objects`,
  ///   `over-budget`, `interrupted`.
  /// - Complexity: about O(n log n) distances; `4 · baseLinks` bytes a row beside the vectors, and n / 8 bytes a thread.
  public convenience init(
    building table: VectorTable, metric: Metric, keys: [Int]? = nil, options: HNSWOptions = .init(),
    context: RunContext = .init()
  ) throws(MillError) {
    if let keys { try checkKeys(keys, count: table.count) }
    try self.init(building: table, metric, ObjectNames(count: table.count, keys: keys), options, context)
  }

  /// An index of all rows of a table, called as their file calls them; see
  /// ``init(building:metric:keys:options:context:)-(VectorTable,_,_,_,_)``.
  ///
  /// ```swift
  /// let read = try readVectorFile("words.vec")
  /// let index = try HNSWIndex(building: read.vectors, metric: .cosine, naming: read.keys)
  /// let found = try index.search(query, k: 10).keys.compactMap { index.name(ofKey: $0) }
  /// ```
  ///
  /// - Parameters:
  ///   - table: The vectors.
  ///   - metric: How they are compared.
  ///   - keys: Numbers become keys. Of names every row has one, the keys are the row numbers. Nil for neither.
  ///   - options: How the graph is built.
  ///   - context: Threads, progress, a way to stop.
  /// - Throws: `MillError`, also `empty-name`; `duplicate-key` with both rows.
  public convenience init(
    building table: VectorTable, metric: Metric, naming keys: VectorKeys?, options: HNSWOptions = .init(),
    context: RunContext = .init()
  ) throws(MillError) {
    try self.init(building: table, metric, ObjectNames(count: table.count, naming: keys), options, context)
  }

  private convenience init(
    building table: VectorTable, _ metric: Metric, _ names: ObjectNames, _ options: HNSWOptions, _ context: RunContext
  ) throws(MillError) {
    try options.validate()
    try checkObjectCount(table.count)
    let (stored, lengths) = try table.stored(for: metric, context)
    let points = try PointSet(stored, metric: metric)
    let bytes = metric == .l2 ? try stored.wholeBytes(context) : nil
    var core = try HNSWCore.build(
      try bytes.map { (table) throws(MillError) in try PointSet(table, metric: metric) } ?? points, options: options,
      context: context)
    if bytes != nil { core = core.over(points) }
    self.init(
      metric: metric, vectors: stored, core: core, names: names,
      norms: lengths.map { unsafe Array($0.elements) } ?? [])
  }

  /// An index of vectors in arrays; see ``init(building:metric:keys:options:context:)``.
  ///
  /// - Throws: `MillError`, also `malformed` for vectors of unequal lengths.
  public convenience init(
    building vectors: [[Float]], metric: Metric, keys: [Int]? = nil, options: HNSWOptions = .init(),
    context: RunContext = .init()
  ) throws(MillError) {
    try self.init(building: VectorTable(rows: vectors), metric: metric, keys: keys, options: options, context: context)
  }

  /// An empty index that grows by ``add(_:key:replace:)``.
  ///
  /// - Throws: `MillError`: `bad-option`.
  public convenience init(
    dimension: Int, metric: Metric, elementType: ElementType = .float32, options: HNSWOptions = .init()
  ) throws(MillError) {
    try self.init(
      building: VectorTable(elementType, dimension: dimension), metric: metric, options: options,
      context: RunContext(threads: 1))
  }

  // MARK: What is in it

  /// How the graph was made.
  public var method: IndexMethod { .hnsw }
  /// How the graph was and is built.
  public var options: HNSWOptions { core.options }
  /// The number of objects that can be found.
  public var count: Int { names.liveCount }
  /// Elements of a vector.
  public var dimension: Int { vectors.dimension }
  /// Whether the index is mapped and cannot be changed.
  public var isReadOnly: Bool { core.links.isMapped }
  /// What the build cost, and what the repair found.
  public var report: BuildReport { core.report }
  /// Whether so many objects were removed that ``compact(context:)`` pays: 20%.
  public var shouldCompact: Bool { names.removedCount * 5 >= max(1, names.count) }

  /// The keys of all objects that can be found, in the order of their rows.
  public var keys: [Int] {
    (0..<UInt32(names.count)).filter { !names.isRemoved($0) }.map { names.key($0) }
  }

  /// Whether an object has this key.
  public func contains(key: Int) -> Bool { names.number(of: key) != nil }

  /// The vector of a key, its length restored under the cosine distance; nil when there is none.
  public func vector(forKey key: Int) -> [Float]? {
    guard let number = names.number(of: key) else { return nil }
    let values = vectors.floats(Int(number))
    return metric == .cosine ? values.map { $0 * norms[Int(number)] } : values
  }

  /// Whether objects have names.
  public var isNamed: Bool { names.texts != nil }
  /// The name of the object that has a key; nil where there is none, or objects have no names.
  public func name(ofKey key: Int) -> String? { names.number(of: key).flatMap { names.text($0) } }
  /// The key of the object that has a name; nil where there is none.
  public func key(named name: String) -> Int? { names.number(named: name).map { names.key($0) } }

  /// A filter that lets those objects through whose key fulfils the predicate; for use in many searches.
  ///
  /// - Complexity: one call an object, n / 8 bytes. Made anew when the index changes.
  public func filter(_ isAllowed: (_ key: Int) -> Bool) -> SearchFilter { names.filter(isAllowed) }

  /// A filter that lets the objects through that have one of the keys; keys that nothing has are passed over.
  ///
  /// - Complexity: O(keys), n / 8 bytes. Made anew when the index changes.
  public func filter(keys: some Sequence<Int>) -> SearchFilter { names.filter(keys: keys) }

  /// Nodes on each level, level 0 first.
  public var levelCounts: [Int] {
    var counts = [Int](repeating: 0, count: core.top + 1)
    for id in 0..<core.links.count where unsafe core.links.levels[id] != LinkStore.chained {
      for level in unsafe 0...min(Int(core.links.levels[id]), core.top) { counts[level] += 1 }
    }
    return counts
  }

  /// Links of level 0.
  ///
  /// - Complexity: O(links).
  public var linkCount: Int {
    let view = core.links.view
    return (0..<UInt32(core.links.count)).reduce(0) { sum, id in
      unsafe view.list(id, 0).map { unsafe sum + view.length($0, 0) } ?? sum
    }
  }

  /// Nodes that no search can reach; 0 after a repair.
  public func unreachableCount() -> Int { core.unreachedCount() }

  /// Objects that a search for themselves misses; 0 after the full repair.
  ///
  /// - Throws: `MillError`: `over-budget`, `interrupted`.
  /// - Complexity: one search an object.
  public func selfMissCount(ef: Int = 64, context: RunContext = .init()) throws(MillError) -> Int {
    try core.selfMisses(context, ef: ef).count
  }
}
