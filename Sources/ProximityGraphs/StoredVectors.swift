import MillRuntime
import VectorStore

/// Plain values of an index, in a buffer or in a mapped file, which live as long as they are used.
struct StoredArray<Element: BitwiseCopyable>: @unchecked Sendable {
  let base: UnsafePointer<Element>
  let count: Int
  private let owner: AnyObject

  /// All elements of a buffer.
  init(_ buffer: FlatBuffer<Element>) {
    (base, count, owner) = (UnsafePointer(buffer.base), buffer.count, buffer)
  }

  /// Elements in memory of `owner`.
  init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject, empty: UnsafeRawPointer) {
    base = (bytes.baseAddress ?? empty).assumingMemoryBound(to: Element.self)
    count = bytes.count / MemoryLayout<Element>.stride
    self.owner = owner
  }
}

extension VectorTable {
  /// The rows as an index keeps them: a copy, under the cosine distance of unit length beside the lengths they had.
  func stored(for metric: Metric, _ run: RunContext) throws(VectorError) -> (VectorTable, norms: FlatBuffer<Float>?) {
    try check(for: metric, context: run)
    guard metric == .cosine else { return (try copy(context: run), nil) }
    let (unit, norms) = try unitRows(context: run)
    return (unit, norms)
  }

  /// A vector as the kernels take it: in the element type, normalised under the cosine distance, in aligned memory.
  func encoded(_ values: [Float], for metric: Metric) throws(ProximityError) -> (FlatBuffer<UInt8>, norm: Float) {
    let buffer = try allocating { () throws(MillError) in try FlatBuffer<UInt8>(count: max(64, 4 * dimension)) }
    try vectorCall { () throws(MillError) in try checkQuery(values, for: metric) }
    var values = values
    var norm: Float = 0
    if metric == .cosine {
      values.withUnsafeMutableBytes { bytes in
        if let base = bytes.baseAddress { norm = VectorTable.normalize(base, dimension: bytes.count / 4) }
      }
    }
    let unit = values
    try vectorCall { () throws(VectorError) in try encode(unit, to: UnsafeMutableRawPointer(buffer.base)) }
    return (buffer, norm)
  }

  /// Queries as the kernels take them, one a row.
  func prepared(
    _ queries: VectorTable, for metric: Metric, _ run: RunContext
  ) throws(VectorError) -> VectorTable {
    guard queries.dimension == dimension else {
      throw .dimensionMismatch(expected: dimension, found: queries.dimension)
    }
    try queries.check(for: metric, areQueries: true, context: run)
    let typed = try queries.converted(to: elementType)
    return metric == .cosine ? try typed.normalized(context: run).rows : typed
  }
}

/// Makes sure that keys are distinct and not negative, one for each of `count` objects.
func checkKeys(_ keys: [Int], count: Int) throws(ProximityError) {
  guard keys.count == count else { throw .keyCount(expected: count, found: keys.count) }
  var seen = Set<Int>(minimumCapacity: keys.count)
  for key in keys {
    guard key >= 0 else { throw .negativeKey(key) }
    guard seen.insert(key).inserted else { throw .duplicateKey(key) }
  }
}
