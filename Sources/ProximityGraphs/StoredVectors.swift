import MillRuntime
import VectorStore

extension VectorTable {
  /// The rows as an index keeps them: a copy, under the cosine distance of unit length beside the lengths they had.
  func stored(for metric: Metric, _ run: RunContext) throws(MillError) -> (VectorTable, norms: FlatBuffer<Float>?) {
    do {
      try checkFinite(context: run)
      guard metric == .cosine else { return (try copy(context: run), nil) }
      let (unit, norms) = try normalized(context: run)
      return (unit, norms)
    } catch {
      throw error.millError
    }
  }

  /// A copy in memory of its own, the rows in the given order; nil for all, in order.
  func copied(rows: [UInt32]? = nil, _ run: RunContext) throws(MillError) -> VectorTable {
    do { return try copy(rows: rows, context: run) } catch { throw error.millError }
  }

  /// The rows as points under a distance.
  func points(_ metric: Metric) throws(MillError) -> PointSet {
    do { return try PointSet(self, metric: metric) } catch { throw error.millError }
  }

  /// A vector as the kernels take it: in the element type, normalized under the cosine distance, in aligned memory.
  func encoded(_ values: [Float], for metric: Metric) throws(MillError) -> (FlatBuffer<UInt8>, norm: Float) {
    let buffer = try FlatBuffer<UInt8>(count: max(64, 4 * dimension))
    var values = values
    var norm: Float = 0
    do {
      if metric == .cosine {
        // Not finite values are named before their length is taken.
        if values.contains(where: { !$0.isFinite }) { try encode(values, to: UnsafeMutableRawPointer(buffer.base)) }
        values.withUnsafeMutableBytes { bytes in
          if let base = bytes.baseAddress { norm = VectorTable.normalize(base, dimension: bytes.count / 4) }
        }
      }
      try encode(values, to: UnsafeMutableRawPointer(buffer.base))
    } catch {
      throw error.millError
    }
    return (buffer, norm)
  }

  /// Queries as the kernels take them, one a row.
  func prepared(_ queries: VectorTable, for metric: Metric, _ run: RunContext) throws(MillError) -> VectorTable {
    guard queries.dimension == dimension else {
      throw MillError(.malformed, "a vector of \(queries.dimension) elements, expected \(dimension)")
    }
    do {
      try queries.checkFinite(context: run)
      let typed = try queries.converted(to: elementType)
      return metric == .cosine ? try typed.normalized(context: run).0 : typed
    } catch {
      throw error.millError
    }
  }

  /// Appends a row of the table's type.
  func appendRow(_ row: FlatBuffer<UInt8>) throws(MillError) {
    do { try append(bytes: UnsafeRawPointer(row.base)) } catch { throw error.millError }
  }
}

/// A table of 32-bit floats.
///
/// - Throws: `malformed` for rows of unequal lengths and values that are not finite.
func vectorTable(_ rows: [[Float]]) throws(MillError) -> VectorTable {
  do { return try VectorTable(rows: rows) } catch { throw error.millError }
}

/// A table of zero rows.
func emptyTable(_ element: ElementType, dimension: Int, count: Int = 0) throws(MillError) -> VectorTable {
  do { return try VectorTable(element, dimension: dimension, count: count) } catch { throw error.millError }
}
