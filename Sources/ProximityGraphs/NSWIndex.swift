import CMillKernels
public import MillRuntime
public import VectorStore

/// A flat navigable small world graph over vectors: undirected, links are never taken away, so that early ones become
/// the long ones.
///
/// ```swift
/// let index = try NSWIndex(building: vectors, metric: .l2)
/// let found = try index.search(query, k: 10, options: SearchOptions(restarts: 8)).neighbors
/// ```
///
/// The reference for what ``HNSWIndex`` adds: no levels, no selection of neighbors, no parallel build, no change after
/// it. Every object is linked to one that was there before, so that all are connected, equal ones too. Objects are
/// named by keys, by default their row numbers; answers are sorted by (distance, key). Searches may run on many threads.
///
/// Source: Malkov, Ponomarenko, Logvinov, Krylov, Information Systems 45 (2014).
public final class NSWIndex: VectorIndex {
  /// The distance.
  public let metric: Metric
  /// How the graph was built.
  public let options: NSWOptions
  /// The stored vectors; under the cosine distance of unit length.
  public let vectors: VectorTable
  /// What the insertions cost; nothing for an index from a file.
  public let buildCounters: SearchCounters
  let points: PointSet
  /// Neighbors of node v, ascending: `targets[offsets[v]..<offsets[v + 1]]`.
  let offsets: SharedArray<UInt64>
  let targets: SharedArray<UInt32>
  let names: ObjectNames
  /// Lengths that vectors had, under the cosine distance.
  let norms: SharedArray<Float>?
  let contexts = ContextPool()

  init(
    metric: Metric, options: NSWOptions, vectors: VectorTable, points: PointSet, offsets: SharedArray<UInt64>,
    targets: SharedArray<UInt32>, names: ObjectNames, norms: SharedArray<Float>?,
    buildCounters: SearchCounters = .init()
  ) {
    self.metric = metric
    self.options = options
    self.vectors = vectors
    self.points = points
    self.offsets = offsets
    self.targets = targets
    self.names = names
    self.norms = norms
    self.buildCounters = buildCounters
  }

  /// A graph of all rows of a table, inserted one by one.
  ///
  /// - Parameters:
  ///   - table: The vectors; copied, and normalized under the cosine distance.
  ///   - metric: The distance.
  ///   - keys: One key a row, distinct and not negative; nil for the row numbers.
  ///   - options: The graph's settings.
  ///   - run: Progress, cancellation. Insertions run on one thread: each looks at the links of those before.
  /// - Throws: `MillError`: `bad-option` for settings out of range and for a distance that the elements do not have,
  ///   `malformed` for values that are not finite, `key-count`, `negative-key`, `duplicate-key`, `too-many-objects`,
  ///   `over-budget`, `interrupted`.
  /// - Complexity: `buildRestarts` searches a point; memory 8 bytes a link, and up to three times as much meanwhile.
  public convenience init(
    building table: VectorTable, metric: Metric, keys: [Int]? = nil, options: NSWOptions = .init(),
    context run: RunContext = .init()
  ) throws(MillError) {
    if let keys { try checkKeys(keys, count: table.count) }
    try self.init(building: table, metric, ObjectNames(count: table.count, keys: keys), options, run)
  }

  /// A graph of all rows of a table, called as their file calls them; see
  /// ``init(building:metric:keys:options:context:)-(VectorTable,_,_,_,_)``.
  ///
  /// - Parameters:
  ///   - table: The vectors.
  ///   - metric: How they are compared.
  ///   - keys: Numbers become keys. Of names every row has one, the keys are the row numbers. Nil for neither.
  ///   - options: How the graph is built.
  ///   - run: Threads, progress, a way to stop.
  /// - Throws: `MillError`, also `empty-name`; `duplicate-key` with both rows.
  public convenience init(
    building table: VectorTable, metric: Metric, naming keys: VectorKeys?, options: NSWOptions = .init(),
    context run: RunContext = .init()
  ) throws(MillError) {
    try self.init(building: table, metric, ObjectNames(count: table.count, naming: keys), options, run)
  }

  private convenience init(
    building table: VectorTable, _ metric: Metric, _ names: ObjectNames, _ options: NSWOptions, _ run: RunContext
  ) throws(MillError) {
    try options.validate()
    try checkObjectCount(table.count)
    let (stored, norms) = try table.stored(for: metric, run)
    let points = try PointSet(stored, metric: metric)
    var counters = SearchCounters()
    let (offsets, targets) = try Self.insertAll(points, options, &counters, run)
    self.init(
      metric: metric, options: options, vectors: stored, points: points, offsets: SharedArray(offsets),
      targets: SharedArray(targets), names: names,
      norms: norms.map { SharedArray($0) }, buildCounters: counters)
  }

