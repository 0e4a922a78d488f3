/// A JSON document with one deterministic text: keys in ascending order of their UTF-8 bytes, numbers in the shortest
/// form that reads back to the same value.
///
/// Used for provenance, manifests and reports, without Foundation.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  /// An integer above `Int.max`; ``init(_:)-(UInt64)`` picks the case.
  case unsigned(UInt64)
  /// A double; NaN and infinities are written as `null`.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// An unsigned integer, as ``integer(_:)`` where it fits.
  public init(_ value: UInt64) { self = Int(exactly: value).map(JSONValue.integer) ?? .unsigned(value) }

  /// An optional text; nil is `null`.
  public init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }

  /// The member `key` of an object; setting nil removes it. Setting on anything but an object makes it one.
  public subscript(key: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members[key]
    }
    set {
      var members: [String: JSONValue] = [:]
      if case .object(let old) = self { members = old }
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The document without the members, at any depth, whose keys are not wanted.
  public func filtered(_ isWanted: (String) -> Bool) -> JSONValue {
    switch self {
    case .object(let members):
      .object(members.filter { isWanted($0.key) }.mapValues { $0.filtered(isWanted) })
    case .array(let items): .array(items.map { $0.filtered(isWanted) })
    default: self
    }
  }

  /// The document as text.
  ///
  /// - Parameter pretty: One member a line, indented by two spaces; else no blanks at all. Neither ends in a newline.
  public func text(pretty: Bool = false) -> String {
    var out: [UInt8] = []
    write(to: &out, pretty: pretty, depth: 0)
    return String(decoding: out, as: UTF8.self)
  }

  private func write(to out: inout [UInt8], pretty: Bool, depth: Int) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .integer(let value): out += String(value).utf8
    case .unsigned(let value): out += String(value).utf8
    case .number(let value): out += (value.isFinite ? "\(value)" : "null").utf8
    case .string(let value): Self.write(value, to: &out)
    case .array(let items):
      Self.writeList(items, "[", "]", to: &out, pretty, depth) { item, out in
        item.write(to: &out, pretty: pretty, depth: depth + 1)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      Self.writeList(sorted, "{", "}", to: &out, pretty, depth) { member, out in
        Self.write(member.key, to: &out)
        out += (pretty ? ": " : ":").utf8
        member.value.write(to: &out, pretty: pretty, depth: depth + 1)
      }
    }
  }

  private static func writeList<Item>(
    _ items: [Item], _ open: String, _ close: String, to out: inout [UInt8], _ pretty: Bool, _ depth: Int,
    _ writeItem: (Item, inout [UInt8]) -> Void
  ) {
    out += open.utf8
    for (i, item) in items.enumerated() {
      if i > 0 { out.append(UInt8(ascii: ",")) }
      if pretty { breakLine(depth + 1, &out) }
      writeItem(item, &out)
    }
    if pretty, !items.isEmpty { breakLine(depth, &out) }
    out += close.utf8
  }

  private static func breakLine(_ depth: Int, _ out: inout [UInt8]) {
    out.append(10)
    out += repeatElement(32, count: 2 * depth)
  }

  private static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
      case 8: out += "\\b".utf8
      case 9: out += "\\t".utf8
      case 10: out += "\\n".utf8
      case 12: out += "\\f".utf8
      case 13: out += "\\r".utf8
      case 0..<32, 127:
        out += "\\u00".utf8
        out += [byte >> 4, byte & 15].map { $0 < 10 ? $0 + 48 : $0 + 87 }
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A double.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; of equal keys the last one counts.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}

extension JSONValue: Encodable {
  /// Encodes the same document with any encoder; numbers that JSON lacks become `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .unsigned(let value): try container.encode(value)
    case .number(let value): if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
