import ArgumentParser
import Foundation
import Testing

@testable import graphmill_cli

@Suite struct FlagCoverageTests {
  /// The flags of a command and of those below it, by the names of the commands that have them.
  private func flags(of command: any ParsableCommand.Type, path: String) -> [String: String] {
    var found: [String: String] = [:]
    for line in command.helpMessage(includeHidden: true).split(separator: "\n") {
      guard line.hasPrefix("  -") else { continue }
      for match in line.matches(of: /--[a-z][a-z0-9-]*/) {
        // Flags stand before the help text, which begins behind two blanks.
        if line[..<match.range.lowerBound].dropFirst(2).contains("  ") { break }
        found[String(match.0)] = path
      }
    }
    for below in command.configuration.subcommands {
      found.merge(flags(of: below, path: path + " " + below._commandName)) { first, _ in first }
    }
    return found
  }

  @Test("Every flag of every command is used by a test of the command")
  func everyFlagIsTested() throws {
    let all = flags(of: GraphmillCommand.self, path: "graphmill")
    #expect(all.count > 130, "\(all.keys.sorted())")
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    var words: Set<Substring> = []
    var text = ""
    for file in files where file.pathExtension == "swift" { text += try String(contentsOf: file, encoding: .utf8) }
    for match in text.matches(of: /--[a-z][a-z0-9-]*/) { words.insert(match.0) }
    for (flag, command) in all.sorted(by: { $0.key < $1.key }) {
      #expect(words.contains(flag[...]), "no test of the command mentions \(flag) of '\(command)'")
    }
  }
}
