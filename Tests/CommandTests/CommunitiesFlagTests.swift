import Foundation
import Testing

@Suite struct CommunitiesFlagTests {
  private let command = try! Graphmill()

  private func found(_ input: String, _ flags: String...) throws -> [String: Any] {
    let result = try command.run(arguments: ["communities", input, "--json", "--force"] + flags)
    #expect(result.status == 0, "\(result.errors)")
    return result.json
  }

  @Test("--direction mutual drops arcs that go one way")
  func direction() throws {
    try command.write("0 1\n1 0\n1 2\n2 1\n0 2\n2 0\n3 0\n", to: "arcs.txt")
    let union = try found("arcs.txt", "--directed", "--method", "louvain", "--direction", "union")
    #expect(union["isolated"] as? Int == 0)
    let mutual = try found("arcs.txt", "--directed", "--method", "louvain", "--direction", "mutual")
    #expect(mutual["isolated"] as? Int == 1 && mutual["k"] as? Int == 1)
  }

  @Test("--min-component leaves small components whole")
  func smallComponents() throws {
    // Two rings of eight cliques of six nodes, 48 nodes each.
    var edges = ""
    for clique in 0..<16 {
      for u in 0..<6 { for v in 0..<u { edges += "\(6 * clique + u) \(6 * clique + v)\n" } }
      edges += "\(6 * clique) \(6 * (clique / 8 * 8 + (clique + 1) % 8) + 1)\n"
    }
    try command.write(edges, to: "rings.txt")
    #expect(try found("rings.txt", "--min-component", "48")["k"] as? Int == 16)
    #expect(try found("rings.txt", "--min-component", "49")["k"] as? Int == 9)
  }

  @Test("--significance asks for clearer eigenvalues from 1,000 nodes on")
  func significance() throws {
    try command.run("generate", "sbm", "g.gmg", "--nodes", "1200", "--ratio", "0.2")
    #expect(try found("g.gmg", "--start", "spectral", "--significance", "1")["k"] as? Int == 2)
    #expect(try found("g.gmg", "--start", "spectral", "--significance", "1000")["k"] as? Int == 1)
  }

  @Test("--refine, --degree-corrected and --hold-out change which labels weak groups get")
  func refinement() throws {
    try command.run(
      "generate", "sbm", "g.gmg", "--nodes", "400", "--ratio", "0.3", "--degree", "8", "--labels", "t.tsv")
    func labels(_ flags: String...) throws -> String {
      let result = try command.run(
        arguments: [
          "communities", "g.gmg", "--start", "spectral", "--labels", "l.tsv", "--truth", "t.tsv", "--json", "--force",
        ] + flags)
      #expect(result.json["k"] as? Int == 2 && result.json["ami"] as? Double ?? 0 > 0.2, "\(flags) \(result.errors)")
      return try command.read("l.tsv")
    }
    let (plain, refined) = (try labels("--refine", "none"), try labels("--refine", "leaves", "--no-degree-corrected"))
    #expect(plain != refined)
    #expect(try labels("--refine", "leaves", "--degree-corrected") != refined)
    #expect(try labels("--refine", "none", "--degree-corrected") == plain, "nothing is refined")
    #expect(try labels("--refine", "none", "--hold-out", "40%") != plain)
    #expect(try command.run("communities", "g.gmg", "--method", "louvain", "--hold-out", "40%").status == 64)
    #expect(try command.run("communities", "g.gmg", "--method", "paris", "--refine", "leaves").status == 64)
  }

  @Test("--resolution makes more groups, --quality and --iterations say what Leiden maximizes and how often")
  func levels() throws {
    var edges = ""
    for clique in 0..<40 {
      for u in 0..<5 { for v in 0..<u { edges += "\(5 * clique + u) \(5 * clique + v)\n" } }
      edges += "\(5 * clique) \(5 * ((clique + 1) % 40) + 1)\n"
    }
    try command.write(edges, to: "ring.txt")
    for method in ["louvain", "leiden"] {
      let usual = try #require(try found("ring.txt", "--method", method)["groups"] as? Int)
      #expect(usual < 40)
      #expect(try found("ring.txt", "--method", method, "--resolution", "4")["groups"] as? Int == 40)
    }
    for (quality, resolution) in [("cpm", "0.3"), ("rb", "10"), ("modularity", "4")] {
      let json = try found(
        "ring.txt", "--method", "leiden", "--quality", quality, "--resolution", resolution, "--iterations", "3")
      #expect(json["groups"] as? Int == 40, "\(quality)")
    }
    for arguments in [
      ["--method", "louvain", "--quality", "cpm"], ["--iterations", "3"], ["--resolution", "2"], ["--quality", "cpm"],
      ["--method", "leiden", "--quality", "directed-modularity", "--direction", "sum"],
      ["--method", "leiden", "--iterations", "0"], ["--method", "leiden", "--resolution", "0"],
      ["--method", "louvain", "--resolution", "-1"],
    ] {
      #expect(try command.run(arguments: ["communities", "ring.txt"] + arguments).status == 64, "\(arguments)")
    }
  }

