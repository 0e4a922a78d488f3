import Foundation
import MillRuntime

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.path + "/graphmill-datasets-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String) { write(Array(text.utf8), name) }

  func write(_ bytes: [UInt8], _ name: String) {
    precondition(FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes)))
  }

  func text(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path + "/" + name) ?? Data(), as: UTF8.self)
  }

  /// The names of the files in it, sorted.
  var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

/// The error of a throwing call.
func failure(_ body: () throws -> Void) -> MillError? {
  do {
    try body()
    return nil
  } catch { return error as? MillError }
}

/// The lines of a text that hold data.
func dataLines(_ text: String) -> [Substring] {
  text.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("%") }
}

/// The root folder of the package.
let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path
