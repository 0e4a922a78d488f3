import ArgumentParser
import Glibc
import GraphFormats
import GraphStore
import Logging
import MillRuntime
import Reporting

/// One run of a command: its settings, messages, progress, the record of what it read and wrote.
final class CommandRun {
  /// What is known when the process begins.
  struct Start {
    let arguments: [String]
    let seconds = monotonicSeconds()
    let time = RunManifest.timestamp()
    /// Whether the caller opened descriptor 3 for the report.
    let hasReportDescriptor = Streams.isOpen(3)
  }

  let global: GlobalOptions
  let settings: Settings
  let context: RunContext
  private let log: Logger
  private let start: Start
  private let outputs: [String]
  private let defaultManifest: String?
  private let usesSeed: Bool
  private var manifest = RunManifest()

  /// Runs a command from its checks to its report; returns the exit code.
  static func perform(_ command: any MillCommand, _ start: Start) throws -> Int32 {
    let run = try CommandRun(command, start)
    let outcome = try command.execute(run)
    guard Supervisor.shared.finish() else {
      while true { pause() }
    }
    try run.publish(outcome)
    return outcome.isYes ? 0 : 1
  }

  private init(_ command: any MillCommand, _ start: Start) throws {
    self.start = start
    global = command.global
    outputs = command.outputs
    defaultManifest = command.defaultManifest
    usesSeed = command.usesSeed
    let settings = try Settings(global)
    self.settings = settings
    Supervisor.shared.start(timeout: global.timeout)
    MemoryBudget.limit = settings.memoryLimit
    MemoryBudget.spillFolder = settings.temporaryFolder
    context = RunContext(
      threads: settings.threads, progress: global.quiet ? nil : Streams.display.progress(global.progress),
      cancellation: Supervisor.shared.cancellation)
    let handler = MessageLog(
      format: global.logFormat, isColored: ErrorReport.isColored(global.color), logLevel: settings.logLevel)
    log = Logger(label: "graphmill") { _ in handler }
    try checkStreams(command)
    record(command)
  }

  /// Only one input and one output may be a standard stream, and outputs must not exist.
  private func checkStreams(_ command: any MillCommand) throws {
    let written = command.outputs + [global.report, explicitManifest].compactMap { $0 }
    for (isStream, names, stream) in [
      (Streams.isStandardInput, command.inputs, "standard input"),
      (Streams.isStandardOutput, written, "standard output"),
    ] where names.count(where: isStream) > 1 {
      throw MillError(.badOption, "only one file can be '-', \(stream)")
    }
    if global.json, global.report.map(Streams.isStandardOutput) ?? false {
      throw MillError(.badOption, "'--json' already prints on standard output what '--report -' would")
    }
    if global.json, carriesData, global.report == nil, !start.hasReportDescriptor {
      throw MillError(
        .badOption, "standard output carries the data, so that there is no place for '--json'",
        hint: "give '--report FILE', or open descriptor 3 with 3>FILE")
    }
    var places: [String] = []
    for path in command.outputs + [global.report, manifestPath].compactMap({ $0 })
    where !Streams.isStandardOutput(path) {
      guard !path.isEmpty else { throw MillError(.badOption, "the name of a file to write is empty") }
      // The default manifest of a command that makes its own folder has nothing to be checked yet.
      if path == defaultManifest { continue }
      try refuseUnwritable(path)
      let place = Self.place(of: path)
      if places.contains(place) { throw MillError(.badOption, "the file would be written twice", file: path) }
      places.append(place)
      if !global.force { try refuseExisting(path) }
    }
  }

