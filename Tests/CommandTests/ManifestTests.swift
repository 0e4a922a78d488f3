import Foundation
import Testing

@Suite struct ManifestTests {
  private let command = try! Graphmill()

  @Test func contents() throws {
    try command.write(pawText, to: "paw.txt")
    try command.run("convert", "paw.txt", "paw.gmg", "--seed", "9")
    let manifest = try command.json("paw.gmg.manifest.json")
    #expect(manifest["command"] as? String == "convert")
    #expect(manifest["arguments"] as? [String] == ["convert", "paw.txt", "paw.gmg", "--seed", "9"])
    #expect(manifest["version"] as? String == "0.1.0")
    #expect((manifest["revision"] as? String)?.isEmpty == false)
    #expect(manifest["seed"] as? Int == 9)
    let options = try #require(manifest["options"] as? [String: Any])
    #expect(options["loops"] as? String == "keep")
    #expect(options["duplicates"] as? String == "sum")
    #expect(options["memory"] as? String == "auto")
    #expect((options["threads"] as? Int ?? 0) >= 1)
    let counts = try #require(manifest["counts"] as? [String: Any])
    #expect(counts["edges"] as? Int == 5)
    let input = try #require((manifest["inputs"] as? [[String: Any]])?.first)
    let output = try #require((manifest["outputs"] as? [[String: Any]])?.first)
    #expect(input["path"] as? String == "paw.txt")
    #expect(input["comments"] as? Int == 1)
    #expect(output["path"] as? String == "paw.gmg")
    #expect(output["format"] as? String == "gmg")
    #expect(output["bytes"] as? Int == (try command.bytes("paw.gmg").count))
    #expect(input["fingerprint"] as? String == counts["fingerprint"] as? String)
    #expect(output["fingerprint"] as? String == counts["fingerprint"] as? String)
    let times = try #require(manifest["times"] as? [String: Any])
    #expect(Set(times.keys) == ["started", "seconds", "cpu_seconds", "peak_rss_bytes", "stages"])
  }

  @Test("Two runs differ in nothing but their times")
  func comparable() throws {
    try command.write(pawText, to: "paw.txt")
    var texts: [Data] = []
    for _ in 0..<2 {
      try command.run("convert", "paw.txt", "paw.gmg", "--force")
      var manifest = try command.json("paw.gmg.manifest.json")
      #expect(manifest["times"] != nil)
      manifest["times"] = nil
      texts.append(try JSONSerialization.data(withJSONObject: manifest, options: .sortedKeys))
    }
    #expect(texts[0] == texts[1])
  }

  @Test func places() throws {
    try command.write("1 2\n", to: "a.txt")
    try command.run("convert", "a.txt", "one.gmg", "--manifest", "none")
    try command.run("convert", "a.txt", "two.gmg", "--manifest", "record.json")
    try command.run("convert", "a.txt", "-", "--manifest", "stream.json")
    #expect(command.files == ["a.txt", "one.gmg", "record.json", "stream.json", "two.gmg"])
    #expect(try command.run("convert", "a.txt", "three.gmg", "--manifest", "record.json").status == 73)
    #expect(!command.exists("three.gmg"))
  }

  @Test func environmentIsRecorded() throws {
    try command.write("1 2\n", to: "a.txt")
    try command.run("convert", "a.txt", "a.gmg", environment: ["GRAPHMILL_SEED": "5", "GRAPHMILL_THREADS": "1"])
    let manifest = try command.json("a.gmg.manifest.json")
    #expect(manifest["environment"] as? [String] == ["GRAPHMILL_THREADS", "GRAPHMILL_SEED"])
    #expect(manifest["seed"] as? Int == 5)
    #expect((manifest["options"] as? [String: Any])?["threads"] as? Int == 1)
  }
}
