import Glibc
internal import MillKernels
public import MillRuntime

/// Vectors of one dimension and element type, row by row in one block of memory or a mapped file.
///
/// ```swift
/// let table = try VectorTable(rows: [[3, 4], [0, 1]])
/// print(table, table[0], table[1, 1])                  // 2 × 2 f32, [3.0, 4.0], 1.0
/// ```
///
/// Rows begin on cache lines where that costs little memory, because a distance then touches the fewest lines; mapped
/// files keep the layout of their format. Reading from many threads is safe while nobody appends.
@safe public final class VectorTable: @unchecked Sendable {
  /// What the elements are.
  public let elementType: ElementType
  /// Elements of a row, at least 1.
  public let dimension: Int
  /// Bytes from one row to the next.
  package let stride: Int
  /// The number of rows.
  public private(set) var count: Int
  /// The first row; valid until the next append, while the table lives.
  package private(set) var base: UnsafeRawPointer
  private var memory: Memory

  /// Where the rows lie.
  private enum Memory {
    case growing(FlatBuffer<UInt8>)
    case shared(SharedArray<UInt8>)
  }

  /// The largest dimension of a table.
  public static let maximumDimension = 1 << 24

  /// Whether rows are mapped and cannot be changed.
  public var isReadOnly: Bool { growing == nil }
  private var growing: FlatBuffer<UInt8>? { if case .growing(let buffer) = memory { buffer } else { nil } }
  /// Bytes of a row that hold elements.
  public var rowBytes: Int { elementType.rowBytes(dimension: dimension) }

  /// The distance from row to row that suits the memory.
  package static func preferredStride(_ element: ElementType, dimension: Int) -> Int {
    let bytes = element.rowBytes(dimension: dimension)
    let wide = (bytes + 63) / 64 * 64
    if (wide - bytes) * 8 <= wide || (33...64).contains(bytes) { return wide }
    let unit = 8
    return (bytes + unit - 1) / unit * unit
  }

  /// A table of `count` zero rows.
  ///
  /// - Throws: `MillError`: `bad-option` for an impossible dimension, `over-budget`.
  public init(_ elementType: ElementType = .float32, dimension: Int, count: Int = 0) throws(MillError) {
    guard dimension > 0, dimension <= Self.maximumDimension else { throw .impossibleDimension(dimension) }
    let stride = Self.preferredStride(elementType, dimension: dimension)
    let (bytes, overflow) = stride.multipliedReportingOverflow(by: max(1, count))
    guard !overflow else {
      throw MillError(.overBudget, "\(count) rows of \(stride) bytes are beyond the address space")
    }
    let buffer = try FlatBuffer<UInt8>(count: bytes)
    self.elementType = elementType
    self.dimension = dimension
    self.stride = stride
    self.count = count
    memory = .growing(buffer)
    unsafe base = UnsafeRawPointer(buffer.base)
  }

  /// Rows that lie in shared memory, one every `stride` bytes.
  ///
  /// - Precondition: the last row ends within the memory.
  package init(shared bytes: SharedArray<UInt8>, _ elementType: ElementType, dimension: Int, stride: Int, count: Int) {
    precondition(count == 0 || (count - 1) * stride + elementType.rowBytes(dimension: dimension) <= bytes.count)
    self.elementType = elementType
    self.dimension = dimension
    self.stride = stride
    self.count = count
    unsafe base = UnsafeRawPointer(bytes.base)
    memory = .shared(bytes)
  }

  /// Rows that lie in memory of `owner`, which nobody writes.
  package convenience init(
    mapped base: UnsafeRawPointer, _ elementType: ElementType, dimension: Int, stride: Int, count: Int,
    owner: any AnyObject & Sendable
  ) {
    let bytes = count == 0 ? 0 : (count - 1) * stride + elementType.rowBytes(dimension: dimension)
    unsafe self.init(
      shared: SharedArray(base: base.assumingMemoryBound(to: UInt8.self), count: bytes, owner: owner), elementType,
      dimension: dimension, stride: stride, count: count)
  }

  /// A table from nested arrays, for small ones.
  ///
  /// - Throws: `MillError`: `dimension-mismatch` for rows of unequal length, `not-finite`, `not-representable`.
  public convenience init(rows: [[Float]], as elementType: ElementType = .float32) throws(MillError) {
    try self.init(elementType, dimension: max(1, rows.first?.count ?? 1))
    for row in rows { try append(row) }
  }

  /// The bytes of row `row`; valid until the next append, while the table lives.
  package func row(_ row: Int) -> UnsafeRawPointer {
    precondition(row >= 0 && row < count, "row out of range")
    return unsafe base + row * stride
  }

  /// The bytes of row `row`, to be written; nil for a read-only table.
  package func mutableRow(_ row: Int) -> UnsafeMutableRawPointer? {
    unsafe growing.map { unsafe UnsafeMutableRawPointer($0.base) + row * stride }
  }

  /// Hands `body` the bytes of row `row` as they are stored, without padding; valid until `body` returns.
  ///
  /// - Precondition: the row exists; `body` does not append to the table.
  public func withRow<Result, Failure: Error>(
    _ row: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try unsafe body(UnsafeRawBufferPointer(start: self.row(row), count: rowBytes))
  }

