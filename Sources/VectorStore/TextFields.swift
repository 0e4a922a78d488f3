import MillRuntime

/// What stands between the fields of a text.
enum TextSeparator: String, Sendable, CaseIterable {
  case tabs
  case semicolons
  case commas
  case bars
  case blanks

  /// The byte between two fields; nil for runs of blanks and tabs.
  var byte: UInt8? {
    switch self {
    case .tabs: 9
    case .semicolons: 59
    case .commas: 44
    case .bars: 124
    case .blanks: nil
    }
  }
}

/// A field of a line, without the quotes and blanks around it.
struct TextField {
  var start: Int
  var end: Int
  /// Whether it stood in quotes; two of them inside then mean one.
  var isQuoted = false
}

/// A text as lines and fields, by offsets into its bytes.
@safe struct TextLines {
  let bytes: UnsafePointer<UInt8>
  let count: Int
  /// The next line begins here.
  var position: Int
  /// The number of the last line that was taken, counted from 1.
  var line = 0

  init(_ input: VectorInput) {
    unsafe bytes = input.bytes.base
    count = input.bytes.count
    position = input.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  /// The next line that holds something other than a comment.
  mutating func next() -> Range<Int>? {
    while position < count {
      line += 1
      let start = position
      while position < count, unsafe bytes[position] != 10 { position += 1 }
      let end = unsafe position > start && bytes[position - 1] == 13 ? position - 1 : position
      position += 1
      if unsafe start == end || bytes[start] == 35 { continue }
      if (start..<end).contains(where: { unsafe !Self.isBlank(bytes[$0]) }) { return start..<end }
    }
    return nil
  }

  @inline(__always) private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

  /// Cuts a line into fields.
  ///
  /// - Throws: `malformed` for a quote without an end.
  func split(_ range: Range<Int>, _ separator: TextSeparator, into fields: inout [TextField]) throws(MillError) {
    fields.removeAll(keepingCapacity: true)
    var at = range.lowerBound
    let end = range.upperBound
    guard let byte = separator.byte else {
      while true {
        while at < end, unsafe Self.isBlank(bytes[at]) { at += 1 }
        if at == end { return }
        let start = at
        while at < end, unsafe !Self.isBlank(bytes[at]) { at += 1 }
        fields.append(TextField(start: start, end: at))
      }
    }
    while true {
      while at < end, unsafe bytes[at] != byte, unsafe Self.isBlank(bytes[at]) { at += 1 }
      var field = TextField(start: at, end: at)
      if at < end, unsafe bytes[at] == 34 {
        field.isQuoted = true
        field.start = at + 1
        at += 1
        while at < end, unsafe bytes[at] != 34 || (at + 1 < end && bytes[at + 1] == 34) {
          unsafe at += bytes[at] == 34 ? 2 : 1
        }
        guard at < end else { throw MillError(.malformed, "a quote does not end", line: line) }
        field.end = at
        at += 1
        while at < end, unsafe bytes[at] != byte, unsafe Self.isBlank(bytes[at]) { at += 1 }
        guard unsafe at == end || bytes[at] == byte else {
          throw MillError(.malformed, "text behind a quote", line: line)
        }
      } else {
        while at < end, unsafe bytes[at] != byte { at += 1 }
        field.end = at
        while field.end > field.start, unsafe Self.isBlank(bytes[field.end - 1]) { field.end -= 1 }
      }
      fields.append(field)
      if at == end { return }
      at += 1
    }
  }

  /// The text of a field.
  func text(_ field: TextField) -> String {
    let raw = unsafe String(
      decoding: UnsafeBufferPointer(start: bytes + field.start, count: field.end - field.start), as: UTF8.self)
    return field.isQuoted ? raw.replacing("\"\"", with: "\"") : raw
  }

  /// The number that a field is, rounded once to 64 and once to 32 bits; nil when it is none.
  func number(_ field: TextField) -> (wide: Double, narrow: Float)? {
    var at = field.start
    let isNegative = unsafe at < field.end && bytes[at] == 45
    if at < field.end, unsafe bytes[at] == 45 || bytes[at] == 43 { at += 1 }
    var digits: UInt64 = 0
    var exponent = 0
    var seen = 0
    while at < field.end, unsafe bytes[at] &- 48 < 10, seen < 18 {
      digits = unsafe digits * 10 + UInt64(bytes[at] - 48)
      seen += 1
      at += 1
    }
    if at < field.end, unsafe bytes[at] == 46 {
      at += 1
      while at < field.end, unsafe bytes[at] &- 48 < 10, seen < 18 {
        digits = unsafe digits * 10 + UInt64(bytes[at] - 48)
        seen += 1
        exponent -= 1
        at += 1
      }
    }
    // A whole number up to 2^53 times or over a power of ten that is exact: one rounding, so the nearest double.
    guard at == field.end, seen > 0, digits < 1 << 53, exponent >= -22 else { return slowNumber(field) }
    let size = Double(digits) / Self.powers[-exponent]
    let wide = isNegative ? -size : size
    // Half-way between two floats, a second rounding could go the other way; so below the normal ones.
    if wide.bitPattern & 0x1fff_ffff == 0x1000_0000 || (size > 0 && size < 0x1p-126) { return slowNumber(field) }
    return (wide, Float(wide))
  }

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  private func slowNumber(_ field: TextField) -> (wide: Double, narrow: Float)? {
    guard field.start < field.end, field.end - field.start <= 4096 else { return nil }
    let text = self.text(field)
    guard let wide = Double(text), let narrow = Float(text) else { return nil }
    return (wide, narrow)
  }
}
