import ArgumentParser
import GraphFormats
import GraphStore
import MillRuntime

/// What is remembered of a run, for its manifest.
struct RunRecord {
  private var manifest = RunManifest()
  private let inputs: [String]
  private let report: String?
  /// Of the bytes that went to standard output.
  private var stream: StreamFingerprint?

  /// Flags that have no influence on what comes out.
  private static let settings: Set<String> = [
    "threads", "memory", "tmp", "json", "report", "manifest", "progress", "verbose", "quiet", "log-format", "force",
    "no-mmap", "color", "timeout",
  ]
  /// Arguments that name files.
  private static let names: Set<String> = [
    "input", "output", "first", "second", "index", "queries", "against", "labels", "truth", "tree", "dendrogram",
    "scores", "log", "out", "ticket", "save", "checkpoint", "folder", "filter", "distances", "keys", "hierarchy",
    "positive", "negative", "union", "subtract", "intersect", "subgraph", "project-onto", "positions", "polygons",
    "vectors", "features", "groups", "config", "from-draft",
  ]

  /// Arguments that name a file where they are no word of their own.
  private static let namesOrWords: Set<String> = ["start", "weight", "height"]

  init(of command: any MillCommand, _ settings: Settings, _ start: CommandRun.Start) {
    inputs = command.inputs
    report = command.global.report
    manifest.command = RunManifest.name(of: type(of: command), in: GraphmillCommand.self)
    manifest.arguments = start.arguments
    manifest.version = BuildInfo.version
    manifest.revision = BuildInfo.revision
    manifest.started = start.time
    manifest.seed = settings.seed
    manifest.environment = settings.environmentUsed
    for (name, value) in parsedOptions(of: command) {
      if Self.settings.contains(name) {
        manifest.settings[name] = value
      } else if case .string(let path) = value,
        Self.names.contains(name) || Self.namesOrWords.contains(name) && inputs.contains(LabelFile.path(path))
      {
        manifest.paths[name] = value
        manifest.options[name] = .string(Self.role(of: path, inputs, command.outputs.map(\.path)))
      } else {
        manifest.options[name] = value
      }
    }
    if command.usesSeed {
      manifest.options["seed"] = JSONValue(settings.seed)
    } else {
      manifest.options.removeValue(forKey: "seed")
    }
    manifest.settings["threads"] = .integer(settings.threads)
    manifest.settings["memory"] = .string(settings.memory.description)
    manifest.settings["tmp"] = JSONValue(settings.temporaryFolder)
  }

  /// What stands for a name where names must not count: `input 1`, `output 2`, with the column of `FILE:COLUMN`.
  private static func role(of name: String, _ inputs: [String], _ outputs: [String]) -> String {
    for (kind, paths) in [("input", inputs), ("output", outputs)] {
      for (i, path) in paths.enumerated() {
        if name == path { return "\(kind) \(i + 1)" }
        if name.hasPrefix(path + ":") { return "\(kind) \(i + 1)\(name.dropFirst(path.count))" }
      }
    }
    return "given"
  }

  /// Command, options and names: equal for runs that are the same command again.
  var producer: JSONValue { RunManifest.producer(of: manifest.json()) }

  /// Takes the fingerprint of what goes to standard output.
  mutating func listen(isOn: Bool) {
    guard isOn else { return }
    let stream = StreamFingerprint()
    self.stream = stream
    unsafe OutputFile.observeStandardOutput { unsafe stream.update($0) }
  }

  /// Remembers a warning.
  mutating func warn(_ message: String) { manifest.warnings.append(message) }

  /// Remembers the wall-clock seconds of a stage.
  mutating func stage(_ name: String, _ seconds: Double) { manifest.stages.append((name, seconds)) }

  /// Remembers a file that was read.
  mutating func input(_ artifact: RunManifest.Artifact) { manifest.inputs.append(artifact) }

  /// Remembers a file that was written.
  mutating func output(_ artifact: RunManifest.Artifact) { manifest.outputs.append(artifact) }

  /// Whether a file of this name is among those that were written.
  func hasOutput(_ path: String) -> Bool { manifest.outputs.contains { $0.path == path } }

  /// Writes the manifest, with the fingerprints of all files.
  mutating func write(to path: String, replaces: Bool, _ outcome: Outcome, seconds: Double) throws {
    for (i, name) in inputs.enumerated()
    where manifest.inputs.count(where: { $0.path == name }) < inputs[...i].count(where: { $0 == name }) {
      manifest.inputs.append(.init(path: name, format: pathEnding(name), bytes: fileSize(name)))
    }
    for i in manifest.inputs.indices where manifest.inputs[i].fingerprint == nil {
      guard fileSize(manifest.inputs[i].path) != nil else { continue }
      manifest.inputs[i].fingerprint = try fileFingerprint(manifest.inputs[i].path)
    }
    for i in manifest.outputs.indices { try complete(&manifest.outputs[i]) }
    if let report, fileSize(report) != nil {
      manifest.report = .init(path: report, format: "json", byteFingerprint: try fileFingerprint(report))
    }
    manifest.counts = outcome.keys
    manifest.seconds = seconds
    try manifest.write(to: path, replaces: replaces)
  }

  /// Fills in what is known of a file once it is there.
  private func complete(_ artifact: inout RunManifest.Artifact) throws {
    if let bytes = fileSize(artifact.path) {
      artifact.bytes = bytes
      artifact.byteFingerprint = try fileFingerprint(artifact.path)
    } else if Streams.isStandardOutput(artifact.path) {
      artifact.byteFingerprint = stream?.hexadecimal
    }
    artifact.fingerprint = artifact.fingerprint ?? artifact.byteFingerprint
  }
}

extension RunManifest {
  /// The words that call a command, such as `knn build`.
  fileprivate static func name(of command: any ParsableCommand.Type, in root: any ParsableCommand.Type) -> String {
    for below in root.configuration.subcommands {
      if below == command { return below._commandName }
      if below.configuration.subcommands.contains(where: { $0 == command }) {
        return "\(below._commandName) \(command._commandName)"
      }
    }
    return command._commandName
  }
}
