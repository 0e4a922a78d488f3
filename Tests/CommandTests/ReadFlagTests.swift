import Foundation
import Testing

/// The flags of every command that reads a graph.
@Suite struct ReadFlagTests {
  private let command = try! Graphmill()

  private func counts(_ arguments: String...) throws -> [Int] {
    let result = try command.run(arguments: ["info"] + arguments + ["--json"])
    return try ["nodes", "edges"].map { try #require(result.json[$0] as? Int, "\(result.errors)") }
  }

  @Test("--from reads a file as what it is said to be")
  func format() throws {
    try command.write("5 6\n1 2\n", to: "g.mtx")
    #expect(try counts("g.mtx", "--from", "el") == [4, 2])
    let refused = try command.run("info", "g.mtx", "--from", "mtx")
    #expect(refused.status == 65 && refused.errors.contains("banner"))
  }

  @Test("--base says which number is the first node")
  func base() throws {
    try command.write("1 2\n2 3\n", to: "one.txt")
    #expect(try counts("one.txt", "--ids", "dense", "--base", "1") == [3, 2])
    #expect(try counts("one.txt", "--ids", "dense", "--base", "0") == [4, 2])
    try command.write("1 2\n0 2\n", to: "zero.txt")
    let below = try command.run("info", "zero.txt", "--ids", "dense", "--base", "1")
    #expect(below.status == 65 && below.errors.contains("zero.txt:2:"))
  }

  @Test("--order numbers labels as they come, or sorted")
  func order() throws {
    try command.write("z a\nb z\n", to: "l.txt")
    #expect(try command.run("stats", "degree", "l.txt").output == "a\t1\nb\t1\nz\t2\n")
    #expect(try command.run("stats", "degree", "l.txt", "--order", "first-seen").output == "z\t2\na\t1\nb\t1\n")
  }

  @Test("--separator decides where a line is cut")
  func separator() throws {
    try command.write("a b;c d\n", to: "s.txt")
    #expect(try command.run("stats", "degree", "s.txt", "--separator", "semicolon").output == "a b\t1\nc d\t1\n")
    try command.write("a b;c\n", to: "s.txt")
    #expect(try command.run("stats", "degree", "s.txt", "--separator", "space").output == "a\t1\nb;c\t1\n")
  }

  @Test("--header and --no-header decide about the first row")
  func header() throws {
    try command.write("x,y\n1,2\n2,3\n", to: "h.csv")
    #expect(try counts("h.csv", "--header") == [3, 2])
    #expect(try counts("h.csv", "--no-header") == [5, 3])
    try command.write("5 6\n1 2\n", to: "n.txt")
    #expect(try counts("n.txt", "--header") == [2, 1])
    #expect(try counts("n.txt", "--no-header") == [4, 2])
  }

  @Test("--skip-lines drops lines at the start, whatever they hold")
  func skipLines() throws {
    try command.write("no edge at all\n9 9 9 9\n1 2\n", to: "s.txt")
    #expect(try counts("s.txt", "--skip-lines", "2") == [2, 1])
    #expect(try command.run("info", "s.txt", "--skip-lines", "-1").status == 64)
  }

  @Test("--no-quotes makes quotes part of names")
  func quotes() throws {
    try command.write("\"a b\"\tc\n", to: "q.tsv")
    #expect(try command.run("stats", "degree", "q.tsv").output == "a b\t1\nc\t1\n")
    #expect(try command.run("stats", "degree", "q.tsv", "--no-quotes").output == "\"a b\"\t1\nc\t1\n")
  }

  @Test("--weights takes the third column, or leaves it")
  func weights() throws {
    try command.write("1 2 5\n2 3 6\n", to: "w.txt")
    #expect(dataLines(try command.run("convert", "w.txt", "-", "--weights", "yes").output) == "1\t2\t5\n2\t3\t6\n")
    try command.write("1 2 5\n2 3 6\n", to: "w.wel")
    #expect(try command.run("convert", "w.wel", "-", "--weights", "no").output == "1\t2\n2\t3\n")
  }

  @Test("--bytes-labels keeps labels that are no UTF-8")
  func bytesLabels() throws {
    try Data([0x61, 0xff, 0x20, 0x62, 0x0a]).write(to: command.folder.appending(path: "b.txt"))
    let refused = try command.run("stats", "degree", "b.txt")
    #expect(refused.status == 65 && refused.errors.contains("--bytes-labels"))
    try command.run("stats", "degree", "b.txt", "--bytes-labels", "--out", "d.tsv")
    #expect(try command.bytes("d.tsv") == Data([0x61, 0xff, 0x09, 0x31, 0x0a] + Array("b\t1\n".utf8)))
  }

  @Test("--bipartite makes nodes of rows and columns, --drop-zeros no edges of zeros")
  func matrices() throws {
    try command.write(
      "%%MatrixMarket matrix coordinate integer general\n2 3 3\n1 1 4\n2 3 0\n2 1 5\n", to: "b.mtx")
    #expect(try command.run("info", "b.mtx").status == 65)
    #expect(try counts("b.mtx", "--bipartite") == [5, 3])
    #expect(try counts("b.mtx", "--bipartite", "--drop-zeros") == [5, 2])
  }
}
