import Foundation
import Testing

/// The same command again replaces its own files, and nobody else's.
@Suite struct RepeatedRunTests {
  private let command = try! Graphmill()

  init() throws { try command.write("1 2\n2 3\n3 1\n3 4\n", to: "g.txt") }

  private func run(_ line: String) throws -> Graphmill.Result {
    try command.run(arguments: line.split(separator: " ").map(String.init))
  }

  @Test(
    "Outputs are replaced by the same command from the same inputs, with other threads and messages too",
    arguments: [
      "convert g.txt g.gmg", "sparsify g.txt s.el --keep 50% --scores s.tsv", "summarize g.txt g.gms --log l.jsonl",
      "summarize g.txt s --text", "communities g.txt --labels l.tsv --tree t.nwk --dendrogram d.svg",
      "stats degree g.txt --out d.csv", "query g.txt neighbors 3 --out n.tsv",
      "generate sbm b.gmg --nodes 50 --labels l.tsv",
      "convert g.txt r.gmg --report r.json", "convert g.txt m.gmg --manifest m.json",
    ])
  func again(line: String) throws {
    #expect(try run(line).status == 0)
    let files = command.files
    let again = try run(line + " -t 1 -v")
    #expect(again.status == 0, "\(again.errors)")
    #expect(command.files == files)
    // The inputs may have changed meanwhile: that is why make runs it again.
    try command.write("1 2\n2 3\n3 1\n3 5\n", to: "g.txt")
    #expect(try run(line).status == 0)
  }

  @Test("Vectors, indexes and answers too")
  func vectors() throws {
    try command.write("0 0\n1 0\n0 1\n", to: "v.txt")
    for line in [
      "knn build v.txt v.gmx", "knn search v.gmx v.txt f.ivecs --k 2 --distances d.npy", "knn graph v.gmx k.gmg --k 1",
      "knn search v.gmx v.txt f.tsv --k 1",
    ] {
      for _ in 0..<2 { #expect(try run(line).status == 0, "\(line)") }
    }
  }

  @Test("Files of another command, of other options, and files that were changed are refused")
  func refused() throws {
    #expect(try run("convert g.txt g.gmg").status == 0)
    let bytes = try command.bytes("g.gmg")
    for line in ["convert g.txt g.gmg --lcc", "transform g.txt g.gmg --simplify", "generate er g.gmg --nodes 9"] {
      let result = try run(line)
      #expect(result.status == 73 && result.errors.contains("another command made it"), "\(line): \(result.errors)")
    }
    try command.write("1 2\n", to: "other.txt")
    #expect(try run("convert other.txt g.gmg").status == 73)
    #expect(try command.bytes("g.gmg") == bytes)
    #expect(try run("convert g.txt g.gmg --lcc --force").status == 0)
    try command.write("mine", to: "g.gmg")
    let changed = try run("convert g.txt g.gmg --lcc")
    #expect(changed.status == 73 && changed.errors.contains("was changed since it was made"))
    #expect(try command.read("g.gmg") == "mine")
    try command.write("mine", to: "new.gmg")
    #expect(try run("convert g.txt new.gmg").status == 73)
    #expect(try command.read("new.gmg") == "mine")
  }

  @Test("A manifest whose files are gone is in nobody's way")
  func leftBehind() throws {
    #expect(try run("convert g.txt g.gmg").status == 0)
    try FileManager.default.removeItem(atPath: command.path("g.gmg"))
    #expect(try run("transform g.txt g.gmg --simplify").status == 0)
    #expect(try command.json("g.gmg.manifest.json")["command"] as? String == "transform")
  }

  @Test("A rule of make needs no --force", .needsProgram("make"))
  func make() throws {
    try command.write("s.el: g.txt\n\t\(Graphmill.executable) sparsify $< $@ --keep 50% -q\n", to: "Makefile")
    #expect(try command.shell("make -s").status == 0)
    let first = try command.read("s.el")
    let again = try command.shell("touch -d '+1 minute' g.txt && make -s")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try command.read("s.el") == first)
  }

  @Test("GRAPHMILL_MANIFEST=none turns manifests off, --manifest turns one on")
  func without() throws {
    let off = ["GRAPHMILL_MANIFEST": "none"]
    #expect(try command.run("convert", "g.txt", "g.gmg", environment: off).status == 0)
    #expect(command.files == ["g.gmg", "g.txt"])
    #expect(try command.run("convert", "g.txt", "g.gmg", environment: off).status == 73)
    #expect(try command.run("convert", "g.txt", "h.gmg", "--manifest", "m.json", environment: off).status == 0)
    #expect(command.exists("m.json"))
    #expect(try command.run("convert", "g.txt", "i.gmg", environment: ["GRAPHMILL_MANIFEST": "yes"]).status == 64)
  }
}
