import MillRuntime

/// An array of numpy's `.npy` format, versions 1 to 3, over bytes that the caller keeps.
///
/// - Source: NumPy Enhancement Proposal 1 and its additions, numpy.lib.format.
struct NumpyArray {
  /// The kind of the elements: `b`, `i`, `u`, `f`, `S` or `U`.
  let kind: UInt8
  /// Bytes an element.
  let width: Int
  let isBigEndian: Bool
  let isColumnMajor: Bool
  let shape: [Int]
  private let view: BinaryView
  private let start: Int

  /// The number of elements.
  var count: Int { shape.reduce(1, *) }

  /// Reads the header and checks that the data are all there and no more.
  init(_ bytes: UnsafeRawBufferPointer) throws(MillError) {
    view = unsafe BinaryView(bytes)
    guard bytes.count >= 10, unsafe bytes.starts(with: FileKind.array.magic) else {
      throw MillError(.malformed, "this is no array of numpy", byte: 0)
    }
    let version = unsafe bytes[6]
    guard (1...3).contains(version), bytes.count >= 12 else {
      throw MillError(.unsupportedContent, "version \(version) of numpy's format is not read", byte: 6)
    }
    let lead = version == 1 ? 10 : 12
    let length = Int(view.unsigned(at: 8, width: version == 1 ? 2 : 4))
    guard length <= 1 << 16, lead + length <= bytes.count else {
      throw MillError(.truncated, "the header of the array is cut off", byte: 8)
    }
    start = lead + length
    let header = unsafe String(decoding: bytes[lead..<start], as: UTF8.self)
    func value(_ key: String) -> Substring? {
      guard let place = header.firstRange(of: "'\(key)'") else { return nil }
      return header[place.upperBound...].drop { $0 == ":" || $0 == " " }
    }
    guard let description = value("descr"), let order = value("fortran_order"), let extent = value("shape"),
      extent.first == "(", let close = extent.firstIndex(of: ")")
    else { throw MillError(.malformed, "the header of the array is not a dictionary of three entries", byte: lead) }
    guard description.first == "'" else {
      throw MillError(.unsupportedContent, "arrays of records are not read", byte: lead)
    }
    let type = Array(description.dropFirst().prefix { $0 != "'" }.utf8)
    guard type.count >= 3, let width = Int(String(decoding: type[2...], as: UTF8.self)),
      type[1] == UInt8(ascii: "U") || type[1] == UInt8(ascii: "S")
        ? (1...64).contains(width) : [1, 2, 4, 8].contains(width),
      Array("biufSU".utf8).contains(type[1])
    else {
      throw MillError(
        .unsupportedContent, "arrays of this type are not read", byte: lead,
        field: String(decoding: type, as: UTF8.self))
    }
    kind = type[1]
    self.width = kind == UInt8(ascii: "U") ? 4 * width : width
    isBigEndian = type[0] == UInt8(ascii: ">")
    isColumnMajor = order.hasPrefix("True")
    var shape: [Int] = []
    var size = self.width
    for part in extent[..<close].dropFirst().split(separator: ",") {
      let digits = part.filter { $0 != " " }
      if digits.isEmpty { continue }
      guard let extent = Int(digits), extent >= 0,
        case let (bytes, overflow) = size.multipliedReportingOverflow(by: extent),
        !overflow
      else { throw MillError(.malformed, "the shape of the array is impossible", byte: lead, field: String(part)) }
      shape.append(extent)
      size = bytes
    }
    self.shape = shape
    guard bytes.count - start == size else {
      throw MillError(
        bytes.count - start < size ? .truncated : .trailingGarbage,
        "an array of shape \(shape) needs \(size) bytes, there are \(bytes.count - start)", byte: start)
    }
  }

  /// Whether the elements are integers.
  var isInteger: Bool { kind == UInt8(ascii: "i") || kind == UInt8(ascii: "u") }
  /// Whether the elements are truth values.
  var isBool: Bool { kind == UInt8(ascii: "b") }

  /// Element `index` of an array of integers; nil where it is negative.
  @inline(__always) func unsigned(_ index: Int) -> UInt64? {
    let value = view.unsigned(at: start + width * index, width: width, isBigEndian: isBigEndian)
    return kind == UInt8(ascii: "i") && value >> UInt64(8 * width - 1) & 1 == 1 ? nil : value
  }

  /// Element `index` as a double; NaN for texts.
  func double(_ index: Int) -> Double {
    let value = view.unsigned(at: start + width * index, width: width, isBigEndian: isBigEndian)
    switch kind {
    case UInt8(ascii: "f"):
      switch width {
      case 8: return Double(bitPattern: value)
      case 4: return Double(Float(bitPattern: UInt32(value)))
      default: return halfPrecision(UInt16(truncatingIfNeeded: value))
      }
    case UInt8(ascii: "i"):
      let shift = UInt64(64 - 8 * width)
      return Double(Int64(bitPattern: value << shift) >> Int64(shift))
    case UInt8(ascii: "u"), UInt8(ascii: "b"): return Double(value)
    default: return .nan
    }
  }

  /// The text of an array of one text.
  var text: String {
    guard count == 1 else { return "" }
    let step = kind == UInt8(ascii: "U") ? 4 : 1
    let bytes = stride(from: 0, to: width, by: step).map {
      unsafe view.bytes[start + $0 + (isBigEndian ? step - 1 : 0)]
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The header of an array in the order of rows, padded so that data begin at a multiple of 64.
  static func header(_ type: String, shape: [Int]) -> [UInt8] {
    let extent = shape.count == 1 ? "(\(shape[0]),)" : "(" + shape.map(String.init).joined(separator: ", ") + ")"
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(extent), }"
    text += String(repeating: " ", count: (64 - (10 + text.utf8.count + 1) % 64) % 64) + "\n"
    let length = UInt16(text.utf8.count)
    return FileKind.array.magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
  }
}

/// A number of IEEE 754 binary16.
private func halfPrecision(_ bits: UInt16) -> Double {
  let sign: Double = bits >> 15 == 1 ? -1 : 1
  let exponent = Int(bits >> 10 & 31)
  let fraction = Double(bits & 1023) / 1024
  switch exponent {
  case 0: return sign * fraction * 0x1p-14
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default: return sign * (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
  }
}