  /// The file that a name stands for: its folder without links and dots, then its own name.
  private static func place(of path: String) -> String {
    let whole = unsafe realpath(path, nil)
    defer { unsafe free(whole) }
    if let whole = unsafe whole { return unsafe String(cString: whole) }
    let parent = unsafe realpath(folder(of: path), nil)
    defer { unsafe free(parent) }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return unsafe parent.map { unsafe String(cString: $0) + "/" + name } ?? path
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Refuses, before any work, what could not be written afterwards.
  private func refuseUnwritable(_ path: String) throws(MillError) {
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw MillError(.cannotCreate, "cannot create: it is a folder", file: path)
      }
      if status.st_mode & S_IFMT != S_IFREG { return }
    }
    guard unsafe access(Self.folder(of: path), W_OK | X_OK) == 0 else {
      throw MillError(.cannotCreate, "cannot create: \(errorText())", file: path)
    }
  }

  private func refuseExisting(_ path: String) throws(MillError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    throw MillError(.cannotCreate, "the file exists", file: path, hint: "--force replaces it")
  }

  /// Whether standard output carries data.
  var carriesData: Bool { outputs.contains(where: Streams.isStandardOutput) }

  private var explicitManifest: String? { global.manifest == "none" ? nil : global.manifest }

  /// Where the manifest goes; nil for nowhere.
  private var manifestPath: String? {
    if global.manifest != nil { return explicitManifest }
    return defaultManifest
      ?? outputs.first { !Streams.isStandardOutput($0) && !$0.hasPrefix("/dev/") }.map { $0 + ".manifest.json" }
  }

  private func record(_ command: any MillCommand) {
    manifest.command = type(of: command)._commandName
    manifest.arguments = start.arguments
    manifest.version = BuildInfo.version
    manifest.revision = BuildInfo.revision
    manifest.started = start.time
    manifest.seed = settings.seed
    manifest.environment = settings.environmentUsed
    manifest.options = parsedOptions(of: command)
    manifest.options["threads"] = .integer(settings.threads)
    manifest.options["memory"] = .string(settings.memory.description)
    manifest.options["seed"] = JSONValue(settings.seed)
    manifest.options["tmp"] = JSONValue(settings.temporaryFolder)
  }

  // MARK: - Messages

  /// Says something that the user should know; it is recorded too.
  func warn(_ message: String) {
    manifest.warnings.append(message)
    log.warning("\(message)")
  }

  /// Says something that only matters with `-v`.
  func inform(_ message: @autoclosure () -> String) { log.info("\(message())") }

  /// Does one stage of the work, timed.
  func stage<Result>(_ name: String, _ body: () throws -> Result) throws -> Result { try timed(name, body).result }

  /// The same for work on what was read from a file, which an error about the data then names.
  func stage<Result>(_ name: String, of input: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try stage(name, body)
    } catch let error as MillError where error.kind.category == .badData {
      throw error.inFile(input)
    }
  }

  /// Does one stage of the work and gives its wall-clock seconds too.
  func timed<Result>(_ name: String, _ body: () throws -> Result) throws -> (result: Result, seconds: Double) {
    try context.checkCancelled()
    let begin = monotonicSeconds()
    let result = try body()
    let seconds = monotonicSeconds() - begin
    manifest.stages.append((name, seconds))
    inform("\(name): \(NumberText.fixed(seconds, decimals: 3)) s")
    return (result, seconds)
  }

  // MARK: - Files

  /// Reads a graph, tells of the reader's warnings, records it.
  func readGraph(
    _ path: String, _ flags: ReadFlags, countsLoopsTwice: Bool = false, refusesNegativeWeights: Bool = false
  ) throws -> GraphReading {
    if flags.loops == .twice, !countsLoopsTwice {
      throw MillError(.badOption, "'--loops 2' is for 'stats degree' only")
    }
    var options = flags.options(global)
    options.refusesNegativeWeights = refusesNegativeWeights
    return try readGraph(path, options)
  }

  /// Reads a graph with options of the command's own.
  func readGraph(_ path: String, _ options: GraphReadOptions) throws -> GraphReading {
    let reading = try stage("read") { try GraphFormats.readGraph(path, options: options, context: context) }
    recordInput(path, reading)
    return reading
  }

  /// Tells of the reader's warnings and records an input.
  func recordInput(_ path: String, _ reading: GraphReading) {
    for warning in reading.report.warnings { warn((path == "-" ? "standard input" : path) + ": " + warning) }
    for hint in reading.report.hints { log.notice("hint: \(hint.flagWords)") }
    guard manifestPath != nil else { return }
    let report = reading.report
    let fingerprint = reading.graph.fingerprint(context: context)
    manifest.inputs.append(
      .init(
        path: path, format: report.format.rawValue, bytes: fileSize(path), fingerprint: fingerprint,
        details: [
          "compression": .string(report.compression.rawValue), "ids": .string(report.ids.rawValue),
          "separator": report.separator.map { .string($0.rawValue) } ?? .null, "header": .bool(report.hadHeader),
          "lines": .integer(report.lines), "comments": .integer(report.comments),
          "blanks": .integer(report.blanks), "extra_column_lines": .integer(report.extraColumnLines),
          "edges_read": .integer(report.edges.edges), "duplicates": .integer(report.edges.duplicates),
          "self_loops": .integer(report.edges.selfLoops), "isolated": .integer(report.edges.isolated),
          "minimum_id": report.edges.minimumID.map(JSONValue.init) ?? .null,
          "maximum_id": report.edges.maximumID.map(JSONValue.init) ?? .null,
          "warnings": .array(report.warnings.map(JSONValue.string)),
        ]))
  }

  /// Writes a graph, records it.
  func writeGraph(_ graph: CSRGraph, to path: String, _ options: GraphWriteOptions, fingerprint: String) throws {
    var options = options
    options.replaces = global.force
    options.isStrict = global.strict
    let written = try stage("write") {
      try GraphFormats.writeGraph(graph, to: path, options: options, context: context)
    }
    for warning in written.warnings { warn((path == "-" ? "standard output" : path) + ": " + warning) }
    manifest.outputs.append(
      .init(path: path, format: written.format.rawValue, bytes: written.bytes, fingerprint: fingerprint))
  }

  /// Records a file that the command wrote by itself.
  func recordOutput(_ artifact: RunManifest.Artifact) { manifest.outputs.append(artifact) }

  /// Writes a text file line by line, records it.
  func writeText(to path: String, format: String, _ body: (OutputFile) throws -> Void) throws {
    let file = try OutputFile(path, replaces: global.force)
    try stage("write") {
      try body(file)
      try file.commit()
    }
    manifest.outputs.append(.init(path: path, format: format, bytes: file.bytesWritten))
  }

  // MARK: - The end

  /// Prints the summary on standard output, or beside the messages where that carries data.
  private func tell(_ lines: [String]) throws {
    guard carriesData || global.report.map(Streams.isStandardOutput) ?? false else {
      return try Streams.write(lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
    }
    if global.logFormat == .json {
      for line in lines { log.notice("\(line)") }
    } else {
      Streams.writeError(lines.joined(separator: "\n") + "\n")
    }
  }

  /// Writes manifest, report and summary.
  private func publish(_ outcome: Outcome) throws {
    let seconds = monotonicSeconds() - start.seconds
    if let manifestPath {
      manifest.counts = outcome.keys
      manifest.seconds = seconds
      try manifest.write(to: manifestPath, replaces: global.force || defaultManifest != nil)
    }
    if MemoryBudget.spilled > 0 {
      inform("\(ByteSize.text(MemoryBudget.spilled)) of arrays beyond the memory budget lived in temporary files")
    }
    var keys = outcome.keys
    keys["seed"] = JSONValue(settings.seed)
    keys["threads"] = .integer(settings.threads)
    keys["seconds"] = .number(seconds)
    keys["peak_rss_bytes"] = .integer(ResourceUsage.current().peakBytes)
    keys["version"] = .string(BuildInfo.version)
    let text = JSONValue.object(keys).text() + "\n"
    if let report = global.report {
      let file = try OutputFile(report, replaces: global.force)
      try file.write(text)
      try file.commit()
    }
    if global.json {
      if !carriesData {
        try Streams.write(text, to: STDOUT_FILENO)
      } else if global.report == nil {
        try Streams.write(text, to: 3, name: "descriptor 3")
      }
    } else if !global.quiet, !outcome.summary.isEmpty {
      try tell(outcome.summary + (usesSeed ? ["seed \(settings.seed)"] : []))
    }
  }
}
