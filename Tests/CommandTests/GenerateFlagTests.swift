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

  @Test("Every kind makes its graph, whatever the number of threads")
  func kinds() throws {
    func made(_ line: String) throws -> [String: Any] {
      func run(_ threads: String) throws -> [String: Any] {
        let arguments = ["generate"] + line.split(separator: " ").map(String.init)
        let result = try command.run(arguments: arguments + ["--json", "--force", "-t", threads])
        #expect(result.status == 0, "\(result.errors)")
        return result.json
      }
      let one = try run("1")
      #expect(try run("2")["fingerprint"] as? String == one["fingerprint"] as? String)
      return one
    }
    #expect(try made("ws g.gmg --nodes 500 --degree 6 --rewire 20%")["edges"] as? Int == 1500)
    let grid = try made("grid g.gmg --lengths 30x40")
    #expect(grid["nodes"] as? Int == 1200 && grid["edges"] as? Int == 2330)
    #expect(try made("grid g.gmg --lengths 30x40 --periodic")["edges"] as? Int == 2400)
    let config = try made("config g.gmg --nodes 2000 --degree 6 --exponent 2.2 --max-degree 100")
    #expect(abs((config["edges"] as? Int ?? 0) - 6000) < 900)
    let near = try made("geometric g.gmg --nodes 3000 --degree 8 --periodic")
    #expect(abs((near["edges"] as? Int ?? 0) - 12_000) < 800 && (near["radius"] as? Double ?? 0) < 0.03)
    #expect(try made("geometric g.gmg --nodes 100 --radius 2")["edges"] as? Int == 4950)
    let kronecker = try made("kronecker g.gmg --initiator 1,1;1,0 --depth 9")
    #expect(kronecker["nodes"] as? Int == 512 && kronecker["lines"] as? Int == 9842)
    #expect(try made("kronecker g.gmg --depth 8 --edges 900 --directed")["directed"] as? Bool == true)
    let lfr = try made("lfr g.gmg --nodes 1200 --mixing 0.25")
    #expect(abs((lfr["mixing"] as? Double ?? 0) - 0.25) < 0.05 && (lfr["communities"] as? Int ?? 0) > 24)
  }

  @Test("The communities of lfr and the places of geometric are written beside the graph")
  func besides() throws {
    let line = "generate lfr g.gmg --nodes 300 --degree 8 --max-degree 20 --exponent 2.5 --min-community 20"
    let lfr = try command.run(
      arguments: (line + " --max-community 60 --community-exponent 1.5 --labels truth.tsv").split(separator: " ")
        .map(String.init))
    #expect(lfr.status == 0, "\(lfr.errors)")
    let rows = try command.read("truth.tsv").split(separator: "\n")
    #expect(rows.first == "node\tlabel" && rows.count == 301 && rows[1].hasPrefix("0\t"))
    let truth = try command.run("compare", "truth.tsv", "truth.tsv", "--what", "labels", "--json").json
    #expect(truth["ami"] as? Double == 1)
    #expect(
      try command.run("generate", "geometric", "p.gmg", "--nodes", "50", "--positions", "places.csv").status == 0)
    let places = try command.read("places.csv").split(separator: "\n")
    #expect(places.first == "node,x,y" && places.count == 51)
  }

  @Test(
    "Flags of other kinds and values that cannot be are refused, and nothing is written",
    arguments: [
      "ws x.gmg --edges 5", "grid x.gmg", "grid x.gmg --lengths 0x5", "grid x.gmg --lengths 3x", "er x.gmg --degree 3",
      "grid x.gmg --lengths 5 --nodes 5", "config x.gmg --mixing 0.1", "ws x.gmg --degree 3 --nodes 10",
      "geometric x.gmg --radius 0.1 --degree 3", "geometric x.gmg --radius -1", "kronecker x.gmg --initiator 1,2",
      "kronecker x.gmg --initiator 1,x;2,3", "lfr x.gmg --nodes 100 --min-community 90", "lfr x.gmg --mixing 2",
      "lfr x.gmg --positions p.tsv", "er x.gmg --labels l.tsv", "rmat x.gmg --periodic", "ba x.gmg --rewire 0.1",
      "config x.gmg --nodes 100 --degree 200", "kronecker x.gmg --nodes 10", "sbm x.gmg --initiator 1",
      "hsbm x.gmg --exponent 2", "ws x.gmg --max-degree 3", "rmat x.gmg --community-exponent 1",
      "er x.gmg --max-community 3", "ba x.gmg --directed",
    ])
  func refused(line: String) throws {
    let result = try command.run(arguments: ["generate"] + line.split(separator: " ").map(String.init))
    #expect(result.status == 64 && !result.errors.isEmpty, "\(result.errors)")
    #expect(command.files.isEmpty)
  }
}
