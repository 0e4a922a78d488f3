import MillRuntime
import Testing

@Suite struct ManifestComparisonTests {
  private func manifest(_ change: (inout RunManifest) -> Void = { _ in }) -> JSONValue {
    var manifest = RunManifest()
    manifest.command = "sparsify"
    manifest.arguments = ["sparsify", "a", "b"]
    manifest.version = "1"
    manifest.options = ["keep": .number(0.3), "seed": 42]
    manifest.paths = ["input": "a", "output": "b"]
    manifest.settings = ["threads": 2]
    manifest.inputs = [.init(path: "a", format: "el", bytes: 8, fingerprint: "1a")]
    manifest.outputs = [.init(path: "b", format: "gmg", bytes: 9, fingerprint: "2b", byteFingerprint: "3c")]
    manifest.counts = [
      "edges": 3, "cpu_seconds": .number(0.5), "figures": ["seconds": .number(1), "path": "a", "k": 2],
    ]
    manifest.warnings = ["told"]
    change(&manifest)
    return manifest.json()
  }

  @Test("Names, settings, times and versions are no difference of the work")
  func same() throws {
    let other = manifest {
      $0.arguments = ["sparsify", "x", "y", "-t", "1"]
      $0.version = "2"
      $0.paths = ["input": "x", "output": "y"]
      $0.settings = ["threads": 1]
      $0.inputs[0].path = "x"
      $0.outputs[0].path = "y"
      $0.counts["cpu_seconds"] = .number(7)
      $0.counts["figures"] = ["seconds": .number(2), "path": "x", "k": 2]
      $0.seconds = 9
    }
    let found = try RunManifest.differences(between: manifest(), and: other)
    #expect(found.isSame && found.hasSameWork && found.hasSameInputs && found.hasSameOutputs)
    #expect(found.notes == ["version: \"1\", \"2\""])
  }

  @Test("Every other difference is a line, with its place")
  func different() throws {
    func lines(_ change: (inout RunManifest) -> Void) throws -> ManifestDifferences {
      try RunManifest.differences(between: manifest(), and: manifest(change))
    }
    let options = try lines { $0.options["keep"] = .number(0.5) }
    #expect(options.lines == ["options.keep: 0.3, 0.5"] && !options.hasSameWork && options.hasSameOutputs)
    let input = try lines { $0.inputs[0].fingerprint = "9z" }
    #expect(input.lines == ["inputs[0].fingerprint: \"1a\", \"9z\""] && !input.hasSameInputs && input.hasSameWork)
    let output = try lines { $0.outputs[0].byteFingerprint = nil }
    #expect(output.lines == ["outputs[0].xxh3: \"3c\", null"] && !output.hasSameOutputs)
    #expect(try lines { $0.counts["edges"] = 4 }.lines == ["counts.edges: 3, 4"])
    #expect(try lines { $0.inputs = [] }.lines.count == 1)
    #expect(!(try lines { $0.warnings = [] }.isSame))
  }

  @Test("What holds times has no fingerprint among what must be equal")
  func files() throws {
    let page = manifest {
      $0.outputs = [.init(path: "p", format: "html", bytes: 1, byteFingerprint: "1", holdsTimes: true)]
    }
    let again = manifest {
      $0.outputs = [.init(path: "p", format: "html", bytes: 2, byteFingerprint: "2", holdsTimes: true)]
    }
    #expect(try RunManifest.differences(between: page, and: again).isSame)
    let report = manifest { $0.report = .init(path: "r", byteFingerprint: "4d") }
    #expect(RunManifest.writtenFiles(report) == ["b": "3c", "r": "4d"])
    let table = manifest { $0.outputs = [.init(path: "t", fingerprint: "5e", byteFingerprint: "5e")] }
    #expect(RunManifest.writtenFiles(table) == ["t": "5e"])
  }

  @Test("The same producer has the same command, options and names")
  func producer() {
    let known = RunManifest.producer(of: manifest())
    #expect(known == RunManifest.producer(of: manifest { $0.settings = ["threads": 7] }))
    #expect(known != RunManifest.producer(of: manifest { $0.paths["input"] = "other" }))
    #expect(known != RunManifest.producer(of: manifest { $0.options["keep"] = .number(0.4) }))
    #expect(known != RunManifest.producer(of: manifest { $0.command = "convert" }))
  }

  @Test func refused() {
    for other: JSONValue in [[:], ["manifest": 1, "command": "x"], 3] {
      #expect(throws: MillError.self) { try RunManifest.differences(between: manifest(), and: other) }
    }
  }
}
