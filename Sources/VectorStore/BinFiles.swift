import MillRuntime

// fbin, u8bin, i8bin and ibin of big-ann-benchmarks: two UInt32, rows and dimension, then the rows.

/// Rows behind their shape; those of floats and bytes stay where they are.
func readBin(_ input: VectorInput, _ type: NumberType) throws(MillError) -> VectorReading {
  let (rows, columns) = try binShape(input)
  let size = input.bytes.count
  let (cells, tooMany) = rows.multipliedReportingOverflow(by: columns)
  guard !tooMany, cells <= (size - 8) / type.width else {
    throw MillError(.truncated, "the file is shorter than its shape, \(rows) × \(columns)", byte: size)
  }
  guard 8 + cells * type.width == size else {
    throw MillError(
      .trailingGarbage, "the file is longer than its shape, \(rows) × \(columns)", byte: 8 + cells * type.width)
  }
  var report = VectorReadReport()
  report.elements = type.rawValue
  let stride = columns * type.width
  if let element = type.asItIs {
    return VectorReading(
      input.mapped(element, at: 8, dimension: columns, stride: stride, count: rows), report: report)
  }
  let numbers = unsafe NumberCells(
    base: input.base + 8, type: type, isBigEndian: false, rows: rows, columns: columns, rowStride: stride,
    columnStride: type.width)
  return VectorReading(try numbers.table(&report, input.context), report: report)
}

/// The shape at the beginning.
func binShape(_ input: VectorInput) throws(MillError) -> (rows: Int, columns: Int) {
  guard input.bytes.count >= 8 else {
    throw MillError(.truncated, "the file ends inside its shape", byte: input.bytes.count)
  }
  let columns = Int(input.load(4, as: UInt32.self))
  guard columns > 0, columns <= VectorTable.maximumDimension else {
    throw MillError(.malformed, "impossible dimension \(columns)", byte: 4)
  }
  return (Int(input.load(0, as: UInt32.self)), columns)
}

/// Whether the bytes can be such a file: the shape agrees with the size.
func looksLikeBin(_ input: VectorInput, elementBytes: Int) -> Bool {
  guard input.bytes.count >= 8 else { return false }
  let (rows, columns) = (Int(input.load(0, as: UInt32.self)), Int(input.load(4, as: UInt32.self)))
  // Both are below 2^32 and the product of the two below 2^63 where columns may be a dimension.
  return columns > 0 && columns <= VectorTable.maximumDimension
    && 8 + rows * columns * elementBytes == input.bytes.count
}
