import Glibc
internal import MillKernels
public import MillRuntime

/// Vectors of one dimension and element type, row by row in one block of memory or a mapped file.
///
/// Rows start at multiples of ``stride``: of 64 bytes where the padding is below an eighth of the row or
/// the row fits one cache line and more than half fills it, else of 8;
/// mapped files have the stride of their format. A table that grows may move: pointers into it are valid until the
/// next append. Reading from many threads is safe while nobody writes.
public final class VectorTable: @unchecked Sendable {
  /// What the elements are.
  public let elementType: ElementType
  /// Elements of a row, at least 1.
  public let dimension: Int
  /// Bytes from one row to the next.
  public let stride: Int
  /// The number of rows.
  public private(set) var count: Int
  /// The first row.
  public private(set) var base: UnsafeRawPointer
  private var buffer: FlatBuffer<UInt8>?
  private var owner: AnyObject?

  /// The largest dimension of a table.
  public static let maximumDimension = 1 << 24

  /// Whether rows are mapped and cannot be changed.
  public var isReadOnly: Bool { buffer == nil }
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
  /// - Throws: ``VectorError`` when the dimension is impossible or memory is refused.
  public init(_ elementType: ElementType = .float32, dimension: Int, count: Int = 0) throws(VectorError) {
    guard dimension > 0, dimension <= Self.maximumDimension else { throw .impossibleDimension(dimension) }
    let stride = Self.preferredStride(elementType, dimension: dimension)
    let (bytes, overflow) = stride.multipliedReportingOverflow(by: max(1, count))
    guard !overflow else {
      throw .resource(MillError(.overBudget, "\(count) rows of \(stride) bytes are beyond the address space"))
    }
    let buffer = try allocating { () throws(MillError) in try FlatBuffer<UInt8>(count: bytes) }
    self.elementType = elementType
    self.dimension = dimension
    self.stride = stride
    self.count = count
    self.buffer = buffer
    base = UnsafeRawPointer(buffer.base)
  }

  /// Rows that lie in memory of `owner`, read-only.
  package init(
    mapped base: UnsafeRawPointer, _ elementType: ElementType, dimension: Int, stride: Int, count: Int, owner: AnyObject
  ) {
    self.elementType = elementType
    self.dimension = dimension
    self.stride = stride
    self.count = count
    self.base = base
    self.owner = owner
  }

  /// 32-bit floats from nested arrays, for small tables.
  ///
  /// - Throws: ``VectorError``: unequal lengths, values that are not finite.
  public convenience init(rows: [[Float]]) throws(VectorError) {
    try self.init(.float32, dimension: max(1, rows.first?.count ?? 1))
    for row in rows { try append(row) }
  }

  /// The bytes of row `row`.
  public func row(_ row: Int) -> UnsafeRawPointer {
    precondition(row >= 0 && row < count, "row out of range")
    return base + row * stride
  }

  /// The bytes of row `row`, to be written; nil for a read-only table.
  package func mutableRow(_ row: Int) -> UnsafeMutableRawPointer? {
    buffer.map { UnsafeMutableRawPointer($0.base) + row * stride }
  }

