import MillRuntime

/// What the first rows of a text of vectors tell about all: separator, header, column of keys.
struct TextShape {
  var separator = TextSeparator.blanks
  var header: [String]?
  var keyColumn: Int?
  /// Fields of a row.
  var width = 0
  var warnings: [String] = []
  /// What word2vec's first line says, rows and dimension.
  var promised: (rows: Int, dimension: Int)?

  /// Names of columns that hold keys; the empty one is what pandas gives its index.
  private static let keyNames: Set<String> = [
    "", "id", "ids", "key", "keys", "name", "names", "word", "words", "token", "index", "item", "unnamed: 0",
  ]

  /// Looks at the first two rows.
  ///
  /// - Throws: `malformed` for a text without vectors.
  init(_ lines: TextLines, _ options: VectorReadOptions) throws(MillError) {
    var lines = lines
    guard let first = lines.next() else { throw MillError(.malformed, "no vectors in the file") }
    let firstLine = lines
    let second = lines.next()
    separator = try Self.separator(of: second ?? first, second == nil ? firstLine : lines)
    var a: [TextField] = []
    var b: [TextField] = []
    try firstLine.split(first, separator, into: &a)
    if let second { try lines.split(second, separator, into: &b) }
    let top = a.map { firstLine.text($0) }
    let isTopNumber = a.map { firstLine.number($0) != nil }
    let isNumber = b.map { lines.number($0) != nil }
    promised = Self.wordVectors(top, b.count)
    let hasHeader =
      options.hasHeader ?? (promised != nil || isHeader(top, isTopNumber, b.map { lines.text($0) }, isNumber))
    if hasHeader {
      guard second != nil else { throw MillError(.malformed, "no vectors behind the header", line: firstLine.line) }
      // R names its rows and gives that column no name.
      header = b.count == top.count + 1 && promised == nil ? [""] + top : top
      width = b.count
    } else {
      width = a.count
    }
    let below = b.map { lines.text($0) }
    keyColumn = keys(options, first: hasHeader ? below.first : top.first, second: below.first)
    guard width > (keyColumn == nil ? 0 : 1) else {
      throw MillError(.malformed, "no elements beside the keys", line: firstLine.line)
    }
    if let header, promised == nil, header.count != width {
      throw MillError(
        .malformed, "the header has \(header.count) fields, the first row \(width)", line: firstLine.line)
    }
  }

  /// The first separator that cuts a row into several fields without leaving blanks inside a number.
  private static func separator(of range: Range<Int>, _ lines: TextLines) throws(MillError) -> TextSeparator {
    var fields: [TextField] = []
    for separator in TextSeparator.allCases where separator != .blanks {
      guard (range).contains(where: { unsafe lines.bytes[$0] == separator.byte }) else { continue }
      do throws(MillError) { try lines.split(range, separator, into: &fields) } catch { continue }
      let hasBlanks = fields.dropFirst().contains { field in
        !field.isQuoted && (field.start..<field.end).contains { unsafe lines.bytes[$0] == 32 || lines.bytes[$0] == 9 }
      }
      if !hasBlanks { return separator }
    }
    return .blanks
  }

  /// The first line of word2vec's and fastText's text form: rows and dimension.
  private static func wordVectors(_ top: [String], _ width: Int) -> (rows: Int, dimension: Int)? {
    guard top.count == 2, let rows = Int(top[0]), let dimension = Int(top[1]), rows > 0, dimension > 1,
      width == dimension + 1
    else { return nil }
    return (rows, dimension)
  }

  /// Whether the first row names columns. Words alone do; so do the numbers 0, 1, 2 … that pandas gives to columns
  /// without names, which is told, because they may be a vector.
  private mutating func isHeader(_ top: [String], _ isTopNumber: [Bool], _ next: [String], _ isNumber: [Bool]) -> Bool {
    guard !next.isEmpty else { return false }
    let counts = top.enumerated().allSatisfy { $1 == "\($0)" }
    let rest = top.dropFirst()
    let restCounts = rest.count > 0 && rest.enumerated().allSatisfy { $1 == "\($0)" }
    if isTopNumber.allSatisfy({ $0 }) {
      guard counts, top.count > 1 else { return false }
      let hasFractions = next.contains { $0.contains(".") || $0.contains("e") }
      if hasFractions {
        warnings.append("the first row, the numbers 0 to \(top.count - 1), is taken as a header")
        return true
      }
      if separator != .blanks || top.count > 2 {
        warnings.append("the first row, the numbers 0 to \(top.count - 1), may be a header; it is taken as a vector")
      }
      return false
    }
    if !isTopNumber[0], isTopNumber.dropFirst().allSatisfy({ $0 }), rest.count > 0 {
      // A name and numbers: a row with its key, unless the numbers count the columns of rows of numbers.
      return restCounts && (top[0].isEmpty || isNumber.first == true)
    }
    return !isTopNumber.contains(true) && top.contains { !$0.isEmpty }
  }

  /// The column of keys: one of a header's names, or a first column of names.
  private func keys(_ options: VectorReadOptions, first: String?, second: String?) -> Int? {
    if options.hasKeys == false { return nil }
    if promised != nil { return 0 }
    let names = (header ?? []).map { $0.lowercased() }
    if let first = names.first, Self.keyNames.contains(first) { return 0 }
    if let place = names.firstIndex(where: { ["id", "key"].contains($0) }) { return place }
    if options.hasKeys == true { return 0 }
    return width > 1 && Self.isName(first) && Self.isName(second ?? first) ? 0 : nil
  }

  /// What programs write where a value is missing.
  private static let missing: Set<String> = ["", "na", "n/a", "#n/a", "null", "none", "nil", "missing", "-", "?"]

  /// Whether a field can only be a name: a missing value, and a number that is written otherwise, may be an element.
  private static func isName(_ text: String?) -> Bool {
    guard let text, !missing.contains(text.lowercased()), Double(text) == nil else { return false }
    return !text.contains(where: \.isNumber) || text.contains { $0.isLetter && $0 != "e" && $0 != "E" }
  }
}
