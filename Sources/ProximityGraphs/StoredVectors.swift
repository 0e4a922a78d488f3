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

  /// A vector as the kernels take it: in the element type, normalized under the cosine distance, in aligned memory.
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

  /// Queries as the kernels take them, one a row.
  func prepared(_ queries: VectorTable, for metric: Metric, _ run: RunContext) throws(MillError) -> VectorTable {
    guard queries.dimension == dimension else {
      throw MillError(.malformed, "a vector of \(queries.dimension) elements, expected \(dimension)")
    }
    try queries.check(for: metric, areQueries: true, context: run)
    let typed = try queries.converted(to: elementType)
    return metric == .cosine ? try typed.normalized(context: run).rows : typed
  }
}
