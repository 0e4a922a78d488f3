import Foundation
import MillRuntime
import Testing

@testable import graphmill_cli

@Suite struct FlagWordsTests {
  @Test func settingsBecomeFlags() {
    let hint: Hint = "drop them with \(setting: "loops", "drop"), or \(setting: "duplicates", "first", "min")"
    #expect(hint.flagWords == "drop them with --loops drop, or --duplicates first|min")
    let flag: Hint = "\(setting: "replaces", "true"); \(setting: "isStrict")"
    #expect(flag.flagWords == "--force; --strict")
    let unknown: Hint = "\(setting: "unheardOf", "1")"
    #expect(unknown.flagWords == "unheardOf = 1")
  }

  @Test("The command has a flag for every setting that a hint of the library names")
  func everySettingHasAFlag() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    let help = GraphmillCommand.commands.map { $0.helpMessage(includeHidden: true) }.joined()
    var names: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        for match in line.matches(of: /\\\(setting: "([^"]+)"/) { names.insert(String(match.1)) }
      }
    }
    #expect(names.count > 10)
    for name in names {
      let flag = try #require(FlagWords.flags[name], "the setting \(name) has no flag")
      #expect(["  ", "/"].contains { help.contains($0 + flag.prefix { $0 != " " }) }, "no command has \(flag)")
    }
  }

  @Test("The command words the library's hints as flags")
  func onStandardError() throws {
    let command = try Graphmill()
    try command.write("1 1\n", to: "a.txt")
    let loop = try command.run("convert", "a.txt", "a.gmg", "--loops", "error")
    #expect(loop.status == 65)
    #expect(loop.errors.hasSuffix("hint: drop them with --loops drop\n"))
    try command.write("x\n", to: "out.txt")
    let exists = try command.run("convert", "a.txt", "out.txt", "--log-format", "json")
    #expect((parseJSON(exists.errors)["error"] as? [String: Any])?["hint"] as? String == "--force replaces it")
  }
}
