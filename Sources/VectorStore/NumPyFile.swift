public import MillRuntime

/// Reads a two-dimensional array of NumPy's format, versions 1 to 3 (NumPy enhancement proposal 1).
func readNPY(_ file: MappedFile) throws(MillError) -> VectorTable {
  func malformed(_ what: String) -> MillError { MillError(.malformed, what, byte: 0) }
  guard file.count >= 12, Array(file.bytes.prefix(6)) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] else {
    throw malformed("not a NumPy array: its magic bytes are missing")
  }
  let isLong = file.bytes[6] >= 2
  let length =
    isLong
    ? Int(UInt32(littleEndian: file.base.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
    : Int(UInt16(littleEndian: file.base.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
  let start = (isLong ? 12 : 10) + length
  guard start <= file.count, length < 1 << 16 else {
    throw MillError(.truncated, "the file ends inside its header", byte: file.count)
  }
  let header = String(decoding: file.bytes[(isLong ? 12 : 10)..<start], as: UTF8.self)
  guard let type = value("descr", in: header), let order = value("fortran_order", in: header),
    let shapeText = value("shape", in: header)
  else { throw malformed("its header lacks descr, fortran_order or shape") }
  guard order == "False" else {
    throw MillError(.unsupported, "the array is in column order", hint: "save numpy.ascontiguousarray of it")
  }
  let shape = shapeText.split(separator: ",").map { Int($0.filter { $0 != " " }) }
  guard shape.count == 2, let count = shape[0], let dimension = shape[1], count >= 0, dimension > 0,
    dimension <= VectorTable.maximumDimension
  else { throw malformed("the shape (\(shapeText.prefix(60))) is not rows times columns") }
  let types: [String: (ElementType, Int)] = [
    "<f4": (.float32, 4), "<f2": (.float16, 2), "|u1": (.uint8, 1), "<u1": (.uint8, 1), "<f8": (.float32, 8),
  ]
  guard let (element, width) = types[type] else {
    throw MillError(.unsupported, "elements of type \(type.prefix(20))", hint: "known: <f4 <f8 <f2 |u1")
  }
  let (cells, overflow) = count.multipliedReportingOverflow(by: dimension)
  guard !overflow, cells <= (file.count - start) / width else {
    throw MillError(.truncated, "the file is shorter than its shape", byte: file.count)
  }
  guard cells * width == file.count - start else {
    throw MillError(.trailingGarbage, "the file is longer than its shape", byte: start + cells * width)
  }
  guard width == 8 else {
    return VectorTable(
      mapped: file.base + start, element, dimension: dimension, stride: dimension * width, count: count, owner: file)
  }
  do throws(VectorError) {
    let table = try VectorTable(.float32, dimension: dimension, count: count)
    for row in 0..<count {
      guard let target = table.mutableRow(row) else { throw .readOnly }
      for i in 0..<dimension {
        let value = file.base.loadUnaligned(fromByteOffset: start + 8 * (row * dimension + i), as: Double.self)
        target.storeBytes(of: Float(value), toByteOffset: 4 * i, as: Float.self)
      }
    }
    return table
  } catch {
    throw error.millError
  }
}

/// The text behind `'key':` in a header, without quotes and brackets.
private func value(_ key: String, in header: String) -> String? {
  guard let at = header.firstRange(of: "'\(key)':") else { return nil }
  let rest = header[at.upperBound...].drop { $0 == " " }
  guard let first = rest.first else { return nil }
  switch first {
  case "'": return String(rest.dropFirst().prefix { $0 != "'" })
  case "(": return String(rest.dropFirst().prefix { $0 != ")" })
  default: return String(rest.prefix { $0 != "," && $0 != "}" && $0 != " " })
  }
}

/// Writes the ids of answers as a NumPy array of 64-bit integers, shape (queries, k); -1 where there is no answer.
///
/// - Throws: `MillError`: what the file throws, `cannot-create` when it exists and `replaces` is false.
public func writeNeighborIDs(_ rows: NeighborRows, to path: String, replaces: Bool = false) throws(MillError) {
  let file = try OutputFile(path, replaces: replaces)
  try writeAll(npyHeader("<i8", rows: rows.count, columns: rows.k), to: file)
  try writeAll(rows.ids, to: file)
  try file.commit()
}

/// The header of a table, padded so that the rows start at a multiple of 64.
func npyHeader(_ table: VectorTable) -> [UInt8] {
  let type =
    switch table.elementType {
    case .float16: "<f2"
    case .uint8: "|u1"
    default: "<f4"
    }
  return npyHeader(type, rows: table.count, columns: table.dimension)
}

private func npyHeader(_ type: String, rows: Int, columns: Int) -> [UInt8] {
  var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
  while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
  text += "\n"
  let length = UInt16(text.utf8.count)
  return [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
}
