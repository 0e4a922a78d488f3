// The fields of a line of the head, by the same rules as the parser's.

extension LineProbe {
  /// Cuts a line into its fields, without blanks and quotes around them.
  static func fields(
    _ line: some Collection<UInt8>, _ separator: GraphReadOptions.Separator, quotes: Bool = true
  ) -> [String] {
    let bytes = Array(line)
    let mark = separator.mark
    var end = bytes.count
    while end > 0, isBlank(bytes[end - 1], mark) || bytes[end - 1] == 0x0d { end -= 1 }
    var fields: [String] = []
    var place = 0
    func skipBlanks() { while place < end, isBlank(bytes[place], mark) { place += 1 } }
    while true {
      skipBlanks()
      if mark == nil, place >= end { return fields }
      if quotes, place < end, bytes[place] == 0x22, let quoted = quotedField(bytes[..<end], from: place) {
        fields.append(String(decoding: quoted.text, as: UTF8.self))
        place = quoted.next
        skipBlanks()
        while mark != nil, place < end, bytes[place] != mark { place += 1 }
      } else {
        let start = place
        while place < end, mark.map({ bytes[place] != $0 }) ?? !isBlank(bytes[place], nil) { place += 1 }
        var stop = place
        while stop > start, isBlank(bytes[stop - 1], mark) { stop -= 1 }
        fields.append(String(decoding: bytes[start..<stop], as: UTF8.self))
      }
      if mark != nil {
        if place >= end { return fields }
        place += 1
      }
    }
  }

  /// The text of a field in quotes and the place behind it; nil where the quote does not end.
  private static func quotedField(_ bytes: ArraySlice<UInt8>, from start: Int) -> (text: [UInt8], next: Int)? {
    var text: [UInt8] = []
    var place = start + 1
    while place < bytes.endIndex {
      if bytes[place] == 0x22 {
        guard place + 1 < bytes.endIndex, bytes[place + 1] == 0x22 else { return (text, place + 1) }
        place += 1
      }
      text.append(bytes[place])
      place += 1
    }
    return nil
  }

  private static func isBlank(_ byte: UInt8, _ mark: UInt8?) -> Bool {
    byte == 0x20 || (byte == 0x09 && mark != 0x09)
  }

  /// Whether a field is digits only.
  static func isInteger(_ field: String) -> Bool {
    !field.isEmpty && field.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }

  /// Whether a field must be a label: neither an integer nor a number gone wrong.
  static func isLabel(_ field: String) -> Bool {
    !field.isEmpty && !NumberLike.test(field.utf8)
  }
}

/// Digits with signs, points, separators or spaces, and an exponent that has a sign (`1.0e+00`; without one it may be
/// hexadecimal): an integer, or a number gone wrong, never a label by guessing.
enum NumberLike {
  static func test(_ field: some Sequence<UInt8>) -> Bool {
    var hasDigit = false
    var hasExponent = false
    var needsSign = false
    for byte in field {
      switch byte {
      case 0x30...0x39 where !needsSign: hasDigit = true
      case 0x45 where hasDigit && !hasExponent, 0x65 where hasDigit && !hasExponent:
        hasExponent = true
        needsSign = true
      case 0x2b, 0x2d: needsSign = false
      case 0x20, 0x2c, 0x2e, 0x3b,
        0x7c where !needsSign:
        continue
      default: return false
      }
    }
    return hasDigit && !needsSign
  }
}

extension GraphReadOptions.Separator {
  /// The byte that ends a field; nil for runs of blanks.
  var mark: UInt8? {
    switch self {
    case .tab: 0x09
    case .comma: 0x2c
    case .semicolon: 0x3b
    case .pipe: 0x7c
    case .auto, .blanks, .space: nil
    }
  }
}
