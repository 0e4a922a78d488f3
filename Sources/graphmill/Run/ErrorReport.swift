import ArgumentParser
import Glibc
import MillRuntime

/// Tells the user of an error and picks the exit code. Knows the message format before the arguments were parsed,
/// since an error in the arguments is an error too.
struct ErrorReport: Sendable {
  let arguments: [String]
  private let isJSON: Bool
  private let isColored: Bool

  private static let shared = Lock.survivingFork(ErrorReport(arguments: []))

  /// The report of this process.
  static var current: ErrorReport {
    get { shared.withLock { $0 } }
    set { shared.withLock { $0 = newValue } }
  }

  init(arguments: [String]) {
    self.arguments = arguments
    isJSON = Self.value(of: "--log-format", in: arguments) == LogFormat.json.rawValue
    isColored = Self.isColored(Self.value(of: "--color", in: arguments).flatMap(ColorMode.init(rawValue:)) ?? .auto)
  }

  /// Whether messages on standard error are colored.
  static func isColored(_ mode: ColorMode) -> Bool {
    switch mode {
    case .always: true
    case .never: false
    case .auto:
      isatty(STDERR_FILENO) == 1 && (environmentValue("NO_COLOR") ?? "").isEmpty
        && environmentValue("TERM") != "dumb"
    }
  }

  /// The value of an option before the terminator, without the parser.
  private static func value(of option: String, in arguments: [String]) -> String? {
    let ahead = arguments.prefix { $0 != "--" }
    var found: String?
    for (i, argument) in ahead.enumerated() {
      if argument == option, i + 1 < ahead.count { found = ahead[i + 1] }
      if argument.hasPrefix(option + "=") { found = String(argument.dropFirst(option.count + 1)) }
    }
    return found
  }

  /// Prints what there is to say and returns the exit code.
  func report(_ error: any Error) -> Int32 {
    if let exit = error as? ExitCode { return exit.rawValue }
    if let error = error as? MillError { return report(error) }
    let code = GraphmillCommand.exitCode(for: error).rawValue
    if code == EXIT_SUCCESS {
      do {
        try Streams.write((helpText ?? GraphmillCommand.fullMessage(for: error)) + "\n", to: STDOUT_FILENO)
        return 0
      } catch {
        return report(error)
      }
    }
    if code == EX_USAGE {
      return reportUsage(commandError() ?? GraphmillCommand.message(for: error))
    }
    return reportInternal(error)
  }

  /// The help that was asked for; nil where it was something else.
  private var helpText: String? {
    let ahead = arguments.prefix { $0 != "--" }
    if ahead.contains("--help") || arguments.first == "help" { return HelpText.of(arguments).long() }
    return ahead.contains("-h") ? HelpText.of(arguments).short() : nil
  }

  /// The root takes global flags out of any place, so that it may be the one who complains; the command's own
  /// complaint about the same arguments knows all its flags and values.
  private func commandError() -> String? {
    guard let place = arguments.prefix(while: { $0 != "--" }).firstIndex(where: GraphmillCommand.commandNames.contains),
      let command = GraphmillCommand.commands.first(where: { $0._commandName == arguments[place] })
    else { return nil }
    var rest = arguments
    rest.remove(at: place)
    do {
      _ = try command.parse(rest)
      return nil
    } catch {
      return command.exitCode(for: error).rawValue == EX_USAGE ? command.message(for: error) : nil
    }
  }

  private func report(_ error: MillError) -> Int32 {
    if error.kind == .brokenPipe { return error.exitCode }
    if error.kind == .interrupted {
      let code = Supervisor.shared.requestedExitCode
      print(code == 0 ? error : Supervisor.error(code), code: code == 0 ? error.exitCode : code)
      return code == 0 ? error.exitCode : code
    }
    print(error)
    return error.exitCode
  }

  /// Writes an error to standard error.
  func print(_ error: MillError, code: Int32? = nil) {
    if isJSON { return printJSON(error, code: code ?? error.exitCode) }
    var text = error
    text.hint = nil
    // What is wrong with data was read.
    if error.file == "-", error.kind.category == .badData { text.file = Streams.name(ofInput: "-") }
    var lines = Paint.red("error", isColored) + ": " + text.description + "\n"
    if let hint = error.hint { lines += Paint.bold("hint", isColored) + ": " + hint.flagWords + "\n" }
    Streams.writeError(lines)
  }

  private func printJSON(_ error: MillError, code: Int32) {
    let line: JSONValue = [
      "error": [
        "code": .integer(Int(code)),
        "kind": .string(error.kind.name),
        "message": .string(error.message),
        "file": JSONValue(error.file),
        "line": error.line.map { .integer($0) } ?? .null,
        "byte": error.byte.map { .integer($0) } ?? .null,
        "field": JSONValue(error.field),
        "hint": JSONValue(error.hint?.flagWords),
      ]
    ]
    Streams.writeError(line.text() + "\n")
  }

  /// An error of the argument parser, in the words of all others: one line, and what to do about it.
  private func reportUsage(_ message: String) -> Int32 {
    let advice = UsageAdvice(message: message, arguments: arguments)
    print(
      MillError(MillError.Kind("usage", .usage), advice.line, hint: Hint(advice.hint ?? HelpText.pointer(arguments))))
    return EX_USAGE
  }

  /// An error that no part of the program expected.
  private func reportInternal(_ error: any Error) -> Int32 {
    let text = "\(type(of: error)): \(error)"
    let id = FNV1a(text.utf8).value
    print(
      MillError(
        MillError.Kind("internal", .internalFault), "internal error \(String(id, radix: 16)): \(text)",
        hint: "please report it with the command line, the version (\(BuildInfo.version)) and this number"))
    return MillError.Category.internalFault.rawValue
  }
}
