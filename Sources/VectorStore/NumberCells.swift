import Glibc
import MillKernels
import MillRuntime

/// What the numbers of a file are.
enum NumberType: String, Sendable {
  case float16 = "f16"
  case bfloat16 = "bf16"
  case float32 = "f32"
  case float64 = "f64"
  case int8 = "i8"
  case int16 = "i16"
  case int32 = "i32"
  case int64 = "i64"
  case uint8 = "u8"
  case uint16 = "u16"
  case uint32 = "u32"
  case uint64 = "u64"
  case bool = "bool"

  /// Bytes of a number.
  var width: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// The element type of rows that need no conversion.
  var asItIs: ElementType? {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .uint8: .uint8
    default: nil
    }
  }

  /// What the elements become.
  var target: ElementType { self == .bool ? .bit : asItIs ?? .float32 }
  /// Whether a 32-bit float may not hold a number.
  var isWider: Bool { [.float64, .int32, .int64, .uint32, .uint64].contains(self) }
}

/// Numbers in rows and columns somewhere in memory, any type, either byte order.
@safe struct NumberCells {
  let base: UnsafeRawPointer
  let type: NumberType
  let isBigEndian: Bool
  let rows: Int
  let columns: Int
  /// Bytes from one row, and from one column, to the next.
  let rowStride: Int
  let columnStride: Int

  /// One number. Exact but for 64-bit integers beyond 2^53.
  func value(_ row: Int, _ column: Int) -> Double {
    let place = unsafe base + (row &* rowStride &+ column &* columnStride)
    switch type {
    case .float16: return unsafe Double(NarrowFloat.float(half: integer(place, UInt16.self)))
    case .bfloat16: return unsafe Double(NarrowFloat.float(bfloat16: integer(place, UInt16.self)))
    case .float32: return unsafe Double(Float(bitPattern: integer(place, UInt32.self)))
    case .float64: return unsafe Double(bitPattern: integer(place, UInt64.self))
    case .int8: return unsafe Double(place.load(as: Int8.self))
    case .uint8: return unsafe Double(place.load(as: UInt8.self))
    case .bool: return unsafe place.load(as: UInt8.self) == 0 ? 0 : 1
    case .int16: return unsafe Double(integer(place, Int16.self))
    case .uint16: return unsafe Double(integer(place, UInt16.self))
    case .int32: return unsafe Double(integer(place, Int32.self))
    case .uint32: return unsafe Double(integer(place, UInt32.self))
    case .int64: return unsafe Double(integer(place, Int64.self))
    case .uint64: return unsafe Double(integer(place, UInt64.self))
    }
  }

  /// One whole number of up to 64 bits; nil for types that are not whole numbers and numbers beyond Int64.
  func whole(_ row: Int, _ column: Int) -> Int64? {
    let place = unsafe base + (row &* rowStride &+ column &* columnStride)
    switch type {
    case .int64: return unsafe integer(place, Int64.self)
    case .uint64: return unsafe Int64(exactly: integer(place, UInt64.self))
    case .float16, .bfloat16, .float32, .float64, .bool: return nil
    default: return Int64(value(row, column))
    }
  }

  private func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ place: UnsafeRawPointer, _ type: Value.Type
  ) -> Value {
    let raw = unsafe place.loadUnaligned(as: Value.self)
    return isBigEndian ? Value(bigEndian: raw) : Value(littleEndian: raw)
  }

  /// The numbers as rows of ``NumberType/target``.
  ///
  /// - Parameter report: Takes what the conversion lost.
  /// - Throws: `MillError`: `not-finite`, `not-representable` for a number beyond 32-bit floats, `over-budget`.
  func table(_ report: inout VectorReadReport, _ context: RunContext) throws(MillError) -> VectorTable {
    let table = try VectorTable(type.target, dimension: columns, count: rows)
    guard rows > 0, let first = unsafe table.mutableRow(0) else { return table }
    nonisolated(unsafe) let (cells, out) = unsafe (self, first)
    let stride = table.stride
    try Parallel.forEachThrowing(
      Parallel.chunkCount(rows, size: 256), threads: context.threads
    ) { chunk, _ throws(MillError) in
      for row in Parallel.range(ofChunk: chunk, size: 256, count: rows) {
        try unsafe cells.convert(row, to: out + row * stride)
      }
    }
    if type.isWider {
      var loss = NarrowingLoss(columns: columns)
      for row in 0..<rows { loss.add(row, { value(row, $0) }) }
      loss.report(to: &report, from: type.rawValue)
    }
    return table
  }

  /// The rows where they lie, when they need no conversion; else converted.
  ///
  /// - Parameters:
  ///   - memory: What the numbers lie in, from `start` on.
  ///   - report: Takes what the conversion lost.
  /// - Throws: As ``table(_:_:)``.
  func reading(
    in memory: SharedArray<UInt8>, at start: Int, report: VectorReadReport, _ context: RunContext
  ) throws(MillError) -> VectorReading {
    var report = report
    if let element = type.asItIs, columnStride == type.width || columns == 1, !isBigEndian || type.width == 1,
      rowStride == columns * type.width || rows <= 1
    {
      let table = VectorTable(
        shared: memory.shared(min(start, memory.count)..<memory.count), element, dimension: columns,
        stride: columns * type.width, count: rows)
      return VectorReading(table, report: report)
    }
    return VectorReading(try table(&report, context), report: report)
  }

  private func convert(_ row: Int, to out: UnsafeMutableRawPointer) throws(MillError) {
    switch type.target {
    case .bit:
      for i in 0..<columns where value(row, i) != 0 {
        let old = unsafe out.load(fromByteOffset: i / 8, as: UInt8.self)
        unsafe out.storeBytes(of: old | 1 << UInt8(i % 8), toByteOffset: i / 8, as: UInt8.self)
      }
    case .uint8:
      for i in 0..<columns { unsafe out.storeBytes(of: UInt8(value(row, i)), toByteOffset: i, as: UInt8.self) }
    case .float16, .bfloat16:
      for i in 0..<columns {
        let place = unsafe base + (row &* rowStride &+ i &* columnStride)
        unsafe out.storeBytes(of: integer(place, UInt16.self), toByteOffset: 2 &* i, as: UInt16.self)
      }
    case .float32:
      for i in 0..<columns {
        let wide = value(row, i)
        let narrow = Float(wide)
        if !narrow.isFinite {
          guard wide.isFinite else { throw .notFinite(row: row, column: i) }
          throw .notRepresentable(row: row, column: i, in: .float32)
        }
        unsafe out.storeBytes(of: narrow, toByteOffset: 4 &* i, as: Float.self)
      }
    }
  }
}
