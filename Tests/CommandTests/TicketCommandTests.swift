import Foundation
import Testing

@Suite struct TicketCommandTests {
  private let command = try! Graphmill()

  /// Two cliques of eight with a bridge, a word a clique and one that all have; classes by clique.
  private func writeFolder(_ name: String = "data") throws {
    try FileManager.default.createDirectory(at: command.folder.appending(path: name), withIntermediateDirectories: true)
    var edges = "0\t8\n"
    for clique in [0, 8] {
      for u in 0..<8 { for v in u + 1..<8 { edges += "\(clique + u)\t\(clique + v)\n" } }
    }
    try command.write(edges, to: "\(name)/edges.tsv")
    var features = "%%MatrixMarket matrix coordinate pattern general\n16 3 32\n"
    for node in 0..<16 { features += "\(node + 1) 3\n\(node + 1) \(node < 8 ? 1 : 2)\n" }
    try command.write(features, to: "\(name)/features.mtx")
    try command.write((0..<16).map { "\($0)\t\($0 < 8 ? "red" : "blue")\n" }.joined(), to: "\(name)/labels.tsv")
    try command.write(
      [0, 1, 8, 9].map { "\($0)\ttrain\n" }.joined() + [2, 3, 10].map { "\($0)\tval\n" }.joined()
        + [4, 5, 11, 12].map { "\($0)\ttest\n" }.joined(), to: "\(name)/splits.tsv")
  }

  private let small = [
    "--hidden", "32", "--epochs", "60", "--rate", "0.03", "--scaling", "none", "--lambda", "0.5", "--rounds", "1,5",
    "--seeds", "1..2", "--json",
  ]

  @Test("A sweep: a row a round and seed in table and JSON, round 0 the dense network")
  func sweep() throws {
    try writeFolder()
    let result = try command.run(arguments: ["ticket", "data", "rounds.tsv", "--save", "best.gmt"] + small)
    #expect(result.status == 0, "\(result.errors)")
    let rounds = try #require(result.json["rounds"] as? [[String: Any]])
    #expect(rounds.map { $0["round"] as? Int } == [0, 1, 5, 0, 1, 5])
    #expect(rounds.map { $0["seed"] as? Int } == [1, 1, 1, 2, 2, 2])
    for round in rounds {
      #expect(try #require(round["test"] as? Double) >= 0.75 && round["val"] is Double, "\(round)")
      #expect(round["seconds"] is Double && round["epoch"] is Int)
    }
    #expect(abs((rounds[2]["edge_share"] as? Double ?? 0) - 12.0 / 57) < 1e-12)
    #expect((rounds[2]["weight_share"] as? Double ?? 0) >= 0.409)
    #expect((result.json["summary"] as? [[String: Any]])?.count == 3)
    let lines = try command.read("rounds.tsv").split(separator: "\n")
    #expect(lines.count == 9 && lines[2] == "round\tseed\tedge_share\tweight_share\ttest\tval\tepoch")
    #expect(lines[0].hasPrefix("# ticket {") && lines[1].hasPrefix("# graph "))
    let info = try command.run("info", "best.gmt", "--json").json
    #expect(info["format"] as? String == "gmt" && info["model"] as? String == "gcn" && info["nodes"] as? Int == 16)
    #expect(try command.run("check", "best.gmt", "--json").json["valid"] as? Bool == true)
    // The word 'train' may be left out or said; the same run gives the same bytes.
    let again = try command.run(
      arguments: ["ticket", "train", "data", "again.tsv", "--save", "again.gmt", "--threads", "1"] + small)
    #expect(again.status == 0)
    #expect(try command.bytes("again.tsv") == command.bytes("rounds.tsv"))
    #expect(try command.bytes("again.gmt") == command.bytes("best.gmt"))
  }

  @Test("The same ticket from all kernels", arguments: ["scalar", "avx2", "avx512", "neon"])
  func kernels(name: String) throws {
    try writeFolder()
    for (file, environment) in [("a", [:]), ("b", ["GRAPHMILL_KERNELS": name])] {
      let result = try command.run(
        "ticket", "data", "\(file).tsv", "--save", "\(file).gmt", "--hidden", "9", "--epochs", "12", "--rounds", "3",
        "--seeds", "1", "--model", "gat", "--heads", "3", environment: environment)
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try command.bytes("a.gmt") == command.bytes("b.gmt"))
  }

