import Glibc
public import MillRuntime

/// The command line of an experiment: its words one after the other, the options that all have, its way to fail.
public struct ExperimentCommand {
  /// The experiment's name, as in `swift run NAME`.
  public let name: String
  /// What `--help` prints.
  public let usage: String
  /// Where results go; `--out`.
  public private(set) var folder: String
  /// Threads; `--threads`.
  public private(set) var context = RunContext()
  private var rest: ArraySlice<String>

  /// Runs an experiment on the words of the process and ends with its exit code when it throws.
  ///
  /// - Parameters:
  ///   - name: The experiment's name; results go to `out/NAME` by default.
  ///   - usage: What `--help` prints.
  ///   - body: Takes the words with ``next()`` and does the work.
  public static func run(_ name: String, usage: String, _ body: (inout ExperimentCommand) throws -> Void) {
    var command = ExperimentCommand(
      name: name, usage: usage, folder: "out/" + name, rest: CommandLine.arguments.dropFirst())
    do {
      try body(&command)
    } catch {
      let told = error as? MillError
      command.fail(told.map { "\($0)" } ?? "\(error)", code: told?.exitCode ?? 70)
    }
  }

  /// The next word that is not one of the options that all experiments have; nil at the end.
  public mutating func next() -> String? {
    while let word = rest.popFirst() {
      switch word {
      case "--threads": context.threads = number(of: word)
      case "--out": folder = value(of: word)
      case "--help", "-h":
        print(usage)
        exit(0)
      default: return word
      }
    }
    return nil
  }

  /// Whether a word is among those that are left.
  public func contains(_ word: String) -> Bool { rest.contains(word) }

  /// The value of an option.
  public mutating func value(of option: String) -> String {
    guard let value = rest.popFirst() else { fail("\(option) needs a value") }
    return value
  }

  /// The value of an option that is a number from `least` on.
  public mutating func number(of option: String, least: Int = 1) -> Int {
    guard let number = Int(value(of: option)), number >= least else {
      fail("\(option) takes a number from \(least) on")
    }
    return number
  }

  /// The value of an option that is a list of such numbers, separated by commas.
  public mutating func numbers(of option: String, least: Int = 1) -> [Int] {
    let words = value(of: option).split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Int($0) }.filter { $0 >= least }
    guard numbers.count == words.count else {
      fail("\(option) takes numbers from \(least) on, separated by commas")
    }
    return numbers
  }

  /// The value of an option that is a list of parts, separated by commas.
  public mutating func some(of parts: [String], _ option: String) -> [String] {
    let asked = value(of: option).split(separator: ",").map(String.init)
    guard !asked.isEmpty, asked.allSatisfy(parts.contains) else {
      fail("\(option) takes some of \(parts.joined(separator: ", "))")
    }
    return asked
  }

  /// The words up to the next option.
  public mutating func values() -> [String] {
    let values = rest.prefix { !$0.hasPrefix("--") }
    rest = rest.dropFirst(values.count)
    return Array(values)
  }

  /// Ends the process over a word that nobody knows.
  public func refuse(_ word: String) -> Never { fail("unknown option \(word)\n\(usage)") }

  /// Ends the process with a message on standard error.
  public func fail(_ message: String, code: Int32 = 64) -> Never {
    let text = Array("\(name): \(message)\n".utf8)
    _ = Glibc.write(STDERR_FILENO, text, text.count)
    exit(code)
  }

  /// Writes results into ``folder``, which is made where it is missing.
  public func write(_ files: [(name: String, text: String)]) throws(MillError) {
    try WholeFile.createFolder(folder)
    for file in files { try WholeFile.write(file.text, to: folder + "/" + file.name) }
  }
}
