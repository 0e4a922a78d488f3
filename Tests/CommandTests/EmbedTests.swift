import Foundation
import Testing

@Suite struct EmbedTests {
  private let command = try! Graphmill()

  init() throws {
    try command.write("((a:1,b:1):3,(c:1,d:1):3);\n", to: "t.nwk")
  }

  private func figures(_ arguments: String...) throws -> [String: Any] {
    let result = try command.run(arguments: arguments + ["--json", "--force"])
    #expect(result.status == 0, "\(result.errors)")
    return result.json
  }

  @Test("By hand: two pairs; the same bytes for 1, 2 and 4 threads")
  func twoPairs() throws {
    let json = try figures("embed", "t.nwk", "p.tsv")
    #expect(abs((json["distortion"] as? Double ?? 0) - 1.0448154999) < 1e-9)
    #expect(json["lower_bound"] as? Double == 1 && json["spread"] as? Double == 4 && json["leaves"] as? Int == 4)
    #expect(json["sampled"] as? Bool == false && json["collapsed"] as? Int == 0 && json["pairs"] as? Int == 6)
    for key in ["scale", "correlation", "base", "rho"] { #expect(json[key] is NSNumber, "\(key)") }
    let rows = try command.read("p.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(rows.map { String($0[0]) } == ["a", "b", "c", "d"])
    #expect(abs((Double(rows[0][1]) ?? 0) - 5.7426406871) < 1e-9 && rows[0][1] == rows[1][1])
    let text = try command.read("p.tsv")
    for threads in ["1", "2", "4"] {
      #expect(try command.run("embed", "t.nwk", "q.tsv", "--threads", threads, "--force").status == 0)
      #expect(try command.read("q.tsv") == text)
    }
    #expect(try command.run("embed", "t.nwk", "p.csv").status == 0)
    #expect(try command.read("p.csv").hasPrefix("leaf,x1,x2\na,5.7"))
  }

  @Test("--dimensions, --height by rule and by file, --base, --rho, --tune")
  func options() throws {
    let space = try figures("embed", "t.nwk", "p.tsv", "--dimensions", "3", "--rho", "6", "--base", "3")
    #expect(space["dimensions"] as? Int == 3 && space["rho"] as? Double == 6 && space["base"] as? Double == 3)
    #expect(try command.read("p.tsv").split(separator: "\n")[0].split(separator: "\t").count == 4)
    #expect(try figures("embed", "t.nwk", "p.tsv", "--height", "levels")["spread"] as? Double == 2)
    try command.write("4\t2\n5\t1\n6\t10\n", to: "h.tsv")
    #expect(try figures("embed", "t.nwk", "p.tsv", "--height", "h.tsv")["spread"] as? Double == 10)
    let options = try #require(try command.json("p.tsv.manifest.json")["options"] as? [String: Any])
    #expect(options["height"] as? String == "input 2")
    let tuned = try figures("embed", "t.nwk", "p.tsv", "--tune")["distortion"] as? Double
    #expect(tuned ?? 9 <= 1.0448155)
    try command.run("generate", "sbm", "g.gmg", "--nodes", "120", "--ratio", "0.1")
    #expect(try command.run("communities", "g.gmg", "--method", "paris", "--tree", "p.json").status == 0)
    let paris = try figures("embed", "p.json", "paris.tsv", "--height", "inverse")
    #expect(paris["distortion"] as? Double ?? 0 >= paris["lower_bound"] as? Double ?? 1)
  }

  @Test("Heights above a parent's are raised and told, refused under --strict; bad heights: exit 65, nothing written")
  func badInput() throws {
    try command.write("4\t2\n5\t11\n6\t10\n", to: "above.tsv")
    let raised = try command.run("embed", "t.nwk", "p.tsv", "--height", "above.tsv", "--json")
    #expect(raised.json["raised"] as? Int == 1 && raised.errors.contains("higher than their parents"))
    try command.write("4\t2\n5\t-1\n6\t10\n", to: "negative.tsv")
    try command.write("4\t2\n99\t1\n", to: "strange.tsv")
    try command.write("4\t2\n5\t1\n", to: "missing.tsv")
    try command.write("4\t0\n5\t0\n6\t0\n", to: "zero.tsv")
    try command.write("4\t0\n5\t0\n6\tinf\n", to: "infinite.tsv")
    let before = command.files
    for (height, place) in [
      ("negative.tsv", "negative.tsv:2:"), ("strange.tsv", "strange.tsv:2:"), ("missing.tsv", "missing.tsv: a node"),
      ("zero.tsv", "zero.tsv: all heights"), ("infinite.tsv", "infinite.tsv:3:"),
    ] {
      let result = try command.run("embed", "t.nwk", "out.tsv", "--height", height)
      #expect(result.status == 65 && result.errors.contains("error: \(place)"), "\(height) \(result.errors)")
    }
    #expect(try command.run("embed", "t.nwk", "out.tsv", "--height", "above.tsv", "--strict").status == 65)
    for arguments in [["--dimensions", "9"], ["--dimensions", "0"], ["--rho", "2"], ["--base", "1"]] {
      #expect(try command.run(arguments: ["embed", "t.nwk", "out.tsv"] + arguments).status == 64, "\(arguments)")
    }
    #expect(try command.run("embed", "t.nwk", "out.json").status == 64)
    #expect(command.files == before)
  }
}
