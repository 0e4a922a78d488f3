import MillRuntime

/// What the header of a NumPy array says (NumPy enhancement proposal 1, versions 1 to 3).
struct NumPyHeader {
  let type: NumberType
  let isBigEndian: Bool
  let isFortranOrder: Bool
  let shape: [Int]
  /// Where the numbers begin.
  let start: Int

  /// Reads the header and makes sure that the numbers are all there.
  ///
  /// - Throws: `MillError`: `malformed`, `truncated`, `trailing-garbage`, `unsupported`.
  init(_ input: VectorInput) throws(MillError) {
    func malformed(_ what: String) -> MillError { MillError(.malformed, what, byte: 0) }
    let size = input.bytes.count
    guard size >= 12, input.bytes.starts(with: FileKind.array.magic) else {
      throw malformed("not a NumPy array: its magic bytes are missing")
    }
    let isLong = input.bytes[6] >= 2
    let begin = isLong ? 12 : 10
    let length = isLong ? Int(input.load(8, as: UInt32.self)) : Int(input.load(8, as: UInt16.self))
    guard length < 1 << 16, begin + length <= size else {
      throw MillError(.truncated, "the file ends inside its header", byte: size)
    }
    let header = String(decoding: input.bytes[begin..<begin + length], as: UTF8.self)
    guard let name = Self.value("descr", in: header), let order = Self.value("fortran_order", in: header),
      let shapeText = Self.value("shape", in: header)
    else { throw malformed("its header lacks descr, fortran_order or shape") }
    start = begin + length
    isFortranOrder = order == "True"
    isBigEndian = name.hasPrefix(">")
    guard let type = Self.types[String(name.drop { "<>|=".contains($0) })] else {
      throw MillError(
        .unsupported, "elements of type \(name.prefix(20))", hint: "known: f2 f4 f8 i1 to i8 u1 to u8 b1 and bfloat16")
    }
    self.type = type
    let sizes = shapeText.split(separator: ",").map { $0.filter { $0 != " " && $0 != "L" } }.filter { !$0.isEmpty }
    shape = sizes.compactMap { Int($0) }
    guard shape.count == sizes.count, shape.allSatisfy({ $0 >= 0 }) else {
      throw malformed("the shape (\(shapeText.prefix(60))) is not one of numbers")
    }
    var cells = 1
    for length in shape {
      let (product, overflow) = cells.multipliedReportingOverflow(by: length)
      guard !overflow else { throw malformed("the shape (\(shapeText.prefix(60))) is impossible") }
      cells = product
    }
    guard cells <= (size - start) / type.width else {
      throw MillError(.truncated, "the file is shorter than its shape", byte: size)
    }
    guard cells * type.width == size - start else {
      throw MillError(.trailingGarbage, "the file is longer than its shape", byte: start + cells * type.width)
    }
  }

  /// Rows and columns; an array of one dimension is one row.
  func matrix() throws(MillError) -> (rows: Int, columns: Int) {
    let (rows, columns): (Int, Int)
    switch shape.count {
    case 1: (rows, columns) = (1, shape[0])
    case 2: (rows, columns) = (shape[0], shape[1])
    default:
      throw MillError(
        .malformed, "an array of \(shape.count) dimensions is not rows times columns", byte: 0,
        hint: "numpy.save('data.npy', a.reshape(len(a), -1))")
    }
    guard columns > 0, columns <= VectorTable.maximumDimension else {
      throw MillError(.malformed, "impossible dimension \(columns)", byte: 0)
    }
    return (rows, columns)
  }

  /// The numbers of the file.
  func cells(_ input: VectorInput) throws(MillError) -> NumberCells {
    let (rows, columns) = try matrix()
    return unsafe NumberCells(
      base: input.base + start, type: type, isBigEndian: isBigEndian, rows: rows, columns: columns,
      rowStride: isFortranOrder ? type.width : columns * type.width,
      columnStride: isFortranOrder ? rows * type.width : type.width)
  }

  // The extension type of bfloat16 is saved as two bytes of nothing known.
  private static let types: [String: NumberType] = [
    "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64,
    "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool, "V2": .bfloat16, "bfloat16": .bfloat16,
  ]

  /// The text behind `'key':` in a header, without quotes and brackets.
  private static func value(_ key: String, in header: String) -> String? {
    guard let at = header.firstRange(of: "'\(key)':") else { return nil }
    let rest = header[at.upperBound...].drop { $0 == " " }
    guard let first = rest.first else { return nil }
    switch first {
    case "'": return String(rest.dropFirst().prefix { $0 != "'" })
    case "(": return String(rest.dropFirst().prefix { $0 != ")" })
    default: return String(rest.prefix { $0 != "," && $0 != "}" && $0 != " " })
    }
  }
}

/// Reads an array; rows of floats, halves and bytes in C order stay where they are.
func readNPY(_ input: VectorInput) throws(MillError) -> VectorReading {
  let header = try NumPyHeader(input)
  let cells = try header.cells(input)
  var report = VectorReadReport()
  report.elements = header.type.rawValue
  if header.shape.count == 1, cells.columns > 1 {
    report.warnings.append("an array of one dimension is taken as one vector of \(cells.columns) elements")
  }
  return try cells.reading(in: input.bytes, at: header.start, report: report, input.context)
}

/// The header of an array of a NumPy type, padded so that the numbers start at a multiple of 64.
func npyHeader(_ type: String, rows: Int, columns: Int) -> [UInt8] {
  var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
  while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
  text += "\n"
  let length = UInt16(text.utf8.count)
  return FileKind.array.magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
}
