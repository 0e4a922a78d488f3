import ArgumentParser
import Glibc
import GraphFormats
import MillRuntime
import WorkerProtocol

struct Worker: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do one step of a distributed run: frames of columns in, frames of columns out.",
    discussion: """
      A filter between standard input and standard output, started by graphmill-spark for every partition. What it writes \
      is a function of the configuration and the bytes it reads; input that is not sorted as the operation wants is \
      refused with 65. Its counts are one JSON object on standard error. It works on one thread unless told otherwise.

      EXAMPLES:
        cat columns.frames | graphmill worker echo > same.frames
        cat degrees.frames | graphmill worker teddy-nodes --memory 2Gi > scores.frames
        cat queries.frames | graphmill worker knn-search --config search.json > found.frames
      """)

  /// What a worker does.
  enum Operation: String, ExpressibleByArgument, CaseIterable {
    case echo
    case fold
    case teddyNodes = "teddy-nodes"
    case localDegree = "local-degree"
    case knnBuild = "knn-build"
    case knnSearch = "knn-search"
    case sluggerRound = "slugger-round"
    case sluggerDecide = "slugger-decide"
    case sluggerApply = "slugger-apply"
    case sluggerPending = "slugger-pending"
    case sluggerPrune = "slugger-prune"
    case sluggerEncode = "slugger-encode"
  }

  @Argument(help: "What to do.")
  var operation: Operation

  @Option(
    help: ArgumentHelp("Settings of the operation, one JSON object.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { ["-"] + [config].compactMap { $0 } }
  var outputs: [PlannedOutput] { [PlannedOutput("-", .binary)] }
  /// A shard has its name before its row tells of it.
  var holdsOutputs: Bool { false }

  mutating func validate() throws {
    global.json = true
    global.threads = global.threads ?? 1
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let settings = WorkerSettings(try config.map { try readJSON($0) } ?? .object([:]), config)
    return Outcome(
      keys: try run.stage(operation.rawValue) {
        switch operation {
        case .echo: try echo(settings)
        case .fold: try fold()
        case .teddyNodes: try teddyNodes()
        case .localDegree: try localDegree()
        case .knnBuild: try knnBuild(settings, run)
        case .knnSearch: try knnSearch(settings, run)
        case .sluggerRound: try sluggerRound(settings)
        case .sluggerDecide: try sluggerDecide(settings)
        case .sluggerApply: try sluggerApply(settings)
        case .sluggerPending: try sluggerPending()
        case .sluggerPrune: try sluggerPrune(settings, run)
        case .sluggerEncode: try sluggerEncode(settings, run)
        }
      }, summary: [])
  }

  /// The frames of standard input.
  func reader(_ forms: [ColumnForm]?) -> ColumnFrameReader {
    ColumnFrameReader(STDIN_FILENO, name: "standard input", forms: forms)
  }

  /// Writes frames of columns to standard output; nothing follows.
  func writeFrames(_ forms: [ColumnForm], _ body: (ColumnFrameWriter) throws -> Void) throws {
    let file = try OutputFile("-")
    let writer = try ColumnFrameWriter(file, forms: forms)
    try body(writer)
    try writer.finish()
    try file.commit()
  }

  /// Refuses rows whose first two columns do not ascend.
  func refuseUnsorted(_ reader: ColumnFrameReader, row: Int, _ keys: Int64...) -> MillError {
    MillError(
      MillError.Kind("not-sorted", .badData), "the rows do not ascend",
      file: "standard input", line: Int(reader.totalRows) - reader.rows + row + 1,
      field: keys.map(String.init).joined(separator: " "))
  }
}

/// The settings of an operation.
struct WorkerSettings {
  private let document: JSONValue
  private let file: String?

  init(_ document: JSONValue, _ file: String?) {
    self.document = document
    self.file = file
  }

  /// The text of a member; nil where there is none.
  func optionalText(_ name: String) -> String? {
    if case .string(let text) = document[name] { text } else { nil }
  }

  func text(_ name: String) throws -> String {
    guard let text = optionalText(name) else { throw refusal(name, "a text") }
    return text
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int {
    guard case .integer(let value) = document[name], range.contains(value) else {
      throw refusal(name, "a number in \(range)")
    }
    return value
  }

  private func refusal(_ name: String, _ wanted: String) -> MillError {
    MillError(.badOption, "the settings of the operation need \(wanted) in this member", file: file, field: name)
  }
}
