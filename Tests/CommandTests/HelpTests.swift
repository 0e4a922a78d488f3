import ArgumentParser
import Foundation
import Testing

@testable import graphmill_cli

/// Help on one screen and in full, examples that can be pasted, errors of usage in one line.
@Suite struct HelpTests {
  private let command = try! Graphmill()

  /// All commands with the words that call them.
  private static var all: [(command: any ParsableCommand.Type, path: [String])] {
    func below(_ command: any ParsableCommand.Type, _ path: [String]) -> [(any ParsableCommand.Type, [String])] {
      [(command, path)] + command.configuration.subcommands.flatMap { below($0, path + [$0._commandName]) }
    }
    return below(GraphmillCommand.self, ["graphmill"])
  }

  private static func examples(of command: any ParsableCommand.Type) -> [String] {
    let lines = command.configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
    guard let begin = lines.firstIndex(of: "EXAMPLES:") else { return [] }
    return lines[(begin + 1)...].prefix { $0.hasPrefix("  ") }.map(String.init)
  }

  @Test("Examples stand unbroken in the help, however narrow, and can be parsed")
  func examples() throws {
    var count = 0
    for (command, path) in Self.all {
      let examples = Self.examples(of: command)
      #expect(!examples.isEmpty, "\(path) has no examples")
      let lines = HelpText(command, path: path).long(columns: 60).split(separator: "\n").map(String.init)
      for example in examples {
        #expect(lines.contains(example), "\(example)")
        for part in example.split(whereSeparator: { "|>".contains($0) }) {
          let words = part.split(separator: " ").map { String($0).replacing("\"", with: "") }
          guard words.first == "graphmill" else { continue }
          count += 1
          #expect(throws: Never.self, "\(part)") { _ = try GraphmillCommand.parseAsRoot(Array(words.dropFirst())) }
        }
      }
    }
    #expect(count > 40)
  }

  @Test("No other line is wider than what was asked for")
  func width() {
    for (command, path) in Self.all {
      let examples = Self.examples(of: command)
      for line in HelpText(command, path: path).long(columns: 70).split(separator: "\n").map(String.init)
      where !examples.contains(line) && !line.hasPrefix("USAGE: ") {
        #expect(line.count <= 70, "\(path): \(line)")
      }
    }
  }

  @Test("A command's own options stand in front of those that many share")
  func order() throws {
    let help = try command.run("sparsify", "--help").output
    let titles = ["ARGUMENTS:", "\nOPTIONS:", "INPUT OPTIONS:", "OUTPUT OPTIONS:", "GLOBAL OPTIONS:"]
    let places = titles.map { help.firstRange(of: $0)?.lowerBound }
    #expect(places.allSatisfy { $0 != nil })
    #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    #expect(help.contains("\n  --separator <separator> What stands") || help.contains("\n  --separator <separator>\n"))
  }

  @Test("-h is one screen with the command's own options, --help is all")
  func short() throws {
    for (_, path) in Self.all {
      let words = Array(path.dropFirst())
      let short = try command.run(arguments: words + ["-h"])
      let long = try command.run(arguments: words + ["--help"])
      #expect(short.status == 0 && long.status == 0)
      #expect(short.output.hasSuffix("More: \(path.joined(separator: " ")) --help\n"))
      #expect(
        !short.output.contains("GLOBAL OPTIONS") && short.output.contains("USAGE: \(path.joined(separator: " "))"))
      #expect(long.output.hasPrefix("OVERVIEW: ") && long.output.count > short.output.count)
    }
    #expect(try command.run("help", "knn", "build").output == command.run("knn", "build", "--help").output)
  }

  @Test(
    "An error of usage is one line in the words of all others, and one of advice",
    arguments: [
      ("sparsify", "missing argument '<input>'"), ("stats pagrank g", "the value 'pagrank' is invalid"),
      ("convert a b --to gmx", "the value 'gmx' is invalid for '--to <to>': known: el, wel, csv"),
      ("info a --threads 0", "the value '0' is invalid for '--threads <n>': please give a number from 1 to 1024"),
      ("info a b c", "2 unexpected arguments: 'b', 'c'"), ("knn bild", "unknown command 'bild'"),
      ("transform a b", "nothing to do: give '--transpose'"), ("convert a b --to", "missing value for '--to <to>'"),
      ("query g neighbors", "'neighbors' asks about a node, not about 0"),
    ])
  func oneLine(line: String, wanted: String) throws {
    let result = try command.run(arguments: line.split(separator: " ").map(String.init))
    #expect(result.status == 64 && result.output.isEmpty)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 2, "\(result.errors)")
    #expect(lines.first?.hasPrefix("error: " + wanted) == true, "\(result.errors)")
    #expect(lines.last?.hasPrefix("hint: ") == true && lines.first?.hasSuffix(".") == false)
  }
}
