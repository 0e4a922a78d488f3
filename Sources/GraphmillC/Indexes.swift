public import CGraphmill
import Glibc
import GraphStore
import MillRuntime
import ProximityGraphs
import VectorStore

/// An index behind a handle: many searches at once, or one change.
@safe final class IndexObject: @unchecked Sendable {
  private let index: HNSWIndex
  private let lock: UnsafeMutablePointer<pthread_rwlock_t>

  init(_ index: HNSWIndex) {
    self.index = index
    unsafe lock = .allocate(capacity: 1)
    unsafe pthread_rwlock_init(lock, nil)
  }

  deinit {
    unsafe pthread_rwlock_destroy(lock)
    unsafe lock.deallocate()
  }

  /// Runs what only looks at the index.
  func read<Result>(_ body: (HNSWIndex) throws(MillError) -> Result) throws(MillError) -> Result {
    unsafe pthread_rwlock_rdlock(lock)
    defer { unsafe pthread_rwlock_unlock(lock) }
    return try body(index)
  }

  /// Runs what changes the index.
  func write<Result>(_ body: (HNSWIndex) throws(MillError) -> Result) throws(MillError) -> Result {
    unsafe pthread_rwlock_wrlock(lock)
    defer { unsafe pthread_rwlock_unlock(lock) }
    return try body(index)
  }

  static func of(_ handle: OpaquePointer?) throws(MillError) -> IndexObject {
    try unsafe object(handle, IndexObject.self, "index")
  }
}

/// The largest dimension, of arrays that are multiplied by it.
private let largestDimension = VectorTable.maximumDimension

/// The caller's rows, which stay the caller's: valid for the time of the call.
///
/// - Throws: `MillError`: `bad-option` for a type that is none, for rows that overlap, and for too many.
func rows(_ given: UnsafePointer<gm_rows>?) throws(MillError) -> VectorTable {
  guard let given = unsafe given?.pointee else { throw .null("rows") }
  let type = try unsafe elementType(given.type)
  let dimension = try unsafe number(given.dimension, "the dimension", in: 1...largestDimension)
  let count = try unsafe number(given.count, "the number of rows", in: 0...largestCount)
  let stride = try unsafe number(given.stride, "the stride", in: 0...1 << 40)
  guard count <= 1 || stride >= type.rowBytes(dimension: dimension),
    stride.multipliedReportingOverflow(by: count).overflow == false
  else {
    throw MillError(
      .badOption, "rows of \(type.rowBytes(dimension: dimension)) bytes need a larger stride", field: "\(stride)")
  }
  guard let data = unsafe given.data ?? (count == 0 ? UnsafeRawPointer(bitPattern: 64) : nil) else {
    throw .null("the data of rows")
  }
  return unsafe VectorTable(
    mapped: data, type, dimension: dimension, stride: stride, count: count, owner: CallerMemory.shared)
}

extension VectorTable {
  /// Some rows of a table of ``rows(_:)``, as valid as that is.
  func borrowed(_ range: Range<Int>) -> VectorTable {
    unsafe VectorTable(
      mapped: base + range.lowerBound * stride, elementType, dimension: dimension, stride: stride, count: range.count,
      owner: CallerMemory.shared)
  }
}

/// Stands for memory that a caller holds for the time of a call.
private final class CallerMemory: Sendable { static let shared = CallerMemory() }

func elementType(_ word: UnsafePointer<CChar>?) throws(MillError) -> ElementType {
  try unsafe GraphmillC.word(word, "type of vectors", .float32)
}

func metric(_ word: UnsafePointer<CChar>?) throws(MillError) -> Metric {
  try unsafe GraphmillC.word(word, "distance", .l2)
}

/// The settings of an index.
private func settings(_ given: UnsafePointer<gm_index_options>?) throws(MillError) -> HNSWOptions {
  let given = try unsafe options(given, gm_index_options())
  var wanted = HNSWOptions()
  if given.m != 0 { wanted.m = Int(given.m) }
  if given.ef_construction != 0 {
    wanted.efConstruction = try number(given.ef_construction, "ef_construction", in: 1...1 << 20)
  }
  if given.seed != 0 { wanted.seed = given.seed }
  return wanted
}

