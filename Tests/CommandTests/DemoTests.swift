import Foundation
import Testing

@Suite struct DemoTests {
  private let command = try! Graphmill()

  @Test func quick() throws {
    let result = try command.run("demo", "--quick", "--out", "made/here", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let json = result.json
    #expect(json["report"] as? String == "made/here/report.html")
    let store = try #require((json["store"] as? [String: Any])?["rmat"] as? [String: Any])
    let edges = try #require(store["edges"] as? Int)
    #expect(edges > 5000)
    let sparse = try #require((json["sparsification"] as? [String: Any])?["rmat"] as? [String: Any])
    let results = try #require(sparse["results"] as? [[String: Any]])
    #expect(results.count == 12)
    for row in results {
      let share = try #require(row["share"] as? Double)
      let simple = try #require(sparse["edges"] as? Int)
      #expect(row["removed"] as? Int == Int(share * Double(simple)))
    }
    let learnt = try #require((json["learning"] as? [String: Any])?["synthetic"] as? [String: Any])
    for (network, share) in [("dense", 0.0), ("ticket", 0.36)] {
      let figures = try #require(learnt[network] as? [String: Any])
      #expect(try #require(figures["test"] as? Double) > 0.6, "\(figures)")
      #expect(try #require(figures["edge_share"] as? Double) >= share)
    }
    let summarized = try #require((json["summarization"] as? [String: Any])?["rmat"] as? [String: Any])
    for model in ["hierarchical", "flat"] {
      let figures = try #require(summarized[model] as? [String: Any])
      #expect(figures["restored"] as? Bool == true)
      #expect(try #require(figures["relative_size"] as? Double) <= 1)
    }
    #expect(command.exists("made/here/datasets/rmat/hierarchical.gms"))
    let near = try #require((json["proximity"] as? [String: Any])?["rmat"] as? [String: Any])
    #expect(near["unreachable"] as? Int == 0)
    #expect(try #require(near["recall"] as? Double) >= 0.9)
    let page = try command.read("made/here/report.html")
    #expect(page.contains("<table"))
    #expect(page.contains("Sparsification"))
    let saved = try command.json("made/here/report.json")
    #expect(saved["report"] as? String == "report.html")
    #expect(saved["sparsification"] != nil)
    for name in ["report.manifest.json", "datasets/rmat/graph.gmg"] {
      #expect(command.exists("made/here/" + name), "\(name)")
    }
    #expect(try command.run("check", "made/here/datasets/rmat/graph.gmg", "--deep").status == 0)
  }

  @Test("A second demo replaces the first, with the same results; --dataset names what a quick one takes anyway")
  func again() throws {
    func results(_ flags: String...) throws -> Data {
      let json = try command.run(arguments: ["demo", "--quick", "--out", "d", "--json"] + flags).json
      #expect((json["store"] as? [String: Any])?.keys.sorted() == ["rmat"])
      let sparse = try #require((json["sparsification"] as? [String: Any])?["rmat"] as? [String: Any])
      let rows = try #require(sparse["results"] as? [[String: Any]])
      return try JSONSerialization.data(withJSONObject: rows, options: .sortedKeys)
    }
    #expect(try results() == results("--dataset", "rmat"))
    // Elsewhere, with one thread: the same run.
    #expect(try command.run("demo", "--quick", "--out", "e", "-t", "1", "--dataset", "rmat").status == 0)
    let verdict = try command.run(
      "compare", "d/report.manifest.json", "e/report.manifest.json", "--what", "manifests")
    #expect(verdict.status == 0, "\(verdict.output)")
    let files = try command.json("d/report.manifest.json")["outputs"] as? [[String: Any]]
    #expect((files?.count ?? 0) > 8)
  }
}
