import Foundation
import Testing

/// Nothing is written before all names are known to be good, and nothing is left behind.
@Suite struct OutputPlaceTests {
  private let command = try! Graphmill()

  @Test(
    "Names that cannot be written are refused before the input is read",
    arguments: [
      ("convert a.txt ''", 64), ("convert a.txt nowhere/b.gmg", 73), ("convert a.txt folder", 73),
      ("convert a.txt b.gmg --manifest nowhere/m.json", 73), ("convert a.txt b.gmg --report nowhere/r.json", 73),
      ("convert a.txt b.gmg --report ./b.gmg", 64), ("convert a.txt b.gmg --report folder/../b.gmg", 64),
      ("convert a.txt b.gmg --report b.gmg.manifest.json", 64),
      ("convert a.txt link.gmg --report target.gmg --force", 64),
      ("sparsify a.txt b.gmg --remove 10% --scores b.gmg.manifest.json", 64),
      ("sparsify a.txt nowhere/b.gmg --remove 10% --scores s.tsv", 73),
      ("convert a.txt - --report /dev/stdout", 64), ("info a.txt --json --report -", 64),
      ("stats degree a.txt --out /dev/stdout --report -", 64),
      ("convert a.txt taken.gmg", 73),
    ])
  func refused(line: String, status: Int32) throws {
    try FileManager.default.createDirectory(atPath: command.path("folder"), withIntermediateDirectories: false)
    try command.write("no graph", to: "a.txt")
    try command.write("mine", to: "taken.gmg.manifest.json")
    try FileManager.default.createSymbolicLink(atPath: command.path("link.gmg"), withDestinationPath: "target.gmg")
    try command.write("mine", to: "target.gmg")
    let before = command.files
    let result = try command.shell("graphmill \(line)")
    #expect(result.status == status, "\(result.errors)")
    #expect(command.files == before)
    #expect(try command.read("target.gmg") == "mine")
  }

  @Test("A folder of somebody else's is no place for the demo")
  func demoFolder() throws {
    try FileManager.default.createDirectory(atPath: command.path("mine"), withIntermediateDirectories: false)
    try command.write("mine", to: "mine/report.html")
    let result = try command.run("demo", "--out", "mine", "--quick")
    #expect(result.status == 73)
    #expect(try command.read("mine/report.html") == "mine")
  }

  @Test func standardOutputByName() throws {
    try command.write("1 2\n", to: "a.txt")
    let result = try command.shell("graphmill convert a.txt /dev/stdout --log-format json | cat")
    #expect(result.output == "1\t2\n")
    #expect(result.errors.split(separator: "\n").allSatisfy { parseJSON(String($0))["log"] != nil })
    #expect(command.files == ["a.txt"])
  }

  @Test("A full disk or a file size limit leaves nothing behind")
  func sizeLimit() throws {
    let result = try command.shell(
      "ulimit -f 64; graphmill generate er big.gmg --nodes 10k --edges 100k --manifest none")
    #expect(result.status == 74)
    #expect(command.files.isEmpty)
  }

  @Test("A file that cannot be written keeps the run's other files from appearing")
  func allOrNothing() throws {
    let generated = try command.shell("graphmill generate er e.gmg --nodes 500 --edges 10k --manifest none")
    #expect(generated.status == 0, "\(generated.errors)")
    try command.write("mine", to: "b.gmg")
    let before = command.files
    let stopped = try command.shell(
      "ulimit -f 200; graphmill sparsify e.gmg b.gmg --remove 10% --scores t.tsv --force --manifest none")
    #expect(stopped.status == 74)
    #expect(stopped.errors.contains("t.tsv"))
    #expect(command.files == before)
    #expect(try command.read("b.gmg") == "mine")
  }

  @Test("Arrays beyond the memory budget live in the folder of --tmp, with the same result")
  func spilling() throws {
    #expect(try command.run("generate", "er", "a.el", "--nodes", "50k", "--edges", "400k").status == 0)
    let refused = try command.run("convert", "a.el", "b.gmg", "--memory", "8M")
    #expect(refused.status == 71)
    #expect(refused.errors.contains("--tmp DIR"))
    try FileManager.default.createDirectory(atPath: command.path("tmp"), withIntermediateDirectories: false)
    let spilled = try command.run("convert", "a.el", "b.gmg", "--memory", "8M", "--tmp", "tmp", "-v")
    #expect(spilled.status == 0, "\(spilled.errors)")
    #expect(spilled.errors.contains("lived in temporary files"))
    #expect(try command.run("convert", "a.el", "c.gmg").status == 0)
    #expect(try command.bytes("b.gmg") == command.bytes("c.gmg"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: command.path("tmp")).isEmpty)
  }

  @Test("The seed is told where it has a say")
  func seed() throws {
    #expect(try command.run("generate", "er", "a.gmg", "--nodes", "10", "--edges", "9").output.contains("seed 42"))
    #expect(try !command.run("info", "a.gmg").output.contains("seed"))
  }
}
