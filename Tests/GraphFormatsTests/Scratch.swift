import Glibc
import GraphFormats
import GraphStore
import MillRuntime

/// A folder for one test's files, removed at its end.
final class Scratch {
  let folder: String

  init() {
    var template = Array("/tmp/graphmill-test-XXXXXX".utf8CString)
    mkdtemp(&template)
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    if let directory = opendir(folder) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink(folder + "/" + name)
      }
      closedir(directory)
    }
    rmdir(folder)
  }

  func path(_ name: String) -> String { folder + "/" + name }

  /// Writes a file and returns its path.
  @discardableResult
  func file(_ name: String, _ bytes: [UInt8]) -> String {
    let file = fopen(path(name), "w")!
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    return path(name)
  }

  @discardableResult
  func file(_ name: String, _ text: String) -> String { file(name, Array(text.utf8)) }

  func bytes(of name: String) -> [UInt8] {
    guard let file = fopen(path(name), "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = fread(&buffer, 1, buffer.count, file)
      if got == 0 { return bytes }
      bytes += buffer[..<got]
    }
  }

  /// The bytes compressed by the sink that `ending` asks for.
  func compressed(_ name: String, ending: String, _ bytes: [UInt8]) throws -> String {
    let file = try OutputFile(path(name) + ending, replaces: true)
    let sink = try makeSink(for: file)
    try bytes.withUnsafeBytes { try sink.write($0) }
    try sink.finish()
    return path(name) + ending
  }
}

/// A graph as plain Swift values: every arc by name, in order, with its weight.
struct PlainArc: Hashable, Comparable {
  let source: String
  let target: String
  let weight: Double
  static func < (a: PlainArc, b: PlainArc) -> Bool { (a.source, a.target, a.weight) < (b.source, b.target, b.weight) }
}

extension CSRGraph {
  var plainArcs: [PlainArc] {
    (0..<nodeCount).flatMap { u in
      arcs(of: u).map { PlainArc(source: name(of: u), target: name(of: targets[$0]), weight: weights?[$0] ?? 1) }
    }
  }
  var nodeNames: [String] { (0..<nodeCount).map { name(of: $0) } }
}
