import Foundation
import Testing

@Suite struct KnnFlagTests {
  private let command = try! Graphmill()

  /// 300 points on a grid, as text.
  private func points() throws {
    let lines = (0..<300).map { "\($0 % 20) \($0 / 20) \($0 % 7)" }
    try command.write(lines.joined(separator: "\n") + "\n", to: "points.txt")
  }

  @Test("--keys names vectors in what is found", arguments: ["hnsw", "nsw"])
  func keys(method: String) throws {
    try points()
    try command.write((0..<300).map { "\(5000 - 7 * $0)\n" }.joined(), to: "keys.txt")
    try command.run("knn", "build", "points.txt", "a.gmx", "--keys", "keys.txt", "--method", method)
    let rows = try command.run("knn", "search", "a.gmx", "points.txt", "-", "--k", "1").outputLines
    #expect(rows.count == 300)
    for (row, line) in rows.enumerated() { #expect(line == "\(row)\t0\t\(5000 - 7 * row)\t0.0") }
    try command.write("1\n1\n", to: "twice.txt")
    #expect(try command.run("knn", "build", "points.txt", "b.gmx", "--keys", "twice.txt").status != 0)
    #expect(!command.exists("b.gmx"))
  }

  @Test("--shuffle and --no-shuffle insert in another order and find the same")
  func shuffle() throws {
    try points()
    var found: [String] = []
    for flag in ["--shuffle", "--no-shuffle"] {
      try command.run("knn", "build", "points.txt", "a\(flag).gmx", flag)
      found.append(
        try command.run("knn", "search", "a\(flag).gmx", "points.txt", "-", "--k", "1", "--no-exact").output)
    }
    #expect(try command.bytes("a--shuffle.gmx") != command.bytes("a--no-shuffle.gmx"))
    #expect(found[0] == found[1] && found[0].hasPrefix("0\t0\t0\t0.0\n"))
  }

  @Test("--symmetric says which pairs become edges, --with-distances what they weigh")
  func pairs() throws {
    try points()
    try command.run("knn", "build", "points.txt", "a.gmx")
    func made(_ flags: String...) throws -> (edges: Int, directed: Bool, weighted: Bool) {
      let json = try command.run(
        arguments: ["knn", "graph", "a.gmx", "g.gmg", "--k", "4", "--json", "--force"] + flags
      ).json
      return (
        try #require(json["edges"] as? Int), try #require(json["directed"] as? Bool),
        try #require(json["weighted"] as? Bool)
      )
    }
    let arcs = try made("--symmetric", "none")
    #expect(arcs == (1200, true, false))
    let (union, mutual) = (try made("--symmetric", "union"), try made("--symmetric", "mutual"))
    #expect(!union.directed && !mutual.directed)
    // A pair that is near in both directions is one edge of either and two arcs.
    #expect(union.edges + mutual.edges == arcs.edges && mutual.edges < union.edges)
    #expect(try made("--with-distances").weighted)
    // Points 0 and 1 are (0, 0, 0) and (1, 0, 1).
    #expect(try command.run("convert", "g.gmg", "-").output.contains("0\t1\t2\n"))
  }

  @Test("--similarity compares neighbourhoods of nodes")
  func similarity() throws {
    try command.run("generate", "rmat", "g.gmg", "--nodes", "512", "--edges", "4k")
    let prints = try ["jaccard", "cosine"].map { similarity in
      try #require(
        command.run("knn", "graph", "g.gmg", "\(similarity).gmg", "--k", "3", "--similarity", similarity, "--json")
          .json["fingerprint"] as? String)
    }
    #expect(prints[0] != prints[1])
    #expect(try command.run("knn", "graph", "g.gmg", "x.gmg", "--similarity", "simrank").status == 64)
  }
}
