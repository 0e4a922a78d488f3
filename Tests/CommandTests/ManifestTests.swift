import Foundation
import Testing

@Suite struct ManifestTests {
  private let command = try! Graphmill()

  private func run(_ line: String) throws -> Graphmill.Result {
    try command.run(arguments: line.split(separator: " ").map(String.init))
  }

  @Test func contents() throws {
    try command.write(pawText, to: "paw.txt")
    try command.run("convert", "paw.txt", "paw.gmg", "--seed", "9")
    let manifest = try command.json("paw.gmg.manifest.json")
    #expect(manifest["manifest"] as? Int == 2)
    #expect(manifest["command"] as? String == "convert")
    #expect(manifest["version"] as? String == "0.1.0")
    #expect((manifest["revision"] as? String)?.isEmpty == false)
    #expect(manifest["seed"] as? Int == 9)
    let options = try #require(manifest["options"] as? [String: Any])
    #expect(options["loops"] as? String == "keep")
    #expect(options["duplicates"] as? String == "sum")
    #expect(options["input"] as? String == "input 1" && options["output"] as? String == "output 1")
    let settings = try #require(manifest["settings"] as? [String: Any])
    #expect(settings["memory"] as? String == "auto")
    #expect((settings["threads"] as? Int ?? 0) >= 1)
    let paths = try #require(manifest["paths"] as? [String: Any])
    #expect(paths["arguments"] as? [String] == ["convert", "paw.txt", "paw.gmg", "--seed", "9"])
    #expect(paths["inputs"] as? [String] == ["paw.txt"] && paths["outputs"] as? [String] == ["paw.gmg"])
    let counts = try #require(manifest["counts"] as? [String: Any])
    #expect(counts["edges"] as? Int == 5)
    let input = try #require((manifest["inputs"] as? [[String: Any]])?.first)
    let output = try #require((manifest["outputs"] as? [[String: Any]])?.first)
    #expect(input["comments"] as? Int == 1)
    #expect(output["format"] as? String == "gmg")
    #expect(output["bytes"] as? Int == (try command.bytes("paw.gmg").count))
    #expect(input["fingerprint"] as? String == counts["fingerprint"] as? String)
    #expect(output["fingerprint"] as? String == counts["fingerprint"] as? String)
    #expect((output["xxh3"] as? String)?.count == 32)
    let times = try #require(manifest["times"] as? [String: Any])
    #expect(Set(times.keys) == ["started", "seconds", "cpu_seconds", "peak_rss_bytes", "stages", "figures"])
  }

