public import MillRuntime

/// What the header of a NumPy array says.
public struct NumPyInfo: Sendable, Equatable, Codable {
  /// Rows, columns, and so on; empty for a single number.
  public let shape: [Int]
  /// The type of an element as NumPy writes it, such as `<f4`.
  public let elementType: String
  /// Whether the first index runs fastest.
  public let isColumnMajor: Bool
  /// Bytes of the file.
  public let bytes: Int
}

/// Reads the header of a `.npy` file, of any shape and element type, and checks that the file is as long as it says.
///
/// - Throws: `MillError`: `unreadable`, `malformed`, `truncated`, `trailing-garbage`.
/// - Complexity: O(1).
/// - Source: NumPy enhancement proposal 1, "A simple file format for NumPy arrays", versions 1 to 3.
public func numPyInfo(_ path: String) throws(MillError) -> NumPyInfo {
  let file = try MappedFile(path: path)
  do throws(MillError) {
    let info = try unsafe numPyInfo(file.bytes)
    withExtendedLifetime(file) {}
    return info
  } catch {
    throw error.inFile(path)
  }
}

private func numPyInfo(_ bytes: UnsafeRawBufferPointer) throws(MillError) -> NumPyInfo {
  guard unsafe FileKind(head: bytes.prefix(6)) == .array else {
    throw MillError(.malformed, "not a NumPy array: its magic bytes are missing", byte: 0)
  }
  guard bytes.count >= 12 else { throw unsafe truncated(bytes) }
  let isLong = unsafe bytes[6] >= 2
  let begin = isLong ? 12 : 10
  var length = 0
  for place in stride(from: begin - 1, through: 8, by: -1) { length = unsafe length << 8 | Int(bytes[place]) }
  guard length <= bytes.count - begin else { throw unsafe truncated(bytes) }
  let header = unsafe String(decoding: bytes[begin..<begin + length], as: UTF8.self)
  guard let type = field("descr", in: header), let order = field("fortran_order", in: header),
    let shapeText = field("shape", in: header), order == "True" || order == "False"
  else { throw MillError(.malformed, "its header lacks descr, fortran_order or shape", byte: 0) }
  var shape: [Int] = []
  for part in shapeText.split(separator: ",") where !part.allSatisfy(\.isWhitespace) {
    guard let size = Int(part.filter { !$0.isWhitespace }), size >= 0 else {
      throw MillError(.malformed, "the shape is not a list of sizes", field: String(shapeText.prefix(60)))
    }
    shape.append(size)
  }
  if let width = Int(type.drop { !$0.isNumber }.prefix { $0.isNumber }), !type.hasPrefix("|O") {
    var wanted = type.contains("U") ? 4 * min(width, 1 << 40) : width
    for size in shape {
      let (product, overflow) = wanted.multipliedReportingOverflow(by: size)
      guard !overflow else { throw MillError(.malformed, "an impossible shape", field: String(shapeText.prefix(60))) }
      wanted = product
    }
    let stored = bytes.count - begin - length
    guard stored >= wanted else { throw unsafe truncated(bytes) }
    guard stored == wanted else {
      throw MillError(.trailingGarbage, "the file is longer than its shape", byte: begin + length + wanted)
    }
  }
  return NumPyInfo(
    shape: shape, elementType: String(type.prefix(60)), isColumnMajor: order == "True", bytes: bytes.count)
}

private func truncated(_ bytes: UnsafeRawBufferPointer) -> MillError {
  MillError(.truncated, "the file is shorter than its header says", byte: bytes.count)
}

/// The text behind `'key':`, without quotes and brackets.
private func field(_ key: String, in header: String) -> String? {
  guard let found = header.firstRange(of: "'\(key)':") else { return nil }
  let rest = header[found.upperBound...].drop { $0 == " " }
  switch rest.first {
  case "'": return String(rest.dropFirst().prefix { $0 != "'" })
  case "(": return String(rest.dropFirst().prefix { $0 != ")" })
  default: return String(rest.prefix { $0 != "," && $0 != "}" && $0 != " " })
  }
}
