import Foundation
import Testing

@testable import graphmill_cli

@Suite struct StudyTests {
  private let command = try! Graphmill()

  /// Two rings of cliques, joined by one edge, with the ring of each node as its label.
  private func writeRings() throws {
    var edges = ""
    var labels = "node\tring\n"
    for ring in 0..<2 {
      for clique in 0..<6 {
        let nodes = (0..<6).map { "r\(ring)c\(clique)n\($0)" }
        for (i, a) in nodes.enumerated() {
          labels += "\(a)\tring \(ring)\n"
          for b in nodes[..<i] { edges += "\(a)\t\(b)\n" }
        }
        edges += "\(nodes[5])\tr\(ring)c\((clique + 1) % 6)n0\n"
      }
    }
    try command.write(edges + "r0c0n1\tr1c0n1\n", to: "rings.tsv")
    try command.write(labels, to: "labels.tsv")
  }

  @Test("Every section of a small graph, in the JSON, on the page and in files")
  func sections() throws {
    try writeRings()
    let result = try command.run("study", "rings.tsv", "--out", "deep/report", "--labels", "labels.tsv", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let json = result.json
    #expect(json["report"] as? String == "deep/report/report.html")
    let store = try #require(json["store"] as? [String: Any])
    #expect(store["nodes"] as? Int == 72 && store["edges"] as? Int == 2 * 6 * 16 + 1)
    let structure = try #require(json["structure"] as? [String: Any])
    #expect(structure["components"] as? Int == 1 && structure["degeneracy"] as? Int == 5)
    #expect(structure["triangles"] as? Int == 12 * 20)
    let communities = try #require(json["communities"] as? [String: Any])
    for method in ["bottom-up", "top-down", "paris", "louvain", "leiden"] {
      let figures = try #require(communities[method] as? [String: Any])
      #expect(try #require(figures["groups"] as? Int) >= 2, "\(method)")
      #expect(try #require(figures["modularity"] as? Double) > 0.4, "\(method)")
      #expect(figures["ami"] is Double && figures["purity"] is Double)
    }
    let summary = try #require((json["summarization"] as? [String: Any])?["hierarchical"] as? [String: Any])
    #expect(summary["restored"] as? Bool == true)
    #expect(try #require(summary["cost"] as? Int) < 193)
    let sparse = try #require((json["sparsification"] as? [String: Any])?["results"] as? [[String: Any]])
    #expect(sparse.count == 12 && sparse.count { $0["groups_ami"] is Double } == 4)
    let near = try #require(json["proximity"] as? [String: Any])
    #expect(near["nodes"] as? Int == 72 && near["unreachable"] as? Int == 0)
    #expect(try #require(near["same_kind"] as? Double) > 0.9)
    let flow = try #require(json["flow"] as? [String: Any])
    #expect(try #require((flow["neighbors"] as? [String: Any])?["groups"] as? Int) >= 2)
    #expect(try #require(flow["across_ami"] as? Double) > 0.5 && flow["common_nodes"] as? Int == 72)
    let agreement = try #require(json["agreement"] as? [String: Any])
    #expect(try #require(agreement["tree_correlation"] as? Double) > 0.3)
    #expect(json["learning"] == nil && json["run"] == nil)

    let saved = try command.json("deep/report/report.json")
    #expect(Set(saved.keys) == Set(StudySections.keys).subtracting(["learning"]).union(["report", "run"]))
    #expect((saved["run"] as? [String: Any])?["machine"] is String)
    for name in ["graph.gmg", "hierarchical.gms", "flat.gms", "communities.tsv", "neighbors.gmg"] {
      #expect(command.exists("deep/report/files/" + name), "\(name)")
    }
    #expect(try command.run("check", "deep/report/files/neighbors.gmg", "--deep").status == 0)
    #expect(try command.run("restore", "deep/report/files/flat.gms", "back.gmg").status == 0)
    #expect(try command.run("compare", "back.gmg", "deep/report/files/graph.gmg", "--expect", "1").status == 0)
    #expect(try command.run("check", "deep/report/report.manifest.json").status == 0)
    let again = try command.run("info", "deep/report/files/communities.tsv", "--json").json
    #expect(again["nodes"] as? Int == 72)
    try checkPage("deep/report/report.html", sections: StudySections.keys.filter { $0 != "learning" })
  }

  /// A page that a browser takes as it is meant: elements closed in order, ids once, nothing from elsewhere, not large.
  private func checkPage(_ path: String, sections: [String]) throws {
    let html = try command.read(path)
    #expect(html.utf8.count < 2_000_000)
    let style = try #require(html.firstRange(of: "</style>"))
    let body = String(html[style.upperBound...])
    var open: [Substring] = ["html", "head"]
    for match in body.matches(of: /<(\/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(\/?)>/) {
      let (isEnd, name, isEmpty) = (!match.output.1.isEmpty, match.output.2, !match.output.3.isEmpty)
      if isEnd {
        #expect(open.popLast() == name)
      } else if !isEmpty {
        open.append(name)
      }
    }
    #expect(open.isEmpty, "\(open)")
    let ids = body.matches(of: /\sid="([^"]*)"/).map(\.output.1)
    #expect(Set(ids).count == ids.count)
    for section in sections {
      #expect(body.contains("<section id=\"\(section)\">"), "\(section)")
      #expect(sections.count == 1 || body.contains("<li><a href=\"#\(section)\">"), "\(section)")
    }
    #expect(body.ranges(of: "<section ").count == sections.count)
    for forbidden in ["<script", "<link", "src=", "url(http", "@import", "https:", "NaN", "nan,"] {
      #expect(!html.contains(forbidden), "\(forbidden)")
    }
  }

  @Test("--only and --skip choose sections; words that are none are refused")
  func choice() throws {
    try command.write(pawText, to: "paw.tsv")
    func sections(_ flags: String...) throws -> Set<String> {
      let result = try command.run(arguments: ["study", "paw.tsv", "--out", "r", "--json"] + flags)
      #expect(result.status == 0, "\(result.errors)")
      return Set(result.json.keys).intersection(StudySections.keys)
    }
    #expect(try sections("--only", "structure,store") == ["store", "structure"])
    #expect(
      try sections("--skip", "flow,agreement,communities,summarization") == [
        "store", "structure", "sparsification", "proximity",
      ])
    try checkPage("r/report.html", sections: ["store", "structure", "sparsification", "proximity"])
    for flags in [["--only", "nothing"], ["--only", "store", "--skip", "store"], ["--only", ""]] {
      #expect(try command.run(arguments: ["study", "paw.tsv", "--out", "new"] + flags).status == 64)
    }
    #expect(!command.exists("new"))
  }

