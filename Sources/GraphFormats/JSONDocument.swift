package import MillRuntime

/// Reads a whole JSON document, plain or compressed.
///
/// - Throws: `MillError`: `unreadable`; `malformed` with line and byte, also for lists deeper than 64.
/// - Complexity: O(bytes) time and memory.
package func readJSON(_ path: String, context: RunContext = .init()) throws(MillError) -> JSONValue {
  do throws(MillError) {
    var scanner = JSONScanner(try TextCursor(ByteStream(path), context))
    let value = try scanner.value()
    guard try scanner.peek() == nil else { throw scanner.cursor.failure(.trailingGarbage, "text behind the document") }
    return value
  } catch {
    throw error.inFile(path)
  }
}

extension JSONScanner {
  /// The next value, with all that is in it.
  mutating func value(depth: Int = 0) throws(MillError) -> JSONValue {
    let next = try peek()
    guard next == UInt8(ascii: "{") || next == UInt8(ascii: "[") else {
      return switch try scalar() {
      case .text(let text): .string(String(decoding: text, as: UTF8.self))
      case .number(let digits): try number(digits)
      case .bool(let value): .bool(value)
      case .null: .null
      }
    }
    guard depth < 64 else { throw cursor.failure(.malformed, "lists deeper than 64") }
    cursor.take()
    var isFirst = true
    if next == UInt8(ascii: "[") {
      var items: [JSONValue] = []
      while try hasElement(isFirst: &isFirst) { items.append(try value(depth: depth + 1)) }
      return .array(items)
    }
    var members: [String: JSONValue] = [:]
    while let key = try nextKey(isFirst: &isFirst) { members[key] = try value(depth: depth + 1) }
    return .object(members)
  }

  private func number(_ digits: [UInt8]) throws(MillError) -> JSONValue {
    let text = String(decoding: digits, as: UTF8.self)
    if let whole = Int(text) { return .integer(whole) }
    if let whole = UInt64(text) { return .unsigned(whole) }
    guard let value = Double(text) else { throw cursor.failure(.malformed, "not a number", field: text) }
    return .number(value)
  }
}
