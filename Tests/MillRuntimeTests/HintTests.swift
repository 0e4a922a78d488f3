import Foundation
import Testing

@testable import MillRuntime

@Suite struct HintTests {
  @Test func settingsAreData() {
    let names = ["first", "min"]
    let hint: Hint =
      "merge with \(setting: "duplicates", "sum", "first", "max") or keep \(names.count) \(setting: "loops")"
    #expect(hint.settings.map(\.name) == ["duplicates", "loops"])
    #expect(hint.settings.map(\.values) == [["sum", "first", "max"], []])
    #expect(hint.description == "merge with duplicates = sum, first or max or keep 2 loops")
    #expect(hint.worded { "<\($0.name)>" } == "merge with <duplicates> or keep 2 <loops>")
  }

  @Test func plainWords() {
    let hint: Hint = "do y"
    #expect(hint.description == "do y" && hint.settings.isEmpty)
    #expect(hint == Hint("do y"))
    #expect(hint != "do \(setting: "y")")
    let error = MillError(.malformed, "bad thing", hint: "set \(setting: "loops", "drop")")
    #expect(error.description == "bad thing\nhint: set loops = drop")
  }

  @Test("No text of the library names a flag of the command")
  func noFlagsInTheLibrary() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var read = 0
    for case let file as URL in files
    where file.pathExtension == "swift" && !file.path.hasPrefix(sources.path + "/graphmill/") {
      read += 1
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        if line.drop(while: { $0 == " " }).hasPrefix("//") { continue }
        #expect(!line.contains(/"([^"]*[ '(`])?--[a-z]/), "\(file.lastPathComponent): \(line)")
      }
    }
    #expect(read > 100)
  }
}
