import Glibc
internal import MillKernels
public import MillRuntime

extension VectorTable {
  /// Looks for a value that is not finite.
  ///
  /// - Throws: `MillError` of kind `not-finite` that names the lowest row.
  /// - Complexity: O(bytes), parallel over rows.
  public func checkFinite(context: RunContext = .init()) throws(MillError) {
    try unsafe forEachRow(context) { row, _, values throws(MillError) in
      _ = try unsafe magnitude(values, row: row)
    }
  }

  /// Makes sure that a distance gives the right order on these rows: all values are finite, no sum of the distance can
  /// leave the range of 32-bit floats, and probability vectors are not negative.
  ///
  /// Rows to be searched must not be so short, all of them, that the squares of their differences vanish; queries
  /// may be.
  ///
  /// - Parameters:
  ///   - metric: The distance.
  ///   - areQueries: Whether the rows are looked for, not looked through.
  ///   - context: Threads; of several refusals the one of the lowest row comes.
  /// - Throws: `MillError`: `not-finite`, or `not-representable` that names the row.
  /// - Complexity: O(bytes), parallel over rows.
  public func check(
    for metric: Metric, areQueries: Bool = false, context: RunContext = .init()
  ) throws(MillError) {
    let sizes = try FlatBuffer<Float>(count: Parallel.chunkCount(count, size: Self.checkedRows))
    try unsafe forEachRow(context) { row, chunk, values throws(MillError) in
      let size = try unsafe checkedSize(values, for: metric, row: row)
      unsafe sizes.base[chunk] = max(sizes.base[chunk], size)
      if metric == .innerProduct, areQueries, size > 0, size < Self.smallestSize { throw .tooShort(row: row) }
    }
    // Bytes, bits and the other distances have no squares that could vanish.
    guard metric == .l2 || metric == .innerProduct, !areQueries else { return }
    let largest = unsafe sizes.elements.max() ?? 0
    if largest > 0, largest < Self.smallestSize { throw .tooShort(row: nil) }
  }

  /// The same for one query of floats.
  package func checkQuery(_ values: [Float], for metric: Metric) throws(MillError) {
    for (i, value) in values.enumerated() where !value.isFinite { throw .notFinite(row: 0, column: i) }
    if let size = try metric.checkedSize(values, row: 0), metric == .innerProduct, size > 0, size < Self.smallestSize {
      throw .tooShort(row: 0)
    }
  }

  private static var checkedRows: Int { 1 << 12 }
  /// The least size of the longest row: the square of its last bit is still a number.
  fileprivate static var smallestSize: Float { 0x1p-50 }

  /// Calls `body` with every row that may hold what is no number.
  private func forEachRow(
    _ context: RunContext, _ body: (_ row: Int, _ chunk: Int, UnsafeRawPointer) throws(MillError) -> Void
  ) throws(MillError) {
    guard elementType != .uint8, elementType != .bit else { return }
    try Parallel.forEachThrowing(
      Parallel.chunkCount(count, size: Self.checkedRows), threads: context.threads
    ) { chunk, _ throws(MillError) in
      for row in Parallel.range(ofChunk: chunk, size: Self.checkedRows, count: count) {
        try unsafe body(row, chunk, base + row * stride)
      }
    }
  }

  /// The bits of the largest absolute value of a row, as 32-bit floats order them; throws when one is not finite.
  private func magnitude(_ values: UnsafeRawPointer, row: Int) throws(MillError) -> Float {
    if elementType == .float32 {
      var largest: UInt32 = 0
      for i in 0..<dimension {
        largest = unsafe max(largest, values.loadUnaligned(fromByteOffset: 4 &* i, as: UInt32.self) & 0x7fff_ffff)
      }
      if largest < 0x7f80_0000 { return Float(bitPattern: largest) }
    } else {
      let infinite: UInt16 = elementType == .float16 ? 0x7c00 : 0x7f80
      var largest: UInt16 = 0
      for i in 0..<dimension {
        largest = unsafe max(largest, values.loadUnaligned(fromByteOffset: 2 &* i, as: UInt16.self) & 0x7fff)
      }
      if largest < infinite {
        return elementType == .float16 ? NarrowFloat.float(half: largest) : NarrowFloat.float(bfloat16: largest)
      }
    }
    throw .notFinite(row: row, column: floats(row).firstIndex { !$0.isFinite } ?? 0)
  }

  /// The size of a row that the distance depends on, at least roughly; throws where it is too large.
  private func checkedSize(_ values: UnsafeRawPointer, for metric: Metric, row: Int) throws(MillError) -> Float {
    let largest = try unsafe magnitude(values, row: row)
    if metric == .jensenShannon || metric == .jeffreys {
      if let column = floats(row).firstIndex(where: { $0 < 0 }) { throw .negative(row: row, column: column) }
    }
    // No sum of a row can be larger than this; only rows that may be too large are looked at closely.
    guard largest > 0x1p62 / Float(dimension) else { return largest }
    return try metric.checkedSize(floats(row), row: row) ?? largest
  }
}

extension Metric {
  /// The size of a vector that bounds the sums of the distance: its length, the sum or the largest of its absolute
  /// values; nil where the distance has no such bound to keep.
  ///
  /// - Throws: `not-representable` where sums of two vectors of this size can leave the range of 32-bit floats, or a
  ///   probability is negative.
  fileprivate func checkedSize(_ values: [Float], row: Int) throws(MillError) -> Float? {
    let size: Double
    let limit: Double
    switch self {
    case .l2, .innerProduct:
      (size, limit) = (values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot(), 0x1p62)
    case .l1: (size, limit) = (values.reduce(0.0) { $0 + Double(abs($1)) }, 0x1p126)
    case .chebyshev: (size, limit) = (values.reduce(0.0) { max($0, Double(abs($1))) }, 0x1p126)
    case .jensenShannon, .jeffreys:
      if let column = values.firstIndex(where: { $0 < 0 }) { throw .negative(row: row, column: column) }
      return nil
    case .cosine, .hamming, .jaccard: return nil
    }
    if size > limit { throw .tooLong(row: row, self) }
    return Float(size)
  }
}

extension MillError {
  fileprivate static func tooLong(row: Int, _ metric: Metric) -> MillError {
    MillError(
      .notRepresentable,
      "row \(row) is too long for the distance \(metric.rawValue): its sums leave the range of 32-bit floats",
      hint: "divide all vectors by one number")
  }

  fileprivate static func tooShort(row: Int?) -> MillError {
    MillError(
      .notRepresentable,
      (row.map { "row \($0) is" } ?? "all rows are") + " so short that products of 32-bit floats vanish",
      hint: "multiply all vectors by one number")
  }

  fileprivate static func negative(row: Int, column: Int) -> MillError {
    MillError(
      .notRepresentable, "row \(row), column \(column) is negative, which no probability is",
      hint: "the distances js and jeffreys are between probability vectors")
  }
}
