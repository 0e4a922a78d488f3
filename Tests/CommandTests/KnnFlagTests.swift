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
    for (name, flag) in [("random.gmx", "--shuffle"), ("rows.gmx", "--no-shuffle")] {
      try command.run("knn", "build", "points.txt", name, flag)
      found.append(try command.run("knn", "search", name, "points.txt", "-", "--k", "1", "--no-exact").output)
    }
    #expect(try command.bytes("random.gmx") != command.bytes("rows.gmx"))
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
    // Points 0 and 1 are (0, 0, 0) and (1, 0, 1), at the distance √2.
    #expect(try command.run("convert", "g.gmg", "-").output.contains("0\t1\t1.414213"))
  }

  @Test("--similarity compares neighborhoods of nodes")
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

  @Test("One thing has one name, and the names that other libraries have for it")
  func synonyms() throws {
    try points()
    for (name, others) in [
      ("l2", ["euclidean"]), ("cos", ["cosine", "angular"]), ("ip", ["inner-product", "dot"]),
      ("l1", ["manhattan", "cityblock"]), ("chebyshev", ["linf"]),
    ] {
      try command.run("knn", "build", "points.txt", "a.gmx", "--metric", name, "--force")
      for other in others {
        let result = try command.run("knn", "build", "points.txt", "b.gmx", "--metric", other, "--force")
        #expect(result.status == 0, "\(other): \(result.errors)")
        #expect(try command.bytes("a.gmx") == command.bytes("b.gmx"), "\(other)")
      }
    }
    for (name, other) in [("u8", "uint8"), ("f16", "float16"), ("bf16", "bfloat16"), ("b1", "bit")] {
      try command.run("knn", "build", "points.txt", "a.gmx", "--quantize", name, "--force")
      try command.run("knn", "build", "points.txt", "b.gmx", "--quantize", other, "--force")
      #expect(try command.bytes("a.gmx") == command.bytes("b.gmx"), "\(other)")
      let options = try command.json("b.gmx.manifest.json")["options"] as? [String: Any]
      #expect(options?["quantize"] as? String == name)
    }
    try command.write("1 2\n2 3\n3 1\n3 4\n4 5\n", to: "g.txt")
    try command.run("knn", "graph", "g.txt", "a.el", "--k", "1", "--similarity", "cosine")
    try command.run("knn", "graph", "g.txt", "b.el", "--k", "1", "--similarity", "cos")
    #expect(try command.read("a.el") == command.read("b.el"))
    #expect(try command.run("knn", "build", "points.txt", "c.gmx", "--metric", "cosin").errors.contains("'cosine'"))
  }
}
