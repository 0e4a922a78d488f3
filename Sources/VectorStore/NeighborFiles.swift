public import MillRuntime

/// Integers in rows of one width, as truth files have them.
public struct IntegerRows: Sendable, Equatable {
  /// Integers of a row.
  public let width: Int
  /// All rows, one behind the other.
  public let values: [Int64]
  /// The number of rows.
  public var count: Int { width == 0 ? 0 : values.count / width }

  /// Rows of `width` integers.
  public init(width: Int, values: [Int64]) {
    precondition(width > 0 ? values.count % width == 0 : values.isEmpty)
    self.width = width
    self.values = values
  }

  /// The integers of row `row`. A row out of range ends the process.
  public subscript(row: Int) -> ArraySlice<Int64> {
    precondition(row >= 0 && row < count, "row out of range")
    return values[row * width..<(row + 1) * width]
  }
}

/// Reads rows of integers: ivecs, a NumPy array of integers, a dataset of an HDF5 file (`neighbors`, or the one behind
/// the colon of a name such as `glove.hdf5:ids`), or ibin, with or without the distances that big-ann-benchmarks puts
/// behind the ids. Told by content, then by the end of the name.
///
/// - Throws: `MillError`: `unreadable`, `malformed`, `truncated`, `trailing-garbage`, `unsupported`.
/// - Complexity: O(bytes).
public func readIntegerRows(_ path: String, context: RunContext = .init()) throws(MillError) -> IntegerRows {
  do throws(MillError) { return try readIntegers(VectorInput(path, options: .init(), context: context)) } catch {
    throw error.inFile(path)
  }
}

/// The same from what is in memory or mapped.
func readIntegers(_ input: VectorInput) throws(MillError) -> IntegerRows {
  if input.bytes.isEmpty { return IntegerRows(width: 0, values: []) }
  let format: VectorFileFormat? =
    switch FileKind(head: input.bytes.prefix(8)) {
    case .array: .npy
    case .hdf5: .hdf5
    default: VectorFileFormat(path: input.file)
    }
  let cells: NumberCells
  // What the numbers lie in, where that is not the file itself.
  var memory = input.bytes
  defer { withExtendedLifetime(memory) {} }
  switch format {
  case .hdf5:
    let file = try HDF5File(input)
    (cells, memory) = try file.cells(of: file.choose(usual: "neighbors"))
  case .npy: cells = try NumPyHeader(input).cells(input)
  case .ibin:
    let (rows, columns) = try binShape(input)
    let (bytes, overflow) = rows.multipliedReportingOverflow(by: 4 * columns)
    guard !overflow, bytes < input.bytes.count else {
      throw MillError(.truncated, "the file is shorter than its shape", byte: input.bytes.count)
    }
    guard [8 + bytes, 8 + 2 * bytes].contains(input.bytes.count) else {
      throw MillError(
        .trailingGarbage, "the file holds neither ids nor ids and distances of its shape", byte: 8 + bytes)
    }
    cells = unsafe NumberCells(
      base: input.base + 8, type: .int32, isBigEndian: false, rows: rows, columns: columns, rowStride: 4 * columns,
      columnStride: 4)
  case nil, .ivecs:
    guard format == .ivecs || looksLikeRecords(input.bytes, elementBytes: 4) else { throw noIntegers(input) }
    let (width, count) = try checkRecords(input, elementBytes: 4)
    cells = unsafe NumberCells(
      base: input.base + 4, type: .int32, isBigEndian: false, rows: count, columns: width, rowStride: 4 + 4 * width,
      columnStride: 4)
  default: throw noIntegers(input)
  }
  var values: [Int64] = []
  values.reserveCapacity(cells.rows * cells.columns)
  for row in 0..<cells.rows {
    for column in 0..<cells.columns {
      guard let value = cells.whole(row, column) else {
        throw MillError(.malformed, "elements of type \(cells.type.rawValue) are no keys")
      }
      values.append(value)
    }
  }
  return IntegerRows(width: cells.columns, values: values)
}

private func noIntegers(_ input: VectorInput) -> MillError {
  MillError(.unsupported, "not a known file of keys in rows", hint: "known: ivecs, ibin, npy and hdf5 of integers")
}

/// Writes an ivecs file.
///
/// - Throws: `MillError`: `not-representable` for an integer beyond 32 bits, before anything is written; what the file
///   throws, `cannot-create` when it exists and `replaces` is false.
public func writeIntegerRows(_ rows: IntegerRows, to path: String, replaces: Bool = false) throws(MillError) {
  guard let width = Int32(exactly: rows.width) else {
    throw MillError(.notRepresentable, "rows of \(rows.width) are beyond ivecs", file: path)
  }
  if let place = rows.values.firstIndex(where: { Int32(exactly: $0) == nil }) {
    throw MillError(
      .notRepresentable, "row \(place / rows.width), the key \(rows.values[place]) does not fit the 32 bits of ivecs",
      file: path, hint: "npy and tsv hold such keys")
  }
  let file = try OutputFile(path, replaces: replaces)
  for row in 0..<rows.count { try writeAll([width] + rows[row].map { Int32($0) }, to: file) }
  try file.commit()
}

/// Writes the ids of answers as a NumPy array of 64-bit integers, shape (queries, k); -1 where there is no answer.
///
/// - Throws: `MillError`: what the file throws, `cannot-create` when it exists and `replaces` is false.
public func writeNeighborIDs(_ rows: NeighborRows, to path: String, replaces: Bool = false) throws(MillError) {
  try writeArray("<i8", rows.ids, rows, to: path, replaces: replaces)
}

/// Writes the distances of answers as a NumPy array of 32-bit floats, shape (queries, k); inf where there is no answer.
///
/// - Throws: `MillError`: what the file throws, `cannot-create` when it exists and `replaces` is false.
public func writeNeighborDistances(_ rows: NeighborRows, to path: String, replaces: Bool = false) throws(MillError) {
  try writeArray("<f4", rows.distances, rows, to: path, replaces: replaces)
}

private func writeArray<Element: BitwiseCopyable>(
  _ type: String, _ values: [Element], _ rows: NeighborRows, to path: String, replaces: Bool
) throws(MillError) {
  let file = try OutputFile(path, replaces: replaces)
  try writeAll(npyHeader(type, rows: rows.count, columns: rows.k), to: file)
  try writeAll(values, to: file)
  try file.commit()
}
