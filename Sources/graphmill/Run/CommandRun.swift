import ArgumentParser
import Glibc
import GraphFormats
import Logging
import MillRuntime
import Reporting

/// One run of a command, from its checks to its report: settings, stages, messages.
///
/// What may be written is decided by ``OutputRules``, what is remembered of the run by ``RunRecord``.
final class CommandRun {
  /// What is known when the process begins.
  struct Start {
    let arguments: [String]
    let seconds = monotonicSeconds()
    let time = RunManifest.timestamp()
    /// Whether the caller opened descriptor 3, for the report.
    let hasReportDescriptor = Streams.isWritable(3)
  }

  let global: GlobalOptions
  let settings: Settings
  let context: RunContext
  /// What may be written.
  let rules: OutputRules
  /// What is remembered of the run.
  var record: RunRecord
  private let log: Logger
  private let start: Start
  private let usesSeed: Bool

  /// Runs a command from its checks to its report; returns the exit code.
  static func perform(_ command: any MillCommand, _ start: Start) throws -> Int32 {
    let run = try CommandRun(command, start)
    if command.holdsOutputs { OutputFile.holdNames() }
    let outcome = try command.execute(run)
    guard Supervisor.shared.finish() else {
      while true { pause() }
    }
    try OutputFile.nameHeld()
    try run.publish(outcome)
    return outcome.isYes ? 0 : 1
  }

  private init(_ command: any MillCommand, _ start: Start) throws {
    self.start = start
    global = command.global
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
    record = RunRecord(of: command, settings, start)
    rules = try OutputRules(for: command, settings, producer: record.producer)
    record.listen(isOn: rules.manifest != nil && rules.carriesData)
  }

  // MARK: - Messages

  /// Says something that the user should know, of a file where there is one; it is recorded too.
  func warn(_ message: String, of path: String? = nil) {
    record.warn(message)
    log.warning("\(path.map { "\(Streams.name(ofInput: $0)): " } ?? "")\(message)")
  }

  /// Says what could be done about what was read.
  func hint(_ hint: Hint) { log.notice("hint: \(hint.flagWords)") }

  /// Says something that only matters with `-v`.
  func inform(_ message: @autoclosure () -> String) { log.info("\(message())") }

  // MARK: - Stages

  /// Does one stage of the work, timed.
  func stage<Result>(_ name: String, _ body: () throws -> Result) throws -> Result { try timed(name, body).result }

  /// The same for work on what was read from a file, which an error about the data then names.
  func stage<Result>(_ name: String, of input: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try stage(name, body)
    } catch let error as MillError where error.kind.category == .badData {
      throw error.inFile(Streams.name(ofInput: input))
    }
  }

  /// Does one stage of the work and gives its wall-clock seconds too.
  func timed<Result>(_ name: String, _ body: () throws -> Result) throws -> (result: Result, seconds: Double) {
    try context.checkCancelled()
    let begin = monotonicSeconds()
    let result = try body()
    let seconds = monotonicSeconds() - begin
    record.stage(name, seconds)
    inform("\(name): \(NumberText.fixed(seconds, decimals: 3)) s")
    return (result, seconds)
  }

  // MARK: - The end

  /// Writes report, manifest and summary.
  private func publish(_ outcome: Outcome) throws {
    let seconds = monotonicSeconds() - start.seconds
    var keys = outcome.keys
    keys["seed"] = JSONValue(settings.seed)
    keys["threads"] = .integer(settings.threads)
    keys["seconds"] = .number(seconds)
    keys["peak_rss_bytes"] = .integer(ResourceUsage.current().peakBytes)
    keys["version"] = .string(BuildInfo.version)
    let text = JSONValue.object(keys).text() + "\n"
    if let report = global.report {
      let file = try OutputFile(report, replaces: rules.replaces(report))
      try file.write(text)
      try file.commit()
    }
    if let manifest = rules.manifest {
      try record.write(to: manifest, replaces: rules.replaces(manifest), outcome, seconds: seconds)
    }
    if MemoryBudget.spilled > 0 {
      inform("\(ByteSize.text(MemoryBudget.spilled)) of arrays beyond the memory budget lived in temporary files")
    }
    if global.json {
      try tellJSON(text)
    } else if !global.quiet, !outcome.summary.isEmpty {
      try tell(outcome.summary + (usesSeed ? ["seed \(settings.seed)"] : []))
    }
  }

  /// Prints the object on standard output; where that carries data on descriptor 3 if the caller opened it, else on
  /// standard error, unless a report has it already.
  private func tellJSON(_ text: String) throws {
    if !rules.carriesData {
      try Streams.write(text, to: STDOUT_FILENO)
    } else if start.hasReportDescriptor {
      try Streams.write(text, to: 3, name: "descriptor 3")
    } else if global.report == nil {
      Streams.writeError(text)
    }
  }

  /// Prints the summary on standard output, or beside the messages where that carries data.
  private func tell(_ lines: [String]) throws {
    guard rules.carriesData || global.report.map(Streams.isStandardOutput) ?? false else {
      return try Streams.write(lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
    }
    if global.logFormat == .json {
      for line in lines { log.notice("\(line)") }
    } else {
      Streams.writeError(lines.joined(separator: "\n") + "\n")
    }
  }
}
