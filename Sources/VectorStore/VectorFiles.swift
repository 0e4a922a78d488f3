public import MillRuntime

/// Reads vectors. Files of 32-bit and 16-bit floats and of bytes are mapped, not copied: the table is then read-only,
/// and the file must not be changed in place.
///
/// - Parameters:
///   - path: The file; `-` is standard input.
///   - format: Its form; nil goes by content, then by the end of the name.
///   - context: Threads; they do not change the vectors.
/// - Throws: `MillError`: what ``readVectorFile(_:options:context:)`` throws.
/// - Complexity: O(rows) to check the row headers of fvecs and bvecs, O(1) for other mapped files, O(bytes) else.
public func readVectors(
  _ path: String, format: VectorFileFormat? = nil, context: RunContext = .init()
) throws(MillError) -> VectorTable {
  try readVectorFile(path, options: VectorReadOptions(format: format), context: context).vectors
}

/// Reads vectors, their keys, and says what was understood.
///
/// - Parameters:
///   - path: The file; `-` is standard input. A pipe is read to its end.
///   - options: Format, header and keys, where the file shall not tell.
///   - context: Threads; they do not change the vectors.
/// - Throws: `MillError`: `unreadable`; `unsupported` for what is no known or no offered format; `malformed`,
///   `truncated`, `trailing-garbage`, `not-finite`, `not-representable`, `dimension-mismatch` with the place;
///   `over-budget`.
/// - Complexity: O(bytes); O(1) and no memory for mapped rows.
public func readVectorFile(
  _ path: String, options: VectorReadOptions = .init(), context: RunContext = .init()
) throws(MillError) -> VectorReading {
  do throws(MillError) { return try read(VectorInput(path, options: options, context: context)) } catch {
    throw error.inFile(path)
  }
}

/// Reads what is in memory or mapped.
func read(_ input: VectorInput) throws(MillError) -> VectorReading {
  let entry = try VectorFormat.of(input)
  guard let reader = entry.read else { throw MillError(.unsupported, "\(entry.name) is not read as vectors") }
  var reading = try reader(input)
  reading.report.format = entry.name
  return reading
}

/// Writes vectors; fvecs, fbin and text take any element type as floats, bvecs and u8bin bytes only, raw the table's
/// own type.
///
/// - Throws: `MillError`: `bad-option` when the element type does not fit the format, `unsupported` for a format that
///   is only read, or what the file throws.
public func writeVectors(
  _ table: VectorTable, to path: String, format: VectorFileFormat? = nil, replaces: Bool = false
) throws(MillError) {
  guard let format = format ?? VectorFileFormat(path: path) else {
    throw MillError(
      .unsupported, "no known format of vectors", file: path, hint: "known: fvecs bvecs fbin u8bin npy txt")
  }
  let fits: Bool
  switch format {
  case .bvecs, .u8bin: fits = table.elementType == .uint8
  case .raw(let element, let dimension): fits = table.elementType == element && table.dimension == dimension
  case .npy: fits = table.elementType != .bit && table.elementType != .bfloat16
  case .fvecs, .fbin, .text: fits = true
  case .ivecs, .ibin, .i8bin, .hdf5:
    throw MillError(.unsupported, "vectors are not written as \(format.name)", file: path)
  }
  guard fits else {
    throw MillError(.badOption, "elements \(table.elementType.rawValue) do not fit the format", file: path)
  }
  guard table.count <= UInt32.max || ![.fbin, .u8bin].contains(format) else {
    throw MillError(.unsupported, "\(table.count) rows are more than \(format.name) can count", file: path)
  }
  let file = try OutputFile(path, replaces: replaces)
  switch format {
  case .npy:
    let type =
      switch table.elementType {
      case .float16: "<f2"
      case .uint8: "|u1"
      default: "<f4"
      }
    try writeAll(npyHeader(type, rows: table.count, columns: table.dimension), to: file)
  case .fbin, .u8bin: try writeAll([UInt32(table.count), UInt32(table.dimension)], to: file)
  default: break
  }
  for row in 0..<table.count {
    if format == .fvecs || format == .bvecs { try writeAll([Int32(table.dimension)], to: file) }
    switch format {
    case .fvecs, .fbin: try writeAll(table.floats(row), to: file)
    case .text: try file.write(table.floats(row).map { "\($0)" }.joined(separator: " ") + "\n")
    default: try unsafe table.withRow(row) { bytes throws(MillError) in try unsafe file.write(bytes) }
    }
  }
  try file.commit()
}

func writeAll<Element: BitwiseCopyable>(_ values: [Element], to file: OutputFile) throws(MillError) {
  var failure: MillError?
  unsafe values.withUnsafeBytes { bytes in
    do throws(MillError) { try unsafe file.write(bytes) } catch { failure = error }
  }
  if let failure { throw failure }
}
