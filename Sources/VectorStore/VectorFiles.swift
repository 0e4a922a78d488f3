import Glibc
public import MillRuntime

/// Forms of a file of vectors.
public enum VectorFileFormat: Sendable, Equatable {
  /// Before every row its length as Int32, then 32-bit floats.
  case fvecs
  /// Before every row its length as Int32, then bytes.
  case bvecs
  /// NumPy, two dimensions, C order: `<f4`, `<f8` (rounded to 32 bits), `<f2`, `|u1`.
  case npy
  /// One row a line, numbers separated by blanks, tabs or commas; empty lines and lines that begin with # are skipped.
  case text
  /// Rows of a known dimension and element type without any header.
  case raw(ElementType, dimension: Int)

  /// The format that the end of a file name stands for; nil when it is none of them.
  public init?(path: String) {
    switch path.split(separator: ".").last.map({ $0.lowercased() }) {
    case "fvecs": self = .fvecs
    case "bvecs": self = .bvecs
    case "npy": self = .npy
    case "txt", "tsv", "csv", "text": self = .text
    default: return nil
    }
  }
}

/// Reads vectors. All formats but text and 64-bit floats are mapped, not copied: the table is then read-only and the
/// file must not be changed in place.
///
/// - Parameters:
///   - path: The file.
///   - format: Its form; nil goes by the end of the name.
///   - context: Threads, for the check of the row headers.
/// - Throws: `MillError`: `unreadable`, `malformed` (with the row), `unsupported`, `truncated`, `over-budget`.
/// - Complexity: O(rows) to check the row headers of fvecs and bvecs, O(1) for mapped npy and raw, O(bytes) else.
public func readVectors(
  _ path: String, format: VectorFileFormat? = nil, context: RunContext = .init()
) throws(MillError) -> VectorTable {
  guard let format = format ?? VectorFileFormat(path: path) else {
    throw MillError(.unsupported, "no known format of vectors", file: path, hint: "known: fvecs bvecs npy txt")
  }
  do throws(MillError) {
    let file = try MappedFile(path: path)
    switch format {
    case .fvecs: return try mapRecords(file, .float32, elementBytes: 4, context)
    case .bvecs: return try mapRecords(file, .uint8, elementBytes: 1, context)
    case .npy: return try readNPY(file)
    case .text: return try readText(file)
    case .raw(let element, let dimension):
      guard dimension > 0, dimension <= VectorTable.maximumDimension else {
        throw MillError(.badOption, "impossible dimension \(dimension)")
      }
      let row = element.rowBytes(dimension: dimension)
      guard file.count % row == 0 else {
        throw MillError(.truncated, "\(file.count) bytes are not whole rows of \(row)", byte: file.count)
      }
      return VectorTable(
        mapped: file.base, element, dimension: dimension, stride: row, count: file.count / row, owner: file)
    }
  } catch {
    throw error.inFile(path)
  }
}

/// Checks that every record has the length of the first.
private func checkRecords(
  _ file: MappedFile, elementBytes: Int, _ context: RunContext
) throws(MillError) -> (dimension: Int, count: Int) {
  guard file.count >= 4 else { throw MillError(.truncated, "the file ends inside its first record", byte: file.count) }
  let dimension = Int(Int32(littleEndian: file.base.loadUnaligned(as: Int32.self)))
  guard dimension > 0, dimension <= VectorTable.maximumDimension else {
    throw MillError(.malformed, "impossible dimension \(dimension)", byte: 0)
  }
  let record = 4 + dimension * elementBytes
  guard file.count % record == 0 else {
    throw MillError(.truncated, "\(file.count) bytes are not whole records of \(record)", byte: file.count)
  }
  let count = file.count / record
  try Parallel.forEachThrowing(
    Parallel.chunkCount(count, size: 1 << 14), threads: context.threads
  ) { chunk, _ throws(MillError) in
    for row in Parallel.range(ofChunk: chunk, size: 1 << 14, count: count) {
      let found = Int(Int32(littleEndian: file.base.loadUnaligned(fromByteOffset: row * record, as: Int32.self)))
      guard found == dimension else {
        throw MillError(
          .malformed, "record \(row) has \(found) elements, the first has \(dimension)", byte: row * record)
      }
    }
  }
  return (dimension, count)
}

private func mapRecords(
  _ file: MappedFile, _ element: ElementType, elementBytes: Int, _ context: RunContext
) throws(MillError) -> VectorTable {
  let (dimension, count) = try checkRecords(file, elementBytes: elementBytes, context)
  return VectorTable(
    mapped: file.base + 4, element, dimension: dimension, stride: 4 + dimension * elementBytes, count: count,
    owner: file)
}

