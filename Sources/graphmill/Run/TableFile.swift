import MillRuntime

/// What stands between the columns of a table, by the ending of its name.
enum TableFormat: String {
  case tabs = "tsv"
  case commas = "csv"

  /// The endings that stand for one of them.
  static let endings = ["tsv", "txt", "tab", "csv"]

  /// The format that a name stands for: commas for `.csv`, else tabs.
  init(path: String) { self = pathEnding(path) == "csv" ? .commas : .tabs }
}

/// A table on its way into a file: rows come as fields behind tabs, and leave as the name of the file wants them.
final class TableFile {
  private let file: OutputFile
  private let format: TableFormat
  private var field: [UInt8] = []
  private var needsQuotes = false

  /// Begins the table; one with commas always has its columns' names on top.
  init(_ file: OutputFile, columns: [String]) throws(MillError) {
    self.file = file
    format = TableFormat(path: file.path)
    if format == .commas { try file.write(columns.joined(separator: ",") + "\n") }
  }

  /// Appends text: fields behind tabs, rows behind line feeds.
  func write(_ text: String) throws(MillError) {
    switch format {
    case .tabs: try file.write(text)
    case .commas: try append(text.utf8)
    }
  }

  /// The same for bytes.
  func write(_ bytes: [UInt8]) throws(MillError) {
    switch format {
    case .tabs: try file.write(bytes)
    case .commas: try append(bytes)
    }
  }

  private func append(_ bytes: some Sequence<UInt8>) throws(MillError) {
    var out: [UInt8] = []
    for byte in bytes {
      if byte == 9 || byte == 10 {
        out += quoted()
        out.append(byte == 9 ? UInt8(ascii: ",") : byte)
        field.removeAll(keepingCapacity: true)
        needsQuotes = false
      } else {
        field.append(byte)
        if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 13 { needsQuotes = true }
      }
    }
    try file.write(out)
  }

  private func quoted() -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    return needsQuotes ? [quote] + field.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote] : field
  }
}

extension CommandRun {
  /// Writes a table row by row, records it.
  func writeTable(to path: String, columns: [String], _ body: (TableFile) throws -> Void) throws {
    try writeText(to: path, format: TableFormat(path: path).rawValue) { try body(TableFile($0, columns: columns)) }
  }
}
