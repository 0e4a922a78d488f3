import CMillKernels
import Glibc
public import MillRuntime
public import VectorStore

/// An index of vectors for nearest-neighbour search: a hierarchical navigable small world graph.
///
/// ```swift
/// let vectors = try readVectors("base.fvecs")
/// let index = try HNSWIndex(building: vectors, metric: .l2)
/// let found = try index.search(query, k: 10).neighbors
/// ```
///
/// Objects are named by keys, by default their numbers in the order they came; answers are sorted by (distance, key).
/// Searches may run on many threads at once; ``add(_:key:replace:)``, ``remove(key:)``, ``compact(context:)`` and
/// ``quantize(_:context:)`` need the index to themselves. The same vectors, options and seed give the same graph and
/// the same file for every thread count, kernel variant and machine.
///
/// Source: Malkov, Yashunin, arXiv 1603.09320.
public final class HNSWIndex: @unchecked Sendable {
  /// The distance.
  public let metric: Metric
  /// How the graph was and is built.
  public let options: HNSWOptions
  /// The stored vectors; under the cosine distance of unit length.
  public internal(set) var vectors: VectorTable
  var core: HNSWCore
  /// Keys by number; nil where they are the numbers.
  var keys: [Int]?
  /// Numbers by key, made when it is first needed.
  var numbers: [Int: UInt32]?
  /// The largest key, when ``add(_:key:replace:)`` has asked for it.
  var largestKey: Int?
  /// Lengths that vectors had, under the cosine distance.
  var norms: [Float]
  /// A bit for every removed object; empty when there are none.
  var dead: [UInt64] = []
  var deadCount = 0
  var codes: VectorCodes?
  /// Keeps a mapped file alive.
  let file: MappedFile?

  /// The number of objects that can be found.
  public var count: Int { core.links.count - deadCount }
  /// Elements of a vector.
  public var dimension: Int { vectors.dimension }
  /// Whether the index is mapped and cannot be changed.
  public var isReadOnly: Bool { core.links.isMapped }
  /// What the build cost, and what the repair found.
  public var report: BuildReport { core.report }
  /// Whether so many objects were removed that ``compact(context:)`` pays: 20%.
  public var shouldCompact: Bool { deadCount * 5 >= max(1, core.links.count) }
  /// Nodes on each level, level 0 first.
  public var levelCounts: [Int] {
    var counts = [Int](repeating: 0, count: core.top + 1)
    for id in 0..<core.links.count where core.links.levels[id] != LinkStore.chained {
      for level in 0...min(Int(core.links.levels[id]), core.top) { counts[level] += 1 }
    }
    return counts
  }

  init(
    metric: Metric, options: HNSWOptions, vectors: VectorTable, core: HNSWCore, keys: [Int]?, norms: [Float],
    file: MappedFile?
  ) {
    self.metric = metric
    self.options = options
    self.vectors = vectors
    self.core = core
    self.keys = keys
    self.norms = norms
    self.file = file
  }

  /// An index of all rows of a table.
  ///
  /// Floats that are all whole numbers 0...255 are built as bytes under `l2`: exact distances, a quarter of the memory
  /// traffic. Points are inserted in batches that search a frozen graph in parallel, or one by one
  /// (``HNSWOptions/isSequential``); then the connectivity repair runs.
  ///
  /// - Parameters:
  ///   - table: The vectors; copied, and normalised under the cosine distance.
  ///   - metric: The distance.
  ///   - keys: One key a row, distinct and not negative; nil for the row numbers.
  ///   - options: The graph's settings.
  ///   - context: Threads, progress, cancellation. The result does not depend on the threads.
  /// - Throws: ``ProximityError``.
  /// - Complexity: about O(n log n) distances; `4 · baseLinks` bytes a row beside the vectors, and n / 8 bytes a thread.
  public convenience init(
    building table: VectorTable, metric: Metric, keys: [Int]? = nil, options: HNSWOptions = .init(),
    context: RunContext = .init()
  ) throws(ProximityError) {
    try options.validate()
    guard table.count < 1 << 31 - 1 else { throw .tooManyObjects(table.count) }
    if let keys { try checkKeys(keys, count: table.count) }
    let (stored, lengths) = try vectorCall { () throws(VectorError) in try table.stored(for: metric, context) }
    let norms = lengths.map { Array($0.elements) } ?? []
    let points = try vectorCall { () throws(VectorError) in try PointSet(stored, metric: metric) }
    let bytes = metric == .l2 ? try allocating { () throws(MillError) in try stored.wholeBytes(context) } : nil
    let near = try bytes.map { bytes throws(ProximityError) in
      try vectorCall { () throws(VectorError) in try PointSet(bytes, metric: metric) }
    }
    let core = try allocating { () throws(MillError) in
      try HNSWCore.build(near ?? points, options: options, context: context)
    }
    core.points = points
    self.init(metric: metric, options: options, vectors: stored, core: core, keys: keys, norms: norms, file: nil)
  }

  /// An empty index that grows by ``add(_:key:replace:)``.
  ///
  /// - Throws: ``ProximityError``.
  public convenience init(
    dimension: Int, metric: Metric, elementType: ElementType = .float32, options: HNSWOptions = .init()
  ) throws(ProximityError) {
    let empty = try vectorCall { () throws(VectorError) in try VectorTable(elementType, dimension: dimension) }
    try self.init(building: empty, metric: metric, options: options, context: RunContext(threads: 1))
  }

  /// The key of object `number`.
  @inline(__always) func key(_ number: UInt32) -> Int { keys.map { $0[Int(number)] } ?? Int(number) }

  @inline(__always) func isDead(_ number: UInt32) -> Bool {
    !dead.isEmpty && dead[Int(number) >> 6] >> UInt64(number & 63) & 1 != 0
  }

  /// The number of the live object with a key.
  func number(ofKey key: Int) -> UInt32? {
    if keys == nil {
      guard key >= 0, key < core.links.count, !isDead(UInt32(key)) else { return nil }
      return UInt32(key)
    }
    if numbers == nil {
      var made: [Int: UInt32] = [:]
      for id in 0..<UInt32(core.links.count) where !isDead(id) { made[self.key(id)] = id }
      numbers = made
    }
    return numbers?[key]
  }

  /// Whether an object has this key.
  public func contains(key: Int) -> Bool { number(ofKey: key) != nil }

  /// The vector of a key, its length restored under the cosine distance; nil when there is none.
  public func vector(forKey key: Int) -> [Float]? {
    guard let id = number(ofKey: key) else { return nil }
    let values = vectors.floats(Int(id))
    return metric == .cosine ? values.map { $0 * norms[Int(id)] } : values
  }

  /// A vector as the kernels take it: in the element type, normalised under the cosine distance, in aligned memory.
  func encoded(_ values: [Float]) throws(ProximityError) -> (FlatBuffer<UInt8>, norm: Float) {
    try vectors.encoded(values, for: metric)
  }

  /// Links of level 0.
  ///
  /// - Complexity: O(links).
  public var linkCount: Int {
    let view = core.links.view
    return (0..<UInt32(core.links.count)).reduce(0) { sum, id in
      view.list(id, 0).map { sum + view.length($0, 0) } ?? sum
    }
  }

  /// Nodes that no search can reach; 0 after a repair.
  public func unreachableCount() -> Int { core.unreachedCount() }

  /// Objects that a search for themselves misses; 0 after the full repair.
  ///
  /// - Complexity: one search an object.
  public func selfMissCount(ef: Int = 64, context: RunContext = .init()) throws(ProximityError) -> Int {
    try allocating { () throws(MillError) in try core.selfMisses(context, ef: ef).count }
  }
}
