/// A table of a report, in Markdown.
public struct MarkdownTable {
  private var lines: [String]

  /// A table with its header, without rows yet.
  public init(_ columns: [String]) {
    lines = [Self.line(columns), "|" + String(repeating: "---|", count: columns.count)]
  }

  /// Adds a row; its cells hold no line ends and no bars.
  public mutating func add(_ cells: [String]) { lines.append(Self.line(cells)) }

  /// The lines so far, each with its end.
  public var text: String { lines.map { $0 + "\n" }.joined() }

  private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
