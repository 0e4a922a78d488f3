import Foundation
import Glibc

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
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "graphmill-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

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
  func run(arguments: [String]) throws -> Result { try launch(Self.executable, arguments).wait() }

  /// Runs a shell script in which `graphmill` is the command.
  func shell(_ script: String) throws -> Result {
    let quoted = "'" + Self.executable.replacingOccurrences(of: "'", with: "'\\''") + "'"
    return try launch("/bin/bash", ["-c", "graphmill() { \(quoted) \"$@\"; }\n" + script]).wait()
  }

  /// Starts the command without waiting for it; `holdsInput` keeps standard input open and empty.
  func start(_ arguments: String..., holdsInput: Bool = false) throws -> Running {
    try launch(Self.executable, arguments, holdsInput: holdsInput)
  }

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

    var errorsSoFar: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

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

/// A JSON object; empty when the text is none.
func parseJSON(_ text: String) -> [String: Any] {
  ((try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]) ?? [:]
}

/// A paw (triangle 1 2 3, pendant 3-4), one edge twice, a loop at 7.
let pawText = "# a paw and a loop\n1\t2\n2\t3\n3\t1\n3\t4\n7\t7\n4\t3\n"
