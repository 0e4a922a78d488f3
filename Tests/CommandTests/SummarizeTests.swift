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
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: command.folder.appending(path: "bad.gms"))
    #expect(try command.run("restore", "bad.gms", "bad.gmg").status == 65)
    #expect(!command.exists("bad.gmg"))
    #expect(try command.run("restore", "g.tsv", "x.gmg").status == 65)
    #expect(try command.run("restore", "none.gms", "x.gmg").status == 66)
    #expect(try command.run("summarize", "g.tsv", "g.gms", "--iterations", "5").status == 73)
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
    #expect(try command.run("check", "back.gmg", "--against", "r.gmg").status == 0)
  }

  @Test("Directed, weighted, with loops and repeated edges: all of it comes back") func lossless() throws {
    try command.write("a b 1.5\nb a 2\na a 3\na b 1.5\nc b -1\n", to: "g.wel")
    let read = ["--directed", "--duplicates", "keep"]
    let flags = ["summarize", "g.wel", "g.gms", "--verify", "--json"] + read
    let result = try command.run(arguments: flags)
    #expect(result.status == 0 && result.json["verified"] as? Bool == true, "\(result.errors)")
    #expect(result.json["lossless"] as? Bool == true && result.json["edges"] as? Int == 2)
    let side = try #require(result.json["side_bits"] as? [String: Int])
    #expect(
      Set(side.keys) == ["loops", "directions", "multiplicities", "weights"] && side.values.allSatisfy { $0 > 0 })
    #expect(result.json["bits_per_edge"] is NSNumber && result.json["file_bits_per_edge"] is NSNumber)
    #expect(try command.run(arguments: ["convert", "g.wel", "g.gmg"] + read).status == 0)
    #expect(try command.run("restore", "g.gms", "back.gmg").status == 0)
    #expect(try command.run("check", "back.gmg", "--against", "g.gmg").status == 0)
    #expect(try command.run("check", "g.gms", "--against", "g.gmg").status == 0)
    // Text cannot hold them.
    let text = try command.run(arguments: ["summarize", "g.wel", "t", "--text"] + read)
    #expect(text.status == 0 || text.errors.contains("labels"), "\(text.errors)")
  }

  @Test("Text leaves out what it cannot hold: told, refused by --strict, and no input again") func textLoss() throws {
    try command.write("5 6\n6 7\n7 7\n", to: "g.el")
    let told = try command.run("summarize", "g.el", "t", "--text", "--verify", "--json")
    #expect(told.status == 1 && told.json["verified"] as? Bool == false && told.json["lossless"] as? Bool == false)
    #expect(told.errors.contains("1 self-loops"))
    #expect(try command.run("summarize", "g.el", "u", "--text", "--strict").status == 65)
    #expect(!command.exists("u.hierarchy.tsv"))
    #expect(try command.run("summarize", "g.el", "g.gms", "--verify", "--strict").status == 0)
  }

  @Test("info and check know summaries, indexes and arrays by their content") func kinds() throws {
    try writeBlocks()
    #expect(try command.run("summarize", "g.tsv", "summary.bin").status == 0)
    let info = try command.run("info", "summary.bin", "--json").json
    #expect(info["format"] as? String == "gms" && info["edges"] as? Int == 552 && info["directed"] as? Bool == false)
    #expect(try command.run("info", "summary.bin").output.contains("relative size"))
    #expect(try command.run("check", "summary.bin", "--json").json["valid"] as? Bool == true)
    #expect(try command.run("check", "summary.bin", "--against", "g.tsv").status == 0)
    #expect(try command.run("check", "g.tsv", "--against", "summary.bin").status == 0)

    // NumPy's own header of three rows of two numbers of 32 bits.
    var array: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"
    array += Array(header.utf8) + [UInt8](repeating: 32, count: 117 - header.utf8.count) + [10]
    array += (0..<6).flatMap { number in withUnsafeBytes(of: Float(number)) { Array($0) } }
    try Data(array).write(to: command.folder.appending(path: "v.npy"))
    let found = try command.run("info", "v.npy", "--json").json
    #expect(found["shape"] as? [Int] == [3, 2] && found["element"] as? String == "<f4")
    #expect(try command.run("check", "v.npy").status == 0)
    #expect(try command.run("knn", "build", "v.npy", "i.gmx").status == 0)
    let index = try command.run("info", "i.gmx", "--json").json
    #expect(index["format"] as? String == "gmx" && index["count"] as? Int == 3 && index["dimension"] as? Int == 2)
    #expect(try command.run("check", "i.gmx").output == "valid: proximity index\n")

    for name in ["summary.bin", "v.npy", "i.gmx"] {
      var bytes = try command.bytes(name)
      bytes.removeLast(2)
      try bytes.write(to: command.folder.appending(path: "short"))
      let verdict = try command.run("check", "short", "--json")
      #expect(verdict.status == 1 && verdict.json["valid"] as? Bool == false, "\(name)")
      #expect(try command.run("info", "short").status == 65)
    }
    #expect(try command.run("info", "v.npy", "--hash").status == 64)
    #expect(try command.run("check", "v.npy", "--against", "g.tsv").status == 64)
  }
}
