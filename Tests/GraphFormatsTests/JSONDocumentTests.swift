import Foundation
import GraphFormats
import MillRuntime
import TestSupport
import Testing

@Suite struct JSONDocumentTests {
  private let place = TemporaryFolder()

  private func read(_ text: String) throws -> JSONValue {
    let path = place.url.appending(path: "document.json").path
    try Data(text.utf8).write(to: URL(filePath: path))
    return try readJSON(path)
  }

  @Test("What is written is read back")
  func roundTrip() throws {
    let document: JSONValue = [
      "a": [1, -2, .number(0.1), .number(1e300), true, nil, "t\"\\\n\u{1f600}é"], "b": [:], "c": [],
      "": ["d": ["e": false]],
      "u": .unsigned(.max),
    ]
    #expect(try read(document.text()) == document)
    #expect(try read(document.text(pretty: true)) == document)
    #expect(try read(" 7 ") == 7)
  }

  @Test(
    "What is no document is refused with its place",
    arguments: [
      "", "{", "[1,", "[1 2]", "{\"a\" 1}", "{a: 1}", "[1] 2", "\"a", "nul", "1.2.3", "[,]", "{\"a\":}",
      String(repeating: "[", count: 100),
    ])
  func refused(text: String) {
    let error = #expect(throws: MillError.self) { try read(text) }
    #expect(error?.kind.category == .badData && error?.file?.hasSuffix("document.json") == true && error?.line != nil)
  }
}