  @Test(
    "Bad data are refused, and nothing is written",
    arguments: [
      ["bad.tsv"], ["paw.tsv", "--labels", "twice.tsv"], ["paw.tsv", "--vectors", "bad.fvecs"],
      ["numbers.tsv", "--labels", "classes.tsv", "--features", "bad.mtx"],
      ["numbers.tsv", "--labels", "classes.tsv", "--features", "short.mtx"], ["negative.wel"],
    ])
  func refusals(arguments: [String]) throws {
    try command.write(pawText, to: "paw.tsv")
    try command.write("0\t1\n1\t2\n2\t0\n", to: "numbers.tsv")
    try command.write("0\ta\n1\tb\n2\ta\n", to: "classes.tsv")
    try command.write("1\t2\n3\n", to: "bad.tsv")
    try command.write("1 2 -1\n", to: "negative.wel")
    try command.write("1\ta\n1\tb\n", to: "twice.tsv")
    try command.write("no vectors", to: "bad.fvecs")
    try command.write("not a matrix\n", to: "bad.mtx")
    try command.write("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1\n", to: "short.mtx")
    let before = command.files
    let result = try command.run(arguments: ["study", "--out", "r"] + arguments)
    #expect(result.status == 65, "\(result.errors)")
    #expect(command.files == before)
  }

  @Test func usage() throws {
    try command.write(pawText, to: "paw.tsv")
    #expect(try command.run("study", "paw.tsv", "--features", "f.mtx", "--out", "r").status == 64)
    #expect(try command.run("study", "paw.tsv", "--metric", "cosine", "--out", "r").status == 64)
    #expect(try command.run("study", "absent.tsv", "--out", "r").status == 66)
    #expect(command.files == ["paw.tsv"])
    // A page that no study made.
    try FileManager.default.createDirectory(atPath: command.path("r"), withIntermediateDirectories: false)
    try command.write("mine", to: "r/report.html")
    #expect(try command.run("study", "paw.tsv", "--out", "r", "--only", "store").status == 73)
    #expect(try command.read("r/report.html") == "mine")
    #expect(try command.run("study", "paw.tsv", "--out", "r", "--only", "store", "--force").status == 0)
    #expect(try command.read("r/report.html") != "mine")
  }

