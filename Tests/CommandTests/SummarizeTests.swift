import Foundation
import Testing

@Suite struct SummarizeCommandTests {
  private let command = try! Graphmill()

  /// Blocks of ten nodes, all joined inside, each to the next by one edge; and two labels.
  private func writeBlocks() throws {
    var text = ""
    for block in 0..<12 {
      for u in 0..<10 { for v in 0..<u { text += "\(100 * block + u)\t\(100 * block + v)\n" } }
      text += "\(100 * block)\t\(100 * ((block + 1) % 12) + 1)\n"
    }
    try command.write(text, to: "g.tsv")
  }

  @Test func roundTrip() throws {
    try writeBlocks()
    let result = try command.run("summarize", "g.tsv", "g.gms", "--verify", "--json", "--log", "rounds.jsonl")
    #expect(result.status == 0, "\(result.errors)")
    let json = result.json
    let cost = try #require(json["cost"] as? Int)
    #expect(cost < 200 && json["edges"] as? Int == 552 && json["verified"] as? Bool == true)
    let parts = ["p_edges", "n_edges", "h_edges"].map { json[$0] as? Int ?? 0 }
    #expect(parts.reduce(0, +) == cost)
    #expect(json["relative_size"] as? Double == Double(cost) / 552)
    #expect(json["bytes"] as? Int == (try command.bytes("g.gms").count))
    for key in ["memberships", "bits_per_edge", "supernodes", "height"] { #expect(json[key] is NSNumber, "\(key)") }
    #expect((json["iterations_log"] as? [[String: Any]])?.count == 20)
    #expect(try command.read("rounds.jsonl").split(separator: "\n").count == 20)
    #expect(command.exists("g.gms.manifest.json"))
    #expect(try command.run("restore", "g.gms", "back.gmg").status == 0)
    #expect(try command.run("check", "back.gmg", "--against", "g.tsv").status == 0)
    let piped = try command.shell("graphmill restore g.gms - | graphmill check - --against g.tsv")
    #expect(piped.status == 0, "\(piped.errors)")
  }

  @Test("1, 2 and 4 threads write the same bytes") func threads() throws {
    try writeBlocks()
    for threads in ["1", "2", "4"] {
      #expect(try command.run("summarize", "g.tsv", "t\(threads).gms", "-t", threads).status == 0)
    }
    #expect(try command.bytes("t1.gms") == command.bytes("t2.gms"))
    #expect(try command.bytes("t1.gms") == command.bytes("t4.gms"))
  }

  @Test func textFiles() throws {
    try writeBlocks()
    #expect(try command.run("summarize", "g.tsv", "s", "--text", "--verify").status == 0)
    #expect(try command.run("restore", "s", "a.gmg", "--text").status == 0)
    #expect(
      try command.run(
        "restore", "any", "b.gmg", "--hierarchy", "s.hierarchy.tsv", "--positive", "s.positive.tsv", "--negative",
        "s.negative.tsv"
      ).status == 0)
    #expect(try command.run("check", "a.gmg", "--against", "b.gmg").status == 0)
    #expect(try command.run("check", "a.gmg", "--against", "g.tsv").status == 0)
  }

  @Test("A summary answers as the graph does") func queries() throws {
    try writeBlocks()
    try command.run("summarize", "g.tsv", "g.gms")
    for arguments in [
      ["neighbors", "--node", "300"], ["degree", "--node", "101"], ["triangles"], ["bfs", "--source", "5"],
      ["hasedge", "--node", "0", "--other", "101"], ["hasedge", "--node", "0", "--other", "102"],
    ] {
      let line = arguments.joined(separator: " ")
      let one = try command.shell("graphmill query g.gms \(line)")
      let other = try command.shell("graphmill query g.tsv \(line)")
      #expect(one.status == other.status && one.output == other.output, "\(line): \(one.errors)")
    }
    #expect(try command.run("query", "g.gms", "degree", "--node", "101").output == "10\n")
    #expect(try command.run("query", "g.gms", "triangles").output == "1440\n")
    #expect(try command.run("query", "g.gms", "hasedge", "--node", "0", "--other", "102").status == 1)
    #expect(try command.run("query", "g.gms", "pagerank").outputLines.count == 120)
    #expect(try command.run("query", "g.gms", "degree", "--node", "77").status == 64)
    #expect(try command.run("query", "g.gms", "degree").status == 64)
  }

  @Test func models() throws {
    try writeBlocks()
    let flat = try command.run("summarize", "g.tsv", "f.gms", "--model", "flat", "--verify", "--json")
    #expect(flat.status == 0 && flat.json["height"] as? Int == 1 && flat.json["verified"] as? Bool == true)
    let plain = try command.run("summarize", "g.tsv", "p.gms", "--published", "--verify", "--json")
    #expect(plain.status == 0 && plain.json["verified"] as? Bool == true)
    let low = try command.run(
      "summarize", "g.tsv", "l.gms", "--height-limit", "2", "--prune", "1", "--threshold", "slugger", "--json")
    #expect(try #require(low.json["height"] as? Int) <= 2)
    #expect((low.json["steps"] as? [[String: Any]])?.compactMap { $0["step"] as? String } == ["merge", "useless"])
  }

  @Test("Bad files and flags end with the right code, and nothing is written") func refusals() throws {
    try writeBlocks()
    #expect(try command.run("summarize", "g.tsv", "g.gms").status == 0)
    var bytes = try command.bytes("g.gms")
    bytes[4200] ^= 1
    try bytes.write(to: command.folder.appending(path: "bad.gms"))
    #expect(try command.run("restore", "bad.gms", "bad.gmg").status == 65)
    #expect(!command.exists("bad.gmg"))
    #expect(try command.run("restore", "g.tsv", "x.gmg").status == 65)
    #expect(try command.run("restore", "none.gms", "x.gmg").status == 66)
    #expect(try command.run("summarize", "g.tsv", "g.gms").status == 73)
    #expect(try command.run("summarize", "g.tsv", "y.gms", "--prune", "5").status == 64)
    #expect(try command.run("summarize", "g.tsv", "y.gms", "--group-cap", "1").status == 64)
    #expect(!command.exists("y.gms"))
  }

  @Test("An interrupted run hands over what it has, its log, and tells its progress") func interruption() throws {
    #expect(try command.run("generate", "rmat", "r.gmg", "--nodes", "16384", "--edges", "120k").status == 0)
    let run = try command.start(
      "summarize", "r.gmg", "r.gms", "--iterations", "100000", "--log", "rounds.jsonl", "--progress", "json")
    try run.waitForError("\"note\":\"cost ")
    kill(run.process.processIdentifier, SIGINT)
    let result = try run.wait()
    #expect(result.status == 130, "\(result.errors)")
    #expect(result.errors.contains("\"note\":\"cost "))
    let rounds = try command.read("rounds.jsonl").split(separator: "\n").map { parseJSON(String($0)) }
    #expect(!rounds.isEmpty && rounds.count < 100_000)
    #expect(rounds.compactMap { $0["iteration"] as? Int } == Array(1...max(1, rounds.count)))
    let costs = rounds.compactMap { $0["cost"] as? Int }
    #expect(costs.count == rounds.count && zip(costs, costs.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(try command.run("restore", "r.gms", "back.gmg").status == 0)
    #expect(try command.run("convert", "r.gmg", "simple.gmg", "--loops", "drop").status == 0)
    #expect(try command.run("check", "back.gmg", "--against", "simple.gmg").status == 0)
  }
}
