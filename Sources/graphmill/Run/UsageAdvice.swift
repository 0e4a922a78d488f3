/// Adds to a message of the argument parser what the user may have meant.
struct UsageAdvice {
  private(set) var message: String
  private(set) var hint: String?

  init(message: String, arguments: [String]) {
    self.message = message
    let quoted = Self.quotedWords(message)
    if message.hasPrefix("Unexpected argument") || message.contains(" unexpected arguments: "), let word = quoted.first
    {
      suggestCommand(word, arguments)
    } else if message.hasPrefix("The value "), let word = quoted.first {
      suggestValue(word)
    } else if message.hasPrefix("Unknown option"), let word = quoted.first, quoted.count == 1 {
      suggestFlag(word, arguments)
    }
  }

  /// An argument that nobody wanted is a mistyped command where no command was recognised before it.
  private mutating func suggestCommand(_ word: String, _ arguments: [String]) {
    let names = GraphmillCommand.commandNames
    guard !arguments.prefix(while: { $0 != word }).contains(where: names.contains) else { return }
    message = "Unknown command '\(word)'."
    hint =
      Suggestion.nearest(to: word, in: names).map { "did you mean '\($0)'?" } ?? "graphmill --help lists the commands"
  }

  /// The parser lists the values that it knows, in quotes or one a line.
  private mutating func suggestValue(_ word: String) {
    guard let range = message.firstRange(of: "Please provide one of") else { return }
    let list = String(message[range.upperBound...])
    var values = Self.quotedWords(list)
    if values.isEmpty {
      values = list.split(separator: "\n").compactMap { $0.hasPrefix("  - ") ? String($0.dropFirst(4)) : nil }
    }
    hint = Suggestion.nearest(to: word, in: values).map { "did you mean '\($0)'?" }
  }

  /// Where the flag is not the command's own, another command may have it.
  private mutating func suggestFlag(_ word: String, _ arguments: [String]) {
    let owners = GraphmillCommand.commands.filter { $0.helpMessage(includeHidden: true).contains("  \(word) ") }
    let names = owners.map { $0._commandName }
    if !names.isEmpty { hint = "\(word) is a flag of: " + names.joined(separator: ", ") }
  }

  /// The words between single quotes.
  private static func quotedWords(_ text: String) -> [String] {
    var words: [String] = []
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "'") {
      let inside = rest[rest.index(after: open)...]
      guard let close = inside.firstIndex(of: "'") else { break }
      words.append(String(inside[..<close]))
      rest = inside[inside.index(after: close)...]
    }
    return words
  }
}
