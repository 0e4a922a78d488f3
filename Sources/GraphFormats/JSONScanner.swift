import MillRuntime

/// Takes a JSON text apart from front to back, without holding it (RFC 8259).
struct JSONScanner: ~Copyable {
  var cursor: TextCursor

  private static let depthLimit = 64
  private static let textLimit = 1 << 20

  init(_ cursor: consuming TextCursor) { self.cursor = cursor }

  /// A value that is no list and no object.
  enum Scalar {
    case text([UInt8])
    /// The number as it is written.
    case number([UInt8])
    case bool(Bool)
    case null
  }

  /// The first byte of the next token, without taking it; nil at the end.
  mutating func peek() throws(MillError) -> UInt8? {
    try cursor.skipWhitespace()
    return try cursor.peek()
  }

  /// Takes a byte that must come next.
  mutating func expect(_ byte: UInt8) throws(MillError) {
    guard try peek() == byte else {
      throw cursor.failure(
        .malformed, "'\(Character(Unicode.Scalar(byte)))' must stand here",
        field: unsafe try cursor.token { $0 > 0x20 && $0 != 0x2c && $0 != 0x7d && $0 != 0x5d }.text)
    }
    cursor.take()
  }

  /// The next key of an object whose brace was taken, with its colon; nil at the end of the object.
  mutating func nextKey(isFirst: inout Bool) throws(MillError) -> String? {
    guard try goesOn(end: UInt8(ascii: "}"), isFirst: &isFirst) else { return nil }
    guard try peek() == 0x22 else { throw cursor.failure(.malformed, "a key is a text in quotes") }
    let key = String(decoding: try text(), as: UTF8.self)
    try expect(UInt8(ascii: ":"))
    return key
  }

  /// Whether a list whose bracket was taken has another element.
  mutating func hasElement(isFirst: inout Bool) throws(MillError) -> Bool {
    try goesOn(end: UInt8(ascii: "]"), isFirst: &isFirst)
  }

  private mutating func goesOn(end: UInt8, isFirst: inout Bool) throws(MillError) -> Bool {
    guard let next = try peek() else { throw cursor.failure(.truncated, "the text ends inside a list or object") }
    if next == end {
      cursor.take()
      return false
    }
    if !isFirst { try expect(UInt8(ascii: ",")) }
    isFirst = false
    return true
  }

  /// The next value, which must be no list and no object.
  mutating func scalar() throws(MillError) -> Scalar {
    let next = try peek()
    if next == 0x22 { return .text(try text()) }
    let word = unsafe Array(
      try cursor.token {
        $0 == 0x2b || $0 == 0x2d || $0 == 0x2e || ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a)
      })
    switch String(decoding: word, as: UTF8.self) {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    // What Python writes for numbers that JSON lacks; none is a weight.
    case "NaN", "Infinity", "-Infinity": return .number(word)
    default:
      guard let first = word.first, first == 0x2d || (first >= 0x30 && first <= 0x39) else {
        throw cursor.failure(.malformed, "a text, number, true, false or null must stand here", field: excerpt(word))
      }
      return .number(word)
    }
  }

  /// Passes the next value, whatever it is.
  mutating func skipValue() throws(MillError) {
    var ends: [UInt8] = []
    var isFirst: [Bool] = []
    repeat {
      switch try peek() {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let isObject = try peek() == UInt8(ascii: "{")
        cursor.take()
        guard ends.count < Self.depthLimit else { throw cursor.failure(.malformed, "lists deeper than 64") }
        ends.append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        isFirst.append(true)
      case 0x22: try skipText()
      default: _ = try scalar()
      }
      while let end = ends.last {
        var first = isFirst.removeLast()
        let goesOn =
          end == UInt8(ascii: "}") ? try nextKey(isFirst: &first) != nil : try hasElement(isFirst: &first)
        if goesOn {
          isFirst.append(first)
          break
        }
        ends.removeLast()
      }
    } while !ends.isEmpty
  }

  private mutating func skipText() throws(MillError) {
    cursor.take()
    while let next = try cursor.peek() {
      cursor.take()
      if next == 0x22 { return }
      if next == UInt8(ascii: "\\"), try cursor.peek() != nil { cursor.take() }
    }
    throw cursor.failure(.badQuote, "a quote that does not end")
  }

  /// A text in quotes with its escapes resolved, at most 1 MiB.
  mutating func text() throws(MillError) -> [UInt8] {
    cursor.take()
    var result: [UInt8] = []
    while true {
      unsafe result.append(contentsOf: try cursor.token { $0 != 0x22 && $0 != 0x5c && $0 >= 0x20 })
      guard result.count <= Self.textLimit else { throw cursor.failure(.labelTooLong, "a text of more than 1 MiB") }
      guard let next = try cursor.peek() else { throw cursor.failure(.badQuote, "a quote that does not end") }
      if next == 0x22 {
        cursor.take()
        return result
      }
      guard next == 0x5c else {
        throw cursor.failure(.malformed, "a control character inside quotes; JSON writes it as \\u00XX")
      }
      cursor.take()
      try appendEscape(&result)
    }
  }

  private mutating func appendEscape(_ result: inout [UInt8]) throws(MillError) {
    guard let kind = try cursor.peek() else { throw cursor.failure(.badQuote, "a quote that does not end") }
    cursor.take()
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(kind)
    case UInt8(ascii: "b"): result.append(8)
    case UInt8(ascii: "f"): result.append(12)
    case UInt8(ascii: "n"): result.append(10)
    case UInt8(ascii: "r"): result.append(13)
    case UInt8(ascii: "t"): result.append(9)
    case UInt8(ascii: "u"):
      var value = try hexadecimal()
      if value & 0xfc00 == 0xd800 {
        guard try cursor.peek() == 0x5c else { throw cursor.failure(.malformed, "half of a surrogate pair") }
        cursor.take()
        guard try cursor.peek() == UInt8(ascii: "u") else {
          throw cursor.failure(.malformed, "half of a surrogate pair")
        }
        cursor.take()
        let low = try hexadecimal()
        guard low & 0xfc00 == 0xdc00 else { throw cursor.failure(.malformed, "half of a surrogate pair") }
        value = 0x10000 + (value & 0x3ff) << 10 + low & 0x3ff
      }
      guard let scalar = Unicode.Scalar(value) else { throw cursor.failure(.malformed, "half of a surrogate pair") }
      result.append(contentsOf: String(Character(scalar)).utf8)
    default: throw cursor.failure(.malformed, "an escape that JSON does not have")
    }
  }

  private mutating func hexadecimal() throws(MillError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = try cursor.peek(), let number = Character(Unicode.Scalar(digit)).hexDigitValue else {
        throw cursor.failure(.malformed, "\\u needs four hexadecimal digits")
      }
      cursor.take()
      value = value << 4 | UInt32(number)
    }
    return value
  }
}
