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
    } else if message.hasPrefix("Missing expected argument") {
      explainUnknownFlag(arguments)
    } else if message.hasPrefix("Missing value for"), let flag = quoted.first?.split(separator: " ").first {
      explainDash(String(flag), arguments)
    } else if let range = message.firstRange(of: ". Did you mean ") {
      hint = "did you mean " + message[range.upperBound...]
      self.message = String(message[..<range.lowerBound])
    } else if message.hasPrefix("Unknown option"), let word = quoted.first, quoted.count == 1 {
      suggestFlag(word, arguments)
    }
  }

  /// The message as all others are written: one line, lower case, without a full stop.
  var line: String {
    var text = message
    if let range = text.firstRange(of: "Please provide one of") {
      let list = String(text[range.upperBound...])
      let bullets = list.split(separator: "\n").compactMap { $0.hasPrefix("  - ") ? String($0.dropFirst(4)) : nil }
      let values = bullets.isEmpty ? Self.quotedWords(list) : bullets
      text = text[..<range.lowerBound] + "known: " + values.joined(separator: ", ")
    }
    let wording: KeyValuePairs = [
      "Missing expected argument": "missing argument", ". known": ": known", ". Please ": ": please ",
      "\n   or: ": ", or: ",
    ]
    for (theirs, ours) in wording { text = text.replacing(theirs, with: ours) }
    text = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    if text.hasSuffix(".") { text.removeLast() }
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// An argument that nobody wanted is a mistyped command where no command was recognized before it.
  private mutating func suggestCommand(_ word: String, _ arguments: [String]) {
    var names = GraphmillCommand.commandNames
    if let parent = arguments.prefix(while: { $0 != word }).first(where: names.contains) {
      let below = GraphmillCommand.commands.first { $0._commandName == parent }?.configuration.subcommands ?? []
      guard !below.isEmpty else { return }
      names = below.map { $0._commandName }
    }
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
    // Other names of the listed values are known too.
    for synonyms in [Synonyms.metrics, Synonyms.similarities, Synonyms.elements] {
      values += synonyms.filter { values.contains($0.value) }.keys.sorted()
    }
    hint = Suggestion.nearest(to: word, in: values).map { "did you mean '\($0)'?" }
  }

  /// The parser misses an argument before it looks at flags that nobody knows.
  private mutating func explainUnknownFlag(_ arguments: [String]) {
    let ahead = arguments.prefix { $0 != "--" }
    guard let command = GraphmillCommand.commands.first(where: { ahead.contains($0._commandName) }) else { return }
    let help = command.helpMessage(includeHidden: true)
    let known = help.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "-") }).map(String.init)
      .filter { $0.hasPrefix("-") }
    for argument in ahead where argument.hasPrefix("-") && argument != "-" && Double(argument) == nil {
      let flag = argument.split(separator: "=").first.map(String.init) ?? argument
      guard !known.contains(flag) else { continue }
      message = "Unknown option '\(flag)'."
      hint =
        Suggestion.nearest(to: flag, in: known.filter { $0.hasPrefix("--") }).map { "did you mean '\($0)'?" }
        ?? (flag.hasPrefix("--")
          ? "graphmill \(command._commandName) --help lists the flags"
          : "a file whose name begins with a dash goes behind --")
      return
    }
  }

  /// The parser takes a value that begins with a dash for a flag: `--nodes -5`.
  private mutating func explainDash(_ flag: String, _ arguments: [String]) {
    guard let place = arguments.firstIndex(of: flag), place + 1 < arguments.count else { return }
    let value = arguments[place + 1]
    guard value.hasPrefix("-"), Double(value) != nil else { return }
    message = "The value '\(value)' is invalid for '\(flag)'."
    hint = "a value that begins with a dash is written \(flag)=\(value)"
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