  /// Row `row` as floats; bytes and bits as 0...255 and 0, 1.
  public func floats(_ row: Int) -> [Float] {
    let row = self.row(row)
    return (0..<dimension).map { i in
      switch elementType {
      case .float32: row.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
      case .float16: NarrowFloat.float(half: row.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
      case .bfloat16: NarrowFloat.float(bfloat16: row.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
      case .uint8: Float(row.load(fromByteOffset: i, as: UInt8.self))
      case .bit: Float((row.load(fromByteOffset: i / 8, as: UInt8.self) >> UInt8(i % 8)) & 1)
      }
    }
  }

  /// Appends a vector, converted to the element type.
  ///
  /// - Throws: ``VectorError``; the table is then unchanged.
  /// - Complexity: O(dimension), amortised.
  public func append(_ values: [Float]) throws(VectorError) {
    try grow(to: count + 1)
    guard let target = mutableRow(count) else { throw .readOnly }
    try encode(values, row: count, to: target)
    count += 1
  }

  /// Appends the bytes of a row of the same type.
  package func append(bytes: UnsafeRawPointer) throws(VectorError) {
    try grow(to: count + 1)
    guard let target = mutableRow(count) else { throw .readOnly }
    memcpy(target, bytes, rowBytes)
    count += 1
  }

  /// Forgets the rows behind the first `newCount`.
  package func removeLast(to newCount: Int) {
    for row in newCount..<count { if let target = mutableRow(row) { memset(target, 0, stride) } }
    count = newCount
  }

  /// Writes a vector in the table's element type, zero-padded to `rowBytes`.
  ///
  /// - Throws: ``VectorError`` before anything is written.
  package func encode(_ values: [Float], row: Int = 0, to target: UnsafeMutableRawPointer) throws(VectorError) {
    guard values.count == dimension else { throw .dimensionMismatch(expected: dimension, found: values.count) }
    for (i, value) in values.enumerated() {
      guard value.isFinite else { throw .notFinite(row: row, column: i) }
      switch elementType {
      case .float32, .bfloat16: break
      case .float16: guard abs(value) < 65_520 else { throw .notRepresentable(row: row, column: i) }
      case .uint8:
        guard value >= 0, value <= 255, value == value.rounded() else { throw .notRepresentable(row: row, column: i) }
      case .bit: guard value == 0 || value == 1 else { throw .notRepresentable(row: row, column: i) }
      }
    }
    if elementType == .bit { memset(target, 0, rowBytes) }
    for (i, value) in values.enumerated() {
      switch elementType {
      case .float32: target.storeBytes(of: value, toByteOffset: 4 * i, as: Float.self)
      case .float16: target.storeBytes(of: NarrowFloat.half(value), toByteOffset: 2 * i, as: UInt16.self)
      case .bfloat16: target.storeBytes(of: NarrowFloat.bfloat16(value), toByteOffset: 2 * i, as: UInt16.self)
      case .uint8: target.storeBytes(of: UInt8(value), toByteOffset: i, as: UInt8.self)
      case .bit:
        let old = target.load(fromByteOffset: i / 8, as: UInt8.self)
        target.storeBytes(of: old | UInt8(value) << UInt8(i % 8), toByteOffset: i / 8, as: UInt8.self)
      }
    }
  }

  private func grow(to wanted: Int) throws(VectorError) {
    guard let old = buffer else { throw .readOnly }
    guard wanted * stride > old.count else { return }
    let capacity = max(wanted, old.count / stride * 3 / 2, 16)
    let new = try allocating { () throws(MillError) in try FlatBuffer<UInt8>(count: capacity * stride) }
    memcpy(new.base, old.base, count * stride)
    buffer = new
    base = UnsafeRawPointer(new.base)
  }

  /// A copy in memory of its own with the preferred stride, the rows in the given order (nil for all, in order).
  ///
  /// - Complexity: O(bytes), parallel over rows.
  public func copy(rows: [UInt32]? = nil, context: RunContext = .init()) throws(VectorError) -> VectorTable {
    let result = try VectorTable(elementType, dimension: dimension, count: rows?.count ?? count)
    guard let target = result.mutableRow(0) else { throw .readOnly }
    nonisolated(unsafe) let out = target
    let (bytes, width) = (rowBytes, result.stride)
    Parallel.forEachRange(of: result.count, size: 1 << 12, threads: context.threads) { range, _ in
      for i in range { memcpy(out + i * width, base + (rows.map { Int($0[i]) } ?? i) * stride, bytes) }
    }
    return result
  }

  /// Looks for a value that is not finite.
  ///
  /// - Throws: ``VectorError/notFinite(row:column:)`` of the lowest row.
  /// - Complexity: O(bytes), parallel over rows.
  public func checkFinite(context: RunContext = .init()) throws(VectorError) {
    guard elementType != .uint8, elementType != .bit else { return }
    let failure: MillError?
    do throws(MillError) {
      try Parallel.forEachThrowing(
        Parallel.chunkCount(count, size: 1 << 12), threads: context.threads
      ) { chunk, _ throws(MillError) in
        for row in Parallel.range(ofChunk: chunk, size: 1 << 12, count: count) {
          if let column = firstNonFinite(base + row * stride) {
            throw MillError(.malformed, "", line: row, byte: column)
          }
        }
      }
      failure = nil
    } catch {
      failure = error
    }
    if let failure { throw .notFinite(row: failure.line ?? 0, column: failure.byte ?? 0) }
  }

  private func firstNonFinite(_ row: UnsafeRawPointer) -> Int? {
    if elementType == .float32 {
      // Exponents of all ones: a cheap pass first, then the place.
      var isBad = false
      for i in 0..<dimension {
        let bits = row.loadUnaligned(fromByteOffset: 4 &* i, as: UInt32.self)
        isBad = isBad || bits & 0x7f80_0000 == 0x7f80_0000
      }
      guard isBad else { return nil }
      return (0..<dimension).first { !row.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self).isFinite }
    }
    let mask: UInt16 = elementType == .float16 ? 0x7c00 : 0x7f80
    return (0..<dimension).first { row.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) & mask == mask }
  }
}
