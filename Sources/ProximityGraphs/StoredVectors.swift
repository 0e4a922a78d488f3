import MillRuntime
import VectorStore

extension VectorTable {
  /// The rows as an index keeps them: a copy, under the cosine distance of unit length beside the lengths they had.
  func stored(for metric: Metric, _ run: RunContext) throws(MillError) -> (VectorTable, norms: FlatBuffer<Float>?) {
    try check(for: metric, context: run)
    guard metric == .cosine else { return (try copy(context: run), nil) }
    let (unit, norms) = try unitRows(context: run)
    return (unit, norms)
  }

  /// A vector as a row: in the element type, normalized under the cosine distance, in aligned memory.
  func encoded(_ values: [Float], for metric: Metric) throws(MillError) -> (FlatBuffer<UInt8>, norm: Float) {
    let buffer = try FlatBuffer<UInt8>(count: max(64, 4 * dimension))
    try checkQuery(values, for: metric)
    var values = values
    var norm: Float = 0
    if metric == .cosine {
      unsafe values.withUnsafeMutableBytes { bytes in
        if let base = bytes.baseAddress { norm = unsafe VectorTable.normalize(base, dimension: bytes.count / 4) }
      }
    }
    try unsafe encode(values, to: UnsafeMutableRawPointer(buffer.base))
    return (buffer, norm)
  }

}

/// Queries as the kernels take them, and the rows as these queries see them.
///
/// A query is never rounded: to rows of narrower floats it is compared as 32-bit floats, and to bytes where it is not
/// whole. It is normalized under the cosine distance. Of one query and of many the same figures come out, because widening
/// is exact and bytes are summed exactly.
struct PreparedQueries {
  /// One query a row.
  let table: VectorTable
  /// The rows of the index with a distance that takes such queries.
  let points: PointSet

  /// - Parameters:
  ///   - queries: Of any element type.
  ///   - rows: The index's vectors, `points` with their own distance.
  /// - Throws: `malformed` for another dimension; what ``VectorTable/check(for:areQueries:context:)`` refuses;
  ///   `not-representable` where rows of bits are asked for other values than 0 and 1.
  init(
    _ queries: VectorTable, to rows: VectorTable, _ points: PointSet, _ metric: Metric, _ run: RunContext
  ) throws(MillError) {
    guard queries.dimension == rows.dimension else {
      throw MillError(.malformed, "a vector of \(queries.dimension) elements, expected \(rows.dimension)")
    }
    try queries.check(for: metric, areQueries: true, context: run)
    try self.init(checked: queries, to: rows, points, metric, run)
  }

  private init(
    checked queries: VectorTable, to rows: VectorTable, _ points: PointSet, _ metric: Metric, _ run: RunContext
  ) throws(MillError) {
    let type = rows.elementType
    guard let kernel = metric.askedKernel(for: type), metric == .cosine || queries.elementType != type else {
      let typed = try queries.converted(to: type)
      table = metric == .cosine ? try typed.normalized(context: run).rows : typed
      self.points = points
      return
    }
    let floats = try queries.converted(to: .float32)
    if type == .uint8, let bytes = try floats.wholeBytes(run) {
      table = bytes
      self.points = points
      return
    }
    table = metric == .cosine ? try floats.normalized(context: run).rows : floats
    self.points = PointSet(rows, kernel: kernel, power: metric.power)
  }

  /// One query.
  ///
  /// - Throws: As for many.
  init(_ query: [Float], to rows: VectorTable, _ points: PointSet, _ metric: Metric) throws(MillError) {
    guard query.count == rows.dimension else { throw .dimensionMismatch(expected: rows.dimension, found: query.count) }
    try rows.checkQuery(query, for: metric)
    let table = try VectorTable(.float32, dimension: rows.dimension, count: 1)
    if let row = unsafe table.mutableRow(0) { try unsafe table.encode(query, to: row) }
    try self.init(checked: table, to: rows, points, metric, RunContext(threads: 1))
  }

  /// The first query, valid while this value lives.
  var first: UnsafeRawPointer { unsafe table.row(0) }
}
