import Foundation
import Testing

/// The examples of the command-line contract that the present commands can run.
@Suite struct ExampleTests {
  private let command = try! Graphmill()

  @Test(.needsProgram("zstd")) func ingestFromZstd() throws {
    try command.write(pawText, to: "big.tsv")
    let result = try command.shell(
      "zstd -q big.tsv && zstdcat big.tsv.zst | graphmill convert - big.gmg --ids compact --progress json")
    #expect(result.status == 0)
    #expect(try command.run("info", "big.gmg", "--json").json["edges"] as? Int == 5)
  }

  @Test func sortedDegrees() throws {
    try command.write(pawText, to: "big.txt")
    let result = try command.shell("graphmill stats degree big.txt 2>/dev/null | sort -k2,2nr -k1,1n | head -2")
    #expect(result.output == "3\t3\n1\t2\n")
  }

  @Test func checkAgainst() throws {
    try command.write(pawText, to: "big.txt")
    let result = try command.shell(
      "graphmill convert big.txt big.gmg && graphmill convert big.gmg - --to el | graphmill check - --against big.gmg")
    #expect(result.status == 0)
    #expect(result.output.hasSuffix("valid, equal\n"))
  }

  @Test func sparsify() throws {
    try command.run("generate", "ba", "big.gmg", "--nodes", "300", "--degree", "3")
    let json = try command.run("sparsify", "big.gmg", "small.gmg", "--method", "teddy", "--remove", "0.3", "--json")
      .json
    let before = try #require(json["edges_before"] as? Int)
    #expect(json["edges_after"] as? Int == before - Int(0.3 * Double(before)))
  }
}
