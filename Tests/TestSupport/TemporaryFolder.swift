public import Foundation

/// A folder for the files of one test, removed with the last reference.
public final class TemporaryFolder {
  /// The folder, absolute.
  public let path: String

  /// A new, empty folder where the system wants such; ends the process where none can be made.
  ///
  /// - Parameter name: How its own name begins.
  public init(_ name: String = "graphmill-test") {
    path = FileManager.default.temporaryDirectory.path + "/\(name)-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      fatalError("no temporary folder: \(error)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The folder as a URL.
  public var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

  /// The path of a file in it.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path; ends the process where that fails.
  @discardableResult
  public func file(_ name: String, _ bytes: [UInt8]) -> String {
    guard FileManager.default.createFile(atPath: file(name), contents: Data(bytes)) else {
      fatalError("cannot write \(file(name))")
    }
    return file(name)
  }

  /// Writes a text file and returns its path.
  @discardableResult
  public func file(_ name: String, _ text: String) -> String { file(name, Array(text.utf8)) }

  /// The bytes of a file in it; nil where there is none.
  public func bytes(of name: String) -> [UInt8]? { FileManager.default.contents(atPath: file(name)).map(Array.init) }

  /// The text of a file in it; nil where there is none.
  public func text(of name: String) -> String? { bytes(of: name).map { String(decoding: $0, as: UTF8.self) } }

  /// The names of what is in it, sorted.
  public var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}