  @Test(
    "Every file that a command reads or writes has a fingerprint in its manifest",
    arguments: [
      ("convert g.txt o.gmg", 1, 1), ("sparsify g.txt o.el --keep 50% --scores o.tsv", 1, 2),
      ("summarize g.txt o.gms --log o.jsonl", 1, 2), ("summarize g.txt o --text", 1, 3), ("restore g.gms o.gmg", 1, 1),
      ("restore t o.gmg --text", 3, 1), ("query g.gms neighbors 3 --out o.tsv", 1, 1),
      ("stats degree g.txt --manifest m.json", 1, 1), ("summarize g.txt - --manifest m.json", 1, 1),
      ("communities g.txt --truth l.tsv:label --labels o.tsv --tree o.nwk --dendrogram o.svg", 2, 3),
      ("knn build v.txt o.gmx --keys k.txt", 2, 1), ("knn graph v.gmx o.gmg --k 1", 1, 1),
      ("knn search v.gmx v.txt o.ivecs --k 1 --filter k.txt --truth f.ivecs --distances o.npy", 4, 2),
      ("compare g.txt g.txt --manifest m.json", 2, 0), ("compare l.tsv l.tsv --what labels --manifest m.json", 2, 0),
      ("check g.gms --manifest m.json", 1, 0), ("info v.gmx --manifest m.json", 1, 0),
      ("generate sbm o.gmg --nodes 40 --labels o.tsv", 0, 2),
    ])
  func everyFile(line: String, inputs: Int, outputs: Int) throws {
    try command.write("1 2\n2 3\n3 1\n3 4\n", to: "g.txt")
    try command.write("0 0\n1 0\n0 1\n", to: "v.txt")
    try command.write("0\n1\n2\n", to: "k.txt")
    for made in [
      "summarize g.txt g.gms", "summarize g.txt t --text", "knn build v.txt v.gmx",
      "knn search v.gmx v.txt f.ivecs --k 1",
      "communities g.txt --labels l.tsv --method louvain",
    ] {
      #expect(try run(made + " --manifest none").status == 0, "\(made)")
    }
    let result = try run(line)
    #expect(result.status == 0, "\(result.errors)")
    let name = try #require(command.files.first { $0.hasSuffix(".manifest.json") || $0 == "m.json" })
    let manifest = try command.json(name)
    for (key, count) in [("inputs", inputs), ("outputs", outputs)] {
      let files = try #require(manifest[key] as? [[String: Any]])
      #expect(files.count == count, "\(key): \(files)")
      for file in files { #expect((file["fingerprint"] as? String)?.count == 32, "\(key): \(file)") }
      let names = (manifest["paths"] as? [String: Any])?[key] as? [String]
      #expect(names?.count == count)
    }
    let options = try #require(manifest["options"] as? [String: Any])
    for (option, value) in options {
      guard let text = value as? String else { continue }
      #expect(!command.files.contains(text), "the name \(text) of \(option) stands among what must be equal")
    }
  }

  @Test("Vectors that come by a pipe have a fingerprint too")
  func pipe() throws {
    #expect(try command.run("knn", "build", "-", "v.gmx", input: "0 0\n1 0\n").status == 0)
    let inputs = try command.json("v.gmx.manifest.json")["inputs"] as? [[String: Any]]
    #expect((inputs?.first?["fingerprint"] as? String)?.count == 32)
  }

  @Test("Two runs of the same work are the same, whatever files are called, with any threads; others are not")
  func comparison() throws {
    try command.write(pawText, to: "paw.txt")
    try command.write(pawText, to: "copy.txt")
    let lines = [
      "sparsify paw.txt a.el --method random --keep 60% -t 1",
      "sparsify copy.txt b.el --method random --keep 60% -t 2 -q",
      "sparsify paw.txt c.el --method random --keep 60% --seed 7", "sparsify paw.txt d.el --method random --keep 20%",
    ]
    for line in lines { #expect(try run(line).status == 0) }
    try command.write("1 2\n", to: "copy.txt")
    #expect(try run("sparsify copy.txt e.el --method random --keep 60%").status == 0)
    func compare(_ other: String) throws -> Graphmill.Result {
      try run("compare a.el.manifest.json \(other).el.manifest.json --what manifests --json")
    }
    let same = try compare("b")
    #expect(same.status == 0 && same.json["same"] as? Bool == true, "\(same.output)")
    let seed = try compare("c")
    #expect(seed.status == 1 && seed.json["same_work"] as? Bool == false && seed.json["same_inputs"] as? Bool == true)
    let share = try compare("d")
    #expect(share.status == 1 && share.json["same_outputs"] as? Bool == false)
    #expect((share.json["differences"] as? [String])?.contains("options.keep: 0.6, 0.2") == true)
    let input = try compare("e")
    #expect(
      input.status == 1 && input.json["same_work"] as? Bool == true && input.json["same_inputs"] as? Bool == false)
    #expect(try run("compare a.el.manifest.json paw.txt --what manifests").status == 65)
    let text = try run("compare a.el.manifest.json d.el.manifest.json --what manifests")
    #expect(text.output.hasPrefix("not the same: work, outputs\n"))
  }

  @Test("check looks whether a manifest's files are what the run wrote")
  func check() throws {
    try command.write(pawText, to: "paw.txt")
    #expect(try run("sparsify paw.txt a.el --keep 60% --scores s.tsv").status == 0)
    #expect(try run("check a.el.manifest.json").status == 0)
    try command.write("1 2\n", to: "s.tsv")
    try FileManager.default.removeItem(atPath: command.path("a.el"))
    let result = try run("check a.el.manifest.json")
    #expect(result.status == 1 && result.output.contains("a.el is gone\n  s.tsv was changed"))
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
    let settings = try #require(manifest["settings"] as? [String: Any])
    #expect(settings["environment"] as? [String] == ["GRAPHMILL_THREADS", "GRAPHMILL_SEED"])
    #expect(manifest["seed"] as? Int == 5)
    #expect(settings["threads"] as? Int == 1)
  }
}
