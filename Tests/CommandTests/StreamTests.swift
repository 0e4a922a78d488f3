import Foundation
import Testing

@Suite struct StreamTests {
  private let command = try! Graphmill()

  @Test("A reader that goes away ends the command quietly with 141")
  func brokenPipe() throws {
    let graph = try command.shell(
      "graphmill generate er - --nodes 1k --edges 100k --to el | head -1; echo ${PIPESTATUS[0]}")
    #expect(graph.outputLines.last == "141")
    #expect(!graph.errors.contains("error"))
    try command.write("1 2\n", to: "a.txt")
    // The reader is known to be gone before the command begins.
    let json = try command.shell("exec 9> >(true); wait $!; graphmill info a.txt --json >&9; echo $?")
    #expect(json.output == "141\n")
    #expect(json.errors.isEmpty)
  }

  @Test("JSON goes to descriptor 3 or a file where standard output carries data")
  func report() throws {
    try command.write("1 2\n", to: "a.txt")
    let three = try command.shell("graphmill convert a.txt - --json 3>three.json")
    #expect(three.output == "1\t2\n")
    #expect(try command.json("three.json")["edges"] as? Int == 1)
    let file = try command.shell("graphmill convert a.txt - --report file.json 3>&-")
    #expect(file.output == "1\t2\n")
    #expect(try command.json("file.json")["edges"] as? Int == 1)
    let table = try command.run("stats", "degree", "a.txt", "--json")
    #expect(table.outputLines.count == 1)
    #expect(table.json["max_degree"] as? Int == 1)
  }

  @Test func quiet() throws {
    try command.write("1 2\n", to: "a.txt")
    let result = try command.run("convert", "a.txt", "a.gmg", "-q")
    #expect(result.status == 0)
    #expect(result.output.isEmpty && result.errors.isEmpty)
    let loud = try command.run("convert", "a.txt", "b.gmg", "-v")
    #expect(loud.errors.contains("read: "))
  }

  @Test func progress() throws {
    let arguments = ["generate", "rmat", "g.gmg", "--nodes", "4k", "--edges", "64k", "--progress"]
    let json = try command.shell("graphmill \((arguments + ["json"]).joined(separator: " "))")
    let lines = json.errors.split(separator: "\n").map { parseJSON(String($0))["progress"] as? [String: Any] }
    #expect(lines.contains { $0?["stage"] as? String == "generate" && $0?["last"] as? Bool == true })
    #expect(lines.allSatisfy { $0?["unit"] != nil })
    let silent = try command.shell("graphmill \((arguments + ["auto", "--force"]).joined(separator: " "))")
    #expect(silent.errors.isEmpty)
    let always = try command.shell("graphmill \((arguments + ["always", "--force"]).joined(separator: " "))")
    #expect(always.errors.contains("\u{1b}[K"))
  }

  @Test func colors() throws {
    #expect(!(try command.run("info", "none.txt").errors.contains("\u{1b}")))
    #expect(try command.run("info", "none.txt", "--color", "always").errors.contains("\u{1b}[1;31merror"))
  }

  @Test("A terminal has colors, unless NO_COLOR is set", .needsProgram("script"))
  func colorsInTerminal() throws {
    let inTerminal = "script -qec \"'\(Graphmill.executable)' info none.txt\" /dev/null"
    #expect(try command.shell("TERM=xterm " + inTerminal).output.contains("\u{1b}[1;31merror"))
    #expect(!(try command.shell("TERM=xterm NO_COLOR=1 " + inTerminal).output.contains("\u{1b}[1;31m")))
  }

  @Test func timeLimit() throws {
    let result = try command.start("convert", "-", "out.gmg", "--timeout", "0.2", holdsInput: true).wait()
    #expect(result.status == 124)
    #expect(result.errors.contains("time limit"))
    #expect(command.files.isEmpty)
  }

  @Test("Signals end a run that waits for input", arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func signals(number: Int32, status: Int32) throws {
    let running = try command.start("convert", "-", "out.gmg", "--log-format", "json", holdsInput: true)
    try running.waitUntilSignalIsAwaited(number)
    kill(running.process.processIdentifier, number)
    let result = try running.wait()
    #expect(result.status == status)
    #expect((parseJSON(result.errors)["error"] as? [String: Any])?["code"] as? Int == Int(status))
    #expect(command.files.isEmpty)
  }

  @Test("A cancelled generator stops at its next safe point")
  func cancellation() throws {
    let running = try command.start(
      "generate", "rmat", "g.gmg", "--nodes", "4M", "--edges", "400M", "--memory", "64G", "--progress", "json",
      "--timeout", "60")
    try running.waitForError("\"stage\":\"generate\"")
    kill(running.process.processIdentifier, SIGTERM)
    let result = try running.wait()
    #expect(result.status == 143)
    #expect(result.errors.contains("stopped by SIGTERM"))
    #expect(command.files.isEmpty)
  }
}
