import Foundation
import Glibc
import TestSupport
import Testing

/// The lines of a text edge list that are edges, without what the file says of itself.
func dataLines(_ text: String) -> String {
  text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0 + "\n" }.joined()
}

/// The built executable, run as a child process in a folder of its own.
final class Graphmill {
  /// What a run left behind.
  struct Result {
    let status: Int32
    let output: String
    let errors: String

    /// Standard output as a JSON object; empty when it is none.
    var json: [String: Any] { parseJSON(output) }
    var outputLines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// A fresh folder, removed at the end; the working directory of all runs.
  var folder: URL { place.url }
  private let place = TemporaryFolder()

  init() throws {}

  /// The executable beside the test bundle.
  static let executable: String = {
    var path = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, path.count)
    let bundle = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let candidates = [bundle] + CommandLine.arguments.filter { $0.contains(".xctest") || $0.contains("/debug/") }
    for candidate in candidates {
      var url = URL(filePath: candidate)
      while url.path != "/" {
        url.deleteLastPathComponent()
        let program = url.appending(path: "graphmill")
        if access(program.path, X_OK) == 0, !url.path.hasSuffix("Sources"), isRegular(program.path) {
          return program.path
        }
        if url.lastPathComponent.hasPrefix(".build") { break }
      }
    }
    fatalError("the executable graphmill is not beside the tests")
  }()

  private static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  // MARK: - Files

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: folder.appending(path: name)) }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appending(path: name)) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// The names in the folder, the streams' own files aside.
  var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".stream") }
      .sorted()
  }

  func json(_ name: String) throws -> [String: Any] { parseJSON(try read(name)) }

  // MARK: - Runs

  /// Runs the command with the given arguments; standard input is empty unless given.
  @discardableResult
  func run(_ arguments: String..., input: String = "", environment: [String: String] = [:]) throws -> Result {
    try launch(Self.executable, arguments, input: input, environment: environment).wait()
  }

  /// Runs the command with a list of arguments.
  @discardableResult
  func run(arguments: [String]) throws -> Result { try launch(Self.executable, arguments).wait() }

  /// Runs a shell script in which `graphmill` is the command.
  func shell(_ script: String) throws -> Result {
    let quoted = "'" + Self.executable.replacingOccurrences(of: "'", with: "'\\''") + "'"
    return try launch("/bin/bash", ["-c", "graphmill() { \(quoted) \"$@\"; }\n" + script]).wait()
  }

  /// Starts the command without waiting for it; `holdsInput` keeps standard input open and empty.
  func start(_ arguments: String..., holdsInput: Bool = false, environment: [String: String] = [:]) throws -> Running {
    try launch(Self.executable, arguments, environment: environment, holdsInput: holdsInput)
  }

  /// The same with a list of arguments.
  func start(arguments: [String]) throws -> Running { try launch(Self.executable, arguments) }

  /// A process under way.
  final class Running {
    let process: Process
    private let outputFile: URL
    private let errorFile: URL
    private let heldInput: Pipe?

    fileprivate init(_ process: Process, _ outputFile: URL, _ errorFile: URL, heldInput: Pipe?) {
      self.process = process
      self.outputFile = outputFile
      self.errorFile = errorFile
      self.heldInput = heldInput
    }

    /// What the process has written to standard error so far.
    var errorsSoFar: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

    /// Returns when the process has written `text` to standard error.
    func waitForError(_ text: String) throws {
      try wait("standard error to hold \(text)") { errorsSoFar.contains(text) }
    }

    /// Returns when all threads of the process leave a signal to the one that waits for it.
    func waitUntilSignalIsAwaited(_ signal: Int32) throws {
      try wait("signal \(signal) to be blocked") { try signals("SigBlk:", have: signal) }
    }

    /// Returns when the process has a handler for a signal.
    func waitUntilSignalIsCaught(_ signal: Int32) throws {
      try wait("signal \(signal) to be caught") { try signals("SigCgt:", have: signal) }
    }

    private func signals(_ line: String, have signal: Int32) throws -> Bool {
      let status = try String(contentsOf: URL(filePath: "/proc/\(process.processIdentifier)/status"), encoding: .utf8)
      let field = status.split(separator: "\n").first { $0.hasPrefix(line) }?.split(separator: "\t").last
      let mask = try #require(field.flatMap { UInt64($0, radix: 16) })
      return mask >> UInt64(signal - 1) & 1 == 1
    }

    /// Asks again and again, for two minutes at most.
    func wait(_ what: String, until isSo: () throws -> Bool) throws {
      let deadline = ContinuousClock.now + .seconds(120)
      while try !isSo() {
        try #require(process.isRunning && ContinuousClock.now < deadline, "waited in vain for \(what): \(errorsSoFar)")
        usleep(5000)
      }
    }

    func wait() throws -> Result {
      process.waitUntilExit()
      let status = process.terminationReason == .exit ? process.terminationStatus : 1000 + process.terminationStatus
      defer { withExtendedLifetime(heldInput) {} }
      return Result(
        status: status, output: String(decoding: try Data(contentsOf: outputFile), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self))
    }
  }

  private func launch(
    _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
    holdsInput: Bool = false
  ) throws -> Running {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var variables = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("GRAPHMILL_") && $0.key != "NO_COLOR"
    }
    variables.merge(environment) { $1 }
    process.environment = variables
    let id = UUID().uuidString
    let files = ["in", "out", "err"].map { folder.appending(path: ".stream-\(id)-\($0)") }
    try Data(input.utf8).write(to: files[0])
    for file in files.dropFirst() { try Data().write(to: file) }
    let held = holdsInput ? Pipe() : nil
    if let held {
      process.standardInput = held
    } else {
      process.standardInput = try FileHandle(forReadingFrom: files[0])
    }
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    return Running(process, files[1], files[2], heldInput: held)
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test, with a message, where a program is not installed.
  static func needsProgram(_ name: String) -> Self {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return .enabled(
      if: folders.contains { access("\($0)/\(name)", X_OK) == 0 }, "the program \(name) is not installed")
  }
}

/// A JSON object; empty when the text is none.
func parseJSON(_ text: String) -> [String: Any] {
  ((try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]) ?? [:]
}

/// A paw (triangle 1 2 3, pendant 3-4), one edge twice, a loop at 7.
let pawText = "# a paw and a loop\n1\t2\n2\t3\n3\t1\n3\t4\n7\t7\n4\t3\n"
