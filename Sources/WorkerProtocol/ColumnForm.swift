/// A type of numbers in a column, by its NumPy name.
package enum ColumnType: String, Sendable, CaseIterable {
  case int64 = "<i8"
  case int32 = "<i4"
  case int16 = "<i2"
  case uint64 = "<u8"
  case uint32 = "<u4"
  case uint8 = "|u1"
  case float64 = "<f8"
  case float32 = "<f4"

  /// Bytes of a number.
  package var width: Int {
    switch self {
    case .int64, .uint64, .float64: 8
    case .int32, .uint32, .float32: 4
    case .int16: 2
    case .uint8: 1
    }
  }
}

/// A Swift type that a column of numbers is read as.
package protocol ColumnElement: BitwiseCopyable {
  static var columnType: ColumnType { get }
}

extension Int64: ColumnElement { package static let columnType = ColumnType.int64 }
extension Int32: ColumnElement { package static let columnType = ColumnType.int32 }
extension UInt64: ColumnElement { package static let columnType = ColumnType.uint64 }
extension Double: ColumnElement { package static let columnType = ColumnType.float64 }
extension Float: ColumnElement { package static let columnType = ColumnType.float32 }

/// What a column holds: numbers of a type, one a row, or a vector of them.
package struct ColumnForm: Sendable, Equatable {
  package let type: ColumnType
  /// Numbers of a row; nil for a plain number instead of a vector.
  package let components: Int?

  package init(_ type: ColumnType, components: Int? = nil) {
    self.type = type
    self.components = components
  }

  /// Bytes of a row.
  package var rowBytes: Int { type.width * (components ?? 1) }
}

/// The header of a NumPy array, version 1.0, always of the same length.
///
/// A column has exactly the header that ``bytes(_:rows:)`` writes; anything else is refused, so that nothing has to be
/// understood.
enum ColumnHeader {
  static let size = 128
  static let largestComponents = 1 << 16
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size - 10), 0]
  private static let typePlace = magic.count + "{'descr': '".utf8.count

  static func bytes(_ form: ColumnForm, rows: Int) -> [UInt8] {
    let shape = form.components.map { "\(rows), \($0)" } ?? "\(rows),"
    let text = "{'descr': '\(form.type.rawValue)', 'fortran_order': False, 'shape': (\(shape)), }"
    let blanks = [UInt8](repeating: 0x20, count: size - 1 - magic.count - text.utf8.count)
    return magic + Array(text.utf8) + blanks + [0x0a]
  }

  /// The form of a column of `rows` rows with this header; nil for any other header.
  static func form(of header: [UInt8], rows: Int) -> ColumnForm? {
    guard header.count == size, let open = header.firstIndex(of: UInt8(ascii: "(")),
      let close = header[open...].firstIndex(of: UInt8(ascii: ")")),
      let type = ColumnType(rawValue: String(decoding: header[typePlace..<typePlace + 3], as: UTF8.self))
    else { return nil }
    let lengths = String(decoding: header[(open + 1)..<close], as: UTF8.self).split(separator: ", ")
    let components = lengths.count == 2 ? Int(lengths[1]) : nil
    guard components.map({ (1...largestComponents).contains($0) }) ?? true else { return nil }
    let form = ColumnForm(type, components: components)
    return bytes(form, rows: rows) == header ? form : nil
  }
}

/// The 32 bytes in front of every frame.
struct FrameHead: Equatable {
  enum Kind: UInt16 {
    case data = 1
    case end = 2
  }

  static let size = 32
  static let largestBody = 1 << 30
  static let largestRows = 1 << 31
  static let largestColumns = 64
  /// What a column's part of the body is filled up to.
  static let alignment = 64
  private static let magic = Array("GMF1".utf8)

  /// The bytes that so many fill up to.
  static func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

  var kind: Kind
  var columns: Int
  var rows: UInt64
  var body: UInt64
  /// The number of a data frame from 0 on; of the end frame, how many there were.
  var number: UInt64

  var bytes: [UInt8] {
    var bytes = Self.magic
    for half in [kind.rawValue, UInt16(columns)] { bytes += [UInt8(half & 255), UInt8(half >> 8)] }
    for word in [rows, body, number] {
      for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))) }
    }
    return bytes
  }

  init(_ kind: Kind, columns: Int = 0, rows: UInt64, body: UInt64 = 0, number: UInt64) {
    self.kind = kind
    self.columns = columns
    self.rows = rows
    self.body = body
    self.number = number
  }

  /// The head in 32 bytes; nil for bytes that are none.
  init?(_ bytes: [UInt8]) {
    func integer(_ place: Int, _ width: Int) -> UInt64 {
      bytes[place..<place + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard bytes.count == Self.size, bytes.starts(with: Self.magic),
      let kind = Kind(rawValue: UInt16(integer(4, 2)))
    else { return nil }
    self.init(kind, columns: Int(integer(6, 2)), rows: integer(8, 8), body: integer(16, 8), number: integer(24, 8))
  }
}
