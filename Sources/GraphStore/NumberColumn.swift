package import MillRuntime

/// Numbers of one type in memory that somebody else holds, one every `stride` bytes: a column of a table, a row of an
/// array.
///
/// Whoever makes one answers for the memory: all places that are asked for must be readable, for as long as it is used.
@safe package struct NumberColumn: @unchecked Sendable {
  /// What the numbers are.
  package enum Element: String, CaseIterable, Sendable {
    case int8 = "i8"
    case int16 = "i16"
    case int32 = "i32"
    case int64 = "i64"
    case uint8 = "u8"
    case uint16 = "u16"
    case uint32 = "u32"
    case uint64 = "u64"
    case float32 = "f32"
    case float64 = "f64"

    /// Bytes of a number.
    package var width: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .float32: 4
      case .int64, .uint64, .float64: 8
      }
    }

    /// Whether negative numbers are integers of this type.
    var isSigned: Bool { [.int8, .int16, .int32, .int64].contains(self) }
    /// Whether these are integers.
    package var isInteger: Bool { self != .float32 && self != .float64 }
  }

  private let base: UnsafeRawPointer
  private let stride: Int
  package let element: Element

  /// A column from its first number on.
  ///
  /// - Parameter stride: Bytes from one number to the next; may be negative or 0.
  package init(base: UnsafeRawPointer, stride: Int, _ element: Element) {
    unsafe self.base = unsafe base
    self.stride = stride
    self.element = element
  }

  /// All bits that occur in a part of a column of integers, each extended to 64 bits with its sign.
  func bits(_ range: Range<Int>) -> UInt64 {
    switch element {
    case .int8: bits(range, Int8.self)
    case .int16: bits(range, Int16.self)
    case .int32: bits(range, Int32.self)
    case .int64: bits(range, Int64.self)
    case .uint8: bits(range, UInt8.self)
    case .uint16: bits(range, UInt16.self)
    case .uint32: bits(range, UInt32.self)
    case .uint64: bits(range, UInt64.self)
    case .float32, .float64: 0
    }
  }

  /// Writes the integers of a part to every second place of `ids`.
  func write<ID: FixedWidthInteger>(_ range: Range<Int>, to ids: UnsafeMutablePointer<ID>) {
    switch element {
    case .int8: unsafe write(range, Int8.self, to: ids)
    case .int16: unsafe write(range, Int16.self, to: ids)
    case .int32: unsafe write(range, Int32.self, to: ids)
    case .int64: unsafe write(range, Int64.self, to: ids)
    case .uint8: unsafe write(range, UInt8.self, to: ids)
    case .uint16: unsafe write(range, UInt16.self, to: ids)
    case .uint32: unsafe write(range, UInt32.self, to: ids)
    case .uint64: unsafe write(range, UInt64.self, to: ids)
    case .float32, .float64: break
    }
  }

  /// One number as a double.
  package func double(_ row: Int) -> Double {
    switch element {
    case .int8: Double(at(row, Int8.self))
    case .int16: Double(at(row, Int16.self))
    case .int32: Double(at(row, Int32.self))
    case .int64: Double(at(row, Int64.self))
    case .uint8: Double(at(row, UInt8.self))
    case .uint16: Double(at(row, UInt16.self))
    case .uint32: Double(at(row, UInt32.self))
    case .uint64: Double(at(row, UInt64.self))
    case .float32: Double(at(row, Float.self))
    case .float64: at(row, Double.self)
    }
  }

  /// Writes the numbers of some rows as weights of edges.
  ///
  /// - Parameter firstRow: The number of the column's first row, for messages.
  /// - Throws: `MillError` of kind `weight-not-finite`, with the row.
  package func writeWeights(
    _ rows: Range<Int>, firstRow: Int, to weights: UnsafeMutablePointer<Double>
  ) throws(MillError) {
    for row in rows {
      let value = double(row)
      guard value.isFinite else {
        throw MillError(.weightNotFinite, "the weight of row \(firstRow + row) is not finite", field: "\(value)")
      }
      unsafe weights[row] = value
    }
  }

  /// One integer; nil where it is negative.
  package func unsigned(_ row: Int) -> UInt64? {
    let bits = bits(row..<row + 1)
    return element.isSigned && bits >> 63 == 1 ? nil : bits
  }

  @inline(__always) private func at<Value: BitwiseCopyable>(_ row: Int, _: Value.Type) -> Value {
    unsafe (base + row &* stride).loadUnaligned(as: Value.self)
  }

  @inline(__always) private func bits<Value: FixedWidthInteger & BitwiseCopyable>(
    _ range: Range<Int>, _: Value.Type
  ) -> UInt64 {
    var all: Value = 0
    // The common stride is told to the compiler.
    if stride == MemoryLayout<Value>.stride {
      for row in range {
        unsafe all |= (base + row &* MemoryLayout<Value>.stride).loadUnaligned(as: Value.self)
      }
    } else {
      for row in range { all |= at(row, Value.self) }
    }
    return UInt64(truncatingIfNeeded: all)
  }

  @inline(__always) private func write<Value: FixedWidthInteger & BitwiseCopyable, ID: FixedWidthInteger>(
    _ range: Range<Int>, _: Value.Type, to ids: UnsafeMutablePointer<ID>
  ) {
    if stride == MemoryLayout<Value>.stride {
      for row in range {
        let value = unsafe (base + row &* MemoryLayout<Value>.stride).loadUnaligned(as: Value.self)
        unsafe ids[2 &* row] = ID(truncatingIfNeeded: value)
      }
    } else {
      for row in range { unsafe ids[2 &* row] = ID(truncatingIfNeeded: at(row, Value.self)) }
    }
  }
}

