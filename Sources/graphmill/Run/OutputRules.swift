import Glibc
import MillRuntime

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
