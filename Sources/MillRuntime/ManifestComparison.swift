/// How the records of two runs differ.
public struct ManifestDifferences: Sendable, Equatable {
  /// Whether nothing differs that must be equal for equal work.
  public var isSame: Bool { lines.isEmpty }
  /// Whether both runs did the same: command and options, the seed among them where it has a say.
  public let hasSameWork: Bool
  /// Whether both runs read the same.
  public let hasSameInputs: Bool
  /// Whether both runs wrote the same.
  public let hasSameOutputs: Bool
  /// What must be equal and is not, one place a line: `options.remove: 0.3, 0.4`.
  public let lines: [String]
  /// What may differ and is worth to know: the versions of the programs.
  public let notes: [String]
}

extension RunManifest {
  /// What must be equal in two runs of the same work, in the order in which it is told.
  private static let compared = ["command", "options", "inputs", "outputs", "counts", "warnings"]

  /// Compares the records of two runs: all that must be equal when the work is, whatever the files are called, however
  /// long it took and with however many threads.
  ///
  /// - Parameters:
  ///   - a: A record, as ``json()`` gives it.
  ///   - b: Another one.
  /// - Throws: ``MillError`` `malformed` for what is no record of version 2.
  /// - Complexity: O(size of both).
  public static func differences(
    between a: JSONValue, and b: JSONValue
  ) throws(MillError) -> ManifestDifferences {
    for manifest in [a, b] { try check(manifest) }
    var found: [String: [String]] = [:]
    for key in compared {
      var lines: [String] = []
      compare(a[key] ?? .null, b[key] ?? .null, at: key, into: &lines)
      found[key] = lines
    }
    let notes = ["version", "revision"].filter { a[$0] != b[$0] }.map {
      "\($0): \(excerpt(a[$0] ?? .null)), \(excerpt(b[$0] ?? .null))"
    }
    func isSame(_ keys: String...) -> Bool { keys.allSatisfy { found[$0]?.isEmpty ?? true } }
    return ManifestDifferences(
      hasSameWork: isSame("command", "options"), hasSameInputs: isSame("inputs"),
      hasSameOutputs: isSame("outputs"), lines: compared.flatMap { found[$0] ?? [] }, notes: notes)
  }

  /// Refuses what is no record of version 2.
  package static func check(_ manifest: JSONValue, _ path: String? = nil) throws(MillError) {
    if manifest["manifest"] == 2, manifest["command"] != nil { return }
    throw MillError(
      .malformed, manifest["manifest"] == nil ? "not the manifest of a run" : "not a manifest of version 2",
      file: path)
  }

  private static func compare(_ a: JSONValue, _ b: JSONValue, at place: String, into lines: inout [String]) {
    if a == b { return }
    switch (a, b) {
    case (.object(let first), .object(let second)):
      for key in Set(first.keys).union(second.keys).sorted() {
        compare(first[key] ?? .null, second[key] ?? .null, at: "\(place).\(key)", into: &lines)
      }
    case (.array(let first), .array(let second)) where first.count == second.count:
      for (i, pair) in zip(first, second).enumerated() {
        compare(pair.0, pair.1, at: "\(place)[\(i)]", into: &lines)
      }
    default: lines.append("\(place): \(excerpt(a)), \(excerpt(b))")
    }
  }

  private static func excerpt(_ value: JSONValue) -> String {
    let text = value.text()
    return text.count > 60 ? text.prefix(57) + "..." : text
  }

  /// What makes two runs the same command again: its name, options, and the names of its files.
  package static func producer(of manifest: JSONValue) -> JSONValue {
    [
      "command": manifest["command"] ?? .null, "options": manifest["options"] ?? .null,
      "paths": manifest["paths"]?["options"] ?? .null,
    ]
  }

  /// The fingerprints of the bytes of the files that a run wrote, by their names.
  package static func writtenFiles(_ manifest: JSONValue) -> [String: String] {
    var files: [String: String] = [:]
    func add(_ path: JSONValue?, _ fingerprint: JSONValue?) {
      if case .string(let path) = path, case .string(let fingerprint) = fingerprint { files[path] = fingerprint }
    }
    if case .array(let paths) = manifest["paths"]?["outputs"], case .array(let outputs) = manifest["outputs"] {
      for (path, output) in zip(paths, outputs) { add(path, output["xxh3"] ?? output["fingerprint"]) }
    }
    let report = manifest["paths"]?["report"]
    add(report?["path"], report?["xxh3"])
    return files
  }
}