private func readText(_ file: MappedFile) throws(MillError) -> VectorTable {
  var table: VectorTable?
  var line = 0
  var start = 0
  while start < file.count {
    line += 1
    let end = memchr(file.base + start, 10, file.count - start).map { UnsafeRawPointer($0) - file.base } ?? file.count
    let text = String(decoding: file.bytes[start..<end], as: UTF8.self)
    start = end + 1
    if text.hasPrefix("#") { continue }
    let fields = text.split { $0 == " " || $0 == "\t" || $0 == "," || $0 == "\r" }
    if fields.isEmpty { continue }
    var row: [Float] = []
    for field in fields {
      guard let value = Float(field) else {
        throw MillError(.malformed, "not a number", line: line, field: String(field.prefix(40)))
      }
      row.append(value)
    }
    do throws(VectorError) {
      if table == nil { table = try VectorTable(.float32, dimension: row.count) }
      try table?.append(row)
    } catch {
      var failure = error.millError
      failure.line = line
      throw failure
    }
  }
  guard let table else { throw MillError(.malformed, "no vectors in the file") }
  return table
}

/// Integers in rows of one width, as truth files have them.
public struct IntegerRows: Sendable, Equatable {
  /// Integers of a row.
  public let width: Int
  /// All rows, one behind the other.
  public let values: [Int32]
  /// The number of rows.
  public var count: Int { width == 0 ? 0 : values.count / width }

  /// Rows of `width` integers.
  public init(width: Int, values: [Int32]) {
    precondition(width > 0 ? values.count % width == 0 : values.isEmpty)
    self.width = width
    self.values = values
  }
}

/// Reads an ivecs file: before every row its length as Int32, then Int32s.
///
/// - Throws: `MillError`: `unreadable`, `malformed`, `truncated`.
public func readIntegerRows(_ path: String, context: RunContext = .init()) throws(MillError) -> IntegerRows {
  do throws(MillError) {
    let file = try MappedFile(path: path)
    if file.count == 0 { return IntegerRows(width: 0, values: []) }
    let (width, count) = try checkRecords(file, elementBytes: 4, context)
    var values: [Int32] = []
    values.reserveCapacity(width * count)
    for row in 0..<count {
      for i in 0..<width {
        let at = row * (4 + 4 * width) + 4 + 4 * i
        values.append(Int32(littleEndian: file.base.loadUnaligned(fromByteOffset: at, as: Int32.self)))
      }
    }
    return IntegerRows(width: width, values: values)
  } catch {
    throw error.inFile(path)
  }
}

/// Writes an ivecs file.
public func writeIntegerRows(_ rows: IntegerRows, to path: String, replaces: Bool = false) throws(MillError) {
  let file = try OutputFile(path, replaces: replaces)
  for row in 0..<rows.count {
    var record = [Int32(rows.width)]
    record += rows.values[row * rows.width..<(row + 1) * rows.width]
    try writeAll(record, to: file)
  }
  try file.commit()
}

/// Writes vectors; fvecs and text take any element type as floats, bvecs bytes only, raw the table's own type.
///
/// - Throws: `MillError`: `bad-option` when the element type does not fit the format, or what the file throws.
public func writeVectors(
  _ table: VectorTable, to path: String, format: VectorFileFormat? = nil, replaces: Bool = false
) throws(MillError) {
  guard let format = format ?? VectorFileFormat(path: path) else {
    throw MillError(.unsupported, "no known format of vectors", file: path, hint: "known: fvecs bvecs npy txt")
  }
  let isAsItIs: Bool
  switch format {
  case .bvecs: isAsItIs = table.elementType == .uint8
  case .raw(let element, let dimension): isAsItIs = table.elementType == element && table.dimension == dimension
  case .npy: isAsItIs = table.elementType != .bit && table.elementType != .bfloat16
  case .fvecs, .text: isAsItIs = true
  }
  guard isAsItIs else {
    throw MillError(.badOption, "elements \(table.elementType.rawValue) do not fit the format", file: path)
  }
  let file = try OutputFile(path, replaces: replaces)
  if format == .npy { try writeAll(npyHeader(table), to: file) }
  for row in 0..<table.count {
    switch format {
    case .fvecs:
      try writeAll([Int32(table.dimension)], to: file)
      try writeAll(table.floats(row), to: file)
    case .bvecs:
      try writeAll([Int32(table.dimension)], to: file)
      try file.write(UnsafeRawBufferPointer(start: table.row(row), count: table.rowBytes))
    case .text: try file.write(table.floats(row).map { "\($0)" }.joined(separator: " ") + "\n")
    case .npy, .raw: try file.write(UnsafeRawBufferPointer(start: table.row(row), count: table.rowBytes))
    }
  }
  try file.commit()
}

func writeAll<Element: BitwiseCopyable>(_ values: [Element], to file: OutputFile) throws(MillError) {
  var failure: MillError?
  values.withUnsafeBytes { bytes in
    do throws(MillError) { try file.write(bytes) } catch { failure = error }
  }
  if let failure { throw failure }
}