  /// A graph of vectors in arrays; see ``init(building:metric:keys:options:context:)``.
  ///
  /// - Throws: `MillError`, also `malformed` for vectors of unequal lengths.
  public convenience init(
    building vectors: [[Float]], metric: Metric, keys: [Int]? = nil, options: NSWOptions = .init(),
    context: RunContext = .init()
  ) throws(MillError) {
    try self.init(building: VectorTable(rows: vectors), metric: metric, keys: keys, options: options, context: context)
  }

  private static func insertAll(
    _ points: PointSet, _ options: NSWOptions, _ counters: inout SearchCounters, _ run: RunContext
  ) throws(MillError) -> (offsets: FlatBuffer<UInt64>, targets: FlatBuffer<UInt32>) {
    let n = points.count
    let order = try FlatBuffer<UInt32>(count: n)
    for i in 0..<n { unsafe order.base[i] = UInt32(i) }
    if options.shuffles {
      var random = CounterRandom(seed: options.seed, stage: "nsw order")
      unsafe random.shuffle(order.mutableElements)
    }
    var graph = try GrowingLists(nodes: n, expected: 2 * min(options.links, n))
    let stream = RandomStream(seed: options.seed, stage: "nsw build")
    let context = try SearchContext(capacity: max(1, n), ef: 2 * options.links)
    run.progress?.begin("insert", total: n, unit: .items)
    for at in 0..<n {
      if at & 255 == 0 { try run.checkCancelled() }
      let id = unsafe order.base[at]
      var random = stream.item(UInt64(id))
      let walk = unsafe NSWWalk(points: points, lists: graph, entries: UnsafePointer(order.base), entryCount: at)
      let found = unsafe walk.search(
        points.object(id), beam: options.links, restarts: options.buildRestarts, &random, context)
      for i in 0..<found {
        let other = unsafe mill_key_id(context.pool[i])
        try graph.append(other, to: id)
        try graph.append(id, to: other)
      }
      run.progress?.advance(by: 1)
    }
    run.progress?.end()
    counters = context.counters
    return try graph.flat()
  }

  /// How the graph was made.
  public var method: IndexMethod { .nsw }
  /// The number of objects.
  public var count: Int { points.count }
  /// Elements of a vector.
  public var dimension: Int { vectors.dimension }
  /// Links of the graph, each counted once.
  public var linkCount: Int { targets.count / 2 }
  /// Links of every node, in the order of the rows.
  public var degrees: [Int] { (0..<UInt32(count)).map { unsafe lists.list($0).count } }

  var lists: FlatLists {
    unsafe FlatLists(
      offsets: offsets.base, targets: targets.base, targetCount: targets.count, count: UInt32(count))
  }

  /// The keys of all objects, in the order of their rows.
  public var keys: [Int] { (0..<UInt32(count)).map { names.key($0) } }

  /// Whether an object has this key.
  public func contains(key: Int) -> Bool { names.number(of: key) != nil }

  /// The vector of a key, its length restored under the cosine distance; nil when there is none.
  public func vector(forKey key: Int) -> [Float]? {
    guard let number = names.number(of: key) else { return nil }
    let values = vectors.floats(Int(number))
    return norms.map { norms in values.map { $0 * norms[Int(number)] } } ?? values
  }

  /// Whether objects have names.
  public var isNamed: Bool { names.texts != nil }
  /// The name of the object that has a key; nil where there is none, or objects have no names.
  public func name(ofKey key: Int) -> String? { names.number(of: key).flatMap { names.text($0) } }
  /// The key of the object that has a name; nil where there is none.
  public func key(named name: String) -> Int? { names.number(named: name).map { names.key($0) } }

  /// A filter that lets those objects through whose key fulfils the predicate; for use in many searches.
  ///
  /// - Complexity: one call an object, n / 8 bytes.
  public func filter(_ isAllowed: (_ key: Int) -> Bool) -> SearchFilter { names.filter(isAllowed) }

  /// A filter that lets the objects through that have one of the keys; keys that nothing has are passed over.
  ///
  /// - Complexity: O(keys), n / 8 bytes.
  public func filter(keys: some Sequence<Int>) -> SearchFilter { names.filter(keys: keys) }

  /// Objects that a breadth-first search from the first one does not reach; 0 unless a file was damaged.
  ///
  /// - Complexity: O(links).
  public func unreachableCount() -> Int {
    let n = count
    guard n > 0 else { return 0 }
    var isReached = [Bool](repeating: false, count: n)
    isReached[0] = true
    var queue: [UInt32] = [0]
    var at = 0
    while at < queue.count {
      let linked = unsafe lists.list(queue[at])
      for i in linked.indices {
        let id = unsafe linked[i]
        guard id < UInt32(n) && !isReached[Int(id)] else { continue }
        isReached[Int(id)] = true
        queue.append(id)
      }
      at += 1
    }
    return n - queue.count
  }
}
