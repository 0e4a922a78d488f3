import Foundation
import Testing

/// `transform` on a graph that can be looked through: a triangle a b c, a tail c-d-e, a pair x-y.
@Suite struct TransformTests {
  private let command = try! Graphmill()
  private let edges = "a b\nb c\nc a\nc d\nd e\nx y\n"

  private func output(_ flags: String..., input: String? = nil) throws -> String {
    try command.write(input ?? edges, to: "g.txt")
    let result = try command.run(arguments: ["transform", "g.txt", "-"] + flags)
    #expect(result.status == 0, "\(result.errors)")
    return dataLines(result.output)
  }

  @Test func parts() throws {
    try command.write("c\nb\nd\n", to: "nodes.txt")
    #expect(try output("--subgraph", "nodes.txt") == "b\tc\nc\td\n")
    #expect(try output("--ego", "d") == "c\td\nd\te\n")
    #expect(try output("--ego", "e", "--ego", "x", "--hops", "2") == "c\td\nd\te\nx\ty\n")
    #expect(try output("--ego", "b", "--directed", "--direction", "in") == "a\tb\n")
    #expect(try output("--core", "2") == "a\tb\na\tc\nb\tc\n")
    #expect(try output("--lcc", "--core", "1", "--subgraph", "nodes.txt") == "b\tc\nc\td\n")
    #expect(try output("--reverse", "--directed") == output("--transpose", "--directed"))
  }

  @Test func sets() throws {
    try command.write("b a 2\ny z 5\n", to: "other.wel")
    #expect(try output("--union", "other.wel") == "a\tb\t3\na\tc\t1\nb\tc\t1\nc\td\t1\nd\te\t1\nx\ty\t1\ny\tz\t5\n")
    #expect(try output("--union", "other.wel", "--duplicates", "max").hasPrefix("a\tb\t2\n"))
    #expect(try output("--intersect", "other.wel") == "a\tb\n")
    let left = try command.run("transform", "g.txt", "left.gmg", "--subtract", "other.wel", "--json")
    #expect(left.json["edges"] as? Int == 5 && left.json["nodes"] as? Int == 7)
    let mixed = try command.run("transform", "g.txt", "mixed.gmg", "--union", "other.wel", "--directed")
    #expect(mixed.status == 0)
  }

  @Test("Names, weights and directions come through into a container and back") func throughAContainer() throws {
    try command.write("a b 1.5\nb c 2\nc d 0.25\nd a 8\n", to: "w.wel")
    #expect(try command.run("transform", "w.wel", "w.gmg", "--directed", "--ego", "b", "--hops", "2").status == 0)
    let text = try command.run("convert", "w.gmg", "-", "--to", "wel").output
    #expect(text.contains("directed") && dataLines(text) == "b\tc\t2\nc\td\t0.25\n")
  }

  @Test func samples() throws {
    for method in ["nodes", "edges", "forest-fire"] {
      let first = try output("--sample", method, "--size", "3", "--seed", "1")
      #expect(try output("--sample", method, "--size", "3", "--seed", "1", "-t", "2") == first)
    }
    #expect(try output("--sample", "edges", "--size", "3").split(separator: "\n").count == 3)
    let share = try command.run("transform", "g.txt", "n.gmg", "--sample", "nodes", "--size", "60%", "--json").json
    #expect(share["nodes"] as? Int == 4 && share["seed"] != nil)
    let fire = try command.run(
      "transform", "g.txt", "f.gmg", "--sample", "forest-fire", "--size", "4", "--burning", "0.9", "--backward", "0.5",
      "--directed", "--json")
    #expect(fire.json["nodes"] as? Int == 4)
    #expect(try command.run("transform", "g.txt", "m.gmg", "--sample", "nodes", "--size", "8").status == 64)
  }

  @Test func projections() throws {
    let parties = "ann p\nbob p\nann q\nbob q\ncy p\n"
    #expect(try output("--project", "first", input: parties) == "ann\tbob\t2\nann\tcy\t1\nbob\tcy\t1\n")
    #expect(try output("--project", "second", input: parties) == "p\tq\t2\n")
    try command.write("cy\nann\n", to: "people.txt")
    #expect(try output("--project-onto", "people.txt", input: parties) == "ann\tcy\t1\n")
    try command.write(edges, to: "odd.txt")
    let refused = try command.run("transform", "odd.txt", "p.gmg", "--project", "first")
    #expect(refused.status == 65 && refused.errors.contains("odd.txt: the graph has a cycle of odd length"))
    #expect(!command.exists("p.gmg"))
  }

  @Test func orders() throws {
    for order in ["degree", "bfs", "rcm", "rabbit"] {
      #expect(try command.run("transform", "g.txt", "\(order).gmg", "--relabel", order).status == 66)
      try command.write(edges, to: "g.txt")
      #expect(try command.run("transform", "g.txt", "\(order).gmg", "--relabel", order).status == 0)
      #expect(try command.run("check", "\(order).gmg", "--against", "g.txt").status == 0)
      try FileManager.default.removeItem(atPath: command.path("g.txt"))
    }
  }

  @Test(
    "What does not go together is refused, and nothing is written",
    arguments: [
      [], ["--hops", "2"], ["--direction", "in"], ["--sample", "nodes"], ["--size", "3"],
      ["--sample", "nodes", "--size", "x"], ["--sample", "nodes", "--size", "3", "--burning", "0.5"],
      ["--sample", "forest-fire", "--size", "3", "--burning", "1"], ["--core", "-1"], ["--ego", "nobody"],
      ["--project", "first", "--project-onto", "g.txt"], ["--relabel", "none"],
      ["--sample", "forest-fire", "--size", "3", "--backward", "2"], ["--ego", "a", "--hops", "-1"],
    ])
  func refused(flags: [String]) throws {
    try command.write(edges, to: "g.txt")
    let result = try command.run(arguments: ["transform", "g.txt", "out.gmg"] + flags)
    #expect(result.status == 64 && !result.errors.isEmpty && !command.exists("out.gmg"), "\(result.errors)")
  }

  @Test func listsWithUnknownNames() throws {
    try command.write(edges, to: "g.txt")
    try command.write("a\nnobody\n", to: "nodes.txt")
    let result = try command.run("transform", "g.txt", "out.gmg", "--subgraph", "nodes.txt")
    #expect(result.status == 65 && result.errors.contains("nodes.txt:2: the graph has no node of that name: 'nobody'"))
    #expect(!command.exists("out.gmg"))
  }

  @Test("The manifest records the other graph, and a run with another one is another run") func manifest() throws {
    try command.write(edges, to: "g.txt")
    try command.write("a b\n", to: "one.txt")
    #expect(try command.run("transform", "g.txt", "out.gmg", "--subtract", "one.txt").status == 0)
    let inputs = try command.json("out.gmg.manifest.json")["inputs"] as? [[String: Any]]
    #expect(inputs?.count == 2)
  }
}
