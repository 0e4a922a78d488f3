import Glibc
import GraphFormats
import GraphStore
import MillRuntime

/// What the manifest of an earlier run says of the files that are there now.
struct PastRun {
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
