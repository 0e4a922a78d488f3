import Foundation
import Testing
import TestSupport

@Suite struct ConvertTests {
  private let command = try! Graphmill()

  @Test func figuresAndKeys() throws {
    try command.write(pawText, to: "paw.txt")
    let result = try command.run("convert", "paw.txt", "paw.gmg", "--json", "--seed", "7", "-t", "2")
    #expect(result.status == 0)
    let json = result.json
    #expect(json["nodes"] as? Int == 5)
    #expect(json["edges"] as? Int == 5)
    #expect(json["lines"] as? Int == 6)
    #expect(json["duplicates"] as? Int == 1)
    #expect(json["self_loops"] as? Int == 1)
    #expect(json["isolated"] as? Int == 0)
    #expect(json["directed"] as? Bool == false)
    #expect(json["weighted"] as? Bool == false)
    #expect((json["fingerprint"] as? String)?.count == 32)
    #expect(json["seed"] as? Int == 7)
    #expect(json["threads"] as? Int == 2)
    #expect((json["seconds"] as? Double ?? 0) > 0)
    #expect((json["peak_rss_bytes"] as? Int ?? 0) > 1 << 20)
    #expect(json["version"] as? String == "0.1.0")
    #expect(result.outputLines.count == 1)
    #expect(command.files == ["paw.gmg", "paw.gmg.manifest.json", "paw.txt"])
  }

  @Test("The same bytes for any number of threads, file or pipe, packed or not")
  func sameBytes() throws {
    let lines = (0..<5000).map { "\($0 % 997)\t\(($0 * $0) % 1009)" }.joined(separator: "\n")
    try command.write(lines, to: "a.txt")
    for threads in ["1", "2", "4"] { try command.run("convert", "a.txt", "t\(threads).gmg", "-t", threads) }
    let script = """
      cat a.txt | graphmill convert - pipe.gmg && gzip -k a.txt && graphmill convert a.txt.gz gzip.gmg \
      && cat a.txt.gz | graphmill convert - both.gmg
      """
    #expect(try command.shell(script).status == 0)
    let first = try command.bytes("t1.gmg")
    for name in ["t2", "t4", "pipe", "gzip", "both"] { #expect(try command.bytes(name + ".gmg") == first, "\(name)") }
  }

  @Test func standardStreams() throws {
    let result = try command.run("convert", "-", "-", input: "2 1\n1 3\n")
    #expect(result.status == 0)
    #expect(result.output == "1\t2\n1\t3\n")
    #expect(result.errors.contains("3 nodes, 2 edges"))
    #expect(command.files.isEmpty)
  }

  @Test func keepsWhatExists() throws {
    try command.write("1 2\n", to: "a.txt")
    try command.write("precious", to: "b.gmg")
    let refused = try command.run("convert", "a.txt", "b.gmg")
    #expect(refused.status == 73)
    #expect(refused.errors.contains("--force"))
    #expect(try command.read("b.gmg") == "precious")
    #expect(try command.run("convert", "a.txt", "b.gmg", "--force").status == 0)
    #expect(try command.bytes("b.gmg").first == 0x89)
  }

  @Test(
    "A bad input leaves nothing behind",
    arguments: [("1 2\n1 -2\n", 2), ("1 2\n3\n", 2), ("1 18446744073709551616\n", 1)])
  func badInput(text: String, line: Int) throws {
    try command.write(text, to: "bad.txt")
    let result = try command.run("convert", "bad.txt", "out.gmg", "--ids", "compact")
    #expect(result.status == 65)
    #expect(result.errors.contains("bad.txt:\(line):"))
    #expect(result.output.isEmpty)
    #expect(command.files == ["bad.txt"])
  }

  @Test func badInputAsJSON() throws {
    try command.write("1 2\n1 -2\n", to: "bad.txt")
    let result = try command.run("convert", "bad.txt", "out.gmg", "--ids", "compact", "--log-format", "json")
    let error = try #require(parseJSON(result.errors)["error"] as? [String: Any])
    #expect(error["code"] as? Int == 65)
    #expect(error["file"] as? String == "bad.txt")
    #expect(error["line"] as? Int == 2)
    #expect(error["byte"] as? Int == 6)
    #expect((error["kind"] as? String)?.isEmpty == false)
    #expect(Set(error.keys) == ["code", "kind", "message", "file", "line", "byte", "field", "hint"])
  }

  @Test func missingFilesAndFolders() throws {
    #expect(try command.run("convert", "nothing.txt", "out.gmg").status == 66)
    try command.write("1 2\n", to: "a.txt")
    #expect(try command.run("convert", "a.txt", "no/folder/out.gmg").status == 73)
    #expect(command.files == ["a.txt"])
  }

  @Test func largestComponent() throws {
    try command.write(pawText, to: "paw.txt")
    let result = try command.run("convert", "paw.txt", "-", "--lcc", "--loops", "drop")
    #expect(result.output == "1\t2\n1\t3\n2\t3\n3\t4\n")
  }

  @Test(
    "Counts of real graphs", .needsSharedData("graphs/email-eu-core.txt.gz"),
    arguments: [
      ("power", false, 4941, 6594, 0, 6594), ("email-eu-core", true, 1005, 25571, 642, 16064),
      ("wiki-squirrel", false, 5201, 217_073, 140, 198_353),
    ])
  func realGraph(name: String, isDirected: Bool, nodes: Int, lines: Int, loops: Int, simple: Int) throws {
    let file = SharedData.path("graphs/\(name).txt.gz")
    let asWritten = try command.run("convert", file, "w.gmg", "--json").json
    #expect(asWritten["directed"] as? Bool == isDirected)
    let result = try command.run("convert", file, "g.gmg", "--json", "--undirected").json
    #expect(result["nodes"] as? Int == nodes)
    #expect(result["lines"] as? Int == lines)
    #expect(result["self_loops"] as? Int == loops)
    #expect(result["edges"] as? Int == simple + loops)
    let dropped = try command.run("convert", file, "s.gmg", "--json", "--undirected", "--loops", "drop").json
    #expect(dropped["edges"] as? Int == simple)
  }
}
