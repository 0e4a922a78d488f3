extension Table {
  /// A Markdown table (the GitHub dialect), its columns aligned in the source too, after the caption in bold.
  ///
  /// Bars, backslashes and line breaks inside cells are escaped; winners are bold.
  public var markdown: String {
    func escape(_ text: String) -> String {
      var result = ""
      for character in text {
        switch character {
        case "|": result += "\\|"
        case "\\": result += "\\\\"
        case "<": result += "&lt;"
        case "&": result += "&amp;"
        case "\n", "\r", "\r\n": result += " "
        default: result.append(character)
        }
      }
      return result
    }
    let headings = columns.map { escape($0.heading) }
    let cells = zip(texts, winners).map { row, wins in zip(row, wins).map { $1 ? "**\(escape($0))**" : escape($0) } }
    let widths = self.widths(headings, cells, atLeast: 3)
    func line(_ fields: [String]) -> String {
      "| " + padded(fields, widths).joined(separator: " | ") + " |\n"
    }
    let rules = zip(columns, widths).map { column, width in
      switch column.alignment {
      case .left: String(repeating: "-", count: width)
      case .center: ":" + String(repeating: "-", count: width - 2) + ":"
      case .right: String(repeating: "-", count: width - 1) + ":"
      }
    }
    let title = caption.map { "**\(escape($0))**\n\n" } ?? ""
    return title + line(headings) + "| " + rules.joined(separator: " | ") + " |\n" + cells.map(line).joined()
  }

  /// Aligned columns for a terminal: caption, headings, a rule, the rows; two spaces between columns, none at line ends.
  public var plainText: String {
    func oneLine(_ text: String) -> String { String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }) }
    let headings = columns.map { oneLine($0.heading) }
    let cells = texts.map { $0.map(oneLine) }
    let widths = self.widths(headings, cells, atLeast: 1)
    func line(_ fields: [String]) -> String {
      var text = padded(fields, widths).joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ") + "\n"
    return (caption.map { oneLine($0) + "\n\n" } ?? "") + line(headings) + rule + cells.map(line).joined()
  }

  /// Tab-separated values: the headings, then the rows with exact numbers.
  ///
  /// Numbers are in the shortest form that reads back the same, missing and non-finite ones are empty. Tabs, line feeds,
  /// carriage returns and backslashes inside texts become `\t`, `\n`, `\r` and `\\`.
  public var tsv: String {
    func escape(_ text: String) -> String {
      var result = ""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\t": result += "\\t"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\\": result += "\\\\"
        default: result.unicodeScalars.append(scalar)
        }
      }
      return result
    }
    func raw(_ cell: Cell) -> String {
      switch cell {
      case .text(let text): escape(text)
      case .integer(let value): String(value)
      case .number(let value): NumberText.exact(value)
      case .missing: ""
      }
    }
    let lines = [columns.map { escape($0.heading) }] + rows.map { $0.map(raw) }
    return lines.map { $0.joined(separator: "\t") + "\n" }.joined()
  }

  /// An HTML `table` element with `caption`, `thead` and `tbody`; everything in it is escaped.
  ///
  /// Cells carry the classes `left`, `center` or `right`, winners `best` too. A table of more than six columns has the
  /// class `wide`, and its cells the heading as `data-label`, for pages too narrow for columns.
  public var html: String {
    let isWide = columns.count > 6
    let head = columns.map { "<th scope=\"col\" class=\"\($0.alignment)\">\(escapedHTML($0.heading))</th>" }
    let rows = zip(texts, winners).map { row, wins in
      let cells = columns.indices.map { i in
        let label = isWide ? " data-label=\"\(escapedHTML(columns[i].heading))\"" : ""
        return "<td class=\"\(columns[i].alignment)\(wins[i] ? " best" : "")\"\(label)>\(escapedHTML(row[i]))</td>"
      }
      return "<tr>" + cells.joined() + "</tr>\n"
    }
    let title = caption.map { "<caption>\(escapedHTML($0))</caption>\n" } ?? ""
    return "<table\(isWide ? " class=\"wide\"" : "")>\n" + title + "<thead>\n<tr>" + head.joined()
      + "</tr>\n</thead>\n<tbody>\n" + rows.joined() + "</tbody>\n</table>\n"
  }

  private func widths(_ headings: [String], _ cells: [[String]], atLeast least: Int) -> [Int] {
    headings.indices.map { index in cells.reduce(max(least, headings[index].count)) { max($0, $1[index].count) } }
  }

  private func padded(_ fields: [String], _ widths: [Int]) -> [String] {
    fields.indices.map { index in
      let spare = widths[index] - fields[index].count
      let before: Int
      switch columns[index].alignment {
      case .left: before = 0
      case .center: before = spare / 2
      case .right: before = spare
      }
      return String(repeating: " ", count: before) + fields[index] + String(repeating: " ", count: spare - before)
    }
  }
}

/// The text with the five characters that mean something to HTML escaped; control characters that HTML forbids become
/// a replacement character.
func escapedHTML(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
    case _ where scalar.value < 32 || (0x7f...0x9f).contains(scalar.value): result += "\u{fffd}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
