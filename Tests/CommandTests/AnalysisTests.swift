import Foundation
import MillRuntime
import Testing

@Suite struct AnalysisTests {
  private let command = try! Graphmill()

  @Test func info() throws {
    try command.write(pawText, to: "paw.txt")
    let json = try command.run("info", "paw.txt", "--json", "--hash", "--degree-histogram").json
    #expect(json["min_degree"] as? Int == 1)
    #expect(json["max_degree"] as? Int == 3)
    #expect(json["mean_degree"] as? Double == 1.8)
    #expect(json["bytes"] as? Int == pawText.utf8.count)
    #expect((json["sha256"] as? String)?.count == 64)
    // The loop at 7 does not count.
    func mixed(_ u: UInt64, _ v: UInt64) -> UInt64 { CounterRandom.mix(CounterRandom.mix(u) &+ v) }
    let sum = mixed(1, 2) &+ mixed(2, 3) &+ mixed(1, 3) &+ mixed(3, 4)
    #expect((json["edge_sum"] as? String).flatMap { UInt64($0, radix: 16) } == sum)
    try command.write("b a\n", to: "names.txt")
    #expect(try command.run("info", "names.txt", "--json", "--hash").json["edge_sum"] is NSNull)
    let histogram = try #require(json["degree_histogram"] as? [[String: Int]])
    #expect(histogram == [["degree": 1, "nodes": 2], ["degree": 2, "nodes": 2], ["degree": 3, "nodes": 1]])
  }

  @Test func check() throws {
    try command.write(pawText, to: "paw.txt")
    try command.run("convert", "paw.txt", "paw.gmg")
    #expect(try command.run("check", "paw.gmg", "--deep").status == 0)
    let same = try command.run("check", "paw.txt", "--against", "paw.gmg", "--json")
    #expect(same.status == 0)
    #expect(same.json["valid"] as? Bool == true)
    #expect(same.json["equal"] as? Bool == true)
    #expect((same.json["differences"] as? [String])?.isEmpty == true)
    try command.write("1 2\n2 3\n", to: "path.txt")
    let other = try command.run("check", "path.txt", "--against", "paw.gmg", "--json")
    #expect(other.status == 1)
    #expect(other.json["equal"] as? Bool == false)
    #expect((other.json["differences"] as? [String])?.isEmpty == false)
  }

  @Test func checkFindsDamage() throws {
    try command.write(pawText, to: "paw.txt")
    try command.run("convert", "paw.txt", "paw.gmg")
    var bytes = try command.bytes("paw.gmg")
    bytes[bytes.count - 1] ^= 0x40
    try bytes.write(to: command.folder.appending(path: "damaged.gmg"))
    let result = try command.run("check", "damaged.gmg", "--deep", "--json")
    #expect(result.status == 1)
    #expect(result.json["valid"] as? Bool == false)
    #expect(result.errors.contains("damaged.gmg"))
    #expect(try command.run("check", "nothing.gmg").status == 66)
  }

  @Test func degrees() throws {
    try command.write(pawText, to: "paw.txt")
    #expect(try command.run("stats", "degree", "paw.txt").output == "1\t2\n2\t2\n3\t3\n4\t1\n7\t1\n")
    #expect(try command.run("stats", "degree", "paw.txt", "--loops", "2").output.hasSuffix("7\t2\n"))
    let directed = try command.run("stats", "degree", "-", "--directed", input: "a b\na c\n")
    #expect(directed.output == "a\t2\t0\nb\t0\t1\nc\t0\t1\n")
    let json = try command.run("stats", "degree", "paw.txt", "--json").json
    #expect(json["max_degree"] as? Int == 3)
    #expect(json["isolated"] as? Int == 0)
  }

  @Test func breadthFirstSearch() throws {
    try command.write(pawText, to: "paw.txt")
    let result = try command.run("stats", "bfs", "paw.txt", "--source", "4", "--out", "d.tsv", "--json")
    #expect(try command.read("d.tsv") == "1\t2\n2\t2\n3\t1\n4\t0\n7\t-1\n")
    #expect(result.json["reached"] as? Int == 4)
    #expect(result.json["eccentricity"] as? Int == 2)
    #expect(command.exists("d.tsv.manifest.json"))
    #expect(try command.run("stats", "bfs", "paw.txt", "--json").json["source"] as? String == "3")
    let unknown = try command.run("stats", "bfs", "paw.txt", "--source", "99")
    #expect(unknown.status == 64)
    #expect(unknown.output.isEmpty)
  }

  @Test func components() throws {
    try command.write(pawText, to: "paw.txt")
    #expect(try command.run("stats", "components", "paw.txt").output == "1\t0\n2\t0\n3\t0\n4\t0\n7\t1\n")
    let json = try command.run("stats", "components", "paw.txt", "--json").json
    #expect(json["components"] as? Int == 2)
    #expect(json["largest_component"] as? Int == 4)
  }

