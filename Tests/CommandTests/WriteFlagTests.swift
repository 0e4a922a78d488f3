import Foundation
import Testing

/// The flags of every command that writes a graph, and how much a run says.
@Suite struct WriteFlagTests {
  private let command = try! Graphmill()

  @Test("--codec makes smaller containers of the same graph")
  func codec() throws {
    try command.run("generate", "er", "g.gmg", "--nodes", "2k", "--edges", "20k")
    for codec in ["raw", "zstd", "varint", "packed"] {
      try command.run("convert", "g.gmg", "\(codec).gmg", "--codec", codec)
      #expect(try command.run("check", "\(codec).gmg", "--against", "g.gmg", "--deep").status == 0, "\(codec)")
    }
    let raw = try command.bytes("raw.gmg").count
    #expect(try command.bytes("zstd.gmg").count < raw)
    #expect(try command.bytes("varint.gmg").count < raw)
    #expect(try command.bytes("packed.gmg").count < raw)
  }

  @Test("--write-header begins text with a line that the reader skips")
  func header() throws {
    try command.write("1 2\n2 3\n", to: "a.txt")
    try command.run("convert", "a.txt", "h.txt", "--write-header")
    let lines = try command.read("h.txt").split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("#"))
    #expect(try command.run("check", "h.txt", "--against", "a.txt").status == 0)
  }

  @Test("--relabel numbers nodes anew and keeps their names")
  func relabel() throws {
    func names(_ order: String) throws -> [String] {
      try command.run("convert", "g.txt", "g.gmg", "--relabel", order, "--force")
      return try command.run("stats", "degree", "g.gmg").outputLines.map { String($0.prefix { $0 != "\t" }) }
    }
    try command.write("1 9\n2 9\n3 9\n3 4\n", to: "g.txt")
    #expect(try names("none") == ["1", "2", "3", "4", "9"])
    #expect(try names("degree").prefix(2) == ["9", "3"])
    try command.write("1 5\n5 2\n2 4\n4 3\n", to: "g.txt")
    let path = ["1", "5", "2", "4", "3"]
    for order in ["bfs", "rcm"] {
      let found = try names(order)
      #expect(Set(found) == Set(path))
      if order == "rcm" { #expect(found == path || found == path.reversed()) }
    }
  }

  @Test("--quiet says nothing but errors, --verbose names the stages")
  func loudness() throws {
    try command.write("1 2 7\n", to: "a.txt")
    let quiet = try command.run("convert", "a.txt", "a.gmg", "--quiet")
    #expect(quiet.status == 0 && quiet.output.isEmpty)
    #expect(quiet.errors.isEmpty)
    #expect(try command.run("info", "none.txt", "--quiet").errors.hasPrefix("error: "))
    let usual = try command.run("convert", "a.txt", "b.gmg")
    let verbose = try command.run("convert", "a.txt", "c.gmg", "--verbose")
    for stage in ["read: ", "write: "] { #expect(verbose.errors.contains(stage) && !usual.errors.contains(stage)) }
  }
}
