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
  }

  @Test func refusals() throws {
    try points()
    #expect(try command.run("knn", "build", "points.txt", "x.gmx", "--metric", "hamming").status == 64)
    #expect(try command.run("knn", "build", "points.txt", "x.gmx", "--quantize", "u7").status == 64)
    #expect(try command.run("knn", "build", "missing.txt", "x.gmx").status == 66)
    try command.write("1 2\n3 x\n", to: "bad.txt")
    #expect(try command.run("knn", "build", "bad.txt", "x.gmx").status == 65)
    #expect(try command.run("knn", "search", "points.txt", "points.txt", "out.tsv").status == 65)
  }
}
