import Foundation
import Testing

@Suite struct KnnTests {
  private let command = try! Graphmill()

  /// 300 points on a grid, as text.
  private func points() throws {
    let lines = (0..<300).map { "\($0 % 20) \($0 / 20) \($0 % 7)" }
    try command.write(lines.joined(separator: "\n") + "\n", to: "points.txt")
  }

  @Test func buildSearchAndCheck() throws {
    try points()
    let built = try command.run("knn", "build", "points.txt", "a.gmx", "--json", "--threads", "2").json
    #expect(built["count"] as? Int == 300)
    #expect(built["dimension"] as? Int == 3)
    #expect(built["unreachable"] as? Int == 0)
    try command.run("knn", "build", "points.txt", "b.gmx", "--threads", "1")
    #expect(try command.bytes("a.gmx") == command.bytes("b.gmx"))
    let found = try command.run(
      "knn", "search", "a.gmx", "points.txt", "found.tsv", "--k", "2", "--no-exact", "--json")
    #expect(found.json["queries"] as? Int == 300)
    let lines = String(decoding: try command.bytes("found.tsv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 600)
    #expect(lines[0] == "0\t0\t0\t0.0")
    try command.run("knn", "search", "a.gmx", "points.txt", "truth.ivecs", "--k", "5", "--exact")
    let scored = try command.run(
      "knn", "search", "a.gmx", "points.txt", "again.ivecs", "--k", "5", "--truth", "truth.ivecs", "--json")
    #expect(scored.json["recall"] as? Double == 1)
    #expect(try command.run("knn", "check", "a.gmx", "--json").json["valid"] as? Bool == true)
    var bytes = try command.bytes("a.gmx")
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: command.folder.appending(path: "damaged.gmx"))
    #expect(try command.run("knn", "check", "damaged.gmx").status == 1)
  }

  @Test func graphs() throws {
    try points()
    try command.run("knn", "build", "points.txt", "a.gmx")
    let vectors = try command.run("knn", "graph", "a.gmx", "near.gmg", "--k", "4", "--json").json
    #expect(vectors["nodes"] as? Int == 300)
    #expect((vectors["edges"] as? Int ?? 0) >= 600)
    try command.write(pawText, to: "paw.txt")
    let nodes = try command.run("knn", "graph", "paw.txt", "same.gmg", "--k", "2", "--json").json
    #expect(nodes["nodes"] as? Int == 5)
    // 40 vectors of one byte, straight from the file, by either method.
    try Data((0..<40).flatMap { [1, 0, 0, 0, UInt8($0 * $0 % 251)] }).write(
      to: command.folder.appending(path: "v.bvecs"))
    for method in ["hnsw", "nsw"] {
      try command.run("knn", "graph", "v.bvecs", "\(method).gmg", "--k", "3", "--method", method)
    }
    #expect(try command.bytes("hnsw.gmg") == command.bytes("nsw.gmg"))
  }

  @Test func flatIndex() throws {
    try points()
    let built = try command.run(
      "knn", "build", "points.txt", "a.gmx", "--method", "nsw", "--links", "6", "--json", "--threads", "2")
    for (key, value) in ["count": 300, "dimension": 3, "unreachable": 0, "links": 6 * 300 - 21] {
      #expect(built.json[key] as? Int == value, "\(key)")
    }
    #expect(built.json["method"] as? String == "nsw")
    #expect(built.json["levels"] as? [Int] == [300])
    #expect(built.json["bytes"] as? Int == (try command.bytes("a.gmx").count))
    #expect((built.json["distance_computations"] as? Int ?? 0) > 300 * 6)
    let options = try #require(command.json("a.gmx.manifest.json")["options"] as? [String: Any])
    #expect(options["links"] as? Int == 6 && options["restarts"] as? Int == 4)
    #expect(options["shuffle"] as? Bool == true && options["m"] is NSNull)
    try command.run(
      "knn", "build", "points.txt", "b.gmx", "--method", "nsw", "--links", "6", "--threads", "1", "--restarts", "4")
    #expect(try command.bytes("a.gmx") == command.bytes("b.gmx"))
    try command.run("knn", "build", "points.txt", "c.gmx", "--method", "nsw", "--links", "6", "--no-shuffle")
    #expect(try command.bytes("a.gmx") != command.bytes("c.gmx"))
    try command.run("knn", "search", "a.gmx", "points.txt", "truth.ivecs", "--k", "5", "--exact")
    var last = 0
    for flags in [["--restarts", "1"], ["--restarts", "20"], ["--restarts", "20", "--ef", "40", "--no-mmap"]] {
      let found = try command.run(
        arguments: ["knn", "search", "a.gmx", "points.txt", "found.ivecs", "--k", "5", "--no-exact", "--force"]
          + ["--truth", "truth.ivecs", "--json"] + flags)
      let cost = try #require(found.json["distance_computations"] as? Int)
      #expect(cost > last)
      last = cost
      #expect(found.json["queries"] as? Int == 300)
      if flags.count > 2 { #expect(found.json["recall"] as? Double ?? 0 > 0.99) }
    }
    try command.write("0\n7\n250\n", to: "allowed.txt")
    try command.run("knn", "search", "a.gmx", "points.txt", "few.tsv", "--k", "5", "--filter", "allowed.txt")
    let few = try command.read("few.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(few.count == 900 && Set(few.map { $0[2] }) == ["0", "7", "250"])
    let checked = try command.run("knn", "check", "a.gmx", "--json").json
    #expect(checked["valid"] as? Bool == true && checked["unreachable"] as? Int == 0)
    #expect(checked["method"] as? String == "nsw" && checked["links"] as? Int == 1779)
    let graph = try command.run("knn", "graph", "a.gmx", "near.gmg", "--k", "4", "--restarts", "2", "--json").json
    #expect(graph["nodes"] as? Int == 300 && graph["edges"] as? Int ?? 0 >= 600)
    var bytes = try command.bytes("a.gmx")
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: command.folder.appending(path: "damaged.gmx"))
    #expect(try command.run("knn", "check", "damaged.gmx").status == 1)
  }

  @Test(
    "Flags of the other method are refused by name",
    arguments: [
      ["build", "p.txt", "x.gmx", "--method", "nsw", "--m", "16"],
      ["build", "p.txt", "x.gmx", "--method", "nsw", "--ef-construction", "200"],
      ["build", "p.txt", "x.gmx", "--method", "nsw", "--level-scale", "0"],
      ["build", "p.txt", "x.gmx", "--method", "nsw", "--repair", "full"],
      ["build", "p.txt", "x.gmx", "--method", "nsw", "--no-keep-pruned"],
      ["build", "p.txt", "x.gmx", "--method", "nsw", "--sequential"],
      ["build", "p.txt", "x.gmx", "--method", "nsw", "--quantize", "u8"],
      ["build", "p.txt", "x.gmx", "--method", "nsw", "--reorder"],
      ["build", "p.txt", "x.gmx", "--links", "16"], ["build", "p.txt", "x.gmx", "--restarts", "4"],
      ["search", "nsw.gmx", "p.txt", "x.tsv", "--rerank", "1"],
      ["search", "hnsw.gmx", "p.txt", "x.tsv", "--restarts", "4"],
      ["graph", "hnsw.gmx", "x.gmg", "--restarts", "4"], ["graph", "p.txt", "x.gmg", "--method", "nsw"],
    ])
  func flagsOfTheOther(arguments: [String]) throws {
    try command.write("1 2\n3 4\n5 6\n", to: "p.txt")
    for method in ["hnsw", "nsw"] { try command.run("knn", "build", "p.txt", "\(method).gmx", "--method", method) }
    let before = command.files
    let result = try command.run(arguments: ["knn"] + arguments)
    #expect(result.status == 64, "\(result.errors)")
    let flag = arguments.last { $0.hasPrefix("--") } ?? ""
    #expect(result.errors.contains("'\(flag)") && result.errors.contains(" is for "), "\(result.errors)")
    #expect(command.files == before)
  }

  @Test func refusals() throws {
    try points()
    #expect(try command.run("knn", "build", "points.txt", "x.gmx", "--metric", "hamming").status == 64)
    #expect(try command.run("knn", "build", "points.txt", "x.gmx", "--quantize", "u7").status == 64)
    #expect(try command.run("knn", "build", "points.txt", "x.gmx", "--method", "nws").status == 64)
    #expect(try command.run("knn", "build", "points.txt", "x.gmx", "--method", "nsw", "--links", "0").status == 64)
    #expect(try command.run("knn", "build", "missing.txt", "x.gmx").status == 66)
    try command.write("1 2\n3 x\n", to: "bad.txt")
    #expect(try command.run("knn", "build", "bad.txt", "x.gmx").status == 65)
    #expect(try command.run("knn", "search", "points.txt", "points.txt", "out.tsv").status == 65)
  }
}
