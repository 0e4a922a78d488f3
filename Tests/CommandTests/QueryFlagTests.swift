import Foundation
import Testing

@Suite struct QueryFlagTests {
  private let command = try! Graphmill()

  @Test("--damping, --tolerance and --rounds steer pagerank")
  func pageRank() throws {
    try command.write("1 2\n2 3\n3 1\n3 4\n", to: "paw.txt")
    #expect(
      try command.run("query", "paw.txt", "pagerank", "--damping", "0").output == "1\t0.25\n2\t0.25\n3\t0.25\n4\t0.25\n"
    )
    func run(_ flags: String...) throws -> (rounds: Int, change: Double, converged: Bool) {
      let json = try command.run(arguments: ["query", "paw.txt", "pagerank", "--json"] + flags).json
      return (
        try #require(json["rounds"] as? Int), try #require(json["change"] as? Double),
        try #require(json["converged"] as? Bool)
      )
    }
    let usual = try run()
    #expect(usual.converged && usual.change < 1e-9)
    let loose = try run("--tolerance", "0.1")
    #expect(loose.converged && loose.change < 0.1 && loose.rounds < usual.rounds)
    let short = try run("--rounds", "1")
    #expect(!short.converged && short.rounds == 1)
    // One round from 1/4 each, by hand: the change is 2 · 0.85 · 1/4, of which the middle gains one half.
    #expect(abs(short.change - 0.425) < 1e-12)
  }
}
