import Foundation
import Testing

@Suite struct SummarizeFlagTests {
  private let command = try! Graphmill()

  private func cost(_ flags: String...) throws -> Int {
    let result = try command.run(
      arguments: ["summarize", "g.gmg", "g.gms", "--iterations", "5", "--verify", "--json", "--force"] + flags)
    #expect(result.status == 0, "\(result.errors)")
    return try #require(result.json["cost"] as? Int)
  }

  @Test("--neighborhood and --schedule change the search, never the graph")
  func search() throws {
    try command.run("generate", "rmat", "g.gmg", "--nodes", "1024", "--edges", "6k")
    let edges = try #require(command.run("info", "g.gmg", "--json").json["edges"] as? Int)
    let costs = try ["open", "closed", "mixed"].map { try cost("--neighborhood", $0) }
    #expect(costs.allSatisfy { $0 < edges } && costs[0] != costs[1])
    let frozen = try cost("--schedule", "frozen")
    #expect(frozen == costs[2])
    let sequential = try cost("--schedule", "sequential")
    #expect(sequential < edges && sequential != frozen)
  }

  @Test("--reencode and --no-reencode decide about the last step of --prune")
  func reencoding() throws {
    try command.run("generate", "rmat", "g.gmg", "--nodes", "1024", "--edges", "6k")
    let (all, without) = (try cost(), try cost("--no-reencode"))
    #expect(all < without)
    #expect(try cost("--prune", "3") == without)
    #expect(try cost("--prune", "3", "--reencode") == all)
  }

  @Test("--compress makes a smaller file of the same summary")
  func compression() throws {
    // Long names that are much alike.
    let edges = (0..<2000).map { "a_long_name_of_node_\($0) a_long_name_of_node_\(($0 + 1) % 2000)\n" }
    try command.write(edges.joined(), to: "ring.txt")
    try command.run("summarize", "ring.txt", "plain.gms", "--iterations", "3")
    try command.run("summarize", "ring.txt", "small.gms", "--iterations", "3", "--compress")
    #expect(try command.bytes("small.gms").count < command.bytes("plain.gms").count)
    for name in ["plain", "small"] { try command.run("restore", "\(name).gms", "\(name).gmg") }
    #expect(try command.bytes("plain.gmg") == command.bytes("small.gmg"))
    #expect(try command.run("summarize", "ring.txt", "t", "--compress", "--text").status == 64)
  }
}
