import Glibc

/// The record of one run: enough to repeat it, and to see whether a repetition gave the same.
///
/// What must be equal for equal work stands at the top: command, options, inputs, outputs, counts, warnings. What may
/// differ stands apart: `paths` (names of files), `settings` (what has no influence on results), `times`, and the
/// program's `version` and `revision`. ``differences(between:and:)`` compares two records that way.
public struct RunManifest: Sendable {
  /// A file that the run read or wrote.
  public struct Artifact: Sendable {
    /// The name that the user gave; `-` is a standard stream.
    public var path: String
    /// The format's short name, such as `gmg` or `tsv`.
    public var format: String?
    /// Bytes, where known.
    public var bytes: Int?
    /// The fingerprint of the content: for graphs that of the graph, whatever the format; else that of the bytes.
    public var fingerprint: String?
    /// The fingerprint of the bytes, for files that were written.
    public var byteFingerprint: String?
    /// Whether the content tells of times, so that it is another one each time.
    public var holdsTimes: Bool
    /// What else is worth to know, such as the guesses of a reader.
    public var details: [String: JSONValue]

    /// A file with what is known of it.
    public init(
      path: String, format: String? = nil, bytes: Int? = nil, fingerprint: String? = nil,
      byteFingerprint: String? = nil, holdsTimes: Bool = false, details: [String: JSONValue] = [:]
    ) {
      self.path = path
      self.format = format
      self.bytes = bytes
      self.fingerprint = fingerprint
      self.byteFingerprint = byteFingerprint
      self.holdsTimes = holdsTimes
      self.details = details
    }

    fileprivate var json: JSONValue {
      var members = details
      if let format { members["format"] = .string(format) }
      if holdsTimes { return .object(members.merging(["holds_times": true]) { $1 }) }
      if let bytes { members["bytes"] = .integer(bytes) }
      if let fingerprint { members["fingerprint"] = .string(fingerprint) }
      if let byteFingerprint, byteFingerprint != fingerprint { members["xxh3"] = .string(byteFingerprint) }
      return .object(members)
    }
  }

  /// The command's name, such as `convert`.
  public var command = ""
  /// The arguments as they were given, without the program's name.
  public var arguments: [String] = []
  /// The version of the program.
  public var version = ""
  /// The source revision that the program was built from; `unknown` outside of a checkout.
  public var revision = "unknown"
  /// All options after defaults that have a say in the result; of files only what they are to the run.
  public var options: [String: JSONValue] = [:]
  /// The names of files, by option.
  public var paths: [String: JSONValue] = [:]
  /// Options without influence on the result, such as the number of threads.
  public var settings: [String: JSONValue] = [:]
  /// The seed of all random choices.
  public var seed: UInt64 = 0
  /// Environment variables that decided an option.
  public var environment: [String] = []
  /// Files that were read, in order.
  public var inputs: [Artifact] = []
  /// Files that were written, in order.
  public var outputs: [Artifact] = []
  /// The file of the figures, which tells of times and names too.
  public var report: Artifact?
  /// The figures of the result. Members called `seconds` or `…_seconds` are written under `times`, those called `path`
  /// or `report` not at all.
  public var counts: [String: JSONValue] = [:]
  /// What the user was warned of, in order, without the names of files.
  public var warnings: [String] = []
  /// Wall-clock seconds of the stages, in order.
  public var stages: [(name: String, seconds: Double)] = []
  /// Wall-clock seconds of the run.
  public var seconds = 0.0
  /// When the run began, UTC, ISO 8601.
  public var started = ""

  /// An empty record.
  public init() {}

  /// The record as JSON, version 2.
  public func json() -> JSONValue {
    let usage = ResourceUsage.current()
    var files: JSONValue = [
      "arguments": .array(arguments.map { .string($0) }),
      "options": .object(paths),
      "inputs": .array(inputs.map { .string($0.path) }),
      "outputs": .array(outputs.map { .string($0.path) }),
    ]
    if let report {
      files["report"] = ["path": .string(report.path), "xxh3": JSONValue(report.byteFingerprint)]
    }
    return [
      "manifest": 2,
      "command": .string(command),
      "version": .string(version),
      "revision": .string(revision),
      "options": .object(options),
      "seed": JSONValue(seed),
      "inputs": .array(inputs.map(\.json)),
      "outputs": .array(outputs.map(\.json)),
      "counts": JSONValue.object(counts).filtered { !Self.isTime($0) && $0 != "path" && $0 != "report" },
      "warnings": .array(warnings.map { .string($0) }),
      "paths": files,
      "settings": .object(settings.merging(["environment": .array(environment.map { .string($0) })]) { $1 }),
      "times": [
        "started": .string(started),
        "seconds": .number(seconds),
        "cpu_seconds": .number(usage.cpuSeconds),
        "peak_rss_bytes": .integer(usage.peakBytes),
        "stages": .array(stages.map { ["name": .string($0.name), "seconds": .number($0.seconds)] }),
        "figures": .object(counts.filter { Self.isTime($0.key) }),
      ],
    ]
  }

  private static func isTime(_ key: String) -> Bool { key == "seconds" || key.hasSuffix("_seconds") }

  /// Writes the record to a file, which appears whole or not at all.
  ///
  /// - Throws: ``MillError``: `cannot-create`, `input-output`.
  public func write(to path: String, replaces: Bool) throws(MillError) {
    let file = try OutputFile(path, replaces: replaces)
    try file.write(json().text(pretty: true) + "\n")
    try file.commit()
  }

  /// The present time, UTC, ISO 8601 with seconds.
  public static func timestamp() -> String {
    var now = time(nil)
    var fields = unsafe tm()
    unsafe gmtime_r(&now, &fields)
    var text = [CChar](repeating: 0, count: 32)
    let length = unsafe strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &fields)
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// What the process used so far.
public struct ResourceUsage: Sendable {
  /// Processor seconds of all threads, user and system.
  public let cpuSeconds: Double
  /// The largest resident set size, in bytes.
  public let peakBytes: Int

  /// The figures of now.
  public static func current() -> ResourceUsage {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    // The kernel's `ru_maxrss` may stem from the program that started this one; the high-water mark is our own.
    let highWater = firstLine(of: "/proc/self/status", startingWith: "VmHWM:") ?? ""
    let kibibytes = Int(highWater.filter(\.isNumber)) ?? Int(usage.ru_maxrss)
    return ResourceUsage(
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), peakBytes: kibibytes * 1024)
  }
}
