import Glibc
public import MillRuntime

extension VectorTable {
  /// The table in another element type; floats to bytes need integers 0...255, to bits 0 and 1.
  ///
  /// - Throws: `MillError`: `not-representable` where a value does not fit, `not-finite`, `over-budget`.
  /// - Complexity: O(count · dimension).
  public func converted(to type: ElementType) throws(MillError) -> VectorTable {
    if type == elementType { return self }
    let result = try VectorTable(type, dimension: dimension, count: count)
    for row in 0..<count {
      guard let target = unsafe result.mutableRow(row) else { throw .readOnly }
      try unsafe result.encode(floats(row), row: row, to: target)
    }
    return result
  }

  /// The rows as bytes where all values are whole numbers 0...255; nil where one is not, or for other elements than
  /// 32-bit floats. Stops at the first chunk with another value.
  package func wholeBytes(_ context: RunContext) throws(MillError) -> VectorTable? {
    guard elementType == .float32, count > 0 else { return nil }
    func areWhole(_ row: Int) -> Bool {
      let values = unsafe base + row * stride
      return (0..<dimension).allSatisfy { i in
        let value = unsafe values.loadUnaligned(fromByteOffset: 4 &* i, as: Float.self)
        return value >= 0 && value <= 255 && value == value.rounded()
      }
    }
    guard areWhole(0), areWhole(count / 2), areWhole(count - 1) else { return nil }
    let result = try VectorTable(.uint8, dimension: dimension, count: count)
    guard let target = unsafe result.mutableRow(0) else { return nil }
    nonisolated(unsafe) let out = unsafe target
    let (width, d) = (result.stride, dimension)
    do throws(MillError) {
      try Parallel.forEachThrowing(
        Parallel.chunkCount(count, size: 1 << 10), threads: context.threads
      ) { chunk, _ throws(MillError) in
        for row in Parallel.range(ofChunk: chunk, size: 1 << 10, count: count) {
          guard areWhole(row) else { throw MillError(.malformed, "") }
          let values = unsafe base + row * stride
          for i in 0..<d {
            let value = unsafe values.loadUnaligned(fromByteOffset: 4 &* i, as: Float.self)
            unsafe out.storeBytes(of: UInt8(value), toByteOffset: row &* width &+ i, as: UInt8.self)
          }
        }
      }
    } catch {
      return nil
    }
    return result
  }

  /// Rows of bytes taken as packed bits, lowest bit first: `8 * dimension` bits a row.
  ///
  /// - Throws: `MillError`: `metric-mismatch` for other element types, `over-budget`.
  public func packedBits() throws(MillError) -> VectorTable {
    guard elementType == .uint8 else { throw .metricMismatch(.hamming, elementType) }
    let result = try VectorTable(.bit, dimension: 8 * dimension, count: count)
    for row in 0..<count {
      if let target = unsafe result.mutableRow(row) { unsafe memcpy(target, self.row(row), dimension) }
    }
    return result
  }

  /// The rows as a distance takes them: for `hamming` and `jaccard` bytes are packed bits and other numbers must be 0
  /// and 1; for the others, what the distance is not defined for becomes 32-bit floats.
  ///
  /// - Throws: `MillError`: `metric-mismatch` for numbers that are no bits, `over-budget`.
  /// - Complexity: O(1) where nothing is to be done, O(count · dimension) else.
  public func suited(to metric: Metric) throws(MillError) -> VectorTable {
    if metric.kernel(for: elementType) != nil { return self }
    guard metric == .hamming || metric == .jaccard else { return try converted(to: .float32) }
    if elementType == .uint8 { return try packedBits() }
    for row in 0..<count {
      if let column = floats(row).firstIndex(where: { $0 != 0 && $0 != 1 }) {
        throw MillError(
          .metricMismatch,
          "the distance \(metric.rawValue) is between sets of bits, but row \(row), column \(column) is "
            + "\(self[row, column])",
          hint: "it takes numbers 0 and 1, arrays of bool, or bytes that are eight bits each")
      }
    }
    return try converted(to: .bit)
  }

  /// A copy whose rows have unit length, and the lengths they had; a zero row stays zero, with length 0.
  ///
  /// - Throws: `MillError`: `metric-mismatch` for bytes and bits, `over-budget`.
  /// - Complexity: O(count · dimension), parallel over rows.
  public func normalized(context: RunContext = .init()) throws(MillError) -> UnitVectors {
    let (rows, lengths) = try unitRows(context: context)
    return UnitVectors(rows: rows, lengths: SharedArray(lengths))
  }

  /// The same with the lengths in a buffer, which may be written.
  package func unitRows(context: RunContext) throws(MillError) -> (rows: VectorTable, lengths: FlatBuffer<Float>) {
    guard elementType == .float32 else {
      guard elementType == .float16 || elementType == .bfloat16 else { throw .metricMismatch(.cosine, elementType) }
      let (unit, lengths) = try converted(to: .float32).unitRows(context: context)
      return (try unit.converted(to: elementType), lengths)
    }
    let result = try copy(context: context)
    let lengths = try FlatBuffer<Float>(count: count)
    guard let target = unsafe result.mutableRow(0) else { throw .readOnly }
    nonisolated(unsafe) let out = unsafe target
    let (width, d) = (result.stride, dimension)
    Parallel.forEachRange(of: count, size: 1 << 10, threads: context.threads) { range, _ in
      for i in range { unsafe lengths.base[i] = unsafe VectorTable.normalize(out + i * width, dimension: d) }
    }
    return (result, lengths)
  }

  /// Scales a row of floats to unit length, in double precision; gives the old length.
  package static func normalize(_ row: UnsafeMutableRawPointer, dimension: Int) -> Float {
    let values = unsafe row.assumingMemoryBound(to: Float.self)
    var sum = 0.0
    for i in 0..<dimension { unsafe sum += Double(values[i]) * Double(values[i]) }
    guard sum > 0 else { return 0 }
    let norm = sum.squareRoot()
    for i in 0..<dimension { unsafe values[i] = unsafe Float(Double(values[i]) / norm) }
    return Float(min(norm, Double(Float.greatestFiniteMagnitude)))
  }
}

/// What ``VectorTable/normalized(context:)`` gives.
public struct UnitVectors: Sendable {
  /// The vectors scaled to length 1; a zero vector stays zero.
  public let rows: VectorTable
  /// The lengths they had, shape `[count]`.
  public let lengths: SharedArray<Float>
}