  @Test("--quality of arcs and of two sides: the modularity that is told is of that kind")
  func directions() throws {
    try command.write("0 1\n1 2\n2 0\n3 4\n4 5\n5 3\n2 3\n", to: "arcs.txt")
    try command.write("0 4\n0 5\n1 4\n1 5\n2 6\n2 7\n3 6\n3 7\n1 6\n", to: "sides.txt")
    for method in ["louvain", "leiden"] {
      let arcs = try found("arcs.txt", "--directed", "--method", method, "--quality", "directed-modularity")
      #expect(
        abs((arcs["modularity"] as? Double ?? .nan) - (6.0 / 7 - 24.0 / 49)) < 1e-12 && arcs["groups"] as? Int == 2)
      let sides = try found("sides.txt", "--method", method, "--quality", "bipartite-modularity")
      // 8 of 9 links inside; 5 and 4 of the first side's, 4 and 5 of the second's.
      #expect(abs((sides["modularity"] as? Double ?? .nan) - (8.0 / 9 - 40.0 / 81)) < 1e-12)
      #expect((sides["notes"] as? [String])?.contains { $0.hasPrefix("bipartite: 4 and 4 nodes") } == true)
      let odd = try command.run(
        "communities", "arcs.txt", "--method", method, "--quality", "bipartite-modularity")
      #expect(odd.status == 65)
    }
  }

  @Test("--start chooses where groups come from: words, or an earlier result; lengths of descriptions are told")
  func start() throws {
    // A ring of more cliques than the spectrum can count.
    var (edges, old) = ("", "node\tclique\told\n")
    for clique in 0..<130 {
      for u in 0..<5 {
        for v in 0..<u { edges += "\(5 * clique + u) \(5 * clique + v)\n" }
        if (clique + u) % 7 > 0 { old += "\(5 * clique + u)\tc\(clique)\tc\(clique / 2)\n" }
      }
      edges += "\(5 * clique) \(5 * ((clique + 1) % 130) + 1)\n"
    }
    try command.write(edges, to: "ring.txt")
    try command.write(old, to: "old.tsv")
    for start in ["auto", "leiden", "old.tsv", "old.tsv:clique"] {
      let json = try found("ring.txt", "--start", start, "--labels", "l.tsv")
      #expect(json["k"] as? Int == 130, "\(start)")
      #expect((json["negative_eigenvalues"] is NSNull) == (start != "auto"))
      let lengths = try #require(json["description_length"] as? [String: Any])
      let (tree, one) = (lengths["tree"] as? Double ?? .nan, lengths["one_group"] as? Double ?? .nan)
      #expect(tree < one && (lengths["levels"] as? [Double])?.first == one)
      #expect((lengths["levels"] as? [Double])?.count == (json["levels"] as? Int ?? 0) + 1)
      let options = try #require(try command.json("l.tsv.manifest.json")["options"] as? [String: Any])
      let expected = ["old.tsv": "input 2", "old.tsv:clique": "input 2:clique"][start] ?? start
      #expect(options["start"] as? String == expected)
    }
    #expect(try found("ring.txt", "--start", "spectral")["k"] as? Int ?? 130 <= 120)
    for k in ["7", "130", "200"] { #expect(try found("ring.txt", "--k", k)["k"] as? Int == Int(k)) }
    #expect(try found("ring.txt", "--linkage", "volume", "--labels", "a.tsv")["inversions"] as? Int == 0)
    try command.write("x\t1\n", to: "other.tsv")
    let strange = try command.run("communities", "ring.txt", "--start", "other.tsv")
    #expect(strange.status == 0 && strange.errors.contains("name no node"))
    #expect(try command.run("communities", "ring.txt", "--start", "none.tsv").status == 66)
    for arguments in [
      ["--start", "leiden", "--recursive"], ["--start", "old.tsv", "--significance", "2"],
      ["--method", "paris", "--start", "auto"], ["--start", "spectral", "--k", "130"], ["--start", ""],
    ] {
      #expect(try command.run(arguments: ["communities", "ring.txt"] + arguments).status == 64, "\(arguments)")
    }
  }
}
