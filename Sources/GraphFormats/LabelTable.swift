public import MillRuntime

/// A text table with a row a node: its name, then columns behind tabs.
///
/// The header is the first row where that begins with `node` (or names the column that is asked for); rows behind it are
/// nodes, also those whose name begins with `#`. Files without such a row have their header, if any, in a comment: the last
/// line that begins with `#` before the first node. There `#` begins a comment, except behind a header `# node…` for rows
/// of as many columns as the header has.
public struct LabelTable: Sendable, Equatable {
  /// The names of the columns, that of the nodes first; empty without a header.
  public let header: [String]
  /// The nodes in the order of the file.
  public let names: [String]
  /// The fields of each row behind the name.
  public let rows: [[String]]
  /// The line of each row, counted from 1.
  public let lines: [Int]

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - path: A regular file.
  ///   - column: A column that is wanted: a first row with this name in it is the header.
  /// - Throws: `MillError`: `unreadable`; `malformed` for a node that comes twice; `not-utf8`. With file and line.
  /// - Complexity: O(bytes).
  public init(path: String, column: String? = nil) throws(MillError) {
    let file = try MappedFile(path: path, mapped: false)
    defer { withExtendedLifetime(file) {} }
    var header: [Substring] = []
    var hasHeaderRow = false
    var names: [String] = []
    var rows: [[String]] = []
    var lines: [Int] = []
    var seen: Set<String> = []
    let texts = unsafe file.bytes.split(separator: 10, omittingEmptySubsequences: false)
    for index in unsafe texts.indices {
      guard let text = unsafe String(validating: texts[index], as: UTF8.self) else {
        throw MillError(.notUTF8, "a line that is not UTF-8", file: path, line: index + 1)
      }
      let line = text.last == "\r" ? text.dropLast() : Substring(text)
      if line.isEmpty { continue }
      let fields = line.fields
      if line.hasPrefix("#"), !hasHeaderRow {
        let words = line.dropFirst().drop { $0 == " " }.fields
        let isNode = header.first == "node" && fields.count == header.count && !line.hasPrefix("# ")
        if !isNode {
          if names.isEmpty { header = words }
          continue
        }
      }
      if names.isEmpty, !hasHeaderRow, Self.isHeader(fields, column) {
        header = fields
        hasHeaderRow = true
        continue
      }
      guard seen.insert(String(fields[0])).inserted else {
        throw MillError(
          .malformed, "the node comes a second time", file: path, line: index + 1, field: String(fields[0]))
      }
      names.append(String(fields[0]))
      rows.append(fields.dropFirst().map(String.init))
      lines.append(index + 1)
    }
    self.header = header.map(String.init)
    self.names = names
    self.rows = rows
    self.lines = lines
  }

  private static func isHeader(_ fields: [Substring], _ column: String?) -> Bool {
    guard fields.count > 1 else { return false }
    if fields[0].lowercased() == "node" { return true }
    guard let column, Int(column) == nil else { return false }
    return fields.dropFirst().contains { $0 == column }
  }

  /// The place of a column among the fields behind the name.
  func place(of column: String?, _ path: String) throws(MillError) -> Int {
    guard let column else { return 0 }
    if let place = header.dropFirst().firstIndex(of: column) { return place - 1 }
    if let number = Int(column), number >= 1 { return number - 1 }
    throw MillError(.badOption, "the label file has no such column", file: path, field: column)
  }
}

extension Substring {
  fileprivate var fields: [Substring] { split(separator: "\t", omittingEmptySubsequences: false) }
}