  @Test func transforms() throws {
    try command.write("1 2\n2 1\n2 3\n3 3\n8 9\n", to: "arcs.txt")
    func output(_ flags: String...) throws -> String {
      try command.shell("graphmill transform arcs.txt - --directed \(flags.joined(separator: " "))").output
    }
    #expect(try output("--transpose") == "# directed\n1\t2\n2\t1\n3\t2\n3\t3\n9\t8\n")
    #expect(try output("--symmetrize") == "1\t2\n2\t3\n3\t3\n8\t9\n")
    #expect(try output("--simplify") == "# directed\n1\t2\n2\t1\n2\t3\n8\t9\n")
    #expect(try output("--symmetrize", "--simplify", "--lcc") == "1\t2\n2\t3\n")
  }

  @Test func compare() throws {
    try command.write("1 2\n2 3\n3 4\n", to: "a.txt")
    try command.write("3 4\n9 8\n2 1\n", to: "b.txt")
    let result = try command.run("compare", "a.txt", "b.txt", "--what", "graphs", "--json")
    #expect(result.status == 0)
    #expect(result.json["edge_overlap"] as? Double == 0.5)
    #expect(try command.run("compare", "a.txt", "b.txt", "--expect", "0.5").status == 0)
    #expect(try command.run("compare", "a.txt", "b.txt", "--expect", "51%").status == 1)
    #expect(result.json["common_nodes"] as? Int == 4 && result.json["components"] as? [Int] == [1, 3])
    #expect(result.json["degree_distance"] as? Double == 0.5 && result.json["top_overlap"] as? Double == 1)
    #expect((result.json["spectral_distance"] as? Double ?? 0) > 0.1)
    let few = try command.run("compare", "a.txt", "b.txt", "--top", "2", "--values", "1", "--json").json
    #expect((few["eigenvalues"] as? [[Double]])?.map(\.count) == [1, 1] && few["top_overlap"] as? Double == 0.5)
    let edges = try command.run("compare", "a.txt", "b.txt", "--edges-only", "--json").json
    #expect(edges["edge_overlap"] as? Double == 0.5 && edges["components"] == nil)
    #expect(try command.run("compare", "a.txt", "b.txt", "--edges-only", "--top", "2").status == 64)
    #expect(try command.run("compare", "a.txt", "b.txt", "--what", "labels", "--edges-only").status == 64)
  }

  /// Scores of the paw by hand: 0.1031 (1-2), 0.0861 (1-3, 2-3), 0.1549 (3-4).
  @Test func sparsify() throws {
    try command.write("1 2\n2 3\n3 1\n3 4\n", to: "paw.txt")
    let result = try command.run("sparsify", "paw.txt", "s.txt", "--remove", "0.5", "--scores", "scores.tsv", "--json")
    #expect(result.status == 0)
    #expect(try command.read("s.txt") == "1\t2\n3\t4\n")
    let json = result.json
    #expect(json["edges_before"] as? Int == 4)
    #expect(json["edges_after"] as? Int == 2)
    #expect(json["components"] as? Int == 2)
    #expect(json["isolated"] as? Int == 0)
    #expect(json["largest_component"] as? Int == 2)
    let scores = try command.read("scores.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(scores.map { $0.prefix(2).joined(separator: "-") } == ["1-2", "1-3", "2-3", "3-4"])
    let (ends, middle, leaf) = (
      (0.5.squareRoot() + 3.squareRoot() / 3) / 4, (2 * 0.5.squareRoot() + 1) / 9, 3.squareRoot() / 3
    )
    let wanted = [ends * ends, ends * middle, ends * middle, middle * leaf]
    for (row, value) in zip(scores, wanted) { #expect(abs((Double(row[2]) ?? 0) - value) < 1e-15) }
    let held = try command.run("sparsify", "paw.txt", "f.txt", "--remove", "100%", "--keep-forest", "--json")
    #expect(held.json["edges_after"] as? Int == 3)
    #expect(held.errors.contains("warning"))
    #expect(try dataLines(command.run("sparsify", "paw.txt", "-", "--keep-edges", "1").output) == "3\t4\n")
    #expect(try dataLines(command.run("sparsify", "paw.txt", "-", "--threshold", "0.1").output) == "1\t2\n3\t4\n")
  }

  @Test func generators() throws {
    let er = try command.run("generate", "er", "er.gmg", "--nodes", "1k", "--edges", "5k", "--json").json
    #expect(er["nodes"] as? Int == 1000)
    #expect(er["edges"] as? Int == 5000)
    for threads in ["1", "2", "3"] {
      try command.run(
        "generate", "rmat", "r\(threads).gmg", "--nodes", "2k", "--edges", "20k", "-t", threads, "--seed", "5")
    }
    #expect(try command.bytes("r1.gmg") == command.bytes("r2.gmg"))
    #expect(try command.bytes("r1.gmg") == command.bytes("r3.gmg"))
    try command.run("generate", "rmat", "other.gmg", "--nodes", "2k", "--edges", "20k", "--seed", "6")
    #expect(try command.bytes("r1.gmg") != command.bytes("other.gmg"))
    let ba = try command.run("generate", "ba", "ba.gmg", "--nodes", "500", "--degree", "2", "--json").json
    #expect((ba["edges"] as? Int ?? 0) > 900)
    #expect(ba["isolated"] as? Int == 0)
  }
}