extension EdgeBlock {
  /// The edges of two columns of ids, copied.
  ///
  /// - Parameters:
  ///   - source: Where edges begin, integers.
  ///   - target: Where they end, integers.
  ///   - weight: Their weights; nil for none.
  ///   - count: The number of rows.
  ///   - firstRow: The number of the first row, for messages.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError`: `id-out-of-range` for a negative id, `weight-not-finite`, with the row; `bad-option` for ids
  ///   that are no integers, `over-budget`, `interrupted`.
  /// - Complexity: O(count), parallel; 8 bytes an edge for ids below 2^32, else 16, and 8 for a weight.
  package init(
    copying source: NumberColumn, _ target: NumberColumn, weight: NumberColumn?, count: Int, firstRow: Int = 0,
    context: RunContext
  ) throws(MillError) {
    for column in [source, target] where !column.element.isInteger {
      throw MillError(.badOption, "ids are integers, not \(column.element.rawValue)", field: column.element.rawValue)
    }
    let size = 1 << 13
    let chunks = Parallel.chunkCount(count, size: size)
    let bits = try FlatBuffer<UInt64>(count: max(1, chunks))
    try Parallel.forEachThrowing(chunks, threads: context.threads) { chunk, _ throws(MillError) in
      let rows = Parallel.range(ofChunk: chunk, size: size, count: count)
      for (column, name) in [(source, "source"), (target, "target")] {
        let all = column.bits(rows)
        if column.element.isSigned, all >> 63 == 1, let row = rows.first(where: { column.unsigned($0) == nil }) {
          throw MillError(
            .idOutOfRange, "the \(name) of row \(firstRow + row) is negative", field: "\(Int(column.double(row)))")
        }
        unsafe bits.base[chunk] |= all
      }
    }
    try context.checkCancelled()
    let isNarrow = unsafe bits.elements.reduce(0, |) <= UInt64(UInt32.max)
    let ids: IDs =
      isNarrow
      ? .narrow(try FlatBuffer(uninitializedCount: 2 * count)) : .wide(try FlatBuffer(uninitializedCount: 2 * count))
    let weights = weight == nil ? nil : try FlatBuffer<Double>(uninitializedCount: count)
    try Parallel.forEachThrowing(chunks, threads: context.threads) { chunk, _ throws(MillError) in
      let rows = Parallel.range(ofChunk: chunk, size: size, count: count)
      switch ids {
      case .narrow(let ids):
        unsafe source.write(rows, to: ids.base)
        unsafe target.write(rows, to: ids.base + 1)
      case .wide(let ids):
        unsafe source.write(rows, to: ids.base)
        unsafe target.write(rows, to: ids.base + 1)
      }
      if let weight, let weights { try unsafe weight.writeWeights(rows, firstRow: firstRow, to: weights.base) }
    }
    self.init(ids: ids, weights: weights, count: count)
  }
}