  @Test("Predictions on the ticket's graph and on another one")
  func prediction() throws {
    try writeFolder()
    try command.run(arguments: ["ticket", "data", "rounds.tsv", "--save", "best.gmt"] + small)
    let own = try command.run("ticket", "predict", "best.gmt", "data", "classes.tsv", "--json")
    #expect(own.status == 0, "\(own.errors)")
    #expect(own.json["accuracy"] as? Double ?? 0 > 0.8 && own.json["used_kept_edges"] as? Bool == true)
    #expect(own.json["multiplications"] as? Int ?? 99999 < own.json["dense_multiplications"] as? Int ?? 0)
    let rows = try command.read("classes.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(rows.count == 16 && rows.allSatisfy { $0.count == 3 && ["blue", "red"].contains($0[1]) })
    try writeFolder("other")
    try command.write("0\t1\n14\t15\n", to: "other/edges.tsv")
    for name in ["labels", "splits"] {
      try FileManager.default.removeItem(at: command.folder.appending(path: "other/\(name).tsv"))
    }
    let other = try command.run("ticket", "predict", "best.gmt", "other", "-", "--json", "--report", "r.json")
    #expect(other.status == 0 && other.output.split(separator: "\n").count == 16)
    let report = try command.json("r.json")
    #expect(report["used_kept_edges"] as? Bool == false && report["accuracy"] is NSNull)
    let kept = try command.run("ticket", "predict", "best.gmt", "other", "-", "--edges", "kept")
    #expect(kept.status == 0)
    try command.write("%%MatrixMarket matrix coordinate pattern general\n16 4 1\n1 1\n", to: "other/features.mtx")
    #expect(try command.run("ticket", "predict", "best.gmt", "other", "-").status == 65)
    #expect(try command.run("ticket", "predict", "data/edges.tsv", "data", "-").status == 65)
  }

  @Test("A run goes on behind the rounds of its checkpoint, and refuses one of other settings")
  func checkpoint() throws {
    try writeFolder()
    let whole = try command.run(arguments: ["ticket", "data", "whole.tsv"] + small)
    #expect(whole.status == 0)
    let lines = try command.read("whole.tsv").split(separator: "\n")
    try command.write(lines.prefix(6).joined(separator: "\n") + "\n", to: "done")
    let resumed = try command.run(
      arguments: ["ticket", "data", "resumed.tsv", "--checkpoint", "done", "-v"] + small)
    #expect(resumed.status == 0 && resumed.errors.contains("3 rounds are done already"), "\(resumed.errors)")
    #expect(try command.bytes("resumed.tsv") == command.bytes("whole.tsv"))
    #expect(try command.bytes("done") == command.bytes("whole.tsv"))
    let other = try command.run(
      arguments: ["ticket", "data", "other.tsv", "--checkpoint", "done"] + small + ["--lambda", "1"])
    #expect(other.status == 64 && !command.exists("other.tsv"))
    try command.write(lines.prefix(3).joined(separator: "\n") + "\nnot a row\n", to: "done")
    #expect(
      try command.run(arguments: ["ticket", "data", "other.tsv", "--checkpoint", "done"] + small).status == 65)
  }

  @Test("Every setting has its say")
  func settings() throws {
    try writeFolder()
    func table(_ more: String...) throws -> Data {
      let result = try command.run(
        arguments: [
          "ticket", "data", "t.tsv", "--force", "--hidden", "4", "--epochs", "3", "--rounds", "9", "--seeds", "3",
        ]
          + more)
      #expect(result.status == 0, "\(more): \(result.errors)")
      return try command.bytes("t.tsv")
    }
    let plain = try table()
    for more in [
      ["--edge-rate", "0.1"], ["--weight-rate", "0.02"], ["--rate", "0.5"], ["--weight-decay", "0.1"],
      ["--dropout", "0.2"], ["--scaling", "none"], ["--score", "reverse"], ["--model", "gin"], ["--model", "sage"],
      ["--model", "gat", "--heads", "2"], ["--dense-only"],
      ["--model", "sage", "--batch", "2"], ["--model", "sage", "--batch", "2", "--neighbors", "1,2"],
    ] {
      let result = try command.run(
        arguments: ["ticket", "data", "t.tsv", "--force", "--hidden", "4", "--epochs", "3", "--rounds", "9"]
          + ["--seeds", "3"] + more)
      #expect(result.status == 0, "\(more): \(result.errors)")
      #expect(try command.bytes("t.tsv") != plain, "\(more)")
    }
  }

  @Test("What cannot be is refused before any work")
  func refusals() throws {
    try writeFolder()
    for (line, status) in [
      ("--rounds 0", 64), ("--rounds 3..1", 64), ("--seeds x", 64), ("--edge-rate 1", 64), ("--weight-rate -0.5", 64),
      ("--model mlp", 64), ("--dropout 1", 64), ("--batch 4", 64), ("--model sage --batch 4 --neighbors 3", 64),
    ] as [(String, Int32)] {
      let words = line.split(separator: " ").map(String.init)
      // A value that begins with a dash is joined to its flag.
      let arguments = words[1].hasPrefix("-") ? ["\(words[0])=\(words[1])"] : words
      #expect(try command.run(arguments: ["ticket", "data", "t.tsv"] + arguments).status == status, "\(line)")
    }
    #expect(try command.run("ticket", "nowhere", "t.tsv").status == 66)
    try FileManager.default.removeItem(at: command.folder.appending(path: "data/splits.tsv"))
    let missing = try command.run("ticket", "data", "t.tsv")
    #expect(missing.status == 66 && missing.errors.contains("splits") && !command.exists("t.tsv"))
    try writeFolder()
    try command.write("0\ttrain\n8\ttrain\n0\tval\n", to: "data/splits.tsv")
    let twice = try command.run("ticket", "data", "t.tsv")
    #expect(twice.status == 65 && twice.errors.contains("splits.tsv:3"), "\(twice.errors)")
  }
}