  @Test("The same bytes for 1 and 2 threads without dates; with them only what is said to differ does")
  func determinism() throws {
    try writeRings()
    for (folder, threads) in [("a", "1"), ("b", "2"), ("c", "4")] {
      let result = try command.run(
        "study", "rings.tsv", "--out", folder, "--labels", "labels.tsv", "--undated", "--title", "Rings", "-t", threads)
      #expect(result.status == 0, "\(result.errors)")
    }
    for other in ["b", "c"] {
      #expect(try command.read("a/report.html") == command.read("\(other)/report.html"))
      #expect(try command.read("a/report.json") == command.read("\(other)/report.json"))
      for name in ["graph.gmg", "hierarchical.gms", "flat.gms", "communities.tsv", "neighbors.gmg"] {
        #expect(try command.bytes("a/files/\(name)") == command.bytes("\(other)/files/\(name)"), "\(name)")
      }
    }
    #expect(try !command.read("a/report.html").contains("dateline\">"))
    #expect(
      try command.run(arguments: ["study", "rings.tsv", "--out", "d", "--labels", "labels.tsv", "--title", "Rings"])
        .status == 0)
    let dated = try command.read("d/report.html")
    #expect(dated.contains("<p class=\"dateline\">20") && dated.contains("graphmill study rings.tsv"))
    let rest = dated.replacing(/<p class="dateline">[^\n]*\n/, with: "")
      .replacing(/<dl class="run">(?s:.*)<\/dl>\n/, with: "")
    #expect(try rest == command.read("a/report.html"))
  }

  @Test("Vectors are joined to nodes by their keys; labels and features add a ticket")
  func vectorsAndFeatures() throws {
    try writeRings()
    // Near on a line: the rings one after the other.
    var rows = "key,x,y\n"
    for ring in 0..<2 {
      for clique in 0..<6 { for node in 0..<6 { rows += "r\(ring)c\(clique)n\(node),\(10 * ring),\(clique)\n" } }
    }
    try command.write(rows, to: "places.csv")
    let result = try command.run(
      "study", "rings.tsv", "--out", "v", "--vectors", "places.csv", "--metric", "l2", "--only", "proximity,flow",
      "--json")
    #expect(result.status == 0, "\(result.errors)")
    let near = try #require(result.json["proximity"] as? [String: Any])
    #expect(near["nodes"] as? Int == 72 && (near["curve"] as? [[String: Any]])?.count == 5)
    let flow = try #require(result.json["flow"] as? [String: Any])
    #expect(flow["common_nodes"] as? Int == 72)
    #expect(try #require(flow["across_ami"] as? Double) > 0.3)

    // Numbered nodes, two classes that their one feature tells apart.
    var edges = ""
    var classes = ""
    var matrix = "%%MatrixMarket matrix coordinate real general\n60 2 60\n"
    for node in 0..<60 {
      edges += "\(node)\t\((node + 2) % 60)\n"
      classes += "\(node)\t\(node % 2 == 0 ? "even" : "odd")\n"
      matrix += "\(node + 1) \(node % 2 + 1) 1\n"
    }
    for (text, name) in [(edges, "ring.tsv"), (classes, "classes.tsv"), (matrix, "parity.mtx")] {
      try command.write(text, to: name)
    }
    let learnt = try command.run(
      "study", "ring.tsv", "--out", "l", "--labels", "classes.tsv", "--features", "parity.mtx", "--only", "learning",
      "--json")
    #expect(learnt.status == 0, "\(learnt.errors)")
    let learning = try #require(learnt.json["learning"] as? [String: Any])
    for network in ["dense", "ticket"] {
      #expect(try #require((learning[network] as? [String: Any])?["test"] as? Double) > 0.9)
    }
    try checkPage("l/report.html", sections: ["learning"])
  }

  @Test("Graphs with nothing to say are said to have nothing", arguments: ["# nothing\n", "1\t1\n", "1\t2\n"])
  func small(text: String) throws {
    try command.write(text, to: "small.el")
    let result = try command.run("study", "small.el", "--out", "s", "--json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.json["store"] != nil)
    #expect(try command.read("s/report.html").contains("</html>"))
  }

  @Test("A run that is stopped leaves no file")
  func interruption() throws {
    try command.write((0..<4000).map { "\($0)\t\($0 * 7919 % 4001)\n" }.joined(), to: "ring.tsv")
    let result = try command.run("study", "ring.tsv", "--out", "t", "--timeout", "0.05")
    #expect(result.status == 124, "\(result.errors)")
    #expect(!command.exists("t/report.html") && !command.exists("t/files/graph.gmg"))
  }
}
