import ArgumentParser
import Glibc
import MillRuntime

/// The help of a command: what the argument parser knows of it, laid out anew.
///
/// `-h` is one screen: what the command takes, and its own options. `--help` has everything: the command's own options
/// first, those that many commands share behind them. Examples are never broken, so that they can be pasted.
struct HelpText {
  private var abstract = ""
  private var discussion: [String] = []
  private var examples: [String] = []
  private var usage = ""
  private var sections: [Section] = []
  private let path: String

  private struct Section {
    let title: String
    var rows: [(label: String, text: String)] = []

    /// Whether many commands have these options.
    var isShared: Bool { rank == 3 }

    /// Own options go in front of those that many commands share.
    var rank: Int {
      switch title {
      case "ARGUMENTS", "SUBCOMMANDS": 0
      case "OPTIONS": 1
      case "INPUT OPTIONS", "OUTPUT OPTIONS", "GLOBAL OPTIONS": 3
      default: 2
      }
    }
  }

  /// The help of the command at the end of a path such as `graphmill knn build`.
  init(_ command: any ParsableCommand.Type, path: [String]) {
    self.path = path.joined(separator: " ")
    // So wide that the parser breaks no line.
    parse(GraphmillCommand.helpMessage(for: command, columns: 1 << 20))
  }

  /// The command that arguments name, with its path.
  static func of(_ arguments: [String]) -> HelpText {
    var command: any ParsableCommand.Type = GraphmillCommand.self
    var path = ["graphmill"]
    for word in arguments.prefix(while: { $0 != "--" }) {
      guard let below = command.configuration.subcommands.first(where: { $0._commandName == word }) else { continue }
      command = below
      path.append(word)
    }
    return HelpText(command, path: path)
  }

  /// Where the help of the command is that arguments name.
  static func pointer(_ arguments: [String]) -> String {
    let help = HelpText.of(arguments)
    return help.path == "graphmill" ? "graphmill --help lists the commands" : "\(help.usage); more with -h"
  }

  private mutating func parse(_ text: String) {
    var section: Section?
    var isExample = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("OVERVIEW: ") {
        abstract = String(line.dropFirst(10))
      } else if line.hasPrefix("USAGE: ") {
        usage = String(line.dropFirst(7))
        section = nil
        isExample = false
      } else if line == "EXAMPLES:" {
        isExample = true
      } else if usage.isEmpty, isExample, line.hasPrefix("  ") {
        examples.append(line)
      } else if usage.isEmpty {
        if !line.isEmpty { isExample = false }
        discussion.append(line)
      } else if line.hasSuffix(":"), line == line.uppercased(), !line.hasPrefix(" ") {
        section = Section(title: String(line.dropLast()))
        sections.append(section!)
      } else if line.hasPrefix("  "), section != nil {
        add(line)
      }
    }
    let trimmed = discussion.drop { $0.isEmpty }
    discussion = Array(trimmed.prefix(trimmed.lastIndex { !$0.isEmpty }.map { $0 - trimmed.startIndex + 1 } ?? 0))
    let ranks = 0..<4
    sections = ranks.flatMap { rank in sections.filter { $0.rank == rank } }
  }

  /// A row of a section: a label and, from the margin on, its text, on the same line or on one of its own.
  private mutating func add(_ line: String) {
    guard let last = sections.indices.last, !line.hasPrefix("  See '") else { return }
    let text = String(line.dropFirst(Self.margin))
    if line.hasPrefix(String(repeating: " ", count: Self.margin)) {
      if let row = sections[last].rows.indices.last { sections[last].rows[row].text += text }
    } else if line.count > Self.margin, line.prefix(Self.margin).last == " " {
      let label = line.prefix(Self.margin).split(separator: " ").joined(separator: " ")
      sections[last].rows.append((label, label == "-h, --help" ? "Show help: one screen with -h, else all." : text))
    } else {
      sections[last].rows.append((String(line.dropFirst(2)), ""))
    }
  }

  /// Where the texts begin, as the parser sets them.
  private static let margin = 26

  // MARK: - Layout

  /// One screen: what the command takes, and its own options.
  func short(columns: Int = Self.terminalColumns) -> String {
    var lines = wrap(abstract, columns) + ["", "USAGE: \(usage)"]
    for section in sections where !section.isShared { lines += [""] + layOut(section, columns) }
    if let example = examples.first { lines += ["", "EXAMPLE:", example] }
    lines += ["", "More: \(path) --help"]
    return lines.joined(separator: "\n")
  }

  /// Everything.
  func long(columns: Int = Self.terminalColumns) -> String {
    var lines = wrap("OVERVIEW: " + abstract, columns) + ["", "USAGE: \(usage)"]
    if !discussion.isEmpty { lines += [""] + discussion.flatMap { wrap($0, columns) } }
    if !examples.isEmpty { lines += ["", "EXAMPLES:"] + examples }
    for section in sections { lines += [""] + layOut(section, columns) }
    if path == "graphmill" { lines += ["", "More of a command: graphmill COMMAND -h, or --help for all of it"] }
    return lines.joined(separator: "\n")
  }

  /// The columns of the terminal, between 60 and 110; 80 elsewhere.
  static var terminalColumns: Int {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return min(110, max(60, Int(size.ws_col)))
  }

  private func layOut(_ section: Section, _ columns: Int) -> [String] {
    let margin = Self.margin
    var lines = [section.title + ":"]
    for (label, text) in section.rows {
      var rows = wrap(text, columns - margin)
      let head = "  " + label
      if head.count < margin - 1, let first = rows.first {
        lines.append(head + String(repeating: " ", count: margin - head.count) + first)
        rows.removeFirst()
      } else {
        lines.append(head)
      }
      lines += rows.map { String(repeating: " ", count: margin) + $0 }
    }
    return lines
  }

  /// Breaks a line at blanks. What stands behind two blanks or more, as in a list of words and what they mean, goes on
  /// below itself.
  private func wrap(_ line: String, _ columns: Int) -> [String] {
    guard line.count > columns else { return line.isEmpty ? [""] : [line] }
    let indent = line.prefix { $0 == " " }.count
    let body = line.dropFirst(indent)
    let gap = body.firstRange(of: "  ").map { gap in
      indent + body.distance(from: body.startIndex, to: gap.lowerBound)
        + body[gap.lowerBound...].prefix { $0 == " " }.count
    }
    let hang = gap.map { $0 < columns / 2 ? $0 : indent } ?? indent
    var rows: [String] = []
    var row = String(line.prefix(hang))
    for word in line.dropFirst(hang).split(separator: " ") {
      if row.count + word.count + 1 > columns, row.contains(where: { $0 != " " }) {
        rows.append(row)
        row = String(repeating: " ", count: hang)
      }
      row += (row.isEmpty || row.last == " " ? "" : " ") + word
    }
    return rows + [row]
  }
}