  /// Row `row` as floats; bytes and bits as 0...255 and 0, 1. A row out of range ends the process.
  public func floats(_ row: Int) -> [Float] {
    unsafe withRow(row) { bytes in unsafe elementType.floats(bytes, count: dimension) }
  }

  /// Row `row` as floats: ``floats(_:)``.
  public subscript(row: Int) -> [Float] { floats(row) }

  /// One element as a float. A place out of range ends the process.
  public subscript(row: Int, column: Int) -> Float {
    precondition(column >= 0 && column < dimension, "column out of range")
    return unsafe withRow(row) { unsafe elementType.float($0, column) }
  }

  /// Appends a vector, converted to the element type.
  ///
  /// - Throws: `MillError`: `dimension-mismatch`, `not-finite`, `not-representable`, `read-only-vectors`,
  ///   `over-budget`; the table is then unchanged.
  /// - Complexity: O(dimension), amortized.
  public func append(_ values: [Float]) throws(MillError) {
    try grow(to: count + 1)
    guard let target = unsafe mutableRow(count) else { throw .readOnly }
    try unsafe encode(values, row: count, to: target)
    count += 1
  }

  /// Appends the bytes of a row of the same type.
  package func append(bytes: UnsafeRawPointer) throws(MillError) {
    try grow(to: count + 1)
    guard let target = unsafe mutableRow(count) else { throw .readOnly }
    unsafe memcpy(target, bytes, rowBytes)
    count += 1
  }

  /// Forgets the rows behind the first `newCount`.
  package func removeLast(to newCount: Int) {
    for row in newCount..<count { if let target = unsafe mutableRow(row) { unsafe memset(target, 0, stride) } }
    count = newCount
  }

  /// Writes a vector in the table's element type, zero-padded to `rowBytes`.
  ///
  /// - Throws: `MillError` before anything is written.
  package func encode(_ values: [Float], row: Int = 0, to target: UnsafeMutableRawPointer) throws(MillError) {
    guard values.count == dimension else { throw .dimensionMismatch(expected: dimension, found: values.count) }
    for (i, value) in values.enumerated() {
      guard value.isFinite else { throw .notFinite(row: row, column: i) }
      switch elementType {
      case .float32, .bfloat16: break
      case .float16: guard abs(value) < 65_520 else { throw .notRepresentable(row: row, column: i, in: elementType) }
      case .uint8:
        guard value >= 0, value <= 255, value == value.rounded() else {
          throw .notRepresentable(row: row, column: i, in: elementType)
        }
      case .bit: guard value == 0 || value == 1 else { throw .notRepresentable(row: row, column: i, in: elementType) }
      }
    }
    if elementType == .bit { unsafe memset(target, 0, rowBytes) }
    for (i, value) in values.enumerated() {
      switch elementType {
      case .float32: unsafe target.storeBytes(of: value, toByteOffset: 4 * i, as: Float.self)
      case .float16: unsafe target.storeBytes(of: NarrowFloat.half(value), toByteOffset: 2 * i, as: UInt16.self)
      case .bfloat16: unsafe target.storeBytes(of: NarrowFloat.bfloat16(value), toByteOffset: 2 * i, as: UInt16.self)
      case .uint8: unsafe target.storeBytes(of: UInt8(value), toByteOffset: i, as: UInt8.self)
      case .bit:
        let old = unsafe target.load(fromByteOffset: i / 8, as: UInt8.self)
        unsafe target.storeBytes(of: old | UInt8(value) << UInt8(i % 8), toByteOffset: i / 8, as: UInt8.self)
      }
    }
  }

  private func grow(to wanted: Int) throws(MillError) {
    guard let old = growing else { throw .readOnly }
    guard wanted * stride > old.count else { return }
    let capacity = max(wanted, old.count / stride * 3 / 2, 16)
    let new = try FlatBuffer<UInt8>(count: capacity * stride)
    unsafe memcpy(new.base, old.base, count * stride)
    memory = .growing(new)
    unsafe base = UnsafeRawPointer(new.base)
  }

  /// A copy in memory of its own with the preferred stride, the rows in the given order (nil for all, in order).
  ///
  /// - Complexity: O(bytes), parallel over rows.
  public func copy(rows: [UInt32]? = nil, context: RunContext = .init()) throws(MillError) -> VectorTable {
    let result = try VectorTable(elementType, dimension: dimension, count: rows?.count ?? count)
    guard let target = unsafe result.mutableRow(0) else { throw .readOnly }
    nonisolated(unsafe) let out = unsafe target
    let (bytes, width) = (rowBytes, result.stride)
    Parallel.forEachRange(of: result.count, size: 1 << 12, threads: context.threads) { range, _ in
      for i in range { unsafe memcpy(out + i * width, base + (rows.map { Int($0[i]) } ?? i) * stride, bytes) }
    }
    return result
  }
}

extension VectorTable: CustomStringConvertible {
  /// Rows × dimension and element type, such as `100 × 32 f32`.
  public var description: String { "\(count) × \(dimension) \(elementType.rawValue)" }
}
