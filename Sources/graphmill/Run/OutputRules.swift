import Glibc
import GraphFormats
import GraphStore
import MillRuntime

/// A file that a command is going to write.
struct PlannedOutput {
  /// The name that the user gave; `-` is standard output.
  let path: String
  let content: Content

  /// What goes into it.
  enum Content {
    /// A graph, in the format that was asked for, else in that of the name.
    case graph(GraphFormat?)
    /// Rows of columns.
    case table
    /// Labels of nodes: a table that is read again, behind tabs.
    case labels
    /// A row of keys a query: a table, or a matrix of whole numbers.
    case answers
    /// An array of NumPy.
    case array
    /// A tree of communities.
    case tree
    /// A drawing.
    case drawing
    /// Text without a choice of format.
    case text
    /// Bytes of our own kinds.
    case binary
  }

  init(_ path: String, _ content: Content) {
    self.path = path
    self.content = content
  }

  /// The same for a file that may not have been asked for.
  init?(_ path: String?, _ content: Content) {
    guard let path else { return nil }
    self.init(path, content)
  }

  /// The endings of names that stand for a format of this content; nil where every name will do.
  private var endings: [String]? {
    switch content {
    case .graph, .text, .binary: nil
    case .table: TableFormat.endings
    case .labels: TableFormat.endings.filter { $0 != TableFormat.commas.rawValue }
    case .answers: ["ivecs", "npy"] + TableFormat.endings
    case .array: ["npy"]
    case .tree: ["json", "nwk", "tsv"]
    case .drawing: ["svg"]
    }
  }

  /// Whether the bytes are none for a terminal.
  private var isBinary: Bool {
    switch content {
    case .graph(let format): [.gmg, .npy, .npz, .sg, .wsg].contains(format ?? .el)
    case .binary, .array: true
    case .table, .labels, .answers, .tree, .drawing, .text: false
    }
  }

  /// Refuses a name whose ending stands for something else, and bytes on a terminal.
  func check() throws(MillError) {
    if isBinary, Streams.isTerminal(path) {
      throw MillError(
        .badOption, "the output is binary, and standard output is a terminal",
        hint: "name a file, or send it on: | head -c 100 | xxd")
    }
    guard let endings, !Streams.isStandardOutput(path), !path.hasPrefix("/dev/") else { return }
    guard let ending = pathEnding(path), !endings.contains(ending) else { return }
    throw MillError(
      .badOption, "\(title) is not written as .\(ending)", file: path,
      hint: Hint("the ending of the name decides: " + endings.map { "." + $0 }.joined(separator: ", ")))
  }

  private var title: String {
    switch content {
    case .table, .labels, .answers: "a table"
    case .array: "an array"
    case .tree: "a tree"
    case .drawing: "a drawing"
    case .graph, .text, .binary: "this"
    }
  }
}

/// The ending of a file name in lower case, without the dot; nil where it has none.
func pathEnding(_ path: String) -> String? {
  let name = path.split(separator: "/").last ?? ""
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
  let ending = name[name.index(after: dot)...]
  return ending.isEmpty ? nil : ending.lowercased()
}

/// Which files a run may write: known before any work, so that a refusal costs nothing.
///
/// One input and one output at most are standard streams; no file is written twice; what exists is replaced with
/// `--force`, and where the same command made it from the same names before and nobody has changed it since.
struct OutputRules {
  /// Where the manifest goes; nil for nowhere.
  let manifest: String?
  /// Whether standard output carries data.
  let carriesData: Bool
  private let isForced: Bool
  /// Files of an earlier run of the same command.
  private var ownFiles: Set<String> = []

