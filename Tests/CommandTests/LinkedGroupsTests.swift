import Foundation
import Testing

/// `communities --groups` and `--from-links`: the second stage alone.
@Suite struct LinkedGroupsTests {
  private let command = try! Graphmill()

  /// Three groups on 30 nodes in ids with gaps, and their graph; group c has no edge to the others.
  private func makeGraph() throws {
    var edges = ""
    for group in 0..<3 {
      for u in 0..<10 {
        for v in 0..<u where (u + v) % 2 == 0 { edges += "\(30 * group + 3 * u)\t\(30 * group + 3 * v)\n" }
      }
    }
    for i in 0..<4 { edges += "\(3 * i)\t\(30 + 3 * i)\n" }
    try command.write(edges, to: "g.tsv")
    let labels = (0..<30).map { "\(3 * $0)\t\(["b", "a", "c"][$0 / 10])\n" }.joined()
    try command.write("node\tlabel\n" + labels, to: "l.tsv")
  }

  @Test func groupsBecomeATree() throws {
    try makeGraph()
    let result = try command.run(
      "communities", "g.tsv", "--groups", "l.tsv", "--tree", "t.json", "--labels", "out.tsv", "--json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.json["k"] as? Int == 3)
    #expect(result.json["linkage"] as? String == "average")
    // Groups are numbered by their first nodes; b and a have the only edges between groups.
    #expect(dataLines(try command.read("out.tsv")).contains("30\t1\n"))
    let nodes = try #require(try command.json("t.json")["nodes"] as? [[String: Any]])
    #expect(nodes.map { $0["parent"] as? Int } == [3, 3, 4, 4, nil])
    #expect(nodes.map { $0["size"] as? Int } == [10, 10, 10, 20, 30])
    let similarities = nodes.compactMap { $0["similarity"] as? Double }
    #expect(similarities.suffix(2) == [4.0 / 100, 0])
    #expect(abs(similarities[0] - 20.0 / 45) < 1e-15)
  }

  @Test(
    "Counts give the tree that the graph and the groups give, byte for byte",
    arguments: ["average", "single", "complete"])
  func countsGiveTheSameTree(linkage: String) throws {
    try makeGraph()
    // Counted by hand: pairs of like parity inside each group, four edges between the first two.
    try command.write("# group nodes\n0 10\n1\t10\n2 10 # c\n\n0 0 20\n1 1 20\n2 2 20\n1 0 4\n", to: "links.tsv")
    for (input, flags) in [("g.tsv", ["--groups", "l.tsv"]), ("links.tsv", ["--from-links"])] {
      let result = try command.run(
        arguments: ["communities", input, "--tree", "\(input).json", "--linkage", linkage] + flags)
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try command.bytes("g.tsv.json") == command.bytes("links.tsv.json"))
  }

  @Test("A refinement of nothing: the labels that bottom-up ends with give its tree again")
  func theTreeOfBottomUp() throws {
    try command.run(
      "generate", "sbm", "g.gmg", "--nodes", "600", "--branching", "6", "--ratio", "0.1", "--degree", "20")
    let found = try command.run(
      "communities", "g.gmg", "--linkage", "average", "--refine", "leaves", "--labels", "l.tsv", "--tree", "a.json",
      "--json")
    #expect(found.json["k"] as? Int ?? 0 > 1, "\(found.errors)")
    #expect(found.json["isolated"] as? Int == 0)
    #expect(
      try command.run("communities", "g.gmg", "--groups", "l.tsv", "--linkage", "average", "--tree", "b.json").status
        == 0)
    #expect(try command.bytes("a.json") == command.bytes("b.json"))
  }

  @Test(arguments: [
    "0 3\n1 2\n0 1 7\n", "0 3\n2 2\n", "0 3\n0 0 1\n1 2\n", "0 3\n0 1 1\n", "0 3\n1 2\n0 1 1\n1 0 2\n", "0 3\n0 0 4\n",
    "0 3\n0 0 1\n0 0 1\n", "0 3\n0 0 x\n", "0 3 4 5\n", "0 -3\n", "0 99999999999999999999\n",
  ])
  func badCounts(text: String) throws {
    try command.write(text, to: "links.tsv")
    let result = try command.run("communities", "links.tsv", "--from-links", "--tree", "t.json")
    #expect(result.status == 65, "\(text): \(result.errors)")
    #expect(result.errors.contains("links.tsv"))
    #expect(!command.exists("t.json"))
  }

  @Test(arguments: [
    ["--from-links"], ["--from-links", "--tree", "t.json", "--groups", "l.tsv"],
    ["--from-links", "--tree", "t.json", "--labels", "l.tsv"], ["--groups", "l.tsv", "--k", "3"],
    ["--groups", "l.tsv", "--method", "leiden"], ["--groups", "l.tsv", "--cut", "2"],
    ["--groups", "l.tsv", "--truth", "l.tsv"], ["--groups", "l.tsv", "--start", "leiden"],
  ])
  func whatDoesNotGoTogether(flags: [String]) throws {
    try makeGraph()
    let result = try command.run(arguments: ["communities", "g.tsv"] + flags)
    #expect(result.status == 64, "\(flags): \(result.errors)")
  }
}
