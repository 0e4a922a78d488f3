import Foundation
import Testing

/// `stats` and `query`: one order of words for both, figures of every kernel.
@Suite struct QuestionTests {
  private let command = try! Graphmill()

  init() throws { try command.write("1 2\n2 3\n3 1\n3 4\n", to: "paw.txt") }

  @Test("Kernel and graph stand in either order")
  func order() throws {
    for (first, second) in [("degree", "paw.txt"), ("paw.txt", "degree")] {
      #expect(try command.run("stats", first, second).output == "1\t2\n2\t2\n3\t3\n4\t1\n")
    }
    for words in [
      ["neighbors", "paw.txt", "3"], ["paw.txt", "neighbors", "3"], ["paw.txt", "neighbors", "--node", "3"],
    ] {
      #expect(try command.run(arguments: ["query"] + words).output == "1\n2\n4\n", "\(words)")
    }
    #expect(
      try command.run("query", "paw.txt", "bfs", "4").output
        == command.run("query", "paw.txt", "bfs", "--source", "4").output)
    #expect(try command.run("query", "paw.txt", "hasedge", "1", "2").status == 0)
    #expect(try command.run("query", "paw.txt", "hasedge", "--node", "1", "--other", "4").status == 1)
    try command.write("1 2\n", to: "degree")
    #expect(try command.run("stats", "degree", "degree").output == "1\t1\n2\t1\n")
  }

  @Test(
    "What does not go together is refused",
    arguments: [
      "query paw.txt neighbors 1 --node 2", "query paw.txt neighbors 1 2", "query paw.txt pagerank 1",
      "query paw.txt degree --source 1", "query paw.txt neighbors 1 --other 2", "query paw.txt bfs --node 1",
      "stats triangles paw.txt --out t.tsv", "stats nothing paw.txt", "query paw.txt nothing",
    ])
  func refused(line: String) throws {
    let result = try command.run(arguments: line.split(separator: " ").map(String.init))
    #expect(result.status == 64 && !result.errors.isEmpty)
    #expect(command.files == ["paw.txt"])
  }

  @Test("pagerank of stats and of query agree; --damping 0 is the same for all")
  func pageRank() throws {
    #expect(
      try command.run("stats", "pagerank", "paw.txt", "--damping", "0").outputLines.allSatisfy {
        $0.hasSuffix("\t0.25")
      })
    func scores(_ name: String) throws -> [Double] {
      try command.run(name, "pagerank", "paw.txt").outputLines.compactMap { Double($0.split(separator: "\t")[1]) }
    }
    let (a, b) = (try scores("stats"), try scores("query"))
    #expect(a.count == 4 && zip(a, b).allSatisfy { abs($0 - $1) < 1e-8 })
    let json = try command.run("stats", "pagerank", "paw.txt", "--json", "--rounds", "1", "--tolerance", "0").json
    #expect(json["rounds"] as? Int == 1 && json["converged"] as? Bool == false && json["edges"] as? Int == 4)
    try command.write("1 2 -3\n", to: "negative.wel")
    let refused = try command.run("stats", "pagerank", "negative.wel")
    #expect(refused.status == 65 && refused.errors.contains("negative.wel:1:"))
  }

  @Test func coresAndTriangles() throws {
    #expect(try command.run("stats", "kcore", "paw.txt").output == "1\t2\n2\t2\n3\t2\n4\t1\n")
    let cores = try command.run("stats", "kcore", "paw.txt", "--json").json
    #expect(cores["degeneracy"] as? Int == 2 && cores["top_core"] as? Int == 3)
    let triangles = try command.run("stats", "paw.txt", "triangles")
    #expect(triangles.output == "1\n")
    #expect(try command.run("stats", "triangles", "paw.txt", "--json").json["triangles"] as? Int == 1)
  }
}