  init(for command: any MillCommand, _ settings: Settings, producer: JSONValue) throws {
    let global = command.global
    let written = command.outputs.map(\.path)
    carriesData = written.contains(where: Streams.isStandardOutput)
    isForced = global.force || command.defaultManifest != nil
    manifest = Self.manifestPath(command, settings)
    let explicit = [global.report, global.manifest == "none" ? nil : global.manifest].compactMap { $0 }
    for (isStream, names, stream) in [
      (Streams.isStandardInput, command.inputs, "standard input"),
      (Streams.isStandardOutput, written + explicit, "standard output"),
    ] where names.count(where: isStream) > 1 {
      throw MillError(.badOption, "only one file can be '-', \(stream)")
    }
    if global.json, global.report.map(Streams.isStandardOutput) ?? false {
      throw MillError(.badOption, "'--json' already prints on standard output what '--report -' would")
    }
    for output in command.outputs { try output.check() }
    let past = PastRun(manifest, producer: producer)
    var places: [String] = []
    for path in written + [global.report, manifest].compactMap({ $0 }) where !Streams.isStandardOutput(path) {
      guard !path.isEmpty else { throw MillError(.badOption, "the name of a file to write is empty") }
      // The default manifest of a command that makes its own folder has nothing to be checked yet.
      if path == command.defaultManifest { continue }
      try Self.refuseUnwritable(path)
      let place = Self.place(of: path)
      if places.contains(place) { throw MillError(.badOption, "the file would be written twice", file: path) }
      places.append(place)
      guard !global.force, Self.isRegular(path) else { continue }
      try past.refuseForeign(path, isManifest: path == manifest)
      ownFiles.insert(path)
    }
  }

  /// Whether a file of this name may be replaced.
  func replaces(_ path: String) -> Bool { isForced || ownFiles.contains(path) }

  private static func manifestPath(_ command: any MillCommand, _ settings: Settings) -> String? {
    if let named = command.global.manifest { return named == "none" ? nil : named }
    guard settings.writesManifests else { return nil }
    return command.defaultManifest
      ?? command.outputs.map(\.path).first { !Streams.isStandardOutput($0) && !$0.hasPrefix("/dev/") }
      .map { $0 + ".manifest.json" }
  }

  /// The file that a name stands for: its folder without links and dots, then its own name.
  private static func place(of path: String) -> String {
    if let whole = realPath(path) { return whole }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return realPath(folder(of: path)).map { $0 + "/" + name } ?? path
  }

  private static func realPath(_ path: String) -> String? {
    guard let whole = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(whole) }
    return unsafe String(cString: whole)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Refuses, before any work, what could not be written afterwards.
  private static func refuseUnwritable(_ path: String) throws(MillError) {
    if let mode = fileMode(path) {
      guard mode != S_IFDIR else { throw MillError(.cannotCreate, "cannot create: it is a folder", file: path) }
      if mode != S_IFREG { return }
    }
    guard unsafe access(folder(of: path), W_OK | X_OK) == 0 else {
      throw MillError(.cannotCreate, "cannot create: \(errorText())", file: path)
    }
  }

  private static func isRegular(_ path: String) -> Bool { fileMode(path) == S_IFREG }

  /// The kind of a file, links followed; nil where there is none.
  private static func fileMode(_ path: String) -> mode_t? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}

/// What the manifest of an earlier run says of the files that are there now.
private struct PastRun {
  private let manifest: JSONValue?
  private let isSameProducer: Bool

  init(_ path: String?, producer: JSONValue) {
    manifest = path.flatMap { path in
      (fileSize(path) ?? .max) < 1 << 26 ? try? readJSON(path) : nil
    }
    isSameProducer = manifest.map { RunManifest.producer(of: $0) == producer } ?? false
  }

  /// The fingerprints of the files that the earlier run wrote, by their names.
  private var files: [String: String] { manifest.map(RunManifest.writtenFiles) ?? [:] }

  /// Refuses a file that is there, unless the same command made it and it is as it was then.
  func refuseForeign(_ path: String, isManifest: Bool) throws(MillError) {
    var text = "the file exists"
    if isManifest {
      if isSameProducer { return }
      // What it tells of is gone.
      if manifest != nil, files.keys.allSatisfy({ unsafe access($0, F_OK) != 0 }) { return }
    } else if let recorded = files[path] {
      if recorded != (try fileFingerprint(path)) {
        text = "the file exists, and was changed since it was made"
      } else if isSameProducer {
        return
      } else {
        text = "the file exists; another command made it"
      }
    }
    throw MillError(.cannotCreate, text, file: path, hint: "--force replaces it")
  }
}
