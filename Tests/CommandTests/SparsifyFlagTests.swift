import Foundation
import Testing

@Suite struct SparsifyFlagTests {
  private let command = try! Graphmill()

  private func kept(_ arguments: String...) throws -> String {
    let result = try command.run(arguments: ["sparsify"] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    return dataLines(result.output)
  }

  /// Scores by edge, `u-v`.
  private func scores(_ arguments: String...) throws -> [String: Double] {
    try command.run(arguments: ["sparsify"] + arguments + ["x.txt", "--remove", "0%", "--scores", "s.tsv", "--force"])
    let rows = try command.read("s.tsv").split(separator: "\n").map { $0.split(separator: "\t") }
    return try Dictionary(
      uniqueKeysWithValues: rows.map { ("\($0[0])-\($0[1])", try #require(Double($0[2]))) })
  }

  /// A triangle 1 2 3 with a leaf 4.
  private func writePaw(_ more: String = "", to name: String = "paw.txt") throws {
    try command.write("1 2\n2 3\n3 1\n3 4\n" + more, to: name)
  }

  @Test("--keep-loops puts loops back that are no edges to rate")
  func loops() throws {
    try writePaw("4 4\n")
    #expect(try kept("paw.txt", "-", "--remove", "50%") == "1\t2\n3\t4\n")
    #expect(try kept("paw.txt", "-", "--remove", "50%", "--keep-loops") == "1\t2\n3\t4\n4\t4\n")
  }

  @Test("--keep is what --remove leaves, to the edge")
  func keep() throws {
    try command.write((0..<100).map { "\($0) \($0 + 1)\n" }.joined(), to: "path.txt")
    for (keep, remove) in [("30%", "70%"), ("0.9", "0.1"), ("90%", "10%"), ("0.37", "63%"), ("100%", "0%"), ("0", "1")]
    {
      let (a, b) = (try kept("path.txt", "-", "--keep", keep), try kept("path.txt", "-", "--remove", remove))
      #expect(a == b, "\(keep)")
    }
    #expect(try kept("path.txt", "-", "--keep", "30%").split(separator: "\n").count == 30)
    #expect(try command.run("sparsify", "path.txt", "-", "--keep", "30%", "--remove", "70%").status == 64)
    #expect(try command.run("sparsify", "path.txt", "-", "--keep", "130%").status == 64)
  }

  @Test("--min-degree leaves every node an edge, and tells that fewer went")
  func minimumDegree() throws {
    try writePaw()
    #expect(try kept("paw.txt", "-", "--keep-edges", "1") == "3\t4\n")
    let held = try command.run("sparsify", "paw.txt", "-", "--keep-edges", "1", "--min-degree")
    #expect(held.output == "1\t2\n3\t4\n")
    #expect(held.errors.contains("only 2 of 3 edges could go"))
  }

  @Test("--keep-direction rates arcs one by one")
  func direction() throws {
    try command.write("1 2\n2 1\n2 3\n3 1\n", to: "arcs.txt")
    #expect(try kept("arcs.txt", "-", "--directed", "--remove", "0%") == "1\t2\n1\t3\n2\t3\n")
    #expect(
      try kept("arcs.txt", "-", "--directed", "--remove", "0%", "--keep-direction") == "1\t2\n2\t1\n2\t3\n3\t1\n")
    #expect(try scores("arcs.txt", "--directed", "--keep-direction").count == 4)
  }

  @Test("--weighted counts weights in the score")
  func weighted() throws {
    try command.write("1 2 1\n2 3 1\n3 1 1\n3 4 9\n", to: "paw.wel")
    let plain = try scores("paw.wel")
    let weighted = try scores("paw.wel", "--weighted")
    // Without weights the leaf's edge is the best, with them the edge between light nodes.
    #expect(plain.max { $0.value < $1.value }?.key == "3-4")
    #expect(weighted.max { $0.value < $1.value }?.key == "1-2")
    #expect(weighted["1-3"] == weighted["2-3"])
  }

  /// By hand: with loops, degrees are 3, 3, 4, 2 and a node counts as its own neighbor.
  @Test("--self-loops-in-score rates as if every node had a loop")
  func selfLoops() throws {
    try writePaw()
    let found = try scores("paw.txt", "--self-loops-in-score")
    let roots = [3.0, 3, 4, 2].map { 1 / $0.squareRoot() }
    let one = (2 * roots[0] + roots[2]) / 9
    let leaf = (roots[2] + roots[3]) / 4
    let middle = (2 * roots[0] + roots[2] + roots[3]) / 16
    for (edge, score) in ["1-2": one * one, "1-3": one * middle, "2-3": one * middle, "3-4": middle * leaf] {
      #expect(abs((found[edge] ?? 0) - score) < 1e-15, "\(edge): \(found)")
    }
  }

  @Test("--tie-seed orders equal scores anew, the same for the same seed")
  func ties() throws {
    try command.write((0..<10).map { "\($0) \(($0 + 1) % 10)\n" }.joined(), to: "cycle.txt")
    func five(_ flags: String...) throws -> [Substring] {
      try command.run(arguments: ["sparsify", "cycle.txt", "-", "--keep-edges", "5"] + flags).output
        .split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
    let (plain, seven) = (try five(), try five("--tie-seed", "7"))
    #expect(plain == ["4\t5", "5\t6", "6\t7", "7\t8", "8\t9"])
    #expect(seven.count == 5 && seven != plain)
    #expect(try five("--tie-seed", "7") == seven)
    #expect(try five("--tie-seed", "8") != seven)
  }
}