/// Keys of the caller, one a row; nil for null.
///
/// - Throws: `MillError` of kind `bad-option` for a key that leaves no room for larger ones.
func keys(_ given: UnsafePointer<Int64>?, count: Int) throws(MillError) -> [Int]? {
  guard let given = unsafe given else { return nil }
  var keys: [Int] = []
  keys.reserveCapacity(count)
  for row in 0..<count { keys.append(try unsafe number(given[row], "a key", in: Int.min...1 << 62)) }
  return keys
}

/// Makes an empty index.
@c @implementation
public func gm_index_new(
  _ dimension: Int64, _ type: UnsafePointer<CChar>?, _ metric: UnsafePointer<CChar>?,
  _ given: UnsafePointer<gm_index_options>?, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    IndexObject(
      try unsafe HNSWIndex(
        dimension: number(dimension, "the dimension", in: 1...largestDimension), metric: GraphmillC.metric(metric),
        elementType: elementType(type), options: settings(given)))
  }
}

/// Builds an index.
@c @implementation
public func gm_index_build(
  _ given: UnsafePointer<gm_rows>?, _ metric: UnsafePointer<CChar>?, _ names: UnsafePointer<Int64>?,
  _ wanted: UnsafePointer<gm_index_options>?, _ context: OpaquePointer?, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let table = try unsafe rows(given)
    return IndexObject(
      try unsafe HNSWIndex(
        building: table, metric: GraphmillC.metric(metric), keys: keys(names, count: table.count),
        options: settings(wanted), context: GraphmillC.context(context)))
  }
}

/// Adds vectors to an index.
@c @implementation
public func gm_index_add(
  _ handle: OpaquePointer?, _ given: UnsafePointer<gm_rows>?, _ names: UnsafePointer<Int64>?, _ replace: Int32,
  _ context: OpaquePointer?, _ added: UnsafeMutablePointer<Int64>?, _ error: HandleOut
) -> Int32 {
  unsafe added?.pointee = 0
  return unsafe door(error) { () throws(MillError) in
    let table = try unsafe rows(given)
    let names = try unsafe keys(names, count: table.count)
    let context = unsafe GraphmillC.context(context)
    try unsafe IndexObject.of(handle).write { index throws(MillError) in
      context.progress?.begin("add", total: table.count, unit: .items)
      defer { context.progress?.end() }
      for row in 0..<table.count {
        try context.checkCancelled()
        try index.add(table.floats(row), key: names?[row], replace: replace != 0)
        unsafe added?.pointee = Int64(row + 1)
        context.progress?.advance(by: 1)
      }
    }
  }
}

/// Removes an object.
@c @implementation
public func gm_index_remove(_ handle: OpaquePointer?, _ key: Int64, _ error: HandleOut) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    try unsafe IndexObject.of(handle).write { index throws(MillError) in try index.remove(key: Int(key)) }
  }
}

/// Takes removed objects out.
@c @implementation
public func gm_index_compact(_ handle: OpaquePointer?, _ context: OpaquePointer?, _ error: HandleOut) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let context = unsafe GraphmillC.context(context)
    try unsafe IndexObject.of(handle).write { index throws(MillError) in try index.compact(context: context) }
  }
}

/// Adds codes to an index.
@c @implementation
public func gm_index_quantize(
  _ handle: OpaquePointer?, _ form: UnsafePointer<CChar>?, _ context: OpaquePointer?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let codes = unsafe form == nil ? nil : try unsafe word(form, "form of codes", Quantization.uint8)
    let context = unsafe GraphmillC.context(context)
    try unsafe IndexObject.of(handle).write { index throws(MillError) in try index.quantize(codes, context: context) }
  }
}

/// Writes an index.
@c @implementation
public func gm_index_save(
  _ handle: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ replace: Int32, _ context: OpaquePointer?,
  _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let path = try unsafe needed(path, "path")
    let context = unsafe GraphmillC.context(context)
    _ = try unsafe IndexObject.of(handle).read { index throws(MillError) in
      try index.write(to: path, replaces: replace != 0, context: context)
    }
  }
}

/// Opens an index.
@c @implementation
public func gm_index_open(
  _ path: UnsafePointer<CChar>?, _ mapped: Int32, _ context: OpaquePointer?, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    IndexObject(
      try unsafe HNSWIndex.open(needed(path, "path"), mapped: mapped != 0, context: GraphmillC.context(context)))
  }
}

/// Gives an index back.
@c @implementation
public func gm_index_free(_ index: OpaquePointer?) { unsafe free(index, IndexObject.self) }
