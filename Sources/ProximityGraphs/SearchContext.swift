import CMillKernels
import Glibc
import MillRuntime

/// The scratch memory of one search at a time: visited bits, the sorted pool, buffers of a batch. A search allocates
/// nothing once the buffers have grown to their size.
@safe final class SearchContext: @unchecked Sendable {
  /// One bit an object; all clear between searches.
  private let visitedBuffer: FlatBuffer<UInt64>
  let visited: UnsafeMutablePointer<UInt64>
  let capacity: Int
  /// Words that were touched, with room for all and one more.
  private let touchedBuffer: FlatBuffer<UInt32>
  let touched: UnsafeMutablePointer<UInt32>
  let touchedCount: UnsafeMutablePointer<Int>
  private var poolBuffer: FlatBuffer<UInt64>
  /// The sorted pool of candidates; the lowest bit of a key marks an expanded one.
  private(set) var pool: UnsafeMutablePointer<UInt64>
  private(set) var poolCapacity: Int
  private let idBuffer: FlatBuffer<UInt32>
  private let distanceBuffer: FlatBuffer<Float>
  /// A batch of ids and their distances, for at least one list of neighbors' neighbors a call.
  let ids: UnsafeMutablePointer<UInt32>
  let distances: UnsafeMutablePointer<Float>
  static let batch = 2048
  /// Selected keys of one list and the ids of its accepted ones.
  private let selectedBuffer: FlatBuffer<UInt64>
  let selected: UnsafeMutablePointer<UInt64>
  private let acceptedBuffer: FlatBuffer<UInt32>
  let accepted: UnsafeMutablePointer<UInt32>
  private let freshBuffer: FlatBuffer<UInt64>
  /// The search under way.
  let beam: UnsafeMutablePointer<Beam>
  /// The code of the query under way; see ``coded(_:_:)``.
  var code: FlatBuffer<UInt8>?
  /// A binary heap for searches whose candidates may lie outside the pool.
  var heap: [UInt64] = []
  var counters = SearchCounters()
  /// Entries that the last selection accepted by its test; 0 when it tested nothing.
  var acceptedCount = 0
  /// Distances of selections: of new nodes, of back-links, within a batch.
  var selectComputed: UInt64 = 0
  var reverseComputed: UInt64 = 0
  var batchComputed: UInt64 = 0

  init(capacity: Int, ef: Int) throws(MillError) {
    self.capacity = capacity
    let words = (capacity + 63) / 64
    visitedBuffer = try FlatBuffer<UInt64>(count: max(1, words))
    unsafe visited = visitedBuffer.base
    touchedBuffer = try FlatBuffer<UInt32>(count: words + 1)
    unsafe touched = touchedBuffer.base
    poolCapacity = max(64, ef + 1)
    poolBuffer = try FlatBuffer<UInt64>(count: poolCapacity)
    unsafe pool = poolBuffer.base
    idBuffer = try FlatBuffer<UInt32>(count: Self.batch)
    unsafe ids = idBuffer.base
    distanceBuffer = try FlatBuffer<Float>(count: Self.batch)
    unsafe distances = distanceBuffer.base
    selectedBuffer = try FlatBuffer<UInt64>(count: 2 * Self.batch)
    unsafe selected = selectedBuffer.base
    acceptedBuffer = try FlatBuffer<UInt32>(count: Self.batch)
    unsafe accepted = acceptedBuffer.base
    freshBuffer = try FlatBuffer<UInt64>(count: Self.batch)
    unsafe touchedCount = .allocate(capacity: 1)
    unsafe touchedCount.pointee = 0
    unsafe beam = .allocate(capacity: 1)
    unsafe beam.initialize(
      to: Beam(
        query: UnsafeRawPointer(pool), pool: pool, ids: ids, distances: distances, fresh: freshBuffer.base,
        visited: visited, touched: touched))
  }

  deinit {
    unsafe touchedCount.deallocate()
    unsafe beam.deallocate()
  }

  /// Makes room for a pool of `ef` keys; what is in it is kept.
  func reservePool(_ ef: Int) throws(MillError) {
    guard ef + 1 > poolCapacity else { return }
    let new = try FlatBuffer<UInt64>(count: ef + 1)
    unsafe memcpy(new.base, pool, 8 * poolCapacity)
    poolBuffer = new
    unsafe pool = new.base
    poolCapacity = ef + 1
  }

  /// Marks an object; whether it was new.
  @inline(__always) func visit(_ id: UInt32) -> Bool {
    let word = Int(id) &>> 6
    let bit: UInt64 = 1 &<< UInt64(id & 63)
    let old = unsafe visited[word]
    if old & bit != 0 { return false }
    unsafe visited[word] = old | bit
    if old == 0 {
      unsafe touched[touchedCount.pointee] = UInt32(word)
      unsafe touchedCount.pointee &+= 1
    }
    return true
  }

  @inline(__always) func isVisited(_ id: UInt32) -> Bool { unsafe visited[Int(id) &>> 6] &>> UInt64(id & 63) & 1 != 0 }

  /// Clears all marks.
  func clearVisited() {
    let count = unsafe touchedCount.pointee
    if count <= capacity / 512 {
      for i in 0..<count { unsafe visited[Int(touched[i])] = 0 }
    } else {
      unsafe memset(visited, 0, 8 * ((capacity + 63) / 64))
    }
    unsafe touchedCount.pointee = 0
  }
}

/// Contexts that searches of one index take and give back.
final class ContextPool: Sendable {
  private let contexts = Lock<[SearchContext]>.survivingFork([])

  /// A context for a number of objects, with room for `ef` keys; give it back with ``release(_:)``.
  func acquire(capacity: Int, ef: Int) throws(MillError) -> SearchContext {
    let capacity = max(1, capacity)
    while let context = contexts.withLock({ $0.popLast() }) {
      guard context.capacity >= capacity else { continue }
      try context.reservePool(ef)
      context.counters = SearchCounters()
      return context
    }
    return try SearchContext(capacity: max(64, capacity * 5 / 4), ef: ef)
  }

  func release(_ context: SearchContext) { contexts.withLock { $0.append(context) } }
}
