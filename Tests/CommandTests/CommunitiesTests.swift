import Foundation
import Testing

@Suite struct CommunitiesCommandTests {
  private let command = try! Graphmill()

  /// Eight cliques of six nodes in a ring, with names from 100 on, and what belongs together.
  private func writeRing() throws {
    var (edges, truth) = ("", "# node\tclique\thalf\n")
    for c in 0..<8 {
      for u in 0..<6 {
        for v in 0..<u { edges += "\(100 * c + u)\t\(100 * c + v)\n" }
        truth += "\(100 * c + u)\tc\(c)\th\(c / 4)\n"
      }
      edges += "\(100 * c)\t\(100 * ((c + 1) % 8) + 1)\n"
    }
    try command.write(edges, to: "ring.tsv")
    try command.write(truth, to: "truth.tsv")
  }

  @Test func bottomUp() throws {
    try writeRing()
    let result = try command.run(
      "communities", "ring.tsv", "--labels", "l.tsv", "--tree", "t.json", "--truth", "truth.tsv", "--json",
      "--dendrogram", "t.svg", "--confidence", "20")
    #expect(result.status == 0, "\(result.errors)")
    let json = result.json
    #expect(json["k"] as? Int == 8 && json["negative_eigenvalues"] as? Int == 8 && json["inversions"] as? Int == 0)
    for key in ["ami", "ari", "accuracy"] { #expect(json[key] as? Double == 1) }
    for key in ["rho", "levels", "dasgupta"] { #expect(json[key] is NSNumber, "\(key)") }
    #expect((json["confidence"] as? [Double])?.count == 7)
    let gaps = try #require(json["merge_gaps"] as? [Any])
    #expect(gaps.count == 7 && gaps.last is NSNull && gaps.allSatisfy { $0 is NSNull || ($0 as? Double ?? -1) >= 0 })
    #expect((json["divergences"] as? [Double])?.count == json["levels"] as? Int && json["detectable"] as? Int == 8)
    let labels = try command.read("l.tsv").split(separator: "\n")
    #expect(labels.first == "node\tlabel" && labels.count == 49)
    #expect(labels.contains("705\t7"))
    #expect((try command.json("t.json")["nodes"] as? [Any])?.count == 15)
    #expect(try command.read("t.svg").contains("</svg>"))
    #expect(command.exists("l.tsv.manifest.json"))
    let compared = try command.run("compare", "l.tsv", "truth.tsv:clique", "--what", "labels", "--json").json
    #expect(compared["ami"] as? Double == 1 && compared["nodes"] as? Int == 48)
    #expect(try command.run("compare", "l.tsv", "truth.tsv:half", "--what", "labels", "--expect", "0.9").status == 1)
  }

  @Test("Every method, every tree format, every depth")
  func methods() throws {
    try writeRing()
    for method in ["bottom-up", "top-down", "paris", "louvain", "leiden"] {
      for tree in ["\(method).nwk", "\(method).tsv"] {
        var arguments = [
          "communities", "ring.tsv", "--method", method, "--tree", tree, "--truth", "truth.tsv:2", "--force",
          "--labels",
          "\(method).labels", "--cut", "all", "--json",
        ]
        if method == "top-down" { arguments += ["--min-size", "3"] }
        let result = try command.run(arguments: arguments)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.json["truth_groups"] as? Int == 2)
        let levels = try #require(result.json["levels"] as? Int)
        let columns = ["node", "label"] + (1..<max(1, levels)).map { "depth_\($0)" }
        #expect(try command.read("\(method).labels").hasPrefix(columns.joined(separator: "\t") + "\n"))
        #expect(["louvain", "leiden"].contains(method) || levels > 2)
      }
      let same = try command.run("compare", "\(method).nwk", "\(method).nwk", "--what", "trees", "--json").json
      #expect(same["tree_correlation"] as? Double == 1 && same["same"] as? Bool == true)
    }
    let trees = try command.run("compare", "bottom-up.nwk", "bottom-up.tsv", "--what", "trees", "--expect", "0.99")
    #expect(trees.status == 0, "\(trees.output)")
  }

  @Test("Top-down stops by the rule that is asked for; bottom-up counts again in groups when told to")
  func rules() throws {
    try writeRing()
    for (rule, leaves) in [
      ("bethe-hessian", 8...8), ("non-backtracking", 8...8), ("ecv", 2...8), ("depth:1", 2...2), ("depth:0", 1...1),
    ] {
      let result = try command.run(
        "communities", "ring.tsv", "--method", "top-down", "--stop", rule, "--min-size", "3", "--json")
      #expect(result.status == 0, "\(rule) \(result.errors)")
      #expect(leaves.contains(try #require(result.json["k"] as? Int)), "\(rule) \(result.output)")
    }
    let again = try command.run("communities", "ring.tsv", "--recursive", "--json")
    #expect(again.status == 0 && again.json["k"] as? Int == 8, "\(again.errors)")
  }

  @Test("1, 2 and 4 threads write the same labels and trees")
  func threads() throws {
    let made = try command.run(
      "generate", "hsbm", "h.gmg", "--nodes", "4k", "--depth", "3", "--labels", "truth.tsv", "--json")
    #expect(made.status == 0 && made.json["groups"] as? Int == 8)
    for threads in ["1", "2", "4"] {
      let result = try command.run(
        "communities", "h.gmg", "--labels", "l\(threads)", "--tree", "t\(threads).json", "-t", threads, "--cut", "all",
        "--truth", "truth.tsv", "--json")
      #expect(try #require(result.json["ami"] as? Double) > 0.9)
    }
    for threads in ["2", "4"] {
      #expect(try command.bytes("l1") == command.bytes("l\(threads)"))
      #expect(try command.bytes("t1.json") == command.bytes("t\(threads).json"))
    }
    let piped = try command.shell(
      "graphmill generate hsbm - --depth 3 --nodes 4k --seed 42 --labels p.tsv --to el -q | "
        + "graphmill communities - --truth p.tsv --json")
    #expect(piped.status == 0, "\(piped.errors)")
  }

  @Test("Edge cases end with a note or the right code")
  func edgeCases() throws {
    try command.write("", to: "empty.tsv")
    try command.write("1 2\n", to: "pair.tsv")
    try command.write("1 1\n", to: "loop.tsv")
    try command.write("1 2 -1\n", to: "bad.wel")
    for name in ["empty.tsv", "pair.tsv", "loop.tsv"] {
      for method in ["bottom-up", "top-down", "paris", "louvain", "leiden"] {
        let result = try command.run("communities", name, "--method", method, "--json")
        #expect(result.status == 0, "\(name) \(method) \(result.errors)")
      }
      #expect(try command.run("communities", name, "--json").json["k"] as? Int == 1)
    }
    #expect(try command.run("communities", "bad.wel").status == 65)
    for arguments in [
      ["--k", "0"], ["--k", "3"], ["--cut", "5"], ["--cut", "none"], ["--method", "paris", "--k", "2"],
      ["--stop", "ecv"], ["--method", "top-down", "--stop", "depth:-1"], ["--method", "top-down", "--stop", "never"],
      ["--method", "paris", "--recursive"], ["--recursive", "--k", "2"], ["--min-size", "3"], ["--split", "sign"],
      ["--method", "louvain", "--linkage", "average"], ["--method", "top-down", "--isolated", "drop"],
      ["--spectral-weights", "weighted", "--embedding", "tuned"],
      ["--tree", "t.txt"], ["--collapse", "0.9"], ["--truth", "none.tsv"],
    ] {
      let status = try command.run(arguments: ["communities", "pair.tsv"] + arguments).status
      #expect(status == (arguments[0] == "--truth" ? 66 : 64), "\(arguments)")
    }
    try command.write("(A,(B,C)", to: "broken.nwk")
    #expect(try command.run("compare", "broken.nwk", "broken.nwk", "--what", "trees").status == 65)
    #expect(try command.run("generate", "hsbm", "x.gmg", "--nodes", "100", "--degree", "90").status == 64)
    #expect(try command.run("generate", "er", "x.gmg", "--depth", "2").status == 64)
  }

  @Test("Trees are the same only when all of their leaves are")
  func sameTrees() throws {
    try command.write("only;\n", to: "one.nwk")
    try command.write("((a_b:1,c_d:1):1,e:2);\n", to: "underscores.nwk")
    try command.write("(('a b':1,'c d':1):1,e:2);\n", to: "blanks.nwk")
    try command.write("((x:1,y:1):1,e:2);\n", to: "other.nwk")
    func compare(_ a: String, _ b: String) throws -> Graphmill.Result {
      try command.run("compare", a, b, "--what", "trees", "--json")
    }
    #expect(try compare("one.nwk", "one.nwk").json["same"] as? Bool == true)
    let equal = try compare("underscores.nwk", "blanks.nwk").json
    #expect(equal["same"] as? Bool == true && equal["leaves"] as? Int == 3)
    let partly = try compare("blanks.nwk", "other.nwk").json
    #expect(partly["same"] as? Bool == false && partly["leaves"] as? Int == 1)
    let nothing = try compare("one.nwk", "other.nwk")
    #expect(nothing.json["same"] as? Bool == false && nothing.json["leaves"] as? Int == 0)
    #expect(try command.run("compare", "one.nwk", "other.nwk", "--what", "trees", "--expect", "0.1").status == 1)
  }

  @Test("No structure is found where there is none, and what is not clustered is told")
  func noStructure() throws {
    func edges(_ pairs: [(Int, Int)]) -> String { pairs.map { "\($0.0)\t\($0.1)\n" }.joined() }
    try command.write(edges((0..<100).map { ($0, ($0 + 1) % 100) }), to: "cycle.tsv")
    try command.write(edges((1...50).map { (0, $0) }), to: "star.tsv")
    try command.write(edges((1..<50).map { ($0 - 1, $0) }), to: "path.tsv")
    try command.write(edges((0..<20).flatMap { u in (0..<u).map { (u, $0) } }), to: "complete.tsv")
    try command.write(edges((0..<10).flatMap { u in (10..<20).map { (u, $0) } }), to: "bipartite.tsv")
    for name in ["cycle.tsv", "star.tsv", "path.tsv", "complete.tsv", "bipartite.tsv"] {
      let result = try command.run("communities", name, "--json")
      #expect(result.status == 0 && result.json["k"] as? Int == 1, "\(name) \(result.errors)")
    }
    let cycle = try command.run("communities", "cycle.tsv", "--json").json
    #expect((cycle["notes"] as? [String])?.isEmpty == false)
  }

  @Test("Isolated nodes have label -1; bad weights and impossible numbers are named")
  func refusals() throws {
    try writeRing()
    try command.write(try command.read("ring.tsv") + "9999 9999\n".replacing(" ", with: "\t"), to: "loop.tsv")
    let isolated = try command.run("communities", "loop.tsv", "--labels", "l.tsv", "--json")
    #expect(isolated.json["isolated"] as? Int == 1 && isolated.json["k"] as? Int == 8, "\(isolated.errors)")
    #expect(try command.read("l.tsv").contains("9999\t-1\n"))
    let leaf = try command.run("communities", "loop.tsv", "--isolated", "leaf", "--json")
    #expect(leaf.json["k"] as? Int == 9)
    let joined = try command.run("communities", "loop.tsv", "--isolated", "largest", "--labels", "j.tsv", "--json")
    #expect(joined.json["k"] as? Int == 8 && joined.json["isolated"] as? Int == 0, "\(joined.errors)")
    #expect(try command.read("j.tsv").contains("9999\t0\n"))
    for weight in ["-1", "-0.5", "-1e-3", "nan"] {
      try command.write("1 2 1\n2 3 \(weight)\n3 4 -7\n", to: "bad.wel")
      let mtx = "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 1\n3 2 \(weight)\n"
      try command.write(mtx, to: "bad.mtx")
      for (file, line) in [("bad.wel", 2), ("bad.mtx", 4)] {
        let result = try command.run("communities", file)
        #expect(result.status == 65 && result.errors.contains("\(file):\(line)"), "\(result.errors)")
      }
    }
    // A container has no lines: the edge is named.
    try command.write("1 2 1\n2 3 -1\n", to: "bad.wel")
    #expect(try command.run("convert", "bad.wel", "bad.gmg").status == 0)
    let contained = try command.run("communities", "bad.gmg")
    #expect(contained.status == 65 && contained.errors.contains("the edge 2 - 3"), "\(contained.errors)")
    let many = try command.run("communities", "ring.tsv", "--k", "49")
    #expect(many.status == 64 && many.errors.contains("48 nodes"), "\(many.errors)")
    let cut = try command.run("communities", "ring.tsv", "--cut", "9")
    #expect(cut.status == 64 && !cut.errors.isEmpty)
  }
}
