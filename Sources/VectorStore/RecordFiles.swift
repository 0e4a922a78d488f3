import MillRuntime

// fvecs, bvecs and ivecs: before every row its length as Int32 (the TEXMEX collections); and rows without any header.

/// Rows with their lengths; those of floats and bytes stay where they are.
func readRecords(_ input: VectorInput, _ type: NumberType, isMapped: Bool) throws(MillError) -> VectorReading {
  let (dimension, count) = try checkRecords(input, elementBytes: type.width)
  let stride = 4 + dimension * type.width
  var report = VectorReadReport()
  report.elements = type.rawValue
  if isMapped, let element = type.asItIs {
    return VectorReading(
      input.mapped(element, at: 4, dimension: dimension, stride: stride, count: count), report: report)
  }
  let cells = unsafe NumberCells(
    base: input.base + 4, type: type, isBigEndian: false, rows: count, columns: dimension, rowStride: stride,
    columnStride: type.width)
  return VectorReading(try cells.table(&report, input.context), report: report)
}

/// Checks that every record has the length of the first.
func checkRecords(_ input: VectorInput, elementBytes: Int) throws(MillError) -> (dimension: Int, count: Int) {
  let size = input.bytes.count
  guard size >= 4 else { throw MillError(.truncated, "the file ends inside its first record", byte: size) }
  let dimension = Int(input.load(0, as: Int32.self))
  guard dimension > 0, dimension <= VectorTable.maximumDimension else {
    throw MillError(.malformed, "impossible dimension \(dimension)", byte: 0)
  }
  let record = 4 + dimension * elementBytes
  guard size % record == 0 else {
    throw MillError(.truncated, "\(size) bytes are not whole records of \(record)", byte: size)
  }
  let count = size / record
  try Parallel.forEachThrowing(
    Parallel.chunkCount(count, size: 1 << 14), threads: input.context.threads
  ) { chunk, _ throws(MillError) in
    for row in Parallel.range(ofChunk: chunk, size: 1 << 14, count: count) {
      let found = Int(input.load(row * record, as: Int32.self))
      guard found == dimension else {
        throw MillError(
          .malformed, "record \(row) has \(found) elements, the first has \(dimension)", byte: row * record)
      }
    }
  }
  return (dimension, count)
}

/// Whether the bytes can be such records: the lengths of the first sixteen agree with the size of the whole.
func looksLikeRecords(_ bytes: SharedArray<UInt8>, elementBytes: Int) -> Bool {
  func length(_ offset: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
  guard bytes.count >= 4 else { return false }
  let dimension = length(0)
  let record = 4 + dimension * elementBytes
  guard dimension > 0, dimension <= VectorTable.maximumDimension, bytes.count % record == 0 else { return false }
  return (0..<min(16, bytes.count / record)).allSatisfy { length($0 * record) == dimension }
}

/// Rows of one dimension and type, nothing else.
func readRaw(_ input: VectorInput, _ element: ElementType, dimension: Int) throws(MillError) -> VectorReading {
  guard dimension > 0, dimension <= VectorTable.maximumDimension else { throw .impossibleDimension(dimension) }
  let row = element.rowBytes(dimension: dimension)
  guard input.bytes.count % row == 0 else {
    throw MillError(
      .truncated, "\(input.bytes.count) bytes are not whole rows of \(row)", byte: input.bytes.count)
  }
  var report = VectorReadReport()
  report.elements = element.rawValue
  return VectorReading(
    input.mapped(element, at: 0, dimension: dimension, stride: row, count: input.bytes.count / row), report: report)
}
