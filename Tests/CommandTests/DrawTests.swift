import Foundation
import Testing

@Suite struct DrawTests {
  private let command = try! Graphmill()

  init() throws {
    try command.write("((a:1,b:1)left:1,(c:1,(d:0.5,e:0.5)tail:0.5)right:1)all;\n", to: "t.nwk")
  }

  private func figures(_ arguments: String...) throws -> [String: Any] {
    let result = try command.run(arguments: arguments + ["--json", "--force"])
    #expect(result.status == 0, "\(result.errors)")
    return result.json
  }

  @Test("A Newick tree as nested polygons: figures, names, the same bytes for 1, 2 and 4 threads")
  func newick() throws {
    let json = try figures("draw", "t.nwk", "t.svg")
    #expect(json["leaves"] as? Int == 5 && json["nodes"] as? Int == 9 && json["depth"] as? Int == 3)
    #expect(json["cuts"] as? Int == 4 && json["collapsed"] as? Int == 0 && json["zero_weight"] as? Int == 0)
    #expect(json["aspect_worst"] as? Double ?? 99 < json["aspect_bound"] as? Double ?? 0)
    for key in ["aspect_median", "aspect_p99", "area_error", "directions", "vertices_max", "binary_depth"] {
      #expect(json[key] is NSNumber, "\(key)")
    }
    let svg = try command.read("t.svg")
    for name in ["a", "e", "left", "right"] { #expect(svg.contains(">\(name)</text>"), "\(name)") }
    #expect(svg.contains("<title>5 leaves</title>") && !svg.contains("nan"))
    for threads in ["1", "2", "4"] {
      #expect(try command.run("draw", "t.nwk", "u.svg", "--threads", threads, "--force").status == 0)
      #expect(try command.read("u.svg") == svg)
    }
  }

  @Test("Trees of communities in three forms, and the forest of a summary")
  func forms() throws {
    try command.run("generate", "sbm", "g.gmg", "--nodes", "200", "--ratio", "0.1", "--labels", "truth.tsv")
    #expect(try command.run("summarize", "g.gmg", "g.gms").status == 0)
    for ending in ["json", "nwk", "tsv"] {
      #expect(
        try command.run("communities", "g.gmg", "--method", "paris", "--tree", "t.\(ending)", "--force").status == 0)
      let json = try figures("draw", "t.\(ending)", "\(ending).svg", "--truth", "truth.tsv", "--aspect", "1")
      #expect(json["leaves"] as? Int == 200, "\(ending)")
      let svg = try command.read("\(ending).svg")
      #expect(
        svg.contains("<path fill=\"#0b7285\" fill-opacity") && svg.contains("<path fill=\"#d9480f\" fill-opacity"))
    }
    #expect(try figures("draw", "g.gms", "s.svg", "--layout", "organic")["leaves"] as? Int == 200)
    #expect(try command.run("compare", "t.json", "t.nwk", "--what", "trees", "--expect", "0.99").status == 0)
  }

  @Test("--weight, --max-depth, --polygons, --labels, --title, --width, --gap")
  func options() throws {
    try command.write("a\t3\nb\t1\nc\t2\nd\t1\ne\t1\n", to: "w.tsv")
    try command.write("a\tfirst & last\n", to: "names.tsv")
    _ = try figures(
      "draw", "t.nwk", "t.svg", "--weight", "w.tsv", "--max-depth", "1", "--polygons", "p.tsv", "--aspect", "2",
      "--labels", "names.tsv", "--layout", "polygons")
    let rows = try command.read("p.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(rows.map { String($0[0]) } == ["6", "7", "8"])
    #expect(rows.map { Double($0[2]) } == [4, 4, 8] && rows.map { Double($0[3]) } == [1, 1, 2])
    #expect(rows[2][5] == "0,0 2,0 2,1 0,1" && rows[2][1] == "0" && rows[2][4] == "2.5")
    let manifest = try command.json("t.svg.manifest.json")
    let options = try #require(manifest["options"] as? [String: Any])
    #expect(options["weight"] as? String == "input 3" && options["layout"] as? String == "polygons")

    _ = try figures(
      "draw", "t.nwk", "n.svg", "--labels", "names.tsv", "--title", "My <tree>", "--width", "300", "--gap", "2")
    let svg = try command.read("n.svg")
    #expect(svg.contains("<title>My &lt;tree&gt;</title>") && svg.contains(">first &amp; last</text>"))
    #expect(svg.contains("viewBox=\"0 0 332.00 246.00\""))
    #expect(try figures("draw", "t.nwk", "l.svg", "--weight", "leaves")["leaves"] as? Int == 5)
    try command.write("a\t3\nb\t1\n", to: "few.tsv")
    let few = try command.run("draw", "t.nwk", "f.svg", "--weight", "few.tsv", "--json")
    #expect(few.json["zero_weight"] as? Int == 5 && few.errors.contains("3 of 5 leaves have no weight"))
  }

  @Test(
    "Every layout draws",
    arguments: ["polygons", "organic", "angular", "greedy", "squarified", "strip", "slice", "binary"])
  func layouts(name: String) throws {
    let json = try figures("draw", "t.nwk", "t.svg", "--layout", name)
    #expect(json["layout"] as? String == name && json["aspect_worst"] as? Double ?? 0 >= 2)
    #expect((json["aspect_bound"] is NSNull) == !["polygons", "organic", "angular"].contains(name))
  }

  @Test("Pixels where the machine has a program for them, else exit 69 and nothing written")
  func pixels() throws {
    let result = try command.run("draw", "t.nwk", "t.png")
    if result.status == 0 {
      #expect(try command.bytes("t.png").starts(with: [0x89, 0x50, 0x4e, 0x47]))
    } else {
      #expect(result.status == 69 && result.errors.contains("hint: install") && !command.exists("t.png"))
    }
    let none = try command.run("draw", "t.nwk", "none.png", environment: ["PATH": "/nonexistent"])
    #expect(none.status == 69 && !command.exists("none.png"), "\(none.errors)")
  }

  @Test(
    "A graph: containers by themselves, other files with --layout force; names of small ones; flags of trees refused")
  func graphs() throws {
    try command.run("generate", "sbm", "g.gmg", "--nodes", "300", "--ratio", "0.05", "--labels", "truth.tsv")
    let json = try figures("draw", "g.gmg", "g.svg", "--truth", "truth.tsv")
    #expect(json["nodes"] as? Int == 300 && json["layout"] as? String == "force" && json["groups"] as? Int == 2)
    #expect(json["stress"] as? Double ?? 1 < 0.2 && json["rounds"] as? Int ?? 0 > 0)
    let svg = try command.read("g.svg")
    #expect(svg.contains("stroke=\"#0b7285\"") && svg.contains("stroke-opacity") && !svg.contains("nan"))
    for threads in ["1", "2", "4"] {
      #expect(
        try command.run("draw", "g.gmg", "h.svg", "--truth", "truth.tsv", "--threads", threads, "--force").status == 0)
      #expect(try command.read("h.svg") == svg)
    }
    try command.write("ann bob\nbob cy\ncy ann\nann dan\n", to: "e.txt")
    try command.write("ann\tAnn & Co\n", to: "names.tsv")
    let small = try figures(
      "draw", "e.txt", "e.svg", "--layout", "force", "--labels", "names.tsv", "--positions", "p.tsv")
    #expect(try command.read("p.tsv").split(separator: "\n").map { $0.split(separator: "\t").count } == [3, 3, 3, 3])
    #expect(try command.run("draw", "t.nwk", "f.svg", "--positions", "q.tsv").status == 64)
    #expect(small["nodes"] as? Int == 4 && small["edges"] as? Int == 4 && small["components"] as? Int == 1)
    let named = try command.read("e.svg")
    #expect(named.contains(">Ann &amp; Co</text>") && named.contains(">dan</text>"))
    #expect(try command.run("draw", "e.txt", "f.svg", "--layout", "force", "--gap", "1").status == 64)
    try command.write("0 1\n1 x\n", to: "bad.txt")
    let bad = try command.run("draw", "bad.txt", "f.svg", "--layout", "force", "--ids", "compact")
    #expect(bad.status == 65 && bad.errors.contains("bad.txt:2:") && !command.exists("f.svg"))
  }

  @Test("Bad trees and weights: exit 65 with file and line, nothing written")
  func badInput() throws {
    try command.write("(a,\n(b,c);\n", to: "open.nwk")
    try command.write("{\"leaves\": 2,\n \"nodes\": [}\n", to: "broken.json")
    try command.write("{\"leaves\": 2, \"nodes\": []}\n", to: "empty.json")
    try command.write("0\t1\t0.5\t2\n2\t2\t0.7\t4\n", to: "twice.tsv")
    try command.write("a\t1\nb\t-1\n", to: "negative.tsv")
    try command.write("a\t1\nb\tnan\n", to: "nan.tsv")
    try command.write("a\t1e308\nb\t1e308\n", to: "huge.tsv")
    try command.write("a\t0\n", to: "zero.tsv")
    try command.run("generate", "er", "g.gmg", "--nodes", "20", "--edges", "40")
    let made = try command.shell(
      "head -c 60 g.gmg > cut.gmg; graphmill summarize g.gmg g.gms; head -c 80 g.gms > cut.gms")
    #expect(made.status == 0)
    let before = command.files
    for (arguments, place) in [
      (["open.nwk"], "open.nwk:2:"), (["broken.json"], "broken.json:2:"), (["empty.json"], "empty.json:"),
      (["twice.tsv"], "twice.tsv:2:"), (["g.gmg", "--layout", "polygons"], "g.gmg: a graph container is no tree"),
      (["cut.gms"], "cut.gms:"),
      (["t.nwk", "--weight", "negative.tsv"], "negative.tsv:2:"), (["t.nwk", "--weight", "nan.tsv"], "nan.tsv:2:"),
      (["t.nwk", "--weight", "huge.tsv"], "huge.tsv: "), (["t.nwk", "--weight", "zero.tsv"], "zero.tsv: all weights"),
    ] {
      let result = try command.run(arguments: ["draw", arguments[0], "out.svg"] + arguments.dropFirst())
      #expect(result.status == 65 && result.errors.contains("error: \(place)"), "\(arguments) \(result.errors)")
      #expect(command.files == before, "\(arguments)")
    }
    #expect(try command.run("draw", "absent.nwk", "out.svg").status == 66)
    for arguments in [
      ["--aspect", "0"], ["--width", "10"], ["--gap", "-1"], ["--max-depth", "-1"], ["--layout", "round"],
    ] {
      #expect(try command.run(arguments: ["draw", "t.nwk", "out.svg"] + arguments).status == 64, "\(arguments)")
    }
    #expect(try command.run("draw", "t.nwk", "out.gif").status == 64 && command.files == before)
  }
}
