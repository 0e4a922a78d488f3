import Foundation
import Testing

@Suite struct GenerateFlagTests {
  private let command = try! Graphmill()

  @Test("--branching makes groups, --ratio says how much denser they are")
  func blocks() throws {
    func made(_ kind: String, _ flags: String...) throws -> [String: Any] {
      try command.run(arguments: ["generate", kind, "g.gmg", "--nodes", "300", "--force", "--json"] + flags).json
    }
    let even = try made("sbm", "--branching", "3", "--ratio", "1")
    #expect(even["groups"] as? Int == 3 && even["detectable"] as? Int == 1)
    #expect(even["divergences"] as? [Double] == [0])
    let clear = try made("sbm", "--branching", "3", "--ratio", "0.1")
    #expect(clear["groups"] as? Int == 3 && clear["detectable"] as? Int == 3)
    #expect(try #require((clear["divergences"] as? [Double])?.first) > 1)
    let nested = try made("hsbm", "--branching", "3", "--depth", "2", "--ratio", "20%")
    #expect(nested["groups"] as? Int == 9)
    #expect(try command.run("generate", "er", "x.gmg", "--branching", "3").status == 64)
  }
}
